"""From looking to changing: where the calls of a credential turn from reads to writes.

Source: the change point of a binomial sequence by maximum likelihood, Hinkley and Hinkley 1970 (Biometrika 57).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.gathered import gathered
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.schema import column_names

if TYPE_CHECKING:
    import ibis

__all__ = ["turns"]

_LEAST = 10.83
"""The 0.999 quantile of chi-squared with one degree of freedom."""
_SLID = 30
_USED = ("event_time", "event_name", "read_only")
_READS = (
    r"^(?:Get|List|Describe|Head|Lookup|Search|Query|Scan|Select|Check|Test|Simulate|Validate|View|Filter|Preview|Estimate"
    r"|Decode|Decrypt|Verify|Assume|Download|Export|Batch(?:Get|Check|Describe|List))"
)
"""Names of calls that read, as AWS's own readOnly has it: AssumeRole and Decrypt are among them."""


def turns(events: Events, *, by: str = "credential") -> Pivot:
    """Where each credential turned from reading to writing, the sharpest turn first.

    The calls are cut in two at the second that makes the two shares of writes likeliest. ``ratio`` is twice the logarithm of how
    much likelier two shares are than one; turns below 10.83, which one cut in a thousand reaches by chance, are no rows (the best
    of many cuts reaches it more often). ``share_before`` and ``share_after`` are writes of all calls, and rows are in order of
    their difference, ``shift``. ``turned_at`` is the first write after the reading, ``turned_by`` its name; ``peak`` is the
    highest share among thirty calls in a row.

    Where readOnly is missing, as in records up to version 1.05, the verb of the name decides: ``inferred`` counts these.
    """
    if by not in column_names() or by in _USED:
        raise ColumnError(by, "no such column to tell calls apart by", "look at docs/columns.md")
    told = f"with {by.replace('_', ' ')} and name"
    asked = acting(events).where(Match(told, lambda table: table[by].notnull() & table.event_name.notnull()))
    table = marked(asked, asked.table)
    calls = table.mutate(is_write=_is_write(table))
    cut = _cut(calls, by)
    turned = calls.semi_join(cut, by)
    whole = turned.group_by(by).aggregate(
        **({} if by == "actor" else {"actor": turned.actor.min()}),
        **gathered(asked, turned),
        inferred=turned.read_only.isnull().sum(),
    )
    rows = whole.inner_join(cut, by).inner_join(_first_write(calls, cut, by), by).left_join(_peak(turned, by), by)
    rows = rows.select(
        by,
        *(name for name in whole.columns if name not in (by, "inferred")),
        *("turned_at", "turned_by", "shift", "share_before", "share_after", "ratio"),
        *("reads_before", "writes_before", "reads_after", "writes_after", "peak", "inferred"),
        is_inferred=rows.inferred > 0,
    )
    ordered = rows.order_by([rows["shift"].desc(), rows.ratio.desc(), rows[by].asc()])
    return Pivot(by, asked, ordered, asked=events, notes=(f"likelihood ratio at least {_LEAST}",))


def _is_write(table: ibis.Table) -> Any:
    return (~table.read_only).coalesce(~table.event_name.re_search(_READS))


def _cut(calls: ibis.Table, by: str) -> ibis.Table:
    """The likeliest cut of each credential, the earliest where several are alike.

    Which of the calls of a second came first is not recorded, so no cut goes through one: the range takes all of it.
    """
    import ibis

    so_far = ibis.range_window(group_by=by, order_by="event_time", preceding=None, following=0)
    everything = ibis.window(group_by=by)
    narrow = calls.select(by, "event_time", write=calls.is_write.cast("int64"))
    totals = narrow.group_by(by).aggregate(all_n=narrow.count(), all_k=narrow.write.sum())
    # Where even the cleanest cut would not do, none is looked for.
    totals = totals.filter(-2 * _likely(totals.all_k, totals.all_n) >= _LEAST)
    counted = narrow.semi_join(totals, by)
    counted = counted.mutate(n=counted.count().over(so_far), k=counted.write.sum().over(so_far))
    counted = counted.inner_join(totals, by)
    # Only a cut with a higher share after it can be a turn to writing.
    able = counted.filter((counted.n < counted.all_n) & (counted.k * counted.all_n < counted.all_k * counted.n))
    after_n, after_k = able.all_n - able.n, able.all_k - able.k
    rated = able.mutate(
        ratio=(2 * (_likely(able.k, able.n) + _likely(after_k, after_n) - _likely(able.all_k, able.all_n))).round(6)
    )
    rated = rated.filter(rated.ratio >= _LEAST)
    rated = rated.mutate(best=rated.ratio.max().over(everything))
    best = rated.filter(rated.ratio == rated.best)
    first = ibis.row_number().over(ibis.window(group_by=by, order_by="event_time"))
    cut = best.mutate(place=first)
    cut = cut.filter(cut.place == 0)
    reads_before, reads_after = cut.n - cut.k, (cut.all_n - cut.n) - (cut.all_k - cut.k)
    before, after = cut.k / cut.n, (cut.all_k - cut.k) / (cut.all_n - cut.n)
    return cut.select(
        by,
        "ratio",
        ended=cut.event_time,
        reads_before=reads_before,
        writes_before=cut.k,
        reads_after=reads_after,
        writes_after=cut.all_k - cut.k,
        share_before=before,
        share_after=after,
        shift=after - before,
    )


def _likely(writes: Any, calls: Any) -> Any:
    """The logarithm of the likelihood of that many writes at the share that makes it highest."""
    reads = calls - writes
    return _part(writes, calls) + _part(reads, calls)


def _part(count: Any, of: Any) -> Any:
    import ibis

    return (count > 0).ifelse(count * (ibis.greatest(count, 1) / of).ln(), 0.0)


def _first_write(calls: ibis.Table, cut: ibis.Table, by: str) -> ibis.Table:
    later = calls.filter(calls.is_write).select(by, "event_time", "event_name").inner_join(cut.select(by, "ended"), by)
    later = later.filter(later.event_time > later.ended)
    # Of several writes in that second, the first by name.
    seconds = later.group_by([by, "event_time"]).aggregate(written=later.event_name.min())
    return seconds.group_by(by).aggregate(
        turned_at=seconds.event_time.min(), turned_by=seconds.written.argmin(seconds.event_time)
    )


def _peak(turned: ibis.Table, by: str) -> ibis.Table:
    """The highest share of writes among thirty calls in a row; null where there are fewer. Reads of a second come first."""
    import ibis

    thirty = ibis.window(group_by=by, order_by=["event_time", "is_write"], preceding=_SLID - 1, following=0)
    narrow = turned.select(by, "event_time", "is_write")
    slid = narrow.mutate(writes=narrow.is_write.sum().over(thirty), calls=narrow.count().over(thirty))
    full = slid.filter(slid.calls == _SLID)
    return full.group_by(by).aggregate(peak=full.writes.max() / _SLID)
