"""What an audit adds up to: one good trail, exit codes, and a page that runs nothing."""

import json

import pytest

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.configuration import Answered, Denied, Recorder
from cttoolkit.errors import ClaimError, ConfigurationError
from cttoolkit.posture import CHECKS, GOOD_TRAIL, Outcome, audit
from cttoolkit.training.account import sound_account

ACCOUNT, HOME = "111122223333", "us-east-1"
SENSITIVE = ["arn:aws:s3:::acme-claims-archive"]
HOSTILE = "<script>alert(1)</script>=cmd|\x1b[2J\u202e"


EVERYTHING = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def arn(name, account=ACCOUNT):
    return f"arn:aws:cloudtrail:{HOME}:{account}:trail/{name}"


def trails(*changes):
    """A sound account with several trails, each with changes of its own."""
    sound = sound_account()
    described = sound.replies["cloudtrail.DescribeTrails", None, None].value["trailList"][0]
    listed = [{**described, "Name": f"t{n}", "TrailARN": arn(f"t{n}"), **change} for n, change in enumerate(changes)]
    return sound.but("cloudtrail.DescribeTrails", trailList=listed)


@pytest.fixture(scope="module")
def sound():
    return audit(sound_account(), sensitive=SENSITIVE)


def test_two_half_good_trails_are_no_good_trail():
    made = audit(trails({"IsMultiRegionTrail": False}, {"LogFileValidationEnabled": False}), sensitive=SENSITIVE)
    halves = set(GOOD_TRAIL) - {"CT-14"}
    assert all(any(row.outcome is Outcome.PASS for row in made[name]) for name in halves)
    assert made.good_trails == ()
    assert "no one trail passes all of" in made.sentence


def test_one_good_trail_beside_a_bad_one_is_told():
    policy = sound_account().replies["s3.GetBucketPolicy", None, None].value["Policy"]
    account = trails({}, {"IsMultiRegionTrail": False}).but(
        "s3.GetBucketPolicy", Policy=policy.replace("management-events", "t0")
    )
    key = account.replies["kms.GetKeyPolicy", None, None].value["Policy"]
    made = audit(account.but("kms.GetKeyPolicy", Policy=key.replace("management-events", "t0")), sensitive=SENSITIVE)
    assert made.good_trails == (arn("t0"),)
    assert "one trail passes CT-01, CT-02, CT-03, CT-06, CT-14: t0" in made.sentence


def test_unknown_is_counted_and_never_a_pass(sound):
    assert sound.count(Outcome.UNKNOWN) == 2
    assert sound.exit_code == 3
    assert audit(sound_account().but("cloudtrail.GetTrailStatus", IsLogging=False)).exit_code == 1
    assert sound.only("pass", "not applicable").exit_code == 0
    assert "2 unknown" in sound.sentence
    assert sound.only("fail").sentence.startswith(
        "19 pass · 0 fail · 2 unknown · 5 not applicable, 0 shown; one trail passes"
    )


def test_every_check_has_its_row_with_evidence_why_and_remedy(sound):
    frame = sound.frame()
    assert list(frame.check) == [f"CT-{number:02d}" for number in range(1, 27)]
    assert frame.why.str.len().min() > 40
    assert frame.remedy.str.len().min() > 40
    passed = frame[frame.outcome == "pass"]
    assert (passed.evidence.str.len() > 0).mean() > 0.8
    assert sound["CT-01"][0].lines[0].told == "IsLogging: True"
    assert sound["CT-01"][0].lines[0].call == "cloudtrail.GetTrailStatus"


def test_a_check_that_there_is_not(sound):
    with pytest.raises(ConfigurationError, match="CT-99: no such check; name one of CT-01 to CT-26"):
        sound["CT-99"]


def test_the_matrix_has_checks_by_trail():
    made = audit(trails({}, {"IsMultiRegionTrail": False}), sensitive=SENSITIVE)
    matrix = made.matrix()
    assert set(matrix.columns) == {"check", "practice", "t0", "t1", "the account"}
    row = next(row for row in matrix.rows if row[0] == "CT-02")
    assert sorted(row[2:]) == ["", "fail", "pass"]


def test_no_trail_at_all_is_one_failure_and_not_many():
    made = audit(sound_account().but("cloudtrail.DescribeTrails", trailList=[]), sensitive=SENSITIVE)
    assert [row.reason for row in made.rows if row.outcome is Outcome.FAIL] == ["no trail in any of 2 regions"]


def test_trails_that_may_not_be_listed_are_no_absence_of_trails():
    made = audit(sound_account().but("cloudtrail.DescribeTrails", Denied("cloudtrail:DescribeTrails")))
    assert [row.outcome.value for row in made["CT-01"]] == ["unknown"]
    assert "cloudtrail:DescribeTrails" in made["CT-01"][0].reason
    assert made.exit_code == 3


def test_a_region_that_is_refused_is_noted_beside_the_trails_of_others():
    account = sound_account().but("cloudtrail.DescribeTrails", Denied("cloudtrail:DescribeTrails"), region="eu-west-1")
    made = audit(account)
    assert made["CT-01"][0].outcome is Outcome.PASS
    assert any("eu-west-1" in note and "cloudtrail:DescribeTrails" in note for note in made.notes)


def test_regions_that_may_not_be_listed_are_noted():
    account = sound_account().but("account.ListRegions", Denied("account:ListRegions"))
    assert any("account:ListRegions" in note for note in audit(account).notes)
    account = account.but("ec2.DescribeRegions", Answered({"Regions": [{"RegionName": "eu-north-1"}]}))
    assert audit(account).notes == ()


def hostile():
    return (
        trails({"Name": HOSTILE, "TrailARN": arn(HOSTILE), "S3BucketName": HOSTILE})
        .but("cloudtrail.GetTrailStatus", LatestDeliveryError=HOSTILE)
        .but("iam.GetAccountAuthorizationDetails", UserDetailList=[{
            "UserName": HOSTILE, "Arn": f"arn:aws:iam::{ACCOUNT}:user/x",
            "UserPolicyList": [{"PolicyName": HOSTILE, "PolicyDocument": EVERYTHING}],
        }])
    )  # fmt: skip


def test_names_that_strangers_chose_run_nowhere(tmp_path, capsys):
    made = audit(hostile())
    for shown in (made.html(), made._repr_html_(), made.matrix()._repr_html_()):
        assert "<script>" not in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "alert(1)" in made.html()
    assert "\x1b" not in repr(made)
    audit(Recorder(hostile(), tmp_path / "case"))
    assert main(["posture", "--collected", str(tmp_path / "case")]) == 1
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\\x1b[2J" in told


def test_odd_answers_break_nothing():
    # Every value of every answer in turn is something else than it should be.
    sound = sound_account()
    some = sound.replies["logs.DescribeMetricFilters", None, None].value["metricFilters"][:1]
    sound = sound.but("logs.DescribeMetricFilters", metricFilters=some)
    for key, reply in sound.replies.items():
        if not isinstance(reply, Answered):
            continue
        for name in reply.value:
            for odd in (None, {}, 7, ["x"], [{}], [{"a": None}]):
                account = sound.but(key[0], Answered({**reply.value, name: odd}, reply.at), region=key[1],
                                   parameters=None if key[2] is None else json.loads(key[2]))  # fmt: skip
                audit(account, sensitive=SENSITIVE)


def test_the_page_stands_by_itself(sound, tmp_path):
    sound.save(tmp_path / "posture.html")
    text = (tmp_path / "posture.html").read_text()
    assert text.startswith("<!DOCTYPE html>")
    assert "src=" not in text
    assert "http" not in text.replace("https://", "http")[:0] + "".join(
        part for part in text.split() if part.startswith("href")
    )
    for check in CHECKS:
        assert check.name in text
    assert "does not say that anything is secure" in text
    with pytest.raises(ConfigurationError, match="can be written"):
        sound.save(tmp_path / "no" / "such" / "folder.html")


def test_the_document_is_json_with_every_row(sound):
    document = json.loads(json.dumps(sound.document()))
    assert document["summary"] == {"pass": 19, "fail": 0, "unknown": 2, "not applicable": 5}
    assert len(document["rows"]) == 26
    assert document["rows"][0]["evidence"][0] == {
        "told": "IsLogging: True", "call": "cloudtrail.GetTrailStatus", "region": HOME, "at": "2026-06-10T01:30:00Z",
    }  # fmt: skip
    assert document["good_trails"] == [arn("management-events")]


@pytest.mark.parametrize(
    ("given", "options", "error"),
    [
        ((), {}, "nothing to ask"),
        ((), {"events": "events"}, "is no Events"),
        ((7,), {}, "cannot be asked"),
        ((sound_account(), sound_account()), {}, "given twice"),
        ((sound_account(),), {"as_of": "2026-06-09T00:00Z"}, "only events tell"),
        ((sound_account(),), {"retention_days": 0}, "no time to keep"),
    ],
)
def test_misuse_is_an_error(given, options, error):
    with pytest.raises((ConfigurationError, ClaimError), match=error):
        audit(*given, **options)


@pytest.mark.parametrize(
    "arguments",
    [["--collected", "x", "--profile", "p"], ["--collected", "x", "--record", "y"], ["--as-of", "2026-06-09T00:00Z"],
     ["--keys", "x"], ["--collected", "nowhere"], ["--evidence", "nowhere"]],
)  # fmt: skip
def test_misuse_of_the_command_line_is_told_in_a_line(arguments, capsys):
    assert main(["posture", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert ": " in told
    assert "; " in told


def test_the_page_is_written_where_nothing_was(tmp_path, capsys):
    audit(Recorder(sound_account(), tmp_path / "case"))
    asked = ["posture", "--collected", str(tmp_path / "case"), "--format", "html", "-o", str(tmp_path / "p.html")]
    assert main(asked) == 3
    assert capsys.readouterr().out.strip() == str(tmp_path / "p.html")
    assert main(asked) == 2
    assert "name a new file" in capsys.readouterr().err


def test_nothing_depends_on_the_order_of_accounts_or_runs():
    other = sound_account("222233334444")
    first, second = audit(sound_account(), other), audit(other, sound_account())
    assert [(row.check.name, row.account, row.trail, row.outcome) for row in first.rows] == [
        (row.check.name, row.account, row.trail, row.outcome) for row in second.rows
    ]


def test_the_public_names():
    assert ct.posture.audit is audit
    assert set(ct.posture.__all__) <= set(dir(ct.posture))
