"""The story of the help desk: a password guessed at the console, a policy that its owner may rewrite, and six ways back in.

In the afternoon somebody tries passwords at the sign-in page and gets in as anna.h, who has no second factor. What anna.h may not do she
is then allowed by a new version of a policy; with it a user, a trusted account, a public function and its schedule are left behind.
Meanwhile the help desk resets a password as it does every day, and a contractor signs in from another country.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.errors import ScenarioError
from cttoolkit.training.bucket import Bucket
from cttoolkit.training.callers import Caller, access_key, session, user
from cttoolkit.training.draws import Draws
from cttoolkit.training.people import click, sign_in
from cttoolkit.training.scenarios.ordinary import FROM_CONSOLE, live, moment, opened, told
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant, written

__all__ = ["build"]

ACCOUNT, FOREIGN = "111122223333", "123456789012"
HOME, FUNCTIONS = "us-east-1", "eu-west-1"
REGIONS = (HOME, FUNCTIONS)
START = instant("2026-10-14T00:00:00Z")
NEXT_DAY = START + timedelta(days=1)
WINDOW = Window(moment(START, "16:40:06"), moment(NEXT_DAY, "08:10:33"))
GUESSER, ACCOMPLICE = "203.0.113.77", "198.51.100.9"
DESK, JONS, RITAS, ABROAD = "192.0.2.30", "192.0.2.28", "192.0.2.88", "198.51.100.201"
BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
COLLEAGUES_BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0"
COMMAND_LINE = "aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/linux#6.12.25-amd64 md/arch#x86_64 lang/python#3.13.4"
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
TRIED = (HIDDEN, HIDDEN, "marc", HIDDEN, "jon", HIDDEN, "marc", HIDDEN, "jon", HIDDEN, "marc", HIDDEN, *["anna.h"] * 19)
"""Names at the sign-in page; CloudTrail hides those that no user of the account has."""
SIGNED_IN = "16:53:12"
NEW_USER, NEW_KEY = "backup-svc2", access_key("AKIA", "backup-svc2")
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/team-dev-boundary-tools"
FUNCTION = f"arn:aws:lambda:{FUNCTIONS}:{ACCOUNT}:function:healthcheck"
URL = f"https://healthcheckexample.lambda-url.{FUNCTIONS}.on.aws/"
RULE = "healthcheck-daily"
REFUSED = (
    ("16:56:20", "iam", "ListUsers"),
    ("16:56:21", "iam", "ListRoles"),
    ("16:56:21", "iam", "ListPolicies"),
    ("16:57:48", "iam", "GetAccountAuthorizationDetails"),
    ("16:58:15", "iam", "ListMFADevices"),
    ("16:58:52", "iam", "ListAccessKeys"),
    ("16:59:30", "lambda", "ListFunctions20150331"),
    ("17:00:04", "secretsmanager", "ListSecrets"),
    ("17:00:41", "iam", "CreateUser"),
)
MEANINGS = {
    "guesses_of_names": "seven sign-ins under names that nobody has in the account: CloudTrail hides what was typed",
    "guesses_of_passwords": "twenty-four failed sign-ins as marc, jon and anna.h",
    "signed_in": "the next one as anna.h succeeds, without a second factor",
    "looking_around": "anna.h reads what she herself is allowed, the policy team-dev-boundary-tools last",
    "denied": "nine calls that anna.h is refused, CreateUser among them",
    "policy_changed": "she makes a new default version of team-dev-boundary-tools, which allows everything",
    "allowed_now": "calls that were refused before are answered",
    "administrator_left": "a user backup-svc2 gets a password, AdministratorAccess and a key",
    "trust_widened": "the role OrgAudit is made to trust account 123456789012",
    "role_strengthened": "the role of the function healthcheck gets an inline policy that allows all of IAM",
    "function_opened": "healthcheck gets an address that anybody may call",
    "schedule_made": "a rule runs healthcheck once a day",
    "second_factor_removed": "marc's second factor is deactivated",
    "role_taken": "OrgAudit is assumed from account 123456789012: the other half lies in that account's trail",
    "role_used": "that session reads users, roles, trails and buckets",
    "key_used": "the next morning the key of backup-svc2 is used",
    "tidied": "with it the password of backup-svc2 is deleted; the key and the policy stay",
}
INNOCENT = {
    "password_reset": "jon forgets his password twice, the help desk gives him a new one, he signs in with his second factor",
    "contractor": "rita, a contractor, signs in at home in the morning and abroad in the evening, with the same second factor",
}


def build(seed: int = 1, days: int = 2, volume: float = 0.15) -> tuple[Bucket, dict[str, Any]]:
    """The signed bucket of this world, and its truth. Fewer than two days are a ScenarioError: the story goes on the next morning."""
    if days < 2:
        raise ScenarioError("help-desk", "its story takes two days", "give it two days or more")
    sim = Simulator(seed)
    trail = opened(sim, ACCOUNT, HOME, REGIONS, START, days)
    live(trail, seed, days, volume, regions=REGIONS)
    innocent, story = Scribe(trail, seed, "innocent"), Scribe(trail, seed, "story")
    _reset(innocent, Draws("desk", seed))
    _travel(innocent, Draws("travel", seed))
    _guess(story)
    keys = _climb(story)
    _stay(story, Draws("left", seed))
    taken = _come_back(story, Draws("foreign", seed))
    truth = told(
        "help-desk",
        f"arn:aws:iam::{ACCOUNT}:user/anna.h",
        WINDOW,
        {**story.named, **innocent.named},
        MEANINGS,
        innocent=INNOCENT,
        absent=["StopLogging", "DeleteTrail", "DeleteAccessKey", "DeleteUser", "CreateVirtualMFADevice"],
        unproven=[
            "which names were typed that CloudTrail hides",
            "who assumed OrgAudit: of the caller there is an account and a principal id, and its own trail is not in the evidence",
            "whether anybody called the function's address: invocations are data events that the trail does not select",
            "whether marc's password was guessed as well: nobody signed in as marc",
        ],
        foreign_addresses=[GUESSER, ACCOMPLICE],
        foreign_account=FOREIGN,
        session_since=written(moment(START, SIGNED_IN)),
        session_keys=keys,
        role_session=taken.identity["accessKeyId"],
        new_key=NEW_KEY,
        refused_then_allowed=["CreateUser", "GetAccountAuthorizationDetails", "ListFunctions20150331", "ListMFADevices", "ListUsers"],
        survivors=[f"user/{NEW_USER}", NEW_KEY, "policy/team-dev-boundary-tools", "role/OrgAudit", "role/healthcheck",
                   "function:healthcheck", f"rule/{RULE}", "mfa/marc"],
    )  # fmt: skip
    return sim.seal(), truth


def _try(scribe: Scribe, name: str, at: datetime, address: str, agent: str, story: str) -> None:
    """A sign-in that fails. Of a name that nobody has even the principal is unknown."""
    known = user(ACCOUNT, name, "", address, agent).identity
    parts = ("type", "accountId", "accessKeyId", "userName") if name == HIDDEN else (
        "type", "principalId", "accountId", "accessKeyId", "userName")  # fmt: skip
    scribe.note(
        Caller({part: known[part] for part in parts}, address, agent), at, "signin", "ConsoleLogin", kind="AwsConsoleSignIn",
        story=story, responseElements={"ConsoleLogin": "Failure"}, additionalEventData=_page("No"),
        errorMessage="No username found in supplied account" if name == HIDDEN else "Failed authentication",
    )  # fmt: skip


def _enter(
    scribe: Scribe, name: str, at: datetime, address: str, agent: str, story: str, *, mfa: bool = False
) -> Caller:
    """A sign-in that succeeds. Returns the console's session, whose keys are one for each page that is opened."""
    here = replace(user(ACCOUNT, name, access_key("ASIA", f"{name}/0"), address, agent), over_tls=False)
    without_key = {part: value for part, value in here.identity.items() if part != "accessKeyId"}
    factor = {"MFAIdentifier": f"arn:aws:iam::{ACCOUNT}:mfa/{name}"} if mfa else {}
    scribe.note(
        replace(here, identity=without_key), at, "signin", "ConsoleLogin", kind="AwsConsoleSignIn", story=story,
        responseElements={"ConsoleLogin": "Success"}, additionalEventData=_page("Yes" if mfa else "No") | factor,
    )  # fmt: skip
    context = {"attributes": {"creationDate": written(at), "mfaAuthenticated": str(mfa).lower()}}
    return replace(here, identity={**here.identity, "sessionContext": context})


def _page(mfa: str) -> dict[str, Any]:
    return {"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": mfa}


def _reset(scribe: Scribe, draws: Draws) -> None:
    """A red herring: failures, a new password, a sign-in, all of it within the attack's quarter of an hour."""
    for clock in ("16:38:20", "16:39:02"):
        _try(scribe, "jon", moment(START, clock), JONS, COLLEAGUES_BROWSER, "password_reset")
    desk = sign_in(scribe, ACCOUNT, "petra", "HelpDesk", moment(START, "16:44:00"), DESK)
    asked = {"userName": "jon", "passwordResetRequired": True}
    scribe.write(desk, HOME, moment(START, "16:46:31"), "iam", "UpdateLoginProfile", asked, changes=True,
                 story="password_reset", **FROM_CONSOLE)  # fmt: skip
    at = moment(START, "16:49:10")
    jon = _enter(scribe, "jon", at, JONS, COLLEAGUES_BROWSER, "password_reset", mfa=True)
    scribe.write(jon, HOME, at + timedelta(seconds=20), "iam", "ChangePassword", changes=True, story="password_reset",
                 **FROM_CONSOLE)  # fmt: skip
    click(scribe, jon, FUNCTIONS, at + timedelta(minutes=2), draws)


def _travel(scribe: Scribe, draws: Draws) -> None:
    """A red herring: a new address, and nothing else about it is new."""
    for clock, address in (("08:20:41", RITAS), ("17:26:05", ABROAD)):
        at = moment(START, clock)
        rita = _enter(scribe, "rita", at, address, COLLEAGUES_BROWSER, "contractor", mfa=True)
        click(scribe, rita, FUNCTIONS, at + timedelta(minutes=3), draws)


def _guess(scribe: Scribe) -> None:
    for number, name in enumerate(TRIED):
        part = "guesses_of_names" if name == HIDDEN else "guesses_of_passwords"
        _try(scribe, name, WINDOW.start + timedelta(seconds=25 * number), GUESSER, BROWSER, part)
    _enter(scribe, "anna.h", moment(START, SIGNED_IN), GUESSER, BROWSER, "signed_in")


def _anna(page: int) -> Caller:
    """anna.h's session as a page of the console uses it: one time of creation, a key for each page."""
    context = {"attributes": {"creationDate": written(moment(START, SIGNED_IN)), "mfaAuthenticated": "false"}}
    here = user(ACCOUNT, "anna.h", access_key("ASIA", f"anna.h/{page}"), GUESSER, BROWSER)
    return replace(here, identity={**here.identity, "sessionContext": context}, over_tls=False)


def _do(
    scribe: Scribe, clock: str, page: int, call: tuple[str, str], story: str, asked: Mapping[str, Any] | None = None,
    answer: Mapping[str, Any] | None = None, **more: Any,
) -> None:  # fmt: skip
    """One call of anna.h's, in the region of its service."""
    source, name = call
    region = FUNCTIONS if source in ("lambda", "events") else HOME
    scribe.write(_anna(page), region, moment(START, clock), source, name, asked, response=answer, story=story,
                 **FROM_CONSOLE, **more)  # fmt: skip


def _climb(scribe: Scribe) -> list[str]:
    """From what anna.h may do to everything. Returns the keys of her session, of which later pages use the last three."""
    whose = {"userName": "anna.h"}
    for clock, name, asked in (
        ("16:55:10", "GetUser", None),
        ("16:55:11", "ListAttachedUserPolicies", whose),
        ("16:55:12", "ListUserPolicies", whose),
        ("16:55:12", "ListGroupsForUser", whose),
        ("17:01:36", "GetPolicy", {"policyArn": POLICY}),
        ("17:01:37", "GetPolicyVersion", {"policyArn": POLICY, "versionId": "v3"}),
    ):
        _do(scribe, clock, 0 if clock < "17" else 2, ("iam", name), "looking_around", asked)
    for clock, source, name in REFUSED:
        asked = (
            {"userName": NEW_USER}
            if name == "CreateUser"
            else {"userName": "marc"}
            if name in ("ListMFADevices", "ListAccessKeys")
            else None
        )
        _do(scribe, clock, 1, (source, name), "denied", asked, refused=True, changes=name == "CreateUser")
    everything = _policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    version = {"policyVersion": {"versionId": "v4", "isDefaultVersion": True, "createDate": "Oct 14, 2026 5:03:18 PM"}}
    _do(scribe, "17:03:18", 2, ("iam", "CreatePolicyVersion"), "policy_changed",
        {"policyArn": POLICY, "policyDocument": everything, "setAsDefault": True}, version, changes=True)  # fmt: skip
    for clock, source, name in (
        ("17:04:02", "iam", "ListUsers"),
        ("17:04:40", "iam", "GetAccountAuthorizationDetails"),
        ("17:05:11", "iam", "ListMFADevices"),
        ("17:05:37", "lambda", "ListFunctions20150331"),
    ):
        _do(scribe, clock, 3, (source, name), "allowed_now", {"userName": "marc"} if name == "ListMFADevices" else None)
    return [access_key("ASIA", f"anna.h/{page}") for page in range(6)]


def _policy(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _stay(scribe: Scribe, draws: Draws) -> None:
    """What is left behind."""
    whose = {"userName": NEW_USER}
    whom = {"path": "/", **whose, "userId": user(ACCOUNT, NEW_USER, "", "", "").identity["principalId"],
            "arn": f"arn:aws:iam::{ACCOUNT}:user/{NEW_USER}", "createDate": "Oct 14, 2026 5:06:09 PM"}  # fmt: skip
    made = {"loginProfile": {**whose, "createDate": "Oct 14, 2026 5:06:31 PM", "passwordResetRequired": False}}
    key = {"accessKey": {**whose, "accessKeyId": NEW_KEY, "status": "Active", "createDate": "Oct 14, 2026 5:07:24 PM"}}
    trusted = _policy({"Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{FOREIGN}:root"]},
                       "Action": "sts:AssumeRole"})  # fmt: skip
    inline = _policy({"Effect": "Allow", "Action": "iam:*", "Resource": "*"})
    opened_to = {"functionName": FUNCTION, "statementId": "FunctionURLAllowPublicAccess", "action": "lambda:InvokeFunctionUrl",
                 "principal": "*", "functionUrlAuthType": "NONE"}  # fmt: skip
    said = {"Sid": opened_to["statementId"], "Effect": "Allow", "Principal": "*", "Action": opened_to["action"], "Resource": FUNCTION,
            "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}}  # fmt: skip
    address = {
        "functionUrl": URL,
        "functionArn": FUNCTION,
        "authType": "NONE",
        "creationTime": "2026-10-14T17:15:20.114Z",
    }
    rule = f"arn:aws:events:{FUNCTIONS}:{ACCOUNT}:rule/{RULE}"
    policy = {**whose, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    for clock, page, source, name, story, asked, answer in (
        ("17:06:09", 4, "iam", "CreateUser", "administrator_left", whose, {"user": whom}),
        ("17:06:31", 4, "iam", "CreateLoginProfile", "administrator_left", {**whose, "passwordResetRequired": False}, made),
        ("17:06:58", 4, "iam", "AttachUserPolicy", "administrator_left", policy, None),
        ("17:07:24", 4, "iam", "CreateAccessKey", "administrator_left", whose, key),
        ("17:11:40", 4, "iam", "UpdateAssumeRolePolicy", "trust_widened", {"roleName": "OrgAudit", "policyDocument": trusted}, None),
        ("17:13:15", 4, "iam", "PutRolePolicy", "role_strengthened",
         {"roleName": "healthcheck", "policyName": "healthcheck-extra", "policyDocument": inline}, None),
        ("17:15:20", 5, "lambda", "CreateFunctionUrlConfig", "function_opened", {"functionName": FUNCTION, "authType": "NONE"}, address),
        ("17:15:21", 5, "lambda", "AddPermission20150331v2", "function_opened", opened_to, {"statement": json.dumps(said)}),
        ("17:17:48", 5, "events", "PutRule", "schedule_made",
         {"name": RULE, "scheduleExpression": "rate(1 day)", "state": "ENABLED"}, {"ruleArn": rule}),
        ("17:18:02", 5, "events", "PutTargets", "schedule_made",
         {"rule": RULE, "targets": [{"id": draws.hexadecimal(8), "arn": FUNCTION}]}, {"failedEntryCount": 0, "failedEntries": []}),
        ("17:20:33", 5, "iam", "DeactivateMFADevice", "second_factor_removed",
         {"userName": "marc", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/marc"}, None),
    ):  # fmt: skip
        _do(scribe, clock, page, (source, name), story, asked, answer, changes=True)


def _come_back(scribe: Scribe, draws: Draws) -> Caller:
    """By the role that evening, and by the key the next morning. Returns the session of the role."""
    at = moment(START, "17:31:04")
    audit = session(ACCOUNT, "OrgAudit", "audit", at, ACCOMPLICE, COMMAND_LINE)
    outside = {"type": "AWSAccount", "principalId": f"AIDA{draws.token(17)}", "accountId": FOREIGN}
    scribe.assume(replace(audit, identity=outside), HOME, at, audit, story="role_taken", sharedEventID=draws.uuid())
    for clock, source, name in (
        ("17:31:52", "sts", "GetCallerIdentity"),
        ("17:33:10", "iam", "ListUsers"),
        ("17:33:26", "iam", "ListRoles"),
        ("17:35:02", "cloudtrail", "DescribeTrails"),
        ("17:36:40", "s3", "ListBuckets"),
    ):
        scribe.write(audit, HOME, moment(START, clock), source, name, story="role_used")
    later = user(ACCOUNT, NEW_USER, NEW_KEY, ACCOMPLICE, COMMAND_LINE)
    for clock, source, name in (
        ("08:02:11", "sts", "GetCallerIdentity"),
        ("08:03:45", "secretsmanager", "ListSecrets"),
        ("08:05:20", "s3", "ListBuckets"),
    ):
        scribe.write(later, HOME, moment(NEXT_DAY, clock), source, name, story="key_used")
    scribe.write(later, HOME, moment(NEXT_DAY, "08:10:32"), "iam", "DeleteLoginProfile", {"userName": NEW_USER}, changes=True,
                 story="tidied")  # fmt: skip
    return audit
