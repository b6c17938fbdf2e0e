"""Events regrouped on one axis: who, from where, with what, how often.

Every function takes Events and returns a Pivot, sorted by count and then by name. Nothing is computed until it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cttoolkit.errors import ActorError, ColumnError
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.derived import from_addresses, with_derived
from cttoolkit.pivot.gathered import regathered
from cttoolkit.pivot.measures import DISTINCT, marked, measures
from cttoolkit.pivot.regrouped import Derived, Pivot
from cttoolkit.schema import column_names

if TYPE_CHECKING:
    import ibis

__all__ = [
    "access_keys",
    "accounts",
    "actors",
    "addresses",
    "agent_families",
    "agents",
    "credentials",
    "errors",
    "hours",
    "names",
    "networks",
    "on",
    "principals",
    "regions",
    "roles",
    "services",
    "sessions",
    "widest_key_owner",
]

_SEPARATORS = re.compile(r"\W+")
_MEASURED = {"events", "first", "last", "reads", "writes", "failed", "denied", "standing", *DISTINCT.values()}


def on(events: Events, *axes: str) -> Pivot:
    """Regroup on any column of Events, on a place inside of a JSON column, or on several at once.

    A place is spelt as in param(): ``requestParameters.bucketName``. Its values are text. Its column is named after the last part,
    ``bucketName``, or after all of them where that name is taken. ColumnError where there is no such column, and for a place with
    many values (``[]``).
    """
    if not axes:
        raise ColumnError("axes", "none is named", "name a column of docs/columns.md")
    keys: dict[str, Derived | None] = {}
    for axis in axes:
        if "." in axis:
            keys[_name(axis, keys)] = param(axis).value
        elif axis not in column_names():
            raise ColumnError(axis, "no such column", "look at docs/columns.md")
        else:
            keys[axis] = None
    return _regroup(events, *keys, asked=None, **{name: make for name, make in keys.items() if make is not None})


def _name(path: str, taken: Iterable[str]) -> str:
    last = _SEPARATORS.sub("_", path.rpartition(".")[2]).strip("_")
    # Engines do not tell upper case from lower.
    known = {name.lower() for name in (*taken, *column_names(), *_MEASURED)}
    return _SEPARATORS.sub("_", path) if last.lower() in known else last


def _regroup(events: Events, *axes: str, asked: Events | None = None, **derived: Derived) -> Pivot:
    import ibis

    # What was asked is as good as what it was narrowed to, and narrows by having a value.
    whole = asked if asked is not None and axes == ("network",) else events
    table = with_derived(marked(events, whole.table), *axes)
    table = table.filter(table.network.notnull()) if whole is asked else table
    table = table.mutate(**{name: make(table) for name, make in derived.items()})
    grouped = table.group_by(axes).aggregate(**measures(events, table, *axes))
    by_count = [] if axes == ("hour",) else [ibis.desc("events")]
    rows = grouped.order_by([*by_count, *(ibis.asc(axis) for axis in axes)])
    return Pivot(" and ".join(axes), events, rows, axes, derived, asked)


def _named(events: Events, column: str, told: str) -> Events:
    """Events that have a value there."""
    return events.where(Match(told, lambda table: table[column].notnull()))


def actors(events: Events) -> Pivot:
    """By actor: the person or workload that a principal resolves to."""
    return on(events, "actor")


def principals(events: Events) -> Pivot:
    """By principal: what AWS says called, by the id that it never gives twice."""
    return on(events, "principal")


def credentials(events: Events) -> Pivot:
    """By credential: the one issue of credentials that signed the calls. An afternoon in the console is one."""
    return _regroup(_named(events, "credential", "signed with a credential"), "credential", asked=events)


def roles(events: Events) -> Pivot:
    """By role, of the events made in role sessions."""
    return _regroup(_named(events, "role", "in a role session"), "role", asked=events)


def sessions(events: Events) -> Pivot:
    """By principal id, which for a role session is the role's id and the session's name."""
    return _regroup(_named(events, "role", "in a role session"), "user_identity_principal_id", asked=events)


def access_keys(events: Events) -> Pivot:
    """By access key. A long-lived key (AKIA…) with many addresses is the one to ask about."""
    return _regroup(_named(events, "access_key_id", "with an access key"), "access_key_id", asked=events)


def addresses(events: Events) -> Pivot:
    """By source address; AWS services stand there by name."""
    return on(events, "source_ip_address")


def networks(events: Events) -> Pivot:
    """By network of the caller, the /24 of an IPv4 address and the /48 of an IPv6 one, without calls from AWS services."""
    return _regroup(from_addresses(events), "network", asked=events)


def agents(events: Events) -> Pivot:
    """By user agent, as the caller chose to write it."""
    return on(events, "user_agent")


def agent_families(events: Events) -> Pivot:
    """By family of the user agent: without version, system and build."""
    table = marked(events, events.table)
    # The family is made of what is written, of which there is little: few rows are regrouped, and not every event.
    fine = ["user_agent", *DISTINCT]
    written = with_derived(table.group_by(fine).aggregate(**measures(events, table, *fine)), "agent_family")
    counts = {name: written[name].sum() for name in ("reads", "writes", "failed", "denied")}
    distinct = {many: written[one].nunique() for one, many in DISTINCT.items()}
    told = regathered(events, written)
    standing = told.pop("standing")
    rows = written.group_by("agent_family").aggregate(**told, **counts, **distinct, standing=standing)
    return Pivot("agent_family", events, rows.order_by([rows.events.desc(), rows.agent_family.asc()]))


def regions(events: Events) -> Pivot:
    """By region. Global services (IAM, sign-in, CloudFront) record in us-east-1."""
    return on(events, "aws_region")


def accounts(events: Events) -> Pivot:
    """By account whose trail received the event."""
    return on(events, "recipient_account_id")


def services(events: Events) -> Pivot:
    """By the service that was called."""
    return on(events, "event_source")


def names(events: Events) -> Pivot:
    """By event name."""
    return on(events, "event_name")


def errors(events: Events) -> Pivot:
    """By error code, of the events that have one; a sign-in that failed has none."""
    coded = Match("with an error code", lambda table: table.error_code.fill_null("") != "")
    return _regroup(events.where(coded), "error_code", asked=events)


def hours(events: Events) -> Pivot:
    """By hour, UTC, in order of time; hours without an event have no row. Events without a time are left out."""
    timed = _named(events, "event_time", "with a time")
    return _regroup(timed, "hour", asked=events, hour=_hour)


def _hour(table: ibis.Table) -> ibis.Value:
    return table.event_time.truncate("h").cast(table.event_time.type())


def widest_key_owner(events: Events) -> str:
    """The actor whose long-lived access key came from the most addresses; by name where two are alike.

    Where no long-lived key was used, the actor with the most addresses at all. A place to begin where no suspect is known, and
    no more than that. ActorError where there are no events.
    """
    known = events.table.filter(events.table.actor.notnull())
    for table, keys in ((known.filter(known.access_key_id.startswith("AKIA")), ["access_key_id"]), (known, [])):
        counted = table.group_by(["actor", *keys]).aggregate(addresses=table.source_ip_address.nunique())
        rows = counted.to_pyarrow().to_pylist()
        if rows:
            return str(min(rows, key=lambda row: (-row["addresses"], row["actor"]))["actor"])
    raise ActorError("events", "there are none", "widen the steps, or name a suspect")
