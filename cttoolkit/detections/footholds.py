"""Did somebody leave a machine, a function, a schedule or a resource behind that serves them later?

Predicates follow the API references of the services; Lambda's events carry the version of its API in their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.detections.callers import DIRECTLY
from cttoolkit.detections.policy_text import lets_anybody_in, lets_foreigner_in, names_foreigner, own_account
from cttoolkit.param import Match, param

if TYPE_CHECKING:
    import ibis

__all__ = ["FOOTHOLDS"]

_FAMILY = "persistence"
_TRIGGERED = ("T1546", "T1648")
_TARGET = r'"arn"\s*:\s*"arn:[^"]*:[0-9]{12}:'


def _goes_abroad(table: ibis.Table) -> Any:
    targets = param("requestParameters.targets").value(table)
    return targets.replace(own_account(table), "").re_search(_TARGET)


FOOTHOLDS = (
    Detection(
        name="function-opened",
        family=_FAMILY,
        question="Can anybody, or another account, call a function or use a layer since then?",
        said="let anybody or another account call a function or use a layer",
        severity=Severity.HIGH,
        techniques=_TRIGGERED,
        false_positives="Public webhooks; a layer that is published for everybody.",
        bypass="An API or a load balancer in front of the function opens it as well.",
        find=calls(
            "lambda",
            "AddPermission20150331v2",
            "AddPermission20150331",
            "AddLayerVersionPermission20181031",
            "AddLayerVersionPermission",
            when=(param("requestParameters.principal") == "*") | names_foreigner("requestParameters.principal"),
        )
        | calls(
            "lambda",
            "CreateFunctionUrlConfig",
            "UpdateFunctionUrlConfig",
            when=param("requestParameters.authType") == "NONE",
        ),
    ),
    Detection(
        name="foreign-layer-added",
        family=_FAMILY,
        question="Was a layer of another account put into a function?",
        said="put a layer of another account into a function",
        severity=Severity.MEDIUM,
        techniques=("T1546", "T1525"),
        false_positives="AWS and vendors publish layers from accounts of their own: agents of monitoring, Lambda Insights, Powertools.",
        bypass="The layer can be copied into the account first.",
        find=calls(
            "lambda",
            "CreateFunction20150331",
            "UpdateFunctionConfiguration20150331v2",
            when=names_foreigner("requestParameters.layers"),
        ),
    ),
    Detection(
        name="events-sent-abroad",
        family=_FAMILY,
        question="Were events sent to another account, or a bus opened to others?",
        said="send events to another account, or open a bus to others",
        severity=Severity.MEDIUM,
        techniques=("T1546",),
        false_positives="Organizations gather events in one account: compare the account with that.",
        bypass="A function in the account can send whatever it gets to anywhere.",
        find=calls("events", "PutTargets", when=Match("to a target of another account", _goes_abroad))
        | calls(
            "events",
            "PutPermission",
            when=(param("requestParameters.principal") == "*")
            | names_foreigner("requestParameters.principal")
            | lets_anybody_in("requestParameters.policy")
            | lets_foreigner_in("requestParameters.policy"),
        ),
    ),
    Detection(
        name="schedule-made",
        family=_FAMILY,
        question="Was something set to run by the clock?",
        said="set something to run by the clock",
        severity=Severity.LOW,
        techniques=("T1053",),
        false_positives="Jobs of every kind are made so; look at what is run, and as which role.",
        bypass="A rule that waits for an event which the attacker can cause.",
        find=calls("scheduler", "CreateSchedule", "UpdateSchedule", when=DIRECTLY)
        | calls("events", "PutRule", when=param("requestParameters.scheduleExpression").exists() & DIRECTLY),
    ),
    Detection(
        name="document-planted",
        family=_FAMILY,
        question="Was a document of Systems Manager written or shared, or an association made that runs one on instances?",
        said="write or share a document of Systems Manager, or set one to run on instances",
        severity=Severity.MEDIUM,
        techniques=("T1053", "T1651"),
        false_positives="Fleets are looked after so; associations of AWS's own Quick Setup are left out.",
        bypass="A command that is sent once needs neither.",
        find=calls(
            "ssm",
            "CreateAssociation",
            "CreateAssociationBatch",
            "UpdateAssociation",
            "CreateDocument",
            "UpdateDocument",
            "UpdateDocumentDefaultVersion",
            when=DIRECTLY,
        )
        | calls("ssm", "ModifyDocumentPermission", when=param("requestParameters.accountIdsToAdd[]").exists()),
    ),
    Detection(
        name="repository-opened",
        family=_FAMILY,
        question="Was a repository or registry of images opened to anybody or another account?",
        said="open a repository of images to anybody or another account",
        severity=Severity.MEDIUM,
        techniques=("T1525", "T1098"),
        false_positives="Images are built in one account and run in others of the organization.",
        bypass="An image can be pushed by the account's own pipeline.",
        find=calls(
            "ecr",
            "SetRepositoryPolicy",
            "PutRegistryPolicy",
            when=lets_anybody_in("requestParameters.policyText") | lets_foreigner_in("requestParameters.policyText"),
        ),
    ),
    Detection(
        name="key-opened",
        family=_FAMILY,
        question="Was a key of KMS opened to anybody or another account?",
        said="open a key to anybody or another account",
        severity=Severity.HIGH,
        techniques=("T1098",),
        false_positives="Keys of shared images and backups name other accounts; some let everybody in and hold to kms:CallerAccount.",
        bypass="A grant to a role of the account that others may assume.",
        find=calls(
            "kms",
            "PutKeyPolicy",
            "CreateKey",
            when=lets_anybody_in("requestParameters.policy") | lets_foreigner_in("requestParameters.policy"),
        )
        | calls("kms", "CreateGrant", when=names_foreigner("requestParameters.granteePrincipal") & DIRECTLY),
    ),
    Detection(
        name="cluster-access-given",
        family=_FAMILY,
        question="Was somebody let into a Kubernetes cluster through an access entry?",
        said="let somebody into a cluster",
        severity=Severity.MEDIUM,
        techniques=("T1098.003", "T1098"),
        false_positives="The team that runs the cluster lets new roles in; nodes get entries of their own type.",
        bypass="Rights inside of the cluster are given by its own objects, which CloudTrail does not see.",
        find=calls("eks", "CreateAccessEntry", "UpdateAccessEntry", "AssociateAccessPolicy", when=DIRECTLY),
    ),
    Detection(
        name="user-data-changed",
        family=_FAMILY,
        question="Was the start script of an instance changed?",
        said="change the start script of an instance",
        severity=Severity.HIGH,
        techniques=("T1546", "T1578.005"),
        false_positives="A template that changes user data in place, which stops and starts the instance.",
        bypass="A new launch template version, or a command sent to the running instance.",
        find=calls("ec2", "ModifyInstanceAttribute", when=param("requestParameters.userData").exists()),
    ),
    Detection(
        name="serial-console-enabled",
        family=_FAMILY,
        question="Was the serial console of instances enabled for the account?",
        said="enable the serial console of instances",
        severity=Severity.HIGH,
        techniques=("T1021.007",),
        false_positives="An instance that does not boot; the setting is taken back afterwards.",
        bypass="Session Manager, or a security group opened for SSH.",
        find=calls("ec2", "EnableSerialConsoleAccess"),
    ),
)
