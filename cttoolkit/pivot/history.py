"""What was done to one resource, and by whom: every event that names it."""

from __future__ import annotations

import json
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.measures import marked, measures
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["history"]

_PLACES = ("resources", "request_parameters", "response_elements")
_ENDS = ('"', "/", ":", "?")
_STARTS = ('"', "/", ":")


def history(events: Events, resource: str) -> Pivot:
    """Who touched a resource, in order of time: a row for each actor and call that names it.

    ``resource`` is a name or an ARN: a bucket, a key id, a role, a secret. An event names it where it stands whole in its resources,
    parameters or answer, or as a part between slashes and colons, so that a bucket's objects and a role's ARN count. Data events are
    there only where a trail selects them. ColumnError where the resource is empty.
    """
    import ibis

    if not resource.strip('"/:? '):
        raise ColumnError("resource", "it has no name", "give its name or its ARN")
    asked = events.where(Match(f"naming {resource}", lambda table: _names(table, resource)))
    table = marked(asked, asked.table)
    rows = table.group_by(["actor", "event_name"]).aggregate(**measures(asked, table, "actor"))
    rows = rows.order_by([ibis.asc("first"), ibis.asc("actor"), ibis.asc("event_name")])
    return Pivot("event_name", asked, rows, ("actor", "event_name"), asked=events)


def _names(table: ibis.Table, resource: str) -> Any:
    """Whether a JSON column holds the text as a whole value, or as a whole part of one."""
    spellings = {json.dumps(resource, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    spellings |= {one.replace("/", "\\/") for one in spellings}
    places = []
    for column in _PLACES:
        for spelling in sorted(spellings):
            # Most events do not hold it at all, and one look tells.
            whole = [table[column].contains(start + spelling + end) for start in _STARTS for end in _ENDS]
            places.append(table[column].contains(spelling) & reduce(or_, whole))
    return reduce(or_, places).fill_null(False)
