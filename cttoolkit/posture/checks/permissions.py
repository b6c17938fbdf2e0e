"""Who may write, read and delete what a trail delivers: its bucket's policy, its key's and its topic's: CT-14, CT-15, CT-21."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from cttoolkit.policies import Caller, Decision, Policy, Request, Truth, decide, denies, read_policy
from cttoolkit.posture.check import Check
from cttoolkit.posture.judged import Judged, Outcome, aside, failed, passed, unknown
from cttoolkit.posture.reading import UnansweredError, inner
from cttoolkit.posture.requests import (
    CHANGES,
    STRANGER,
    another_trail,
    deliveries,
    encryption,
    foreign_trail,
    grantees,
    publication,
    touch,
)
from cttoolkit.posture.scene import Scene, moment, region_of
from cttoolkit.text import shortened
from cttoolkit.window import written

__all__ = ["PERMISSIONS"]

_POLICY, _KEY, _KEY_POLICY, _ROTATION = (
    "s3.GetBucketPolicy",
    "kms.DescribeKey",
    "kms.GetKeyPolicy",
    "kms.GetKeyRotationStatus",
)
_TOPIC, _STATUS = "sns.GetTopicAttributes", "cloudtrail.GetTrailStatus"
_RECENT = timedelta(hours=2)
_MOST = 8


def _weigh(scene: Scene, policy: Policy, request: Request, told: str, *, wanted: bool) -> Judged | None:
    """A failure where the policy answers the opposite of what is wanted, unknown where it does not answer; else nothing."""
    return _weighed(scene, decide(policy, request), told, wanted=wanted)


def _weighed(scene: Scene, decision: Decision, told: str, *, wanted: bool) -> Judged | None:
    if decision.answer is Truth.of(wanted):
        return None
    for one in decision.statements[:_MOST]:
        scene.note(f"{one.name}: {one.text}")
    made = unknown if decision.answer is Truth.UNKNOWN else failed
    return made(f"{told} ({decision.why})")


def _worst(found: Iterator[Judged | None]) -> Judged | None:
    """All that is amiss in one judgement: a failure where there is one, else what is not known."""
    amiss = [one for one in found if one is not None]
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        reasons = [one.reason for one in amiss if one.outcome is outcome]
        if reasons:
            more = f", and {len(reasons) - _MOST} more" if len(reasons) > _MOST else ""
            return Judged(outcome, "; ".join(dict.fromkeys(reasons[:_MOST])) + more)
    return None


# CT-14 ---------------------------------------------------------------------------------------------------------------


def _encrypted(scene: Scene) -> Judged:
    key = scene.trail.described.get("KmsKeyId")
    scene.note(f"KmsKeyId: {key}")
    trap = _digest_trap(scene)
    if not key:
        return _with(trap, failed("log files are encrypted with a key of S3, which nobody here controls"))
    described = scene.maybe(_KEY, region_of(str(key)), KeyId=str(key))
    if described is None:
        return _with(trap, failed("the trail's key is not there"))
    state = inner(described, "KeyMetadata")
    for name in ("Arn", "KeyState", "KeyManager", "DeletionDate", "Origin"):
        if name in state:
            scene.note(f"{name}: {state[name]}")
    if state.get("KeyState") != "Enabled":
        return _with(trap, failed(f"the trail's key is {state.get('KeyState')}: CloudTrail cannot write with it"))
    if state.get("KeyManager") != "CUSTOMER":
        return _with(trap, failed("in part: the key is AWS's own, whose policy nobody can change"))
    try:
        rotation = scene.maybe(_ROTATION, region_of(str(key)), KeyId=str(key))
        scene.note(f"KeyRotationEnabled: {(rotation or {}).get('KeyRotationEnabled')}")
    except UnansweredError as error:
        scene.note(str(error))
    answer = scene.value(_KEY_POLICY, region_of(str(key)), KeyId=str(key), PolicyName="default")
    policy = read_policy(str(answer.get("Policy", "")))
    amiss = _worst(_of_key(scene, policy, str(state.get("Arn") or key)))
    return _with(
        trap,
        amiss
        or passed("a customer key, enabled; its policy lets this trail encrypt, no other trail, and no stranger read"),
    )


def _of_key(scene: Scene, policy: Policy, key: str) -> Iterator[Judged | None]:
    trail = scene.trail
    yield _weigh(scene, policy, encryption(trail, key), "the key's policy does not let CloudTrail encrypt", wanted=True)
    foreign = encryption(trail, key, foreign_trail(trail))
    yield _weigh(scene, policy, foreign, "the key's policy lets trails of other accounts encrypt", wanted=False)
    stranger = Caller.arn(f"arn:{trail.partition}:iam::{STRANGER}:user/somebody")
    context: dict[str, Any] = {"kms:CallerAccount": STRANGER, "aws:SecureTransport": True}
    reading = Request(stranger, "kms:Decrypt", key, context | {"kms:EncryptionContext:aws:cloudtrail:arn": trail.arn})
    yield _weigh(scene, policy, reading, "the key's policy lets other accounts decrypt", wanted=False)


def _digest_trap(scene: Scene) -> Judged | None:
    """A bucket policy that forces KMS keeps digests out, which are AES256 unless CloudTrail encrypts them under the key as well."""
    try:
        answer = scene.maybe(_POLICY, Bucket=scene.trail.bucket)
    except UnansweredError as error:
        return unknown(f"whether the bucket takes digests: {error}")
    if answer is None:
        return None
    policy = read_policy(str(answer.get("Policy", "")))
    digests = deliveries(scene.trail, policy)["digests"]
    told = "the bucket's policy keeps digests out that are AES256"
    amiss = _weighed(scene, denies(policy, digests), told, wanted=False)
    if amiss is None or amiss.outcome is not Outcome.FAIL:
        return amiss
    arrived = _latest_digest(scene)
    return (
        amiss
        if arrived is None
        else unknown(f"{amiss.reason}; one arrived at {arrived} all the same: see whether the next does")
    )


def _latest_digest(scene: Scene) -> str | None:
    """When the last digest was delivered, where that is not long ago and was the last that was tried."""
    try:
        status = scene.value(_STATUS, Name=scene.trail.arn)
    except UnansweredError:
        return None
    at = moment(status.get("LatestDigestDeliveryTime"))
    scene.note(f"LatestDigestDeliveryTime: {status.get('LatestDigestDeliveryTime')}")
    is_recent = at is not None and scene.now is not None and scene.now - at <= _RECENT
    return written(at) if at is not None and is_recent and not status.get("LatestDigestDeliveryError") else None


def _with(trap: Judged | None, judged: Judged) -> Judged:
    if trap is None:
        return judged
    if judged.outcome is Outcome.PASS:
        return trap
    both = Outcome.FAIL if Outcome.FAIL in (trap.outcome, judged.outcome) else Outcome.UNKNOWN
    return Judged(both, f"{judged.reason}; {trap.reason}")


# CT-15 ---------------------------------------------------------------------------------------------------------------


def _least_privilege(scene: Scene) -> Judged:
    answer = scene.maybe(_POLICY, Bucket=scene.trail.bucket)
    if answer is None:
        return failed("the bucket has no policy: CloudTrail cannot deliver to it")
    policy = read_policy(str(answer.get("Policy", "")))
    amiss = _worst(_of_bucket(scene, policy))
    return amiss or passed(
        "CloudTrail may deliver for this trail and no other; nobody else may write or delete; TLS is demanded"
    )


def _of_bucket(scene: Scene, policy: Policy) -> Iterator[Judged | None]:
    trail = scene.trail
    asked = deliveries(trail, policy)
    yield _weigh(scene, policy, asked["log files"], "CloudTrail may not deliver log files", wanted=True)
    if decide(policy, asked["digests under the key"]).answer is not Truth.YES:
        yield _weigh(scene, policy, asked["digests"], "CloudTrail may not deliver digests", wanted=True)
    foreign = deliveries(trail, policy, foreign_trail(trail))["log files"]
    abroad = _weigh(
        scene,
        policy,
        foreign,
        "trails of any account may deliver here, since no aws:SourceArn is asked for",
        wanted=False,
    )
    yield abroad
    if abroad is None:
        sibling = deliveries(trail, policy, another_trail(trail))["log files"]
        yield _weigh(scene, policy, sibling, "in part: other trails of the account may deliver here", wanted=False)
    yield from _of_others(scene, policy)
    owner = Caller.account_of(trail.account)
    for target in ("log", "bucket"):
        place = touch(trail, policy, target)
        plain = Request(
            owner, "s3:GetObject" if target == "log" else "s3:ListBucket", place, {"aws:SecureTransport": False}
        )
        yield _weighed(scene, denies(policy, plain), "in part: requests without TLS are not denied", wanted=True)


def _of_others(scene: Scene, policy: Policy) -> Iterator[Judged | None]:
    for caller in grantees(policy):
        for target, actions in CHANGES.items():
            place = touch(scene.trail, policy, target)
            for action in actions:
                context: dict[str, Any] = {"aws:SecureTransport": True}
                decision = decide(policy, Request(caller, action, place, context))
                if decision.answer is not Truth.NO:
                    who = shortened(caller, 200)
                    yield _weighed(scene, decision, f"{who} may change or delete ({action})", wanted=False)
                    break


# CT-21 ---------------------------------------------------------------------------------------------------------------


def _topic(scene: Scene) -> Judged:
    topic = scene.trail.described.get("SnsTopicARN")
    if not topic:
        return aside("the trail tells no topic of its deliveries")
    scene.note(f"SnsTopicARN: {topic}")
    answer = scene.maybe(_TOPIC, region_of(str(topic)), TopicArn=str(topic))
    if answer is None:
        return failed("the trail's topic is not there")
    policy = read_policy(str(inner(answer, "Attributes").get("Policy", "")))
    trail = scene.trail
    own = _weigh(scene, policy, publication(trail, str(topic)), "CloudTrail may not publish to the topic", wanted=True)
    foreign = publication(trail, str(topic), foreign_trail(trail))
    others = _weigh(scene, policy, foreign, "trails of any account may publish to the topic", wanted=False)
    return _worst(iter((own, others))) or passed("the topic takes what this account's trails publish, and no others'")


PERMISSIONS = (
    Check(
        "CT-14", "Log files are encrypted with a customer key of KMS, and digests still arrive",
        "Who may read the logs is decided by a second policy then. A bucket that forces KMS keeps out digests that are AES256: the "
        "trail records on, and nothing can be verified.",
        "Set a customer key whose policy asks for aws:SourceArn; where the bucket's policy forces KMS, let it take AES256 too.",
        (_POLICY, _STATUS, _KEY, _KEY_POLICY, _ROTATION), _encrypted,
    ),
    Check(
        "CT-15", "The bucket's policy lets this trail deliver, and nobody else write or delete",
        "Whoever can write there can plant or delete evidence. Digests tell, but do not bring back what was deleted.",
        "Allow cloudtrail.amazonaws.com alone, with aws:SourceArn equal to the trail; deny requests without TLS; take other writers out.",
        (_POLICY,), _least_privilege,
    ),
    Check(
        "CT-21", "The topic takes what this account's trails publish, and no others'",
        "Messages of foreign trails would set off whatever waits for deliveries.",
        "Ask for aws:SourceArn in the topic's statement for cloudtrail.amazonaws.com.",
        (_TOPIC,), _topic,
    ),
)  # fmt: skip
