"""What the evidence itself says of the trails: that its digests hold, and that nobody tampered with the record: CT-07 and CT-26."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from cttoolkit.errors import WindowError
from cttoolkit.events import Events
from cttoolkit.finding import absence
from cttoolkit.integrity.verdict import Status
from cttoolkit.key import DigestKey, LogKey, parse_key
from cttoolkit.posture.check import Check
from cttoolkit.posture.judged import Judged, failed, passed, unknown
from cttoolkit.posture.scene import Scene
from cttoolkit.standing import Word
from cttoolkit.text import number_of
from cttoolkit.window import Window, earlier, written

__all__ = ["EVIDENCE"]

_NONE = "no evidence was given: hand over events that came through ct.admit, or --evidence and --keys"
_MARGIN = timedelta(hours=2)
_SEARCHED = ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")


def _verified(scene: Scene) -> Judged:
    events = scene.options.events
    if events is None:
        return unknown(_NONE)
    account = scene.inquiry.account
    counted: Counter[Status] = Counter()
    for verdict in events.verification.verdicts:
        key = parse_key(verdict.key)
        if isinstance(key, LogKey | DigestKey) and key.account == account:
            counted[verdict.status] += 1
            if verdict.status is not Status.INTACT and sum(counted.values()) - counted[Status.INTACT] <= 10:
                scene.note(f"{verdict.status.value}: {verdict.key}")
    if not counted:
        return unknown(f"the evidence holds nothing of {account}")
    told = ", ".join(f"{counted[status]:,} {status.value}" for status in Status if counted[status])
    scene.note(told)
    if counted[Status.ALTERED] or counted[Status.MISSING] or counted[Status.UNLISTED]:
        return failed(f"the chain does not hold: {told}")
    if counted[Status.UNVERIFIABLE]:
        return unknown(f"part of it cannot be verified: {told}")
    chains = [one for one in events.verification.coverage.chains if one.chain.account == account]
    gaps = [str(interval) for one in chains for interval in one.intervals if interval.state.value != "covered"]
    if gaps:
        scene.note("; ".join(gaps[:10]))
        return unknown(f"all there is holds, and {number_of(len(gaps), 'gap')} in its coverage say nothing: {told}")
    return passed(f"the chain holds: {told}")


def _left_alone(scene: Scene) -> Judged:
    events, told = scene.options.events, scene.options.history
    if events is None or told is None:
        return unknown(_NONE)
    account = scene.inquiry.account
    done = [one for one in told.touches if one.account == account and one.kind.is_harm]
    for one in done[:20]:
        outcome = f", refused with {one.failed}" if one.failed else ""
        scene.note(
            f"{written(one.at)} {one.kind.value}: {one.call} on {one.what} by {one.actor}{outcome}, {one.status.value}, {one.event_id}"
        )
    worked = [one for one in done if not one.failed]
    if worked:
        first = worked[0]
        more = f", and {number_of(len(worked) - 1, 'more change')}" if len(worked) > 1 else ""
        return failed(f"{first.kind.value} at {written(first.at)} by {first.actor}: {first.call} on {first.what}{more}")
    untimed = told.untimed.in_account(account)
    if untimed:
        return unknown(f"{number_of(len(untimed), 'change')} at a time that cannot be read, for harm or not")
    window = _covered(events, account)
    if window is None:
        return unknown("no change is seen, and no verified digest covers the trail's home region")
    searched = events.root.in_account(account).named(*_SEARCHED).to_service("cloudtrail").succeeded()
    silence = absence("Nobody stopped or changed a trail.", searched, window)
    scene.note(str(silence.standing))
    if silence.standing.word in (Word.PROVED_ABSENT, Word.KEY_UNPROVEN):
        return passed(
            f"no trail was stopped or changed in {window}: {silence.standing.word.value}; of bucket and key, nothing is seen"
        )
    return unknown(f"no change is seen, and that is {silence.standing}")


def _covered(events: Events, account: str) -> Window | None:
    """The longest stretch of events that the home region's digests cover, with the time that a file may come late."""
    homes = [
        one for one in events.verification.coverage.chains if one.chain.account == account and not one.chain.backfill
    ]
    stretches = [window for one in homes if one.chain.region == one.chain.home_region for window in one.covered]
    whole = events.root.span
    if not stretches or whole is None:
        return None
    longest = max(stretches, key=lambda one: one.length)
    try:
        return Window(max(whole.start, longest.start), min(whole.end, earlier(longest.end, _MARGIN)))
    except WindowError:
        return None


EVIDENCE = (
    Check(
        "CT-07", "What the trail delivered verifies, log file by log file",
        "It is the test of all the rest: only where the chain holds is a finding more than a report.",
        "Look at ct.verify(…), and begin with the question whether this evidence is sound.",
        (), _verified, per_trail=False, recommended=False,
    ),
    Check(
        "CT-26", "Nobody stopped, narrowed or moved a trail, or touched its bucket or key",
        "From such a change on, silence means nothing, until the trail is as it was.",
        "Find out who did it and why: ct.posture.history(events) has the calls, and its findings() cite them.",
        (), _left_alone, per_trail=False, recommended=False,
    ),
)  # fmt: skip
