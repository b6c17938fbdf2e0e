"""Was what else watches the account (GuardDuty, Config, flow logs, alarms …) switched off, narrowed or muted?

Predicates follow the API references of the services; event sources are their endpoints' names.
"""

from __future__ import annotations

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.detections.callers import DIRECTLY
from cttoolkit.param import param

__all__ = ["MONITORING"]

_FAMILY = "monitoring"
_TOOLS = ("T1562.001",)
_LOGS = ("T1562.008",)
_SHORT = 7

MONITORING = (
    Detection(
        name="guardduty-stopped",
        family=_FAMILY,
        question="Was GuardDuty switched off, or an account taken out of its reach?",
        said="switch GuardDuty off or take an account out of it",
        severity=Severity.CRITICAL,
        techniques=_TOOLS,
        false_positives="An account is closed, or its administrator account changes; it comes with calls for many accounts at once.",
        bypass="Suppression rules and trusted addresses mute it, and it stays on.",
        find=calls(
            "guardduty",
            "DeleteDetector",
            "StopMonitoringMembers",
            "DisassociateMembers",
            "DeleteMembers",
            "DisassociateFromAdministratorAccount",
            "DisassociateFromMasterAccount",
            "DisableOrganizationAdminAccount",
        )
        | calls("guardduty", "UpdateDetector", when=param("requestParameters.enable") == False),  # noqa: E712
    ),
    Detection(
        name="guardduty-muted",
        family=_FAMILY,
        question="Was GuardDuty told to trust addresses, to archive findings, or to watch less?",
        said="mute GuardDuty in part",
        severity=Severity.MEDIUM,
        techniques=_TOOLS,
        false_positives="Suppression rules for a scanner of one's own, and protections that are left off for their cost.",
        bypass="ArchiveFindings takes away findings one by one, as analysts do.",
        find=calls("guardduty", "CreateIPSet", "UpdateIPSet", "DeletePublishingDestination", "DeleteThreatIntelSet")
        | calls(
            "guardduty",
            "CreateFilter",
            "UpdateFilter",
            when=param("requestParameters.action") == "ARCHIVE",
        )
        | calls(
            "guardduty",
            "UpdateDetector",
            "UpdateMemberDetectors",
            when=param("requestParameters.features[].status").isin(["DISABLED"])
            | (param("requestParameters.dataSources.s3Logs.enable") == False),  # noqa: E712
        ),
    ),
    Detection(
        name="config-stopped",
        family=_FAMILY,
        question="Was the recorder or the delivery of AWS Config stopped or deleted?",
        said="stop or delete the recorder or the delivery of AWS Config",
        severity=Severity.HIGH,
        techniques=_TOOLS,
        false_positives="Landing zones replace the recorder when they enrol an account.",
        bypass="A recorder that is told to record few types goes on running.",
        find=calls("config", "StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteDeliveryChannel"),
    ),
    Detection(
        name="config-narrowed",
        family=_FAMILY,
        question="Was AWS Config told to record only some types, or were its rules deleted?",
        said="make AWS Config record or judge less",
        severity=Severity.MEDIUM,
        techniques=_TOOLS,
        false_positives="Types that change all day are left out for their cost; rules come and go with conformance packs.",
        bypass="A rule's parameters can be loosened by PutConfigRule.",
        find=calls("config", "DeleteConfigRule", "DeleteConformancePack", "DeleteRetentionConfiguration", when=DIRECTLY)
        | calls(
            "config",
            "PutConfigurationRecorder",
            when=param("requestParameters.configurationRecorder.recordingGroup.allSupported") == False,  # noqa: E712
        ),
    ),
    Detection(
        name="security-hub-stopped",
        family=_FAMILY,
        question="Was Security Hub switched off, or a standard, or an account's membership?",
        said="switch off Security Hub or a part of it",
        severity=Severity.HIGH,
        techniques=_TOOLS,
        false_positives="A standard is exchanged for its next version.",
        bypass="Controls are disabled one by one, and findings suppressed.",
        find=calls(
            "securityhub",
            "DisableSecurityHub",
            "BatchDisableStandards",
            "DisassociateMembers",
            "DeleteMembers",
            "DisassociateFromAdministratorAccount",
            "DisableOrganizationAdminAccount",
        ),
    ),
    Detection(
        name="findings-suppressed",
        family=_FAMILY,
        question="Were findings suppressed, archived, or told to be so from now on?",
        said="suppress or archive security findings",
        severity=Severity.LOW,
        techniques=_TOOLS,
        false_positives="It is what analysts do with findings; look whether these are about the actor's own resources.",
        bypass="Findings can be left alone where nobody reads them.",
        find=calls(
            "securityhub",
            "BatchUpdateFindings",
            # Security Hub's records keep the capitals of its API.
            when=(param("requestParameters.Workflow.Status") == "SUPPRESSED")
            | (param("requestParameters.workflow.status") == "SUPPRESSED"),
        )
        | calls("guardduty", "ArchiveFindings")
        | calls("access-analyzer", "CreateArchiveRule", "ApplyArchiveRule")
        | calls("inspector2", "CreateFilter", when=param("requestParameters.action") == "SUPPRESS"),
    ),
    Detection(
        name="scanner-stopped",
        family=_FAMILY,
        question="Was Macie, Inspector, Access Analyzer, Detective or Security Lake switched off?",
        said="switch off a service that looks for exposure",
        severity=Severity.HIGH,
        techniques=_TOOLS,
        false_positives="Trials that end, and regions that are given up.",
        bypass="Their membership can be taken away from the administrator account, whose logs may not be here.",
        find=calls("macie2", "DisableMacie", "DisableOrganizationAdminAccount", "DisassociateFromAdministratorAccount")
        | calls("macie2", "UpdateMacieSession", when=param("requestParameters.status") == "PAUSED")
        | calls("inspector2", "Disable", "DisableDelegatedAdminAccount", "DisassociateMember")
        | calls("access-analyzer", "DeleteAnalyzer")
        | calls("detective", "DeleteGraph", "DisassociateMembership", "DeleteMembers")
        | calls("securitylake", "DeleteDataLake", "DeleteAwsLogSource", "DeregisterDataLakeDelegatedAdministrator"),
    ),
    Detection(
        name="flow-logs-deleted",
        family=_FAMILY,
        question="Were flow logs of a network deleted?",
        said="delete flow logs",
        severity=Severity.HIGH,
        techniques=_LOGS,
        false_positives="A network is taken down, or a template replaces its flow logs by others.",
        bypass="The log group or the bucket that they are written to can be emptied instead.",
        find=calls("ec2", "DeleteFlowLogs"),
    ),
    Detection(
        name="log-group-deleted",
        family=_FAMILY,
        question="Was a log group or log stream of CloudWatch Logs deleted?",
        said="delete a log group or log stream",
        severity=Severity.MEDIUM,
        techniques=("T1562.008", "T1070"),
        false_positives="Stacks take the log groups of their functions down with them; the name of the group tells.",
        bypass="A retention of one day deletes all that is older.",
        find=calls("logs", "DeleteLogGroup", "DeleteLogStream", when=DIRECTLY),
    ),
    Detection(
        name="log-retention-cut",
        family=_FAMILY,
        question="Was a log group told to keep its events for a week or less?",
        said="set a log group's retention to a week or less",
        severity=Severity.LOW,
        techniques=("T1562.008", "T1070"),
        false_positives="Short retention of debug logs saves money.",
        bypass="Events also go with their log stream, one call each.",
        find=calls("logs", "PutRetentionPolicy", when=param("requestParameters.retentionInDays") <= _SHORT),
    ),
    Detection(
        name="alarm-silenced",
        family=_FAMILY,
        question="Was an alarm, or the filter that feeds it, deleted, disabled or set by hand?",
        said="silence an alarm or take away the filter that feeds it",
        severity=Severity.MEDIUM,
        techniques=_TOOLS,
        false_positives="Scaling policies and stacks delete their own alarms; those made by AWS services are left out.",
        bypass="The topic that an alarm reports to can lose its subscribers.",
        find=calls("monitoring", "DeleteAlarms", "DisableAlarmActions", "SetAlarmState", when=DIRECTLY)
        | calls("logs", "DeleteMetricFilter", "DeleteSubscriptionFilter", "DeleteDestination", when=DIRECTLY),
    ),
    Detection(
        name="event-rule-disabled",
        family=_FAMILY,
        question="Was a rule of EventBridge disabled, deleted, or robbed of its targets?",
        said="disable or delete a rule of EventBridge, or remove its targets",
        severity=Severity.LOW,
        techniques=_TOOLS,
        false_positives="Deployments replace rules; the name of the rule tells whether it reported security findings.",
        bypass="A rule's pattern can be changed by PutRule until it matches nothing.",
        find=calls("events", "DisableRule", "DeleteRule", "RemoveTargets", when=DIRECTLY),
    ),
    Detection(
        name="query-logging-stopped",
        family=_FAMILY,
        question="Was the logging of DNS queries stopped?",
        said="stop the logging of DNS queries",
        severity=Severity.MEDIUM,
        techniques=_LOGS,
        false_positives="A network is taken down.",
        bypass="Another resolver than Amazon's is not logged at all.",
        find=calls("route53resolver", "DeleteResolverQueryLogConfig", "DisassociateResolverQueryLogConfig")
        | calls("route53", "DeleteQueryLoggingConfig"),
    ),
    Detection(
        name="web-firewall-silenced",
        family=_FAMILY,
        question="Was the logging of a web ACL stopped, or the ACL taken off what it protects?",
        said="stop the logging of a web ACL, or take it off what it protects",
        severity=Severity.MEDIUM,
        techniques=("T1562.008", "T1562.007"),
        false_positives="A load balancer is replaced by another.",
        bypass="Rules can be set to count instead of block.",
        find=calls("wafv2", "DeleteLoggingConfiguration", "DisassociateWebACL")
        | calls("waf", "DeleteLoggingConfiguration")
        | calls("waf-regional", "DeleteLoggingConfiguration", "DisassociateWebACL"),
    ),
    Detection(
        name="access-logging-stopped",
        family=_FAMILY,
        question="Was the server access logging of a bucket switched off?",
        said="switch off the access logging of a bucket",
        severity=Severity.MEDIUM,
        techniques=_LOGS,
        false_positives="It is given up for data events of CloudTrail.",
        bypass="The bucket that the logs go to can be emptied.",
        find=calls(
            "s3",
            "PutBucketLogging",
            when=param("requestParameters.BucketLoggingStatus").exists()
            & param("requestParameters.BucketLoggingStatus.LoggingEnabled").absent(),
        ),
    ),
    Detection(
        name="cluster-logging-stopped",
        family=_FAMILY,
        question="Was the control plane logging of an EKS cluster switched off?",
        said="switch off logs of a cluster's control plane",
        severity=Severity.MEDIUM,
        techniques=_LOGS,
        false_positives="The scheduler's and controller's logs are left off for their cost; the audit log is the one that matters.",
        bypass="The log group of the cluster can be deleted.",
        find=calls(
            "eks",
            "UpdateClusterConfig",
            when=param("requestParameters.logging.clusterLogging[].enabled") == False,  # noqa: E712
        ),
    ),
    Detection(
        name="model-logging-stopped",
        family=_FAMILY,
        question="Was the logging of model invocations of Bedrock deleted?",
        said="delete the logging of model invocations",
        severity=Severity.HIGH,
        techniques=_LOGS,
        false_positives="An experiment that is cleaned up.",
        bypass="Most regions never had it; PutModelInvocationLoggingConfiguration can also leave the texts out.",
        find=calls("bedrock", "DeleteModelInvocationLoggingConfiguration")
        | calls(
            "bedrock",
            "PutModelInvocationLoggingConfiguration",
            when=param("requestParameters.loggingConfig.textDataDeliveryEnabled") == False,  # noqa: E712
        ),
    ),
)
