"""Many different things within a short time by one credential: secrets read, objects deleted, buckets taken down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_failed
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.bins import bin_number
from cttoolkit.pivot.gathered import gathered, regathered
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["at", "by_event", "in_bulk", "listed"]

_KEYS = ("credential", "recipient_account_id")
_STRETCH = ["credential", "account", "bin"]


def in_bulk(
    events: Events,
    thing: Callable[[ibis.Table], Any],
    *,
    least: int,
    minutes: int = 10,
    size: Callable[[ibis.Table], Any] | None = None,
) -> Pivot:
    """A row for each credential and account, of what it did in stretches of the clock with ``least`` different things or more.

    ``thing`` is what is counted, null where a call has none; ``size`` how many of them one call is worth, where that is not one.
    ``most`` is the highest count of a stretch. Calls of AWS services, and calls without a credential, are left out. A run that
    lies in two stretches, with less than ``least`` in each, is not seen.
    """
    seconds = minutes * 60
    asked = acting(events).where(Match("with a credential", lambda table: table.credential.notnull()))
    table = _placed(marked(asked, asked.table), seconds)
    if size is None:
        # Where there are few calls there are few things: what is left out here need not be read as JSON.
        calls = table.group_by(_STRETCH).aggregate(calls=table.count())
        table = table.semi_join(calls.filter(calls.calls >= least), _STRETCH)
    table = table.mutate(thing=thing(table), size=size(table) if size is not None else 1)
    things = table.group_by([*_STRETCH, "thing"]).aggregate(
        actor=table.actor.min(),
        **gathered(asked, table),
        failed=is_failed(table).sum(),
        size=table.size.max(),
    )
    whole = _summed(asked, things, _STRETCH, things=things.size.sum(where=things.thing.notnull()).coalesce(0))
    busy = whole.filter(whole.things >= least)
    rows = _summed(asked, busy, ["credential", "account"], most=busy.things.max())
    rows = rows.mutate(recipient_account_id=rows.account.nullif("")).drop("account")
    order = [rows.most.desc(), rows["first"].asc(), rows.credential.asc(), rows.recipient_account_id.asc()]

    def drilled(events: Events, row: Mapping[str, Any]) -> Events:
        own = events.where(**{name: row[name] for name in _KEYS})
        account = row["recipient_account_id"] or ""
        there = busy.filter((busy.credential == row["credential"]) & (busy.account == account))
        within = Match(
            f"in {minutes} minutes with {least} or more",
            lambda table: bin_number(table.event_time, seconds).isin(there.bin),
        )
        return own.where(within)

    note = f"at least {least} within {minutes} minutes of the clock"
    return Pivot(
        "credential and account", asked, rows.order_by(order), _KEYS, asked=events, notes=(note,), drilled=drilled
    )


def at(path: str) -> Callable[[ibis.Table], Any]:
    """The value at a path, as what is counted."""
    return param(path).value


def by_event(table: ibis.Table) -> Any:
    """Each call as a thing of its own, since what it was about is not recorded."""
    return table.event_id


def listed(key: str) -> Callable[[ibis.Table], Any]:
    """How often a key stands in the request, as the size of a call that names several things."""
    quoted = f'"{key}"'
    return lambda table: (
        (table.request_parameters.length() - table.request_parameters.replace(quoted, "").length()) / len(quoted)
    ).cast("int64")


def _placed(table: ibis.Table, seconds: int) -> ibis.Table:
    return table.mutate(account=table.recipient_account_id.fill_null(""), bin=bin_number(table.event_time, seconds))


def _summed(events: Events, table: ibis.Table, keys: list[str], **more: Any) -> ibis.Table:
    measures = {"actor": table.actor.min(), **regathered(events, table), "failed": table.failed.sum()}
    return table.group_by(keys).aggregate(**measures, **more)
