"""The worlds: true to their story, nobody's, and the samples what they write."""

import gzip
import hashlib
import ipaddress
import json
import re
import subprocess
import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from cttoolkit.errors import ScenarioError
from cttoolkit.training import tamper
from cttoolkit.training.scenarios import leaked_key, tampered
from cttoolkit.training.worlds import SCENARIOS, write_sample
from cttoolkit.window import Window, instant
from tests.training.test_simulator import walk

HOME = Path(__file__).parent.parent.parent
SAMPLES = HOME / "data" / "samples"
DOCUMENTATION = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


@pytest.fixture(scope="module")
def world():
    return leaked_key.build()


@pytest.fixture(scope="module")
def cleaned_up():
    return tampered.build()


@pytest.fixture(scope="module")
def found(world):
    return records(world[0])


def records(bucket):
    return [record for key in bucket.logs for record in tamper.content(bucket, key)["Records"]]


def by_id(found, ids):
    return [record for record in found if record["eventID"] in ids]


def test_samples_are_what_their_worlds_write():
    checked = subprocess.run(
        [sys.executable, HOME / "tools" / "samples.py", "--check"],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": str(HOME)},
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


def test_samples_are_small():
    sizes = [path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()]
    assert sum(sizes) < 6_000_000
    assert sum(-(-size // 4096) * 4096 for size in sizes) < 15_000_000, "as a disk holds them"


def test_each_world_has_its_sample_and_each_sample_its_story():
    assert {path.name for path in SAMPLES.iterdir()} == set(SCENARIOS)
    for name in SCENARIOS:
        assert (SAMPLES / name / "README.md").read_text().startswith(f"# {name}\n")


def test_another_seed_is_another_world():
    one, other = leaked_key.build(seed=2, volume=0.1), leaked_key.build(seed=3, volume=0.1)
    assert not set(one[0].objects) & set(other[0].logs)
    assert one[1]["claims"] != other[1]["claims"]


def test_a_world_grows_with_days_and_volume(found):
    longer = records(leaked_key.build(days=3, volume=0.5)[0])
    assert {record["eventTime"][:10] for record in longer} >= {"2026-03-01", "2026-03-02", "2026-03-03"}
    larger = records(leaked_key.build(volume=2)[0])
    assert len(larger) > 1.7 * len(found)


def test_what_the_noise_does_leaves_the_storys_ids_alone(world):
    assert leaked_key.build(days=1, volume=0.2)[1]["claims"] == world[1]["claims"]


def test_an_unknown_world_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match="no such scenario"):
        write_sample("no-such-world", tmp_path)


def test_the_world_verifies(world):
    bucket, _ = world
    assert sorted(walk(bucket)) == bucket.logs
    assert len(bucket.digests) == 3 * 49


def test_the_world_is_as_large_and_as_wide_as_it_should_be(found):
    assert 4_500 < len(found) < 5_500
    assert {record["awsRegion"] for record in found} == set(leaked_key.REGIONS)
    assert {record["userIdentity"]["type"] for record in found} >= {
        "IAMUser", "AssumedRole", "AWSService", "AWSAccount", "WebIdentityUser", "IdentityCenterUser",
    }  # fmt: skip
    assert {record["eventType"] for record in found} == {"AwsApiCall", "AwsServiceEvent", "AwsConsoleSignIn"}
    assert {record["eventVersion"] for record in found} <= {"1.08", "1.09", "1.10", "1.11"}
    assert len({record["eventID"] for record in found}) == len(found)
    assert {record["errorCode"] for record in found if "errorCode" in record} > {"AccessDenied"}


def test_every_claim_of_the_truth_names_events_that_are_there(world, found):
    _, truth = world
    ids = {record["eventID"] for record in found}
    assert truth["claims"].keys() == truth["meanings"].keys()
    for story, named in truth["claims"].items():
        assert named, story
        assert set(named) <= ids, story
    assert truth["tampering"] == []


def test_the_truth_is_the_whole_attack(world, found):
    """Every event from the foreign addresses is named, and nothing else is."""
    _, truth = world
    foreign = {record["eventID"] for record in found if record["sourceIPAddress"] in truth["foreign_addresses"]}
    assert foreign == {one for named in truth["claims"].values() for one in named}


def test_the_attack_lies_inside_its_window(world, found):
    _, truth = world
    window = Window.of(truth["window"]["start"], truth["window"]["end"])
    assert Window.of("2026-03-01T02:00Z", "2026-03-01T04:00Z").covers(window)
    for named in truth["claims"].values():
        assert all(instant(record["eventTime"]) in window for record in by_id(found, named))


def test_the_story_is_told_by_the_events(world, found):
    claims = world[1]["claims"]

    def told(story):
        return [
            (record["eventName"], record["userIdentity"].get("accessKeyId")) for record in by_id(found, claims[story])
        ]

    assert told("second_key_minted") == [("CreateAccessKey", leaked_key.LEAKED)]
    assert told("user_created") == [("CreateUser", leaked_key.LEAKED)]
    assert told("admin_attached") == [("AttachUserPolicy", leaked_key.LEAKED)]
    assert set(told("objects_read")) == {("GetObject", leaked_key.OWN)}
    assert {key for _, key in told("second_key_used")} == {leaked_key.SECOND}
    made = by_id(found, claims["second_key_minted"] + claims["key_for_new_user"])
    assert {record["responseElements"]["accessKey"]["accessKeyId"] for record in made} == {
        leaked_key.SECOND,
        leaked_key.OWN,
    }
    assert all(record["errorCode"] == "AccessDenied" for record in by_id(found, claims["denied"]))


def test_alice_herself_works_in_the_office(found):
    hers = [record for record in found if record["sourceIPAddress"] == leaked_key.OFFICE]
    assert {record["userIdentity"]["accessKeyId"] for record in hers} == {leaked_key.LEAKED}
    assert all(8 <= instant(record["eventTime"]).hour < 17 for record in hers)


def test_nobody_touched_the_trail(world, found):
    _, truth = world
    assert {"StopLogging", "DeleteTrail"} <= set(truth["absent"])
    names = {record["eventName"] for record in found}
    assert not names & {*truth["absent"], "UpdateTrail", "PutEventSelectors", "StartLogging", "CreateTrail"}


def test_data_events_are_those_that_were_selected(world, found):
    bucket, _ = world
    selectors = bucket.configuration["trails"][0]["event_selectors"]["AdvancedEventSelectors"]
    prefixes = [
        prefix for one in selectors for field in one["FieldSelectors"] for prefix in field.get("StartsWith", [])
    ]
    data = [record for record in found if record["eventCategory"] == "Data"]
    assert data
    for record in data:
        assert record["managementEvent"] is False
        assert any(record["resources"][0]["ARN"].startswith(prefix) for prefix in prefixes)


def test_nothing_in_it_is_anybodys(found):
    for record in found:
        address = record["sourceIPAddress"]
        if not address.endswith(".amazonaws.com"):
            assert any(ipaddress.ip_address(address) in network for network in DOCUMENTATION), address
        assert record["recipientAccountId"] == leaked_key.ACCOUNT
    text = json.dumps(found)
    assert set(re.findall(r"(?<![-\w])\d{12}\b", text)) <= {leaked_key.ACCOUNT, "444455556666"}
    assert all(key.endswith("EXAMPLE") for key in re.findall(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", text))
    assert all(mail.endswith("@example.com") for mail in re.findall(r"[\w.]+@[\w.]+", text))
    assert "secretAccessKey" not in text
    assert set(re.findall(r'"sessionToken": "([^"]*)"', text)) == {"redacted-session-token"}


def test_a_session_is_issued_before_it_is_used_and_not_used_beyond_its_end(found):
    issues = {}
    for record in found:
        credentials = (record["responseElements"] or {}).get("credentials")
        if credentials:
            issues[credentials["accessKeyId"]] = record
    used = [record for record in found if record["userIdentity"].get("accessKeyId", "").startswith("ASIA")]
    joined = [record for record in used if record["userIdentity"]["accessKeyId"] in issues]
    for record in joined:
        issue = issues[record["userIdentity"]["accessKeyId"]]
        end = datetime.strptime(issue["responseElements"]["credentials"]["expiration"], "%b %d, %Y, %I:%M:%S %p")
        assert issue["eventTime"] <= record["eventTime"] <= end.isoformat() + "Z"
        assert record["userIdentity"]["sessionContext"]["attributes"]["creationDate"] == issue["eventTime"]
        assert issue["responseElements"]["assumedRoleUser"]["assumedRoleId"] == record["userIdentity"]["principalId"]
    # The console's keys are issued by nobody that is recorded; the sign-in of the same second is.
    signed_in = {(r["userIdentity"]["principalId"], r["eventTime"]) for r in found if r["eventName"] == "ConsoleLogin"}
    rest = [record for record in used if record["userIdentity"]["accessKeyId"] not in issues]
    assert rest
    for record in rest:
        assert record["sessionCredentialFromConsole"] == "true"
        identity = record["userIdentity"]
        assert (identity["principalId"], identity["sessionContext"]["attributes"]["creationDate"]) in signed_in


def test_details_of_tls_are_only_where_a_caller_came_by_himself(found):
    for record in found:
        outside = not record["sourceIPAddress"].endswith(".amazonaws.com")
        console = "sessionCredentialFromConsole" in record or record["eventType"] != "AwsApiCall"
        assert ("tlsDetails" in record) == (outside and not console)


def test_global_services_record_in_us_east_1(found):
    for record in found:
        if record["eventSource"] in ("iam.amazonaws.com", "signin.amazonaws.com", "sso.amazonaws.com"):
            assert record["awsRegion"] == "us-east-1"


def test_times_are_whole_seconds_and_files_are_in_no_order(world, found):
    bucket, _ = world
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record["eventTime"]) for record in found)
    disordered = 0
    for key in bucket.logs:
        times = [record["eventTime"] for record in tamper.content(bucket, key)["Records"]]
        disordered += any(one > two for one, two in pairwise(times))
    assert disordered > 100


def test_seven_harms_were_done_and_one_change_is_none(world, cleaned_up):
    (clean, _), (bucket, truth) = world, cleaned_up
    harms = [done for done in truth["tampering"] if done["harm"]]
    assert (len(harms), len(truth["tampering"])) == (7, 8)
    differing = {
        key for key in clean.objects.keys() | bucket.objects.keys() if clean.objects.get(key) != bucket.objects.get(key)
    }
    assert differing == {key for done in truth["tampering"] for key in done["keys"]}
    (harmless,) = (done["keys"][0] for done in truth["tampering"] if not done["harm"])
    assert tamper.content(bucket, harmless) == tamper.content(clean, harmless)


def test_the_attackers_keys_signed_nothing(world, cleaned_up):
    assert cleaned_up[0].public_keys() == world[0].public_keys()


def test_a_planted_file_cannot_be_told_by_its_looks(world, cleaned_up):
    bucket, truth = cleaned_up
    (planted,) = (done["keys"][0] for done in truth["tampering"] if done["harm"] == "log planted")
    assert re.fullmatch(r".*_CloudTrail_us-east-1_\d{8}T\d{4}Z_[A-Z2-7]{16}\.json\.gz", planted)
    (framing,) = tamper.content(bucket, planted)["Records"]
    real = next(record for record in records(world[0]) if record["eventName"] == framing["eventName"])
    assert list(framing) == list(real)


def test_what_the_harms_took_away_is_written_down(world, cleaned_up):
    bucket, truth = cleaned_up
    held = {record["eventID"] for record in records(bucket)}
    for story, named in truth["claims"].items():
        assert [one for one in named if one not in held] == truth["gone"].get(story, [])
    assert {"second_key_minted", "objects_read", "looked_at_eu-west-1"} <= set(truth["gone"])
    assert truth["claims"] == world[1]["claims"]


def test_the_cover_up_makes_the_hashes_agree_again(cleaned_up):
    bucket, truth = cleaned_up
    log, digest = next(done["keys"] for done in truth["tampering"] if done["harm"] == "log and digest edited")
    (listing,) = (one for one in tamper.content(bucket, digest)["logFiles"] if one["s3Object"] == log)
    assert listing["hashValue"] == hashlib.sha256(gzip.decompress(bucket.objects[log].body)).hexdigest()
