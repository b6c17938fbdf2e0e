"""Attempts to forge: each writes to the copy only, and wants a lie to pass for intact or a silence for proof."""

import gzip
import hashlib
import json
import os
import shutil
import unicodedata

import pytest

from cttoolkit.errors import AdmissionError, CttoolkitError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import RequireIntact
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.integrity.verify import verify

LIE = {
    "eventName": "CreateUser",
    "eventID": "ffffffff-0000-4000-8000-00000000000f",
    "eventTime": "2026-03-01T02:00:00Z",
}


@pytest.fixture
def copy(case):
    """The written copy, its log files and digests by path, and AWS's keys outside of it."""
    root = case.write()
    return root, [root / key for key in case.logs], [root / key for key in case.digests], case.folder / "keys.json"


def judged(copy):
    return verify(open_evidence(copy[0]), load_keys(copy[3]))


def lied(path):
    """Put one event more into a log file."""
    content = json.loads(gzip.decompress(path.read_bytes()))
    content["Records"].append(dict(content["Records"][0], **LIE))
    return gzip.compress(json.dumps(content).encode(), mtime=0)


def believed(verification):
    """Whether the lie got into the events of intact files."""
    try:
        events = admit(verification, RequireIntact())
    except AdmissionError:
        return False
    return bool(events.where(event_id=LIE["eventID"]))


def two_members(copy):
    log = copy[1][2]
    log.write_bytes(log.read_bytes() + lied(log))


def lie_in_the_header(copy):
    """The lie as a gzip header's extra field, comment or file name, around the true content."""
    log = copy[1][2]
    body = log.read_bytes()
    log.write_bytes(body[:3] + b"\x18" + body[4:10] + lied(log).replace(b"\0", b"x") + b"\0x\0" + body[10:])


def a_stored_block_before(copy):
    """An empty stored block, then the lie: the true content is only appended."""
    log = copy[1][2]
    log.write_bytes(gzip.compress(gzip.decompress(lied(log)) + gzip.decompress(log.read_bytes())))


def plain_beside(copy):
    log = copy[1][2]
    log.with_suffix("").write_bytes(gzip.decompress(lied(log)))


def plain_instead(copy):
    log = copy[1][2]
    log.with_suffix("").write_bytes(gzip.decompress(lied(log)))
    log.unlink()


def another_case(copy):
    log = copy[1][2]
    log.with_name(log.name.upper()).write_bytes(lied(log))


def another_normal_form(copy):
    log = copy[1][2]
    log.with_name(unicodedata.normalize("NFD", log.name.replace("C", "Ç", 1))).write_bytes(lied(log))


def digits_of_another_script(copy):
    log = copy[1][2]
    log.with_name(log.name.replace("1", "\u0661", 1)).write_bytes(lied(log))


def a_line_end_in_the_name(copy):
    log = copy[1][2]
    log.with_name(log.name + "\n").write_bytes(lied(log))


def the_same_name_in_another_account(copy):
    log = copy[1][2]
    place = copy[0] / "AWSLogs/999988887777/CloudTrail/us-east-1/2026/03/01" / log.name
    place.parent.mkdir(parents=True)
    place.write_bytes(lied(log))


def a_later_token(copy):
    log = copy[1][2]
    log.with_name(log.name.replace(log.name[-25:-9], "A" * 16)).write_bytes(lied(log))


def swapped(copy):
    one, other = copy[1][1], copy[1][2]
    one_body = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(one_body)


def digest_rewritten(copy, **changes):
    """The digest that lists the file, made to fit, with its old signature left in every place it was kept in."""
    log = copy[1][2]
    log.write_bytes(lied(log))
    new = hashlib.sha256(gzip.decompress(log.read_bytes())).hexdigest()
    for path in copy[2]:
        document = json.loads(gzip.decompress(path.read_bytes()))
        for listing in document["logFiles"]:
            if listing["s3Object"].endswith(log.name):
                listing["hashValue"] = new
                path.write_bytes(gzip.compress(json.dumps(document | changes).encode()))
                return path
    raise AssertionError("no digest lists it")


def digest_with_duplicate_members(copy):
    path = digest_rewritten(copy)
    body = gzip.decompress(path.read_bytes()).decode()
    path.write_bytes(gzip.compress((body[:-1] + ', "logFiles": []}').encode()))


def digest_that_starts_anew(copy):
    digest_rewritten(
        copy, previousDigestS3Object=None, previousDigestS3Bucket=None, previousDigestHashValue=None,
        previousDigestSignature=None,
    )  # fmt: skip


def digest_of_another_algorithm(copy):
    digest_rewritten(copy, digestSignatureAlgorithm="none")


def digest_without_a_fingerprint(copy):
    digest_rewritten(copy, digestPublicKeyFingerprint="")


def digest_in_a_second_place(copy):
    """The true digest stays; a forged one with the same name lies in another folder."""
    kept = {path: path.read_bytes() for path in copy[2]}
    forged = digest_rewritten(copy)
    place = copy[0] / "zzz" / forged.name
    place.parent.mkdir()
    place.write_bytes(forged.read_bytes())
    forged.write_bytes(kept[forged])


def every_digest_gone_but_one_forged(copy):
    forged = digest_rewritten(copy)
    for path in copy[2]:
        if path != forged:
            path.unlink()


def listing_twice_with_two_hashes(copy):
    path = digest_rewritten(copy)
    document = json.loads(gzip.decompress(path.read_bytes()))
    document["logFiles"] = document["logFiles"] * 2
    path.write_bytes(gzip.compress(json.dumps(document).encode()))


def sidecar_with_anothers_signature(copy):
    forged = digest_rewritten(copy)
    lines = [json.loads(line) for line in (copy[0] / "objects-metadata.jsonl").read_text().splitlines()]
    other = next(line["metadata"] for line in lines if not line["key"].endswith(forged.name))
    (forged.parent / f"{forged.name}.metadata.json").write_text(json.dumps({"metadata": other}))


def sidecar_with_an_empty_signature(copy):
    forged = digest_rewritten(copy)
    (forged.parent / f"{forged.name}.metadata.json").write_text('{"metadata": {"signature": ""}}')


def a_sidecar_that_is_a_log(copy):
    """A log file with the ending of a sidecar is not listed, and its events are nobody's."""
    log = copy[1][2]
    log.with_name(log.name + ".metadata.json").write_bytes(gzip.decompress(lied(log)))


def a_hard_link(copy):
    log = copy[1][2]
    outside = copy[0].parent / "outside"
    outside.write_bytes(lied(log))
    log.unlink()
    os.link(outside, log)


ATTEMPTS = [
    two_members, lie_in_the_header, a_stored_block_before, plain_beside, plain_instead, another_case, another_normal_form,
    digits_of_another_script, a_line_end_in_the_name, the_same_name_in_another_account, a_later_token, swapped,
    digest_rewritten, digest_with_duplicate_members, digest_that_starts_anew, digest_of_another_algorithm,
    digest_without_a_fingerprint, digest_in_a_second_place, every_digest_gone_but_one_forged,
    listing_twice_with_two_hashes, sidecar_with_anothers_signature, sidecar_with_an_empty_signature,
    a_sidecar_that_is_a_log, a_hard_link,
]  # fmt: skip


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_attempt_makes_a_lie_intact(copy, attempt):
    truth = {path.name: hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest() for path in copy[1]}
    attempt(copy)
    try:
        verification = judged(copy)
    except CttoolkitError:
        return
    for verdict in verification.verdicts:
        if verdict.kind is Kind.LOG and verdict.status is Status.INTACT:
            name = verdict.key.rpartition("/")[2]
            assert verdict.sha256 == truth.get(name, truth.get(name + ".gz")), verdict
    assert not believed(verification)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_attempt_accuses_an_untouched_log(copy, attempt):
    before = {path: path.read_bytes() for path in copy[1]}
    attempt(copy)
    try:
        verification = judged(copy)
    except CttoolkitError:
        return
    untouched = {
        str(path.relative_to(copy[0])) for path, body in before.items() if path.exists() and path.read_bytes() == body
    }
    accused = {v.key for v in verification.with_status(Status.ALTERED, Status.MISSING)} & untouched
    assert not accused


def test_pipes_and_sockets_do_not_hang(copy):
    os.mkfifo(copy[1][2].with_name("pipe.json"))
    assert (
        "not a regular file"
        in judged(copy).completeness.others[str(copy[1][2].with_name("pipe.json").relative_to(copy[0]))]
    )


def test_a_log_replaced_by_a_pipe_is_missing(copy):
    copy[1][2].unlink()
    os.mkfifo(copy[1][2])
    assert [v.status for v in judged(copy).verdicts if v.key.endswith(copy[1][2].name)] == [Status.MISSING]


def test_a_folder_in_a_logs_place_is_missing(copy):
    copy[1][2].unlink()
    copy[1][2].mkdir()
    assert judged(copy).counts(Kind.LOG)[Status.MISSING] == 1


def test_the_whole_copy_doubled_in_itself_is_still_whole(copy):
    shutil.copytree(copy[0] / "AWSLogs", copy[0] / "again" / "AWSLogs")
    verification = judged(copy)
    assert not list(verification.with_status(Status.ALTERED, Status.MISSING, Status.UNLISTED))
    assert verification.completeness.duplicates == verification.completeness.rows
