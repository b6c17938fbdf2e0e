"""Sessions of the console joined to the way in: a login, a change of role, or a link that was made from a key."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from cttoolkit.session.candidates import candidates
from cttoolkit.session.columns import Rows, compute
from cttoolkit.session.edges import LONGEST, SLACK, Grade
from cttoolkit.session.timeline import BEFORE_ALL, Found, Ints, Timeline, micros

__all__ = ["ways_in"]

_LONGEST, _SLACK, _SOON = (int(span.total_seconds() * 1e6) for span in (LONGEST, SLACK, timedelta(minutes=15)))
_MOST = 100


def ways_in(uses: Rows, sign_ins: Rows) -> list[Rows]:
    """Ways into console sessions, besides logins in the very second; and passwords, which only enable."""
    pc = compute()
    call = sign_ins["call"]
    return [
        _logged_in(uses, sign_ins.filter(pc.equal(call, "ConsoleLogin"))),
        _switched(uses, sign_ins.filter(pc.equal(call, "SwitchRole"))),
        _linked(uses, sign_ins.filter(pc.equal(call, "GetSigninToken"))),
        _given(uses, sign_ins.filter(pc.ends_with(call, "LoginProfile"))),
    ]


def _before(uses: Rows, acts: Rows, key: str, span: int) -> Found:
    first = micros(uses["first"])
    held = Timeline(acts[key], micros(acts["at"]), acts["cited"])
    return held.latest(uses["principal_id"], first - span, first + _SLACK, _MOST)


def _graded(uses: Rows, acts: Rows, found: Found) -> Ints:
    """Strong in the second of issue; likely where address and agent agree, possible with the address alone; else 0."""
    pc = compute()
    used, done = uses.take(found.asking), acts.take(found.row)
    is_second = pc.equal(used["second"], done["at_second"])
    is_near = pc.and_(pc.equal(used["address"], done["address"]), pc.equal(used["addresses"], 1))
    is_alike = pc.and_(pc.equal(used["user_agent"], done["agent"]), pc.equal(used["agents"], 1))
    held = [one.fill_null(False).to_numpy() for one in (is_second, is_near, is_alike)]  # noqa: FBT003
    return np.select(
        [held[0], held[1] & held[2], held[1]], [Grade.STRONG.value, Grade.LIKELY.value, Grade.POSSIBLE.value], 0
    )


def _logged_in(uses: Rows, logins: Rows) -> Rows:
    pc = compute()
    found = _before(uses, logins, "by_id", _LONGEST)
    grades = _graded(uses, logins, found)
    is_near = (grades > 0) & (grades < Grade.STRONG.value)
    found, grades = found.where(is_near), grades[is_near]
    entries = logins.take(found.row)
    note = pc.fill_null(pc.binary_join_element_wise("MFA used: ", entries["mfa"], ""), "")
    login = pc.binary_join_element_wise("login:", entries["by_id"], "")
    return candidates(entries, uses["credential"].take(found.asking), "console login", grades, note, parent=login)


def _switched(uses: Rows, switches: Rows) -> Rows:
    """A change of role, from the latest other session of the console that it names; or from who it names, where there is none."""
    import pyarrow as pa

    pc = compute()
    found = _before(uses, switches, "by_id", _LONGEST)
    grades = _graded(uses, switches, found)
    found, grades = found.where(grades > 0), grades[grades > 0]
    done, child = switches.take(found.row), uses["credential"].take(found.asking)
    sessions = Timeline(uses["arn"], micros(uses["first"]), uses["credential"])
    at = micros(done["at"])
    before = sessions.latest(done["switched_from"], at - _LONGEST, at, 2)
    others = before.row != found.asking[before.asking]
    latest = np.full(done.num_rows, -1)
    # In order of time, so that the last one stays.
    latest[before.asking[others]] = before.row[others]
    named = pc.binary_join_element_wise("arn:", pc.fill_null(done["switched_from"], "?"), "")
    origin = (
        pc.if_else(pa.array(latest >= 0), uses["credential"].take(np.maximum(latest, 0)), named) if len(uses) else named
    )
    return candidates(done, child, "changed role", grades, parent=origin)


def _linked(uses: Rows, links: Rows) -> Rows:
    found = _before(uses, links, "by_id", _SOON)
    made = links.take(found.row)
    return candidates(made, uses["credential"].take(found.asking), "console link made from a key", Grade.STRONG)


def _given(uses: Rows, passwords: Rows) -> Rows:
    pc = compute()
    first = micros(uses["first"])
    held = Timeline(passwords["owner"], micros(passwords["at"]), passwords["cited"])
    found = held.latest(uses["user_name"], np.full(len(first), BEFORE_ALL), first, _MOST)
    here = pc.equal(passwords["received"].take(found.row), uses["account"].take(found.asking))
    found = found.where(pc.fill_null(here, False).to_numpy())  # noqa: FBT003
    given = passwords.take(found.row)
    return candidates(given, uses["credential"].take(found.asking), "password given", Grade.LIKELY, enables=True)
