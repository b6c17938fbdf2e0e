"""Who can write to the copy, and not to AWS, makes nothing true by what they add."""

import gzip
import hashlib
import json
from dataclasses import replace

import pytest

from cttoolkit.errors import CttoolkitError, EvidenceError
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.integrity.verify import verify
from cttoolkit.training import tamper
from cttoolkit.training.primes import signing_key
from tests.conftest import Case, small_bucket


@pytest.fixture
def edited(case):
    """A case with one edited log file, and AWS's keys held outside."""
    (case.folder / "aws.json").write_text(json.dumps(case.bucket.public_keys()))
    key = case.logs[3]
    tamper.edit_log(case.bucket, key, lambda records: [])
    return case, key


def judged(case):
    return verify(open_evidence(case.write()), load_keys(case.folder / "aws.json"))


def fit(case, key):
    """Make the digest that lists a file state the hash of what is there now."""
    new = hashlib.sha256(gzip.decompress(case.objects[key].body)).hexdigest()
    digest = next(d for d in case.digests if key in str(tamper.content(case.bucket, d)["logFiles"]))
    listings = tamper.content(case.bucket, digest)["logFiles"]
    for listing in listings:
        if listing["s3Object"] == key:
            listing["hashValue"] = new
    return digest, {"logFiles": listings}


def test_a_chain_signed_anew_by_a_stranger_is_not_believed(edited):
    case, key = edited
    digest, changes = fit(case, key)
    tamper.resign(case.bucket, digest, changes, signer=signing_key("a stranger"))
    verification = judged(case)
    assert verification.of(key).status is not Status.INTACT
    assert verification.of(digest).status is not Status.INTACT


def test_keys_put_beside_the_evidence_are_not_taken(edited):
    case, key = edited
    digest, changes = fit(case, key)
    tamper.resign(case.bucket, digest, changes, signer=signing_key("a stranger"))
    evidence = case.write()
    for name in ("public-keys.json", "AWSLogs/public-keys.json", "keys.json"):
        (evidence / name).write_text(json.dumps(case.bucket.public_keys()))
    verification = verify(open_evidence(evidence), load_keys(case.folder / "aws.json"))
    assert verification.of(key).status is not Status.INTACT


def test_a_stolen_fingerprint_does_not_help(edited):
    case, key = edited
    digest, changes = fit(case, key)
    stranger = signing_key("a stranger")
    document = tamper.content(case.bucket, digest) | changes
    from cttoolkit.training.digests import sign_digest

    case.objects[digest], _ = sign_digest(document, stranger)
    assert judged(case).of(digest).status is Status.ALTERED
    assert judged(case).of(key).status is not Status.INTACT


@pytest.mark.parametrize("kind", ["jsonl", "metadata", "head"])
def test_no_sidecar_helps(edited, kind):
    case, key = edited
    digest, changes = fit(case, key)
    tamper.edit_digest(case.bucket, digest, lambda document: document | changes)
    evidence = case.write()
    signature = signing_key("a stranger").sign(b"anything")
    if kind == "jsonl":
        (evidence / "objects-metadata.jsonl").write_text(
            json.dumps({"key": digest, "metadata": {"signature": signature}}) + "\n"
        )
    elif kind == "metadata":
        (evidence / f"{digest}.metadata.json").write_text(json.dumps({"metadata": {"signature": signature}}))
    else:
        (evidence / f"{digest}.head.json").write_text(json.dumps({"Metadata": {"signature": signature}}))
    verification = verify(open_evidence(evidence), load_keys(case.folder / "aws.json"))
    assert verification.of(key).status is not Status.INTACT


def test_a_digest_of_another_name_does_not_help(edited):
    case, key = edited
    digest, changes = fit(case, key)
    for planted in (
        digest.replace("management-events", "other-trail"),
        digest.replace(".json.gz", "_backfill.json.gz"),
        digest.replace("/2026/", "/2027/").replace("_2026", "_2027"),
    ):
        document = tamper.content(case.bucket, digest) | changes | {"digestS3Object": planted}
        case.objects[planted] = replace(case.objects[digest], body=tamper.pack(document))
    verification = judged(case)
    assert verification.of(key).status is Status.ALTERED
    planted = [v for v in verification.verdicts if v.kind is Kind.DIGEST and v.key not in case.digests]
    assert all(v.status is not Status.INTACT for v in planted)


def test_the_real_file_elsewhere_does_not_make_the_edited_one_intact(case):
    (case.folder / "aws.json").write_text(json.dumps(case.bucket.public_keys()))
    key, original = case.logs[3], case.objects[case.logs[3]]
    tamper.edit_log(case.bucket, key, lambda records: [])
    copy = "copy/" + key.rpartition("/")[2]
    case.objects[copy] = original
    verification = judged(case)
    assert verification.of(key).status is Status.ALTERED
    assert verification.of(copy).status is Status.INTACT


def test_a_link_to_the_real_thing_is_not_followed(edited, tmp_path):
    case, key = edited
    evidence = case.write()
    (tmp_path / "real.gz").write_bytes(b"real")
    (evidence / key).unlink()
    (evidence / key).symlink_to(tmp_path / "real.gz")
    verification = verify(open_evidence(evidence), load_keys(case.folder / "aws.json"))
    assert verification.of(key).status is Status.MISSING
    assert "link" in verification.completeness.others[key]


def test_an_unproved_digest_that_claims_years_covers_nothing(case):
    (case.folder / "aws.json").write_text(json.dumps(case.bucket.public_keys()))
    far = case.digests[-1].replace("/2026/", "/2036/").replace("_2026", "_2036")
    document = tamper.content(case.bucket, case.digests[-1])
    end = document["digestEndTime"].replace("2026", "2036")
    document |= {"digestS3Object": far, "digestStartTime": "2000-01-01T00:00:00Z", "digestEndTime": end}
    case.objects[far] = replace(case.objects[case.digests[-1]], body=tamper.pack(document))
    verification = judged(case)
    assert verification.of(far).status is not Status.INTACT
    (chain,) = verification.coverage.chains
    assert max(window.end for window in chain.covered).year == 2026


@pytest.mark.parametrize("name", ["objects-metadata.jsonl", "trail-configuration.json"])
@pytest.mark.parametrize("body", [b"\xff\xfe", b"[" * 200_000, b"{}" * 10, b"null", b'{"key": 1}', b'"text"'])
def test_a_broken_note_of_the_collector_is_one_line(case, name, body):
    case.sidecar = False
    evidence = case.write()
    (evidence / name).write_bytes(body)
    with pytest.raises(CttoolkitError) as caught:
        verify(open_evidence(evidence), load_keys(case.folder / "keys.json"))
    assert isinstance(caught.value, EvidenceError)
    assert "\n" not in str(caught.value)


def test_cycles_and_pointers_elsewhere_end(tmp_path):
    case = Case(small_bucket(), tmp_path)
    (case.folder / "aws.json").write_text(json.dumps(case.bucket.public_keys()))
    one, other = case.digests[1], case.digests[3]
    tamper.edit_digest(case.bucket, one, lambda d: d | {"previousDigestS3Object": other})
    tamper.edit_digest(case.bucket, other, lambda d: d | {"previousDigestS3Object": one})
    tamper.edit_digest(case.bucket, case.digests[5], lambda d: d | {"previousDigestS3Object": "../../../etc/passwd"})
    verification = judged(case)
    assert {verification.of(key).status for key in (one, other)} == {Status.ALTERED}
