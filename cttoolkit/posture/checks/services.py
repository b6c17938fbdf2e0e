"""What watches the account beside its trails: CT-10, CT-11, CT-24 and CT-25."""

from __future__ import annotations

from cttoolkit.posture.check import Check
from cttoolkit.posture.judged import Judged, aside, failed, passed, unknown
from cttoolkit.posture.reading import UnansweredError, inner, objects, texts
from cttoolkit.posture.scene import Scene

__all__ = ["SERVICES"]

_DETECTORS, _DETECTOR = "guardduty.ListDetectors", "guardduty.GetDetector"
_HUB, _STANDARDS = "securityhub.DescribeHub", "securityhub.GetEnabledStandards"
_RULES, _COMPLIANCE = "config.DescribeConfigRules", "config.DescribeComplianceByConfigRule"
_STORES, _STORE = "cloudtrail.ListEventDataStores", "cloudtrail.GetEventDataStore"
_MOST_NAMES = 25
_WANTED_RULES = {
    "MULTI_REGION_CLOUD_TRAIL_ENABLED": "multi-region-cloudtrail-enabled",
    "CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED": "cloud-trail-cloud-watch-logs-enabled",
    "CLOUD_TRAIL_ENCRYPTION_ENABLED": "cloud-trail-encryption-enabled",
    "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED": "cloud-trail-log-file-validation-enabled",
    "CLOUDTRAIL_SECURITY_TRAIL_ENABLED": "cloudtrail-security-trail-enabled",
}
"""Identifiers of AWS' own rules about trails, with the names that AWS gives them (AWS Config Developer Guide, "Managed rules")."""


def _guarded(scene: Scene) -> Judged:
    off, doubtful = [], []
    for region in scene.regions:
        try:
            detectors = texts(scene.value(_DETECTORS, region), "DetectorIds")
            states = [scene.value(_DETECTOR, region, DetectorId=one).get("Status") for one in detectors]
        except UnansweredError as error:
            doubtful.append(f"{region}: {error}")
            continue
        scene.note(f"{region}: {states or 'no detector'}")
        if "ENABLED" not in states:
            off.append(region)
    if off:
        return failed(f"not on in {', '.join(off)}")
    if doubtful:
        more = f", and in {len(doubtful) - 1} more regions" if len(doubtful) > 1 else ""
        return unknown(f"{doubtful[0]}{more}")
    return passed(f"on in {', '.join(scene.regions)}")


def _hub(scene: Scene) -> Judged:
    hub = scene.maybe(_HUB)
    if hub is None:
        return failed("Security Hub CSPM is not on in this region")
    scene.note(f"HubArn: {hub.get('HubArn')}")
    standards = objects(scene.value(_STANDARDS), "StandardsSubscriptions")
    ready = [str(one.get("StandardsArn")) for one in standards if one.get("StandardsStatus") == "READY"]
    scene.note(f"StandardsArn: {ready}")
    if not ready:
        return failed("it is on, and no standard is ready, so that no control on CloudTrail runs")
    return passed(f"on, with {len(ready)} standards; whether each control on CloudTrail is enabled was not asked")


def _config_rules(scene: Scene) -> Judged:
    rules = objects(scene.value(_RULES), "ConfigRules")
    named = {
        str(inner(one, "Source").get("SourceIdentifier")): str(one.get("ConfigRuleName"))
        for one in rules
        if inner(one, "Source").get("Owner") == "AWS"
    }
    ours = {name: named[identifier] for identifier, name in _WANTED_RULES.items() if identifier in named}
    lacking = [name for name in _WANTED_RULES.values() if name not in ours]
    scene.note(f"rules: {ours}")
    if not ours:
        return failed(f"no rule of AWS Config is about trails: {', '.join(lacking)}")
    answer = scene.value(_COMPLIANCE, ConfigRuleNames=sorted(ours.values())[:_MOST_NAMES])
    states = {
        str(one.get("ConfigRuleName")): str(inner(one, "Compliance").get("ComplianceType"))
        for one in objects(answer, "ComplianceByConfigRules")
    }
    scene.note(f"compliance: {states}")
    broken = [name for name, own in ours.items() if states.get(own) == "NON_COMPLIANT"]
    if broken:
        return failed(f"not compliant: {', '.join(broken)}")
    if lacking:
        return failed(f"in part: no rule for {', '.join(lacking)}")
    open_ends = [name for name, own in ours.items() if states.get(own) != "COMPLIANT"]
    return (
        unknown(f"not evaluated: {', '.join(open_ends)}")
        if open_ends
        else passed("all five rules about trails are compliant")
    )


def _stores(scene: Scene) -> Judged:
    stores = objects(scene.value(_STORES), "EventDataStores")
    if not stores:
        return aside("no event data store of CloudTrail Lake")
    amiss = []
    for one in stores:
        arn = str(one.get("EventDataStoreArn"))
        store = scene.value(_STORE, EventDataStore=arn)
        name = str(store.get("Name"))
        for part in ("Status", "TerminationProtectionEnabled", "RetentionPeriod", "MultiRegionEnabled", "KmsKeyId"):
            scene.note(f"{name}: {part} {store.get(part)}")
        if store.get("Status") not in ("ENABLED", "STARTING_INGESTION"):
            amiss.append(f"{name} is {store.get('Status')}")
        if store.get("TerminationProtectionEnabled") is not True:
            amiss.append(f"{name} can be deleted by one call")
        kept = store.get("RetentionPeriod")
        if not isinstance(kept, int) or kept < scene.options.retention_days:
            amiss.append(f"{name} keeps events for {kept} days")
    return (
        failed("; ".join(amiss))
        if amiss
        else passed(f"{len(stores)} event data stores, kept long enough and protected")
    )


SERVICES = (
    Check(
        "CT-10", "GuardDuty is on in every enabled region",
        "It reads management events by a way of its own, which stopping the trail does not stop: a second witness.",
        "Enable GuardDuty for the organization, in every enabled region.",
        (_DETECTORS, _DETECTOR), _guarded, per_trail=False,
    ),
    Check(
        "CT-11", "Security Hub CSPM is on, with a standard",
        "Its controls on CloudTrail say from day to day when a trail was weakened, also before anybody asked.",
        "Enable Security Hub CSPM and the AWS Foundational Security Best Practices standard.",
        (_HUB, _STANDARDS), _hub, per_trail=False,
    ),
    Check(
        "CT-24", "AWS Config keeps an eye on the trails",
        "Its history of resources shows what a trail or bucket was like at a time, independently of the trail.",
        "Add AWS' managed rules about trails to the recorder of this account.",
        (_RULES, _COMPLIANCE), _config_rules, per_trail=False,
    ),
    Check(
        "CT-25", "Event data stores, where there are any, are kept and protected",
        "A store holds events that a bucket may have lost. CloudTrail Lake takes no new customers: this is for those who have it.",
        "Switch termination protection on, and set a retention that is long enough.",
        (_STORES, _STORE), _stores, per_trail=False, recommended=False,
    ),
)  # fmt: skip
