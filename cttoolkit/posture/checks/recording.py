"""What a trail records, and whether it can be proved: CT-01 to CT-06."""

from __future__ import annotations

from datetime import timedelta

from cttoolkit.posture.check import Check
from cttoolkit.posture.judged import Judged, aside, failed, passed, unknown
from cttoolkit.posture.reading import objects
from cttoolkit.posture.scene import Scene, moment
from cttoolkit.posture.selectors import categories, management, takes_data_of
from cttoolkit.window import written

__all__ = ["RECORDING"]

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_STATUS, _SELECTORS = "cloudtrail.GetTrailStatus", "cloudtrail.GetEventSelectors"
_MULTI_REGION = "update-trail --name NAME --is-multi-region-trail --include-global-service-events"


def _is_logging(scene: Scene) -> Judged:
    status = scene.value(_STATUS, Name=scene.trail.arn)
    for name in ("IsLogging", "StartLoggingTime", "StopLoggingTime", "LatestDeliveryTime", "LatestDeliveryError"):
        if name in status:
            scene.note(f"{name}: {status[name]}")
    if status.get("IsLogging") is not True:
        stopped = status.get("StopLoggingTime")
        return failed(f"the trail is not logging{f', since {stopped}' if stopped else ''}")
    if status.get("LatestDeliveryError"):
        return failed(f"the last delivery failed: {status['LatestDeliveryError']}")
    delivered = [moment(status.get(name)) for name in ("LatestDeliveryTime", "LatestDigestDeliveryTime")]
    latest = max((one for one in delivered if one is not None), default=None)
    if latest is None:
        return unknown("it is logging, and when anything was delivered is not said")
    if scene.now is None:
        return unknown("it is logging, and when this was answered is not known, so that no delivery can be called late")
    if scene.now - latest > _DAY:
        return failed(f"it is logging, and nothing was delivered since {written(latest)}")
    return passed(f"logging, last delivery {written(latest)}, without an error")


def _all_regions(scene: Scene) -> Judged:
    trail = scene.trail.described
    scene.note(f"IsMultiRegionTrail: {trail.get('IsMultiRegionTrail')}")
    scene.note(f"IncludeGlobalServiceEvents: {trail.get('IncludeGlobalServiceEvents')}")
    lacking = []
    for name, told in (("IsMultiRegionTrail", "one region only"), ("IncludeGlobalServiceEvents", "no global services")):
        if not isinstance(trail.get(name), bool):
            return unknown(f"DescribeTrails does not say {name}")
        if not trail[name]:
            lacking.append(told)
    return failed(f"it records {', '.join(lacking)}") if lacking else passed("all enabled regions, and global services")


def _management_events(scene: Scene) -> Judged:
    answer = scene.value(_SELECTORS, TrailName=scene.trail.arn)
    for name in ("EventSelectors", "AdvancedEventSelectors"):
        if answer.get(name):
            scene.note(f"{name}: {answer[name]}")
    found = management(answer)
    if found.is_whole is None:
        return unknown(found.left_out)
    if found.is_whole:
        return passed("reads and writes of all services")
    return failed(f"management events are not recorded whole: {found.left_out}")


def _data_events(scene: Scene) -> Judged:
    answer = scene.value(_SELECTORS, TrailName=scene.trail.arn)
    taken = {arn: takes_data_of(answer, arn) for arn in scene.options.sensitive}
    for name in ("EventSelectors", "AdvancedEventSelectors"):
        if answer.get(name):
            scene.note(f"{name}: {answer[name]}")
    if not taken:
        return unknown("which resources are sensitive was not said; name them with sensitive= or --sensitive")
    lacking = [arn for arn, is_taken in taken.items() if is_taken is False]
    if lacking:
        return failed(f"not recorded whole: {', '.join(lacking)}")
    strange = [arn for arn, is_taken in taken.items() if is_taken is None]
    if strange:
        return unknown(f"what kind of data events these have is not known here: {', '.join(strange)}")
    return passed(f"reads and writes of {', '.join(taken)}")


def _chosen_events(scene: Scene) -> Judged:
    insights = scene.maybe("cloudtrail.GetInsightSelectors", TrailName=scene.trail.arn)
    kinds = [str(one.get("InsightType")) for one in objects(insights, "InsightSelectors")]
    if kinds:
        scene.note(f"InsightSelectors: {kinds}")
    answer = scene.value(_SELECTORS, TrailName=scene.trail.arn)
    network = "NetworkActivity" in categories(answer)
    if kinds or network:
        told = [*kinds, *(["network activity"] if network else [])]
        return passed(f"recorded too: {', '.join(told)}")
    return aside("neither Insights nor network activity events; AWS leaves both to the owner, and so does this audit")


def _validation(scene: Scene) -> Judged:
    enabled = scene.trail.described.get("LogFileValidationEnabled")
    scene.note(f"LogFileValidationEnabled: {enabled}")
    if not isinstance(enabled, bool):
        return unknown("DescribeTrails does not say LogFileValidationEnabled")
    if not enabled:
        return failed("log file validation is off: there are no digests")
    status = scene.value(_STATUS, Name=scene.trail.arn)
    for name in ("LatestDigestDeliveryTime", "LatestDigestDeliveryError"):
        if name in status:
            scene.note(f"{name}: {status[name]}")
    if status.get("LatestDigestDeliveryError"):
        return failed(f"the last digest could not be delivered: {status['LatestDigestDeliveryError']}")
    latest = moment(status.get("LatestDigestDeliveryTime"))
    if latest is None or scene.now is None:
        return unknown("it is on, and whether digests arrive is not said")
    if scene.now - latest > 2 * _HOUR:
        return failed(
            f"it is on, and the last digest was delivered at {written(latest)}; there should be one every hour"
        )
    return passed(f"on, last digest {written(latest)}, without an error")


RECORDING = (
    Check(
        "CT-01", "A trail is logging, and its log files arrive",
        "What was not recorded cannot be found, and silence while a trail is off proves nothing.",
        "Start it (start-logging), and mend the bucket or the key that the delivery error names.",
        (_STATUS,), _is_logging,
    ),
    Check(
        "CT-02", "The trail records all regions and global services",
        "Attackers go where nobody looks; IAM and sign-in are recorded with global services only.",
        f"Make it a trail of all regions: {_MULTI_REGION}.",
        (), _all_regions,
    ),
    Check(
        "CT-03", "All management events are recorded, reads and writes",
        "Reads are how an intruder looks around: AssumeRole and GetSecretValue are reads. No absence can be proved of what is left out.",
        "Select all management events with put-event-selectors, without a read or write type and without excluded sources.",
        (_SELECTORS,), _management_events,
    ),
    Check(
        "CT-04", "Data events of sensitive resources are recorded",
        "Without them nobody can say which objects were read or deleted, nor that none were.",
        "Add advanced event selectors for those resources; data events are charged by their number.",
        (_SELECTORS,), _data_events,
    ),
    Check(
        "CT-05", "Insights and network activity events, where they were chosen",
        "They show bursts of calls and what went through VPC endpoints, which no other event does.",
        "Switch them on where they are worth their price: put-insight-selectors, put-event-selectors.",
        ("cloudtrail.GetInsightSelectors", _SELECTORS), _chosen_events,
    ),
    Check(
        "CT-06", "Log file validation is on, and digests arrive",
        "Digests are what verification rests on: without them a changed, deleted or planted log file cannot be told.",
        "Switch it on: update-trail --enable-log-file-validation. What was recorded before can never be verified.",
        (_STATUS,), _validation,
    ),
)  # fmt: skip
