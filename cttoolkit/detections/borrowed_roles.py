"""Did somebody act with the rights of a role that was passed to a machine, a function or a job?

PassRole is no API call, and leaves no event: what can be seen is the call that the role is passed with. Predicates follow the API
references of the services; Lambda's events carry the version of its API in their names.
"""

from __future__ import annotations

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.detections.callers import DIRECTLY
from cttoolkit.param import param

__all__ = ["BORROWED_ROLES"]

_FAMILY = "privilege"
_ELEVATED = ("T1548.005", "T1098.003")

BORROWED_ROLES = (
    Detection(
        name="instance-profile-swapped",
        family=_FAMILY,
        question="Was an instance given another role, or a role put into an instance profile?",
        said="give an instance another role, or put a role into an instance profile",
        severity=Severity.MEDIUM,
        techniques=_ELEVATED,
        false_positives="Setting up an instance by a template, within a minute of making its profile.",
        bypass="A new instance with the profile; instance-run-with-role asks for that.",
        find=calls("ec2", "AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation", when=DIRECTLY)
        | calls("iam", "AddRoleToInstanceProfile", when=DIRECTLY),
    ),
    Detection(
        name="instance-run-with-role",
        family=_FAMILY,
        question="Did somebody run an instance with a role?",
        said="run an instance with a role",
        severity=Severity.LOW,
        techniques=("T1548.005", "T1578.002"),
        false_positives="Most instances have a role; scaling groups and other services are left out.",
        bypass="A launch template names the profile, and the request then does not.",
        find=calls("ec2", "RunInstances", when=param("requestParameters.iamInstanceProfile").exists() & DIRECTLY),
    ),
    Detection(
        name="function-made-with-role",
        family=_FAMILY,
        question="Was a function made, or given another role or another source of events?",
        said="make a function with a role, or give it another role or source of events",
        severity=Severity.LOW,
        techniques=("T1548.005", "T1648"),
        false_positives="Deployments do little else; look at the role and at who deployed.",
        bypass="Code of a function that has a strong role already; function-code-changed asks for that.",
        find=calls("lambda", "CreateFunction20150331", "CreateEventSourceMapping20150331")
        | calls(
            "lambda",
            "UpdateFunctionConfiguration20150331v2",
            when=param("requestParameters.role").exists(),
        ),
    ),
    Detection(
        name="function-code-changed",
        family=_FAMILY,
        question="Was the code of a function changed?",
        said="change the code of a function",
        severity=Severity.LOW,
        techniques=("T1648", "T1525"),
        false_positives="Deployments do little else; a person or an address that never deployed stands out.",
        bypass="A layer or an environment variable changes what the same code does.",
        find=calls(
            "lambda",
            "UpdateFunctionCode20150331v2",
            "UpdateFunctionCode20150331",
            when=~(param("requestParameters.dryRun") == True) & DIRECTLY,  # noqa: E712
        ),
    ),
    Detection(
        name="stack-run-with-role",
        family=_FAMILY,
        question="Was a CloudFormation stack made or changed with a role of its own?",
        said="run a stack with a role of its own",
        severity=Severity.LOW,
        techniques=_ELEVATED,
        false_positives="Pipelines pass a role to their stacks by design; StackSets are left out.",
        bypass="A stack keeps the role that it was once given, and later changes need not name it.",
        find=calls(
            "cloudformation",
            "CreateStack",
            "UpdateStack",
            "CreateChangeSet",
            when=param("requestParameters.roleARN").exists() & DIRECTLY,
        ),
    ),
    Detection(
        name="development-endpoint-made",
        family=_FAMILY,
        question="Was a development endpoint of Glue made or given another SSH key?",
        said="make a development endpoint with a role, or put an SSH key to it",
        severity=Severity.HIGH,
        techniques=("T1548.005", "T1098.004"),
        false_positives="Old Glue environments; interactive sessions have replaced them.",
        bypass="A Glue job or an interactive session with the same role.",
        find=calls("glue", "CreateDevEndpoint", "UpdateDevEndpoint"),
    ),
    Detection(
        name="notebook-opened",
        family=_FAMILY,
        question="Was a SageMaker notebook made, opened by a link, or given another start script?",
        said="make or open a notebook with a role, or change its start script",
        severity=Severity.MEDIUM,
        techniques=("T1548.005", "T1651"),
        false_positives="Data scientists do so every morning; a link for another person's notebook stands out.",
        bypass="Training and processing jobs run with a role too.",
        find=calls(
            "sagemaker",
            "CreateNotebookInstance",
            "CreatePresignedNotebookInstanceUrl",
            "CreateNotebookInstanceLifecycleConfig",
            "UpdateNotebookInstanceLifecycleConfig",
            "CreatePresignedDomainUrl",
        ),
    ),
    Detection(
        name="task-role-overridden",
        family=_FAMILY,
        question="Was a container task run with another role than its definition says, or a command run inside of one?",
        said="run a task with another role, or a command inside of a task",
        severity=Severity.MEDIUM,
        techniques=("T1548.005", "T1651"),
        false_positives="Debugging with ECS Exec, and schedulers that set the role for each run.",
        bypass="A new task definition with the role that is wanted.",
        find=calls("ecs", "ExecuteCommand")
        | calls("ecs", "RunTask", "StartTask", when=param("requestParameters.overrides.taskRoleArn").exists()),
    ),
    Detection(
        name="build-overridden",
        family=_FAMILY,
        question="Was a build started with another script, role or image than its project has?",
        said="start a build with another script, role or image",
        severity=Severity.MEDIUM,
        techniques=("T1548.005", "T1648"),
        false_positives="Pipelines that pass their script with each build; the projects are then always the same.",
        bypass="A commit to the repository that the project builds.",
        find=calls(
            "codebuild",
            "StartBuild",
            when=(
                param("requestParameters.buildspecOverride").exists()
                | param("requestParameters.serviceRoleOverride").exists()
                | param("requestParameters.imageOverride").exists()
                | (param("requestParameters.privilegedModeOverride") == True)  # noqa: E712
            )
            & DIRECTLY,
        ),
    ),
    Detection(
        name="retired-service-used",
        family=_FAMILY,
        question="Was a service used that AWS has retired, and that passes strong roles (Data Pipeline, CodeStar)?",
        said="use Data Pipeline or CodeStar, which pass strong roles",
        severity=Severity.MEDIUM,
        techniques=_ELEVATED,
        false_positives="Logs from before 2024, when both were in use.",
        bypass="Every other service that takes a role.",
        find=calls("datapipeline", "CreatePipeline", "PutPipelineDefinition")
        | calls("codestar", "CreateProject", "CreateProjectFromTemplate", "AssociateTeamMember"),
    ),
)
