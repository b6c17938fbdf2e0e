"""Addresses by where they are: networks, countries and cities, from databases that the analyst brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.address import is_address
from cttoolkit.pivot.measures import marked, measures
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.places import Places

if TYPE_CHECKING:
    import ibis
    import pyarrow

__all__ = ["asns", "cities", "countries", "known_places", "located", "with_places"]

_MOST_SPELT = 1_000


def asns(events: Events, places: Places) -> Pivot:
    """By autonomous system of the caller, with its organization; calls from AWS services are left out.

    Addresses that no database knows have a row without a number. ColumnError where no database tells of systems.
    """
    return _regrouped(events, places, ("asn",), ("organization",))


def countries(events: Events, places: Places) -> Pivot:
    """By country of the caller's address. A country is where the network says it is, and a tunnel ends where it likes."""
    return _regrouped(events, places, ("country",))


def cities(events: Events, places: Places) -> Pivot:
    """By country and city of the caller's address. ``cttoolkit.pivot.located`` says how far around it the address may be."""
    return _regrouped(events, places, ("country", "city"))


def located(events: Events, places: Places) -> Pivot:
    """By source address, with all that the databases say of it: asn, organization, country, city, latitude, longitude, radius.

    What no database tells is no column, and an address that none knows has nothing in them.
    """
    outside, table, _ = _with_places(events, places)
    axis = "source_ip_address"
    told = {name: table[name].min() for name in places.columns}
    rows = table.group_by(axis).aggregate(**told, **measures(outside, table, axis))
    ordered = rows.order_by([rows.events.desc(), rows[axis].asc()])
    return Pivot(axis, outside, ordered, asked=events)


def _regrouped(events: Events, places: Places, axes: tuple[str, ...], beside: tuple[str, ...] = ()) -> Pivot:
    for axis in axes:
        if axis not in places.columns:
            raise ColumnError(axis, f"not told by {places!r}", "load_places() takes a database that tells of it")
    outside, table, known = _with_places(events, places)
    told = {name: table[name].min() for name in beside}
    rows = table.group_by(axes).aggregate(**told, **measures(outside, table, *axes))
    ordered = rows.order_by([rows.events.desc(), *(rows[axis].asc() for axis in axes)])
    drilled = partial(_from_there, known=known, axes=axes)
    return Pivot(" and ".join(axes), outside, ordered, axes, asked=events, drilled=drilled)


def _with_places(events: Events, places: Places) -> tuple[Events, ibis.Table, pyarrow.Table]:
    outside = events.where(Match("from an address", lambda table: is_address(table.source_ip_address)))
    known = known_places(outside, places)
    table = marked(outside, outside.table)
    return outside, with_places(table, places, known), known


def known_places(events: Events, places: Places) -> pyarrow.Table:
    """What the databases say of each address among the events, each looked up once."""
    addresses = events.table.select("source_ip_address").distinct().to_pyarrow()["source_ip_address"].to_pylist()
    return places.located(addresses)


def with_places(table: ibis.Table, places: Places, known: pyarrow.Table) -> ibis.Table:
    """The table with the columns of the databases beside each address."""
    import ibis

    if not places.columns:
        return table
    beside = ibis.memtable(known, schema=places.schema)
    return table.left_join(beside, table.source_ip_address == beside.address).drop("address")


def _from_there(events: Events, row: Mapping[str, Any], known: pyarrow.Table, axes: Sequence[str]) -> Events:
    held = [one for one in known.to_pylist() if all(one[axis] == row[axis] for axis in axes)]
    told = ", ".join(f"{axis} {row[axis]}" for axis in axes)
    if any(row[axis] is not None for axis in axes):
        return events.where(Match(f"in {told}", _among([one["address"] for one in held])))
    # The row of what is not known: addresses without that, and addresses in no database.
    others = [one["address"] for one in known.to_pylist() if any(one[axis] is not None for axis in axes)]
    is_known = _among(others)
    return events.where(Match(f"in {told}", lambda table: ~is_known(table)))


def _among(addresses: list[str]) -> Any:
    def holds(table: ibis.Table) -> Any:
        import ibis

        if len(addresses) <= _MOST_SPELT:
            return table.source_ip_address.isin(addresses)
        many = ibis.memtable({"address": addresses}, schema={"address": "string"})
        return table.source_ip_address.isin(many.address)

    return holds
