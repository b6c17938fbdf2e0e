"""Fan-out: how many different things one credential reached within an hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_denied
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.baseline import acting, baseline_of
from cttoolkit.pivot.gathered import beginning, gathered, regathered, stretch
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Instant, later

if TYPE_CHECKING:
    import ibis

__all__ = ["fan_out"]

_HOUR = 3600
_GLOBAL = tuple(
    f"{name}.amazonaws.com"
    for name in "iam sts signin cloudfront route53 organizations support health".split()  # as new_regions has them
)
_COLUMNS = {"accounts": "recipient_account_id", "regions": "aws_region"}
_CALLS = {
    "roles": (("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"), "requestParameters.roleArn"),
    "secrets": (("GetSecretValue",), "requestParameters.secretId"),
    "buckets": (("ListObjects", "ListObjectsV2", "ListObjectVersions"), "requestParameters.bucketName"),
}
_KEYS = ("credential", "principal", "hour", "is_after")


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
    table = table.mutate(hour=stretch(table.event_time, _HOUR))
    if base is None:
        table = table.mutate(is_after=table.event_time.notnull())
    else:
        table = table.mutate(is_after=table.event_time >= base.since)
        table = table.filter(base.before(table) | table.is_after)
    places = _places(asked, table)
    counts = _joined(
        [*(_of_column(asked, places, kind) for kind in _COLUMNS), *(_of_calls(asked, table, kind) for kind in _CALLS)]
    )
    found = counts.filter(counts.is_after & (counts.reached > 1))
    if base is not None:
        found = _against(found, counts, places)
    rows = found.select(
        "credential",
        beginning(found.hour, _HOUR, found["first"]).name("hour"),
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


def _places(events: Events, table: ibis.Table) -> ibis.Table:
    """A row for each credential, hour, region and account."""
    region = table.event_source.isin(_GLOBAL).fill_null(False).ifelse(None, table.aws_region)  # noqa: FBT003
    placed = table.mutate(aws_region=region)
    return placed.group_by([*_KEYS, "aws_region", "recipient_account_id"]).aggregate(
        actor=placed.actor.min(), **gathered(events, placed), denied=is_denied(placed.error_code).sum()
    )


def _of_column(events: Events, places: ibis.Table, kind: str) -> ibis.Table:
    held = places.filter(places[_COLUMNS[kind]].notnull())
    counted = held.group_by(_KEYS).aggregate(
        actor=held.actor.min(),
        **regathered(events, held),
        denied=held.denied.sum(),
        reached=held[_COLUMNS[kind]].nunique(),
    )
    return _of(counted, kind)


def _of_calls(events: Events, table: ibis.Table, kind: str) -> ibis.Table:
    names, path = _CALLS[kind]
    called = table.filter(table.event_name.isin(names))
    called = called.mutate(named=param(path).value(called))
    called = called.filter(called.named.notnull())
    counted = called.group_by(_KEYS).aggregate(
        actor=called.actor.min(),
        **gathered(events, called),
        denied=is_denied(called.error_code).sum(),
        reached=called.named.nunique(),
    )
    return _of(counted, kind)


def _of(counted: ibis.Table, kind: str) -> ibis.Table:
    import ibis

    return counted.mutate(kind=ibis.literal(kind))


def _joined(tables: list[ibis.Table]) -> ibis.Table:
    import ibis

    columns = (*_KEYS, "kind", "actor", "events", "first", "last", "standing", "denied", "reached")
    return ibis.union(*(table.select(columns) for table in tables))


def _against(found: ibis.Table, counts: ibis.Table, places: ibis.Table) -> ibis.Table:
    """With the principal's baseline beside each row."""
    import ibis

    before = counts.filter(~counts.is_after)
    most = before.group_by(["principal", "kind"]).aggregate(most=before.reached.max())
    active = places.filter(~places.is_after)
    hours = active.group_by("principal").aggregate(baseline_hours=active.hour.nunique())
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
        held = held.where(Match("without global services", lambda t: ~t.event_source.isin(_GLOBAL).fill_null(False)))  # noqa: FBT003
    return held.where(Match(f"with {kind}", lambda table: table[_COLUMNS[kind]].notnull()))
