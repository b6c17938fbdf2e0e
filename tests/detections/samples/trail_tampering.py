"""The trail, and where it delivers to."""

from tests.detections.samples.records import by_service, call, refused

TRAIL = {"name": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}
NAMED = {"trailName": "main"}
LOG_FILE = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/a.json.gz"


def selectors(*selected, advanced=False):
    return NAMED | {"advancedEventSelectors" if advanced else "eventSelectors": list(selected)}


def basic(**changed):
    return {
        "readWriteType": "All",
        "includeManagementEvents": True,
        "dataResources": [],
        "excludeManagementEventSources": [],
    } | changed


def advanced(*fields):
    return {"name": "one", "fieldSelectors": [dict(field) for field in fields]}


MANAGEMENT = {"field": "eventCategory", "equals": ["Management"]}
DATA = {"field": "eventCategory", "equals": ["Data"]}
WRITES = {"field": "readOnly", "equals": ["false"]}
OBJECTS = {"field": "resources.type", "equals": ["AWS::S3::Object"]}

SEEN = {
    "trail-stopped": [call("cloudtrail", "StopLogging", TRAIL), refused(call("cloudtrail", "DeleteTrail", TRAIL))],
    "trail-narrowed": [
        call("cloudtrail", "UpdateTrail", TRAIL | {"isMultiRegionTrail": False}),
        call("cloudtrail", "UpdateTrail", TRAIL | {"enableLogFileValidation": False}),
        call("cloudtrail", "UpdateTrail", TRAIL | {"includeGlobalServiceEvents": False}),
        call("cloudtrail", "UpdateTrail", TRAIL | {"isOrganizationTrail": False}),
        call("cloudtrail", "UpdateTrail", TRAIL | {"cloudWatchLogsLogGroupArn": ""}),
    ],
    "trail-redirected": [
        call("cloudtrail", "UpdateTrail", TRAIL | {"s3BucketName": "elsewhere"}),
        call("cloudtrail", "UpdateTrail", TRAIL | {"kmsKeyId": "arn:aws:kms:us-east-1:444455556666:key/1"}),
    ],
    "selectors-narrowed": [
        call("cloudtrail", "PutEventSelectors", selectors(basic(includeManagementEvents=False))),
        call("cloudtrail", "PutEventSelectors", selectors(basic(), basic(readWriteType="WriteOnly"))),
        call("cloudtrail", "PutEventSelectors", selectors(basic(excludeManagementEventSources=["kms.amazonaws.com"]))),
        call("cloudtrail", "PutEventSelectors", selectors(advanced(DATA, OBJECTS), advanced=True)),
        call("cloudtrail", "PutEventSelectors", selectors(advanced(MANAGEMENT, WRITES), advanced=True)),
        call("cloudtrail", "PutEventSelectors", selectors(advanced(WRITES, OBJECTS, MANAGEMENT), advanced=True)),
    ],
    "insights-emptied": [call("cloudtrail", "PutInsightSelectors", NAMED | {"insightSelectors": []})],
    "event-data-store-stopped": [
        call("cloudtrail", "StopEventDataStoreIngestion", {"eventDataStore": "arn:example"}),
        call("cloudtrail", "UpdateEventDataStore", {"terminationProtectionEnabled": False}),
    ],
    "log-files-touched": [
        call("s3", "DeleteObject", {"bucketName": "logs", "key": LOG_FILE}),
        call("s3", "PutObject", {"bucketName": "logs", "key": "o-1/" + LOG_FILE.replace("CloudTrail", "CloudTrail-Digest")}),
    ],
    "log-administrator-removed": [
        call("cloudtrail", "DeregisterOrganizationDelegatedAdmin", {"delegatedAdminAccountId": "444455556666"}),
        call("organizations", "DeregisterDelegatedAdministrator", {"servicePrincipal": "guardduty.amazonaws.com"}),
    ],
}  # fmt: skip
UNSEEN = {
    "trail-stopped": [call("cloudtrail", "StartLogging", TRAIL), call("example", "StopLogging", TRAIL)],
    "trail-narrowed": [
        call("cloudtrail", "UpdateTrail", TRAIL | {"isMultiRegionTrail": True}),
        call("cloudtrail", "CreateTrail", TRAIL | {"isMultiRegionTrail": False}),
    ],
    "trail-redirected": [call("cloudtrail", "UpdateTrail", TRAIL | {"isMultiRegionTrail": True})],
    "selectors-narrowed": [
        call("cloudtrail", "PutEventSelectors", selectors(basic())),
        # Writes of data events only, beside all management events.
        call(
            "cloudtrail",
            "PutEventSelectors",
            selectors(advanced(MANAGEMENT), advanced(DATA, OBJECTS, WRITES), advanced=True),
        ),
        call("cloudtrail", "GetEventSelectors", NAMED),
    ],
    "insights-emptied": [
        call("cloudtrail", "PutInsightSelectors", NAMED | {"insightSelectors": [{"insightType": "ApiCallRateInsight"}]})
    ],
    "event-data-store-stopped": [
        call("cloudtrail", "UpdateEventDataStore", {"terminationProtectionEnabled": True}),
        call("cloudtrail", "StartEventDataStoreIngestion", {"eventDataStore": "arn:example"}),
    ],
    "log-files-touched": [
        by_service(call("s3", "PutObject", {"bucketName": "logs", "key": LOG_FILE}), "cloudtrail.amazonaws.com"),
        call("s3", "DeleteObject", {"bucketName": "logs", "key": LOG_FILE.replace("CloudTrail", "Config")}),
        call("s3", "GetObject", {"bucketName": "logs", "key": LOG_FILE}),
        call("s3", "PutObject", {"bucketName": "notes", "key": "about/CloudTrail/a.txt"}),
    ],
    "log-administrator-removed": [
        call("cloudtrail", "RegisterOrganizationDelegatedAdmin", {"memberAccountId": "444455556666"})
    ],
}
