"""The stories: what happened is in the evidence, what is innocent too, and the toolkit sees the one and may say the other."""

from __future__ import annotations

import functools
import ipaddress
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.errors import ScenarioError
from cttoolkit.session.edges import Grade
from cttoolkit.standing import Met
from cttoolkit.training import simulator, tamper
from cttoolkit.training.primes import signing_key
from cttoolkit.training.scenarios import help_desk, llm_abuse, quiet, ransom, role_chain, stolen_instance_role
from cttoolkit.training.worlds import SCENARIOS
from cttoolkit.window import Window, instant
from tests.conftest import SAMPLES
from tests.training.test_simulator import walk

STORIES = ["stolen-instance-role", "insider-root", "ransom", "role-chain", "llm-abuse", "help-desk", "quiet"]
SMALL = {"leaked-key": {"days": 1, "volume": 0.1}}
ACCOUNTS = {"111122223333", "444455556666", "123456789012", "777788889999"}
DOCUMENTATION = [ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
FAILED = {
    ("stolen-instance-role", "denied"): {"AccessDenied"},
    ("stolen-instance-role", "dry_run"): {"Client.DryRunOperation"},
    ("stolen-instance-role", "limits_met"): {"Client.VcpuLimitExceeded"},
    ("stolen-instance-role", "clean_up_refused"): {"Client.OperationNotPermitted"},
    ("ransom", "denied"): {"AccessDenied"},
    ("role-chain", "denied"): {"AccessDenied", "Client.UnauthorizedOperation"},
    ("llm-abuse", "denied"): {"AccessDenied"},
    ("llm-abuse", "probes"): {"AccessDenied", "ValidationException"},
    ("llm-abuse", "throttled"): {"ThrottlingException"},
    ("help-desk", "denied"): {"AccessDenied"},
    ("quiet", "refused"): {"AccessDenied"},
}
"""What failed from the first to the last, and how. In what is not listed here nothing failed, but for ``PARTLY_FAILED``."""
PARTLY_FAILED = {("ransom", "looking_around"), ("stolen-instance-role", "cleaned_up")} | {
    ("llm-abuse", f"invoked_{region}") for region in llm_abuse.SPENT
}
_MODELS = "ConverseStream InvokeModelWithResponseStream Converse"
SAYS = {
    "stolen-instance-role": {
        "credentials_issued": ("AssumeRole", "ec2.amazonaws.com"),
        "used_at_home": ("UpdateInstanceInformation", "192.0.2.105"),
        "first_foreign_use": ("GetCallerIdentity", "203.0.113.140"),
        "looking_around": ("ListBuckets DescribeRegions DescribeInstances GetServiceQuota DescribeInstanceTypeOfferings", "203.0.113.140"),
        "denied": ("ListUsers ListRoles GetAccountAuthorizationDetails ListSecrets DescribeDBInstances DescribeParameters",
                   "203.0.113.140"),
        **{f"prepared_{one}": ("CreateKeyPair CreateSecurityGroup AuthorizeSecurityGroupIngress", "203.0.113.140")
           for one in stolen_instance_role.MINED},
        "dry_run": ("RunInstances", "203.0.113.140"),
        "limits_met": ("RunInstances", "203.0.113.140"),
        **{f"instances_run_{one}": ("RunInstances", "203.0.113.140") for one in stolen_instance_role.MINED},
        "protected": ("ModifyInstanceAttribute", "203.0.113.140"),
        "last_seen": ("GetCallerIdentity", "203.0.113.140"),
        "cleaned_up": ("TerminateInstances ModifyInstanceAttribute", "192.0.2.31"),
        "clean_up_refused": ("TerminateInstances", "192.0.2.31"),
        "moved_house": ("UpdateInstanceInformation", "192.0.2.206"),
    },
    "insider-root": {
        "guesses": ("ConsoleLogin", "198.51.100.64"),
        "password_recovered": ("PasswordRecoveryRequested PasswordRecoveryCompleted", "198.51.100.64"),
        "signed_in": ("ConsoleLogin", "198.51.100.64"),
        "looking_around": ("GetAccountSummary ListAccessKeys ListUsers DescribeVolumes DescribeSnapshots DescribeTrails", "198.51.100.64"),
        "contact_changed": ("PutAlternateContact", "198.51.100.64"),
        "key_made": ("CreateAccessKey", "198.51.100.64"),
        "key_used": ("GetCallerIdentity", "198.51.100.64"),
        "snapshot_made": ("CreateSnapshot", "198.51.100.64"),
        "snapshot_shared": ("ModifySnapshotAttribute", "198.51.100.64"),
        "administrator_left": ("CreateUser CreateLoginProfile AttachUserPolicy CreateAccessKey", "198.51.100.64"),
        "key_deleted": ("DeleteAccessKey", "198.51.100.64"),
        "survivor_used": ("GetCallerIdentity DescribeSnapshots", "198.51.100.64"),
        "planned": ("ConsoleLogin GetAlternateContact PutAlternateContact", "192.0.2.10"),
        "same_line": ("GetAccountSummary", "198.51.100.64"),
    },
    "ransom": {
        "first_foreign_use": ("GetCallerIdentity", "203.0.113.91"),
        "looking_around": (("ListBuckets GetBucketLocation GetBucketVersioning GetBucketEncryption GetBucketLifecycle "
                           "GetBucketObjectLockConfiguration DescribeTrails GetTrailStatus GetEventSelectors"), "203.0.113.91"),
        "denied": ("ListUsers ListKeys ListBackupVaults", "203.0.113.91"),
        "versioning_suspended": ("PutBucketVersioning", "203.0.113.91"),
        "objects_read": ("GetObject", "203.0.113.91"),
        "objects_encrypted": ("CopyObject", "203.0.113.91"),
        "trail_stopped": ("StopLogging", "203.0.113.91"),
        "objects_encrypted_later": ("CopyObject", "203.0.113.91"),
        "note_left": ("PutObject", "203.0.113.91"),
        "expiry_set": ("PutBucketLifecycle", "203.0.113.91"),
        "last_seen": ("GetBucketLifecycle", "203.0.113.91"),
        "trail_started": ("StartLogging", "192.0.2.177"),
        "key_disabled": ("UpdateAccessKey", "192.0.2.177"),
        "trail_set_up": ("AssumeRoleWithWebIdentity StartLogging", "198.51.100.171"),
        "own_use": ("ListBuckets GetBucketLocation GetBucketVersioning", "192.0.2.61"),
    },
    "role-chain": {
        "first_foreign_use": ("GetCallerIdentity", "203.0.113.18"),
        "denied": ("ListAttachedUserPolicies ListRoles ListBuckets DescribeInstances ListSecrets DescribeOrganization", "203.0.113.18"),
        "first_role": ("AssumeRole", "203.0.113.18"),
        "second_role": ("AssumeRole", "203.0.113.18"),
        "looked_at_organization": ("ListAccounts ListRoots", "203.0.113.18"),
        "third_role": ("AssumeRole", "203.0.113.18"),
        "looking_around": ("GetCallerIdentity ListRoles DescribeDBInstances ListSecrets", "203.0.113.18"),
        "secrets_read": ("GetSecretValue", "203.0.113.18"),
        "secrets_decrypted": ("Decrypt", "secretsmanager.amazonaws.com"),
        "way_back_made": ("CreateRole AttachRolePolicy", "203.0.113.18"),
        "way_back_used": ("AssumeRole", "203.0.113.18"),
        "way_back_looked": ("DescribeDBInstances DescribeDBSnapshots", "203.0.113.18"),
        "inventory": (("AssumeRoleWithWebIdentity AssumeRole ListAccounts DescribeInstances DescribeVolumes DescribeSecurityGroups "
                      "DescribeVpcs"), "198.51.100.155"),
        "own_use": ("DescribeRepositories GetAuthorizationToken", "192.0.2.44"),
    },
    "llm-abuse": {
        "first_foreign_use": ("GetCallerIdentity", "198.51.100.90"),
        "looking_around": ("ListFoundationModels ListInferenceProfiles GetModelInvocationLoggingConfiguration", "198.51.100.90"),
        "denied": ("ListFoundationModels ListInferenceProfiles GetModelInvocationLoggingConfiguration", "198.51.100.90"),
        "probes": ("InvokeModel", "198.51.100.90"),
        "access_asked": (("GetUseCaseForModelAccess PutUseCaseForModelAccess ListFoundationModelAgreementOffers "
                         "CreateFoundationModelAgreement PutFoundationModelEntitlement"), "198.51.100.90"),
        "model_log_deleted": ("DeleteModelInvocationLoggingConfiguration", "198.51.100.90"),
        **{f"invoked_{one}": (_MODELS, "203.0.113.31") for one in llm_abuse.SPENT},
        "throttled": (_MODELS, "203.0.113.31"),
        "last_seen": ("ListFoundationModels", "198.51.100.90"),
        "curious": ("ListFoundationModels ListInferenceProfiles GetFoundationModel", "192.0.2.22"),
    },
    "help-desk": {
        "guesses_of_names": ("ConsoleLogin", "203.0.113.77"),
        "guesses_of_passwords": ("ConsoleLogin", "203.0.113.77"),
        "signed_in": ("ConsoleLogin", "203.0.113.77"),
        "looking_around": ("GetUser ListAttachedUserPolicies ListUserPolicies ListGroupsForUser GetPolicy GetPolicyVersion",
                           "203.0.113.77"),
        "denied": (("ListUsers ListRoles ListPolicies GetAccountAuthorizationDetails ListMFADevices ListAccessKeys "
                   "ListFunctions20150331 ListSecrets CreateUser"), "203.0.113.77"),
        "policy_changed": ("CreatePolicyVersion", "203.0.113.77"),
        "allowed_now": ("ListUsers GetAccountAuthorizationDetails ListMFADevices ListFunctions20150331", "203.0.113.77"),
        "administrator_left": ("CreateUser CreateLoginProfile AttachUserPolicy CreateAccessKey", "203.0.113.77"),
        "trust_widened": ("UpdateAssumeRolePolicy", "203.0.113.77"),
        "role_strengthened": ("PutRolePolicy", "203.0.113.77"),
        "function_opened": ("CreateFunctionUrlConfig AddPermission20150331v2", "203.0.113.77"),
        "schedule_made": ("PutRule PutTargets", "203.0.113.77"),
        "second_factor_removed": ("DeactivateMFADevice", "203.0.113.77"),
        "role_taken": ("AssumeRole", "198.51.100.9"),
        "role_used": ("GetCallerIdentity ListUsers ListRoles DescribeTrails ListBuckets", "198.51.100.9"),
        "key_used": ("GetCallerIdentity ListSecrets ListBuckets", "198.51.100.9"),
        "tidied": ("DeleteLoginProfile", "198.51.100.9"),
        "password_reset": ("ConsoleLogin UpdateLoginProfile ChangePassword", "192.0.2.28 192.0.2.30"),
        "contractor": ("ConsoleLogin", "192.0.2.88 198.51.100.201"),
    },
    "quiet": {
        "on_call": ("RebootInstances", "192.0.2.177"),
        "plan": ("AssumeRoleWithWebIdentity GetCallerIdentity " + " ".join(quiet.PLANNED.values()), "198.51.100.171"),
        "planned_root": ("ConsoleLogin GetAlternateContact", "192.0.2.10"),
        "key_rotated": ("CreateAccessKey GetCallerIdentity DeleteAccessKey", "192.0.2.20 192.0.2.61"),
        "password_reset": ("UpdateLoginProfile ConsoleLogin", "192.0.2.20 192.0.2.28"),
        "refused": ("ListSecrets ListAliases ListKeys GetRandomPassword DescribeParameters ListBackupVaults", "192.0.2.25"),
        "moved_house": ("GetCallerIdentity", "192.0.2.161"),
    },
}  # fmt: skip
"""Of each part of a story the calls that it is made of, and the addresses that they came from."""
SEEN = {
    "leaked-key": ("user/alice", "key-for-another-user user-made administrator-policy-attached refused-run"),
    "stolen-instance-role": (
        "assumed-role/web-prod/i-d12f7e02088d366f8",
        (
            "instance-credentials-away region-new-to-compute port-opened-to-world large-instance-run refused-run quota-sweep "
            "launch-limit-met termination-protected key-pair-made"
        ),
    ),
    "insider-root": (
        ":root",
        (
            "root-signed-in-without-mfa root-key-made root-password-recovered snapshot-shared login-profile-for-another "
            "administrator-policy-attached key-for-another-user user-made"
        ),
    ),
    "ransom": (
        "user/svc-backup",
        "encrypted-with-sent-key trail-stopped ransom-note versioning-weakened lifecycle-expires-soon",
    ),
    "role-chain": (
        "assumed-role/OrganizationAccountAccessRole/inventory",
        "secrets-read-in-bulk role-trusts-another-account administrator-policy-attached",
    ),
    "help-desk": (
        "user/anna.h",
        (
            "password-guessing signed-in-after-failures signed-in-without-mfa refused-run refused-then-allowed policy-version-made "
            "wide-policy-written user-made login-profile-for-another administrator-policy-attached key-for-another-user "
            "role-trusts-another-account function-opened schedule-made mfa-device-removed"
        ),
    ),
    "llm-abuse": ("user/svc-report", "models-probed model-access-granted model-logging-stopped models-invoked-first"),
}
"""Who is caught, and at what."""


@dataclass(frozen=True)
class Played:
    """A world with its truth, its records, and where its evidence lies."""

    bucket: Any
    truth: dict[str, Any]
    folder: Path

    @functools.cached_property
    def records(self) -> dict[str, dict[str, Any]]:
        found = [record for key in self.bucket.logs for record in tamper.content(self.bucket, key)["Records"]]
        by_id = {record["eventID"]: record for record in found}
        assert len(by_id) == len(found)
        return by_id

    @functools.cached_property
    def verification(self) -> ct.Verification:
        self.bucket.write(self.folder)
        return ct.verify(ct.open_evidence(self.folder), ct.load_keys(self.folder / "public-keys.json"))

    @functools.cached_property
    def events(self) -> ct.Events:
        return ct.admit(self.verification, ct.IntactOnly())

    @functools.cached_property
    def chains(self) -> ct.session.Chains:
        return ct.session.chains(self.events)

    @property
    def window(self) -> Window:
        return Window.of(self.truth["window"]["start"], self.truth["window"]["end"])

    @property
    def parts(self) -> dict[str, list[str]]:
        """The ids of every claim and red herring."""
        return self.truth["claims"] | {name: one["events"] for name, one in self.truth["red_herrings"].items()}

    def of(self, part: str) -> list[dict[str, Any]]:
        return [self.records[one] for one in self.parts[part]]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    @functools.cache
    def play(name: str) -> Played:
        bucket, truth = SCENARIOS[name](**SMALL.get(name, {}))
        return Played(bucket, truth, tmp_path_factory.mktemp(name))

    return play


def ids(bucket) -> set[str]:
    return {record["eventID"] for key in bucket.logs for record in tamper.content(bucket, key)["Records"]}


@pytest.fixture
def one_key(monkeypatch):
    """Worlds of other seeds sign with the first one's keys: making keys takes longer than all the rest."""
    monkeypatch.setattr(simulator, "signing_key", lambda name: signing_key("1/us-east-1/0"))


@pytest.mark.parametrize("name", STORIES)
def test_each_story_verifies_and_everything_in_it_is_listed(played, name):
    world = played(name)
    assert sorted(walk(world.bucket)) == world.bucket.logs
    assert {verdict.status for verdict in world.verification.verdicts} == {ct.Status.INTACT}
    # Of a time without digests nobody can say that all of it is there.
    assert world.verification.is_whole == (name != "ransom")


@pytest.mark.parametrize("name", STORIES)
def test_each_part_of_a_story_is_what_it_says(played, name):
    world = played(name)
    assert world.parts.keys() == SAYS[name].keys()
    for part, (names, addresses) in SAYS[name].items():
        found = world.of(part)
        assert {record["eventName"] for record in found} == set(names.split()), part
        assert {record["sourceIPAddress"] for record in found} == set(addresses.split()), part
        errors = {record.get("errorCode") for record in found}
        if (name, part) in PARTLY_FAILED:
            assert {None} < errors, part
        else:
            assert errors == FAILED.get((name, part), {None}), part


@pytest.mark.parametrize("name", STORIES)
def test_a_truth_says_what_is_claimed_what_is_innocent_and_what_nobody_can_know(played, name):
    truth = played(name).truth
    assert truth["world"] == name
    assert truth["claims"].keys() == truth["meanings"].keys()
    assert all(truth["claims"].values())
    assert truth["unproven"]
    assert truth["red_herrings"]
    assert truth["tampering"] == []
    claimed = {one for ids in truth["claims"].values() for one in ids}
    assert not claimed & {one for herring in truth["red_herrings"].values() for one in herring["events"]}
    assert (truth["suspect"] is None) == (not claimed) == (name == "quiet")
    json.dumps(truth)


@pytest.mark.parametrize("name", [name for name in STORIES if name not in ("insider-root", "quiet")])
def test_what_came_from_foreign_addresses_is_the_attack_and_all_of_it(played, name):
    world = played(name)
    foreign = {
        one for one, record in world.records.items() if record["sourceIPAddress"] in world.truth["foreign_addresses"]
    }
    elsewhere = {"credentials_issued", "used_at_home", "secrets_decrypted"}
    assert foreign == {one for part, ids in world.truth["claims"].items() if part not in elsewhere for one in ids}
    assert all(instant(world.records[one]["eventTime"]) in world.window for one in foreign)


def test_root_did_nothing_that_evening_but_the_attack(played):
    world = played("insider-root")
    roots = {one for one, record in world.records.items() if record["userIdentity"]["type"] == "Root"}
    claimed = {one for part, ids in world.truth["claims"].items() if part != "survivor_used" for one in ids}
    assert roots == claimed | set(world.parts["planned"])
    assert all(instant(world.records[one]["eventTime"]) in world.window for one in claimed)


@pytest.mark.parametrize("name", STORIES)
def test_nothing_in_it_is_anybodys(played, name):
    found = list(played(name).records.values())
    for record in found:
        address = record["sourceIPAddress"]
        assert address.endswith(".amazonaws.com") or any(ipaddress.ip_address(address) in net for net in DOCUMENTATION)
    text = json.dumps([found, played(name).truth])
    assert set(re.findall(r"(?<![-\w])\d{12}\b", text)) <= ACCOUNTS
    assert all(key.endswith("EXAMPLE") for key in re.findall(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", text))
    assert all(mail.endswith("@example.com") for mail in re.findall(r"[\w.-]+@[\w.-]+", text))
    assert "secretAccessKey" not in text


@pytest.mark.parametrize("name", STORIES)
def test_sessions_are_issued_before_they_are_used_and_end_in_time(played, name):
    found = list(played(name).records.values())
    issued = {
        answer["credentials"]["accessKeyId"]: record
        for record in found
        if "credentials" in (answer := record["responseElements"] or {})
    }
    for record in found:
        issue = issued.get(record["userIdentity"].get("accessKeyId"))
        if issue is None:
            continue
        end = datetime.strptime(issue["responseElements"]["credentials"]["expiration"], "%b %d, %Y, %I:%M:%S %p")
        assert issue["eventTime"] <= record["eventTime"] <= end.isoformat() + "Z"
        assert record["userIdentity"]["sessionContext"]["attributes"]["creationDate"] == issue["eventTime"]
        assert issue["responseElements"]["assumedRoleUser"]["assumedRoleId"] == record["userIdentity"]["principalId"]


@pytest.mark.parametrize("name", STORIES)
def test_calls_are_recorded_where_aws_records_them(played, name):
    for record in played(name).records.values():
        if record["eventSource"].partition(".")[0] in ("iam", "signin", "sso", "organizations", "account"):
            assert record["awsRegion"] == "us-east-1"
        outside = not record["sourceIPAddress"].endswith(".amazonaws.com")
        console = "sessionCredentialFromConsole" in record or record["eventType"] != "AwsApiCall"
        assert ("tlsDetails" in record) == (outside and not console), record["eventName"]


@pytest.mark.parametrize("name", STORIES)
def test_a_seed_is_a_world(one_key, name):
    (one, truth), (again, same), (another, other) = (SCENARIOS[name](seed=seed, volume=0.1) for seed in (1, 1, 2))
    assert one.objects == again.objects
    assert one.configuration == again.configuration
    assert truth == same
    assert truth["red_herrings"] != other["red_herrings"]
    assert not ids(one) & ids(another)


@pytest.mark.parametrize("name", STORIES)
def test_a_longer_world_with_less_noise_tells_the_same_story(one_key, played, name):
    longer, truth = SCENARIOS[name](days=4 if name == "help-desk" else 2, volume=0.1)
    assert truth == played(name).truth
    assert len(longer.digests) > 1.8 * len(played(name).bucket.digests)


@pytest.mark.parametrize("name", SEEN)
def test_the_detections_see_the_attack(played, name):
    world, (who, names) = played(name), SEEN[name]
    seen = ct.detect(world.events, only=names.split())
    for one in names.split():
        sightings = [sighting for sighting in seen.of(one) if sighting.actor.endswith(who)]
        assert sightings, one
        assert all(
            world.window.start <= sighting.first <= sighting.last <= world.window.end for sighting in sightings
        ), one


def test_on_the_quiet_day_nothing_critical_is_seen_and_the_rest_is_innocent(played):
    world = played("quiet")
    critical = [one.name for one in ct.detections.CATALOGUE if one.severity is ct.Severity.CRITICAL]
    assert len(critical) > 10
    assert len(ct.detect(world.events, only=critical)) == 0
    names = "root-signed-in key-for-another-user password-set-for-another refused-run enumeration-sweep"
    seen = ct.detect(world.events, only=names.split())
    innocent = {one for ids in world.parts.values() for one in ids}
    for name in names.split():
        assert {one for sighting in seen.of(name) for one in sighting.events.frame()["event_id"]} <= innocent, name
        assert seen.of(name), name


def test_engineers_who_clean_up_look_like_those_who_destroy(played):
    (sighting,) = ct.detect(played("stolen-instance-role").events, only="instances-terminated-in-bulk")
    assert sighting.actor == "nina@example.com"


@pytest.mark.parametrize("name", STORIES)
def test_what_is_absent_was_called_by_nobody(played, name):
    world = played(name)
    inside = {r["eventName"] for r in world.records.values() if instant(r["eventTime"]) in world.window}
    assert not inside & set(world.truth["absent"])


@pytest.mark.parametrize("name", STORIES)
def test_a_silence_holds_as_far_as_the_digests_reach(played, name):
    world = played(name)
    assert "DeleteTrail" in world.truth["absent"]
    silent = ct.absence("No trail was deleted.", cites=world.events.named("DeleteTrail"), window=world.window)
    assert silent.standing.word is (ct.Word.UNPROVEN if name == "ransom" else ct.Word.KEY_UNPROVEN)


def test_while_the_trail_was_stopped_there_is_neither_a_record_nor_a_digest(played):
    world = played("ransom")
    off = Window.of(*world.truth["stopped"].values())
    assert not [one for one, record in world.records.items() if instant(record["eventTime"]) in off]
    (stop,), (start,) = world.of("trail_stopped"), world.of("trail_started")
    assert (instant(stop["eventTime"]), instant(start["eventTime"])) == (
        ransom.STOPPED.start - ransom.timedelta(seconds=1),
        off.end,
    )
    starting = [tamper.content(world.bucket, key) for key in world.bucket.digests]
    starting = [one for one in starting if one["previousDigestS3Object"] is None]
    assert sorted(one["digestStartTime"][11:13] for one in starting) == ["00", "00", "06", "06"]


def test_before_the_trail_was_stopped_the_time_is_covered_but_the_trail_was_not_left_as_it_was(played):
    world = played("ransom")
    early = Window.of("2026-06-09T00:10:00Z", "2026-06-09T00:50:00Z")
    silent = ct.absence("No trail was deleted.", cites=world.events.named("DeleteTrail"), window=early)
    assert silent.standing.word is ct.Word.NOT_OBSERVED
    unmet = [one for one in silent.standing.conditions if one.met is not Met.YES]
    assert [one.name for one in unmet] == ["the trail was left as it was", "provenance of the keys"]


def test_of_the_other_bucket_no_silence_can_be_proved(played):
    world = played("ransom")
    read = world.events.named("GetObject").where(ct.param("requestParameters.bucketName") == ransom.OTHER)
    early = Window.of("2026-06-09T00:10:00Z", "2026-06-09T00:50:00Z")
    silent = ct.absence("No object of the other bucket was read.", cites=read, window=early, category="Data")
    assert silent.standing.word not in (ct.Word.PROVED_ABSENT, ct.Word.KEY_UNPROVEN)


def test_each_encrypted_object_was_copied_onto_itself_under_a_key_that_was_sent(played):
    world = played("ransom")
    for record in world.of("objects_encrypted") + world.of("objects_encrypted_later"):
        asked = record["requestParameters"]
        assert asked["x-amz-server-side-encryption-customer-algorithm"] == "AES256"
        assert asked["x-amz-copy-source"] == f"{asked['bucketName']}/{asked['key']}"
        assert record["additionalEventData"]["SSEApplied"] == "SSE_C"


def test_data_events_are_those_of_the_bucket_that_was_selected(played):
    for name in STORIES:
        world = played(name)
        data = [record for record in world.records.values() if record["eventCategory"] == "Data"]
        assert {record["requestParameters"]["bucketName"] for record in data} == {"acme-claims-archive"}


def test_the_chain_of_roles_is_joined_from_the_key_to_the_payments_account(played):
    world = played("role-chain")
    *_, last = world.truth["chain"]
    (path,) = world.chains.paths(f"tmp:{last}")
    assert path.origin == f"key:{world.truth['leaked_key']}"
    assert path.grade is Grade.EXACT
    assert [edge.child for edge in path.edges] == [f"tmp:{key}" for key in world.truth["chain"][1:]]
    assert {*path.event_ids} == {one for part in world.truth["chained_by"] for one in world.parts[part]}
    (back,) = world.chains.paths(f"tmp:{world.truth['way_back']}")
    assert (back.origin, {*back.event_ids}) == (path.origin, {*world.parts["way_back_used"]})


def test_the_same_way_at_night_comes_from_the_runners(played):
    """Session names are the same by day and by night: only the way up tells one from the other."""
    world = played("role-chain")
    nightly = next(r for r in world.of("inventory") if r["eventName"] == "DescribeInstances")["userIdentity"]
    (stolen,) = {record["userIdentity"]["arn"] for record in world.of("secrets_read")}
    assert nightly["arn"] == stolen
    (path,) = world.chains.paths(f"tmp:{nightly['accessKeyId']}")
    assert path.origin.startswith("oidc:")


@pytest.mark.parametrize("part", ["second_role", "third_role", "way_back_used"])
def test_a_step_across_accounts_has_two_halves(played, part):
    caller, role = sorted(
        played("role-chain").of(part), key=lambda record: record["userIdentity"]["type"] == "AWSAccount"
    )
    assert caller["sharedEventID"] == role["sharedEventID"]
    assert caller["recipientAccountId"] == caller["userIdentity"]["accountId"] == role["userIdentity"]["accountId"]
    assert role["recipientAccountId"] == role["resources"][0]["accountId"] == caller["resources"][0]["accountId"]
    assert "arn" not in role["userIdentity"]
    assert "arn" in caller["userIdentity"]


def test_an_organization_has_one_trail_and_three_accounts(played):
    bucket = played("role-chain").bucket
    (noted,) = bucket.configuration["trails"]
    assert noted["trail"]["IsOrganizationTrail"]
    assert f":{role_chain.MANAGEMENT}:" in noted["trail"]["TrailARN"]
    assert {key.split("/")[1:3][1] for key in bucket.objects} == set(played("role-chain").truth["accounts"].values())
    assert all(key.startswith(f"AWSLogs/{role_chain.ORGANIZATION}/") for key in bucket.objects)


def test_the_stolen_credentials_were_issued_by_ec2_and_used_in_two_places_at_once(played):
    world = played("stolen-instance-role")
    (path,) = world.chains.paths(f"tmp:{world.truth['stolen_key']}")
    assert path.origin == "svc:ec2.amazonaws.com"
    home = [record["eventTime"] for record in world.of("used_at_home")]
    assert min(home) < world.truth["window"]["start"] < world.truth["window"]["end"] < max(home)
    used = [*world.of("used_at_home"), *world.of("first_foreign_use"), *world.of("protected")]
    assert {record["userIdentity"]["accessKeyId"] for record in used} == {world.truth["stolen_key"]}


def test_of_one_region_the_instances_were_not_terminated(played):
    world = played("stolen-instance-role")
    ended = [
        record
        for record in world.of("cleaned_up")
        if record["eventName"] == "TerminateInstances" and "errorCode" not in record
    ]
    assert {record["awsRegion"] for record in ended} == set(world.truth["instances"]) - set(
        world.truth["still_protected"]
    )


def test_models_are_counted_as_they_answered(played):
    world = played("llm-abuse")
    for region, number in world.truth["invocations"].items():
        answered = [record for record in world.of(f"invoked_{region}") if "errorCode" not in record]
        assert len(answered) == number > 0
        assert {record["awsRegion"] for record in answered} == {region}


def test_seven_of_the_names_that_were_guessed_stay_hidden(played):
    world = played("help-desk")
    hidden, known = world.of("guesses_of_names"), world.of("guesses_of_passwords")
    assert (len(hidden), len(known)) == (7, 24)
    assert {record["userIdentity"]["userName"] for record in hidden} == {help_desk.HIDDEN}
    assert not any("principalId" in record["userIdentity"] for record in hidden)
    assert {record["userIdentity"]["userName"] for record in known} == {"marc", "jon", "anna.h"}
    (entered,) = world.of("signed_in")
    assert max(record["eventTime"] for record in hidden + known) < entered["eventTime"]
    assert {record["responseElements"]["ConsoleLogin"] for record in hidden + known} == {"Failure"}
    assert "errorCode" not in json.dumps(hidden + known)


def test_all_that_anna_did_is_one_session_without_a_second_factor_under_six_keys(played):
    world = played("help-desk")
    (entered,) = world.of("signed_in")
    done = [
        r
        for r in world.records.values()
        if r["userIdentity"].get("userName") == "anna.h" and r["eventType"] == "AwsApiCall"
    ]
    contexts = {json.dumps(record["userIdentity"]["sessionContext"]["attributes"], sort_keys=True) for record in done}
    (context,) = map(json.loads, contexts)
    assert context == {"creationDate": entered["eventTime"], "mfaAuthenticated": "false"}
    assert {record["userIdentity"]["accessKeyId"] for record in done} == set(world.truth["session_keys"])
    assert len(world.truth["session_keys"]) == 6
    assert entered["additionalEventData"]["MFAUsed"] == "No"


def test_what_was_refused_before_the_new_version_is_answered_after_it(played):
    world = played("help-desk")
    (changed,) = world.of("policy_changed")
    assert changed["requestParameters"]["setAsDefault"] is True
    denied = {record["eventName"]: record for record in world.of("denied")}
    answered = {r["eventName"]: r for r in world.of("allowed_now") + world.of("administrator_left")}
    assert sorted(denied.keys() & answered.keys()) == world.truth["refused_then_allowed"]
    for name in world.truth["refused_then_allowed"]:
        assert denied[name]["eventTime"] < changed["eventTime"] < answered[name]["eventTime"]
        assert denied[name]["requestParameters"] == answered[name]["requestParameters"]


def test_of_the_foreign_caller_there_is_one_half_that_leads_no_further(played):
    world = played("help-desk")
    (half,) = world.of("role_taken")
    assert half["userIdentity"].keys() == {"type", "principalId", "accountId"}
    assert half["userIdentity"]["accountId"] == world.truth["foreign_account"] != half["recipientAccountId"]
    assert [r for r in world.records.values() if r.get("sharedEventID") == half["sharedEventID"]] == [half]
    (widened,) = world.of("trust_widened")
    assert f":{world.truth['foreign_account']}:root" in widened["requestParameters"]["policyDocument"]
    assert {record["userIdentity"]["accessKeyId"] for record in world.of("role_used")} == {world.truth["role_session"]}


def test_only_the_password_of_the_user_left_behind_is_gone_the_next_day(played):
    world = played("help-desk")
    used = world.of("key_used") + world.of("tidied")
    assert {record["userIdentity"]["accessKeyId"] for record in used} == {world.truth["new_key"]}
    assert {record["eventTime"][:10] for record in used} == {"2026-10-15"}
    deleted = [record["eventName"] for record in world.records.values() if record["eventName"].startswith("Delete")]
    assert "DeleteLoginProfile" in deleted
    assert not {"DeleteAccessKey", "DeleteUser"} & set(deleted)


def test_who_is_innocent_at_the_help_desk_had_a_second_factor(played):
    world = played("help-desk")
    entered = [
        r for part in ("password_reset", "contractor") for r in world.of(part) if r["eventName"] == "ConsoleLogin"
    ]
    succeeded = [r for r in entered if r["responseElements"]["ConsoleLogin"] == "Success"]
    assert {record["additionalEventData"]["MFAUsed"] for record in succeeded} == {"Yes"}
    assert {record["userIdentity"]["userName"] for record in succeeded} == {"jon", "rita"}


def test_the_help_desk_has_no_time_for_its_story_in_one_day():
    with pytest.raises(ScenarioError, match="takes two days"):
        help_desk.build(days=1)


def test_a_sample_from_the_command_line_is_the_one_that_lies_here(tmp_path):
    assert main(["sample", "quiet", str(tmp_path / "out")]) == 0
    written = {
        path.relative_to(tmp_path / "out"): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    kept = {
        path.relative_to(SAMPLES / "quiet"): path.read_bytes()
        for path in (SAMPLES / "quiet").rglob("*")
        if path.is_file()
    }
    assert written == {path: body for path, body in kept.items() if path.name != "README.md"}
