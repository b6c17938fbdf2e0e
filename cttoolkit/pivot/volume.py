"""Volume out: how many bytes left a bucket, to whom and to which address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.baseline import acting, baseline_of
from cttoolkit.pivot.bins import bin_number
from cttoolkit.pivot.gathered import gathered, regathered
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Instant

if TYPE_CHECKING:
    import ibis

__all__ = ["volume_out"]

_DAY = 24 * 3600
_S3 = ("s3.amazonaws.com", "s3express.amazonaws.com", "s3-outposts.amazonaws.com")
_FIELD = "bytesTransferredOut"
_NUMBER = r"^[0-9]{1,16}(\.[0-9]{1,15})?([eE]\+?[0-9]{1,2})?$"
_MOST = 1e15
"""More than this, a petabyte, no request of S3 ever moved."""
_KEYS = ("principal", "bucket", "source_ip_address")
_BUCKET = param("requestParameters.bucketName")
_BYTES = param(f"additionalEventData.{_FIELD}")


def volume_out(events: Events, *, since: Instant | None = None) -> Pivot:
    """Bytes that S3 sent, by principal, bucket and address, those farthest above the baseline first.

    ``bytes`` adds up additionalEventData.bytesTransferredOut, as CloudTrail records it for data events of S3 and not for others:
    without data events there are no rows. ``busiest`` is the most in one day, UTC. With ``since``, ``most`` is the most in one
    day of the baseline by the same principal from the same bucket to any address, over ``baseline_days`` days on which there was
    any, and ``beyond`` is ``busiest`` less ``most``. Without, rows are in order of ``bytes``.

    ``unreadable`` counts events whose number cannot be read, or is more than a petabyte; their bytes are in no sum.
    """
    base = baseline_of(events, since) if since is not None else None
    asked = acting(events).where(Match("with bytes sent by S3", _is_sent))
    table = marked(asked, asked.table)
    table = table.mutate(bucket=_BUCKET.value(table), sent=_BYTES.value(table), day=bin_number(table.event_time, _DAY))
    table = table.mutate(bytes=_read(table.sent))
    is_after = table.event_time.notnull() if base is None else table.event_time >= base.since
    table = table.mutate(is_after=is_after)
    if base is not None:
        table = table.filter(base.before(table) | table.is_after)
    days = table.group_by([*_KEYS, "day", "is_after"]).aggregate(
        actor=table.actor.min(),
        **gathered(asked, table),
        bytes=table.bytes.sum().coalesce(0.0),
        unreadable=table.bytes.isnull().sum(),
    )
    after = days.filter(days.is_after)
    rows = after.group_by(_KEYS).aggregate(
        actor=after.actor.min(),
        **regathered(asked, after),
        bytes=after.bytes.sum(),
        busiest=after.bytes.max(),
        unreadable=after.unreadable.sum(),
    )
    if base is not None:
        rows = _against(rows, days)
    ranked = ["bytes"] if base is None else ["beyond", "bytes"]
    ordered = rows.order_by([*(rows[name].desc() for name in ranked), *(rows[name].asc() for name in _KEYS)])
    kept = asked if base is None else base.after(asked)
    notes = ("no baseline named",) if base is None else (base.note,)
    return Pivot("principal, bucket and address", kept, ordered, _KEYS, {"bucket": _BUCKET.value}, events, notes)


def _against(rows: ibis.Table, days: ibis.Table) -> ibis.Table:
    before = days.filter(~days.is_after)
    # A null bucket is one of the rows, and joins with nothing.
    before = before.group_by(["principal", "bucket", "day"]).aggregate(bytes=before.bytes.sum())
    known = before.group_by(["principal", "bucket"]).aggregate(most=before.bytes.max(), baseline_days=before.count())
    held = rows.left_join(known, ["principal", "bucket"]).drop("principal_right", "bucket_right")
    held = held.mutate(most=held.most.coalesce(0.0), baseline_days=held.baseline_days.coalesce(0))
    return held.mutate(beyond=held.busiest - held.most)


def _is_sent(table: ibis.Table) -> Any:
    return table.event_source.isin(_S3) & table.additional_event_data.contains(f'"{_FIELD}"')


def _read(text: Any) -> Any:
    """The number that a text is, in whole bytes, so that the order in which they are added does not matter."""
    number = text.re_search(_NUMBER).ifelse(text, None).try_cast("float64")
    return (number <= _MOST).ifelse(number, None).floor().cast("float64")
