"""What verified digests cover: the intervals of each chain, and a grid of hours by place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import WindowError
from cttoolkit.integrity.coverage import ChainCoverage, State
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.integrity.verification import Verification
from cttoolkit.key import LogKey, parse_key
from cttoolkit.plot.empty import blank
from cttoolkit.plot.grid import squares
from cttoolkit.plot.lettering import labels
from cttoolkit.plot.scale import Bins, bins_of, number, time_axis
from cttoolkit.plot.tally import many
from cttoolkit.plot.theme import INK, UNCOVERED, Chart, Look, canvas, drawn
from cttoolkit.window import Window, later

if TYPE_CHECKING:
    import pandas

__all__ = ["coverage", "coverage_grid", "draw_coverage"]

_LOOKS: Mapping[State, Look] = {
    State.COVERED: Look("#8fd3bc"),
    State.DIGEST_MISSING: Look("#D55E00", "xxxx"),
    State.DIGEST_ALTERED: Look("#CC79A7", "oo", "black"),
    State.DIGEST_UNVERIFIABLE: Look("#E69F00", "....", "black"),
    State.NO_CHAIN: Look("#8d969e", "////"),
    State.BEFORE_FIRST: Look("#e3e7eb", r"\\\\", UNCOVERED),
    State.AFTER_LAST: Look("#F0E442", "---", "black"),
}
_GRID: Mapping[str, Look] = {
    "covered": Look("#8fd3bc"),
    "contradicted": Look("#CC79A7", "oo", "black"),
    "digest missing": Look("#D55E00", "xxxx"),
    "unverifiable": Look("#E69F00", "....", "black"),
    "no data": Look("#e9ecef", "/////", UNCOVERED),
}
# From the gravest down: what a cell with several of them is drawn as.
_GRAVEST = ("contradicted", "digest missing", "unverifiable", "no data", "covered")
_WORDS = {
    State.COVERED: "covered",
    State.DIGEST_ALTERED: "contradicted",
    State.DIGEST_MISSING: "digest missing",
    State.DIGEST_UNVERIFIABLE: "unverifiable",
}
_LOST = (
    (("x", "log file missing or altered"), (Status.MISSING, Status.ALTERED)),
    (("^", "log file unlisted"), (Status.UNLISTED,)),
)
_MOST_LINES, _MOST_COLUMNS = 60, 170
_MINUTE, _MINUTES = timedelta(minutes=1), timedelta(minutes=2)
_NARROWEST = 350
_AXIS = "time of delivery, UTC"


@drawn
def coverage(verification: Verification) -> Chart:
    """What verified digests cover, a line a chain; crosses mark log files that are lost, triangles unlisted ones."""
    frame = verification.coverage.frame()
    what = "Coverage by verified digests"
    every = [one for one in verification.coverage.chains if one.intervals]
    about = _about(verification, len(every))
    if not every:
        return Chart(blank(what, about, "no digests: nothing is covered").figure, frame, f"{what}: {about}")
    chains = _worst(every)
    windows = [interval.window for chain in chains for interval in chain.intervals]
    whole = Window(min(one.start for one in windows), max(one.end for one in windows))
    made = canvas(0.55 + (0.36 if len(chains) < 20 else 0.22) * max(len(chains), 1.3))
    (axis,) = made.axes
    key = draw_coverage(axis, verification, chains, whole)
    axis.set_yticks(range(len(chains)), labels((one.chain for one in chains), 44), parse_math=False)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(len(chains) - 0.4, -0.6)
    time_axis(axis, whole)
    axis.set_xlabel(_AXIS)
    left = len(every) - len(chains)
    notes = [f"{many(left, 'chain')} with less amiss left out." if left else ""]
    return made.chart(frame, what, about, key=key, notes=notes)


def draw_coverage(axis: Any, verification: Verification, chains: list[ChainCoverage], whole: Window) -> list[Any]:
    """The intervals of chains and the log files that are lost, a line a chain; returns the entries of a legend."""
    states = _intervals(axis, chains, whole)
    lines = {(one.chain.account, one.chain.region): line for line, one in enumerate(chains)}
    return [_LOOKS[state].key(state.value) for state in State if state in states] + _markers(axis, verification, lines)


@drawn
def coverage_grid(verification: Verification, hours: int | None = None) -> Chart:
    """Hours by region: covered, digest missing, unverifiable, no data, or contradicted, whichever is gravest in a cell.

    A cell spans ``hours``, or as many as fit the page. Contradicted is where a digest is altered, or a log file that digests speak
    of is missing, altered or unlisted. A quiet region and an unlogged region look different.
    """
    if hours is not None and hours < 1:
        raise WindowError("hours", f"{hours} is no width of a cell", "give a whole number of hours, 1 or more")
    what = "Coverage by hour and region"
    places = _places(verification)
    about = _about(verification, len(places), "region")
    logs = _deliveries(verification)
    windows = [interval.window for chains in places.values() for one in chains for interval in one.intervals]
    windows += [Window(at, later(at, _MINUTE)) for _, at, _ in logs]
    if not windows:
        return blank(what, about, "no digests and no log files")
    start, end = min(one.start for one in windows), max(one.end for one in windows)
    whole = Window(start, max(end - _MINUTES, start + _MINUTE))
    bins = bins_of(whole, _MOST_COLUMNS, least=(hours or 1) * 3600, exactly=hours is not None)
    states = {place: _line(chains, bins) for place, chains in places.items()}
    _by_logs(logs, states, bins)
    shown = sorted(states)[:_MOST_LINES]
    made = canvas(0.55 + (0.3 if len(shown) < 20 else 0.2) * max(len(shown), 1.3))
    (axis,) = made.axes
    cells: dict[str, list[tuple[int, int]]] = {}
    for y, place in enumerate(shown):
        for x, state in enumerate(states[place]):
            cells.setdefault(state, []).append((x, y))
    edges = bins.edges
    for state, where in cells.items():
        axis.add_collection(squares(where, _GRID[state], edges))
    several = len({account for account, _ in states}) > 1
    names = [f"{account} {region}" if several else region for account, region in shown]
    axis.set_yticks([n + 0.5 for n in range(len(shown))], labels(names, 44), parse_math=False)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(len(shown), 0)
    time_axis(axis, bins.window)
    axis.set_xlabel(_AXIS)
    left = len(states) - len(shown)
    return made.chart(
        _as_frame(states, bins),
        f"Coverage by {bins.told} and region",
        about,
        key=[look.key(state) for state, look in _GRID.items() if state in cells],
        notes=[f"{many(left, 'region')} left out." if left else ""],
    )


def _about(verification: Verification, lines: int, word: str = "chain") -> str:
    logs, digests = (sum(verification.counts(kind).values()) for kind in (Kind.LOG, Kind.DIGEST))
    return f"{many(lines, word)}  ·  {many(digests, 'digest')}, {many(logs, 'log file')}  ·  {_last(verification.evidence.name)}"


def _last(name: str) -> str:
    """The end of a path: where evidence lies on a machine is nobody's matter in a report."""
    return name.rstrip("/").rpartition("/")[2] or name


def _worst(chains: list[ChainCoverage]) -> list[ChainCoverage]:
    """At most as many chains as fit a page: those with the most amiss, in the order that they came in."""
    if len(chains) <= _MOST_LINES:
        return chains
    amiss = sorted(chains, key=lambda one: -sum(part.state is not State.COVERED for part in one.intervals))
    kept = {id(one) for one in amiss[:_MOST_LINES]}
    return [one for one in chains if id(one) in kept]


def _intervals(axis: Any, chains: list[ChainCoverage], whole: Window) -> set[State]:
    """The intervals, what is amiss over what is covered and never too narrow to be seen."""
    from matplotlib.collections import PolyCollection

    least = (number(whole.end) - number(whole.start)) / _NARROWEST
    boxes: dict[State, list[list[tuple[float, float]]]] = {}
    for line, one in enumerate(chains):
        for interval in one.intervals:
            start, end = number(interval.window.start), number(interval.window.end)
            wider = 0.0 if interval.state is State.COVERED else max(0.0, least - (end - start)) / 2
            left, right, low, high = start - wider, end + wider, line - 0.3, line + 0.3
            boxes.setdefault(interval.state, []).append([(left, low), (right, low), (right, high), (left, high)])
    for state in State:
        if state in boxes:
            drawn_boxes = PolyCollection(boxes[state], **_LOOKS[state].fill, zorder=2 if state is State.COVERED else 3)
            drawn_boxes.set_gid(state.value)
            axis.add_collection(drawn_boxes)
    return set(boxes)


def _markers(axis: Any, verification: Verification, lines: dict[tuple[str, str], int]) -> list[Any]:
    from matplotlib.lines import Line2D

    found = []
    for (marker, meaning), statuses in _LOST:
        keys = [parse_key(verdict.key) for verdict in verification.with_status(*statuses)]
        points = [
            (number(key.delivered_at), lines[key.account, key.region])
            for key in keys
            if isinstance(key, LogKey) and (key.account, key.region) in lines
        ]
        if points:
            axis.scatter([x for x, _ in points], [y for _, y in points], marker=marker, color=INK, s=34, zorder=5,
                         linewidths=1.4, gid=meaning)  # fmt: skip
            found.append(Line2D([], [], marker=marker, color=INK, linestyle="none", markersize=6, label=meaning))
    return found


def _places(verification: Verification) -> dict[tuple[str, str], list[ChainCoverage]]:
    """Chains by account and region. Places without a chain that log files come from have none."""
    found: dict[tuple[str, str], list[ChainCoverage]] = {}
    for one in verification.coverage.chains:
        if not one.chain.backfill:
            found.setdefault((one.chain.account, one.chain.region), []).append(one)
    for verdict in verification.verdicts:
        key = parse_key(verdict.key)
        if isinstance(key, LogKey):
            found.setdefault((key.account, key.region), [])
    return found


def _line(chains: list[ChainCoverage], bins: Bins) -> list[str]:
    """The state of each cell: of several chains of one place the best counts, and within a cell the worst."""
    lines = [_of_chain(one, bins) for one in chains] or [["no data"] * len(bins)]
    return [max(states, key=_GRAVEST.index) for states in zip(*lines, strict=True)]


def _of_chain(one: ChainCoverage, bins: Bins) -> list[str]:
    """A cell counts as what is gravest in it, and what no interval speaks of is no data."""
    found: list[dict[str, timedelta]] = [{} for _ in range(len(bins))]
    met = [timedelta(0)] * len(bins)
    for interval in one.intervals:
        word = _WORDS.get(interval.state, "no data")
        for at in bins.places(interval.window):
            part = interval.window.intersection(bins.cell(at))
            if part is not None:
                met[at] += part.length
                # Digests end seconds after the hour; what lies within a cell whole counts however short it is.
                if part.length > _MINUTES or part == interval.window:
                    found[at][word] = found[at].get(word, timedelta(0)) + part.length
    for at, states in enumerate(found):
        if bins.cell(at).length - met[at] > _MINUTES or not states:
            states["no data"] = timedelta(0)
    return [min(states, key=_GRAVEST.index) for states in found]


def _deliveries(verification: Verification) -> list[tuple[tuple[str, str], datetime, Status]]:
    """Place, time and status of every log file whose name says them."""
    keys = [(parse_key(verdict.key), verdict.status) for verdict in verification.verdicts]
    return [((key.account, key.region), key.delivered_at, status) for key, status in keys if isinstance(key, LogKey)]


def _by_logs(
    logs: list[tuple[tuple[str, str], datetime, Status]], states: dict[tuple[str, str], list[str]], bins: Bins
) -> None:
    """What log files say of a cell: that they contradict its digests, or lie where no digest speaks of them."""
    for place, delivered_at, status in logs:
        for at in bins.places(Window(delivered_at, later(delivered_at, _MINUTE))):
            if status in (Status.MISSING, Status.ALTERED, Status.UNLISTED):
                states[place][at] = "contradicted"
            elif status is Status.UNVERIFIABLE and states[place][at] == "no data":
                states[place][at] = "unverifiable"


def _as_frame(states: dict[tuple[str, str], list[str]], bins: Bins) -> pandas.DataFrame:
    import pandas as pd

    index = pd.MultiIndex.from_tuples(sorted(states), names=["account", "region"])
    return pd.DataFrame(
        [states[place] for place in sorted(states)], index=index, columns=[one.start for one in bins.windows]
    )
