"""What the events tell of the trails at an earlier time, check by check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cttoolkit.integrity.selectors import Records
from cttoolkit.posture.check import Check
from cttoolkit.posture.checks import CHECKS
from cttoolkit.posture.history import History, Kind, Touch
from cttoolkit.posture.judged import Judged, Line, failed, passed, unknown
from cttoolkit.posture.scene import Inquiry, Options, Scene, Trail
from cttoolkit.trail_change import Aspect
from cttoolkit.trail_history import TrailHistory
from cttoolkit.window import written

__all__ = ["judge_as_of"]

_ASPECTS = {
    "CT-01": (Aspect.LOGGING,),
    "CT-02": (Aspect.ALL_REGIONS,),
    "CT-03": (Aspect.MANAGEMENT,),
    "CT-06": (Aspect.VALIDATION,),
}
_OF_BUCKET = ("CT-12", "CT-15", "CT-16", "CT-17", "CT-18", "CT-19", "CT-20")
_OF_KEY = ("CT-14",)
_NOT_ASKED = "the evidence does not tell it: ask the account, or give a folder of recorded answers"

Then = tuple[Check, str, str | None, Judged, tuple[Line, ...]]


class _Nobody:
    """An account that was not asked: the checks that rest on evidence ask it nothing."""

    region, source = "", "the evidence"

    def __init__(self, account: str) -> None:
        self.account = account


def judge_as_of(options: Options, trails: Sequence[Trail]) -> Iterator[Then]:
    """Check, account, trail, judgement and lines.

    For given trails only what the events tell otherwise than the answers do; without any, all checks of all trails that the
    evidence names.
    """
    told = options.history
    assert told is not None
    assert options.as_of is not None
    if trails:
        for trail in trails:
            yield from _of_asked(told, options, trail)
        return
    accounts = dict.fromkeys(one.account for one in told.trails)
    for account in accounts:
        for check in CHECKS:
            if not check.per_trail:
                scene = Scene(Inquiry(_Nobody(account)), options)  # type: ignore[arg-type]
                judged = unknown(_NOT_ASKED) if check.calls else check.judge(scene)
                yield check, account, None, judged, tuple(scene.lines)
    for one in told.trails:
        arn = f"arn:{_partition(one.home or '')}:cloudtrail:{one.home or ''}:{one.account}:trail/{one.trail}"
        for check in CHECKS:
            if check.per_trail:
                judged, lines = _judged(check, one, options)
                yield check, one.account, arn, judged, lines


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _of_asked(told: History, options: Options, trail: Trail) -> Iterator[Then]:
    """What is told of the aspects, and which answers are of later than the time asked for."""
    assert options.as_of is not None
    found = next((one for one in told.trails if (one.account, one.trail) == (trail.account, trail.name)), None)
    changed = told.changed_since(options.as_of)
    for check in CHECKS:
        if found is not None and check.name in _ASPECTS:
            judged, lines = _judged(check, found, options)
            yield check, trail.account, trail.arn, judged, lines
        touch = _touched(check, trail, changed)
        if touch is not None:
            why = f"answered for now, and {touch.call} changed {touch.what} at {written(touch.at)}, after the time asked for"
            yield check, trail.account, trail.arn, unknown(why), ()


def _touched(check: Check, trail: Trail, changed: Sequence[Touch]) -> Touch | None:
    for one in changed:
        if (
            check.name in _OF_BUCKET
            and one.kind in (Kind.BUCKET, Kind.MOVED)
            and (one.what == trail.bucket or trail.name in one.what)
        ):
            return one
        if check.name in _OF_KEY and one.kind in (Kind.KEY, Kind.MOVED):
            return one
    return None


def _judged(check: Check, trail: TrailHistory, options: Options) -> tuple[Judged, tuple[Line, ...]]:
    assert options.as_of is not None
    aspects = _ASPECTS.get(check.name)
    if aspects is None:
        return unknown(_NOT_ASKED), ()
    pieces = [(aspect, trail.at(aspect, options.as_of)) for aspect in aspects]
    lines = tuple(Line(f"{aspect.value}: {piece.answer.value}, {piece.why}") for aspect, piece in pieces)
    made = {Records.YES: passed, Records.NO: failed, Records.UNKNOWN: unknown}
    aspect, piece = pieces[0]
    return made[piece.answer](
        f"{aspect.value} as of {written(options.as_of)}: {piece.answer.value} ({piece.why})"
    ), lines
