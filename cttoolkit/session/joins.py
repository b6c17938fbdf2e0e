"""All joins of a case: each use of credentials with what may have issued it, and with what opened the way."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from cttoolkit.kept import kept
from cttoolkit.session.acts import ANYWHERE, TRUST, acts, plain
from cttoolkit.session.alike import same_hands
from cttoolkit.session.candidates import schema
from cttoolkit.session.columns import Column, Rows, compute
from cttoolkit.session.console import ways_in
from cttoolkit.session.edges import Grade
from cttoolkit.session.equal import by_key, by_login, by_second, onward, prepared
from cttoolkit.session.issues import halves_of, issues_of, persons_of, sign_ins_of, uses_of, whole
from cttoolkit.session.joined import Joins
from cttoolkit.session.privileges import privileged
from cttoolkit.session.sign_in import anywhere, identity_center, logged_in, shells
from cttoolkit.session.timed import by_time
from cttoolkit.session.trust import trusted
from cttoolkit.session.uses import Uses
from cttoolkit.session.workloads import onto_hosts, passed_roles

if TYPE_CHECKING:
    import ibis

    from cttoolkit.events import Events

__all__ = ["joined"]


def joined(events: Events, *, with_hands: bool) -> tuple[Uses, Joins, Mapping[str, tuple[str, ...]], str]:
    """The uses of credentials, every join that the two sides allow, the persons of credentials, and what was left out.

    What is equal on both sides is joined in the engine, over tables that are made once. What is left is joined by time.
    """
    import pyarrow as pa

    pc = compute()
    persons = _persons(events)
    with ExitStack() as stack:
        uses = stack.enter_context(kept(prepared(uses_of(events))))
        asked = stack.enter_context(kept(issues_of(events)))
        halves = halves_of(asked)
        cited = _halves(halves)
        # Nearly everywhere each action was seen once, and then there is nothing to be put together.
        issues = stack.enter_context(kept(whole(asked, halves if cited else None)))
        held = uses.drop("key").to_pyarrow()
        held = held.take(pc.sort_indices(held["credential"]))
        issued = by_key(uses, issues).to_pyarrow().cast(schema())
        is_exact = pc.and_(pc.equal(issued["grade"], Grade.EXACT.value), pc.invert(issued["enables"]))
        settled = issued.filter(is_exact)["child"]
        left = _without(held.filter(pc.invert(_is(held["kind"], "key", "fas", "sis"))), settled)
        timed = schema().empty_table()
        if len(left):
            second = by_second(uses, issues).to_pyarrow()
            left = _without(left, second["child"])
            theirs = issues.semi_join(uses, issues.issued_id == uses.principal_id).to_pyarrow()
            timed = pa.concat_tables([second.cast(schema()), by_time(left, theirs)])
        found = [issued, timed]
        if _any(held["kind"], "fas"):
            found.append(onward(uses).to_pyarrow())
        if _any(held["kind"], "con"):
            sign_ins = stack.enter_context(kept(sign_ins_of(events)))
            found.append(by_login(uses, sign_ins).to_pyarrow())
            found += ways_in(held.filter(_is(held["kind"], "con")), sign_ins.to_pyarrow())
        opened = plain(acts(events).to_pyarrow())
        if len(opened):
            causes = pa.concat_tables([issued.filter(pc.invert(issued["enables"])), timed])
            found, more = _by_service(held, opened, causes, found)
            found += [*more, *_opened(events, held, opened, causes, persons)]
            if _any(opened["call"], *TRUST):
                assumed = issues.filter(issues.role_arn.notnull() & issues.cited.notnull()).to_pyarrow()
                found += trusted(opened, assumed, causes)
    told = ""
    if with_hands:
        pairs, told = same_hands(events)
        found.append(pairs)
    return Uses(held), Joins.of(found, held["credential"], [ids for ids in cited if ids[0]]), persons, told


def _by_service(held: Rows, opened: Rows, causes: Rows, found: list[Rows]) -> tuple[list[Rows], list[Rows]]:
    """Joins by certificates, and what was found without those that they explain better.

    What the service of Roles Anywhere asked for, it asked for somebody: it is no origin then.
    """
    pc = compute()
    certified = anywhere(held, opened, causes)
    if not len(certified):
        return found, []
    is_theirs = pc.is_in(found[0]["child"], value_set=certified["child"].combine_chunks())
    is_service = pc.equal(found[0]["parent"], f"svc:{ANYWHERE}")
    return [found[0].filter(pc.invert(pc.and_(is_theirs, is_service))), *found[1:]], [certified]


def _opened(
    events: Events,
    held: Rows,
    opened: Rows,
    causes: Rows,
    persons: Mapping[str, tuple[str, ...]],
) -> list[Rows]:
    """The joins by what opened a way."""
    return [
        shells(held, opened),
        onto_hosts(held, opened),
        *passed_roles(held, opened, causes),
        *logged_in(held, opened),
        *identity_center(held, opened, persons),
        *privileged(events, held, opened),
    ]


def _halves(halves: ibis.Table) -> list[list[str]]:
    """Events of actions that both accounts saw: the ids of both, the one that stands for them first."""
    cited = halves.select("shared", "half", "cited").order_by(["shared", "half"]).to_pyarrow()
    found: dict[str, list[str]] = {}
    rows: list[dict[str, Any]] = cited.to_pylist()
    for row in rows:
        found.setdefault(row["shared"], []).append(row["cited"])
    return list(found.values())


def _persons(events: Events) -> dict[str, tuple[str, ...]]:
    """On whose behalf Identity Center says that credentials were used."""
    found: dict[str, set[str]] = {}
    rows: list[dict[str, Any]] = persons_of(events).to_pyarrow().to_pylist()
    for row in rows:
        found.setdefault(row["credential"], set()).add(f"{row['store'] or '?'}#{row['person']}")
    return {credential: tuple(sorted(names)) for credential, names in sorted(found.items())}


def _is(values: Column, *wanted: str) -> Any:
    import pyarrow as pa

    pc = compute()
    return pc.is_in(values, value_set=pa.array(wanted))


def _any(values: Column, *wanted: str) -> bool:
    pc = compute()
    return bool(pc.any(_is(values, *wanted)).as_py())


def _without(uses: Rows, credentials: Column) -> Rows:
    pc = compute()
    return uses.filter(pc.invert(pc.is_in(uses["credential"], value_set=credentials.combine_chunks())))
