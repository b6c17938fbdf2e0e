"""Credentials that one address and one agent used within a short time: a lead, and never more than that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cttoolkit.session.candidates import schema
from cttoolkit.session.columns import Rows
from cttoolkit.session.edges import Grade

if TYPE_CHECKING:
    import ibis

    from cttoolkit.events import Events

__all__ = ["same_hands"]

_SOON = timedelta(hours=1)
_MOST = 50
"""More credentials than that behind one address are a gateway's, and nobody's hands."""


def same_hands(events: Events) -> tuple[Rows, str]:
    """Each credential and the one that its address and agent used last before it, where that is not long ago; and what was left out.

    Addresses behind which many credentials lie are left out, services' names are no addresses.
    """
    import ibis

    table = events.table
    table = table.filter(table.credential.notnull() & table.event_time.notnull() & table.user_agent.notnull())
    table = table.filter(table.source_ip_address.re_search("^[0-9a-fA-F]*[.:][0-9a-fA-F.:]+$"))
    table = table.select(
        "credential",
        address=table.source_ip_address,
        agent=table.user_agent,
        at=table.event_time,
        cited=table.event_id,
        sound=ibis.cases((table.status == "intact", 0), (table.status == "unverifiable", 1), else_=2).cast("int8"),
    )
    first = ibis.row_number().over(group_by=["address", "agent", "credential"], order_by=["at", "cited"])
    until = table["at"].max().over(group_by=["address", "agent", "credential"])
    used = table.mutate(number=first, until=until)
    used = used.filter(used.number == 0).drop("number")
    held = used.mutate(of=used.count().over(group_by=["address", "agent"]))
    order = ibis.window(group_by=["address", "agent"], order_by=["at", "credential"])
    few = held.filter(held.of <= _MOST)
    pairs = few.mutate(
        parent=few.credential.lag().over(order),
        last=few.until.lag().over(order),
        before=few.cited.lag().over(order),
        before_sound=few.sound.lag().over(order),
    )
    pairs = pairs.filter(pairs.parent.notnull() & (pairs["at"] <= pairs["last"] + ibis.interval(seconds=_SOON.seconds)))
    many = held.filter(held.of > _MOST)
    groups = many.group_by(["address", "agent"]).aggregate(of=many.count())
    left = groups.aggregate(groups=groups.count(), credentials=groups.of.sum())
    return _rows(pairs), _told(left)


def _rows(pairs: ibis.Table) -> Rows:
    import pyarrow as pa

    found = pairs.select(
        "parent", "credential", "at", "sound", "before_sound", "address", "cited", "before"
    ).to_pyarrow()
    halves = []
    for cited, sound in (("cited", "sound"), ("before", "before_sound")):
        columns = {
            "parent": found["parent"],
            "child": found["credential"],
            "kind": pa.repeat(pa.scalar("same address and agent"), len(found)),
            "grade": pa.repeat(pa.scalar(Grade.POSSIBLE.value, pa.int8()), len(found)),
            "enables": pa.repeat(pa.scalar(True), len(found)),  # noqa: FBT003
            "at": found["at"],
            "sound": found[sound],
            "note": found["address"],
            "cited": found[cited],
        }
        halves.append(pa.table(columns).cast(schema()))
    return pa.concat_tables(halves)


def _told(left: ibis.Table) -> str:
    (row,) = left.to_pyarrow().to_pylist()
    if not row["groups"]:
        return ""
    return (
        f"{row['groups']:,} pairs of address and agent with more than {_MOST} credentials each are left out, "
        f"{row['credentials']:,} credentials in all: one address of many is a gateway"
    )
