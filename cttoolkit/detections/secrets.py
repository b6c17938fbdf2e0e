"""Were secrets taken: read in bulk, opened to others, destroyed, or read where they lie in configuration?

Predicates follow the API references of Secrets Manager, Systems Manager, EC2 and Lambda. CloudTrail has no value of a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.detection import Detection, Severity, calls, needing
from cttoolkit.detections.bulk import at, in_bulk
from cttoolkit.detections.policy_statements import opens_to_another, opens_to_everyone
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["SECRETS"]

_FAMILY = "secrets"
_STORES = ("T1555.006",)
_PARAMETERS = ("GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory")
_READ = ("GetSecretValue", "BatchGetSecretValue", *_PARAMETERS)
_LISTED = ("GetParameters", "BatchGetSecretValue")
_FUNCTIONS = (
    "GetFunction20150331v2",
    "GetFunction20150331",
    "GetFunctionConfiguration20150331v2",
    "GetFunctionConfiguration20150331",
)
_OPENED = (
    opens_to_everyone("requestParameters.resourcePolicy") | opens_to_another("requestParameters.resourcePolicy")
)  # fmt: skip


def _is_secret(table: ibis.Table) -> Any:
    is_parameter = table.event_name.isin(_PARAMETERS)
    return ~is_parameter | table.request_parameters.re_search(r'"withDecryption"\s*:\s*true').fill_null(False)


def _names(table: ibis.Table) -> Any:
    """One, or as many as a list in the request names."""
    import ibis

    request = table.request_parameters
    between = ((request.length() - request.replace('","', "").length()) / 3).cast("int64").fill_null(0)
    return ibis.cases((table.event_name.isin(_LISTED), between + 1), else_=1)


@needing(*_READ)
def _secrets(events: Events) -> Pivot:
    """Ten or more different requests for secrets, or decrypted parameters, by one credential within ten minutes; each name counts."""
    asked = events.to_service("secretsmanager", "ssm").named(*_READ)
    asked = asked.where(Match("for something secret", _is_secret))
    return in_bulk(asked, lambda table: table.request_parameters, least=10, size=_names)


@needing("DescribeInstanceAttribute", "DescribeLaunchTemplateVersions")
def _user_data(events: Events) -> Pivot:
    """User data of five or more instances, or launch templates, asked for by one credential within ten minutes."""
    asked = events.to_service("ec2").named("DescribeInstanceAttribute", "DescribeLaunchTemplateVersions")
    is_template = Match("of a template", lambda table: table.event_name == "DescribeLaunchTemplateVersions")
    asked = asked.where((param("requestParameters.attribute") == "userData") | is_template)
    return in_bulk(asked, lambda table: table.request_parameters, least=5)


@needing(*_FUNCTIONS)
def _functions(events: Events) -> Pivot:
    """Code or configuration of ten or more functions, environment included, read by one credential within ten minutes."""
    asked = events.to_service("lambda").named(*_FUNCTIONS)
    return in_bulk(asked, at("requestParameters.functionName"), least=10)


SECRETS = (
    Detection(
        name="secrets-read-in-bulk",
        family=_FAMILY,
        question="Did one credential read many secrets within ten minutes?",
        said="read ten or more secrets within ten minutes",
        severity=Severity.HIGH,
        techniques=_STORES,
        false_positives="A deployment that reads all of an application's parameters, Terraform's refresh, a rotation that checks them.",
        bypass="Nine in ten minutes, or one GetParametersByPath of the root: see parameters-read-from-root.",
        find=_secrets,
    ),
    Detection(
        name="secrets-read-in-batch",
        family=_FAMILY,
        question="Were secrets read by a filter, without being named?",
        said="read secrets by filter, without naming them",
        severity=Severity.MEDIUM,
        techniques=_STORES,
        false_positives="Applications that load their secrets by a tag; they do so in the same words each time.",
        bypass="ListSecrets first, and then each by its name.",
        find=calls("secretsmanager", "BatchGetSecretValue", when=param("requestParameters.secretIdList").absent()),
    ),
    Detection(
        name="parameters-read-from-root",
        family=_FAMILY,
        question="Were all parameters of Systems Manager asked for, from the root of their paths down?",
        said="read all parameters from the root down",
        severity=Severity.HIGH,
        techniques=_STORES,
        false_positives="A migration or a backup of the parameter store.",
        bypass="DescribeParameters, and then a path or a name at a time.",
        find=calls(
            "ssm",
            "GetParametersByPath",
            when=(param("requestParameters.path") == "/") & (param("requestParameters.recursive") == True),  # noqa: E712
        ),
    ),
    Detection(
        name="secret-opened",
        family=_FAMILY,
        question="Was a secret's policy opened to everyone or to another account?",
        said="open a secret's policy to everyone or to another account",
        severity=Severity.HIGH,
        techniques=("T1555.006", "T1537"),
        false_positives="A secret that is shared within the organization on purpose; its accounts are other accounts.",
        bypass="A role in the account that the other may assume reads it without any policy of the secret's.",
        find=calls("secretsmanager", "PutResourcePolicy", when=_OPENED),
    ),
    Detection(
        name="secret-destroyed",
        family=_FAMILY,
        question="Was a secret deleted with no time to recover it?",
        said="delete a secret without recovery",
        severity=Severity.HIGH,
        techniques=("T1485",),
        false_positives="Test environments that are torn down; Terraform with recovery_window_in_days = 0.",
        bypass="Overwriting the value twice with PutSecretValue leaves the secret there and loses it.",
        find=calls(
            "secretsmanager",
            "DeleteSecret",
            when=param("requestParameters.forceDeleteWithoutRecovery") == True,  # noqa: E712
        ),
    ),
    Detection(
        name="windows-password-read",
        family=_FAMILY,
        question="Did somebody ask for the administrator's password of a Windows instance?",
        said="ask for the administrator's password of an instance",
        severity=Severity.MEDIUM,
        techniques=("T1552.005",),
        false_positives="Administrators of Windows instances do this once for each new one; Terraform does with get_password_data.",
        bypass="The answer is encrypted: without the key pair it says nothing, and with Session Manager it is not needed.",
        find=calls("ec2", "GetPasswordData"),
    ),
    Detection(
        name="console-output-read",
        family=_FAMILY,
        question="Was an instance's console output or screen looked at?",
        said="look at the console output or the screen of an instance",
        severity=Severity.LOW,
        techniques=("T1552.001",),
        false_positives="Whoever debugs an instance that does not boot.",
        bypass="What is printed there is also in the system's log, which Session Manager shows.",
        find=calls("ec2", "GetConsoleOutput", "GetConsoleScreenshot"),
    ),
    Detection(
        name="user-data-read-in-bulk",
        family=_FAMILY,
        question="Was the user data of many instances read?",
        said="read the user data of five or more instances within ten minutes",
        severity=Severity.MEDIUM,
        techniques=("T1552.001", "T1580"),
        false_positives="Terraform's refresh reads it for each instance it manages; posture scanners look there for secrets.",
        bypass="On the instance it is read from the metadata service, of which CloudTrail knows nothing.",
        find=_user_data,
    ),
    Detection(
        name="functions-read-in-bulk",
        family=_FAMILY,
        question="Were code or environment of many functions read?",
        said="read code or environment of ten or more functions within ten minutes",
        severity=Severity.LOW,
        techniques=("T1552.001", "T1526"),
        false_positives="Terraform, deployment frameworks and inventories read all functions that they manage.",
        bypass="ListFunctions answers with every function's environment in one call.",
        find=_functions,
    ),
)
