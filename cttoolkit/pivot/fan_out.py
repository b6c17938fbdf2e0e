"""Fan-out: how many different things one credential reached within an hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit.calls import GLOBAL_SERVICES, is_denied
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.baseline import acting, baseline_of
from cttoolkit.pivot.bins import bin_number, bin_start
from cttoolkit.pivot.gathered import gathered, regathered
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Instant, later

if TYPE_CHECKING:
    import ibis

__all__ = ["fan_out"]

_HOUR = 3600
_COLUMNS = {"accounts": "recipient_account_id", "regions": "aws_region"}
_CALLS = {
    "roles": (("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"), "requestParameters.roleArn"),
    "secrets": (("GetSecretValue",), "requestParameters.secretId"),
    "buckets": (("ListObjects", "ListObjectsV2", "ListObjectVersions"), "requestParameters.bucketName"),
}
_KEYS = ("credential", "principal", "hour")


def fan_out(events: Events, *, since: Instant | None = None) -> Pivot:
    """Hours in which one credential reached several of a kind: roles assumed, accounts, regions, secrets read, buckets listed.

    ``reached`` counts different ones as the requests write them, refused or not. With ``since``, rows are hours from then on, and
    ``ratio`` is ``reached`` over ``most``, the highest count that any credential of the principal came to in an hour of the
    baseline, or over one where it came to none; ``baseline_hours`` is in how many hours the principal did anything. Where it did
    nothing, there is no ratio. Global services, which always say the same region, are left out of regions.
    """
    base = baseline_of(events, since) if since is not None else None
    asked = acting(events).where(Match("with a credential", lambda table: table.credential.notnull()))
    table = marked(asked, asked.table)
    table = table.mutate(hour=bin_number(table.event_time, _HOUR))
    found = _counted(asked, table if base is None else table.filter(table.event_time >= base.since))
    found = found.filter(found.reached > 1)
    if base is not None:
        found = _against(found, table.filter(base.before(table)))
    rows = found.select(
        "credential",
        bin_start(found.hour, _HOUR).name("hour"),
        *("kind", "actor", "events", "first", "last", "standing", "denied", "reached"),
        *(() if base is None else ("most", "ratio", "baseline_hours")),
    )
    by_ratio = [] if base is None else [rows.ratio.desc(nulls_first=False)]
    ties = [rows.hour.asc(), rows.credential.asc(), rows.kind.asc()]
    ordered = rows.order_by([*by_ratio, rows.reached.desc(), *ties])
    kept = asked if base is None else base.after(asked)
    notes = ("no baseline named",) if base is None else (base.note,)
    keys = ("credential", "hour", "kind")
    return Pivot("credential, hour and kind", kept, ordered, keys, asked=events, notes=notes, drilled=_drilled)


def _counted(events: Events, table: ibis.Table) -> ibis.Table:
    """A row for each credential, hour and kind."""
    import ibis

    places = _places(
        table, actor=table.actor.min(), **gathered(events, table), denied=is_denied(table.error_code).sum()
    )
    told = []
    for kind, column in _COLUMNS.items():
        held = places.filter(places[column].notnull())
        measures = {"actor": held.actor.min(), **regathered(events, held), "denied": held.denied.sum()}
        told.append((kind, held.group_by(_KEYS).aggregate(**measures, reached=held[column].nunique())))
    for kind in _CALLS:
        called = _named(table, kind)
        measures = {
            "actor": called.actor.min(),
            **gathered(events, called),
            "denied": is_denied(called.error_code).sum(),
        }
        told.append((kind, called.group_by(_KEYS).aggregate(**measures, reached=called.named.nunique())))
    return ibis.union(*(counted.mutate(kind=ibis.literal(kind)) for kind, counted in told))


def _places(table: ibis.Table, **measures: Any) -> ibis.Table:
    """A row for each credential, hour, region and account."""
    region = table.event_source.isin(GLOBAL_SERVICES).fill_null(False).ifelse(None, table.aws_region)
    keys = [*_KEYS, region.name("aws_region"), "recipient_account_id"]
    return table.group_by(keys).aggregate(**measures)


def _named(table: ibis.Table, kind: str) -> ibis.Table:
    names, path = _CALLS[kind]
    called = table.filter(table.event_name.isin(names))
    called = called.mutate(named=param(path).value(called))
    return called.filter(called.named.notnull())


def _against(found: ibis.Table, before: ibis.Table) -> ibis.Table:
    """With the principal's baseline beside each row."""
    import ibis

    places = _places(before, calls=before.count())
    told = []
    for kind, column in _COLUMNS.items():
        told.append((kind, places.group_by(_KEYS).aggregate(reached=places[column].nunique())))
    for kind in _CALLS:
        called = _named(before, kind)
        told.append((kind, called.group_by(_KEYS).aggregate(reached=called.named.nunique())))
    counts = ibis.union(*(counted.mutate(kind=ibis.literal(kind)) for kind, counted in told))
    most = counts.group_by(["principal", "kind"]).aggregate(most=counts.reached.max())
    hours = places.group_by("principal").aggregate(baseline_hours=places.hour.nunique())
    held = found.left_join(most, ["principal", "kind"]).drop("principal_right", "kind_right")
    held = held.left_join(hours, "principal").drop("principal_right")
    held = held.mutate(most=held.most.coalesce(0), baseline_hours=held.baseline_hours.coalesce(0))
    ratio = held.reached / ibis.greatest(held.most, 1)
    return held.mutate(ratio=(held.baseline_hours > 0).ifelse(ratio, ibis.null("float64")))


def _drilled(events: Events, row: Mapping[str, Any]) -> Events:
    held = events.where(credential=row["credential"]).between(row["hour"], later(row["hour"], timedelta(seconds=_HOUR)))
    kind = row["kind"]
    if kind in _CALLS:
        names, path = _CALLS[kind]
        return held.named(*names).where(param(path).exists())
    if kind == "regions":
        held = held.where(
            Match("without global services", lambda t: ~t.event_source.isin(GLOBAL_SERVICES).fill_null(False))
        )
    return held.where(Match(f"with {kind}", lambda table: table[_COLUMNS[kind]].notnull()))
