"""Credentials that were in two places: on two machines, in two networks at once, or away from the instance they were issued to.

Source of what an instance's session is called: EC2 User Guide, "IAM roles for Amazon EC2"; the home network of an instance is
taken from its own first call, since no event says which addresses it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cttoolkit.detection import GROUPED
from cttoolkit.detections.callers import SUCCEEDED
from cttoolkit.detections.choice import chosen
from cttoolkit.events import Events
from cttoolkit.identity import Rung
from cttoolkit.param import Match, param
from cttoolkit.pivot.address import is_address, is_private, network
from cttoolkit.pivot.axes import on
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.bins import bin_number, bin_start
from cttoolkit.pivot.gathered import once, regathered
from cttoolkit.pivot.overlaps import mixed_agents, overlaps
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["away_from_instance", "new_key_elsewhere", "two_machines", "two_networks"]

_TEN_MINUTES = 600
_HALF_HOUR = 1800
_LEAST_ALTERNATIONS = 3
_LEAST_SHARE = 0.3
_KEY = param("responseElements.accessKey.accessKeyId")


def two_networks(events: Events) -> Pivot:
    """Credentials that, within ten minutes, went back and forth between networks: in three calls of ten or more, and three times.

    Only addresses of IPv4 are looked at, for one machine has an address of either protocol; stretches of ten minutes with calls
    through VPC endpoints are left out.
    """
    found = overlaps(events.where(Match("not from an address of IPv6", lambda table: ~_is_sixth(table))))
    rows = found.expression
    strong = rows.filter(
        (rows.alternations >= _LEAST_ALTERNATIONS) & (rows.share > _LEAST_SHARE) & (rows.through_endpoint == 0)
    )
    grouped = strong.group_by("credential").aggregate(actor=strong.actor.min(), **regathered(found.events, strong))

    def drilled(events: Events, row: Mapping[str, Any]) -> Events:
        def choose(table: ibis.Table) -> ibis.Table:
            start = bin_start(bin_number(table.event_time, _TEN_MINUTES), _TEN_MINUTES)
            return table.mutate(start=start).semi_join(strong, ["credential", "start"])

        return chosen(events.where(credential=row["credential"]), "in two networks at once", choose)

    ordered = grouped.order_by([grouped.events.desc(), grouped.credential.asc()])
    return Pivot("credential", found.events, ordered, asked=events, notes=found.notes, drilled=drilled)


def two_machines(events: Events) -> Pivot:
    """Temporary keys whose user agents name two operating systems or two architectures. Sessions of the console are left out."""
    temporary = Match("with a temporary key", lambda table: table.credential.startswith("tmp:").fill_null(False))
    return mixed_agents(events.where(temporary))


def away_from_instance(events: Events) -> Pivot:
    """Calls in an instance's session from another network than that of its first call.

    The other network has to be used while the first one still is, or with the very credential that was used there: an instance that
    was stopped and started has another address and other credentials. Private addresses and VPC endpoints are left out, and
    networks of IPv4 and IPv6 are held apart.
    """
    asked = acting(events).where(Match("by instances, from public addresses", _is_instance_outside))
    return on(chosen(asked, "away from the instance's first network", _away), *GROUPED)


def new_key_elsewhere(events: Events) -> Pivot:
    """Calls with an access key within half an hour of its making, from another network than the one it was made from."""
    made = _placed(events.named("CreateAccessKey").where(SUCCEEDED).table)
    made = made.select(key=_KEY.value(made), made_at=made.event_time, made_in=made.network, made_sixth=made.is_sixth)
    made = made.filter(made.key.notnull() & made.made_in.notnull())
    asked = events.where(Match("with a key that was made here", lambda table: table.access_key_id.isin(made.key)))

    def choose(table: ibis.Table) -> ibis.Table:
        used = _placed(table)
        used = used.inner_join(made, used.access_key_id == made.key)
        seconds = used.event_time.epoch_seconds() - used.made_at.epoch_seconds()
        is_elsewhere = (used.network != used.made_in) & (used.is_sixth == used.made_sixth)
        return used.filter(is_elsewhere & (seconds >= 0) & (seconds <= _HALF_HOUR))

    return on(chosen(asked, "soon after its making, from elsewhere", choose), "access_key_id", *GROUPED)


def _placed(table: ibis.Table) -> ibis.Table:
    """The table with the network of each call, and whether it is one of IPv6."""
    return once(table, "source_ip_address", network=network, is_sixth=_is_sixth)


def _is_sixth(table: ibis.Table) -> Any:
    return table.source_ip_address.contains(":").fill_null(False)


def _is_instance_outside(table: ibis.Table) -> Any:
    address = table.source_ip_address
    is_outside = is_address(address) & ~is_private(address) & (table.vpc_endpoint_id.fill_null("") == "")
    return (table.actor_rung == Rung.INSTANCE.value) & is_outside


def _away(table: ibis.Table) -> ibis.Table:
    import ibis

    place = ["actor", "is_sixth", "network"]
    calls = _placed(table)
    pairs = calls.group_by(["credential", *place]).aggregate(begun=calls.event_time.min(), ended=calls.event_time.max())
    pairs = pairs.mutate(shared=pairs.count().over(ibis.window(group_by=["credential", "is_sixth"])))
    used = pairs.group_by(place).aggregate(
        begun=pairs.begun.min(), ended=pairs.ended.max(), shared=(pairs.shared > 1).any()
    )
    order = ibis.window(group_by=["actor", "is_sixth"], order_by=["begun", "network"], preceding=None, following=None)
    used = used.mutate(home=used.network.first().over(order), home_ended=used.ended.first().over(order))
    away = used.filter((used.network != used.home) & ((used.begun <= used.home_ended) | used.shared))
    return calls.semi_join(away, place)
