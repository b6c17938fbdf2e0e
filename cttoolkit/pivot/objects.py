"""Objects of S3: how many different ones were read, written, copied or deleted, in which bucket, by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_failed
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.measures import brief, marked, worth
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["objects"]

_S3 = ("s3.amazonaws.com", "s3express.amazonaws.com", "s3-outposts.amazonaws.com")
_BUCKET = param("requestParameters.bucketName")
_OBJECT = param("requestParameters.key")
_MANY = "DeleteObjects"
"""Its record has no key of what was deleted."""


def objects(events: Events) -> Pivot:
    """Calls on objects of S3 by bucket, actor and call, those on most objects first.

    ``objects`` counts different keys among the calls that succeeded; ``failed`` counts calls that did not. ``unnamed`` counts calls
    that name no key, as DeleteObjects does, each of which may be of a thousand objects. Only buckets whose data events a trail
    selects have rows; that another bucket has none says nothing of it.
    """
    asked = events.where(Match("on objects of S3", _is_on_object))
    table = marked(asked, asked.table)
    table = table.mutate(bucket=_BUCKET.value(table), object=_OBJECT.value(table), is_done=~is_failed(table))
    keys = ("bucket", "actor", "event_name")
    told = brief(table) | {
        "objects": table.object.nunique(where=table.is_done),
        "unnamed": table.object.isnull().sum(),
        "failed": (~table.is_done).sum(),
        "addresses": table.source_ip_address.nunique(),
        "standing": worth(asked, table),
    }
    rows = table.group_by(keys).aggregate(**told)
    ordered = rows.order_by([rows.objects.desc(), rows.events.desc(), *(rows[key].asc() for key in keys)])
    return Pivot("bucket, actor and call", asked, ordered, keys, {"bucket": _BUCKET.value}, events)


def _is_on_object(table: ibis.Table) -> Any:
    names_one = table.request_parameters.contains('"key"') & _OBJECT.value(table).notnull()
    return table.event_source.isin(_S3) & (names_one.fill_null(False) | (table.event_name == _MANY))
