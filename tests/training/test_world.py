"""A world that somebody wrote by the page: it verifies, and its truth is in the evidence."""

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.errors import EvidenceError, ScenarioError
from cttoolkit.key import parse_key
from cttoolkit.training import tamper, worlds
from cttoolkit.training.busy import live_a_busy_day
from cttoolkit.training.callers import user
from cttoolkit.training.people import work_in_the_office
from cttoolkit.training.world import World
from cttoolkit.window import instant

PAGE = Path(__file__).parent.parent.parent / "docs" / "scenarios.md"
ACCOUNT, HOME, SILENT = "111122223333", "us-east-1", "eu-north-1"
START = "2026-04-07T00:00:00Z"


def script():
    return re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]


def build(**options):
    names = {}
    exec(compile(script(), str(PAGE), "exec"), names)
    return names["build"](**options)


@pytest.fixture(scope="module")
def example():
    return build(volume=0.25)


@pytest.fixture(scope="module")
def records(example):
    return [(key, record) for key in example[0].logs for record in tamper.content(example[0], key)["Records"]]


@pytest.fixture(scope="module")
def different(records):
    return list({record["eventID"]: record for _, record in records}.values())


@pytest.fixture(scope="module")
def verification(example, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    example[0].write(folder)
    return ct.verify(ct.open_evidence(folder), ct.load_keys(folder / "public-keys.json"))


@pytest.fixture(scope="module")
def events(verification):
    return ct.admit(verification, ct.RequireIntact())


def by_service(identity):
    return identity.get("type") == "AWSService" or "invokedBy" in identity


def test_a_world_is_a_script_of_about_fifty_lines():
    assert sum(bool(line.strip()) for line in script().splitlines()) <= 55


def test_the_world_of_the_page_is_intact_and_covered(example, verification):
    assert {verdict.status.name for verdict in verification.verdicts} == {"INTACT"}
    assert "0 stretches not covered" in str(verification.coverage)
    assert verification.completeness.records == example[0].events


def test_what_two_trails_recorded_is_admitted_once(verification, records, different):
    complete = verification.completeness
    assert complete.rows == len(different)
    assert complete.duplicates == len(records) - len(different) > 1_500
    assert complete.conflicting == 0


def test_the_truth_is_in_the_evidence(example, events):
    claims = example[1]["claims"]
    frame = events.frame().set_index("event_id")
    told = {story: Counter(frame.loc[ids, "event_name"]) for story, ids in claims.items()}
    assert told == {
        "came_back": {"GetCallerIdentity": 1},
        "refused": {"DescribeDBInstances": 3},
        "spare_key": {"CreateAccessKey": 1},
        "secret_read": {"GetSecretValue": 1},
    }
    mine = frame.loc[[one for ids in claims.values() for one in ids]]
    assert set(mine["source_ip_address"]) == {"203.0.113.50"}
    window = ct.Window.of(*example[1]["window"].values())
    assert all(time.to_pydatetime() in window for time in mine["event_time"])


def test_the_story_is_not_alone_in_any_of_its_traits(example, different):
    story = {one for ids in example[1]["claims"].values() for one in ids}
    others = [record for record in different if record["eventID"] not in story]
    assert any(record.get("errorCode") == "AccessDenied" for record in others)
    assert any(record["eventName"] == "DescribeDBInstances" for record in others)
    assert any(21 <= int(record["eventTime"][11:13]) < 23 for record in others if "nina" in str(record["userIdentity"]))


def test_what_is_said_to_be_absent_is(example, different):
    assert not {record["eventName"] for record in different} & set(example[1]["absent"])


def test_a_silent_region_has_digests_all_the_same(example):
    bucket, _ = example
    lists = [len(tamper.content(bucket, key)["logFiles"]) for key in bucket.digests if f"/{SILENT}/" in key]
    assert len(lists) == 25
    assert sum(lists) == 1, "the story's one look"


def test_a_few_records_come_late_and_the_latest_say_so(records):
    lags = [
        ((parse_key(key).delivered_at - instant(record["eventTime"])).total_seconds() / 60, "addendum" in record)
        for key, record in records
    ]
    late = [lag for lag, _ in lags if lag > 30]
    assert 0.002 < len(late) / len(lags) < 0.01
    assert max(late) < 92
    assert all(says == (lag > 60) for lag, says in lags if not 59 < lag < 61)
    assert any(says for _, says in lags)


def test_a_busy_day_is_mostly_services_and_some_of_it_fails(different):
    share = sum(by_service(record["userIdentity"]) for record in different) / len(different)
    assert 0.45 < share < 0.8
    failed = Counter(record["errorCode"] for record in different if "errorCode" in record)
    assert 0.02 < failed.total() / len(different) < 0.06
    assert {"AccessDenied", "ThrottlingException", "NoSuchTagSet", "Client.UnauthorizedOperation"} <= set(failed)


def test_a_plan_enumerates_more_than_an_intruder(different):
    plans = Counter(r["eventTime"][:16] for r in different if "terraform-plan/" in r["userIdentity"].get("arn", ""))
    assert len(plans) <= 30
    assert sum(plans.values()) / 10 >= 75
    assert max(plans.values()) > 35


def small(**options):
    world = World("small", **{"start": START, "days": 1} | options)
    return world, world.account(ACCOUNT, regions=(HOME,))


def lived(seed):
    world, acme = small(seed=seed, volume=0.05)
    acme.live(live_a_busy_day)
    return world.seal({})[0]


def test_the_same_seed_is_the_same_life_and_another_is_another():
    one, again, other = lived(1), lived(1), lived(2)
    assert one.objects == again.objects
    assert not set(one.logs) & set(other.logs)


def signed_in(start):
    world, acme = small(start=start)
    acme.live(lambda day: live_a_busy_day(replace(day, volume=0.1)))
    bucket = world.seal({})[0]
    named = Counter(record["eventName"] for key in bucket.logs for record in tamper.content(bucket, key)["Records"])
    return named["ConsoleLogin"]


def test_hardly_anybody_works_on_a_weekend():
    assert signed_in(START) == 18
    assert signed_in("2026-04-05T00:00:00Z") <= 2


def test_with_more_volume_there_are_more_people_who_all_go_home():
    world, acme = small(volume=12)
    acme.live(work_in_the_office)
    assert acme.trail.latest < world.at("21:00")
    people = {
        json.loads(entry.body)["userIdentity"]["arn"].rpartition("/")[2]
        for place in acme.trail.spool.places
        for entry in acme.trail.spool.entries(place)
        if b"ConsoleLogin" in entry.body
    }
    assert len(people) == 72


def test_a_part_without_a_meaning_or_a_meaning_without_events_is_refused():
    world, acme = small()
    sam = user(ACCOUNT, "sam", "AKIAIOSFODNN7EXAMPLE", "203.0.113.50", "aws-cli/2")
    acme.story.write(sam, HOME, world.at("01:00"), "sts", "GetCallerIdentity", story="told")
    with pytest.raises(ScenarioError, match="without a meaning: told; without events: meant"):
        world.seal({"meant": "something"})
    with pytest.raises(ScenarioError, match="without a meaning: none; without events: meant"):
        world.seal({"told": "something", "meant": "something"})
    assert len(world.seal({"told": "something"})[1]["claims"]["told"]) == 1


def test_an_account_is_added_once():
    world, _ = small()
    with pytest.raises(ScenarioError, match="has the account already"):
        world.account(ACCOUNT, regions=(HOME,))


def test_times_of_day_are_utc_and_may_be_of_a_later_day():
    world, _ = small()
    assert world.at("22:04:31", day=2) == instant("2026-04-09T22:04:31Z")
    with pytest.raises(ct.errors.WindowError):
        world.at("25:00")


def test_accounts_of_an_organization_share_a_trail_and_no_ids():
    world = World("organization", start=START, days=1)
    places = {"regions": (HOME,), "organization": "o-exampleorg", "owner": "123456789012"}
    made = [world.account(number, **places) for number in (ACCOUNT, "444455556666")]
    sam = user(ACCOUNT, "sam", "AKIAIOSFODNN7EXAMPLE", "203.0.113.50", "aws-cli/2")
    for account in made:
        for scribe in (account.everyday, account.story):
            scribe.write(sam, HOME, world.at("01:00"), "sts", "GetCallerIdentity", story="asked")
    bucket, truth = world.seal({"asked": "who am I"})
    assert len(set(truth["claims"]["asked"])) == 4
    assert all("AWSLogs/o-exampleorg/" in key for key in bucket.objects)
    arns = {noted["trail"]["TrailARN"] for noted in bucket.configuration["trails"]}
    assert arns == {f"arn:aws:cloudtrail:{HOME}:123456789012:trail/management-events"}


def test_what_happens_where_the_trail_does_not_record_is_not_logged():
    world, acme = small()
    sam = user(ACCOUNT, "sam", "AKIAIOSFODNN7EXAMPLE", "203.0.113.50", "aws-cli/2")
    acme.everyday.write(sam, "eu-west-3", world.at("01:00"), "ec2", "DescribeInstances")
    assert world.seal({})[0].logs == []


def test_a_second_trail_has_no_data_events_and_equal_records():
    world, acme = small()
    acme.copy_to("second", HOME)
    sam = user(ACCOUNT, "sam", "AKIAIOSFODNN7EXAMPLE", "203.0.113.50", "aws-cli/2")
    acme.story.write(sam, HOME, world.at("01:00"), "ec2", "DescribeInstances")
    acme.story.touch(sam, HOME, world.at("03:00"), "GetObject", ("b", "k"), size=1)
    bucket, _ = world.seal({})
    found = [json.dumps(r) for key in bucket.logs for r in tamper.content(bucket, key)["Records"]]
    assert Counter(found).most_common() == [(max(found, key=found.count), 2), (min(found, key=found.count), 1)]


def test_a_world_asked_for_by_its_number_of_events_has_it_and_is_covered(tmp_path):
    truth = worlds.write_sample("leaked-key", tmp_path, days=1, events=7_000)
    verification = ct.verify(ct.open_evidence(tmp_path), ct.load_keys(tmp_path / "public-keys.json"), load=False)
    assert {verdict.status.name for verdict in verification.verdicts} == {"INTACT"}
    found = [
        record
        for log in tmp_path.rglob("*_CloudTrail_*.gz")
        for record in json.loads(gzip.decompress(log.read_bytes()))["Records"]
    ]
    assert abs(len(found) - 7_000) < 350
    assert {one for ids in truth["claims"].values() for one in ids} <= {record["eventID"] for record in found}


class Counted:
    """A scenario whose events grow as it says."""

    def __init__(self, grow):
        self.grow, self.asked = grow, []

    def write(self, folder):
        self.folder = folder

    def __call__(self, *, volume, **options):
        self.asked.append(volume)
        self.options = options
        self.events = round(self.grow(volume))
        return self, {}


def test_chance_does_not_hide_that_a_world_grows(monkeypatch):
    scenario = Counted(lambda volume: 5_000 + 6_600 * volume - 400 * (1 < volume < 1.1))
    monkeypatch.setitem(worlds.SCENARIOS, "counted", scenario)
    assert abs(scenario.grow(worlds.fit_volume("counted", 12_000)) - 12_000) < 600


@pytest.mark.parametrize("events", [1_200, 3_000, 9_000, 40_000, 1_000_000])
def test_a_volume_is_found_for_any_number_and_no_large_world_is_tried(monkeypatch, events):
    scenario = Counted(lambda volume: 1_000 + 2_000 * volume + 40 * (volume % 1))
    monkeypatch.setitem(worlds.SCENARIOS, "counted", scenario)
    volume = worlds.fit_volume("counted", events)
    assert abs(scenario.grow(volume) - events) < 0.05 * events
    assert max(scenario.asked) <= 8


@pytest.mark.parametrize(("events", "wrong"), [(500, "at the least"), (9_000, "do not grow")])
def test_a_number_that_no_volume_gives_is_refused(monkeypatch, events, wrong):
    monkeypatch.setitem(worlds.SCENARIOS, "counted", Counted(lambda volume: 1_000))
    with pytest.raises(ScenarioError, match=wrong):
        worlds.fit_volume("counted", events)


def test_other_evidence_is_refused_before_a_world_is_made(monkeypatch, tmp_path):
    (tmp_path / "AWSLogs").mkdir()
    (tmp_path / "AWSLogs" / "real.json.gz").write_bytes(b"real")
    scenario = Counted(lambda volume: 1_000)
    monkeypatch.setitem(worlds.SCENARIOS, "counted", scenario)
    with pytest.raises(EvidenceError, match="not of this world"):
        worlds.write_sample("counted", tmp_path)
    assert scenario.asked == []


def test_seed_days_and_events_are_asked_for_on_the_command_line(monkeypatch, tmp_path, capsys):
    scenario = Counted(lambda volume: 1_000 + 2_000 * volume)
    monkeypatch.setitem(worlds.SCENARIOS, "counted", scenario)
    asked = ["sample", "counted", str(tmp_path), "--seed", "4", "--days", "3", "--events"]
    assert main([*asked, "7000"]) == 0
    assert scenario.options == {"seed": 4, "days": 3}
    assert scenario.events == 7_000
    assert main([*asked, "10"]) == 2
    assert "counted: it has 1,000 events at the least" in capsys.readouterr().err


def test_no_time_is_no_world(tmp_path):
    with pytest.raises(ScenarioError, match="no time for a story"):
        worlds.write_sample("leaked-key", tmp_path, days=0)


def test_a_table_holds_a_world_against_a_capture(tmp_path):
    world, acme = small()
    sam = user(ACCOUNT, "sam", "AKIAIOSFODNN7EXAMPLE", "203.0.113.50", "aws-cli/2")
    for minute in range(4):
        at = world.at(f"01:{10 * minute:02d}")
        acme.story.write(sam, HOME, at, "sts", "GetCallerIdentity", refused=minute == 3)
    world.seal({})[0].write(tmp_path)
    told = subprocess.run(
        [sys.executable, PAGE.parent.parent / "tools" / "realism.py", tmp_path, tmp_path],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": str(PAGE.parent.parent)},
    ).stdout.splitlines()  # fmt: skip
    for line in ("| events | 4 | 4 |", "| failed | 25.0 % | 25.0 % |", "| service: sts | 100.0 % | 100.0 % |",
                 "| AwsApiCall has errorCode | 25.0 % | 25.0 % |", "| equal repeats | 0.0 % | 0.0 % |"):  # fmt: skip
        assert line in told
