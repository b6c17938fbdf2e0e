"""Who let whom assume a role: changes of trust joined to the sessions that the trust then in force allowed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import numpy as np

from cttoolkit.session.acts import TRUST
from cttoolkit.session.candidates import candidates
from cttoolkit.session.columns import Rows, compute
from cttoolkit.session.edges import Grade
from cttoolkit.session.timeline import BEFORE_ALL, Timeline, micros, texts

__all__ = ["named_in", "trusted"]

_MOST_NAMES = 10_000


def trusted(acts: Rows, issues: Rows, issued: Rows) -> list[Rows]:
    """The latest change of a role's trust before an assumption, where it names who then assumed the role.

    ``issues`` are the assumptions, ``issued`` what they were joined to.
    """
    import pyarrow as pa

    pc = compute()
    acts = acts.filter(pc.is_in(acts["call"], pa.array(TRUST)))
    at = pc.index_in(issued["cited"], value_set=issues["cited"].combine_chunks())
    issued, issues = issued.filter(at.is_valid()), issues.take(at.drop_null())
    until = micros(issues["at"])
    found = Timeline(texts([_role_of(row) for row in acts.to_pylist()]), micros(acts["at"]), acts["cited"]).latest(
        issues["role_key"], np.full(len(until), BEFORE_ALL), until, 1
    )
    names = [frozenset(named_in(text)) for text in acts["trust"].to_pylist()]
    callers = issues.select(["by_principal", "by_arn", "by_role", "by_account", "by_id"]).take(found.asking).to_pylist()
    rows = zip(callers, found.row.tolist(), strict=True)
    kept = found.where(np.array([not names[row].isdisjoint(_tokens(caller)) for caller, row in rows], bool))
    given, child = acts.take(kept.row), issued["child"].take(kept.asking)
    notes = ["" if _is_named(names[row]) else "it trusts everybody" for row in kept.row.tolist()]
    note = texts(notes)
    parent = given["by"]
    assumed = issues.take(kept.asking)
    return [
        candidates(given, child, "trust given", Grade.LIKELY, note, enables=True),
        candidates(assumed, child, "trust given", Grade.LIKELY, note, parent=parent, enables=True),
    ]


def _is_named(names: frozenset[str]) -> bool:
    return "*" not in names


def _role_of(act: dict[str, Any]) -> str | None:
    """The role whose trust was changed, by account and name."""
    arn = act["role_arn"] or ""
    name = act["role_name"] or arn.rpartition("/")[2]
    account = arn.split(":")[4] if arn.count(":") >= 5 else act["received"] or act["by_account"]
    return f"{account}/{name.lower()}" if name and account else None


def _tokens(caller: dict[str, Any]) -> Iterator[str]:
    """All that a policy may call somebody."""
    yield "*"
    principal = caller["by_principal"] or ""
    yield principal.removeprefix("svc:")
    for name in ("by_arn", "by_role"):
        if caller[name]:
            yield caller[name].lower()
    own = (caller["by_id"] or "").partition(":")[0]
    if own:
        yield own.lower()
    if caller["by_account"]:
        yield caller["by_account"]


def named_in(document: str | None) -> Iterator[str]:
    """Principals that the statements of a policy allow, in lower case: ARNs, ids, services, accounts by number, ``*``.

    The policy is JSON, or JSON encoded for a URL; what is neither names nobody.
    """
    policy = _read(document or "")
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    left = _MOST_NAMES
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        held = principal.values() if isinstance(principal, dict) else [principal]
        for names in held:
            for name in names if isinstance(names, list) else [names]:
                if isinstance(name, str) and left > 0:
                    left -= 1
                    yield _plain(name)


def _plain(name: str) -> str:
    parts = name.split(":")
    # An account is named by its number, or by its root, which is the same.
    return parts[4] if len(parts) == 6 and parts[2] == "iam" and parts[5] == "root" else name.lower()


def _read(text: str) -> Any:
    for form in (text, unquote(text)):
        try:
            found = json.loads(form)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, str):
            # JSON within a string.
            text = found
            try:
                found = json.loads(found)
            except (ValueError, RecursionError):
                continue
        return found
    return None
