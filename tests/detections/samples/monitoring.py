"""What else watches the account."""

from tests.detections.samples.records import by_service, by_way_of, call, refused

DETECTOR = {"detectorId": "d-1"}
RECORDER = {"name": "default", "roleARN": "arn:aws:iam::111122223333:role/config"}


def recorder(**group):
    return {"configurationRecorder": RECORDER | {"recordingGroup": group}}


def logging(*enabled):
    return {"name": "blue", "logging": {"clusterLogging": [{"types": ["audit"], "enabled": one} for one in enabled]}}


SEEN = {
    "guardduty-stopped": [
        call("guardduty", "DeleteDetector", DETECTOR),
        call("guardduty", "UpdateDetector", DETECTOR | {"enable": False}),
        refused(call("guardduty", "DisassociateFromAdministratorAccount", DETECTOR)),
    ],
    "guardduty-muted": [
        call("guardduty", "CreateIPSet", DETECTOR | {"name": "ours", "activate": True}),
        call("guardduty", "CreateFilter", DETECTOR | {"name": "quiet", "action": "ARCHIVE"}),
        call("guardduty", "UpdateDetector", {"features": [{"name": "S3_DATA_EVENTS", "status": "DISABLED"}]}),
        call("guardduty", "UpdateDetector", {"dataSources": {"s3Logs": {"enable": False}}}),
    ],
    "config-stopped": [
        call("config", "StopConfigurationRecorder", {"configurationRecorderName": "default"}),
        call("config", "DeleteDeliveryChannel", {"deliveryChannelName": "default"}),
    ],
    "config-narrowed": [
        call("config", "PutConfigurationRecorder", recorder(allSupported=False)),
        call("config", "DeleteConfigRule", {"configRuleName": "no-public-buckets"}),
    ],
    "security-hub-stopped": [call("securityhub", "DisableSecurityHub"), call("securityhub", "BatchDisableStandards")],
    "findings-suppressed": [
        call("securityhub", "BatchUpdateFindings", {"Workflow": {"Status": "SUPPRESSED"}}),
        call("access-analyzer", "CreateArchiveRule", {"analyzerName": "one"}),
        call("inspector2", "CreateFilter", {"action": "SUPPRESS", "name": "all"}),
    ],
    "scanner-stopped": [
        call("macie2", "DisableMacie"),
        call("macie2", "UpdateMacieSession", {"status": "PAUSED"}),
        call("access-analyzer", "DeleteAnalyzer", {"analyzerName": "one"}),
    ],
    "flow-logs-deleted": [
        call("ec2", "DeleteFlowLogs", {"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": "fl-1"}}})
    ],
    "log-group-deleted": [call("logs", "DeleteLogGroup", {"logGroupName": "/aws/cloudtrail"})],
    "log-retention-cut": [
        call("logs", "PutRetentionPolicy", {"logGroupName": "/aws/cloudtrail", "retentionInDays": 1}),
        call("logs", "PutRetentionPolicy", {"logGroupName": "/aws/cloudtrail", "retentionInDays": 7}),
    ],
    "alarm-silenced": [
        call("monitoring", "DeleteAlarms", {"alarmNames": ["root-used"]}),
        call("logs", "DeleteMetricFilter", {"logGroupName": "/aws/cloudtrail", "filterName": "root"}),
    ],
    "event-rule-disabled": [
        call("events", "DisableRule", {"name": "guardduty-to-mail"}),
        call("events", "RemoveTargets", {"rule": "guardduty-to-mail", "ids": ["1"]}),
    ],
    "query-logging-stopped": [call("route53resolver", "DisassociateResolverQueryLogConfig", {"resourceId": "vpc-1"})],
    "web-firewall-silenced": [call("wafv2", "DisassociateWebACL", {"resourceArn": "arn:example"})],
    "access-logging-stopped": [
        call(
            "s3",
            "PutBucketLogging",
            {
                "logging": "",
                "bucketName": "claims",
                "BucketLoggingStatus": {"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"},
            },
        )
    ],
    "cluster-logging-stopped": [call("eks", "UpdateClusterConfig", logging(True, False))],
    "model-logging-stopped": [
        call("bedrock", "DeleteModelInvocationLoggingConfiguration"),
        call(
            "bedrock",
            "PutModelInvocationLoggingConfiguration",
            {"loggingConfig": {"textDataDeliveryEnabled": False}},
        ),
    ],
}
UNSEEN = {
    "guardduty-stopped": [
        call("guardduty", "UpdateDetector", DETECTOR | {"enable": True}),
        call("macie2", "DeleteMembers", DETECTOR),
    ],
    "guardduty-muted": [
        call("guardduty", "CreateFilter", DETECTOR | {"name": "shown", "action": "NOOP"}),
        call("guardduty", "UpdateDetector", {"features": [{"name": "S3_DATA_EVENTS", "status": "ENABLED"}]}),
    ],
    "config-stopped": [call("config", "StartConfigurationRecorder", {"configurationRecorderName": "default"})],
    "config-narrowed": [
        call("config", "PutConfigurationRecorder", recorder(allSupported=True)),
        by_service(call("config", "DeleteConfigRule", {"configRuleName": "pack"}), "config-conforms.amazonaws.com"),
    ],
    "security-hub-stopped": [
        call("securityhub", "BatchEnableStandards"),
        call("guardduty", "DisassociateMembers", DETECTOR),
    ],
    "findings-suppressed": [
        call("securityhub", "BatchUpdateFindings", {"Workflow": {"Status": "NOTIFIED"}}),
        call("inspector2", "CreateFilter", {"action": "NONE", "name": "view"}),
    ],
    "scanner-stopped": [
        call("macie2", "UpdateMacieSession", {"status": "ENABLED"}),
        call("guardduty", "DeleteMembers", DETECTOR),
    ],
    "flow-logs-deleted": [call("ec2", "CreateFlowLogs"), call("logs", "DeleteFlowLogs")],
    "log-group-deleted": [call("logs", "CreateLogGroup", {"logGroupName": "/aws/cloudtrail"})],
    "log-retention-cut": [
        call("logs", "PutRetentionPolicy", {"logGroupName": "/aws/cloudtrail", "retentionInDays": 8}),
        call("logs", "PutRetentionPolicy", {"logGroupName": "/aws/cloudtrail", "retentionInDays": 365}),
    ],
    "alarm-silenced": [
        call("monitoring", "EnableAlarmActions", {"alarmNames": ["root-used"]}),
        by_service(call("monitoring", "DeleteAlarms", {"alarmNames": ["TargetTracking"]})),
        by_way_of(call("monitoring", "DeleteAlarms", {"alarmNames": ["of-the-stack"]})),
    ],
    "event-rule-disabled": [
        call("events", "EnableRule", {"name": "guardduty-to-mail"}),
        call("iot", "DisableRule", {"name": "guardduty-to-mail"}),
    ],
    "query-logging-stopped": [call("route53resolver", "AssociateResolverQueryLogConfig", {"resourceId": "vpc-1"})],
    "web-firewall-silenced": [call("wafv2", "AssociateWebACL", {"resourceArn": "arn:example"})],
    "access-logging-stopped": [
        call(
            "s3",
            "PutBucketLogging",
            {"bucketName": "claims", "BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "logs"}}},
        )
    ],
    "cluster-logging-stopped": [call("eks", "UpdateClusterConfig", logging(True))],
    "model-logging-stopped": [
        call("bedrock", "PutModelInvocationLoggingConfiguration", {"loggingConfig": {"textDataDeliveryEnabled": True}}),
        call("bedrock", "GetModelInvocationLoggingConfiguration"),
    ],
}
