"""Conditions on what lies inside of the JSON columns."""

import json

import pytest

import cttoolkit as ct
from cttoolkit.errors import ColumnError
from tests.conftest import admitted, event

PARAMETERS = [
    {"bucketName": "x", "n": 5, "b": True, "a.b": {"c": "1"}, "$x": "d", "/p": "s", "sp ace": "w", "null": None},
    {"bucketName": "snow \u0000 \u2603", "items": "odd", "s": "null", "n": 12345678901234567890},
    {"items": [{"id": "i-1"}, {"id": "i-2", "tags": [{"Key": "k"}]}], "Tag": "A", "tag": "b", "n": "7"},
    None,
    [1, 2],
    "text",
]
P = "requestParameters"
CONDITIONS = [
    (ct.param(P + ".bucketName") == "x", [0]),
    (ct.param("request_parameters.bucketName") == "x", [0]),
    (ct.param(P + ".bucketName") != "x", [1]),
    (ct.param(P + ".bucketName").isin(["x", "y"]), [0]),
    (ct.param(P + ".bucketName").contains("\u2603"), [1]),
    (ct.param(P + ".bucketName").startswith("snow"), [1]),
    (ct.param(P + ".bucketName").endswith("x"), [0]),
    (ct.param(P + ".bucketName").exists(), [0, 1]),
    (ct.param(P + ".bucketName").absent(), [2, 3, 4, 5]),
    (ct.param(P + ".n") == 5, [0]),
    (~(ct.param(P + ".n") == 5), [1, 2]),
    (~((ct.param(P + ".n") == 5) | (ct.param(P + ".n") == 7)), [1]),
    ((ct.param(P + ".n") == 5) | (ct.param(P + ".n") > 5), [0, 1, 2]),
    ((ct.param(P + ".n") == 7) & (ct.param(P + ".n") > 5), [2]),
    (ct.param(P + ".items[0]") == '{"id":"i-1"}', [2]),
    (ct.param(P + ".bucketName") == "", []),
    (ct.param(P + ".n") == 12345678901234567890, [1]),
    (ct.param(P + ".n") == 7, [2]),
    (ct.param(P + ".n") > 5, [1, 2]),
    (ct.param(P + ".n") >= 5, [0, 1, 2]),
    (ct.param(P + ".n") < 7, [0]),
    (ct.param(P + ".n") <= 7, [0, 2]),
    (ct.param(P + ".b") == True, [0]),  # noqa: E712
    (ct.param(P + ".null").exists(), []),
    (ct.param(P + ".s") == "null", [1]),
    (ct.param(P + '."a.b".c') == 1, [0]),
    (ct.param(P, "a.b", "c") == "1", [0]),
    (ct.param(P, "$x") == "d", [0]),
    (ct.param(P, "/p") == "s", [0]),
    (ct.param(P, "sp ace") == "w", [0]),
    (ct.param(P + ".items[].id") == "i-2", [2]),
    (ct.param(P + ".items[0].id") == "i-1", [2]),
    (ct.param(P + ".items[1].id") == "i-1", []),
    (ct.param(P + ".items[].tags[].Key") == "k", [2]),
    (ct.param(P + ".Tag") == "A", [2]),
    (ct.param(P + ".tag") == "A", []),
    (ct.param(P + "[]") == 2, [4]),
    (ct.param(P + "[0]") == 1, [4]),
    (ct.param(P) == "text", [5]),
    ((ct.param(P + ".n") == 5) | (ct.param(P) == "text"), [0, 5]),
    ((ct.param(P + ".n") == 5) & (ct.param(P + ".b") == "false"), []),
    (~(ct.param(P + ".bucketName") == "x"), [1]),
    (ct.param("userIdentity.userName") == "alice", [0, 1, 2, 3, 4, 5]),
]


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [event(n, f"2026-03-01T00:30:0{n}Z", requestParameters=one) for n, one in enumerate(PARAMETERS)]
    return admitted(tmp_path_factory.mktemp("param"), *records)


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS, ids=str)
def test_a_condition_finds_what_it_says(events, condition, expected):
    found = events.where(condition)
    seconds = [moment.second for moment in found.frame("event_time").event_time]
    assert sorted(seconds) == expected
    assert str(condition) in repr(found)


@pytest.mark.parametrize(
    "path", ["nothing.x", "eventName.x", "", "requestParameters.a[", "requestParameters.[x]", 'requestParameters."']
)
def test_a_path_that_cannot_be_read_is_an_error(path):
    with pytest.raises(ColumnError):
        ct.param(path)


@pytest.mark.parametrize("key", ["*", 'a"b', "a\\b"])
def test_a_key_that_the_engine_cannot_write_is_an_error(key):
    with pytest.raises(ColumnError, match="cannot be asked for"):
        ct.param(P, key)


def test_an_escape_in_the_text_hides_nothing(tmp_path):
    record = event(1, "2026-03-01T00:30:00Z", requestParameters={"path": "a/b \u00e9"})
    text = json.dumps({"Records": [record]}).replace("a/b", "a\\/\\u0062")
    assert "a\\/\\u0062 \\u00e9" in text
    (tmp_path / "log.json").write_text(text)
    events = ct.admit(ct.verify(ct.open_evidence(tmp_path)), ct.AcceptUnverified(reason="made up"))
    assert len(events.where(ct.param(P + ".path") == "a/b \u00e9")) == 1
    assert len(events.where(ct.param(P + ".path").endswith("/b \u00e9"))) == 1


def test_a_condition_has_no_truth_of_its_own():
    with pytest.raises(ColumnError, match="combine conditions with &"):
        bool(ct.param(P + ".n") == 5)
