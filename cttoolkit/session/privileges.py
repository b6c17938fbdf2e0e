"""Permissions given, joined to who then did what had been refused to them before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from cttoolkit.session.acts import POLICIES
from cttoolkit.session.candidates import candidates
from cttoolkit.session.columns import Column, Rows, compute
from cttoolkit.session.edges import Grade
from cttoolkit.session.issues import acts_of
from cttoolkit.session.timeline import BEFORE_ALL, Ints, Timeline, micros, texts

if TYPE_CHECKING:
    import ibis

    from cttoolkit.events import Events

__all__ = ["privileged"]

_MOST_NAMES, _MOST = 1_000, 20


def privileged(events: Events, uses: Rows, acts: Rows) -> list[Rows]:
    """A change of permissions of a user or role: likely where a refused call then succeeded, else possible for what came after."""
    import pyarrow as pa

    pc = compute()
    acts = acts.filter(pc.is_in(acts["call"], pa.array(POLICIES)))
    is_version = pc.equal(acts["call"], "CreatePolicyVersion")
    is_idle = pc.and_(is_version, pc.fill_null(pc.not_equal(acts["is_default"], "true"), True))  # noqa: FBT003
    acts = acts.filter(pc.invert(is_idle))
    rows, holders = _holders(acts.to_pylist())
    if not len(rows):
        return []
    acts = acts.take(rows)
    given = Timeline(holders, micros(acts["at"]), acts["cited"])
    turned = _turned(events, uses, pc.unique(holders))
    likely = _likely(acts, given, turned)
    first = micros(uses["first"])
    found = given.latest(_holder(uses), np.full(len(first), BEFORE_ALL), first, _MOST)
    note = texts([f"the latest {_MOST} of {of} changes" if of > _MOST else "" for of in found.of.tolist()])
    after = acts.take(found.row)
    child = uses["credential"].take(found.asking)
    return [*likely, candidates(after, child, "permissions given", Grade.POSSIBLE, note, enables=True)]


def _likely(acts: Rows, given: Timeline, turned: Rows) -> list[Rows]:
    """A call was refused before the change, and succeeded after it for the first time."""
    pc = compute()
    refused, worked = micros(turned["refused_at"]), micros(turned["at"])
    found = given.latest(turned["holder"], refused, worked, 1)
    change, call = acts.take(found.row), turned.take(found.asking)
    child = call["by"]
    note = pc.binary_join_element_wise("refused before: ", call["call"], "")
    parent = change["by"]
    refusal = call.set_column(call.column_names.index("at"), "at", call["refused_at"])
    refusal = refusal.set_column(refusal.column_names.index("cited"), "cited", call["refused"])
    refusal = refusal.set_column(refusal.column_names.index("sound"), "sound", call["refused_sound"])
    return [
        candidates(one, child, "permissions given", Grade.LIKELY, note, parent=parent, enables=True)
        for one in (change, refusal, call)
    ]


def _turned(events: Events, uses: Rows, holders: Column) -> Rows:
    """Calls of these holders that were refused and then succeeded: the first success, and the last refusal before it."""
    import ibis
    import pyarrow as pa

    pc = compute()
    of = pa.table({"by": uses["credential"], "holder": _holder(uses)})
    names = ibis.memtable(of.filter(pc.is_in(of["holder"], value_set=holders)))
    same = ["holder", "call", "source"]
    refused = _of(events.denied(), names)
    calls = refused.select("call").distinct().limit(_MOST_NAMES).to_pyarrow()["call"].to_pylist()
    worked = _of(events.succeeded().named(*sorted(calls)), names).semi_join(refused, same)
    marked = refused.mutate(is_refused=ibis.literal(1)).union(worked.mutate(is_refused=ibis.literal(0)))
    # Of one second, the refusal comes first.
    order = ibis.window(group_by=same, order_by=["at", ibis.desc("is_refused"), "cited"])
    before = marked.mutate(
        was_refused=marked.is_refused.lag().over(order),
        refused=marked.cited.lag().over(order),
        refused_at=marked["at"].lag().over(order),
        refused_sound=marked.sound.lag().over(order),
    )
    return (
        before.filter((before.is_refused == 0) & (before.was_refused == 1))
        .drop("is_refused", "was_refused")
        .to_pyarrow()
    )


def _of(events: Events, names: ibis.Table) -> ibis.Table:
    table = acts_of(events).select("call", "source", "at", "cited", "by", "sound")
    return table.inner_join(names, "by").select("holder", "call", "source", "at", "cited", "by", "sound")


def _holders(acts: Iterable[dict[str, Any]]) -> tuple[Ints, Column]:
    """Rows of acts, and by account and name whose permissions each changed: those that it names, or that hold the policy.

    Who holds a policy is known from where it was attached before; and who changes a policy may hold it.
    """
    rows: list[int] = []
    holders: list[str | None] = []
    attached: dict[str, dict[str, None]] = {}
    ordered = sorted(enumerate(acts), key=lambda one: (one[1]["at"], one[0]))
    for row, act in ordered:
        name = act["user_name"] or act["role_name"]
        if name:
            holder = f"{act['received'] or act['by_account']}/{name.lower()}"
            held = attached.setdefault(act["policy"] or "", {})
            if act["policy"] and len(held) < _MOST_NAMES:
                held[holder] = None
            found = [holder]
        else:
            own = act["by_role"] or act["by_arn"] or ""
            changer = [f"{own.split(':')[4]}/{own.rpartition('/')[2].lower()}"] if own.count(":") >= 5 else []
            found = list(dict.fromkeys([*attached.get(act["policy"] or "", {}), *changer]))
        rows += [row] * len(found)
        holders += found
    return np.array(rows, np.int64), texts(holders)


def _holder(uses: Rows) -> Column:
    pc = compute()
    arns = pc.coalesce(uses["role"], uses["arn"])
    parts = pc.extract_regex(arns, r"^(?:[^:]*:){4}(?P<account>[^:]*):(?P<rest>(?s:.*))$")
    account, rest = (pc.struct_field(parts, name) for name in ("account", "rest"))
    name = pc.utf8_lower(pc.replace_substring_regex(rest, r"(?s)^.*/", ""))
    return pc.binary_join_element_wise(account, name, "/")
