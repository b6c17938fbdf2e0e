"""Attacks on log files, one test each, against a bucket that is really signed."""

import gzip
import json

import pytest

from cttoolkit.events import admit
from cttoolkit.finding import absence
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.integrity.verdict import Status
from cttoolkit.standing import Word
from cttoolkit.window import Window
from tests.conftest import event


def put(case, key, body):
    from dataclasses import replace

    case.objects[key] = replace(case.objects[key], body=body)


def records(case, key):
    return json.loads(gzip.decompress(case.objects[key].body))["Records"]


def pack(found) -> bytes:
    return gzip.compress(json.dumps({"Records": found}).encode(), mtime=0)


def others_intact(verification, *keys):
    return all(v.status is Status.INTACT for v in verification.verdicts if v.key not in keys)


def test_an_untouched_bucket_is_intact(case):
    verification = case.verify()
    assert {v.status for v in verification.verdicts} == {Status.INTACT}
    assert verification.is_whole
    assert verification.completeness.records == verification.completeness.rows == len(case.logs)
    assert verification.completeness.listed == verification.completeness.present == len(case.logs)


def test_edited_log_is_altered(case):
    key = case.logs[3]
    changed = records(case, key)
    changed[0]["sourceIPAddress"] = "198.51.100.9"
    put(case, key, pack(changed))
    verification = case.verify()
    verdict = verification.of(key)
    assert verdict.status is Status.ALTERED
    assert "not what the verified digest lists" in verdict.reason
    assert verdict.sha256 != verdict.expected
    assert others_intact(verification, key)


def test_a_flipped_byte_anywhere_is_never_intact(case):
    key = case.logs[3]
    body = case.objects[key].body
    for at in range(10, len(body), 7):
        put(case, key, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])
        verdict = case.verify().of(key)
        assert verdict.status is Status.ALTERED, f"byte {at}"


def test_deleted_log_is_missing(case):
    key = case.logs[3]
    del case.objects[key]
    verification = case.verify()
    assert verification.of(key).status is Status.MISSING
    assert others_intact(verification, key)
    (loss,) = verification.losses
    assert loss.key == key
    assert loss.events is not None


def test_recompressed_log_stays_intact(case):
    key = case.logs[3]
    put(case, key, gzip.compress(gzip.decompress(case.objects[key].body), 1, mtime=99))
    assert case.verify().is_whole


def test_a_log_kept_decompressed_is_intact_with_a_note(case):
    key = case.logs[3]
    put(case, key, gzip.decompress(case.objects[key].body))
    verdict = case.verify().of(key)
    assert verdict.status is Status.INTACT
    assert "decompressed" in verdict.note


def test_a_decompressed_log_may_lose_its_ending(case):
    key = case.logs[3]
    stored = case.objects.pop(key)
    from dataclasses import replace

    case.objects[key.removesuffix(".gz")] = replace(stored, body=gzip.decompress(stored.body))
    verification = case.verify()
    assert verification.of(key.removesuffix(".gz")).status is Status.INTACT
    assert not list(verification.with_status(Status.MISSING))


@pytest.mark.parametrize("junk", [b"\0", b"x" * 1000, gzip.compress(b'{"Records":[]}', mtime=0)])
def test_bytes_after_the_gzip_member_are_an_alteration(case, junk):
    key = case.logs[3]
    put(case, key, case.objects[key].body + junk)
    verdict = case.verify().of(key)
    assert verdict.status is Status.ALTERED
    assert "follow the gzip member" in verdict.reason


def test_a_second_member_that_repeats_the_trailer_is_an_alteration(case):
    key = case.logs[3]
    body = case.objects[key].body
    put(case, key, body + b"forged" + body[-8:])
    assert case.verify().of(key).status is Status.ALTERED


@pytest.mark.parametrize("cut", [1, 4, 8, 9, 60])
def test_truncated_gzip_is_an_alteration(case, cut):
    key = case.logs[3]
    put(case, key, case.objects[key].body[:-cut])
    assert case.verify().of(key).status is Status.ALTERED


@pytest.mark.parametrize("body", [b"", b"not gzip at all", b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\0garbage"])
def test_what_is_no_log_in_a_listed_place_is_an_alteration(case, body):
    key = case.logs[3]
    put(case, key, body)
    verification = case.verify()
    assert verification.of(key).status is Status.ALTERED
    assert any(skip.log_file == key and skip.index is None for skip in verification.completeness.skips)


def test_swapped_logs_are_both_altered(case):
    one, other = case.logs[2], case.logs[5]
    case.objects[one], case.objects[other] = case.objects[other], case.objects[one]
    verification = case.verify()
    assert {verification.of(key).status for key in (one, other)} == {Status.ALTERED}


def test_planted_log_is_unlisted(case):
    key = case.logs[3].replace(case.logs[3][-24:-8], "Forged0000000000")
    case.objects[key] = type(case.objects[case.logs[3]])(pack([event(999, "2026-03-01T01:40:00Z", "ConsoleLogin")]), {})
    verification = case.verify()
    assert verification.of(key).status is Status.UNLISTED
    assert others_intact(verification, key)


def test_a_log_planted_beyond_the_digests_is_not_intact(case):
    key = case.logs[3].replace(case.logs[3][-24:-8], "Forged0000000000").replace("20260301T", "20260302T")
    key = key.replace("/2026/03/01/", "/2026/03/02/")
    case.objects[key] = type(case.objects[case.logs[3]])(pack([event(999, "2026-03-02T01:40:00Z")]), {})
    verification = case.verify()
    assert verification.of(key).status is Status.UNVERIFIABLE
    assert verification.coverage.chains[0].intervals[-1].state.value == "after last"
    assert not verification.is_whole


def test_a_log_of_an_account_without_digests_is_unverifiable(case):
    key = case.logs[3].replace("111122223333", "444455556666")
    case.objects[key] = case.objects[case.logs[3]]
    verification = case.verify()
    assert verification.of(key).status is Status.UNVERIFIABLE
    assert "no digest of its account" in verification.of(key).reason


def test_a_gzip_bomb_is_bounded_and_not_judged(case):
    """Whether it is the file that was delivered is not known: that is no accusation, and no proof of a silence either."""
    key = case.logs[3]
    put(case, key, gzip.compress(b"0" * 50_000_000, mtime=0))
    for options, size in (({"largest_object": 1_000_000}, 1_000_000), ({}, 16_777_216)):
        verification = case.verify(**options)
        assert f"inflates to more than {size} bytes" in verification.completeness.unread[key]
        assert key not in {verdict.key for verdict in verification.verdicts}
        assert not verification.is_whole
    assert "not what the verified digest lists" in case.verify(largest_ratio=2000).of(key).reason


def test_a_file_that_is_too_large_to_examine_leaves_a_silence_unproven(case):
    key = case.logs[3]
    put(case, key, gzip.compress(b"0" * 50_000_000, mtime=0))
    events = admit(case.verify(), IntactOnly())
    quiet = absence("Never.", events.named("StopLogging"), Window.of("2026-03-01T00:00Z", "2026-03-01T04:00Z"))
    assert quiet.standing.word in (Word.UNPROVEN, Word.NOT_OBSERVED)
    assert any("could not be read" in str(condition) for condition in quiet.standing.conditions)


def test_a_moved_log_is_intact_and_said_to_have_moved(case):
    key = case.logs[3]
    elsewhere = "found/loose/" + key.rpartition("/")[2]
    case.objects[elsewhere] = case.objects.pop(key)
    verification = case.verify()
    assert verification.of(elsewhere).status is Status.INTACT
    assert "moved from" in verification.of(elsewhere).note
    assert not list(verification.with_status(Status.MISSING))


def test_an_altered_log_never_becomes_events(case):
    from cttoolkit.events import admit
    from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly

    key = case.logs[3]
    changed = records(case, key)
    changed[0]["eventName"] = "Forged"
    put(case, key, pack(changed))
    verification = case.verify()
    for policy in (IntactOnly(), AcceptUnverified(reason="a test")):
        events = admit(verification, policy)
        assert len(events) == len(case.logs) - 1
        assert not len(events.named("Forged"))
    assert list(verification.quarantine().event_name) == ["Forged"]
