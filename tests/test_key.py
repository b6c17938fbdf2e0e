"""Object keys, read from their ends."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cttoolkit.key import AnswerKey, DigestKey, LogKey, OtherKey, parse_key

LOG = "111122223333_CloudTrail_us-east-1_20260301T0205Z_AbCdEfGhIjKlMnOp.json.gz"
DIGEST = "111122223333_CloudTrail-Digest_eu-west-1_{trail}_us-east-1_20260301T020507Z{end}.json.gz"
FOLDER = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/"


@pytest.mark.parametrize("prefix", ["", "logs/", "a/b/c/", "AWSLogs/", "s3://odd/"])
def test_a_log_file_below_any_prefix(prefix):
    key = parse_key(prefix + FOLDER + LOG)
    assert isinstance(key, LogKey)
    assert (key.account, key.region, key.token) == ("111122223333", "us-east-1", "AbCdEfGhIjKlMnOp")
    assert key.delivered_at == datetime(2026, 3, 1, 2, 5, tzinfo=UTC)


def test_an_organization_is_kept():
    assert (
        parse_key("AWSLogs/o-abcdef1234/111122223333/CloudTrail/us-east-1/2026/03/01/" + LOG).organization
        == "o-abcdef1234"
    )


def test_a_flat_file_is_known_by_its_name():
    assert isinstance(parse_key(LOG), LogKey)
    assert isinstance(parse_key(LOG.removesuffix(".gz")), LogKey)


@pytest.mark.parametrize(
    ("there", "elsewhere"), [("111122223333", "444455556666"), ("us-east-1", "eu-west-1"), ("/03/01", "/03/02")]
)
def test_a_name_outweighs_the_folder_that_it_lies_in(there, elsewhere):
    assert parse_key(FOLDER.replace(there, elsewhere) + LOG).account == "111122223333"


@pytest.mark.parametrize("trail", ["management-events", "my_trail", "a_us-east-1_b", "a.b-c_d", "x_eu-west-1"])
@pytest.mark.parametrize("end", ["", "_backfill"])
def test_a_trail_name_may_hold_what_separates(trail, end):
    key = parse_key(DIGEST.format(trail=trail, end=end))
    assert isinstance(key, DigestKey)
    assert (key.trail, key.region, key.home_region, key.backfill) == (trail, "eu-west-1", "us-east-1", bool(end))
    assert key.ended_at == datetime(2026, 3, 1, 2, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "key",
    [
        LOG.replace("0205Z", "2505Z"),
        LOG.replace("AbCdEfGhIjKlMnOp", "short"),
        "",
        "public-keys.json",
        "١١١١٢٢٢٢٣٣٣٣_CloudTrail_us-east-1_20260301T0205Z_AbCdEfGhIjKlMnOp.json.gz",
        LOG + "\n",
    ],
)
def test_what_fits_no_grammar_is_neither(key):
    other = parse_key(key)
    assert isinstance(other, OtherKey)
    assert other.reason


def test_an_insight_file_is_known_for_what_it_is():
    assert parse_key(LOG.replace("_CloudTrail_", "_CloudTrail-Insight_")).kind == "CloudTrail-Insight"


@given(st.text(max_size=300))
def test_any_text_is_some_key(text):
    assert parse_key(text).key == text


@given(st.from_regex(r"[A-Za-z0-9._-]{3,128}", fullmatch=True))
def test_any_trail_name_comes_back(trail):
    assert parse_key(DIGEST.format(trail=trail, end="")).trail == trail


ANSWER = "111122223333_{kind}_us-east-1_20260305T000000Z_20260306T000000Z{end}"


@pytest.mark.parametrize("kind", ["EventHistory", "CloudWatchLogs"])
@pytest.mark.parametrize("end", [".json.gz", ".json", "-2.json.gz"])
def test_an_answer_of_an_api_is_neither_log_file_nor_digest(kind, end):
    key = parse_key("copied/" + ANSWER.format(kind=kind, end=end))
    assert isinstance(key, AnswerKey)
    assert (key.kind, key.window.start) == (kind, datetime(2026, 3, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (ANSWER.format(kind="EventHistory", end=".not-records.txt"), "is none, kept as it came"),
        (ANSWER.format(kind="EventHistory", end=".json.gz").replace("20260306", "20260305"), "are no window"),
        (
            ANSWER.format(kind="EventHistory", end=".json.gz").replace("20260306", "20260231"),
            "a time in its name is none",
        ),
        (
            ANSWER.format(kind="EventHistory", end=".json.gz").replace("20260305", "00010101"),
            "within CloudTrail's life",
        ),
        (ANSWER.format(kind="CloudTrail", end=".json.gz"), "neither a log file's nor a digest's"),
    ],
)
def test_a_name_that_is_nearly_an_answers(name, reason):
    key = parse_key(name)
    assert isinstance(key, OtherKey)
    assert reason in key.reason


@pytest.mark.parametrize(
    ("key", "is_exported"),
    [
        ("exportedlogs/d1e039cf-3d11-4798-a1d1-2a0dea94af86/111122223333_CloudTrail_us-east-1/000000.gz", True),
        ("d1e039cf-3d11-4798-a1d1-2a0dea94af86/s/000012.gz", True),
        ("exportedlogs/s/000000.gz", False),
        ("d1e039cf-3d11-4798-a1d1-2a0dea94af86/s/000000.json.gz", False),
    ],
)
def test_an_export_is_told_by_its_place(key, is_exported):
    assert parse_key(key).is_exported == is_exported
