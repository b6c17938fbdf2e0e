"""What people do in the console: signing in through IAM Identity Center, clicking."""

from __future__ import annotations

from datetime import datetime, timedelta

from cttoolkit.training.callers import Caller, access_key, person, store_user
from cttoolkit.training.day import Day
from cttoolkit.training.draws import Draws
from cttoolkit.training.scribe import Scribe
from cttoolkit.window import written

__all__ = ["click", "sign_in", "work_in_the_office"]

_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36"
_STAFF = {
    "anna": "PowerUserAccess",
    "ben": "ReadOnlyAccess",
    "chloe": "PowerUserAccess",
    "david": "ReadOnlyAccess",
    "erin": "PowerUserAccess",
    "farid": "ReadOnlyAccess",
}
_HOME = "us-east-1"
_GLOBAL = ("iam", "s3")
_READS = {
    "ec2": "DescribeInstances DescribeInstanceStatus DescribeVolumes DescribeSecurityGroups DescribeVpcs DescribeAddresses",
    "s3": "ListBuckets GetBucketLocation GetBucketVersioning GetBucketEncryption GetBucketPolicyStatus",
    "rds": "DescribeDBInstances DescribeDBClusters DescribeEvents DescribeDBSnapshots",
    "lambda": "ListFunctions20150331 GetAccountSettings20160819 ListEventSourceMappings20150331",
    "logs": "DescribeLogGroups DescribeMetricFilters FilterLogEvents",
    "monitoring": "DescribeAlarms ListMetrics GetMetricData",
    "iam": "ListRoles ListUsers GetAccountSummary ListPolicies",
}


def work_in_the_office(day: Day) -> None:
    """Everybody signs in before and after lunch, and looks at things. With the volume there are more of them."""
    desks = max(1, int(day.volume))
    for desk in range(desks):
        for number, (name, permissions) in enumerate(_STAFF.items()):
            address = f"192.0.2.{20 + number + len(_STAFF) * (desk % 12)}"
            for start in (day.draws.between(8, 10), day.draws.between(13, 15)):
                at = day.sometime(start)
                caller = sign_in(day.scribe, day.account, f"{name}{desk or ''}", permissions, at, address)
                at += timedelta(seconds=5)
                for _ in range(day.times(day.draws.between(6, 9) / desks)):
                    click(day.scribe, caller, day.draws.one(day.regions), at, day.draws)
                    at += timedelta(minutes=day.draws.between(2, 14), seconds=day.draws.below(60))


def sign_in(scribe: Scribe, account: str, name: str, permissions: str, at: datetime, address: str) -> Caller:
    """Password, security key, a role chosen, the console. Returns the session, which begins at ``at``."""
    workflow = Draws("workflow", account, name, written(at)).uuid()
    known = store_user(account, name, address, _BROWSER)
    caller = person(account, name, permissions, at, address, _BROWSER)
    role = caller.identity["sessionContext"]["sessionIssuer"]["userName"]
    for seconds, event, kind in ((19, "CredentialVerification", "PASSWORD"), (11, "CredentialVerification", "WEBAUTHN"),
                                 (10, "UserAuthentication", "PASSWORD,WEBAUTHN")):  # fmt: skip
        scribe.note(
            known, at - timedelta(seconds=seconds), "signin", event, kind="AwsServiceEvent",
            additionalEventData={"AuthWorkflowID": workflow, "CredentialType": kind}, serviceEventDetails={event: "Success"},
        )  # fmt: skip
    chosen = {"account_id": account, "role_name": role}
    scribe.note(known, at - timedelta(seconds=2), "sso", "Federate", kind="AwsServiceEvent", serviceEventDetails=chosen)
    without_key = {part: value for part, value in caller.identity.items() if part != "accessKeyId"}
    scribe.note(
        Caller(without_key, address, _BROWSER), at, "signin", "ConsoleLogin", kind="AwsConsoleSignIn",
        responseElements={"ConsoleLogin": "Success"},
        # The factor was asked for by Identity Center; of that the console's own record knows nothing.
        additionalEventData={"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "No"},
    )  # fmt: skip
    return caller


def click(
    scribe: Scribe,
    caller: Caller,
    region: str,
    at: datetime,
    draws: Draws,
    *,
    reads: tuple[int, int] = (6, 16),
    within: int | None = None,
) -> None:
    """One click: a burst of reads in a few seconds under a key of its own, now and then one that is refused.

    ``reads`` are the fewest and the most of them, ``within`` the seconds that they take where that is said.
    """
    caller = caller.with_key(access_key("ASIA", f"{caller.identity['arn']}/{written(at)}"))
    source = draws.one(tuple(_READS))
    place = _HOME if source in _GLOBAL else region
    number = draws.between(*reads)
    for _ in range(number):
        name = draws.one(_READS[source].split())
        if name == "GetBucketPolicyStatus" and draws.chance(30):
            scribe.write(caller, place, at, source, name, error="NoSuchBucketPolicy", message="The bucket policy does not exist",
                         sessionCredentialFromConsole="true")  # fmt: skip
        else:
            scribe.write(caller, place, at, source, name, refused=draws.chance(4), sessionCredentialFromConsole="true")
        at += timedelta(seconds=draws.below(2) if within is None else within / number)
