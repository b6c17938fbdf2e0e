"""Who stopped, narrowed or moved a trail or touched its bucket or key, and what an audit as of that time says."""

import json
import sys
from functools import cache

import pytest

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.errors import ClaimError
from cttoolkit.posture import Kind, Outcome, audit, history
from cttoolkit.training.account import ransom_account, sound_account
from cttoolkit.window import instant
from tests.conftest import HOME, SAMPLES, Case, admitted, event, small_bucket

RANSOM = SAMPLES / "ransom"
DAY = "2026-03-01T"
KEY = f"arn:aws:kms:{HOME}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LOG = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/x.json.gz"


@pytest.fixture(scope="module")
def ransom():
    return ct.admit(ct.verify(ct.open_evidence(RANSOM), ct.load_keys(RANSOM / "public-keys.json")), ct.IntactOnly())


@cache
def of(events):
    return history(events)


@pytest.fixture(autouse=True)
def _told_once(monkeypatch):
    """Audits of the same events need not look through them again."""
    monkeypatch.setattr("cttoolkit.posture.scene.history", of)
    monkeypatch.setattr(sys.modules["cttoolkit.plot.trails"], "history", of)


def did(number, clock, service, name, parameters, **more):
    source = f"{service}.amazonaws.com"
    return event(
        number, f"{DAY}{clock}Z", name, eventSource=source, requestParameters=parameters, readOnly=False, **more
    )


@pytest.fixture(scope="module")
def touched(tmp_path_factory):
    """Every kind of harm once, some tried in vain, and the like of it on what is no trail's."""
    return admitted(
        tmp_path_factory.mktemp("touched"),
        did(1, "00:10:00", "cloudtrail", "CreateTrail", {"name": "t", "s3BucketName": "b", "kmsKeyId": KEY}),
        did(2, "00:11:00", "cloudtrail", "StartLogging", {"name": "t"}),
        did(3, "00:20:00", "s3", "PutBucketPolicy", {"bucketName": "b"}),
        did(4, "00:21:00", "s3", "PutBucketPolicy", {"bucketName": "holiday-pictures"}),
        did(5, "00:22:00", "s3", "DeleteObject", {"bucketName": "b", "key": LOG}, eventCategory="Data", managementEvent=False),
        did(6, "00:30:00", "kms", "DisableKey", {"keyId": KEY}),
        did(7, "00:31:00", "kms", "DisableKey", {"keyId": "another"}),
        did(8, "00:40:00", "cloudtrail", "StopLogging", {"name": "t"}, errorCode="AccessDenied"),
        did(9, "00:50:00", "cloudtrail", "UpdateTrail", {"name": "t", "isMultiRegionTrail": False, "s3BucketName": "mine"}),
        did(10, "01:00:00", "cloudtrail", "PutEventSelectors", {"trailName": "t", "eventSelectors": []}),
        did(11, "01:10:00", "cloudtrail", "DeleteTrail", {"name": "t"}),
        did(12, "01:20:00", "s3", "PutBucketVersioning", {"bucketName": "b", "VersioningConfiguration": {"Status": "Suspended"}},
            userAgent="<script>alert(1)</script>", userIdentity={"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/<b>=x"}),
    )  # fmt: skip


def test_no_change_is_left_out_for_their_number(tmp_path):
    """Whoever changes a bucket five hundred times does not hide the next change."""
    calls = [did(n, f"01:{n // 60:02d}:{n % 60:02d}", "s3", "PutBucketPolicy", {"bucketName": "b"}) for n in range(502)]
    told = history(admitted(tmp_path, *calls, did(900, "04:00:00", "s3", "DeleteBucketPolicy", {"bucketName": "b"})))
    assert told.sentence == "1 trail: 503 bucket touched"
    assert [one.call for one in told.changed_since(f"{DAY}03:59Z")] == ["DeleteBucketPolicy"]
    (found,) = told.findings()
    assert len(found.cites) == len(told.frame()) == 503
    for shown in (repr(told), told._repr_html_()):
        assert "the first 500 shown" in shown
        assert "DeleteBucketPolicy" not in shown


def test_a_change_at_an_unknown_time_is_a_change(tmp_path):
    """And no reason to say that nobody stopped the trail."""
    untimed = did(1, "03:00:00", "cloudtrail", "StopLogging", {"name": "t"}) | {"eventTime": "garbage"}
    tried = did(2, "03:00:00", "s3", "DeleteBucketPolicy", {"bucketName": "b"}, errorCode="AccessDenied")
    weakened = did(3, "03:00:00", "s3", "DeleteBucketPolicy", {"bucketName": "b"})
    records = [untimed, tried | {"eventTime": "garbage"}, weakened | {"eventTime": "garbage"}]
    records += [event(n, f"{DAY}0{n - 10}:10:00Z", readOnly=bool(n % 2)) for n in range(10, 16)]
    events = admitted(tmp_path, *records, delivered_at=f"{DAY}03:05:00Z")
    told = history(events)
    assert told.sentence == "1 trail: 2 changes at a time that cannot be read"
    assert sorted(told.untimed.frame().event_name) == ["DeleteBucketPolicy", "StopLogging"]
    (row,) = audit(events=events)["CT-26"]
    assert row.outcome is Outcome.UNKNOWN
    assert "2 changes at a time that cannot be read" in row.reason


def test_a_stop_that_names_no_trail_is_one_stop(tmp_path):
    told = history(
        admitted(
            tmp_path,
            did(1, "00:05:00", "cloudtrail", "StartLogging", {"name": "t"}),
            did(2, "00:06:00", "cloudtrail", "StartLogging", {"name": "u"}),
            did(3, "01:00:00", "cloudtrail", "StopLogging", {}),
        )
    )
    assert told.sentence == "2 trails: 1 stopped, 2 started"
    assert [one.call for one in told.touches] == ["StartLogging", "StartLogging", "StopLogging"]


def test_every_kind_of_harm_is_told_in_order_with_who_did_it(touched):
    found = [(one.kind.value, one.call, one.what, one.failed) for one in of(touched).touches]
    assert found == [
        ("started", "CreateTrail", "t", ""),
        ("started", "StartLogging", "t", ""),
        ("bucket touched", "PutBucketPolicy", "b", ""),
        ("log files touched", "DeleteObject", "b", ""),
        ("key touched", "DisableKey", KEY, ""),
        ("stopped", "StopLogging", "t", "AccessDenied"),
        ("moved", "UpdateTrail", "t (s3BucketName mine)", ""),
        ("narrowed", "UpdateTrail", "t", ""),
        ("selectors set", "PutEventSelectors", "t", ""),
        ("stopped", "DeleteTrail", "t", ""),
        ("bucket touched", "PutBucketVersioning", "b", ""),
    ]
    assert {one.actor for one in of(touched).touches[:5]} == {"arn:aws:iam::111122223333:user/alice"}


def test_findings_cite_just_the_calls_and_no_attempt(touched):
    claims = {one.claim: one for one in of(touched).findings()}
    stopped = claims["arn:aws:iam::111122223333:user/alice stopped or deleted the trail t."]
    assert list(stopped.cites.frame().event_name) == ["DeleteTrail"]
    assert stopped.standing.word is ct.Word.PROVED_PRESENT
    assert stopped.about == (("kind", "stopped"), ("first", "2026-03-01T01:10:00Z"))
    assert not any("started" in claim for claim in claims)
    (started,) = of(touched).findings(Kind.STARTED)
    assert len(started.cites) == 2


def test_what_a_history_shows_runs_nowhere(touched):
    told = of(touched)
    for shown in (told._repr_html_(), *(one._repr_html_() for one in told.findings())):
        assert "user/<b>" not in shown
        assert "<script>" not in shown
    assert "user/<b>=x" in repr(told)
    assert len(told.frame()) == len(told.touches)
    with pytest.raises(ClaimError, match="no change to cite"):
        told.cited([])


def test_the_record_left_alone_is_no_claim_where_a_change_is_seen(touched):
    (row,) = audit(events=touched)["CT-26"]
    assert row.outcome is Outcome.FAIL
    assert row.reason.startswith(
        "bucket touched at 2026-03-01T00:20:00Z by arn:aws:iam::111122223333:user/alice: PutBucketPolicy on b"
    )
    assert any("refused with AccessDenied" in line.told for line in row.lines)


def test_a_record_left_alone_passes_with_its_standing(tmp_path):
    quiet = admitted(
        tmp_path, *(event(n, f"{DAY}0{n}:10:00Z", readOnly=bool(n % 2)) for n in range(6)),
    )  # fmt: skip
    made = audit(events=quiet)
    (row,) = made["CT-26"]
    assert row.outcome is Outcome.PASS, row.reason
    assert "proved absent in period" in row.reason
    (row,) = made["CT-07"]
    assert row.outcome is Outcome.PASS, row.reason


def test_a_chain_that_does_not_hold_fails(tmp_path):
    case = Case(small_bucket(), tmp_path)
    case.objects[case.logs[0]] = case.objects[case.logs[1]]
    events = ct.admit(case.verify(), ct.IntactOnly())
    (row,) = audit(events=events)["CT-07"]
    assert row.outcome is Outcome.FAIL
    assert "1 altered" in row.reason


def test_the_stop_in_the_ransom_case_is_the_one_that_its_truth_names(ransom):
    truth = json.loads((RANSOM / "truth.json").read_text())["claims"]
    told = of(ransom)
    (stopped,) = told.findings(Kind.STOPPED)
    assert list(stopped.event_ids) == truth["trail_stopped"]
    assert stopped.claim == "arn:aws:iam::111122223333:user/svc-backup stopped or deleted the trail management-events."
    assert told.sentence == "1 trail: 1 stopped, 2 started"


def answers(events, moment):
    return {row[2]: row[3] for row in of(events).at(moment).rows}


def test_what_was_recorded_at_a_time(ransom):
    assert answers(ransom, "2026-06-09T02:00Z")["logging"] == "yes"
    assert answers(ransom, "2026-06-09T03:30Z") == {
        "logging": "no", "all management events": "unknown", "all regions": "unknown", "global services": "unknown",
        "log file validation": "unknown",
    }  # fmt: skip
    assert answers(ransom, "2026-06-09T12:00Z")["all management events"] == "yes"


def outcomes(made, *names):
    return {name: made[name][0].outcome.value for name in names}


def test_an_audit_as_of_the_incident_is_another_than_after_it(ransom):
    names = ("CT-01", "CT-03", "CT-06", "CT-15")
    during = audit(events=ransom, as_of="2026-06-09T03:30Z")
    after = audit(events=ransom, as_of="2026-06-09T12:00Z")
    assert outcomes(during, *names) == {"CT-01": "fail", "CT-03": "unknown", "CT-06": "unknown", "CT-15": "unknown"}
    assert outcomes(after, *names) == {"CT-01": "pass", "CT-03": "pass", "CT-06": "pass", "CT-15": "unknown"}
    assert during.as_of == "2026-06-09T03:30:00Z"
    assert during["CT-01"][0].reason.startswith(
        "logging as of 2026-06-09T03:30:00Z: no (StopLogging at 2026-06-09T02:37:12Z"
    )
    assert during["CT-01"][0].trail == "arn:aws:cloudtrail:us-east-1:111122223333:trail/management-events"


def test_answers_of_later_give_way_to_what_the_events_tell(ransom):
    now = audit(ransom_account(), events=ransom)
    then = audit(ransom_account(), events=ransom, as_of="2026-06-09T03:30Z")
    assert outcomes(now, "CT-01", "CT-03", "CT-15", "CT-26") == {
        "CT-01": "pass",
        "CT-03": "pass",
        "CT-15": "fail",
        "CT-26": "fail",
    }
    assert outcomes(then, "CT-01", "CT-03", "CT-15") == {"CT-01": "fail", "CT-03": "unknown", "CT-15": "fail"}


def test_answers_about_a_bucket_that_was_changed_since_are_of_another_time(touched):
    account = sound_account("111122223333", "t", "b", "2026-03-01T06:00:00Z")
    then = audit(account, events=touched, as_of="2026-03-01T00:15Z")
    assert outcomes(then, "CT-15", "CT-14") == {"CT-15": "unknown", "CT-14": "unknown"}
    assert "PutBucketPolicy changed b at 2026-03-01T00:20:00Z" in then["CT-15"][0].reason
    late = audit(account, events=touched, as_of="2026-03-01T05:00Z")
    assert outcomes(late, "CT-15", "CT-14") == {"CT-15": "pass", "CT-14": "pass"}


def test_the_strip_draws_what_the_history_tells(ransom):
    chart = ct.plot.trails(ransom)
    logging = chart.data[chart.data.aspect == "logging"]
    (off,) = logging[logging.answer == "no"].itertuples()
    assert off.start == instant("2026-06-09T02:37:12Z")
    above, below = chart.figure.axes
    assert {"trail yes", "trail no", "trail unknown", "stopped", "started"} <= {
        one.get_gid() for one in above.collections
    }
    assert {"covered", "no chain"} <= {one.get_gid() for one in below.collections}
    assert above.get_xlim() == below.get_xlim()


def test_the_command_line_judges_from_evidence_alone(capsys):
    keys = str(RANSOM / "public-keys.json")
    asked = ["posture", "--evidence", str(RANSOM), "--keys", keys, "--as-of", "2026-06-09T03:30Z", "--format", "json"]
    assert main(asked) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["as_of"] == "2026-06-09T03:30:00Z"
    assert next(row for row in told["rows"] if row["check"] == "CT-01")["outcome"] == "fail"
