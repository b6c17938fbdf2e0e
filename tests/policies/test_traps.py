"""Policies with the traps that people fall into, each with what it really does."""

import json
import time

import pytest

from cttoolkit.policies import ABSENT, ANYBODY, Caller, Request, Truth, decide, read_policy

BUCKET, ACCOUNT, OTHER = "arn:aws:s3:::example-logs", "111122223333", "444455556666"
LOGS = f"{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/03/01/a.json.gz"
DIGESTS = f"{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail-Digest/us-east-1/2026/03/01/a.json.gz"
TRAIL = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/management-events"
FOREIGN_TRAIL = f"arn:aws:cloudtrail:us-east-1:{OTHER}:trail/theirs"
SERVICE = Caller.service("cloudtrail.amazonaws.com")
ALICE = Caller.arn(f"arn:aws:iam::{ACCOUNT}:user/alice")
MALLORY = Caller.arn(f"arn:aws:iam::{OTHER}:user/mallory")
SESSION = Caller.arn(f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/nina")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/admin"
ENCRYPTION = "s3:x-amz-server-side-encryption"


def writing(resource=LOGS, caller=SERVICE, trail=TRAIL, encryption="aws:kms", **more):
    """CloudTrail delivers an object, in the name of a trail."""
    context = {
        "aws:SourceArn": trail,
        "aws:SourceAccount": trail.split(":")[4],
        "aws:SecureTransport": True,
        "s3:x-amz-acl": "bucket-owner-full-control",
        ENCRYPTION: encryption,
    }
    return Request(caller, "s3:PutObject", resource, context | {k.replace("__", ":"): v for k, v in more.items()})


def asking(caller, action="s3:GetObject", resource=LOGS, **context):
    return Request(caller, action, resource, {name.replace("__", ":"): value for name, value in context.items()})


def statement(effect="Allow", principal="*", action="s3:PutObject", resource=f"{BUCKET}/*", condition=None, **more):
    made = {
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        "Condition": condition,
    } | more
    return {name: value for name, value in made.items() if value is not None}


def policy(*statements, version="2012-10-17"):
    return json.dumps({"Version": version, "Statement": list(statements)})


TO_CLOUDTRAIL = statement(principal={"Service": "cloudtrail.amazonaws.com"}, resource=f"{BUCKET}/AWSLogs/{ACCOUNT}/*")
PINNED = TO_CLOUDTRAIL | {"Condition": {"StringEquals": {"aws:SourceArn": TRAIL}}}
KMS_ONLY = statement("Deny", condition={"StringNotEquals": {ENCRYPTION: "aws:kms"}})
KMS_OR_AES = statement("Deny", condition={"StringNotEquals": {ENCRYPTION: ["aws:kms", "AES256"]}})
OURS = statement(action="s3:GetObject", condition={"StringEquals": {"aws:PrincipalOrgID": "o-example"}})
NOT_OURS = statement("Deny", action="s3:*", condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}})
NOT_OURS_NOR_AWS = statement(
    "Deny", action="s3:*",
    condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}},
)  # fmt: skip
NO_TLS = statement("Deny", action="s3:*", condition={"Bool": {"aws:SecureTransport": "false"}})
NO_TLS_BY_NULL = statement("Deny", action="s3:*", condition={"Null": {"aws:SecureTransport": "true"}})
NO_MFA = statement("Deny", action="s3:*", condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
NO_MFA_STRICT = statement("Deny", action="s3:*", condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
READ = {"action": "s3:GetObject"}
AT_HOME = {"aws:SourceIp": "192.0.2.9"}
IN_FEBRUARY = {"aws:CurrentTime": "2026-02-28T23:59:59Z"}
ANY_TRAIL = f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"


def but(*principals, effect="Deny"):
    return statement(effect, None, "s3:*", NotPrincipal={"AWS": list(principals)})


def under(operator, key, *values, effect="Allow"):
    return statement(effect, action="s3:GetObject", condition={operator: {key: list(values)}})


YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
CASES = {
    # Delivery, and the trap of AES256.
    "CloudTrail may deliver": (policy(TO_CLOUDTRAIL), writing(), YES),
    "to force KMS lets log files through": (policy(TO_CLOUDTRAIL, KMS_ONLY), writing(), YES),
    "to force KMS keeps digests out, which are AES256": (policy(TO_CLOUDTRAIL, KMS_ONLY), writing(DIGESTS, encryption="AES256"), NO),
    "to force either lets digests through": (policy(TO_CLOUDTRAIL, KMS_OR_AES), writing(DIGESTS, encryption="AES256"), YES),
    "a denial of what names no encryption spares digests": (
        policy(TO_CLOUDTRAIL, statement("Deny", condition={"Null": {ENCRYPTION: "true"}})), writing(DIGESTS, encryption="AES256"), YES),
    "a denial of what is encrypted otherwise hits what names nothing": (policy(TO_CLOUDTRAIL, KMS_ONLY), writing(encryption=ABSENT), NO),
    "an allowance for KMS alone keeps digests out too": (
        policy(TO_CLOUDTRAIL | {"Condition": {"StringEquals": {ENCRYPTION: "aws:kms"}}}), writing(DIGESTS, encryption="AES256"), NO),
    # The confused deputy.
    "without a source every trail of the world may deliver": (policy(TO_CLOUDTRAIL), writing(trail=FOREIGN_TRAIL), YES),
    "with its source only the trail may": (policy(PINNED), writing(trail=FOREIGN_TRAIL), NO),
    "a trail is let in by its source": (policy(PINNED), writing(), YES),
    "a source by wildcard lets the account's other trails in": (
        policy(TO_CLOUDTRAIL | {"Condition": {"ArnLike": {"aws:SourceArn": ANY_TRAIL}}}),
        writing(trail=f"{TRAIL}-2"), YES),
    "StringEquals takes a wildcard for a star": (
        policy(TO_CLOUDTRAIL | {"Condition": {"StringEquals": {"aws:SourceArn": ANY_TRAIL}}}), writing(), NO),
    "ArnEquals takes a wildcard as ArnLike does": (
        policy(TO_CLOUDTRAIL | {"Condition": {"ArnEquals": {"aws:SourceArn": ANY_TRAIL}}}), writing(), YES),
    "a star in an ARN does not run over its colons": (
        policy(TO_CLOUDTRAIL | {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:trail/*"}}}), writing(), UNKNOWN),
    "a star in an ARN keeps to its part": (
        policy(under("ArnLike", "aws:SourceArn", "arn:aws:*:111122223333:log-group:*")),
        asking(SERVICE, aws__SourceArn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail"), NO),
    "a star in a resource keeps to its part": (
        policy(statement(resource="arn:aws:*:111122223333:log-group:*", **READ)),
        asking(ALICE, resource=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail"), NO),
    "StringLike runs over colons": (
        policy(TO_CLOUDTRAIL | {"Condition": {"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:trail/*"}}}), writing(), YES),
    "an account as the source keeps others out": (
        policy(TO_CLOUDTRAIL | {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}), writing(trail=FOREIGN_TRAIL), NO),
    "IfExists on the source lets in who sends none": (
        policy(TO_CLOUDTRAIL | {"Condition": {"StringEqualsIfExists": {"aws:SourceArn": TRAIL}}}), writing(aws__SourceArn=ABSENT), YES),
    "a source that is asked for keeps out who sends none": (policy(PINNED), writing(aws__SourceArn=ABSENT), NO),
    # Principals.
    "a star is everybody": (policy(statement(**READ)), asking(ANYBODY), YES),
    "a star under AWS is everybody as well": (policy(statement(principal={"AWS": "*"}, **READ)), asking(ANYBODY), YES),
    "a denial to a star hits AWS services": (policy(TO_CLOUDTRAIL, statement("Deny")), writing(), NO),
    "a service is not a principal under AWS": (policy(statement(principal={"AWS": "cloudtrail.amazonaws.com"})), writing(), NO),
    "an account's root stands for its users": (
        policy(statement(principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **READ)), asking(ALICE), YES),
    "an account's number does so too": (policy(statement(principal={"AWS": ACCOUNT}, **READ)), asking(ALICE), YES),
    "another account's root is somebody else": (policy(statement(principal={"AWS": OTHER}, **READ)), asking(ALICE), NO),
    "a role stands for its sessions, whatever its path": (policy(statement(principal={"AWS": ROLE}, **READ)), asking(SESSION), YES),
    "a wildcard within a principal matches nobody": (
        policy(statement(principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}, **READ)), asking(ALICE), NO),
    "the id of a deleted principal may be anybody": (
        policy(statement(principal={"AWS": "AIDAEXAMPLEALICE00001"}, **READ)), asking(ALICE), UNKNOWN),
    "a canonical user may be anybody": (policy(statement(principal={"CanonicalUser": "79a5"}, **READ)), asking(MALLORY), UNKNOWN),
    # NotPrincipal.
    "a denial to all but one user hits the rest": (policy(statement(**READ), but(ALICE.name)), asking(MALLORY), NO),
    "a denial to all but a user may hit that user by their account": (
        policy(statement(**READ), but(ALICE.name)), asking(ALICE), UNKNOWN),
    "a denial to all but a user and their account spares the user": (
        policy(statement(**READ), but(ALICE.name, f"arn:aws:iam::{ACCOUNT}:root")), asking(ALICE), YES),
    "a denial to all but a role may hit its sessions": (
        policy(statement(**READ), but(ROLE, f"arn:aws:iam::{ACCOUNT}:root")), asking(SESSION), UNKNOWN),
    "a denial to all but an account spares the account": (
        policy(statement(**READ), but(f"arn:aws:iam::{ACCOUNT}:root")), asking(Caller.account_of(ACCOUNT)), YES),
    "a denial to all but some people hits AWS services": (
        policy(TO_CLOUDTRAIL, but(f"arn:aws:iam::{ACCOUNT}:root")), writing(), NO),
    "an allowance to all but one is one to everybody else": (policy(but(ALICE.name, effect="Allow")), asking(ANYBODY), YES),
    # The organization.
    "an organization's own are let in": (policy(OURS), asking(ALICE, aws__PrincipalOrgID="o-example"), YES),
    "strangers to an organization are not": (policy(OURS), asking(ANYBODY), NO),
    "whose organization is not known cannot be told": (policy(OURS), asking(MALLORY), UNKNOWN),
    "a denial outside the organization hits CloudTrail, which is in none": (policy(TO_CLOUDTRAIL, NOT_OURS), writing(), NO),
    "a denial outside the organization that spares services": (policy(TO_CLOUDTRAIL, NOT_OURS_NOR_AWS), writing(), YES),
    # Transport and second factors.
    "without TLS is denied": (policy(statement(**READ), NO_TLS), asking(ALICE, aws__SecureTransport=False), NO),
    "with TLS is not": (policy(statement(**READ), NO_TLS), asking(ALICE, aws__SecureTransport=True), YES),
    "Null asks whether the key is there, not what it says": (
        policy(statement(**READ), NO_TLS_BY_NULL), asking(ALICE, aws__SecureTransport=False), YES),
    "IfExists on a second factor hits long-lived keys, which send none": (
        policy(statement(**READ), NO_MFA), asking(ALICE, aws__MultiFactorAuthPresent=ABSENT), NO),
    "Bool on a second factor spares long-lived keys": (
        policy(statement(**READ), NO_MFA_STRICT), asking(ALICE, aws__MultiFactorAuthPresent=ABSENT), YES),
    # Actions and resources.
    "actions are the same in any letters": (policy(statement(action="S3:putobject")), writing(), YES),
    "a star in an action": (policy(statement(action="s3:Put*")), writing(), YES),
    "a question mark is one letter": (policy(statement(action="s3:PutObjec?")), writing(), YES),
    "all but deleting is also writing": (policy(statement(action=None, NotAction="s3:DeleteObject")), writing(), YES),
    "all but writing is not writing": (policy(statement(action=None, NotAction=["s3:Put*"])), writing(), NO),
    "a bucket is not its objects": (policy(statement(resource=BUCKET)), writing(), NO),
    "objects are not their bucket": (policy(statement(action="s3:*")), asking(ALICE, "s3:GetBucketAcl", BUCKET), NO),
    "resources are not the same in other letters": (policy(statement(resource=f"{BUCKET}/awslogs/*")), writing(), NO),
    "all resources but the logs": (
        policy(statement(resource=None, NotResource=f"{BUCKET}/AWSLogs/*")), writing(), NO),
    "a bucket whose name begins the same": (policy(statement(resource=f"{BUCKET}-2/*")), writing(), NO),
    # Variables.
    "a variable that is known": (
        policy(statement(resource=BUCKET + "/${aws:username}/*", **READ)),
        asking(ALICE, resource=f"{BUCKET}/alice/x", aws__username="alice"), YES),
    "a variable that is not known": (
        policy(statement(resource=BUCKET + "/${aws:username}/*", **READ)), asking(ALICE, resource=f"{BUCKET}/alice/x"), UNKNOWN),
    "a variable that cannot make it fit": (
        policy(statement(resource=BUCKET + "/home/${aws:username}", **READ)), asking(ALICE, resource=f"{BUCKET}/alice/x"), NO),
    "in the old version a variable is a text": (
        policy(statement(resource=BUCKET + "/${aws:username}/*", **READ), version="2008-10-17"),
        asking(ALICE, resource=f"{BUCKET}/alice/x", aws__username="alice"), NO),
    "a variable with a default": (
        policy(under("StringLike", "aws:PrincipalTag/team", "${aws:PrincipalTag/home, 'red'}")),
        asking(ALICE, **{"aws:PrincipalTag/team": "red", "aws:PrincipalTag/home": ABSENT}), YES),
    "a star that stands for itself": (
        policy(under("StringLike", "aws:UserAgent", "a${*}b")), asking(ALICE, aws__UserAgent="axb"), NO),
    # Operators.
    "an unknown key": (policy(under("StringEquals", "s3:NoSuchKey", "x")), asking(ALICE), UNKNOWN),
    "an unknown operator": (policy(under("StringIsh", "aws:UserAgent", "x")), asking(ALICE, aws__UserAgent="x"), UNKNOWN),
    "keys are the same in any letters": (policy(under("StringEquals", "AWS:useragent", "x")), asking(ALICE, aws__UserAgent="x"), YES),
    "values are not": (policy(under("StringEquals", "aws:UserAgent", "X")), asking(ALICE, aws__UserAgent="x"), NO),
    "unless that is asked for": (policy(under("StringEqualsIgnoreCase", "aws:UserAgent", "X")), asking(ALICE, aws__UserAgent="x"), YES),
    "an address in a network": (policy(under("IpAddress", "aws:SourceIp", "192.0.2.0/24")), asking(ALICE, **AT_HOME), YES),
    "an address of the other kind": (policy(under("IpAddress", "aws:SourceIp", "2001:db8::/32")), asking(ALICE, **AT_HOME), NO),
    "no network at all": (policy(under("IpAddress", "aws:SourceIp", "office")), asking(ALICE, **AT_HOME), UNKNOWN),
    "a denial outside of a network hits who has no address": (
        policy(statement(**READ), under("NotIpAddress", "aws:SourceIp", "192.0.2.0/24", effect="Deny")),
        asking(ALICE, aws__SourceIp=ABSENT), NO),
    "for all of no values holds": (
        policy(under("ForAllValues:StringEquals", "aws:TagKeys", "team")), asking(ALICE, aws__TagKeys=ABSENT), YES),
    "for any of no values does not": (
        policy(under("ForAnyValue:StringEquals", "aws:TagKeys", "team")), asking(ALICE, aws__TagKeys=ABSENT), NO),
    "for all of several": (
        policy(under("ForAllValues:StringEquals", "aws:TagKeys", "team", "cost")), asking(ALICE, aws__TagKeys=("team", "x")), NO),
    "for any of several": (
        policy(under("ForAnyValue:StringEquals", "aws:TagKeys", "team", "cost")), asking(ALICE, aws__TagKeys=("team", "x")), YES),
    "for any of several that is another": (
        policy(under("ForAnyValue:StringNotEquals", "aws:TagKeys", "team")), asking(ALICE, aws__TagKeys=("team", "x")), YES),
    "dates": (policy(under("DateLessThan", "aws:CurrentTime", "2026-03-01T00:00:00Z")), asking(ALICE, **IN_FEBRUARY), YES),
    "dates by day": (policy(under("DateGreaterThan", "aws:CurrentTime", "2026-03-01")), asking(ALICE, **IN_FEBRUARY), NO),
    "numbers are no texts": (policy(under("NumericLessThan", "s3:max-keys", "10")), asking(ALICE, **{"s3:max-keys": "9"}), YES),
    "several lines have to hold all": (
        policy(statement(condition={"Bool": {"aws:SecureTransport": True}, "StringEquals": {"aws:UserAgent": "x"}}, **READ)),
        asking(ALICE, aws__SecureTransport=True, aws__UserAgent="y"), NO),
    # What cannot be read.
    "a statement with an element that there is not": (policy(statement(Resources="x")), writing(), UNKNOWN),
    "a denial decides beside what cannot be read": (policy(statement(Resources="x"), statement("Deny")), writing(), NO),
    "an effect in small letters": (policy(statement("allow")), writing(), UNKNOWN),
    "no JSON": ("{", writing(), UNKNOWN),
    "an element that stands twice": ('{"Statement": [{"Effect": "Deny", "Effect": "Allow"}]}', writing(), UNKNOWN),
    "an effect that is said twice": (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}',
        writing(), UNKNOWN),
    "one statement without a list": (json.dumps({"Version": "2012-10-17", "Statement": TO_CLOUDTRAIL}), writing(), YES),
    "nothing at all": (policy(), writing(), NO),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_policy_does_what_it_says_and_not_what_was_meant(name):
    written, request, wanted = CASES[name]
    decision = decide(read_policy(written), request)
    assert decision.answer is wanted, decision.why


def test_there_are_policies_enough():
    assert len({written for written, _, _ in CASES.values()}) >= 40


def test_the_statement_behind_a_decision_is_named():
    written = policy(
        statement(Sid="Open"), statement("Deny", Sid="ForceKms", condition={"StringNotEquals": {ENCRYPTION: "aws:kms"}})
    )
    decision = decide(read_policy(written), writing(DIGESTS, encryption="AES256"))
    assert decision.why == "denied by statement 2 (ForceKms)"
    assert [one.sid for one in decision.statements] == ["ForceKms"]
    assert "StringNotEquals" in decision.statements[0].text


def test_a_policy_as_iam_encodes_it_is_read():
    from urllib.parse import quote

    assert decide(read_policy(quote(policy(TO_CLOUDTRAIL), safe="")), writing()).answer is YES


def test_a_policy_of_a_principals_own_needs_to_name_nobody():
    own = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}]}
    assert decide(read_policy(own), Request(ALICE, "cloudtrail:StopLogging", TRAIL)).answer is YES


@pytest.mark.parametrize(
    "written", ["[" * 100_000, "null", '{"Statement": 3}', '{"Statement": [null, 3, {}]}', "x" * 300_000]
)
def test_hostile_documents_answer_nothing(written):
    assert decide(read_policy(written), writing()).answer is UNKNOWN


def test_hostile_patterns_take_no_time():
    written = policy(statement(resource=f"{BUCKET}/" + "*a" * 5000 + "b"))
    before = time.perf_counter()
    assert decide(read_policy(written), writing(f"{BUCKET}/" + "a" * 5000)).answer is NO
    assert time.perf_counter() - before < 20
