"""A call that failed is told by its error code or, as a sign-in that failed, by a message alone; everything goes by that."""

import pytest

import cttoolkit as ct
from cttoolkit.calls import is_denied, is_failed
from cttoolkit.detections.callers import SUCCEEDED
from cttoolkit.integrity.configuration import Records
from cttoolkit.plot.tally import kinds
from cttoolkit.posture import Kind, history
from cttoolkit.trail_change import Aspect
from cttoolkit.trail_history import trail_histories
from cttoolkit.window import instant
from tests.conftest import ACCOUNT, admitted, event

OTHER = "444455556666"
ALONE = {"errorMessage": "It did not work", "readOnly": False}


def at(number, name, service="ec2", **parts):
    return event(number, f"2026-03-01T01:{number:02d}:00Z", name, eventSource=f"{service}.amazonaws.com", **parts)


def signed_in(number, outcome, **parts):
    told = {"requestParameters": None, "responseElements": {"ConsoleLogin": outcome}, "readOnly": False}
    return at(number, "ConsoleLogin", "signin", eventType="AwsConsoleSignIn", **told, **parts)


RECORDS = [
    *(signed_in(number, "Failure", errorMessage="Failed authentication") for number in range(5)),
    signed_in(5, "Success"),
    at(6, "StartLogging", "cloudtrail", requestParameters={"name": "t"}, readOnly=False),
    at(7, "StopLogging", "cloudtrail", requestParameters={"name": "t"}, **ALONE),
    at(8, "GetObject", "s3", requestParameters={"bucketName": "b", "key": "k"}, eventCategory="Data", **ALONE),
    at(9, "GetSecretValue", "secretsmanager", requestParameters={"secretId": "s"}, **ALONE),
    at(10, "AssumeRole", "sts", requestParameters={"roleArn": f"arn:aws:iam::{OTHER}:role/there"}, **ALONE),
    at(11, "RunInstances", responseElements={"instancesSet": {"items": [{"instanceId": "i-never"}]}}, **ALONE),
    at(12, "CreateUser", "iam", errorCode="AccessDenied", errorMessage="no"),
    at(13, "CreateUser", "iam", **ALONE),
    at(14, "CreateKeyPair", errorCode="", errorMessage="", readOnly=False),
]  # fmt: skip
FAILED = {*range(5), *range(7, 14)}


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return admitted(tmp_path_factory.mktemp("failures"), *RECORDS)


def numbers(events):
    return {int(one.rpartition("-")[2]) for one in events.frame("event_id").event_id}


def test_a_failed_sign_in_did_not_succeed(events):
    assert numbers(events.failed()) == FAILED
    assert numbers(events.succeeded()) == {5, 6, 14}
    assert numbers(events.named("ConsoleLogin").succeeded()) == {5}
    assert numbers(events.where(SUCCEEDED)) == {5, 6, 14}


def test_what_a_message_alone_says_is_a_failure_and_no_refusal(events):
    assert numbers(events.denied()) == {12}
    told = events.table.select(failed=is_failed(events.table), denied=is_denied(events.table.error_code)).to_pyarrow()
    assert None not in told["failed"].to_pylist() + told["denied"].to_pylist()


def test_measures_and_charts_count_it(events):
    (row,) = (row for row in ct.pivot.names(events) if row["event_name"] == "ConsoleLogin")
    assert (row["events"], row["failed"], row["denied"]) == (6, 5, 0)
    (counted,) = events.table.aggregate(**kinds(events.table)).to_pyarrow().to_pylist()
    assert (counted["events"], counted["failed"], counted["writes"]) == (15, 12, 3)
    assert ct.plot.timeline(events).data.failed.sum() == 12
    assert list(ct.plot.denied(events).data.allowed) == [0]


def test_error_codes_have_no_row_for_what_has_none(events):
    rows = ct.pivot.errors(events)
    assert rows.values == ["AccessDenied"]
    assert numbers(rows.drill("AccessDenied")) == {12}


@pytest.mark.parametrize(
    ("pivot", "measure", "done"),
    [
        (ct.pivot.objects, "failed", "objects"),
        (ct.pivot.secrets, "failed", "reads"),
        (ct.pivot.crossings, "refused", None),
    ],
)
def test_pivots_of_what_was_tried_count_it(events, pivot, measure, done):
    (row,) = pivot(events)
    assert row[measure] == row["events"] == 1
    assert done is None or row[done] == 0


def test_nothing_was_run_by_a_call_that_failed(events):
    assert len(ct.instances(events)) == 0


def test_a_stop_that_failed_stops_no_trail_and_is_told_once_as_an_attempt(events):
    (trail,) = (one for one in trail_histories(events) if one.trail == "t")
    assert trail.at(Aspect.LOGGING, instant("2026-03-01T01:30:00Z")).answer is Records.YES
    (touch,) = (one for one in history(events).touches if one.kind is Kind.STOPPED)
    assert touch.failed == "It did not work"
    assert not len(ct.outages(events).rows)


def test_a_detection_of_failures_does_not_say_that_all_of_it_failed(events):
    (seen,) = ct.detect(events, only="password-guessing")
    assert seen.failed == seen.count == 5
    assert (
        seen.claim
        == f"arn:aws:iam::{ACCOUNT}:user/alice was seen to fail to sign in five times within ten minutes in account {ACCOUNT}."
    )
    (cis,) = ct.detect(events, only="cis-4.6")
    assert "every attempt failed" not in cis.claim
