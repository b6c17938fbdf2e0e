"""Did somebody sign in to the console who should not have, or make it easier to?

Source of the events and their fields: CloudTrail User Guide, "AWS Management Console sign-in events".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.detections.callers import BY_ROOT, FOR_ANOTHER, FOR_CALLER
from cttoolkit.detections.sign_in_runs import guessed, guessed_and_entered, hidden_names, sprayed, unanswered
from cttoolkit.param import Match, param

if TYPE_CHECKING:
    import ibis

__all__ = ["SIGN_IN"]

_FAMILY = "sign-in"
_SIGNED_IN = param("responseElements.ConsoleLogin") == "Success"
_WITHOUT_MFA = param("additionalEventData.MFAUsed") != "Yes"
_BY_USER = Match("by an IAM user", lambda table: table.user_identity_type == "IAMUser")
_SSO_ROLE = "/AWSReservedSSO_"
_SSO_AGENT = "Jersey/${project.version}"


def _is_portal(table: ibis.Table) -> Any:
    """Whether the access portal of Identity Center asked, for one of its own sessions."""
    by_role = table.role.contains(_SSO_ROLE).fill_null(False)
    return by_role & table.user_agent.startswith(_SSO_AGENT).fill_null(False)


def _is_cross_device(table: ibis.Table) -> Any:
    columns = (table.request_parameters, table.additional_event_data, table.response_elements)
    found = [column.contains("devtools/cross-device").fill_null(False) for column in columns]
    return found[0] | found[1] | found[2]


SIGN_IN = (
    Detection(
        name="root-signed-in-without-mfa",
        family=_FAMILY,
        question="Did root sign in without a second factor?",
        said="sign in as root without a second factor",
        severity=Severity.CRITICAL,
        techniques=("T1078.004",),
        false_positives="The first sign-in to a new account, before a device is set up.",
        bypass="A second factor that the attacker set up shows as one that was used.",
        find=calls("signin", "ConsoleLogin", when=BY_ROOT & _SIGNED_IN & _WITHOUT_MFA),
    ),
    Detection(
        name="root-signed-in",
        family=_FAMILY,
        question="Did root sign in?",
        said="sign in as root",
        severity=Severity.HIGH,
        techniques=("T1078.004",),
        false_positives="The few tasks that only root may do, which are planned and written down somewhere.",
        bypass="Root's access keys and AssumeRoot need no sign-in.",
        find=calls("signin", "ConsoleLogin", when=BY_ROOT & _SIGNED_IN),
    ),
    Detection(
        name="root-password-recovered",
        family=_FAMILY,
        question="Was root's password recovered, or its password or e-mail address changed?",
        said="ask for a new password of root, or change its password or e-mail address",
        severity=Severity.HIGH,
        techniques=("T1078.004", "T1098"),
        false_positives="Whoever took over an account from a colleague; anybody who knows the address can ask for a recovery.",
        bypass="An e-mail address changed through AWS Support, or by the organization, is another call.",
        find=calls(
            "signin",
            "PasswordRecoveryRequested",
            "PasswordRecoveryCompleted",
            "PasswordUpdated",
            "EmailUpdated",
        ),
    ),
    Detection(
        name="root-password-given",
        family=_FAMILY,
        question="Was root given a password by way of the API, as only an AssumeRoot session can?",
        said="give root a password by way of the API",
        severity=Severity.CRITICAL,
        techniques=("T1098", "T1078.004"),
        false_positives="Recovery of a member account whose root was locked out, by the organization's administrators.",
        bypass="Password recovery by e-mail.",
        find=calls("iam", "CreateLoginProfile", "UpdateLoginProfile", when=BY_ROOT & FOR_CALLER),
    ),
    Detection(
        name="signed-in-without-mfa",
        family=_FAMILY,
        question="Did an IAM user sign in without a second factor?",
        said="sign in without a second factor",
        severity=Severity.MEDIUM,
        techniques=("T1078.004",),
        false_positives="Users who have no device yet. Roles and federated sign-ins are not asked: their provider checks the factor.",
        bypass="GetSigninToken makes a console session of a key, with no sign-in by a user.",
        find=calls("signin", "ConsoleLogin", when=_BY_USER & _SIGNED_IN & _WITHOUT_MFA),
    ),
    Detection(
        name="console-session-from-key",
        family=_FAMILY,
        question="Were a key's temporary credentials turned into a console session?",
        said="turn temporary credentials into a console session",
        severity=Severity.HIGH,
        techniques=("T1550.001", "T1078.004"),
        false_positives="Home-made sign-in brokers, and aws-vault on developers' machines. Identity Center's portal is left out.",
        bypass="Who holds an Identity Center session can write the portal's user agent.",
        find=calls("signin", "GetSigninToken", when=~Match("by the access portal", _is_portal)),
    ),
    Detection(
        name="signed-in-across-devices",
        family=_FAMILY,
        question="Was a command line signed in from another device, as in device-code phishing?",
        said="sign a command line in from another device",
        severity=Severity.MEDIUM,
        techniques=("T1528", "T1550.001"),
        false_positives="Work on servers without a browser; the address of the approval and of the token should both be known.",
        bypass="Identity Center's own device flow records CreateToken of sso-oidc instead.",
        find=calls(
            "signin",
            "CreateOAuth2Token",
            "AuthorizeOAuth2Access",
            when=Match("across devices", _is_cross_device),
        ),
    ),
    Detection(
        name="password-guessing",
        family=_FAMILY,
        question="Did sign-ins of one name fail five times within ten minutes?",
        said="fail to sign in five times within ten minutes",
        severity=Severity.MEDIUM,
        techniques=("T1110.001",),
        false_positives="Somebody who forgot a password, or a password manager that keeps the old one.",
        bypass="Four attempts in ten minutes, or one name after the other.",
        find=guessed,
        is_of_failures=True,
    ),
    Detection(
        name="password-spraying",
        family=_FAMILY,
        question="Did sign-ins of five names fail from one address within ten minutes?",
        said="fail to sign in as five users or more, from one address within ten minutes",
        severity=Severity.HIGH,
        techniques=("T1110.003",),
        false_positives="An office behind one address on the morning after passwords expired.",
        bypass="An address for each name, or an hour between them.",
        find=sprayed,
        is_of_failures=True,
    ),
    Detection(
        name="unknown-names-tried",
        family=_FAMILY,
        question="Were names tried, five times within ten minutes from one address, that the account does not have?",
        said="try to sign in with names that are no users, five times within ten minutes from one address",
        severity=Severity.MEDIUM,
        techniques=("T1110.003", "T1087.004"),
        false_positives="Somebody who types an e-mail address, or a password, into the field for the name.",
        bypass="Names from a list of those that exist.",
        find=hidden_names,
        is_of_failures=True,
    ),
    Detection(
        name="signed-in-after-failures",
        family=_FAMILY,
        question="Did a sign-in succeed within an hour after three had failed, for the same name or from the same address?",
        said="sign in within an hour after three failed attempts",
        severity=Severity.HIGH,
        techniques=("T1110.001", "T1078.004"),
        false_positives="A person who mistypes; the address and the agent then are the usual ones.",
        bypass="Going on an hour later, from another address and with another name.",
        find=guessed_and_entered,
    ),
    Detection(
        name="second-factor-not-given",
        family=_FAMILY,
        question="Was a right password given, and the second factor that it asks for was not?",
        said="give a right password, and no second factor within ten minutes",
        severity=Severity.HIGH,
        techniques=("T1621", "T1078.004"),
        false_positives="Somebody without the device at hand who gives up.",
        bypass="A sign-in page in between passes the second factor on, and the sign-in succeeds.",
        find=unanswered,
    ),
    Detection(
        name="mfa-device-removed",
        family=_FAMILY,
        question="Was a second factor taken away?",
        said="take away a second factor",
        severity=Severity.HIGH,
        techniques=("T1556.006",),
        false_positives="A lost or new phone; then a device of the same user is enabled within minutes, from the usual address.",
        bypass="A further device beside the first leaves that one where it is.",
        find=calls("iam", "DeactivateMFADevice", "DeleteVirtualMFADevice"),
    ),
    Detection(
        name="mfa-device-for-another",
        family=_FAMILY,
        question="Did somebody set up a second factor for another user?",
        said="set up a second factor for another user",
        severity=Severity.MEDIUM,
        techniques=("T1098.005", "T1556.006"),
        false_positives="A help desk that hands out devices.",
        bypass="An attacker in the user's own session sets it up for that user itself.",
        find=calls("iam", "EnableMFADevice", "ResyncMFADevice", when=FOR_ANOTHER),
    ),
)
