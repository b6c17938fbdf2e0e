"""Object keys, read from their ends."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cttoolkit.key import DigestKey, LogKey, OtherKey, parse_key

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
