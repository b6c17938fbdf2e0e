"""Where a trail delivers to: whose bucket it is, how it is guarded, and how long it keeps: CT-12, CT-16 to CT-20."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cttoolkit.configuration.answers import Answered, Denied
from cttoolkit.posture.check import Check
from cttoolkit.posture.judged import Judged, aside, failed, passed, unknown
from cttoolkit.posture.reading import UnansweredError, inner, objects
from cttoolkit.posture.scene import Scene

__all__ = ["BUCKET"]

_LOCATION, _LIST = "s3.GetBucketLocation", "s3.ListObjectsV2"
_BLOCK, _ACCOUNT_BLOCK, _PUBLIC = (
    "s3.GetPublicAccessBlock",
    "s3control.GetPublicAccessBlock",
    "s3.GetBucketPolicyStatus",
)
_ACL, _OWNERSHIP = "s3.GetBucketAcl", "s3.GetBucketOwnershipControls"
_VERSIONING, _LOCK, _LIFECYCLE = (
    "s3.GetBucketVersioning",
    "s3.GetObjectLockConfiguration",
    "s3.GetBucketLifecycleConfiguration",
)
_LOGGING, _REPLICATION = "s3.GetBucketLogging", "s3.GetBucketReplication"
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_EVERYBODY = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")
_DAYS_OF_YEAR = 365


def _owner(scene: Scene) -> str | None:
    """The account that owns the bucket, or ``another`` than the trail's; None where it cannot be told.

    S3 refuses a request that names another owner than the bucket has.
    """
    bucket = scene.trail.bucket
    found = scene.reply(_LOCATION, own=True, Bucket=bucket, ExpectedBucketOwner=scene.inquiry.account)
    if isinstance(found, Answered):
        return scene.inquiry.account
    for other in scene.others:
        asked = {"Bucket": bucket, "ExpectedBucketOwner": other.account}
        if isinstance(other.reply(_LOCATION, scene.home, asked), Answered):
            return other.account
    is_own = scene.inquiry.account == scene.trail.account
    if is_own and isinstance(found, Denied) and isinstance(scene.reply(_LOCATION, own=True, Bucket=bucket), Answered):
        return "another"
    return None


def _is_apart(scene: Scene) -> Judged:
    owner = _owner(scene)
    scene.note(f"S3BucketName: {scene.trail.bucket}, owner: {owner or 'not known'}")
    listed = scene.value(_LIST, Bucket=scene.trail.bucket, Delimiter="/")
    tops = [str(one.get("Prefix")) for one in objects(listed, "CommonPrefixes")]
    loose = [str(one.get("Key")) for one in objects(listed, "Contents")]
    scene.note(f"prefixes: {tops[:20]}, objects beside them: {len(loose)}")
    prefix = str(scene.trail.described.get("S3KeyPrefix") or "AWSLogs").split("/", maxsplit=1)[0]
    mixed = [one for one in (*tops, *loose) if one.split("/", maxsplit=1)[0] not in (prefix, "AWSLogs")]
    if owner == scene.trail.account:
        return failed(f"the bucket belongs to the account that the trail records, {owner}")
    if mixed:
        return failed(f"the bucket holds more than logs: {', '.join(sorted(mixed)[:5])}")
    if owner is None:
        return unknown(
            f"whose bucket it is cannot be told; it takes the permission s3:GetBucketLocation in {scene.trail.account}"
        )
    return passed(f"a bucket of {'another account' if owner == 'another' else owner}, with log files only")


def _is_private(scene: Scene) -> Judged:
    bucket = scene.trail.bucket
    block = inner(scene.maybe(_BLOCK, Bucket=bucket), "PublicAccessBlockConfiguration")
    scene.note(f"PublicAccessBlockConfiguration: {block}")
    open_ends = [name for name in _BLOCKS if block.get(name) is not True]
    if open_ends:
        open_ends = _not_blocked_by_account(scene, open_ends)
    amiss = [f"not blocked: {', '.join(open_ends)}"] if open_ends else []
    status = scene.maybe(_PUBLIC, Bucket=bucket)
    if status is not None:
        scene.note(f"PolicyStatus: {status.get('PolicyStatus')}")
        if inner(status, "PolicyStatus").get("IsPublic") is not False:
            amiss.append("its policy is public")
    grants = objects(scene.value(_ACL, Bucket=bucket), "Grants")
    public = [one for one in grants if str(inner(one, "Grantee").get("URI", "")).endswith(_EVERYBODY)]
    if public:
        scene.note(f"Grants: {public}")
        amiss.append("its access control list names everybody")
    controls = inner(scene.maybe(_OWNERSHIP, Bucket=bucket), "OwnershipControls")
    rules = [str(one.get("ObjectOwnership")) for one in objects(controls, "Rules")]
    scene.note(f"ObjectOwnership: {rules}")
    if rules != ["BucketOwnerEnforced"]:
        amiss.append("access control lists are in force (ObjectOwnership is not BucketOwnerEnforced)")
    return (
        failed("; ".join(amiss))
        if amiss
        else passed("public access is blocked in all four ways, and no list or policy grants any")
    )


def _not_blocked_by_account(scene: Scene, names: list[str]) -> list[str]:
    """What the bucket leaves open and the whole account does not block either; only the owner can be asked."""
    owner = _owner(scene)
    if owner != scene.inquiry.account:
        return names
    try:
        answer = scene.maybe(_ACCOUNT_BLOCK, AccountId=owner)
    except UnansweredError as error:
        scene.note(str(error))
        return names
    block = inner(answer, "PublicAccessBlockConfiguration")
    return [name for name in names if block.get(name) is not True]


def _is_protected(scene: Scene) -> Judged:
    versioning = scene.value(_VERSIONING, Bucket=scene.trail.bucket)
    scene.note(f"Status: {versioning.get('Status')}, MFADelete: {versioning.get('MFADelete')}")
    if versioning.get("Status") != "Enabled":
        return failed(f"versioning is {versioning.get('Status') or 'off'}: what is deleted or written over is gone")
    if versioning.get("MFADelete") == "Enabled":
        return passed("versions are kept, and deleting them takes a second factor")
    lock = inner(scene.maybe(_LOCK, Bucket=scene.trail.bucket), "ObjectLockConfiguration")
    scene.note(f"ObjectLockConfiguration: {lock}")
    kept = inner(inner(lock, "Rule"), "DefaultRetention")
    if lock.get("ObjectLockEnabled") != "Enabled" or not kept:
        return failed(
            "versions are kept, and whoever may delete them needs neither a second factor nor to wait for a lock"
        )
    if kept.get("Mode") != "COMPLIANCE":
        return failed("in part: the lock is GOVERNANCE, which a permission gets around")
    days = _number(kept.get("Days")) + _DAYS_OF_YEAR * _number(kept.get("Years"))
    if days < scene.options.retention_days:
        return failed(f"in part: objects are locked for {days} days, not {scene.options.retention_days}")
    return passed(f"versions are kept, and locked for {days} days against everybody")


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _is_kept(scene: Scene) -> Judged:
    answer = scene.maybe(_LIFECYCLE, Bucket=scene.trail.bucket)
    if answer is None:
        return passed("no lifecycle rule: log files are kept until somebody deletes them")
    least = scene.options.retention_days
    short = []
    for rule in objects(answer, "Rules"):
        if rule.get("Status") != "Enabled":
            continue
        days = _expiry(rule)
        if days is not None and _concerns(rule, scene):
            scene.note(f"Rule {rule.get('ID')}: expires after {days} days")
            if days < least:
                short.append(f"{rule.get('ID') or 'a rule'} after {days} days")
    if short:
        return failed(f"log files are deleted before {least} days: {', '.join(short)}")
    return passed(f"no rule deletes log files before {least} days")


def _expiry(rule: Mapping[str, Any]) -> int | None:
    """Days until the first of a rule's deletions, of current versions or earlier ones; a date counts as none at all."""
    expiration = inner(rule, "Expiration")
    found = [expiration.get("Days"), inner(rule, "NoncurrentVersionExpiration").get("NoncurrentDays")]
    days = [one for one in found if isinstance(one, int)] + ([0] if expiration.get("Date") else [])
    return min(days, default=None)


def _concerns(rule: Mapping[str, Any], scene: Scene) -> bool:
    """Whether the rule's prefix and that of the trail's log files meet; by tags and sizes a rule is never thought to spare them."""
    given = inner(rule, "Filter")
    prefix = str(rule.get("Prefix") or given.get("Prefix") or inner(given, "And").get("Prefix") or "")
    own = str(scene.trail.described.get("S3KeyPrefix") or "").strip("/")
    place = f"{own}/AWSLogs/" if own else "AWSLogs/"
    return place.startswith(prefix) or prefix.startswith(place)


def _is_watched(scene: Scene) -> Judged:
    logging = inner(scene.value(_LOGGING, Bucket=scene.trail.bucket), "LoggingEnabled")
    scene.note(f"LoggingEnabled: {logging}")
    target = logging.get("TargetBucket")
    if target and target != scene.trail.bucket:
        return passed(f"requests to it are logged in {target}")
    if target:
        return failed("requests to it are logged in itself, where whoever deletes log files deletes these too")
    others = [
        one.name for one in scene.trails if one.arn != scene.trail.arn and _records_bucket(scene, one.arn, one.home)
    ]
    if others:
        return passed(f"its data events are recorded by another trail, {', '.join(others)}")
    return failed("requests to it are not logged, and no other trail seen here records its data events")


def _records_bucket(scene: Scene, arn: str, home: str) -> bool:
    from cttoolkit.posture.selectors import takes_data_of

    found = scene.reply("cloudtrail.GetEventSelectors", home, TrailName=arn)
    return isinstance(found, Answered) and takes_data_of(found.value, f"arn:aws:s3:::{scene.trail.bucket}") is True


def _is_copied(scene: Scene) -> Judged:
    answer = scene.maybe(_REPLICATION, Bucket=scene.trail.bucket)
    rules = objects(inner(answer, "ReplicationConfiguration"), "Rules")
    kept = [str(inner(one, "Destination").get("Bucket")) for one in rules if one.get("Status") == "Enabled"]
    if kept:
        scene.note(f"Destination: {kept}")
        return aside(f"reported only: a second copy goes to {', '.join(kept)}")
    others = [one.name for one in scene.trails if one.bucket != scene.trail.bucket]
    return aside(
        "reported only: " + (f"other trails deliver elsewhere: {', '.join(others)}" if others else "there is one copy")
    )


BUCKET = (
    Check(
        "CT-12", "The bucket belongs to an archive account, and holds nothing else",
        "Whoever takes over an account takes over its buckets. In an account of their own, logs outlive the account that they record.",
        "Deliver to a bucket of a log archive account that few people can enter, and keep it to log files.",
        (_LOCATION, _LIST), _is_apart,
    ),
    Check(
        "CT-16", "The bucket is open to nobody in public",
        "Logs tell names, keys, addresses and habits: they help the next attacker.",
        "Block public access in all four ways, and set ObjectOwnership to BucketOwnerEnforced.",
        (_BLOCK, _ACCOUNT_BLOCK, _PUBLIC, _ACL, _OWNERSHIP, _LOCATION), _is_private,
    ),
    Check(
        "CT-17", "What was delivered is protected against deletion",
        "A deleted log file is told by its digest and still lost. A bucket with MFA delete can have no lifecycle, so either that or "
        "Object Lock will do.",
        "Keep versions, with Object Lock in COMPLIANCE mode (or MFA delete, which only the owner's root user can set).",
        (_VERSIONING, _LOCK), _is_protected,
    ),
    Check(
        "CT-18", "Log files are kept as long as they may be needed",
        "Incidents are found after months. What expired cannot be asked.",
        "Move old log files to an archive class, and let nothing expire before the time that you owe.",
        (_LIFECYCLE,), _is_kept,
    ),
    Check(
        "CT-19", "Requests to the bucket are logged elsewhere",
        "That a log file was changed or deleted is proved by digests; by whom, only by these records.",
        "Log the bucket's requests into another bucket, or record its data events with another trail.",
        (_LOGGING, "cloudtrail.GetEventSelectors"), _is_watched, recommended=False,
    ),
    Check(
        "CT-20", "A second copy",
        "A copy out of reach brings back what was deleted here.",
        "Replicate the bucket to another account, or run a second trail that delivers elsewhere.",
        (_REPLICATION,), _is_copied, recommended=False,
    ),
)  # fmt: skip
