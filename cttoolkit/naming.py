"""Principals that a record shows by their id alone, named from elsewhere in the evidence.

The half of a call that the called account sees names its caller by id, and so does what is left of a deleted user or role (AWS IAM User
Guide, "IAM identifiers": AIDA is a user, AROA a role). Another record may say whose id that is: the principal's own calls, or the
answer to the call that made it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.identity import Rung
from cttoolkit.param import param

if TYPE_CHECKING:
    import ibis

__all__ = ["named_elsewhere"]

_MOST = 500
"""Ids that are named at most, the most frequent first: every one of them is a case in every query."""
_BY_ID = (Rung.ACCOUNT.value, Rung.USER.value, Rung.UNNAMED.value)
_ID = r"^A(?:IDA|ROA)[A-Z0-9]+(?::.*)?$"
_ANSWERS = {
    "CreateUser": ("responseElements.user.userId", "responseElements.user.arn"),
    "CreateRole": ("responseElements.role.roleId", "responseElements.role.arn"),
    "AssumeRole": ("responseElements.assumedRoleUser.assumedRoleId", "responseElements.assumedRoleUser.arn"),
    "AssumeRoleWithSAML": ("responseElements.assumedRoleUser.assumedRoleId", "responseElements.assumedRoleUser.arn"),
    "AssumeRoleWithWebIdentity": (
        "responseElements.assumedRoleUser.assumedRoleId",
        "responseElements.assumedRoleUser.arn",
    ),
}


def named_elsewhere(table: ibis.Table, trusted: str, actors: frozenset[tuple[str, str]] | None = None) -> ibis.Table:
    """The table of events, the actor of which is a name wherever the evidence has just one for its id.

    Names come from log files of the status ``trusted`` alone: a planted file would name whom it likes. The principal stays as the
    record has it, and ``actor_rung`` says where the name came from. ``actors`` are all that the table may have, with their
    rungs, where that is known: where none of them goes by an id, nothing is asked.
    """
    if actors is not None and not any(rung in _BY_ID and not actor.startswith("arn:") for actor, rung in actors):
        return table
    unnamed = _unnamed(table)
    names = _names(table.filter(table.status == trusted), set(unnamed.values())) if unnamed else {}
    found = {actor: name for actor, known in unnamed.items() if (name := names.get(known)) is not None}
    if not found:
        return table
    rung = table.actor.isin(sorted(found)).ifelse(Rung.NAMED_ELSEWHERE.value, table.actor_rung)
    return table.mutate(actor=table.actor.substitute(found), actor_rung=rung)


def _unnamed(table: ibis.Table) -> dict[str, str]:
    """Actors that are told by an id, with that id."""
    bare = table.filter(
        table.actor_rung.isin(_BY_ID)
        & ~table.actor.startswith("arn:")
        & table.user_identity_principal_id.re_search(_ID)
        # A record may write one id where another's name is made from, and would have that one named after itself.
        & table.actor.endswith(table.user_identity_principal_id)
    )
    counted = bare.group_by(["actor", "user_identity_principal_id"]).aggregate(n=bare.count())
    order = [counted.n.desc(), counted.actor.asc(), counted.user_identity_principal_id.asc()]
    rows = counted.order_by(order).limit(_MOST).to_pyarrow().to_pylist()
    return {row["actor"]: row["user_identity_principal_id"] for row in rows}


def _names(table: ibis.Table, ids: set[str]) -> dict[str, str]:
    """What each id goes by, where all that name it agree; a session that nobody names goes by its role."""
    wanted = sorted(ids | {one.partition(":")[0] for one in ids})
    told: dict[str, set[str]] = {}
    for rows in (_callers(table, wanted), _roles(table, wanted), _answers(table, wanted)):
        for row in rows.distinct().limit(_MOST * 20).to_pyarrow().to_pylist():
            told.setdefault(row["id"], set()).add(row["name"])
    found: dict[str, str] = {}
    for one in sorted(ids):
        names = told.get(one) or told.get(one.partition(":")[0]) or set()
        if len(names) == 1:
            found[one] = min(names)
    return found


def _callers(table: ibis.Table, wanted: list[str]) -> ibis.Table:
    own = table.filter(table.user_identity_principal_id.isin(wanted) & table.user_identity_arn.startswith("arn:"))
    return own.select(id=own.user_identity_principal_id, name=own.actor)


def _roles(table: ibis.Table, wanted: list[str]) -> ibis.Table:
    """Roles by the part of a session's id that is theirs."""
    role_id = table.user_identity_principal_id.split(":")[0]
    own = table.filter(table.role.notnull() & role_id.isin(wanted))
    return own.select(id=own.user_identity_principal_id.split(":")[0], name=own.role)


def _answers(table: ibis.Table, wanted: list[str]) -> ibis.Table:
    import ibis

    made = table.filter(table.event_name.isin(_ANSWERS) & table.response_elements.notnull())
    its_id, its_name = (
        ibis.cases(*((made.event_name == call, _at(made, paths[place])) for call, paths in _ANSWERS.items()))
        for place in (0, 1)
    )
    rows = made.select(id=its_id, name=its_name)
    return rows.filter(rows.id.isin(wanted) & rows.name.startswith("arn:"))


def _at(table: ibis.Table, path: str) -> Any:
    return param(path).value(table)
