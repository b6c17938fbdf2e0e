"""What came late: something that nobody in the account had done before, in evidence that has a before."""

from __future__ import annotations

from cttoolkit.events import Events
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.measures import marked, measures
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import later, written

__all__ = ["arrived"]

_CENSORED = 0.1


def arrived(events: Events, before: Events, *keys: str) -> Pivot:
    """By actor, account and ``keys``, those of the events for whose account and keys ``before`` has no earlier event than late ones.

    Late is after the first tenth of the time of all admitted events: what is first seen in it may be older than the evidence. Calls
    of AWS services are left out of both.
    """
    asked, known = acting(events), acting(before)
    span = events.root.span
    # Without a time there is no event either, and any edge will do.
    edge = later(span.start, span.length * _CENSORED) if span is not None else None
    place = ["recipient_account_id", *keys]
    firsts = known.table.group_by(place).aggregate(begun=known.table.event_time.min())
    late = firsts.filter(firsts.begun > edge) if edge is not None else firsts.limit(0)
    table = marked(asked, asked.table).semi_join(late, place)
    axes = ("actor", *place)
    rows = table.group_by(axes).aggregate(**measures(asked, table, *axes))
    rows = rows.order_by([rows["first"].asc(), *(rows[axis].asc() for axis in axes)])
    told = f"first seen after {written(edge)}, a tenth of the evidence" if edge is not None else "no event has a time"
    return Pivot(" and ".join(axes), asked, rows, axes, asked=events, notes=(told,))
