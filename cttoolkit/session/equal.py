"""Joins by what is equal on both sides, made in the engine: a key, or whose credentials they are and the second of their issue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.session.edges import SLACK, Grade
from cttoolkit.session.issues import SECONDS, holder_of

if TYPE_CHECKING:
    import ibis

__all__ = ["MOST", "by_key", "by_login", "by_second", "onward", "prepared"]

MOST = 20
"""Of issues that one use may come from, so many are listed; names are used over and over."""
_ISO = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+]00:00)$"
_BASIC = "^[0-9]{8}T[0-9]{6}Z$"


def prepared(uses: ibis.Table) -> ibis.Table:
    """Uses with the parts that joins are made by: the kind, the key, and the second of issue, as text."""
    import ibis

    text = uses.created_at
    issued = ibis.cases(
        (text.re_search(_ISO), text.substr(0, 10) + " " + text.substr(11, 8)),
        (text.re_search(_BASIC), _cut(text, (0, 4)) + _cut(text, (4, 2), (6, 2), by="-") + _clock(text)),
        else_=ibis.null("string"),
    )
    return uses.mutate(kind=uses.credential.substr(0, 3), key=uses.credential.substr(4), second=issued)


def _cut(text: Any, *pieces: tuple[int, int], by: str = "") -> Any:
    found: Any = None
    for start, length in pieces:
        piece = by + text.substr(start, length)
        found = piece if found is None else found + piece
    return found


def _clock(text: Any) -> Any:
    return " " + text.substr(9, 2) + _cut(text, (11, 2), (13, 2), by=":")


def by_key(uses: ibis.Table, issues: ibis.Table) -> ibis.Table:
    """The key of an issue's answer is the key of the use. A temporary key is unique only with its role and time."""
    import ibis

    used = uses.filter(uses.kind.isin(("tmp", "key")))
    both = used.inner_join(issues, used.key == issues.issued_key)
    is_made = both.call == "CreateAccessKey"
    both = both.filter(~is_made | (both.at <= both["first"] + ibis.interval(seconds=SLACK.seconds)))
    is_made = both.call == "CreateAccessKey"
    late = both.at > both["first"] + ibis.interval(seconds=SLACK.seconds)
    outlived = (both["last"] - ibis.interval(seconds=SLACK.seconds)).strftime(SECONDS) > both.expires_at
    doubts = (
        (is_made, Grade.EXACT, ""),
        (
            both.principals > 1,
            Grade.POSSIBLE,
            "the same key, used by " + both.principals.cast("string") + " principals",
        ),
        (~_is_same_holder(both), Grade.POSSIBLE, "the same key, and another holder"),
        (late, Grade.POSSIBLE, "used before it was issued"),
        (outlived, Grade.POSSIBLE, "used after it had expired"),
        (_has(both.expires) & both.expires_at.isnull(), Grade.STRONG, "when it expired cannot be read"),
    )
    return _candidates(
        both,
        kind=is_made.ifelse("created key", "issued key"),
        grade=ibis.cases(*((holds, grade.value) for holds, grade, _ in doubts), else_=Grade.EXACT.value),
        note=ibis.cases(*((holds, note) for holds, _, note in doubts), else_=""),
        enables=is_made,
    )


def _has(text: Any) -> Any:
    return text.notnull() & (text != "")


def _is_same_holder(both: ibis.Table) -> Any:
    import ibis

    same = ibis.cases(
        (both.call == "AssumeRoot", _has(both.account) & both.target.contains(both.account)),
        (both.call == "GetSessionToken", both.by_principal == both.principal),
        (_has(both.issued_id) & _has(both.principal_id), both.issued_id == both.principal_id),
        (
            _has(both.role_arn) & _has(both.role),
            both.role_key == holder_of(both.role),
        ),
        # Answers to services name neither, and the key is all there is.
        else_=True,
    )
    return same.fill_null(False)  # noqa: FBT003


def by_second(uses: ibis.Table, issues: ibis.Table) -> ibis.Table:
    """Whose credentials they are and when they were issued agree, to the second, and no key speaks against it."""
    import ibis

    # Where both sides name their key, by_key has said all there is to say.
    hidden = issues.filter(~issues.issued_key.startswith("ASIA").fill_null(False))  # noqa: FBT003
    keyed = uses.filter((uses.kind == "tmp") & uses.second.notnull())
    other = uses.filter(~uses.kind.isin(("tmp", "key", "fas", "sis")) & uses.second.notnull())
    same = [("principal_id", "issued_id"), ("second", "at_second")]
    both = keyed.inner_join(hidden, same).union(other.inner_join(issues, same))
    both = both.mutate(
        several=both.count().over(group_by="credential"),
        nth=ibis.row_number().over(
            group_by="credential", order_by=[both.at.desc(), both.cited.desc(), both.place.desc()]
        ),
    )
    both = both.filter(both.nth < MOST)
    return _candidates(
        both,
        kind="issue time",
        grade=(both.several > 1).ifelse(Grade.LIKELY.value, Grade.STRONG.value),
        note=(both.several > 1).ifelse("one of " + both.several.cast("string") + " issues in that second", ""),
    )


def by_login(uses: ibis.Table, sign_ins: ibis.Table) -> ibis.Table:
    """A login of the same principal in the second in which a console session was issued."""
    used = uses.filter((uses.kind == "con") & uses.second.notnull())
    logins = sign_ins.filter(sign_ins.call == "ConsoleLogin")
    both = used.inner_join(logins, [used.principal_id == logins.by_id, used.second == logins.at_second])
    both = both.mutate(by="login:" + both.by_id)
    return _candidates(
        both, kind="console login", grade=Grade.STRONG.value, note=("MFA used: " + both.mfa).fill_null("")
    )


def onward(uses: ibis.Table) -> ibis.Table:
    """A service went on calling in somebody's name: same principal, same time of issue, or neither has one."""
    import ibis

    keyed = uses.mutate(issued=uses.second.fill_null(""))
    calls, others = keyed.filter(keyed.kind == "fas"), keyed.filter(keyed.kind != "fas")
    sources = others.select(
        "principal_id", "issued", by=others.credential, by_sound=others.sound, at=ibis.null("timestamp('UTC', 6)")
    )
    both = calls.inner_join(sources, ["principal_id", "issued"])
    both = both.mutate(
        several=both.count().over(group_by="credential"),
        place=ibis.row_number().over(group_by="credential", order_by=both.by.desc()),
        sound=ibis.greatest(both.sound, both.by_sound),
        at=both["first"],
        cited=ibis.null("string"),
    )
    both = both.filter(both.place < MOST)
    return _candidates(
        both,
        kind="onward call",
        grade=(both.several > 1).ifelse(Grade.LIKELY.value, Grade.STRONG.value),
        note=(both.several > 1).ifelse("one of " + both.several.cast("string") + " credentials of that issue", ""),
    )


def _candidates(both: ibis.Table, *, kind: Any, grade: Any, note: Any = "", enables: Any = False) -> ibis.Table:
    import ibis

    def column(value: Any, kind: str) -> Any:
        return (ibis.literal(value) if isinstance(value, str | int | bool) else value).cast(kind)

    # Both sides have a column for how sound they are; what is cited is the act.
    sound = both.sound_right if "sound_right" in both.columns else both.sound
    found = both.select(
        parent=both.by,
        child=both.credential,
        kind=column(kind, "string"),
        grade=column(grade, "int8"),
        enables=column(enables, "boolean"),
        at=both.at,
        sound=sound.cast("int8"),
        note=column(note, "string"),
        cited=both.cited,
    )
    # What a session did itself did not open it.
    return found.filter(found.parent != found.child)
