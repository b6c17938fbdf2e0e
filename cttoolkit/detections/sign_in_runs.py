"""Runs of sign-ins: passwords guessed for one name, tried for many, and found; a second factor that was asked for and not given.

A failed ConsoleLogin has no error code, and says so in its response; one for a name that does not exist hides the name. Sources:
CloudTrail User Guide, "AWS Management Console sign-in events"; IAM Identity Center User Guide, "Understanding CloudTrail events".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.detection import GROUPED
from cttoolkit.detections.choice import chosen
from cttoolkit.events import Events
from cttoolkit.identity import Rung
from cttoolkit.param import Match, param
from cttoolkit.pivot.axes import on
from cttoolkit.pivot.bins import bin_number
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["guessed", "guessed_and_entered", "hidden_names", "sprayed", "unanswered"]

_LEAST = 5
_TEN_MINUTES = 600
_HOUR = 3600
_FAILURES_BEFORE = 3
_SIGN_INS = ("ConsoleLogin", "CredentialVerification")
_QUESTION = param("responseElements.CheckMfa")
_OUTCOMES = (param("responseElements.ConsoleLogin"), param("serviceEventDetails.CredentialVerification"))


def guessed(events: Events) -> Pivot:
    """Failed sign-ins of one name, five within ten minutes or more."""
    failed = _failures(events).where(Match("for a name that exists", _is_known))
    return on(chosen(failed, "five within ten minutes for one name", _in_runs("principal")), *GROUPED)


def hidden_names(events: Events) -> Pivot:
    """Failed sign-ins for names that the account does not have, five within ten minutes or more from one address.

    CloudTrail hides the names, so how many there were is not known.
    """
    failed = _failures(events).where(Match("for a name that does not exist", lambda table: ~_is_known(table)))
    run = chosen(failed, "five within ten minutes from one address", _in_runs("source_ip_address"))
    return on(run, "source_ip_address", "recipient_account_id")


def sprayed(events: Events) -> Pivot:
    """Failed sign-ins from one address for five names or more within ten minutes, counted from each full ten and each full five."""
    failed = _failures(events).where(Match("for a name that exists", _is_known))
    spread = chosen(failed, "five names within ten minutes from one address", _in_sprays)
    return on(spread, "source_ip_address", "recipient_account_id")


def guessed_and_entered(events: Events) -> Pivot:
    """Sign-ins that succeeded within an hour after three failed ones, of the same name or from the same address."""
    tried = _timed(events.named(*_SIGN_INS))
    return on(chosen(tried, "that succeeded after three that failed within the hour", _entered), *GROUPED)


def unanswered(events: Events) -> Pivot:
    """Right passwords, after which the second factor was asked for and no sign-in came within ten minutes."""
    asked = _timed(events.named("CheckMfa", "ConsoleLogin"))
    return on(chosen(asked, "asked for a second factor, and not signed in after it", _not_answered), *GROUPED)


def _timed(events: Events) -> Events:
    return events.where(Match("with a time", lambda table: table.event_time.notnull()))


def _failures(events: Events) -> Events:
    return _timed(events.named(*_SIGN_INS)).where(Match("that failed", lambda table: _is_outcome(table, "Failure")))


def _is_outcome(table: ibis.Table, wanted: str) -> Any:
    console, verification = (place.value(table) for place in _OUTCOMES)
    return (console.coalesce(verification) == wanted).fill_null(False)


def _is_known(table: ibis.Table) -> Any:
    return table.actor_rung != Rung.HIDDEN.value


def _seconds(table: ibis.Table) -> Any:
    return table.event_time.epoch_seconds().cast("int64")


def _in_runs(by: str) -> Callable[[ibis.Table], ibis.Table]:
    """Those of five that lie within ten minutes, of what has the same value there and the same account."""

    def choose(table: ibis.Table) -> ibis.Table:
        import ibis

        timed = table.filter(table[by].notnull()).mutate(seconds=_seconds)
        order = ibis.window(group_by=[by, "recipient_account_id"], order_by=["event_time", "log_file", "record_index"])
        stepped = {
            f"step_{step}": (timed.seconds.lead(step) if step >= 0 else timed.seconds.lag(-step)).over(order)
            for step in range(1 - _LEAST, _LEAST)
        }
        timed = timed.mutate(**stepped)
        spans = [timed[f"step_{last}"] - timed[f"step_{last + 1 - _LEAST}"] for last in range(_LEAST)]
        return timed.filter(reduce(or_, [(span <= _TEN_MINUTES).fill_null(False) for span in spans]))

    return choose


def _in_sprays(table: ibis.Table) -> ibis.Table:
    import ibis

    found = []
    for late in (0, _TEN_MINUTES // 2):
        shifted = table.event_time - ibis.interval(seconds=late)
        binned = table.mutate(ten_minutes=bin_number(shifted, _TEN_MINUTES))
        binned = binned.mutate(account=binned.recipient_account_id.fill_null("?"))
        place = ["account", "source_ip_address", "ten_minutes"]
        many = binned.group_by(place).aggregate(names=binned.principal.nunique())
        found.append(binned.semi_join(many.filter(many.names >= _LEAST), place))
    return found[0].union(found[1])


def _entered(table: ibis.Table) -> ibis.Table:
    import ibis

    told = table.mutate(
        seconds=_seconds,
        is_failure=_is_outcome(table, "Failure").cast("int64"),
        is_success=_is_outcome(table, "Success"),
    )
    counts = {}
    for by in ("principal", "source_ip_address"):
        hour = ibis.range_window(
            group_by=[by, "recipient_account_id"], order_by=told.seconds, preceding=_HOUR, following=0
        )
        counts[f"failures_by_{by}"] = told.is_failure.sum().over(hour)
    counted = told.mutate(**counts)
    enough = [counted[name] >= _FAILURES_BEFORE for name in counts]
    return counted.filter(counted.is_success & (enough[0] | enough[1]))


def _not_answered(table: ibis.Table) -> ibis.Table:
    import ibis

    told = table.mutate(
        seconds=_seconds,
        is_answer=(table.event_name == "ConsoleLogin") & _is_outcome(table, "Success"),
        is_question=(table.event_name == "CheckMfa") & (_QUESTION.value(table) == "Success").fill_null(False),
    )
    # The question comes before its answer in the order of names, too, should both be of one second.
    later = ibis.window(
        group_by=["principal", "recipient_account_id"], order_by=["event_time", "event_name"], preceding=0
    )
    told = told.mutate(answer=told.is_answer.ifelse(told.seconds, ibis.null("int64")).min().over(later))
    return told.filter(told.is_question & (told.answer.isnull() | (told.answer - told.seconds > _TEN_MINUTES)))
