"""Did somebody gain rights that they did not have, by changing what IAM, Identity Center or the organization says?

The known methods, each by the call that it leaves. Predicates follow the API references of IAM, STS, Identity Center and
Organizations. What a policy said before is in no event: AWS Config, or IAM's own versions, tell that.
"""

from __future__ import annotations

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.detections.callers import DIRECTLY, FOR_ANOTHER, FOR_ITSELF
from cttoolkit.detections.policy_text import allows_administration
from cttoolkit.detections.rights_gained import gained
from cttoolkit.param import Match, Param, param

__all__ = ["IDENTITY_CHANGES"]

_FAMILY = "privilege"
_ROLES = ("T1098.003",)


def _is_administrators(place: Param) -> Match:
    """Whether a policy is one with which AWS makes administrators. Such a name can be another policy's, under another path."""
    return (
        place.endswith("/AdministratorAccess")
        | place.endswith("/IAMFullAccess")
        | place.endswith("/PowerUserAccess")
        | place.endswith("/AWSOrganizationsFullAccess")
        | place.endswith("/AWSSSOMasterAccountAdministrator")
    )


IDENTITY_CHANGES = (
    Detection(
        name="administrator-policy-attached",
        family=_FAMILY,
        question="Was a policy of administrators attached to a user, a group, a role or a permission set?",
        said="attach a policy of administrators",
        severity=Severity.HIGH,
        techniques=_ROLES,
        false_positives="A new administrator, a break-glass role, a pipeline's role made by its template.",
        bypass="A policy of one's own with the same content has another name; wide-policy-written asks for that.",
        find=calls(
            "iam",
            "AttachUserPolicy",
            "AttachGroupPolicy",
            "AttachRolePolicy",
            when=_is_administrators(param("requestParameters.policyArn")),
        )
        | calls(
            "sso",
            "AttachManagedPolicyToPermissionSet",
            when=_is_administrators(param("requestParameters.managedPolicyArn")),
        ),
    ),
    Detection(
        name="wide-policy-written",
        family=_FAMILY,
        question="Was a policy written that allows everything, or all of IAM?",
        said="write a policy that allows everything, or all of IAM",
        severity=Severity.HIGH,
        techniques=_ROLES,
        false_positives="Templates of administrators' roles; a condition in the policy may narrow what it allows.",
        bypass="Single actions that add up to the same, such as PassRole with RunInstances.",
        find=calls(
            "iam",
            "CreatePolicy",
            "CreatePolicyVersion",
            "PutUserPolicy",
            "PutGroupPolicy",
            "PutRolePolicy",
            when=allows_administration("requestParameters.policyDocument"),
        )
        | calls(
            "sso",
            "PutInlinePolicyToPermissionSet",
            when=allows_administration("requestParameters.inlinePolicy"),
        ),
    ),
    Detection(
        name="own-rights-widened",
        family=_FAMILY,
        question="Did somebody change the policies or groups of their own user or role?",
        said="change the policies or groups of their own user or role",
        severity=Severity.HIGH,
        techniques=_ROLES,
        false_positives="Administrators who grant themselves something, and pipelines that look after their own role.",
        bypass="A managed policy that is attached already can get a new version; see policy-version-made.",
        find=calls(
            "iam",
            "AttachUserPolicy",
            "AttachRolePolicy",
            "PutUserPolicy",
            "PutRolePolicy",
            "AddUserToGroup",
            "UpdateAssumeRolePolicy",
            when=FOR_ITSELF,
        ),
    ),
    Detection(
        name="policy-version-made",
        family=_FAMILY,
        question="Was a new version of a policy made its default one?",
        said="make a new version of a policy the default",
        severity=Severity.MEDIUM,
        techniques=_ROLES,
        false_positives="It is how templates change a policy; look at the document, and who holds the policy.",
        bypass="CreatePolicyVersion without the default, and SetDefaultPolicyVersion after it.",
        find=calls(
            "iam",
            "CreatePolicyVersion",
            when=(param("requestParameters.setAsDefault") == True) & DIRECTLY,  # noqa: E712
        ),
    ),
    Detection(
        name="policy-version-switched",
        family=_FAMILY,
        question="Was a policy set back or forth to another of its versions?",
        said="switch a policy to another of its versions",
        severity=Severity.HIGH,
        techniques=_ROLES,
        false_positives="A change that is rolled back by hand. Templates make new versions and seldom switch.",
        bypass="The version that is wanted can be written anew.",
        find=calls("iam", "SetDefaultPolicyVersion"),
    ),
    Detection(
        name="user-added-to-group",
        family=_FAMILY,
        question="Was a user put into a group?",
        said="put a user into a group",
        severity=Severity.MEDIUM,
        techniques=_ROLES,
        false_positives="Joining a team; the name of the group tells what it brings.",
        bypass="Policies can be attached to the user itself.",
        find=calls("iam", "AddUserToGroup"),
    ),
    Detection(
        name="password-set-for-another",
        family=_FAMILY,
        question="Did somebody set a new password for another user?",
        said="set a new password for another user",
        severity=Severity.HIGH,
        techniques=("T1098", "T1098.001"),
        false_positives="A help desk that resets passwords, which then have to be changed at the next sign-in.",
        bypass="A user without a password can be given a first one; login-profile-for-another asks for that.",
        find=calls("iam", "UpdateLoginProfile", when=FOR_ANOTHER),
    ),
    Detection(
        name="trust-policy-changed",
        family=_FAMILY,
        question="Was the trust policy of a role changed?",
        said="change who may assume a role",
        severity=Severity.MEDIUM,
        techniques=("T1098", "T1548.005"),
        false_positives="Templates and clusters (workload identity) change trust all the time; persistence asks who is let in.",
        bypass="A new role that trusts whoever is wanted.",
        find=calls("iam", "UpdateAssumeRolePolicy", when=DIRECTLY),
    ),
    Detection(
        name="boundary-removed",
        family=_FAMILY,
        question="Was the permissions boundary of a user or role taken away or exchanged?",
        said="take away or exchange a permissions boundary",
        severity=Severity.HIGH,
        techniques=("T1098.003", "T1548.005"),
        false_positives="A boundary that is rolled out to everybody is put again and again by its template.",
        bypass="The policy that serves as a boundary can get a new version.",
        find=calls(
            "iam",
            "DeleteUserPermissionsBoundary",
            "DeleteRolePermissionsBoundary",
            "PutUserPermissionsBoundary",
            "PutRolePermissionsBoundary",
        )
        | calls("sso", "DeletePermissionsBoundaryFromPermissionSet"),
    ),
    Detection(
        name="root-assumed",
        family=_FAMILY,
        question="Was root of a member account assumed, or that made possible?",
        said="assume root of a member account, or make that possible",
        severity=Severity.HIGH,
        techniques=("T1078.004", "T1548.005"),
        false_positives="Central root access, with which the organization deletes keys of root and opens locked buckets.",
        bypass="Root's own password, where the member account still has one.",
        find=calls("sts", "AssumeRoot")
        | calls("iam", "EnableOrganizationsRootSessions", "EnableOrganizationsRootCredentialsManagement"),
    ),
    Detection(
        name="identity-center-rights-given",
        family=_FAMILY,
        question="Was access to an account given through Identity Center, or its permissions changed?",
        said="give access to an account through Identity Center",
        severity=Severity.MEDIUM,
        techniques=("T1098.003", "T1548.005"),
        false_positives="Access that was asked for and granted, by the team or the tool that always does so.",
        bypass="Whoever can change the directory behind it joins a group there, which no event here tells.",
        find=calls(
            "sso",
            "CreateAccountAssignment",
            "CreatePermissionSet",
            "PutInlinePolicyToPermissionSet",
            "AttachManagedPolicyToPermissionSet",
            "AttachCustomerManagedPolicyReferenceToPermissionSet",
        )
        | calls("identitystore", "CreateGroupMembership")
        | calls("sso-directory", "AddMemberToGroup"),
    ),
    Detection(
        name="service-control-loosened",
        family=_FAMILY,
        question="Was a service control policy detached, deleted, changed or switched off?",
        said="loosen the policies of the organization",
        severity=Severity.HIGH,
        techniques=("T1562.001", "T1484.002"),
        false_positives="A new guardrail replaces an old one; then an AttachPolicy follows at once.",
        bypass="An account that is moved to another unit loses the unit's policies.",
        find=calls("organizations", "DetachPolicy", "DeletePolicy", "UpdatePolicy", "DisablePolicyType"),
    ),
    Detection(
        name="refused-then-allowed",
        family=_FAMILY,
        question="Did somebody's refused call turn into one that succeeds, after a change to IAM?",
        said="be refused a call, and have it allowed after a change to IAM",
        severity=Severity.MEDIUM,
        techniques=("T1098.003", "T1548.005"),
        false_positives="Somebody asked for the right that was missing and got it; a pipeline that is being set up.",
        bypass="Rights that were never tried before they were there.",
        find=gained,
    ),
)
