"""Was compute taken for somebody else's use: large, many, far away, or got ready for it?

Predicates follow the API references of EC2, ECS, Batch, SageMaker and Systems Manager. EC2's newer calls (CreateFleet,
CreateLaunchTemplate) are recorded under the names of their request, in capitals: keys are looked for in either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.detection import Detection, Severity, calls, needing
from cttoolkit.detections.arrivals import arrived
from cttoolkit.detections.bulk import in_bulk
from cttoolkit.detections.invocation import BY_ITSELF, failed_with
from cttoolkit.detections.request_text import says
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["COMPUTE"]

_FAMILY = "compute"
_MINING = ("T1496.001", "T1578.002")
_ACCELERATED = r"(?:p[2-9]|g[2-9]|gr[0-9]|inf[0-9]|trn[0-9]|dl[0-9]|vt[0-9]|f[1-9])[a-z0-9-]*\."
_LARGE = r"[a-z0-9-]+\.(?:metal|(?:1[6-9]|[2-9][0-9]|[0-9]{3})xlarge)"
_TYPE = rf'(?i)"instanceType"\s*:\s*(?:\{{\s*"value"\s*:\s*)?"(?:{_ACCELERATED}|{_LARGE})'
_LAUNCHES = (
    *("RunInstances", "RequestSpotInstances", "RequestSpotFleet", "CreateFleet", "CreateLaunchTemplate"),
    *("CreateLaunchTemplateVersion", "ModifyInstanceAttribute"),
)
_BY_EC2 = ("RunInstances", "RequestSpotInstances", "RequestSpotFleet", "CreateFleet")
_LARGE_ONE = says("of a large or an accelerated type", _TYPE, "nstanceType")
_LIMITS = (
    *("Client.VcpuLimitExceeded", "Client.InstanceLimitExceeded", "Client.MaxSpotInstanceCountExceeded"),
    *("Client.SpotMaxPriceTooLow", "Client.InsufficientInstanceCapacity", "Server.InsufficientInstanceCapacity"),
)
_MANAGED = {
    "ec2": (
        "RunInstances",
        "CreateFleet",
        "RequestSpotInstances",
        "RequestSpotFleet",
        "ImportKeyPair",
        "CreateKeyPair",
    ),
    "ecs": ("CreateCluster", "RegisterTaskDefinition", "RunTask"),
    "lambda": ("CreateFunction20150331",),
    "sagemaker": ("CreateNotebookInstance", "CreateTrainingJob"),
    "lightsail": ("CreateInstances",),
    "batch": ("CreateComputeEnvironment",),
    "eks": ("CreateCluster",),
}
_MADE = tuple(name for names in _MANAGED.values() for name in names)
_MANY = says("of twenty or more", r'"maxCount"\s*:\s*"?(?:[2-9][0-9]|[0-9]{3,})', "maxCount")


@needing(*_MADE)
def _new_regions(events: Events) -> Pivot:
    """Compute made in a region where nobody in the account had changed anything before, after the first tenth of the evidence."""
    writes = events.where(Match("that change something", lambda table: (~table.read_only).fill_null(False)))
    sources = [f"{service}.amazonaws.com" for service in _MANAGED]
    made = writes.named(*_MADE).where(Match("to services of compute", lambda table: table.event_source.isin(sources)))
    return arrived(made, writes, "aws_region")


def _targets(table: ibis.Table) -> Any:
    """How many instances a command goes to; one that names tags or groups goes to nobody knows how many, and counts for five."""
    import ibis

    request = table.request_parameters
    named = (
        ((request.length() - request.replace('"i-', "").replace('"mi-', "").length()) / 3).cast("int64").fill_null(0)
    )
    return ibis.cases(
        (request.re_search(r'"targets"\s*:\s*\[\s*\{').fill_null(False), 5), else_=ibis.greatest(named, 1)
    )


@needing("SendCommand", "StartSession")
def _commands(events: Events) -> Pivot:
    """Commands to five or more instances, or sessions on them, by one credential within ten minutes."""
    asked = events.to_service("ssm").named("SendCommand", "StartSession")
    return in_bulk(asked, lambda table: table.request_parameters, least=5, size=_targets)


COMPUTE = (
    Detection(
        name="large-instance-run",
        family=_FAMILY,
        question="Was an instance of a very large or an accelerated type asked for?",
        said="ask for an instance of a very large or an accelerated type",
        severity=Severity.HIGH,
        techniques=_MINING,
        false_positives="Teams that train models or render; look at whether this account, and this caller, ever did.",
        bypass="Many small ones: see many-instances-run. A launch template that is older than the evidence names the type.",
        find=calls("ec2", *_LAUNCHES, when=_LARGE_ONE & BY_ITSELF),
    ),
    Detection(
        name="many-instances-run",
        family=_FAMILY,
        question="Were twenty or more instances asked for in one call?",
        said="ask for twenty or more instances in one call",
        severity=Severity.MEDIUM,
        techniques=_MINING,
        false_positives="Batch work and tests of load.",
        bypass="One instance a call, or a scaling group, whose service makes the calls.",
        find=calls("ec2", "RunInstances", when=_MANY & BY_ITSELF),
    ),
    Detection(
        name="spot-requested",
        family=_FAMILY,
        question="Were spot instances or a fleet of them requested?",
        said="request spot instances",
        severity=Severity.LOW,
        techniques=_MINING,
        false_positives="Spot is how batch work is paid for; services that ask on somebody's behalf are left out.",
        bypass="RunInstances with instanceMarketOptions asks for spot as well.",
        find=calls("ec2", "RequestSpotFleet", "RequestSpotInstances", when=BY_ITSELF),
    ),
    Detection(
        name="launch-limit-met",
        family=_FAMILY,
        question="Did launches fail because the account's limit, or the capacity there is, was met?",
        said="launch more than the limit or the capacity allows",
        severity=Severity.MEDIUM,
        techniques=_MINING,
        false_positives="A scaling that grew past the quota; types that are scarce in a zone.",
        bypass="Whoever asks for the quotas first stays below them.",
        find=calls("ec2", *_BY_EC2, when=failed_with(*_LIMITS)),
    ),
    Detection(
        name="region-new-to-compute",
        family=_FAMILY,
        question="Was compute made in a region where nobody had changed anything before?",
        said="make compute in a region where nobody in the account had changed anything",
        severity=Severity.HIGH,
        techniques=("T1535", "T1496.001"),
        false_positives="An expansion, announced; a new account, where every region is new at some time.",
        bypass="Any small change in that region in the first tenth of the evidence makes it known.",
        find=_new_regions,
    ),
    Detection(
        name="quota-raised",
        family=_FAMILY,
        question="Was a raise of a quota requested?",
        said="request a raise of a quota",
        severity=Severity.MEDIUM,
        techniques=("T1578.005", "T1496.001"),
        false_positives="Growth. The quota's code says what grows.",
        bypass="A case with AWS Support, or regions whose quota is not used up.",
        find=calls("servicequotas", "RequestServiceQuotaIncrease", "PutServiceQuotaIncreaseRequestIntoTemplate"),
    ),
    Detection(
        name="key-pair-made",
        family=_FAMILY,
        question="Was a key pair made or imported?",
        said="make or import a key pair",
        severity=Severity.LOW,
        techniques=("T1098.004",),
        false_positives="Engineers and Terraform do so for new fleets.",
        bypass="Instances that need no key: user data, Session Manager, EC2 Instance Connect.",
        find=calls("ec2", "CreateKeyPair", "ImportKeyPair"),
    ),
    Detection(
        name="termination-protected",
        family=_FAMILY,
        question="Were running instances protected from being terminated or stopped?",
        said="protect an instance from being terminated or stopped",
        severity=Severity.MEDIUM,
        techniques=("T1578.005", "T1496.001"),
        false_positives="Good practice for instances that hold state; then it is set when they are made.",
        bypass="disableApiTermination in RunInstances itself is a common default, and not looked at.",
        find=calls(
            "ec2",
            "ModifyInstanceAttribute",
            when=(param("requestParameters.disableApiTermination.value") == True)  # noqa: E712
            | (param("requestParameters.disableApiStop.value") == True),  # noqa: E712
        ),
    ),
    Detection(
        name="commands-sent-to-many",
        family=_FAMILY,
        question="Did one credential send commands to many instances, or open sessions on them, within ten minutes?",
        said="send commands to five or more instances, or open sessions on them, within ten minutes",
        severity=Severity.HIGH,
        techniques=("T1651", "T1021.007"),
        false_positives="Patching and configuration by Systems Manager, in its windows of maintenance.",
        bypass="A State Manager association runs the same commands, from the service.",
        find=_commands,
    ),
    Detection(
        name="managed-compute-large",
        family=_FAMILY,
        question="Was very large compute asked for in SageMaker, ECS, Batch or Lightsail?",
        said="ask for very large compute in SageMaker, ECS, Batch or Lightsail",
        severity=Severity.MEDIUM,
        techniques=("T1496.001", "T1610"),
        false_positives="Teams that train models or run batches, in the accounts that are made for it.",
        bypass="Many small tasks, and what CodeBuild, Glue or EMR run.",
        find=calls(
            "sagemaker",
            *("CreateNotebookInstance", "CreateTrainingJob", "CreateProcessingJob", "CreateEndpointConfig"),
            when=says("of a large type", rf'"instanceType"\s*:\s*"ml\.(?:{_ACCELERATED}|{_LARGE})', "ml."),
        )
        | calls(
            "batch",
            "CreateComputeEnvironment",
            when=says(
                "of a large type", rf'"instanceTypes"\s*:\s*\[[^\]]*"(?:{_ACCELERATED}|{_LARGE})', "instanceTypes"
            ),
        )
        | calls(
            "ecs",
            "RegisterTaskDefinition",
            when=says("of 8 CPUs or more", r'"cpu"\s*:\s*"?(?:8192|1[0-9]{4}|[2-9][0-9]{4})"?'),
        )
        | calls(
            "lightsail",
            "CreateInstances",
            when=says("of a large bundle", r'"bundleId"\s*:\s*"[a-z_]*[248]xlarge', "bundleId"),
        ),
    ),
)
