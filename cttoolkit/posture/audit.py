"""The audit: every check asked of every trail and account."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cttoolkit.configuration.answers import Answers
from cttoolkit.configuration.folder import open_folder
from cttoolkit.errors import ClaimError, ConfigurationError
from cttoolkit.events import Events
from cttoolkit.posture.as_of import judge_as_of
from cttoolkit.posture.audited import Audit
from cttoolkit.posture.check import Check
from cttoolkit.posture.checks import CHECKS
from cttoolkit.posture.judged import Judged, Line, aside, failed, unknown
from cttoolkit.posture.reading import UnansweredError
from cttoolkit.posture.row import Row
from cttoolkit.posture.scene import Inquiry, Options, Scene, Trail
from cttoolkit.posture.trails import Found, find_trails
from cttoolkit.text import number_of
from cttoolkit.window import Instant, instant, written

__all__ = ["audit"]


def audit(
    *given: Answers | str | os.PathLike[str],
    events: Events | None = None,
    as_of: Instant | None = None,
    retention_days: int = 365,
    sensitive: Iterable[str] = (),
    stewards: Iterable[str] = (),
) -> Audit:
    """Ask every check of every trail and account.

    ``given`` are accounts: of ct.posture.open_accounts() live, or a folder of recorded answers. With ``events`` the checks that rest
    on evidence are asked too, and ``as_of`` asks what the trails recorded at that time; without any account all is judged from the
    events, as of their end unless told otherwise. ``sensitive`` are ARNs whose data events matter, ``stewards`` names of users,
    roles and groups that may be able to stop a trail. ConfigurationError where there is nothing to ask.
    """
    if events is not None and not isinstance(events, Events):
        raise ClaimError("posture", f"a {type(events).__name__} is no Events", "give what ct.admit returned")
    if not given and events is None:
        raise ConfigurationError("posture", "nothing to ask", "give accounts, a folder of recorded answers, or events")
    if as_of is not None and events is None:
        raise ConfigurationError(
            "as of", "only events tell of an earlier time", "give events that came through ct.admit"
        )
    if retention_days < 1:
        raise ConfigurationError(
            "retention_days", f"{retention_days} is no time to keep anything", "give a number of days"
        )
    moment = instant(as_of) if as_of is not None else None
    if not given and moment is None and events is not None:
        moment = events.root.window.end
    options = Options(retention_days, tuple(sensitive), tuple(stewards), events, moment)
    inquiries = [Inquiry(one) for one in _answers(given)]
    if inquiries:
        made, notes = _live(inquiries, options)
    else:
        then = judge_as_of(options, ())
        made, notes = (
            [Row(check, who, trail, one.outcome, one.reason, lines) for check, who, trail, one, lines in then],
            [],
        )
    sources = [one.answers.source for one in inquiries] + (
        [events.verification.evidence.name] if events is not None else []
    )
    asked = tuple(one for inquiry in inquiries for one in inquiry.asked.values())
    order = {check.name: place for place, check in enumerate(CHECKS)}
    made.sort(key=lambda row: (order[row.check.name], row.account, row.trail or ""))
    return Audit(tuple(made), tuple(sources), asked, tuple(notes), None if moment is None else written(moment))


def _answers(given: Iterable[Answers | str | os.PathLike[str]]) -> Iterator[Answers]:
    seen: set[str] = set()
    for one in given:
        for answers in open_folder(one) if isinstance(one, str | os.PathLike) else (one,):
            if not isinstance(answers, Answers):
                raise ConfigurationError(
                    "posture",
                    f"a {type(answers).__name__} cannot be asked",
                    "give ct.posture.open_accounts(…) or a folder",
                )
            if answers.account in seen:
                raise ConfigurationError(answers.account, "the account is given twice", "give each account once")
            seen.add(answers.account)
            yield answers


def _live(inquiries: list[Inquiry], options: Options) -> tuple[list[Row], list[str]]:
    founds = [find_trails(Scene(one, options)) for one in inquiries]
    every = {trail.arn: trail for found in founds for trail in found.trails}
    trails = [every[arn] for arn in sorted(every)]
    rows: list[Row] = []
    notes: list[str] = []
    for inquiry, found in zip(inquiries, founds, strict=True):
        notes += [f"{inquiry.account} {region}: {why}" for region, why in found.unseen.items()]
        others = [one for one in inquiries if one is not inquiry]
        shared = Scene(inquiry, options, trails, found.regions, others)
        rows += [_row(check, shared) for check in CHECKS if not check.per_trail]
        own = [trail for trail in found.trails if _speaker(trail, inquiries, founds) is inquiry]
        for trail in own:
            rows += [_row(check, replace(shared, only=trail)) for check in CHECKS if check.per_trail]
        if not found.trails:
            rows += _without_trails(inquiry, found)
    if options.as_of is not None:
        rows = _as_of(rows, options, trails)
    return rows, notes


def _speaker(trail: Trail, inquiries: list[Inquiry], founds: list[Found]) -> Inquiry:
    """Who is asked of a trail that several accounts see: its owner, or else the first of them."""
    seeing = [one for one, found in zip(inquiries, founds, strict=True) if trail.arn in {t.arn for t in found.trails}]
    return next((one for one in seeing if one.account == trail.account), seeing[0])


def _without_trails(inquiry: Inquiry, found: Found) -> Iterator[Row]:
    for check in CHECKS:
        if check.per_trail:
            if found.unseen:
                region, why = next(iter(found.unseen.items()))
                judged = unknown(f"no trail is seen, and {region} could not be asked: {why}")
            elif check.name == "CT-01":
                judged = failed(f"no trail in any of {number_of(len(found.regions), 'region')}")
            else:
                judged = aside("there is no trail")
            yield Row(check, inquiry.account, None, judged.outcome, judged.reason)


def _row(check: Check, scene: Scene) -> Row:
    here = replace(scene, lines=[], last=Line(""))
    try:
        judged = check.judge(here)
    except UnansweredError as error:
        judged = unknown(str(error))
    trail = here.only
    account = trail.account if trail is not None else here.inquiry.account
    return Row(check, account, trail.arn if trail else None, judged.outcome, judged.reason, tuple(here.lines))


def _as_of(rows: list[Row], options: Options, trails: Sequence[Trail]) -> list[Row]:
    """The rows with what the events tell of that time in place of what was answered later."""
    then = {(check.name, trail): (judged, lines) for check, _, trail, judged, lines in judge_as_of(options, trails)}
    made = []
    for row in rows:
        found = then.get((row.check.name, row.trail))
        made.append(row if found is None else _replaced(row, *found))
    return made


def _replaced(row: Row, judged: Judged, lines: tuple[Line, ...]) -> Row:
    return replace(row, outcome=judged.outcome, reason=judged.reason, lines=(*lines, *row.lines))
