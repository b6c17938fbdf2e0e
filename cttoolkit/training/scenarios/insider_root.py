"""The story of root: somebody who may read the account's mailbox makes themselves root for an evening.

In the morning two people sign in as root with the device from the safe, as was planned. In the evening, from a line that an
administrator also uses for the console, root's password is tried, then recovered, and root signs in without a second factor: a key is
made, a snapshot is shared with a foreign account, an administrator is left behind, the key is deleted again.
"""

from __future__ import annotations

from typing import Any

from cttoolkit.training.bucket import Bucket
from cttoolkit.training.callers import Caller, access_key, root, user
from cttoolkit.training.draws import Draws
from cttoolkit.training.people import click, sign_in
from cttoolkit.training.scenarios.ordinary import FROM_CONSOLE, live, moment, opened, told
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant

__all__ = ["build"]

ACCOUNT, FOREIGN = "111122223333", "123456789012"
HOME = "us-east-1"
REGIONS = (HOME, "eu-west-1")
START = instant("2026-05-20T00:00:00Z")
WINDOW = Window(moment(START, "18:41:10"), moment(START, "19:52:05"))
OFFICE, LINE = "192.0.2.10", "198.51.100.64"
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFES_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36"
COMMAND_LINE = "aws-cli/2.22.7 md/Botocore#1.35.76 ua/2.0 os/windows#10 md/arch#amd64 lang/python#3.12.6"
ROOTS, LEFT = access_key("AKIA", "root"), access_key("AKIA", "it-support")
SNAPSHOT, VOLUME = "snap-0exampleclaims001", "vol-0exampleclaims0001"
MEANINGS = {
    "guesses": "root's password is tried twice from the line, and is wrong",
    "password_recovered": "a new password of root is asked for, and set: who did it could read the account's mailbox",
    "signed_in": "root signs in from the line, without a second factor",
    "looking_around": "root looks at the account's summary, its users and its snapshots",
    "contact_changed": "whom AWS writes to about security is changed",
    "key_made": "root makes a key for root",
    "key_used": "root's key is used, from the same line",
    "snapshot_made": "a snapshot of the volume of the claims is made",
    "snapshot_shared": "the snapshot is shared with an account that is not the company's",
    "administrator_left": "a user it-support is made, gets a password, a key and AdministratorAccess",
    "key_deleted": "root's key is deleted again",
    "survivor_used": "the key of it-support is used, later, from the line",
}
INNOCENT = {
    "planned": "in the morning root signs in from the office with the device from the safe, and changes the alternate contact for bills",
    "same_line": "oskar, an administrator, is in the console from the same line, before and after",
}


def build(seed: int = 1, days: int = 1, volume: float = 0.3) -> tuple[Bucket, dict[str, Any]]:
    """The signed bucket of this world, and its truth."""
    sim = Simulator(seed)
    trail = opened(sim, ACCOUNT, HOME, REGIONS, START, days)
    live(trail, seed, days, volume, regions=REGIONS)
    innocent, story = Scribe(trail, seed, "innocent"), Scribe(trail, seed, "story")
    _planned(innocent)
    oskar = _same_line(innocent, Draws("line", seed))
    _take_over(story)
    _use_the_key(story, Draws("root", seed))
    truth = told(
        "insider-root",
        f"arn:aws:iam::{ACCOUNT}:root",
        WINDOW,
        {**story.named, **innocent.named},
        MEANINGS,
        innocent=INNOCENT,
        absent=[
            "SharedSnapshotVolumeCreated",
            "SharedSnapshotCopyInitiated",
            "StopLogging",
            "DeleteTrail",
            "CloseAccount",
        ],
        unproven=[
            "who was root: the address is one that oskar used as well, and an address is nobody",
            "who read the mailbox",
            "whether the foreign account copied the snapshot: that would be in its own log first of all",
        ],
        line=LINE,
        also_on_the_line=oskar.identity["arn"],
        known_address=OFFICE,
        foreign_account=FOREIGN,
        keys_made={"root": ROOTS, "it-support": LEFT},
        survivors=["user/it-support", LEFT, SNAPSHOT],
    )
    return sim.seal(), truth


def _sign_in(
    scribe: Scribe, at: str, address: str, agent: str, story: str, *, success: bool = True, mfa: bool = False
) -> None:
    """root at the sign-in page. A failure has no error code: the outcome stands in the answer."""
    told_of: dict[str, Any] = {"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No"}
    if mfa:
        told_of["MFAIdentifier"] = f"arn:aws:iam::{ACCOUNT}:mfa/safe"
    more = {} if success else {"errorMessage": "Failed authentication"}
    scribe.note(
        root(ACCOUNT, address, agent), moment(START, at), "signin", "ConsoleLogin", kind="AwsConsoleSignIn", story=story,
        responseElements={"ConsoleLogin": "Success" if success else "Failure"},
        additionalEventData=told_of | {"MFAUsed": "Yes" if mfa else "No"}, **more,
    )  # fmt: skip


def _in_console(at: str, address: str, agent: str, *, mfa: bool = False) -> Caller:
    return root(ACCOUNT, address, agent, key=access_key("ASIA", f"root/{at}"), since=moment(START, at), mfa=mfa)


def _planned(scribe: Scribe) -> None:
    """A red herring: two people, the safe, a ticket."""
    at = "08:05:30"
    _sign_in(scribe, at, OFFICE, SAFES_BROWSER, "planned", mfa=True)
    caller = _in_console(at, OFFICE, SAFES_BROWSER, mfa=True)
    scribe.write(caller, HOME, moment(START, "08:06:02"), "account", "GetAlternateContact", {"alternateContactType": "BILLING"},
                 story="planned", **FROM_CONSOLE)  # fmt: skip
    contact = {"alternateContactType": "BILLING", "emailAddress": "bills@example.com", "name": "HIDDEN_DUE_TO_SECURITY_REASONS",
               "phoneNumber": "HIDDEN_DUE_TO_SECURITY_REASONS", "title": "HIDDEN_DUE_TO_SECURITY_REASONS"}  # fmt: skip
    scribe.write(caller, HOME, moment(START, "08:07:44"), "account", "PutAlternateContact", contact, changes=True,
                 story="planned", **FROM_CONSOLE)  # fmt: skip


def _same_line(scribe: Scribe, draws: Draws) -> Caller:
    """A red herring or a lead: an administrator who works from the same line that evening."""
    for at, last in (("18:22:15", "18:34:20"), ("20:05:40", "20:14:00")):
        oskar = sign_in(scribe, ACCOUNT, "oskar", "AdministratorAccess", moment(START, at), LINE)
        click(scribe, oskar, HOME, moment(START, last), draws)
        scribe.write(oskar, HOME, moment(START, last), "iam", "GetAccountSummary", story="same_line", **FROM_CONSOLE)
    return oskar


def _take_over(scribe: Scribe) -> None:
    for at in ("18:41:10", "18:41:52"):
        _sign_in(scribe, at, LINE, BROWSER, "guesses", success=False)
    for at, name in (("18:43:05", "PasswordRecoveryRequested"), ("18:47:31", "PasswordRecoveryCompleted")):
        scribe.note(root(ACCOUNT, LINE, BROWSER), moment(START, at), "signin", name, kind="AwsConsoleSignIn",
                    story="password_recovered", responseElements={name: "Success"})  # fmt: skip
    _sign_in(scribe, "18:49:02", LINE, BROWSER, "signed_in")
    caller = _in_console("18:49:02", LINE, BROWSER)
    for at, region, source, name in (
        ("18:49:30", HOME, "iam", "GetAccountSummary"),
        ("18:49:31", HOME, "iam", "ListAccessKeys"),
        ("18:50:12", HOME, "iam", "ListUsers"),
        ("18:52:40", HOME, "ec2", "DescribeVolumes"),
        ("18:53:05", HOME, "ec2", "DescribeSnapshots"),
        ("18:54:26", HOME, "cloudtrail", "DescribeTrails"),
    ):
        scribe.write(caller, region, moment(START, at), source, name, story="looking_around", **FROM_CONSOLE)
    contact = {"alternateContactType": "SECURITY", "emailAddress": "security-desk@example.com",
               "name": "HIDDEN_DUE_TO_SECURITY_REASONS", "phoneNumber": "HIDDEN_DUE_TO_SECURITY_REASONS",
               "title": "HIDDEN_DUE_TO_SECURITY_REASONS"}  # fmt: skip
    scribe.write(caller, HOME, moment(START, "18:57:13"), "account", "PutAlternateContact", contact, changes=True,
                 story="contact_changed", **FROM_CONSOLE)  # fmt: skip
    made = {"accessKey": {"accessKeyId": ROOTS, "status": "Active", "createDate": "May 20, 2026 6:59:40 PM"}}
    scribe.write(caller, HOME, moment(START, "18:59:40"), "iam", "CreateAccessKey", response=made, changes=True,
                 story="key_made", **FROM_CONSOLE)  # fmt: skip


def _use_the_key(scribe: Scribe, draws: Draws) -> None:
    caller = root(ACCOUNT, LINE, COMMAND_LINE, key=ROOTS)
    scribe.write(caller, HOME, moment(START, "19:02:11"), "sts", "GetCallerIdentity", story="key_used")
    made = {
        "snapshotId": SNAPSHOT,
        "volumeId": VOLUME,
        "status": "pending",
        "ownerId": ACCOUNT,
        "volumeSize": "400",
        "encrypted": False,
    }
    scribe.write(caller, HOME, moment(START, "19:05:48"), "ec2", "CreateSnapshot", {"volumeId": VOLUME, "description": "monthly"},
                 response=made, changes=True, story="snapshot_made")  # fmt: skip
    shared = {"snapshotId": SNAPSHOT, "attributeType": "CREATE_VOLUME_PERMISSION",
              "createVolumePermission": {"add": {"items": [{"userId": FOREIGN}]}}}  # fmt: skip
    scribe.write(caller, HOME, moment(START, "19:21:30"), "ec2", "ModifySnapshotAttribute", shared, response={"_return": True},
                 changes=True, story="snapshot_shared")  # fmt: skip
    whose = {"userName": "it-support"}
    whom = {"path": "/", **whose, "userId": f"AIDA{draws.token(17)}", "arn": f"arn:aws:iam::{ACCOUNT}:user/it-support"}
    for at, name, asked, answer in (
        ("19:27:02", "CreateUser", whose, {"user": whom}),
        ("19:27:40", "CreateLoginProfile", {**whose, "passwordResetRequired": False},
         {"loginProfile": {**whose, "createDate": "May 20, 2026 7:27:40 PM", "passwordResetRequired": False}}),
        ("19:28:15", "AttachUserPolicy", {**whose, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, None),
    ):  # fmt: skip
        scribe.write(caller, HOME, moment(START, at), "iam", name, asked, response=answer, changes=True, story="administrator_left")  # fmt: skip
    scribe.make_key(caller, moment(START, "19:28:50"), "it-support", LEFT, story="administrator_left")
    scribe.write(caller, HOME, moment(START, "19:33:19"), "iam", "DeleteAccessKey", {"accessKeyId": ROOTS}, changes=True,
                 story="key_deleted")  # fmt: skip
    survivor = user(ACCOUNT, "it-support", LEFT, LINE, COMMAND_LINE)
    scribe.write(survivor, HOME, moment(START, "19:51:40"), "sts", "GetCallerIdentity", story="survivor_used")
    scribe.write(survivor, HOME, moment(START, "19:52:04"), "ec2", "DescribeSnapshots", story="survivor_used")
