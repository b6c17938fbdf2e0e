"""Attacks on digests, one test each, against a chain that is really signed."""

import gzip
import json
from dataclasses import replace

import pytest

from cttoolkit.integrity.coverage import State
from cttoolkit.integrity.verdict import Kind, Status


def put(case, key, body):
    case.objects[key] = replace(case.objects[key], body=body)


def content(case, key):
    return json.loads(gzip.decompress(case.objects[key].body))


def edit(case, key, **changes):
    put(case, key, gzip.compress(json.dumps(content(case, key) | changes, separators=(",", ":")).encode(), mtime=0))


def drop_signature(case, *keys):
    for key in keys:
        case.objects[key] = replace(case.objects[key], metadata={})


def statuses(verification, keys):
    return [verification.of(key).status for key in keys]


def logs_of(case, digest):
    return [listing["s3Object"] for listing in content(case, digest)["logFiles"]]


def test_in_a_plain_copy_all_but_the_newest_digest_are_proved(case):
    case.sidecar = False
    verification = case.verify()
    assert statuses(verification, case.digests[:-1]) == [Status.INTACT] * (len(case.digests) - 1)
    newest = verification.of(case.digests[-1])
    assert newest.status is Status.UNVERIFIABLE
    assert "not kept" in newest.reason
    assert {verification.of(key).status for key in logs_of(case, case.digests[-1])} == {Status.UNVERIFIABLE}


def test_a_sidecar_proves_the_newest_digest(case):
    verification = case.verify()
    assert verification.of(case.digests[-1]).status is Status.INTACT
    assert verification.of(case.digests[-1]).reason == "its signature holds"


def test_lost_metadata_in_the_middle_costs_nothing(case):
    drop_signature(case, *case.digests[1:4])
    assert case.verify().is_whole


def test_edited_digest_is_altered_and_its_logs_are_unverifiable(case):
    key = case.digests[2]
    mine = logs_of(case, key)
    edit(case, key, logFiles=[])
    verification = case.verify()
    assert verification.of(key).status is Status.ALTERED
    assert set(statuses(verification, mine)) == {Status.UNVERIFIABLE}
    assert [i.state for i in verification.coverage.chains[0].intervals] == [
        State.COVERED,
        State.DIGEST_ALTERED,
        State.COVERED,
    ]


def test_a_digest_edited_to_fit_an_edited_log_saves_neither(case):
    digest = case.digests[2]
    log = logs_of(case, digest)[0]
    put(case, log, gzip.compress(b'{"Records":[]}', mtime=0))
    import hashlib

    listings = content(case, digest)["logFiles"]
    listings[0]["hashValue"] = hashlib.sha256(b'{"Records":[]}').hexdigest()
    edit(case, digest, logFiles=listings)
    verification = case.verify()
    assert verification.of(digest).status is Status.ALTERED
    assert verification.of(log).status is Status.UNVERIFIABLE


def test_newest_digest_cannot_frame_the_one_before_it(case):
    newest, before = case.digests[-1], case.digests[-2]
    edit(case, newest, previousDigestSignature="00" * 256, previousDigestHashValue="11" * 32)
    drop_signature(case, newest, before)
    verification = case.verify()
    assert verification.of(newest).status is Status.UNVERIFIABLE
    assert verification.of(before).status is Status.UNVERIFIABLE


def test_an_edited_newest_digest_is_altered_by_its_own_signature(case):
    edit(case, case.digests[-1], logFiles=[])
    verification = case.verify()
    assert verification.of(case.digests[-1]).status is Status.ALTERED
    assert verification.of(case.digests[-2]).status is Status.INTACT


def test_deleted_digest_is_missing_and_leaves_a_gap(case):
    key = case.digests[2]
    mine = logs_of(case, key)
    del case.objects[key]
    verification = case.verify()
    assert verification.of(key).status is Status.MISSING
    assert set(statuses(verification, mine)) == {Status.UNVERIFIABLE}
    states = [i.state for i in verification.coverage.chains[0].intervals]
    assert states == [State.COVERED, State.DIGEST_MISSING, State.COVERED]
    # Both proofs of the digest before went with it, but its own signature was kept.
    assert verification.of(case.digests[1]).status is Status.INTACT


def test_three_deleted_digests_are_three(case):
    gone = case.digests[2:5]
    for key in gone:
        del case.objects[key]
    verification = case.verify()
    assert sorted(v.key for v in verification.with_status(Status.MISSING) if v.kind is Kind.DIGEST) == gone
    (gap,) = [i for i in verification.coverage.chains[0].intervals if i.state is State.DIGEST_MISSING]
    assert gap.window.length.total_seconds() == 3 * 3600


def test_removed_newest_digests_end_the_coverage_loudly(case):
    for key in case.digests[-2:]:
        del case.objects[key]
    verification = case.verify()
    last = verification.coverage.chains[0].intervals[-1]
    assert last.state is State.AFTER_LAST
    assert "removed or not collected" in last.reason
    assert not verification.is_whole


def test_removed_oldest_digest_is_missing_where_its_logs_are_there(case):
    key = case.digests[0]
    mine = logs_of(case, key)
    del case.objects[key]
    verification = case.verify()
    assert verification.of(key).status is Status.MISSING
    assert set(statuses(verification, mine)) == {Status.UNVERIFIABLE}


def test_a_collection_that_begins_mid_chain_accuses_nobody(case):
    for log in logs_of(case, case.digests[0]):
        del case.objects[log]
    del case.objects[case.digests[0]]
    verification = case.verify()
    assert {v.status for v in verification.verdicts} == {Status.INTACT}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"not json", gzip.compress(b"[1]", mtime=0), gzip.compress(b'{"awsAccountId":7}', mtime=0)],
)
def test_what_is_no_digest_in_a_digests_place_is_an_alteration(case, body):
    put(case, case.digests[2], body)
    assert case.verify().of(case.digests[2]).status is Status.ALTERED


def test_what_is_no_digest_in_the_newest_place_is_unverifiable(case):
    put(case, case.digests[-1], b"not json")
    verdict = case.verify().of(case.digests[-1])
    assert verdict.status is Status.UNVERIFIABLE
    assert "not JSON" in verdict.reason


def test_bytes_after_a_digest_are_an_alteration_that_costs_no_log(case):
    key = case.digests[2]
    mine = logs_of(case, key)
    put(case, key, case.objects[key].body + b"more")
    verification = case.verify()
    assert verification.of(key).status is Status.ALTERED
    assert "still holds" in verification.of(key).reason
    assert set(statuses(verification, mine)) == {Status.INTACT}


def test_a_wrong_signature_beside_a_digest_is_outvoted_by_the_next(case):
    key = case.digests[2]
    signature = case.objects[key].metadata["signature"]
    case.objects[key] = replace(
        case.objects[key], metadata={**case.objects[key].metadata, "signature": signature[::-1]}
    )
    verdict = case.verify().of(key)
    assert verdict.status is Status.INTACT
    assert "does not hold" in verdict.note


def test_a_signature_in_upper_case_holds(case):
    key = case.digests[-1]
    metadata = case.objects[key].metadata
    case.objects[key] = replace(case.objects[key], metadata={**metadata, "signature": metadata["signature"].upper()})
    assert case.verify().is_whole


def test_without_keys_nothing_is_proved(case, tmp_path):
    from cttoolkit.evidence import open_evidence
    from cttoolkit.integrity.verify import verify

    verification = verify(open_evidence(case.write()))
    assert {v.status for v in verification.verdicts} == {Status.UNVERIFIABLE}
    assert "not in the keyring" in verification.of(case.digests[0]).reason


def test_a_chain_signed_by_an_unknown_key_is_unverifiable(case, tmp_path):
    from tests.conftest import Case, small_bucket

    stranger = Case(small_bucket(seed=8), tmp_path / "stranger")
    stranger.folder.mkdir()
    stranger.bucket.public_keys = case.bucket.public_keys
    verification = stranger.verify()
    assert {v.status for v in verification.verdicts} == {Status.UNVERIFIABLE}


def test_a_digest_copied_over_another_is_altered(case):
    case.objects[case.digests[2]] = case.objects[case.digests[1]]
    verdict = case.verify().of(case.digests[2])
    assert verdict.status is Status.ALTERED
    assert "another digest lies in its place" in verdict.reason


def test_a_planted_digest_of_the_future_hides_nothing(case):
    real = case.digests
    future = case.digests[2].replace("/2026/03/01/", "/2031/03/01/").replace("_20260301T", "_20310301T")
    case.objects[future] = case.objects[case.digests[2]]
    verification = case.verify()
    assert verification.of(future).status is Status.UNLISTED
    assert set(statuses(verification, real)) == {Status.INTACT}


def test_a_digest_planted_between_two_is_unlisted(case):
    real = case.digests
    end = content(case, real[2])["digestEndTime"]
    planted = real[2].replace(end[14:19].replace(":", ""), "3333")
    forged = content(case, real[2]) | {"digestS3Object": planted, "digestEndTime": end[:14] + "33:33Z", "logFiles": []}
    case.objects[planted] = replace(case.objects[real[2]], body=gzip.compress(json.dumps(forged).encode()), metadata={})
    verification = case.verify()
    assert verification.of(planted).status is Status.UNLISTED
    assert set(statuses(verification, real)) == {Status.INTACT}
