"""Who is told of what a trail records, while it happens: CT-08 and CT-09."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cttoolkit.posture.alarms import CONDITIONS
from cttoolkit.posture.check import Check
from cttoolkit.posture.filter_pattern import PatternError, matches
from cttoolkit.posture.judged import Judged, failed, passed, unknown
from cttoolkit.posture.reading import objects, texts
from cttoolkit.posture.scene import Scene, moment, region_of
from cttoolkit.window import written

__all__ = ["WATCHING"]

_STATUS, _GROUPS = "cloudtrail.GetTrailStatus", "logs.DescribeLogGroups"
_FILTERS, _ALARMS, _SUBSCRIPTIONS = (
    "logs.DescribeMetricFilters",
    "cloudwatch.DescribeAlarms",
    "sns.ListSubscriptionsByTopic",
)
_DAY = timedelta(days=1)
_PARTS_OF_ARN = 7


def _group(scene: Scene) -> tuple[str, str] | None:
    """Region and name of the trail's log group."""
    arn = str(scene.trail.described.get("CloudWatchLogsLogGroupArn") or "")
    parts = arn.split(":")
    return (parts[3], parts[6]) if len(parts) >= _PARTS_OF_ARN else None


def _goes_to_logs(scene: Scene) -> Judged:
    group = _group(scene)
    scene.note(f"CloudWatchLogsLogGroupArn: {scene.trail.described.get('CloudWatchLogsLogGroupArn')}")
    if group is None:
        return failed("the trail sends nothing to CloudWatch Logs")
    status = scene.value(_STATUS, Name=scene.trail.arn)
    for name in ("LatestCloudWatchLogsDeliveryTime", "LatestCloudWatchLogsDeliveryError"):
        if name in status:
            scene.note(f"{name}: {status[name]}")
    if status.get("LatestCloudWatchLogsDeliveryError"):
        return failed(f"the last delivery to CloudWatch Logs failed: {status['LatestCloudWatchLogsDeliveryError']}")
    latest, now = moment(status.get("LatestCloudWatchLogsDeliveryTime")), scene.now
    if latest is None or now is None:
        return unknown("a log group is set, and when anything was delivered to it is not said")
    if now - latest > _DAY:
        return failed(f"nothing was delivered to CloudWatch Logs since {written(latest)}")
    region, name = group
    listed = objects(scene.value(_GROUPS, region, logGroupNamePrefix=name), "logGroups")
    found = next((one for one in listed if one.get("logGroupName") == name), None)
    if found is None:
        return failed(f"the log group {name} is not there")
    scene.note(f"retentionInDays: {found.get('retentionInDays', 'for ever')}")
    days = found.get("retentionInDays")
    return passed(f"delivered at {written(latest)} to {name}, kept {f'{days} days' if days else 'for ever'}")


def _wakes(scene: Scene) -> Judged:
    group = _group(scene)
    if group is None:
        return failed("the trail sends nothing to CloudWatch Logs, so that no metric filter sees it")
    region, name = group
    answer = scene.maybe(_FILTERS, region, logGroupName=name)
    filters = objects(answer, "metricFilters")
    unread = []
    watched: dict[str, list[Mapping[str, Any]]] = {}
    for one in filters:
        try:
            seen = [
                told
                for told, samples in CONDITIONS.items()
                if all(matches(str(one.get("filterPattern")), s) for s in samples)
            ]
        except PatternError as error:
            unread.append(f"{one.get('filterName')}: {error}")
            continue
        scene.note(f"{one.get('filterName')}: {one.get('filterPattern')}")
        for told in seen:
            watched.setdefault(told, []).append(one)
    alarms = objects(scene.value(_ALARMS, region), "MetricAlarms") if watched else []
    silent = [told for told, by in watched.items() if not any(_is_heard(scene, region, one, alarms) for one in by)]
    lacking = [told for told in CONDITIONS if told not in watched]
    if lacking and unread:
        return unknown(
            f"filters that cannot be read may watch them: {'; '.join(unread)}. Not seen to be watched: {', '.join(lacking)}"
        )
    amiss = [f"no metric filter watches {', '.join(lacking)}"] if lacking else []
    if silent:
        amiss.append(f"no alarm reaches anybody of {', '.join(silent)}")
    return (
        failed("; ".join(amiss))
        if amiss
        else passed(f"all {len(CONDITIONS)} conditions have a filter, an alarm and somebody to hear it")
    )


def _is_heard(scene: Scene, region: str, metric_filter: Mapping[str, Any], alarms: Any) -> bool:
    """Whether an alarm on the filter's metric is on and tells a topic that somebody has confirmed to listen to."""
    metrics = {
        (str(one.get("metricNamespace")), str(one.get("metricName")))
        for one in objects(metric_filter, "metricTransformations")
    }
    for alarm in alarms:
        if (str(alarm.get("Namespace")), str(alarm.get("MetricName"))) not in metrics or alarm.get(
            "ActionsEnabled"
        ) is not True:
            continue
        for topic in texts(alarm, "AlarmActions"):
            if str(topic).split(":")[2:3] != ["sns"]:
                # Something other than a topic is called, which is for its owner to judge.
                return True
            if _has_listener(scene, region_of(str(topic)) or region, str(topic)):
                return True
    return False


def _has_listener(scene: Scene, region: str, topic: str) -> bool:
    answer = scene.maybe(_SUBSCRIPTIONS, region, TopicArn=topic)
    subscribed = [str(one.get("SubscriptionArn")) for one in objects(answer, "Subscriptions")]
    return any(one.startswith("arn:") for one in subscribed)


WATCHING = (
    Check(
        "CT-08", "Events go to CloudWatch Logs as well",
        "A second copy within minutes, out of reach of whoever deletes from the bucket, and the ground for alarms.",
        "Give the trail a log group and a role that may write to it; set a retention.",
        (_STATUS, _GROUPS), _goes_to_logs,
    ),
    Check(
        "CT-09", "Somebody is told of the events that matter (CIS AWS Foundations, section 4)",
        "Without an alarm an incident begins when somebody notices, and logs may have expired by then.",
        "Make a metric filter and an alarm for each condition, and confirm a subscription. EventBridge or a SIEM is not seen here.",
        (_FILTERS, _ALARMS, _SUBSCRIPTIONS), _wakes, recommended=False,
    ),
)  # fmt: skip
