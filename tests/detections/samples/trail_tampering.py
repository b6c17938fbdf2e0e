"""The trail, and where it delivers to."""

from tests.detections.samples.records import call, refused

TRAIL = {"name": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}

SEEN = {
    "trail-stopped": [call("cloudtrail", "StopLogging", TRAIL), refused(call("cloudtrail", "DeleteTrail", TRAIL))],
    "trail-narrowed": [
        call("cloudtrail", "UpdateTrail", TRAIL | {"isMultiRegionTrail": False}),
        call("cloudtrail", "UpdateTrail", TRAIL | {"enableLogFileValidation": False}),
    ],
}
UNSEEN = {
    "trail-stopped": [call("cloudtrail", "StartLogging", TRAIL), call("example", "StopLogging", TRAIL)],
    "trail-narrowed": [call("cloudtrail", "UpdateTrail", TRAIL | {"isMultiRegionTrail": True})],
}
