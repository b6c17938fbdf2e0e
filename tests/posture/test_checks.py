"""An account that is sound in every point, and one thing amiss at a time: what each check makes of it."""

import json

import pytest

from cttoolkit.configuration import OPERATIONS, Absent, Answered, Denied, Failed
from cttoolkit.posture import CHECKS, audit
from cttoolkit.posture.checks import ALWAYS
from cttoolkit.training.account import sound_account
from cttoolkit.window import instant

ACCOUNT, BUCKET, ARCHIVE = "111122223333", "example-log-archive", "222233334444"
TRAIL = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/management-events"
SENSITIVE = ["arn:aws:s3:::acme-claims-archive"]
BY_NAME = {check.name: check for check in CHECKS}
OF_EVIDENCE = {"CT-07", "CT-26"}
SOUND = sound_account()
SERVICE = {"Service": "cloudtrail.amazonaws.com"}


def outcome(name, account=SOUND, *others, **options):
    """Outcome and reason of one check."""
    (row,) = [
        row for row in audit(account, *others, **{"sensitive": SENSITIVE, **options})[name] if row.account == ACCOUNT
    ]
    return row.outcome.value, row.reason


def trail(**values):
    described = SOUND.replies["cloudtrail.DescribeTrails", None, None].value["trailList"][0]
    return SOUND.but("cloudtrail.DescribeTrails", trailList=[{**described, **values}])


def status(**values):
    return SOUND.but("cloudtrail.GetTrailStatus", **values)


def selecting(*advanced, basic=()):
    return SOUND.but("cloudtrail.GetEventSelectors", AdvancedEventSelectors=list(advanced), EventSelectors=list(basic))


def fields(**equals):
    return {"FieldSelectors": [{"Field": name.replace("_", "."), "Equals": values} for name, values in equals.items()]}


def policy(call, change):
    """The policy that a call gives, changed in its statements."""
    document = json.loads(SOUND.replies[call, None, None].value["Policy"])
    change(document["Statement"])
    return SOUND.but(call, Policy=json.dumps(document))


def bucket_policy(change):
    return policy("s3.GetBucketPolicy", change)


def without_source(statements):
    for one in statements[:2]:
        one["Condition"] = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}


def by_account(statements):
    for one in statements[:2]:
        del one["Condition"]["StringEquals"]["aws:SourceArn"]
        one["Condition"]["StringEquals"]["aws:SourceAccount"] = ACCOUNT


def adding(**statement):
    made = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    }
    return lambda statements: statements.append(made | statement)


FORCING_KMS = adding(
    Effect="Deny", Action="s3:PutObject", Condition={"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}
)
ELSEWHERE = {"AWS": "arn:aws:iam::999988887777:root"}
OWN_BUCKET = {"region": None, "parameters": {"Bucket": BUCKET, "ExpectedBucketOwner": ACCOUNT}}
LOCK = "s3.GetObjectLockConfiguration"
ORGANIZATION = {"Organization": {"Id": "o-exampleorg", "MasterAccountId": ACCOUNT}}
SCP = {
    "Effect": "Deny", "Resource": "*",
    "Action": [f"cloudtrail:{name}" for name in ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")],
}  # fmt: skip


def organized(*statements, targets=1):
    content = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return (
        SOUND.but("organizations.ListPolicies", Answered({"Policies": [{"Id": "p-1", "Name": "guard"}]}))
        .but("organizations.DescribePolicy", Policy={"Content": content})
        .but("organizations.ListTargetsForPolicy", Targets=[{"TargetId": "r-1"}] * targets)
    )


def holding(document):
    role = {"RoleName": "odd", "Arn": f"arn:aws:iam::{ACCOUNT}:role/odd", "AttachedManagedPolicies": [],
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document}]}  # fmt: skip
    return SOUND.but("iam.GetAccountAuthorizationDetails", RoleDetailList=[role])


def store(**values):
    made = {"Name": "lake", "Status": "ENABLED", "TerminationProtectionEnabled": True, "RetentionPeriod": 400}
    listed = SOUND.but("cloudtrail.ListEventDataStores", EventDataStores=[{"EventDataStoreArn": "arn:lake"}])
    return listed.but("cloudtrail.GetEventDataStore", Answered(made | values))


def rules(**states):
    value = SOUND.replies["config.DescribeComplianceByConfigRule", None, None].value["ComplianceByConfigRules"]
    rest = [{**one, "Compliance": {"ComplianceType": states.get(one["ConfigRuleName"], "COMPLIANT")}} for one in value]
    return SOUND.but("config.DescribeComplianceByConfigRule", ComplianceByConfigRules=rest)


def filters(change):
    listed = json.loads(json.dumps(SOUND.replies["logs.DescribeMetricFilters", None, None].value["metricFilters"]))
    return SOUND.but("logs.DescribeMetricFilters", metricFilters=change(listed))


def without(name):
    return lambda listed: [one for one in listed if one["filterName"] != name]


def told(topic_policy):
    topic = "arn:aws:sns:us-east-1:111122223333:deliveries"
    return trail(SnsTopicARN=topic).but(
        "sns.GetTopicAttributes",
        Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": topic_policy(topic)})},
    )


def publishing(condition=None):
    made = {"Effect": "Allow", "Principal": SERVICE, "Action": "SNS:Publish"}
    return lambda topic: [made | {"Resource": topic} | ({"Condition": condition} if condition else {})]


CASES = [
    ("CT-01", status(IsLogging=False, StopLoggingTime="2026-06-09T02:37:13Z"), "fail", "not logging, since 2026-06-09T02:37:13Z"),
    ("CT-01", status(LatestDeliveryError="NoSuchBucket"), "fail", "the last delivery failed: NoSuchBucket"),
    ("CT-01", status(LatestDeliveryTime="2026-06-01T00:00:00Z", LatestDigestDeliveryTime=None), "fail", "nothing was delivered since"),
    ("CT-01", status(LatestDeliveryTime=None, LatestDigestDeliveryTime=None), "unknown", "is not said"),
    ("CT-02", trail(IsMultiRegionTrail=False), "fail", "one region only"),
    ("CT-02", trail(IncludeGlobalServiceEvents=False), "fail", "no global services"),
    ("CT-02", trail(IsMultiRegionTrail="yes"), "unknown", "does not say"),
    ("CT-03", selecting(fields(eventCategory=["Management"], readOnly=["false"])), "fail", "only where readOnly Equals ['false']"),
    ("CT-03", selecting({"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]},
                                            {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]}), "fail", "kms"),
    ("CT-03", selecting(fields(eventCategory=["Data"])), "fail", "not selected at all"),
    ("CT-03", selecting(basic=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]), "fail", "only WriteOnly"),
    ("CT-03", selecting(basic=[{"ReadWriteType": "All", "IncludeManagementEvents": True,
                                "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]), "fail", "none of"),
    ("CT-03", selecting(basic=[{"ReadWriteType": "All", "IncludeManagementEvents": False}]), "fail", "not selected at all"),
    ("CT-03", selecting(basic=[{"ReadWriteType": "All", "IncludeManagementEvents": True}]), "pass", "reads and writes"),
    ("CT-03", selecting(), "unknown", "no selectors"),
    ("CT-04", selecting(fields(eventCategory=["Management"])), "fail", "not recorded whole"),
    ("CT-04", selecting(fields(eventCategory=["Data"], resources_type=["AWS::S3::Object"], readOnly=["true"])), "fail", "not recorded"),
    ("CT-04", selecting(fields(eventCategory=["Data"], resources_type=["AWS::S3::Object"])), "pass", "reads and writes"),
    ("CT-04", selecting(basic=[{"ReadWriteType": "All", "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]),
     "pass", "reads and writes"),
    ("CT-05", SOUND.but("cloudtrail.GetInsightSelectors", Absent("InsightNotEnabledException")), "not applicable", "neither"),
    ("CT-06", trail(LogFileValidationEnabled=False), "fail", "off"),
    ("CT-06", status(LatestDigestDeliveryTime="2026-06-09T20:00:00Z"), "fail", "one every hour"),
    ("CT-06", status(LatestDigestDeliveryError="AccessDenied"), "fail", "could not be delivered"),
    ("CT-06", status(LatestDigestDeliveryTime=None), "unknown", "whether digests arrive"),
    ("CT-08", trail(CloudWatchLogsLogGroupArn=None), "fail", "sends nothing"),
    ("CT-08", status(LatestCloudWatchLogsDeliveryTime="2026-06-01T00:00:00Z"), "fail", "nothing was delivered"),
    ("CT-08", status(LatestCloudWatchLogsDeliveryError="AccessDenied"), "fail", "failed"),
    ("CT-08", SOUND.but("logs.DescribeLogGroups", logGroups=[]), "fail", "not there"),
    ("CT-09", filters(without("root")), "fail", "no metric filter watches use of root"),
    ("CT-09", filters(lambda _: []), "fail", "no metric filter watches refused calls"),
    ("CT-09", filters(lambda all_: [{**one, "filterPattern": "%regex%"} if one["filterName"] == "root" else one for one in all_]),
     "unknown", "cannot be read"),
    ("CT-09", filters(lambda all_: [{**one, "filterPattern": "{ $.eventName = StopLogging }"} if one["filterName"] == "trails" else one
                                    for one in all_]), "fail", "no metric filter watches changes of trails"),
    ("CT-09", SOUND.but("cloudwatch.DescribeAlarms", MetricAlarms=[]), "fail", "no alarm reaches anybody"),
    ("CT-09", SOUND.but("sns.ListSubscriptionsByTopic", Subscriptions=[{"SubscriptionArn": "PendingConfirmation"}]), "fail", "no alarm"),
    ("CT-09", trail(CloudWatchLogsLogGroupArn=None), "fail", "no metric filter sees it"),
    ("CT-10", SOUND.but("guardduty.GetDetector", Status="DISABLED"), "fail", "not on in eu-west-1, us-east-1"),
    ("CT-10", SOUND.but("guardduty.ListDetectors", Answered({"DetectorIds": []}), region="eu-west-1"), "fail", "not on in eu-west-1"),
    ("CT-11", SOUND.but("securityhub.DescribeHub", Absent("InvalidAccessException")), "fail", "not on"),
    ("CT-11", SOUND.but("securityhub.GetEnabledStandards", StandardsSubscriptions=[]), "fail", "no standard is ready"),
    ("CT-12", SOUND.but("s3.GetBucketLocation", LocationConstraint=None, **OWN_BUCKET), "fail", f"records, {ACCOUNT}"),
    ("CT-12", SOUND.but("s3.ListObjectsV2", CommonPrefixes=[{"Prefix": "AWSLogs/"}, {"Prefix": "backups/"}]), "fail", "more than logs"),
    ("CT-12", SOUND.but("s3.GetBucketLocation", Failed("slow"), **OWN_BUCKET), "unknown", "s3:GetBucketLocation"),
    ("CT-13", SOUND.but("organizations.DescribeOrganization", Answered(ORGANIZATION)), "fail", "no trail of it"),
    ("CT-13", trail(IsOrganizationTrail=True).but("organizations.DescribeOrganization", Answered(ORGANIZATION)), "pass", "management"),
    ("CT-14", trail(KmsKeyId=None), "fail", "a key of S3"),
    ("CT-14", SOUND.but("kms.DescribeKey", KeyMetadata={"KeyState": "PendingDeletion"}), "fail", "PendingDeletion"),
    ("CT-14", SOUND.but("kms.DescribeKey", KeyMetadata={"KeyState": "Enabled", "KeyManager": "AWS"}), "fail", "AWS's own"),
    ("CT-14", SOUND.but("kms.DescribeKey", Absent("NotFoundException")), "fail", "not there"),
    ("CT-14", policy("kms.GetKeyPolicy", lambda s: s.pop(1)), "fail", "does not let CloudTrail encrypt"),
    ("CT-14", policy("kms.GetKeyPolicy", lambda s: s[1].pop("Condition")), "fail", "trails of other accounts encrypt"),
    ("CT-14", policy("kms.GetKeyPolicy", lambda s: s[2].pop("Condition")), "fail", "other accounts decrypt"),
    ("CT-14", policy("kms.GetKeyPolicy", lambda s: s[1]["Condition"].pop("StringEquals")), "pass", "a customer key"),
    ("CT-14", bucket_policy(FORCING_KMS).but("cloudtrail.GetTrailStatus", LatestDigestDeliveryTime="2026-06-09T20:00:00Z"), "fail",
     "keeps digests out that are AES256 (denied by statement 4)"),
    ("CT-14", bucket_policy(FORCING_KMS).but("cloudtrail.GetTrailStatus", LatestDigestDeliveryError="AccessDenied"), "fail", "AES256"),
    ("CT-14", bucket_policy(FORCING_KMS), "unknown", "one arrived at 2026-06-10T01:03:00Z all the same"),
    ("CT-15", bucket_policy(without_source), "fail", "trails of any account may deliver"),
    ("CT-15", bucket_policy(by_account), "fail", "in part: other trails of the account"),
    ("CT-15", bucket_policy(lambda s: s.pop(2)), "fail", "without TLS"),
    ("CT-15", bucket_policy(lambda s: s.pop(1)), "fail", "may not deliver log files"),
    ("CT-15", bucket_policy(FORCING_KMS), "pass", "CloudTrail may deliver"),
    ("CT-15", bucket_policy(adding(Effect="Deny", Action="s3:PutObject", Resource=f"arn:aws:s3:::{BUCKET}/*/CloudTrail-Digest/*")),
     "fail", "may not deliver digests"),
    ("CT-15", bucket_policy(adding()), "fail", "anybody, without signing in may change or delete (s3:PutObject)"),
    ("CT-15", bucket_policy(adding(Principal=ELSEWHERE, Action="s3:DeleteObject*")), "fail", "999988887777:root may change"),
    ("CT-15", bucket_policy(adding(Principal=ELSEWHERE, Action="s3:PutLifecycleConfiguration")), "fail", "s3:PutLifecycleConfiguration"),
    ("CT-15", bucket_policy(adding(Principal=ELSEWHERE, Action="s3:GetObject")), "pass", "nobody else"),
    ("CT-15", bucket_policy(adding(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}})), "unknown", "cannot be told"),
    ("CT-15", bucket_policy(adding(Oddity=1)), "unknown", "statement 4"),
    ("CT-15", SOUND.but("s3.GetBucketPolicy", Absent("NoSuchBucketPolicy")), "fail", "no policy"),
    ("CT-16", SOUND.but("s3.GetPublicAccessBlock", Absent("NoSuchPublicAccessBlockConfiguration")), "fail", "not blocked"),
    ("CT-16", SOUND.but("s3.GetBucketPolicyStatus", PolicyStatus={"IsPublic": True}), "fail", "public"),
    ("CT-16", SOUND.but("s3.GetBucketAcl", Grants=[{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}]),
     "fail", "names everybody"),
    ("CT-16", SOUND.but("s3.GetBucketOwnershipControls", Absent("OwnershipControlsNotFoundError")), "fail", "in force"),
    ("CT-17", SOUND.but("s3.GetBucketVersioning", Status="Suspended"), "fail", "Suspended"),
    ("CT-17", SOUND.but(LOCK, Absent("ObjectLockConfigurationNotFoundError")), "fail", "neither"),
    ("CT-17", SOUND.but(LOCK, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE",
     "Years": 9}}}), "fail", "GOVERNANCE"),
    ("CT-17", SOUND.but(LOCK, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE",
     "Days": 30}}}), "fail", "30 days, not 365"),
    ("CT-17", SOUND.but("s3.GetBucketVersioning", Status="Enabled", MFADelete="Enabled"), "pass", "second factor"),
    ("CT-18", SOUND.but("s3.GetBucketLifecycleConfiguration", Rules=[{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "AWSLogs/"},
     "Expiration": {"Days": 90}}]), "fail", "a after 90 days"),
    ("CT-18", SOUND.but("s3.GetBucketLifecycleConfiguration", Rules=[{"ID": "a", "Status": "Enabled", "Prefix": "",
     "NoncurrentVersionExpiration": {"NoncurrentDays": 7}}]), "fail", "a after 7 days"),
    ("CT-18", SOUND.but("s3.GetBucketLifecycleConfiguration", Rules=[{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "tmp/"},
     "Expiration": {"Days": 1}}, {"Status": "Disabled", "Expiration": {"Days": 1}}]), "pass", "no rule"),
    ("CT-18", SOUND.but("s3.GetBucketLifecycleConfiguration", Absent("NoSuchLifecycleConfiguration")), "pass", "until somebody"),
    ("CT-19", SOUND.but("s3.GetBucketLogging", LoggingEnabled={}), "fail", "not logged"),
    ("CT-19", SOUND.but("s3.GetBucketLogging", LoggingEnabled={"TargetBucket": BUCKET}), "fail", "in itself"),
    ("CT-20", SOUND.but("s3.GetBucketReplication", Answered({"ReplicationConfiguration": {"Rules": [{"Status": "Enabled",
     "Destination": {"Bucket": "arn:aws:s3:::copy"}}]}})), "not applicable", "arn:aws:s3:::copy"),
    ("CT-21", told(publishing()), "fail", "trails of any account may publish"),
    ("CT-21", told(publishing({"StringEquals": {"aws:SourceArn": TRAIL}})), "pass", "no others'"),
    ("CT-21", told(publishing({"StringEquals": {"aws:SourceAccount": ACCOUNT}})), "pass", "no others'"),
    ("CT-21", told(lambda _: []), "fail", "may not publish"),
    ("CT-22", SOUND.but("iam.ListEntitiesForPolicy", PolicyGroups=[], PolicyRoles=[], PolicyUsers=[{"UserName": "jon"}],
     parameters={"PolicyArn": "arn:aws:iam::aws:policy/AWSCloudTrail_FullAccess"}), "fail", "user jon (AWSCloudTrail_FullAccess)"),
    ("CT-22", holding({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}), "fail", "role odd (own)"),
    ("CT-22", holding({"Statement": [{"Effect": "Allow", "Action": "cloudtrail:Get*", "Resource": "*"}]}), "pass", "nobody"),
    ("CT-23", organized(SCP), "pass", "deny"),
    ("CT-23", organized(SCP, targets=0), "fail", "no service control policy that is attached"),
    ("CT-23", organized({**SCP, "Action": "cloudtrail:StopLogging"}), "fail", "DeleteTrail"),
    ("CT-23", organized({**SCP, "Condition": {"StringNotLike": {"aws:PrincipalArn": "*:role/admin"}}}), "unknown", "conditions"),
    ("CT-24", rules(cloud_trail_encryption_enabled="NON_COMPLIANT"), "fail", "cloud-trail-encryption-enabled"),
    ("CT-24", SOUND.but("config.DescribeConfigRules", ConfigRules=[]), "fail", "no rule"),
    ("CT-24", rules(cloud_trail_encryption_enabled="INSUFFICIENT_DATA"), "unknown", "not evaluated"),
    ("CT-25", store(), "pass", "protected"),
    ("CT-25", store(TerminationProtectionEnabled=False), "fail", "deleted by one call"),
    ("CT-25", store(RetentionPeriod=90), "fail", "90 days"),
    ("CT-25", store(Status="STOPPED_INGESTION"), "fail", "STOPPED"),
]  # fmt: skip


@pytest.mark.parametrize("check", [check.name for check in CHECKS if check.name not in OF_EVIDENCE])
def test_a_sound_account_fails_nowhere(check):
    assert outcome(check)[0] in ("pass", "not applicable"), outcome(check)


@pytest.mark.parametrize(("check", "account", "wanted", "why"), CASES, ids=[f"{c[0]} {c[3][:40]}" for c in CASES])
def test_one_thing_amiss_is_told(check, account, wanted, why):
    found, reason = outcome(check, account)
    assert (found, why in reason) == (wanted, True), (found, reason)


def test_every_check_is_seen_to_fail_or_reports_only():
    failing = {check for check, _, wanted, _ in CASES if wanted == "fail"}
    assert set(BY_NAME) - failing == {"CT-05", "CT-20"} | OF_EVIDENCE


ONLY_WHERE_NEEDED = {
    ("CT-13", "organizations.ListDelegatedAdministrators"), ("CT-14", "cloudtrail.GetTrailStatus"), ("CT-14", "kms.GetKeyRotationStatus"),
    ("CT-16", "s3.GetBucketLocation"), ("CT-16", "s3control.GetPublicAccessBlock"), ("CT-19", "cloudtrail.GetEventSelectors"),
    ("CT-21", "sns.GetTopicAttributes"), ("CT-23", "organizations.DescribePolicy"), ("CT-23", "organizations.ListTargetsForPolicy"),
    ("CT-25", "cloudtrail.GetEventDataStore"),
}  # fmt: skip
PAIRS = [(check.name, call) for check in CHECKS for call in check.calls if (check.name, call) not in ONLY_WHERE_NEEDED]


def refused(account, call, made=Denied):
    kept = {key: reply for key, reply in account.replies.items() if key[0] != call}
    reply = Denied(OPERATIONS[call].permission) if made is Denied else Failed("throttled")
    return type(account)(account.account, account.region, "made up", account.at, kept).but(call, reply)


@pytest.mark.parametrize(("check", "call"), PAIRS)
def test_a_refusal_is_unknown_and_names_the_permission(check, call):
    found, reason = outcome(check, refused(SOUND, call))
    assert found == "unknown"
    assert OPERATIONS[call].permission in reason


@pytest.mark.parametrize(("check", "call"), PAIRS)
def test_no_answer_is_never_a_pass(check, call):
    assert outcome(check, refused(SOUND, call, Failed))[0] == "unknown"


@pytest.mark.parametrize(
    ("check", "account", "call"),
    [
        ("CT-21", told(publishing()), "sns.GetTopicAttributes"),
        ("CT-23", organized(SCP), "organizations.DescribePolicy"),
        ("CT-25", store(), "cloudtrail.GetEventDataStore"),
        ("CT-13", trail(IsOrganizationTrail=True).but("organizations.DescribeOrganization", Answered(
            {"Organization": {"MasterAccountId": ARCHIVE}})), "organizations.ListDelegatedAdministrators"),
    ],
)  # fmt: skip
def test_a_refusal_of_what_is_asked_only_then_is_unknown_too(check, account, call):
    found, reason = outcome(check, refused(account, call))
    assert found == "unknown"
    assert OPERATIONS[call].permission in reason


def test_a_check_asks_nothing_that_it_does_not_declare():
    undeclared = set()
    for check, account, *_ in [*CASES, *((name, SOUND, "", "") for name in BY_NAME)]:
        from cttoolkit.posture.audit import _row
        from cttoolkit.posture.scene import Inquiry, Options, Scene
        from cttoolkit.posture.trails import find_trails

        options, inquiry = Options(sensitive=tuple(SENSITIVE)), Inquiry(account)
        found = find_trails(Scene(Inquiry(account), options))
        only = found.trails[0] if BY_NAME[check].per_trail else None
        _row(BY_NAME[check], Scene(inquiry, options, found.trails, found.regions, (), only))
        asked = {f"{one.service}.{one.operation}" for one in inquiry.asked.values()}
        undeclared |= {(check, call) for call in asked - set(BY_NAME[check].calls)}
    assert not undeclared


def test_every_operation_that_may_be_asked_belongs_to_a_check():
    assert set(OPERATIONS) == {call for check in CHECKS for call in check.calls} | set(ALWAYS)


def test_a_key_is_asked_for_in_its_own_region():
    key = f"arn:aws:kms:eu-north-1:{ACCOUNT}:key/1"
    account = trail(KmsKeyId=key).but("kms.DescribeKey", Denied("kms:DescribeKey"))
    there = account.but(
        "kms.DescribeKey", Answered({"KeyMetadata": {"Arn": key, "KeyState": "Disabled"}}), region="eu-north-1"
    )
    assert outcome("CT-14", account)[0] == "unknown"
    assert outcome("CT-14", there) == ("fail", "the trail's key is Disabled: CloudTrail cannot write with it")


def test_stewards_may_stop_a_trail():
    account = holding({"Statement": {"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}})
    assert outcome("CT-22", account)[0] == "fail"
    assert outcome("CT-22", account, stewards=["odd"]) == ("pass", "held by role odd only, who were named")


def test_without_a_list_of_sensitive_resources_data_events_are_unknown():
    assert outcome("CT-04", sensitive=[])[0] == "unknown"


def test_retention_is_what_the_asker_owes():
    rules_of_a_year = SOUND.but(
        "s3.GetBucketLifecycleConfiguration", Rules=[{"Status": "Enabled", "Expiration": {"Days": 400}}]
    )
    assert outcome("CT-18", rules_of_a_year)[0] == "pass"
    assert outcome("CT-18", rules_of_a_year, retention_days=2555)[0] == "fail"


def archive():
    """The account that the bucket belongs to. It has no trail of its own."""
    made = sound_account(ARCHIVE).but(
        "cloudtrail.DescribeTrails", Answered({"trailList": []}, instant("2026-06-10T01:30:00Z"))
    )
    return made.but(
        "s3.GetBucketLocation", LocationConstraint=None, parameters={"Bucket": BUCKET, "ExpectedBucketOwner": ARCHIVE}
    )


def test_the_archive_account_answers_what_the_trails_account_is_refused():
    alone = refused(SOUND, "s3.GetBucketVersioning")
    assert outcome("CT-17", alone)[0] == "unknown"
    assert outcome("CT-17", alone, archive())[0] == "pass"
    hidden = refused(SOUND, "s3.GetBucketLocation")
    assert outcome("CT-12", hidden)[0] == "unknown"
    assert outcome("CT-12", hidden, archive()) == ("pass", f"a bucket of {ARCHIVE}, with log files only")


def test_an_organization_trail_is_asked_of_its_owner_and_seen_from_a_member():
    owner = trail(IsOrganizationTrail=True).but("organizations.DescribeOrganization", Answered(ORGANIZATION))
    shadow = owner.replies["cloudtrail.DescribeTrails", None, None]
    member = refused(sound_account(ARCHIVE), "cloudtrail.GetTrailStatus").but("cloudtrail.DescribeTrails", shadow)
    member = member.but("organizations.DescribeOrganization", Answered(ORGANIZATION))
    (alone,) = audit(member)["CT-01"]
    assert (alone.outcome.value, "cloudtrail:GetTrailStatus" in alone.reason) == ("unknown", True)
    assert [row.outcome.value for row in audit(member)["CT-13"]] == ["pass"]
    for order in ((owner, member), (member, owner)):
        (row,) = audit(*order)["CT-01"]
        assert row.outcome.value == "pass"
