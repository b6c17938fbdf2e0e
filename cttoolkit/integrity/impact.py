"""What the harms take down: the windows about which nothing can be claimed, and the findings that fall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from cttoolkit.display import html_table, text_table
from cttoolkit.integrity.coverage import Coverage, State
from cttoolkit.integrity.verdict import Kind, Status, Verdict
from cttoolkit.key import LogKey, OtherKey, parse_key
from cttoolkit.text import shortened
from cttoolkit.window import Window, joined

if TYPE_CHECKING:
    import pandas

__all__ = ["Harm", "Impact", "Loss", "impact"]

_COLUMNS = ("key", "status", "account", "region", "start", "end", "takes_down")
_DELIVERY = timedelta(minutes=15)


class Claim(Protocol):
    """What a conclusion tells of itself."""

    @property
    def claim(self) -> str: ...

    @property
    def log_files(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Loss:
    """A listed log file that is missing or altered, with the event times that the digest states for it."""

    key: str
    status: Status
    account: str | None
    region: str | None
    events: Window | None
    delivered_at: datetime | None

    def may_touch(self, window: Window) -> bool:
        """Whether it may have held events of the window. Without times in its listing, none is later than its delivery."""
        if self.events is not None:
            return self.events.overlaps(window)
        return self.delivered_at is None or self.delivered_at >= window.start


@dataclass(frozen=True, slots=True)
class Harm:
    """One object or stretch that is not intact. ``window`` is event time for a log file, delivery time for a stretch."""

    key: str
    status: str
    account: str | None
    region: str | None
    window: Window | None
    takes_down: str


@dataclass(frozen=True)
class Impact:
    """All harms, and the claims that rest on a harmed file. ``windows`` are what nothing can be claimed about, by place."""

    harms: tuple[Harm, ...]
    fallen: tuple[str, ...] = field(default=())

    @property
    def windows(self) -> dict[tuple[str, str], tuple[Window, ...]]:
        found: dict[tuple[str, str], list[Window]] = {}
        for harm in self.harms:
            if harm.window is not None and harm.account and harm.region:
                found.setdefault((harm.account, harm.region), []).append(harm.window)
        return {place: joined(windows) for place, windows in sorted(found.items())}

    def _rows(self) -> list[tuple[object, ...]]:
        return [
            (
                harm.key,
                harm.status,
                harm.account,
                harm.region,
                harm.window.start if harm.window else None,
                harm.window.end if harm.window else None,
                harm.takes_down,
            )
            for harm in self.harms
        ]

    def frame(self) -> pandas.DataFrame:
        """One row a harm."""
        import pandas as pd

        return pd.DataFrame(self._rows(), columns=list(_COLUMNS))

    def __repr__(self) -> str:
        fallen = f"\nFallen: {shortened('; '.join(self.fallen), 2000)}" if self.fallen else ""
        return f"{len(self.harms)} harms\n{text_table(_COLUMNS, self._rows())}{fallen}"

    def _repr_html_(self) -> str:
        return html_table(_COLUMNS, self._rows(), f"{len(self.harms)} harms, {len(self.fallen)} claims fall")


def impact(
    verdicts: Iterable[Verdict], losses: Iterable[Loss], coverage: Coverage, claims: Iterable[Claim] = ()
) -> Impact:
    """Gather the harms of one verification, and which of the claims rest on a file that is not intact."""
    verdicts = list(verdicts)
    harms = sorted((*_lost(verdicts, losses), *_uncovered(coverage)), key=lambda harm: (harm.status, harm.key))
    doubtful = {v.key for v in verdicts if v.kind is Kind.LOG and v.status is not Status.INTACT}
    fallen = tuple(claim.claim for claim in claims if claim.log_files & doubtful)
    return Impact(tuple(harms), fallen)


def _lost(verdicts: Iterable[Verdict], losses: Iterable[Loss]) -> Iterator[Harm]:
    lost = {loss.key: loss for loss in losses}
    for verdict in verdicts:
        if verdict.status is Status.INTACT:
            continue
        key = parse_key(verdict.key)
        account, region = (None, None) if isinstance(key, OtherKey) else (key.account, key.region)
        window = None
        says = "no digest vouches for its events"
        if verdict.key in lost:
            window = lost[verdict.key].events or _by_delivery(key)
            says = "its events are lost, and nothing can be claimed to be absent in its window"
        elif verdict.kind is Kind.DIGEST:
            says = "the log files that it lists, or would list, are unverifiable"
        elif verdict.status is Status.UNLISTED:
            says = "its events are not what CloudTrail delivered, as far as the digests tell"
        yield Harm(verdict.key, verdict.status.value, account, region, window, says)


def _by_delivery(key: object) -> Window | None:
    """A digest that states no event times leaves the time around the delivery."""
    if not isinstance(key, LogKey):
        return None
    return Window(key.delivered_at - _DELIVERY, key.delivered_at + timedelta(minutes=1))


def _uncovered(coverage: Coverage) -> Iterator[Harm]:
    for chain in coverage.chains:
        for interval in chain.intervals:
            if interval.state is not State.COVERED:
                place = chain.chain
                says = f"log files delivered then are unverifiable, and silence proves nothing: {interval.reason}"
                yield Harm(str(place), interval.state.value, place.account, place.region, interval.window, says)
