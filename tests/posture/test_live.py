"""An account asked over HTTP, and what it refuses: moto answers as AWS does where it can, a stub where it cannot."""

import json
import runpy
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber
from moto.server import ThreadedMotoServer

from cttoolkit.cli import main
from cttoolkit.configuration import OPERATIONS, Absent, Answered, Denied, Failed, open_folder
from cttoolkit.errors import ConfigurationError
from cttoolkit.integrity.configuration import read_configuration
from cttoolkit.posture import Recorder, audit, open_accounts
from cttoolkit.sources.account import Account, plain

ACCOUNT, HOME, BUCKET = "123456789012", "us-east-1", "example-trail-logs"
ARN = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/main"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Look", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl",
         "Resource": f"arn:aws:s3:::{BUCKET}"},
        {"Sid": "Deliver", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
         "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/{ACCOUNT}/*"},
        {"Sid": "ForceKms", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*",
         "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def aws(server, tmp_path_factory):
    """An account with a trail, a key, a log group and somebody who may do everything with trails."""
    patch = pytest.MonkeyPatch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.setenv(name, "testing")
    patch.setenv("AWS_DEFAULT_REGION", HOME)
    patch.setenv("AWS_ENDPOINT_URL", server)
    patch.delenv("AWS_PROFILE", raising=False)
    # Where moto has no answer, waiting for a better one is lost time.
    patch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3, trails = boto3.client("s3"), boto3.client("cloudtrail")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="AWSLogs/x", Body=b"x")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(POLICY))
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    trails.create_trail(
        Name="main", S3BucketName=BUCKET, IsMultiRegionTrail=True, EnableLogFileValidation=True, KmsKeyId=key
    )
    trails.start_logging(Name="main")
    trails.put_event_selectors(
        TrailName="main", EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    )
    iam = boto3.client("iam")
    iam.create_user(UserName="jon")
    full = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="jon", PolicyName="own", PolicyDocument=json.dumps(full))
    yield server
    patch.undo()


class TwoRegions(Account):
    """moto knows no ListRegions, and to ask all of its regions takes long."""

    def ask(self, service, operation, region, parameters={}):  # noqa: B006
        if operation == "ListRegions":
            return Answered(
                {"Regions": [{"RegionName": one, "RegionOptStatus": "ENABLED"} for one in (HOME, "eu-west-1")]}
            )
        return super().ask(service, operation, region, parameters)


def open_two(*given):
    return tuple(TwoRegions(one.session, one.account, one.region, one.source) for one in open_accounts(*given))


@pytest.fixture(scope="module")
def account(aws):
    (made,) = open_two()
    return made


@pytest.fixture(scope="module")
def recorded(account, tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    return folder, audit(Recorder(account, folder))


def test_an_account_over_http_is_judged(recorded):
    _, made = recorded
    found = {row.check.name: (row.outcome.value, row.reason) for row in made.rows}
    assert found["CT-01"][0] == "pass"
    assert found["CT-02"][0] == "pass"
    assert found["CT-03"] == ("pass", "reads and writes of all services")
    assert found["CT-08"] == ("fail", "the trail sends nothing to CloudWatch Logs")
    assert found["CT-12"] == ("fail", f"the bucket belongs to the account that the trail records, {ACCOUNT}")
    assert "keeps digests out that are AES256 (denied by statement 3 (ForceKms))" in found["CT-14"][1]
    assert "no aws:SourceArn is asked for" in found["CT-15"][1]
    assert "not blocked" in found["CT-16"][1]
    assert found["CT-17"][0] == "fail"
    assert found["CT-18"][0] == "pass"
    assert "user jon (own)" in found["CT-22"][1]
    assert found["CT-13"] == ("not applicable", "the account is in no organization")
    assert made.exit_code == 1


def test_the_time_of_an_answer_is_that_of_aws(account):
    reply = account.ask("cloudtrail", "DescribeTrails", HOME, {"includeShadowTrails": True})
    assert isinstance(reply, Answered)
    assert reply.at is not None
    assert reply.at.tzinfo is UTC


def test_the_recording_is_judged_the_same_offline(recorded, monkeypatch):
    folder, live = recorded
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    offline = audit(folder)
    assert [(row.check.name, row.outcome, row.reason) for row in offline.rows] == [
        (row.check.name, row.outcome, row.reason) for row in live.rows
    ]


def test_the_command_line_records_and_leaves_a_note_that_absences_rest_on(aws, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("cttoolkit.sources.account.open_accounts", open_two)
    assert main(["posture", "--record", str(tmp_path / "out"), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["summary"]["fail"] > 5
    note = read_configuration("note", (tmp_path / "out" / "trail-configuration.json").read_bytes())
    assert note.records_management_events("main").value == "yes"
    assert note.trail("main").is_logging is True
    assert note.collected_at is not None
    assert main(["posture", "--collected", str(tmp_path / "out"), "--sensitive", "arn:aws:s3:::x"]) == 1
    assert "CT-04 main: not recorded whole: arn:aws:s3:::x" in capsys.readouterr().out
    assert [one.account for one in open_folder(tmp_path / "out")] == [ACCOUNT]
    assert main(["posture", "--record", str(tmp_path / "out")]) == 2
    assert "none is written over" in capsys.readouterr().err


def test_the_page_says_what_moto_answers(recorded, account):
    _, made = recorded
    answered = {f"{one.service}.{one.operation}" for one in made.asked if isinstance(one.reply, Answered | Absent)}
    assert isinstance(account.ask("ec2", "DescribeRegions", HOME), Answered)
    answered = answered - {"account.ListRegions"} | {"ec2.DescribeRegions"}
    tool = runpy.run_path(str(Path(__file__).parent.parent.parent / "tools" / "posture.py"))
    assert answered == set(tool["MOTO"])


def test_a_role_opens_another_account(aws, recorded):
    iam = boto3.client("iam")
    role = iam.create_role(RoleName="auditor", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    (made,) = open_accounts(role_arns=[role])
    assert made.account == ACCOUNT
    assert role in made.source
    assert isinstance(made.ask("cloudtrail", "DescribeTrails", HOME), Answered)


def test_a_role_that_cannot_be_assumed_is_an_error(aws):
    with pytest.raises(ConfigurationError, match="cannot be assumed"):
        open_accounts(role_arns=["not-an-arn"])


def test_no_credentials_are_an_error(aws, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ConfigurationError, match="check the credentials"):
        open_accounts()


def stubbed(account, call, method, code, status=400):
    service, _, name = call.partition(".")
    client = account.client(service, HOME)
    with Stubber(client) as stub:
        stub.add_client_error(method, code, f"because of {code}", status)
        return account.ask(service, name, HOME, PARAMETERS.get(service, {}))


PARAMETERS = {"s3": {"Bucket": BUCKET}, "sns": {"TopicArn": "arn:topic"}, "kms": {"KeyId": "x"}}


@pytest.mark.parametrize(
    ("call", "method", "code", "wanted"),
    [
        ("cloudtrail.DescribeTrails", "describe_trails", "AccessDeniedException", Denied("cloudtrail:DescribeTrails")),
        ("s3.GetPublicAccessBlock", "get_public_access_block", "AccessDenied", Denied("s3:GetBucketPublicAccessBlock")),
        ("s3.GetBucketLifecycleConfiguration", "get_bucket_lifecycle_configuration", "AccessDenied",
         Denied("s3:GetLifecycleConfiguration")),
        ("sns.GetTopicAttributes", "get_topic_attributes", "AuthorizationError", Denied("sns:GetTopicAttributes")),
        ("s3.GetBucketPolicy", "get_bucket_policy", "NoSuchBucketPolicy", Absent("NoSuchBucketPolicy")),
        ("securityhub.DescribeHub", "describe_hub", "InvalidAccessException", Absent("InvalidAccessException")),
        ("kms.DescribeKey", "describe_key", "ThrottlingException", Failed("ThrottlingException: because of ThrottlingException")),
        ("kms.DescribeKey", "describe_key", "ExpiredTokenException", Failed("ExpiredTokenException: because of ExpiredTokenException")),
    ],
)  # fmt: skip
def test_refused_absent_and_failed_are_three_things(account, call, method, code, wanted):
    assert stubbed(account, call, method, code) == wanted


SHAPES = [
    ("account.ListRegions", "list_regions", {"Regions": [{"RegionName": HOME, "RegionOptStatus": "ENABLED_BY_DEFAULT"}]}),
    ("cloudtrail.ListEventDataStores", "list_event_data_stores", {"EventDataStores": [{"EventDataStoreArn": "arn:lake", "Name": "lake"}]}),
    ("cloudtrail.GetEventDataStore", "get_event_data_store", {
        "Name": "lake", "Status": "ENABLED", "TerminationProtectionEnabled": True, "RetentionPeriod": 400, "MultiRegionEnabled": True}),
    ("config.DescribeComplianceByConfigRule", "describe_compliance_by_config_rule", {
        "ComplianceByConfigRules": [{"ConfigRuleName": "x", "Compliance": {"ComplianceType": "COMPLIANT"}}]}),
    ("securityhub.GetEnabledStandards", "get_enabled_standards", {"StandardsSubscriptions": [{
        "StandardsSubscriptionArn": "arn:s", "StandardsArn": "arn:a", "StandardsInput": {}, "StandardsStatus": "READY"}]}),
    ("s3control.GetPublicAccessBlock", "get_public_access_block", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}),
]  # fmt: skip
REQUIRED = {
    "cloudtrail.GetEventDataStore": {"EventDataStore": "arn:lake"},
    "s3control.GetPublicAccessBlock": {"AccountId": ACCOUNT},
}


@pytest.mark.parametrize(("call", "method", "answer"), SHAPES, ids=[shape[0] for shape in SHAPES])
def test_what_moto_does_not_know_has_the_documented_shape(account, call, method, answer):
    # The stub holds both the parameters and the answer against the service's own model.
    service, _, name = call.partition(".")
    with Stubber(account.client(service, HOME)) as stub:
        stub.add_response(method, answer, REQUIRED.get(call, {}))
        assert Account.ask(account, service, name, HOME, REQUIRED.get(call, {})).value == answer


def test_every_operation_is_one_that_boto3_knows(account):
    for operation in OPERATIONS.values():
        client = account.client(operation.service, HOME)
        assert operation.name in client.meta.method_to_api_mapping.values(), operation


def test_a_parameter_that_aws_would_not_take_fails_before_it_is_sent(account):
    assert isinstance(account.ask("kms", "DescribeKey", HOME, {"NoSuch": "x"}), Failed)


def test_a_service_out_of_reach_is_a_failure(account, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert isinstance(account.ask("kms", "GetKeyPolicy", "eu-central-2", {"KeyId": "x"}), Failed)


def test_only_what_reads_may_be_asked_live(account):
    with pytest.raises(ConfigurationError, match="not among the operations"):
        account.ask("cloudtrail", "StopLogging", HOME, {"Name": "main"})


def test_values_of_boto3_become_json():
    value = {"at": datetime(2026, 3, 1, tzinfo=UTC), "bytes": b"x", "odd": float("nan"), "list": ({"a": None},)}
    assert plain(value) == {"at": "2026-03-01T00:00:00Z", "bytes": "eA==", "odd": "nan", "list": [{"a": None}]}
