"""Sessions that somebody signed in for: through Identity Center, ``aws login``, CloudShell, and Roles Anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from cttoolkit.session.acts import ANYWHERE, CLOUDSHELL, GRANTS, TOKENS, WORKFLOW
from cttoolkit.session.candidates import candidates
from cttoolkit.session.columns import Column, Rows, compute
from cttoolkit.session.edges import LONGEST, SLACK, Grade
from cttoolkit.session.timeline import BEFORE_ALL, Found, Ints, Timeline, micros, texts

__all__ = ["anywhere", "identity_center", "logged_in", "shells"]

_LONGEST, _SLACK, _SOON = (int(span.total_seconds() * 1e6) for span in (LONGEST, SLACK, timedelta(minutes=15)))
_MOST = 20


def identity_center(uses: Rows, acts: Rows, persons: Mapping[str, Sequence[str]]) -> list[Rows]:
    """A grant of Identity Center and the session that it opened: on behalf of the same user, or named after them and just then.

    The grant hides the key that it gave out, so nothing exact can be said.
    """
    pc = compute()
    uses = uses.filter(pc.match_substring(uses["role"], "/AWSReservedSSO_"))
    grants = acts.filter(_called(acts, GRANTS))
    first = micros(uses["first"])
    held = [[name.rpartition("#")[2] for name in persons.get(one, ())] for one in uses["credential"].to_pylist()]
    # Where a session was used on behalf of several users, none of them is its own.
    user = texts([names[0] if len(names) == 1 else None for names in held])
    strong = Timeline(grants["on_behalf_of"], micros(grants["at"]), grants["cited"]).latest(
        user, first - _LONGEST, first + _SLACK, _MOST
    )
    strong = strong.where(_agrees(uses, grants, strong))
    strong = _last_of(strong)
    name = texts([(one or "").partition(":")[2].lower() or None for one in uses["principal_id"].to_pylist()])
    named = texts([(one or "").lower() or None for one in grants["named"].to_pylist()])
    opened = _opened(uses)
    likely = Timeline(named, micros(grants["at"]), grants["cited"]).latest(
        name, opened - _SLACK, opened + _SLACK, _MOST
    )
    likely = _last_of(likely.where(_agrees(uses, grants, likely)))
    found = []
    for pairs, grade in ((strong, Grade.STRONG), (likely, Grade.LIKELY)):
        given, child = grants.take(pairs.row), uses["credential"].take(pairs.asking)
        parent = given["by_principal"]
        found.append(candidates(given, child, "Identity Center", grade, parent=parent))
        found += _workflow(acts, given, child, grade)
    return found


def _workflow(acts: Rows, given: Rows, child: Column, grade: Grade) -> list[Rows]:
    """The sign-in that came before a grant, with all events of its workflow."""
    pc = compute()
    steps = acts.filter(_called(acts, WORKFLOW))
    at = micros(given["at"])
    last = Timeline(steps["on_behalf_of"], micros(steps["at"]), steps["cited"]).latest(
        given["on_behalf_of"], at - _LONGEST, at, 1
    )
    key = steps["workflow"].take(last.row)
    until = at[last.asking]
    whole = Timeline(steps["workflow"], micros(steps["at"]), steps["cited"]).latest(
        key, np.full(len(until), BEFORE_ALL), until, _MOST
    )
    found = []
    for asking, rows in ((last.asking, last.row), (last.asking[whole.asking], whole.row)):
        done = steps.take(rows)
        parent = given["by_principal"].take(asking)
        means = pc.fill_null(done["means"], "")
        note = pc.if_else(pc.equal(means, ""), "", pc.binary_join_element_wise("signed in by ", means, ""))
        found.append(candidates(done, child.take(asking), "Identity Center", grade, note, parent=parent))
    return found


def _agrees(uses: Rows, grants: Rows, found: Found) -> Ints:
    """Whether the account and the permission set of a grant, where it tells them, are those of the session."""
    roles, accounts = uses["role"].take(found.asking).to_pylist(), uses["account"].take(found.asking).to_pylist()
    sets, of = grants["permission_set"].take(found.row).to_pylist(), grants["account"].take(found.row).to_pylist()
    told = zip(roles, accounts, sets, of, strict=True)
    return np.array(
        [
            (not given or f"/AWSReservedSSO_{given}_" in (role or "")) and (not where or where == account)
            for role, account, given, where in told
        ],
        bool,
    )


def logged_in(uses: Rows, acts: Rows) -> list[Rows]:
    """``aws login``: a session of the console allows a command line to sign in, which takes a token, and then calls.

    The session is the token's by the sign-in session that both name, or by its holder and the second of its issue.
    """
    import pyarrow as pa

    pc = compute()
    uses = uses.filter(pc.is_in(uses["kind"], pa.array(["sis", "tmp"])))
    allowed = acts.filter(pc.equal(acts["call"], TOKENS[0]))
    tokens = acts.filter(pc.equal(acts["call"], TOKENS[1]))
    first = micros(uses["first"])
    always = np.full(len(first), BEFORE_ALL)
    opened = texts([f"sis:{one}" if one else None for one in tokens["opened"].to_pylist()])
    by_name = Timeline(opened, micros(tokens["at"]), tokens["cited"]).latest(
        uses["credential"], always, first + _SLACK, 1
    )
    by_hand = Timeline(tokens["by_id"], micros(tokens["at"]), tokens["cited"]).latest(
        uses["principal_id"], first - _LONGEST, first + _SLACK, _MOST
    )
    seconds, made = uses["second"].take(by_hand.asking).to_pylist(), tokens.take(by_hand.row)
    of = zip(seconds, made["at_second"].to_pylist(), made["created_at"].to_pylist(), strict=True)
    is_same = [bool(use) and use in (at, (born or "").replace("T", " ").rstrip("Z")) for use, at, born in of]
    by_hand = _last_of(by_hand.where(np.array(is_same, bool)))
    found = []
    for pairs in (by_name, by_hand):
        token, child = tokens.take(pairs.row), uses["credential"].take(pairs.asking)
        at = micros(token["at"])
        before = Timeline(allowed["by_id"], micros(allowed["at"]), allowed["cited"]).latest(
            token["by_id"], at - _SOON, at, 1
        )
        given = allowed.take(before.row)
        parents, notes = token["by"].to_pylist(), [_cross(one) for one in token["client"].to_pylist()]
        for row, by, client in zip(
            before.asking.tolist(), given["by"].to_pylist(), given["client"].to_pylist(), strict=True
        ):
            parents[row], notes[row] = by, notes[row] or _cross(client)
        found.append(candidates(token, child, "aws login", Grade.STRONG, texts(notes), parent=texts(parents)))
        rows = before.asking
        note = texts([notes[row] for row in rows.tolist()])
        found.append(candidates(given, child.take(rows), "aws login", Grade.STRONG, note))
    return found


def _cross(client: str | None) -> str:
    return "cross-device: the code may have been given to somebody else" if "cross-device" in (client or "") else ""


def shells(uses: Rows, acts: Rows) -> Rows:
    """CloudShell opened from the console, and calls of the same holder whose agent says that they come from there."""
    pc = compute()
    acts = acts.filter(pc.equal(acts["source"], CLOUDSHELL))
    uses = uses.filter(uses["in_shell"])
    first = micros(uses["first"])
    found = Timeline(acts["by_id"], micros(acts["at"]), acts["cited"]).latest(
        uses["principal_id"], first - _LONGEST, first + _SLACK, 1
    )
    return candidates(acts.take(found.row), uses["credential"].take(found.asking), "CloudShell", Grade.LIKELY)


def anywhere(uses: Rows, acts: Rows, issued: Rows) -> Rows:
    """Roles Anywhere: a certificate asked for a session, which its service then assumed for it.

    Joined by the key in the answer; or by the role and the moment, where the issue was the service's. ``issued`` has those issues.
    """
    import pyarrow as pa

    pc = compute()
    acts = acts.filter(pc.equal(acts["source"], ANYWHERE))
    theirs = issued.filter(pc.equal(issued["parent"], f"svc:{ANYWHERE}"))
    first, opened = micros(uses["first"]), _opened(uses)
    at, always = micros(acts["at"]), np.full(len(first), BEFORE_ALL)
    key = texts([f"tmp:{one}" if one else None for one in acts["anywhere_key"].to_pylist()])
    by_key = Timeline(key, at, acts["cited"]).latest(uses["credential"], always, first + _SLACK, 1)
    is_theirs = pc.is_in(uses["credential"], value_set=theirs["child"].combine_chunks())
    role = pc.if_else(is_theirs, uses["role"], pa.scalar(None, pa.string()))
    by_role = _last_of(
        Timeline(acts["passed"], at, acts["cited"]).latest(role, opened - _SLACK, opened + _SLACK, _MOST)
    )
    alone = ~np.isin(by_role.asking, by_key.asking)
    asking = np.concatenate([by_key.asking, by_role.asking[alone]])
    rows = np.concatenate([by_key.row, by_role.row[alone]])
    done, child = acts.take(rows), uses["credential"].take(asking)
    subjects = zip(done["certificate"].to_pylist(), done["by"].to_pylist(), strict=True)
    parent = texts([f"cert:{subject}" if subject else by for subject, by in subjects])
    found = candidates(done, child, "Roles Anywhere", Grade.STRONG, parent=parent)
    # The service's own call is cited as well.
    place = pc.index_in(child, value_set=theirs["child"].combine_chunks())
    call = theirs.take(place.drop_null())
    has = place.is_valid()
    also = call.set_column(call.column_names.index("parent"), "parent", parent.filter(has))
    for name, value in (("kind", "Roles Anywhere"), ("note", "")):
        also = also.set_column(also.column_names.index(name), name, pa.repeat(pa.scalar(value), len(also)))
    grade = pa.repeat(pa.scalar(Grade.STRONG.value, pa.int8()), len(also))
    also = also.set_column(also.column_names.index("grade"), "grade", grade)
    return pa.concat_tables([found, also.select(found.column_names).cast(found.schema)])


def _called(acts: Rows, names: Sequence[str]) -> Column:
    import pyarrow as pa

    pc = compute()
    return pc.is_in(acts["call"], pa.array(names))


def _opened(uses: Rows) -> Ints:
    """When each was issued as far as that is told; else when it was first used."""
    import pyarrow as pa

    pc = compute()
    issued = pc.strptime(uses["second"], "%Y-%m-%d %H:%M:%S", "us", error_is_null=True)
    found: Ints = pc.coalesce(issued.cast(pa.int64()), uses["first"].cast(pa.int64())).to_numpy()
    return found


def _last_of(found: Found) -> Found:
    """Of what was found for each asking row the last."""
    kept = np.ones(len(found.asking), bool)
    kept[:-1] = found.asking[1:] != found.asking[:-1]
    return found.where(kept)
