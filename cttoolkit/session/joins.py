"""All joins of a case: each use of credentials with what may have issued it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from cttoolkit.session.console import ways_in
from cttoolkit.session.edges import Grade
from cttoolkit.session.equal import by_key, by_login, by_second, onward, prepared
from cttoolkit.session.issues import halves_of, issues_of, sign_ins_of, uses_of, whole
from cttoolkit.session.joined import Joins
from cttoolkit.session.kept import kept
from cttoolkit.session.timed import by_time
from cttoolkit.session.uses import Uses

if TYPE_CHECKING:
    from cttoolkit.events import Events

__all__ = ["joined"]


def joined(events: Events) -> tuple[Uses, Joins]:
    """The uses of credentials and every join that the two sides allow.

    What is equal on both sides is joined in the engine, over tables that are made once. What is left is joined by time.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    with ExitStack() as stack:
        uses = stack.enter_context(kept(prepared(uses_of(events))))
        halves = stack.enter_context(kept(halves_of(issues_of(events))))
        issues = stack.enter_context(kept(whole(halves)))
        sign_ins = stack.enter_context(kept(sign_ins_of(events)))
        keyed = by_key(uses, issues).to_pyarrow()
        found = [keyed]
        is_exact = pc.and_(pc.equal(keyed["grade"], Grade.EXACT.value), pc.invert(keyed["enables"]))
        settled = keyed.filter(is_exact)["child"].unique()
        held = uses.order_by("credential").to_pyarrow()
        found += [one.to_pyarrow() for one in (by_second(uses, issues), by_login(uses, sign_ins), onward(uses))]
        is_open = pc.invert(pc.is_in(held["credential"], value_set=pa.chunked_array([settled]).combine_chunks()))
        left = held.filter(pc.and_(is_open, pc.invert(pc.is_in(held["kind"], pa.array(["key", "fas", "sis"])))))
        left = left.filter(pc.invert(pc.is_in(left["credential"], found[1]["child"].unique())))
        found.append(by_time(left, issues.semi_join(uses, issues.issued_id == uses.principal_id).to_pyarrow()))
        found += ways_in(held.filter(pc.equal(held["kind"], "con")), sign_ins.to_pyarrow())
        shared = halves.filter(halves.half > 0).select("action").distinct()
        cited = halves.semi_join(shared, "action").order_by(["action", "half"]).select("action", "cited").to_pyarrow()
    both: dict[str, list[str]] = {}
    for row in cited.to_pylist():
        both.setdefault(row["action"], []).append(row["cited"])
    return Uses(held), Joins.of(found, held["credential"], [ids for ids in both.values() if ids[0]])
