"""Travel: one person in two places, sooner than anybody gets from one to the other."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.identity import Rung
from cttoolkit.param import Match
from cttoolkit.pivot.address import is_address, is_private, network
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.gathered import gathered, weaker
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.places import known_places, with_places
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.places import Places
from cttoolkit.window import written

if TYPE_CHECKING:
    import ibis

__all__ = ["travel"]

_EARTH = 6371.0088
"""Mean radius in kilometres (IUGG)."""
_FASTEST = 900
_NEAREST = 500
_TEN_MINUTES = 600
_LEAST_SECONDS = 60
_PEOPLE = (
    Rung.ROOT, Rung.ASSUMED_ROOT, Rung.USER, Rung.SOURCE_IDENTITY, Rung.SSO_USER, Rung.SESSION, Rung.FEDERATED,
    Rung.PROVIDER, Rung.IDENTITY_CENTER, Rung.PERHAPS_IDENTITY_CENTER, Rung.DIRECTORY,
)  # fmt: skip
_BY_HAND = r"(?i)^\[?(?:aws-cli/|mozilla/)|console\.amazonaws\.com|signin\.amazonaws\.com|powershell|s3console"
_KEYS = ("principal", "actor", "before", "after")
_AT = ("source_ip_address", "network", "latitude", "longitude", "radius")


def travel(events: Events, *, places: Places | None = None, known: Sequence[str] = ()) -> Pivot:
    """Pairs of addresses between which one person went too fast: the fastest first.

    With ``places`` that tell of cities, ``km`` is the great-circle distance (haversine, Sinnott 1984) less both radii within which
    the addresses may be, ``kmh`` that over the time between, a minute at least; rows have more than 900 km/h and 500 km. Without,
    rows are two networks of one protocol within ten minutes, which a phone beside a laptop makes as well: those are weak leads.

    Asked are people by hand: users, root and named sessions, in the console or with the command line. Private addresses, calls
    through VPC endpoints, and addresses in ``known`` networks (of a VPN, say, as CIDR) are left out. Each row is the fastest of
    ``moves`` from ``before`` to ``after``, and counts the calls of the two seconds ``left`` and ``arrived``.
    """
    asked = acting(events).where(Match("by people, by hand", _is_by_hand), Match("from a public address", _is_public))
    if known:
        asked = asked.where(Match(f"not from {', '.join(known)}", _outside(known)))
    table = marked(asked, asked.table)
    seconds = table.group_by(["principal", "actor", "event_time", "source_ip_address"]).aggregate(
        **gathered(asked, table)
    )
    is_placed = places is not None and "latitude" in places.columns
    if places is not None and is_placed:
        placed = with_places(seconds, places, known_places(asked, places))
        seconds = placed.filter(placed.latitude.notnull() & placed.radius.notnull())
    moves = _moves(seconds.mutate(network=network(seconds)), is_placed=is_placed)
    moves = moves.filter((moves.kmh > _FASTEST) & (moves.km > _NEAREST)) if is_placed else _near(moves)
    fastest = [moves.kmh.desc()] if is_placed else [moves.seconds.asc()]
    rows = _fastest(asked, moves, fastest, is_placed=is_placed)
    ranked = [rows.kmh.desc()] if is_placed else [rows.seconds.asc(), rows.moves.desc()]
    ordered = rows.order_by([*ranked, *(rows[name].asc() for name in _KEYS)])
    rests = (
        f"more than {_FASTEST} km/h and {_NEAREST} km, radii taken off"
        if is_placed
        else "no places: two networks in ten minutes"
    )
    return Pivot("move", asked, ordered, _KEYS, asked=events, notes=(rests,), drilled=_both_ends)


def _moves(seconds: ibis.Table, *, is_placed: bool) -> ibis.Table:
    """A row for each second in which somebody was at another address than in the one before."""
    import ibis

    order = ibis.window(group_by=["principal", "actor"], order_by=["event_time", "source_ip_address"])
    told = ("event_time", "events", "standing", *(_AT if is_placed else _AT[:2]))
    stepped = seconds.mutate(**{f"from_{name}": seconds[name].lag().over(order) for name in told})
    moved = stepped.filter(stepped.source_ip_address != stepped.from_source_ip_address)
    took = moved.event_time.epoch_seconds() - moved.from_event_time.epoch_seconds()
    moved = moved.mutate(seconds=took.cast("int64"))
    if not is_placed:
        return moved
    moved = moved.mutate(km=ibis.greatest(_distance(moved) - moved.radius - moved.from_radius, 0.0).round(1))
    return moved.mutate(kmh=(moved.km * 3600 / ibis.greatest(moved.seconds, _LEAST_SECONDS)).round(1))


def _distance(moved: ibis.Table) -> Any:
    """Kilometres along the great circle, by the haversine formula."""
    import ibis

    one, other = moved.from_latitude.radians(), moved.latitude.radians()
    turned = (moved.longitude - moved.from_longitude).radians()
    half = ((other - one) / 2).sin() ** 2 + one.cos() * other.cos() * (turned / 2).sin() ** 2
    return 2 * _EARTH * ibis.least(half, 1.0).sqrt().asin()


def _near(moves: ibis.Table) -> ibis.Table:
    """Moves within ten minutes from network to network. A machine has an address of either protocol, and both are its own."""
    is_alike = moves.source_ip_address.contains(":") == moves.from_source_ip_address.contains(":")
    return moves.filter(is_alike & (moves.network != moves.from_network) & (moves.seconds <= _TEN_MINUTES))


def _fastest(events: Events, moves: ibis.Table, order: list[Any], *, is_placed: bool) -> ibis.Table:
    import ibis

    pair = ["principal", "actor", "from_source_ip_address", "source_ip_address"]
    placed = moves.mutate(
        place=ibis.row_number().over(ibis.window(group_by=pair, order_by=[*order, moves.event_time.asc()])),
        moves=ibis._.count().over(ibis.window(group_by=pair)),
    )
    best = placed.filter(placed.place == 0)
    return best.select(
        "principal",
        "actor",
        before=best.from_source_ip_address,
        after=best.source_ip_address,
        left=best.from_event_time,
        arrived=best.event_time,
        seconds=best.seconds,
        **({"km": best.km, "kmh": best.kmh} if is_placed else {}),
        moves=best.moves,
        events=best.events + best.from_events,
        first=best.from_event_time,
        last=best.event_time,
        standing=weaker(events, best.standing, best.from_standing),
    )


def _both_ends(events: Events, row: Mapping[str, Any]) -> Events:
    def holds(table: ibis.Table) -> Any:
        ends = [
            (table.source_ip_address == row[address]) & (table.event_time == row[moment])
            for address, moment in (("before", "left"), ("after", "arrived"))
        ]
        return ends[0] | ends[1]

    told = f"from {row['before']} at {written(row['left'])} or from {row['after']} at {written(row['arrived'])}"
    return events.where(principal=row["principal"], actor=row["actor"]).where(Match(told, holds))


def _is_by_hand(table: ibis.Table) -> Any:
    is_console = table.credential.startswith("con:") | table.credential.startswith("sis:")
    by_hand = is_console | (table.event_type == "AwsConsoleSignIn") | table.user_agent.re_search(_BY_HAND)
    return table.actor_rung.isin([rung.value for rung in _PEOPLE]) & by_hand.fill_null(False)


def _is_public(table: ibis.Table) -> Any:
    address = table.source_ip_address
    through = table.vpc_endpoint_id.fill_null("") != ""
    return is_address(address) & ~is_private(address) & ~through


def _outside(known: Sequence[str]) -> Any:
    patterns = [_pattern(one) for one in known]

    def holds(table: ibis.Table) -> Any:
        of = network(table)
        among = table.source_ip_address.isin(list(known)) | of.isin(list(known))
        for pattern in patterns:
            if pattern:
                among |= table.source_ip_address.re_search(pattern)
        return ~among.fill_null(False)

    return holds


def _pattern(text: str) -> str | None:
    """A network of IPv4 as an expression for its addresses; None for what is told by being equal."""
    try:
        net = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ColumnError(text, f"no network: {error}", "write CIDR, such as 198.51.100.0/24") from error
    if net.version == 6:
        if net.prefixlen in (48, 128):
            return None
        raise ColumnError(text, "networks of IPv6 are told apart by /48", "give its /48, or an address")
    whole, rest = divmod(net.prefixlen, 8)
    parts = str(net.network_address).split(".")
    begin = "".join(re.escape(part + ".") for part in parts[:whole])
    if rest:
        first = int(parts[whole])
        begin += "(?:" + "|".join(str(first + n) for n in range(1 << (8 - rest))) + ")" + (r"\." if whole < 3 else "$")
    elif whole == 4:
        begin = begin.removesuffix(re.escape(".")) + "$"
    return "^" + begin
