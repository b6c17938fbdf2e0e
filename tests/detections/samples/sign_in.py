"""Sign-ins to the console, and what makes them easier."""

from tests.detections.samples.records import ACCOUNT, by_role, by_root, call

PORTAL = {"userAgent": "Jersey/${project.version} (HttpUrlConnection 17.0.12)"}
SSO = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Administrators_0123456789abcdef"
CROSS = {"client_id": "arn:aws:signin:::devtools/cross-device", "grant_type": "authorization_code"}


def sign_in(outcome="Success", mfa="No"):
    return call(
        "signin", "ConsoleLogin", None, {"ConsoleLogin": outcome},
        additionalEventData={"LoginTo": "https://console.aws.amazon.com/console/home", "MFAUsed": mfa},
        eventType="AwsConsoleSignIn",
    )  # fmt: skip


def token(**parts):
    return call("signin", "GetSigninToken", None, {"GetSigninToken": "Success"}, **parts)


SEEN = {
    "root-signed-in-without-mfa": [by_root(sign_in())],
    "root-signed-in": [by_root(sign_in(mfa="Yes"))],
    "root-password-recovered": [
        by_root(call("signin", "PasswordRecoveryRequested", None, {"PasswordRecoveryRequested": "Success"})),
        by_root(call("signin", "PasswordUpdated", None, {"PasswordUpdated": "Success"})),
    ],
    "root-password-given": [by_root(call("iam", "CreateLoginProfile"))],
    "signed-in-without-mfa": [sign_in()],
    "console-session-from-key": [token(), by_role(token(), role=SSO), by_role(token(**PORTAL))],
    "signed-in-across-devices": [call("signin", "CreateOAuth2Token", CROSS)],
    "mfa-device-removed": [
        call("iam", "DeactivateMFADevice", {"userName": "bob", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/bob"}),
        by_root(call("iam", "DeactivateMFADevice", {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root"})),
    ],
    "mfa-device-for-another": [
        call("iam", "EnableMFADevice", {"userName": "bob", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/bob"})
    ],
}
UNSEEN = {
    "root-signed-in-without-mfa": [by_root(sign_in(mfa="Yes")), by_root(sign_in("Failure")), sign_in()],
    "root-signed-in": [by_root(sign_in("Failure")), sign_in(mfa="Yes")],
    "root-password-recovered": [call("iam", "ChangePassword"), by_root(sign_in())],
    "root-password-given": [
        by_root(call("iam", "CreateLoginProfile", {"userName": "bob"})),
        call("iam", "CreateLoginProfile"),
    ],
    "signed-in-without-mfa": [
        sign_in(mfa="Yes"),
        sign_in("Failure"),
        by_role(sign_in()),
        by_root(sign_in()),
    ],
    "console-session-from-key": [
        by_role(token(**PORTAL), role=SSO),
        call("example", "GetSigninToken"),
    ],
    "signed-in-across-devices": [
        call("signin", "CreateOAuth2Token", CROSS | {"client_id": "arn:aws:signin:::devtools/same-device"})
    ],
    "mfa-device-removed": [
        call("iam", "EnableMFADevice", {"userName": "alice", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/alice"})
    ],
    "mfa-device-for-another": [
        call("iam", "EnableMFADevice", {"userName": "alice", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/alice"}),
        call("iam", "DeactivateMFADevice", {"userName": "bob", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/bob"}),
    ],
}
