"""Did somebody make a way back in for people: a user, a password, a role that others may assume, a provider of identities?

Predicates follow the API references of IAM, IAM Roles Anywhere, Identity Center and Cognito.
"""

from __future__ import annotations

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.detections.callers import FOR_ANOTHER
from cttoolkit.detections.policy_text import lets_anybody_in, lets_foreigner_in
from cttoolkit.param import param

__all__ = ["WAYS_IN"]

_FAMILY = "persistence"

WAYS_IN = (
    Detection(
        name="role-trusts-anybody",
        family=_FAMILY,
        question="Was a role made or changed so that anybody can assume it?",
        said="let anybody assume a role",
        severity=Severity.CRITICAL,
        techniques=("T1098", "T1199"),
        false_positives="A condition on the organization or an external id may narrow it again: read the document.",
        bypass="A named account is as good as anybody, if it is the attacker's; role-trusts-another-account asks for that.",
        find=calls("iam", "CreateRole", when=lets_anybody_in("requestParameters.assumeRolePolicyDocument"))
        | calls("iam", "UpdateAssumeRolePolicy", when=lets_anybody_in("requestParameters.policyDocument")),
    ),
    Detection(
        name="role-trusts-another-account",
        family=_FAMILY,
        question="Was a role made or changed so that another account can assume it?",
        said="let another account assume a role",
        severity=Severity.HIGH,
        techniques=("T1098", "T1199"),
        false_positives="Monitoring vendors, and the organization's own accounts: compare the account with a list of those.",
        bypass="A role that trusts a service or a provider which the attacker controls names no account.",
        find=calls("iam", "CreateRole", when=lets_foreigner_in("requestParameters.assumeRolePolicyDocument"))
        | calls("iam", "UpdateAssumeRolePolicy", when=lets_foreigner_in("requestParameters.policyDocument")),
    ),
    Detection(
        name="user-made",
        family=_FAMILY,
        question="Was an IAM user made?",
        said="make an IAM user",
        severity=Severity.MEDIUM,
        techniques=("T1136.003",),
        false_positives="Where people sign in through a provider, users are made for machines only, and seldom.",
        bypass="A user that nobody has used for a long time does as well.",
        find=calls("iam", "CreateUser"),
    ),
    Detection(
        name="login-profile-for-another",
        family=_FAMILY,
        question="Was a password given to a user who had none?",
        said="give a password to another user",
        severity=Severity.HIGH,
        techniques=("T1098", "T1098.001"),
        false_positives="New colleagues get one with their user; a user that belongs to a machine should not.",
        bypass="The key of the user can make a console session without a password.",
        find=calls("iam", "CreateLoginProfile", when=FOR_ANOTHER),
    ),
    Detection(
        name="identity-provider-changed",
        family=_FAMILY,
        question="Was a provider of identities added or changed, so that others can sign in?",
        said="add or change a provider of identities",
        severity=Severity.HIGH,
        techniques=("T1484.002", "T1556.007"),
        false_positives="Clusters and pipelines bring an OpenID Connect provider each; certificates of SAML are renewed every year.",
        bypass="The provider itself can be made to vouch for anybody.",
        find=calls(
            "iam",
            "CreateSAMLProvider",
            "UpdateSAMLProvider",
            "CreateOpenIDConnectProvider",
            "AddClientIDToOpenIDConnectProvider",
            "UpdateOpenIDConnectProviderThumbprint",
        )
        | calls(
            "sso",
            "CreateTrustedTokenIssuer",
            "UpdateTrustedTokenIssuer",
            "AssociateDirectory",
            "UpdateSsoConfiguration",
        )
        | calls(
            "sso-directory",
            "EnableExternalIdPConfigurationForDirectory",
            "DisableExternalIdPConfigurationForDirectory",
            "CreateExternalIdPConfigurationForDirectory",
            "UpdateExternalIdPConfigurationForDirectory",
        ),
    ),
    Detection(
        name="certificate-authority-trusted",
        family=_FAMILY,
        question="Was a certificate authority trusted by IAM Roles Anywhere, or a role offered to its certificates?",
        said="let certificates of an authority assume roles",
        severity=Severity.HIGH,
        techniques=("T1098.001", "T1484.002"),
        false_positives="Servers outside of AWS that are moved from keys to certificates, announced by somebody.",
        bypass="A certificate of an authority that is trusted already.",
        find=calls(
            "rolesanywhere",
            "CreateTrustAnchor",
            "UpdateTrustAnchor",
            "EnableTrustAnchor",
            "CreateProfile",
            "UpdateProfile",
            "EnableProfile",
        ),
    ),
    Detection(
        name="identity-center-user-made",
        family=_FAMILY,
        question="Was a user made in Identity Center, or a password or device of one changed?",
        said="make or change a user of Identity Center",
        severity=Severity.MEDIUM,
        techniques=("T1136.003", "T1556.006"),
        false_positives="New colleagues, where Identity Center is the directory; provisioning by SCIM is not recorded by these names.",
        bypass="A user that the external directory brings along.",
        find=calls("identitystore", "CreateUser")
        | calls(
            "sso-directory",
            "CreateUser",
            "UpdatePassword",
            "StartVirtualMfaDeviceRegistration",
            "CompleteVirtualMfaDeviceRegistration",
            "DeleteMfaDeviceForUser",
        ),
    ),
    Detection(
        name="identity-pool-opened",
        family=_FAMILY,
        question="Was a Cognito identity pool opened to guests, or given other roles?",
        said="open an identity pool to guests, or give it other roles",
        severity=Severity.MEDIUM,
        techniques=("T1098.003", "T1078.004"),
        false_positives="Apps with guests are built so; the guests' role should allow next to nothing.",
        bypass="A user pool with open registration lets everybody become an authenticated identity.",
        find=calls(
            "cognito-identity",
            "CreateIdentityPool",
            "UpdateIdentityPool",
            when=param("requestParameters.allowUnauthenticatedIdentities") == True,  # noqa: E712
        )
        | calls("cognito-identity", "SetIdentityPoolRoles"),
    ),
)
