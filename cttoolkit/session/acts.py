"""Calls that open a way for others: trust, permissions, roles passed on, commands to hosts, sign-ins of Identity Center.

Sources of the fields: AWS IAM User Guide and the API References of the services. What no record at hand shows is read loosely: what is
there counts, under any of the spellings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.session.columns import Rows, compute
from cttoolkit.session.issues import acts_of

if TYPE_CHECKING:
    import ibis

    from cttoolkit.events import Events

__all__ = [
    "ANYWHERE",
    "CLOUDSHELL",
    "GRANTS",
    "HOST",
    "PASSING",
    "POLICIES",
    "SHELL",
    "TOKENS",
    "TRUST",
    "WORKFLOW",
    "acts",
]

TRUST = ("CreateRole", "UpdateAssumeRolePolicy")
POLICIES = (
    "AttachUserPolicy", "AttachRolePolicy", "PutUserPolicy", "PutRolePolicy", "AddUserToGroup",
    "CreatePolicyVersion", "SetDefaultPolicyVersion",
)  # fmt: skip
HOST = ("SendCommand", "StartSession", "SendSSHPublicKey", "ModifyInstanceAttribute", "GetPasswordData")
PASSING = (
    "RunInstances", "CreateFunction", "UpdateFunctionConfiguration", "RegisterTaskDefinition", "RunTask", "CreateStack",
    "UpdateStack", "CreateChangeSet", "CreateProject", "CreateJob", "UpdateJob", "CreateDevEndpoint", "CreateNotebookInstance",
    "CreateTrainingJob", "CreateProcessingJob", "CreateStateMachine", "UpdateStateMachine", "CreatePipeline", "CreateDataPipeline",
)  # fmt: skip
_VERSIONED = "20[0-9]{6}(v[0-9]+)?$"
"""Lambda's calls carry the version of its interface: CreateFunction20150331, UpdateFunctionConfiguration20150331v2."""
CLOUDSHELL, ANYWHERE = "cloudshell.amazonaws.com", "rolesanywhere.amazonaws.com"
SHELL = ("CreateEnvironment", "StartEnvironment", "CreateSession", "PutCredentials")
"""Of CloudShell; CreateSession is one of Roles Anywhere too."""
GRANTS = ("Federate", "GetRoleCredentials")
WORKFLOW = ("UserAuthentication", "CredentialChallenge", "CredentialVerification")
TOKENS = ("AuthorizeOAuth2Access", "CreateOAuth2Token")
_REQUEST, _ANSWER = "requestParameters", "responseElements"


def acts(events: Events) -> ibis.Table:
    """All of them that succeeded, with the fields that joins are made by."""
    import ibis

    called = (*TRUST, *POLICIES, *HOST, *PASSING, *GRANTS, *WORKFLOW, *TOKENS)

    def is_act(table: ibis.Table) -> Any:
        call, source = table.event_name, table.event_source
        # Other services have sessions to create, S3 one for nearly every request.
        is_shell = call.isin(SHELL) & source.isin((CLOUDSHELL, ANYWHERE))
        return call.isin(called) | is_shell | call.re_search("^(CreateFunction|UpdateFunctionConfiguration)20[0-9]{6}")

    found = acts_of(
        events.succeeded().where(is_act),
        role_arn=(f"{_ANSWER}.role.arn",),
        role_name=(f"{_REQUEST}.roleName", f"{_REQUEST}.role_name"),
        user_name=(f"{_REQUEST}.userName",),
        policy=(f"{_REQUEST}.policyArn",),
        is_default=(f"{_REQUEST}.setAsDefault",),
        trust=(f"{_REQUEST}.assumeRolePolicyDocument", f"{_REQUEST}.policyDocument"),
        passed=(
            f"{_REQUEST}.role", f"{_REQUEST}.roleArn", f"{_REQUEST}.roleARN", f"{_REQUEST}.serviceRole",
            f"{_REQUEST}.taskRoleArn", f"{_REQUEST}.overrides.taskRoleArn", f"{_REQUEST}.executionRoleArn",
        ),
        profile=(f"{_REQUEST}.iamInstanceProfile",),
        host=(
            f"{_REQUEST}.instanceId", f"{_REQUEST}.instanceIds", f"{_REQUEST}.target", f"{_REQUEST}.targets",
            f"{_ANSWER}.instancesSet",
        ),
        user_data=(f"{_REQUEST}.userData",),
        workflow=("additionalEventData.AuthWorkflowID",),
        means=("additionalEventData.CredentialType",),
        named=("userIdentity.userName", "additionalEventData.UserName", f"{_REQUEST}.userName"),
        on_behalf_of=("userIdentity.onBehalfOf.userId", "userIdentity.principalId"),
        account=(f"{_REQUEST}.accountId", f"{_REQUEST}.account_id", "serviceEventDetails.account_id"),
        permission_set=(f"{_REQUEST}.roleName", f"{_REQUEST}.role_name", "serviceEventDetails.role_name"),
        client=(f"{_REQUEST}.client_id", f"{_REQUEST}.clientId", "additionalEventData.client_id"),
        opened=("additionalEventData.signInSessionArn", f"{_ANSWER}.signInSessionArn"),
        anywhere_key=(f"{_ANSWER}.credentialSet[0].credentials.accessKeyId",),
        certificate=(
            f"{_ANSWER}.credentialSet[0].sourceIdentity", f"{_ANSWER}.x509Subject", "additionalEventData.x509Subject",
        ),
    )  # fmt: skip
    # Documents of other policies are long, and not asked for.
    return found.mutate(trust=found.call.isin(TRUST).ifelse(found.trust, ibis.null("string")))


def plain(acts: Rows) -> Rows:
    """The same with the calls' names as they are without a version."""
    pc = compute()
    named = pc.replace_substring_regex(acts["call"], _VERSIONED, "")
    return acts.set_column(acts.column_names.index("call"), "call", named)
