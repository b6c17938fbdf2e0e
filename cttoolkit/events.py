"""Events, the only table there is; admit() is the only door to it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cttoolkit.calls import CATEGORIES, is_denied, is_failed
from cttoolkit.display import html_table
from cttoolkit.errors import ActorError, AdmissionError, ColumnError, EvidenceError
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly, Policy, RequireIntact
from cttoolkit.integrity.shards import distinct
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.integrity.verification import Verification
from cttoolkit.naming import named_elsewhere
from cttoolkit.original import originals
from cttoolkit.param import Match
from cttoolkit.schema import column_names, known_column
from cttoolkit.steps import both, filtered, swapped, taken_together, told
from cttoolkit.text import shortened
from cttoolkit.window import Instant, Window, spanning

if TYPE_CHECKING:
    import ibis
    import pandas

__all__ = ["Events", "admit"]

_DOOR = object()
SHOWN = ("event_time", "event_name", "aws_region", "actor", "source_ip_address", "error_code", "status")
ORDER = ("event_time", "log_file", "record_index")


@dataclass(frozen=True, eq=False)
class Events:
    """Admitted events: a lazy table, the verification that it rests on, and the steps taken so far.

    Methods that narrow return Events; nothing is read until it is shown. There is no constructor to call: events come
    from admit(), so each of them lies in a log file that was judged.
    """

    door: InitVar[object]
    table: ibis.Table = field(repr=False)
    verification: Verification = field(repr=False)
    policy: Policy
    steps: tuple[str, ...] = ()
    bounds: Window | None = None
    names: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    parent: Events | None = field(default=None, repr=False)

    def __post_init__(self, door: object) -> None:
        if door is not _DOOR:
            raise AdmissionError(
                "Events", "they are not made by hand", "verify the evidence, and admit what came of it"
            )

    # Narrowing -----------------------------------------------------------------------------------------------------

    def _narrow(self, condition: Callable[[ibis.Table], Any], step: str | None = None, **changes: Any) -> Events:
        made = condition(self.table)
        steps = (*self.steps, step or f"where {told(made)}")
        return replace(self, door=_DOOR, table=filtered(self.table, made), steps=steps, parent=self, **changes)

    def by(self, actor: str) -> Events:
        """Events of one actor, or of all sessions of one role.

        Takes an ARN or an end of one that only one actor or role has: ``user/alice``, ``role/deploy``, ``i-0abc…``. ActorError
        names the candidates where there is none or more than one.
        """
        name = self.resolve(actor)
        return self._narrow(lambda e: (e.actor == name) | (e.role == name), f"by {name}")

    def between(self, start: Instant, end: Instant) -> Events:
        """Events whose time lies in ``[start, end)``. eventTime is when a request completed."""
        return self.during(Window.of(start, end))

    def during(self, window: Window) -> Events:
        """Events whose time lies in the window. An event without a readable time lies in none."""
        within = self.bounds.intersection(window) if self.bounds else window
        bounds = within if within is not None else Window(window.start, window.start)
        return self._narrow(
            lambda e: (e.event_time >= window.start) & (e.event_time < window.end), f"between {window}", bounds=bounds
        )

    def named(self, *names: str) -> Events:
        """Events with one of these names, as CloudTrail writes them: ``CreateAccessKey``."""
        kept = both(self.names, names)
        return self._narrow(lambda e: e.event_name.isin(names), f"named {', '.join(names)}", names=kept)

    def in_region(self, *regions: str) -> Events:
        kept = both(self.regions, regions)
        return self._narrow(lambda e: e.aws_region.isin(regions), f"in {', '.join(regions)}", regions=kept)

    def in_account(self, *accounts: str) -> Events:
        """Events that these accounts' trails received."""
        told, kept = f"in account {', '.join(accounts)}", both(self.accounts, accounts)
        return self._narrow(lambda e: e.recipient_account_id.isin(accounts), told, accounts=kept)

    def from_address(self, *addresses: str) -> Events:
        return self._narrow(lambda e: e.source_ip_address.isin(addresses), f"from {', '.join(addresses)}")

    def with_key(self, *access_keys: str) -> Events:
        """Events made with these access keys (AKIA… long-lived, ASIA… temporary)."""
        return self._narrow(lambda e: e.access_key_id.isin(access_keys), f"with key {', '.join(access_keys)}")

    def to_service(self, *sources: str) -> Events:
        """Events of these services: ``iam.amazonaws.com``, or ``iam`` for short."""
        full = tuple(source if "." in source else f"{source}.amazonaws.com" for source in sources)
        told, kept = f"to {', '.join(full)}", both(self.sources, full)
        return self._narrow(lambda e: e.event_source.isin(full), told, sources=kept)

    def failed(self) -> Events:
        """Events with an error code or, as a sign-in that failed, with an error message alone."""
        return self._narrow(is_failed, "failed")

    def succeeded(self) -> Events:
        """Events with neither an error code nor an error message."""
        return self._narrow(lambda e: ~is_failed(e), "succeeded")

    def denied(self) -> Events:
        """Events that were refused for want of permission, in the spellings that services use."""
        return self._narrow(lambda e: is_denied(e.error_code), "denied")

    def where(self, *conditions: Callable[[ibis.Table], Any], **equals: Any) -> Events:
        """Events that meet conditions: ``where(aws_region="us-east-1")``, or ``where(lambda e: e.user_agent.contains("Boto3"))``.

        A condition gets the table, an Ibis expression with the columns of docs/columns.md, and returns a boolean one; param()
        makes those that look inside of the JSON columns.
        """
        narrowed = self
        for name, value in equals.items():
            narrowed = narrowed._narrow(_equal(known_column(name), value), f"{name} = {value!r}")
        for condition in conditions:
            made = condition.narrowed if isinstance(condition, Match) else condition
            narrowed = narrowed._narrow(made, f"where {condition}" if made is not condition else None)
        return narrowed

    def united(self, *others: Events) -> Events:
        """These events with others of the same verification and policy, each once."""
        return replace(self.root, door=_DOOR, **taken_together((self, *others)))

    def repeated(self, verification: Verification, policy: Policy | None = None) -> Events:
        """What the same steps find in another verification. ColumnError where one of them looks into the tables of this one."""
        if self.parent is None:
            return admit(verification, policy or self.policy)
        parent = self.parent.repeated(verification, policy)
        table = swapped(self.table, self.root.table, parent.root.table)
        steps = (*parent.steps, self.steps[-1])
        return replace(
            self, door=_DOOR, table=table, verification=verification, policy=parent.policy, steps=steps, parent=parent
        )

    # Looking -------------------------------------------------------------------------------------------------------

    @cached_property
    def _count(self) -> int:
        return int(self.table.count().to_pyarrow().as_py())

    def __len__(self) -> int:
        return self._count

    def __bool__(self) -> bool:
        return self._count > 0

    @property
    def window(self) -> Window:
        """From the first event to a second after the last, since times are whole seconds. EvidenceError where there is none."""
        if self.span is None:
            raise EvidenceError(
                "events", "there are none, so they have no window", "widen the steps, or name the window"
            )
        return self.span

    @cached_property
    def span(self) -> Window | None:
        """The window, or None where there is no event with a time."""
        found = (
            self.table.aggregate(first=self.table.event_time.min(), last=self.table.event_time.max())
            .to_pyarrow()
            .to_pylist()[0]
        )
        return None if found["first"] is None else spanning(found["first"], found["last"])

    def cited(self, limit: int) -> list[dict[str, Any]]:
        """What a conclusion says of each, by log file and record index; of one more than the limit where there are more."""
        order = ("log_file", "record_index")
        read = self.table.select(*order, "event_id", "actor", "actor_rung", "status", "event_time").order_by(order)
        rows: list[dict[str, Any]] = read.limit(limit + 1).to_pyarrow().to_pylist()
        if len(rows) <= limit:
            # All are at hand: neither their number nor their window need be asked for.
            times = sorted(row["event_time"] for row in rows if row["event_time"] is not None)
            vars(self).update(_count=len(rows), span=spanning(times[0], times[-1]) if times else None)
        return rows

    def frame(self, *columns: str, limit: int | None = None) -> pandas.DataFrame:
        """The events as a DataFrame of your own, in order of time. All columns, or those named."""
        chosen = [known_column(name) for name in columns] or list(column_names())
        ordered = self.table.order_by(ORDER).select(chosen)
        frame: pandas.DataFrame = (ordered if limit is None else ordered.limit(limit)).to_pyarrow().to_pandas()
        return frame

    def original(self, event_id: str) -> str:
        """The record as it stands in its log file, untouched. The file is read again, and must still have the hash it was judged by."""
        for text in self.where(event_id=event_id).originals(1).values():
            return text
        raise ColumnError(event_id, "no such event among these", "take an id from the event_id column")

    def originals(self, limit: int) -> dict[tuple[str, int], str]:
        """The first records, in order of time, by log file and record index, as original() gives them. Each file is read once."""
        columns = ("log_file", "record_index", "log_sha256")
        rows = self.table.order_by(ORDER).select(columns).limit(limit).to_pyarrow().to_pylist()
        wanted = [(row["log_file"], row["record_index"], row["log_sha256"]) for row in rows]
        read: dict[tuple[str, int], str] = {}
        for log_file, records in originals(self.verification.evidence, wanted):
            if isinstance(records, EvidenceError):
                raise records
            read.update(((log_file, index), text) for index, text in records.items())
        return {(log_file, index): read[log_file, index] for log_file, index, _ in wanted}

    @property
    def root(self) -> Events:
        """All events that were admitted, before any step."""
        top = self
        while top.parent is not None:
            top = top.parent
        return top

    @property
    def category(self) -> str | None:
        """eventCategory of the names that the events were narrowed to, where every one of them is well known."""
        return next((told for told, calls in CATEGORIES.items() if self.names and calls.issuperset(self.names)), None)

    def resolve(self, actor: str) -> str:
        """The one actor or role of all admitted events that a text stands for, as in by()."""
        known = self.root._actors
        if actor in known:
            return actor
        ends = sorted(name for name in known if actor and name.endswith(("/" + actor, ":" + actor)))
        if len(ends) == 1:
            return ends[0]
        if ends:
            shown = ", ".join(ends[:8]) + (f" and {len(ends) - 8} more" if len(ends) > 8 else "")
            raise ActorError(actor, f"{len(ends)} actors end so", f"say which: {shown}")
        # Names are compared, not ARNs: most of an ARN is like most of another.
        last = {name.rpartition("/")[2]: name for name in sorted(known)}
        near = [last[name] for name in difflib.get_close_matches(actor.rpartition("/")[2], last, 3, 0.5)]
        remedy = "look at ct.pivot.actors(events)" + (f"; nearest: {', '.join(near)}" if near else "")
        raise ActorError(actor, "nobody in the admitted events", remedy)

    @cached_property
    def _actors(self) -> frozenset[str]:
        actors = self.table.select(name=self.table.actor).distinct()
        roles = self.table.filter(self.table.role.notnull()).select(name=self.table.role).distinct()
        return frozenset(actors.union(roles).to_pyarrow()["name"].to_pylist())

    def __repr__(self) -> str:
        return f"Events {shortened(' ▸ '.join(self.steps), 2000)}: {len(self):,}"

    def _repr_html_(self) -> str:
        return html_table(SHOWN, self.rows(10), self._caption(10))

    def _caption(self, shown: int) -> str:
        counted = []
        at: Events | None = self
        while at is not None:
            counted.append(f"{len(at):,}")
            at = at.parent
        trail = " ▸ ".join(self.steps)
        return f"{trail}: {' → '.join(reversed(counted))} events" + f"; the first {shown} shown" * (len(self) > shown)

    def rows(self, limit: int) -> list[Sequence[Any]]:
        """The first events as plain rows of the columns in SHOWN."""
        ordered = self.table.order_by(ORDER).select(SHOWN).limit(limit)
        return [tuple(row.values()) for row in ordered.to_pyarrow().to_pylist()]


def _equal(name: str, value: Any) -> Callable[[ibis.Table], Any]:
    return lambda e: e[name].isnull() if value is None else e[name] == value


def admit(verification: Verification, policy: Policy) -> Events:
    """Pass log files through a policy into Events. Raises AdmissionError where the policy refuses, or nothing is left.

    Altered and missing log files never become Events, whatever the policy; duplicates of an event stay out, and are counted.
    """
    if not isinstance(verification, Verification):
        raise AdmissionError(type(verification).__name__, "not a verification", "call ct.verify(evidence, keys) first")
    if not isinstance(policy, RequireIntact | IntactOnly | AcceptUnverified):
        raise AdmissionError(
            repr(policy), "not a policy", "use ct.RequireIntact(), ct.IntactOnly() or ct.AcceptUnverified(reason=…)"
        )
    name = verification.evidence.name
    if policy.demands_all and not verification.is_whole:
        raise AdmissionError(
            name, f"not whole ({verification.sentence})", "look at verification.frame(), or admit with ct.IntactOnly()"
        )
    if verification.shards is None:
        raise AdmissionError(name, "judged, and not loaded", "call ct.verify(…) with load=True")
    logs = verification.counts(Kind.LOG)
    admitted = sorted((status for status in policy.admits if logs[status]), key=lambda status: status.rank)
    if not verification.shards.events or not admitted:
        counted = ", ".join(f"{count} {status.value}" for status, count in logs.items() if count)
        remedy = "collect the digests and their keys"
        if logs[Status.UNVERIFIABLE] or logs[Status.UNLISTED]:
            remedy += ', or admit with ct.AcceptUnverified(reason="…")'
        raise AdmissionError(name, f"no log file that the policy admits ({counted or 'none at all'})", remedy)
    table = verification.engine.table(verification.shards.events)
    table = table.filter(table.status.isin([status.value for status in sorted(policy.admits)]))
    table = distinct(table, verification.shards, verification.engine)
    table = named_elsewhere(table, admitted[0].value, verification.shards.actors)
    table = verification.engine.named(table)
    return Events(_DOOR, table, verification, policy, (f"admitted ({type(policy).__name__})",))
