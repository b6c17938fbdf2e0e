"""Chains as they come: several trails, accounts, regions and organizations, rotated keys, restarts, flat copies, late files."""

import gzip
import json

import pytest

from cttoolkit.events import admit
from cttoolkit.integrity.coverage import State
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.training import tamper
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window
from tests.conftest import ACCOUNT, HOME, Case, event

OTHER = "444455556666"


def trail(sim, name="t", account=ACCOUNT, regions=(HOME,), **more):
    options = {"home": HOME, "bucket": "b", "start": "2026-03-01T00:00:00Z", "end": "2026-03-01T05:00:00Z"} | more
    made = sim.trail(name, account=account, regions=regions, **options)
    for region in regions:
        for number in range(4):
            name = f"{account}-{region}-{number}"
            told = {"awsRegion": region, "recipientAccountId": account, "eventID": name, "readOnly": not number % 2}
            made.record(region, event(number, f"2026-03-01T{number:02d}:10:00Z", **told))
    return made


@pytest.mark.parametrize("organization", [None, "o-abcdef1234"])
@pytest.mark.parametrize("prefix", ["", "logs/deep/"])
def test_accounts_regions_and_an_organization_in_one_bucket(tmp_path, organization, prefix):
    sim = Simulator(5)
    for account in (ACCOUNT, OTHER):
        trail(sim, account=account, regions=(HOME, "eu-west-1"), organization=organization, prefix=prefix)
    verification = Case(sim.seal(), tmp_path).verify()
    assert verification.is_whole
    assert len(verification.coverage.chains) == 4
    assert len(admit(verification, IntactOnly())) == 16


def test_two_trails_vouch_for_their_own_files_and_a_trail_for_its_namesake_not(tmp_path):
    sim = Simulator(5)
    trail(sim, "a", prefix="one/")
    trail(sim, "a_us-east-1_b", prefix="two/")
    case = Case(sim.seal(), tmp_path)
    verification = case.verify()
    assert verification.is_whole
    assert {c.chain.trail for c in verification.coverage.chains} == {"a", "a_us-east-1_b"}
    for verdict in verification.verdicts:
        if verdict.kind is Kind.LOG:
            (voucher,) = verdict.vouched_by
            assert voucher.partition("/")[0] == verdict.key.partition("/")[0]
    assert verification.completeness.duplicates == 4
    events = admit(verification, IntactOnly())
    assert len(events) == 4


def test_a_log_that_two_trails_list_is_vouched_for_by_both(tmp_path):
    sim = Simulator(5)
    trail(sim, "a")
    trail(sim, "b", prefix="second/")
    case = Case(sim.seal(), tmp_path)
    log = next(key for key in case.logs if not key.startswith("second/"))
    listing = next(
        one for d in case.digests for one in tamper.content(case.bucket, d)["logFiles"] if one["s3Object"] == log
    )
    digest = next(d for d in case.digests if d.startswith("second/") and "T0100" in d)
    tamper.resign(case.bucket, digest, {"logFiles": [*tamper.content(case.bucket, digest)["logFiles"], listing]})
    assert len(case.verify().of(log).vouched_by) == 2


def test_a_key_rotated_in_the_middle(tmp_path):
    sim = Simulator(5)
    sim.rotate_key(HOME, "2026-03-01T02:30:00Z")
    trail(sim)
    case = Case(sim.seal(), tmp_path)
    assert len(case.bucket.public_keys()["PublicKeyList"]) == 2
    assert case.verify().is_whole


def test_without_the_older_key_the_newer_digests_still_prove_the_older(tmp_path):
    sim = Simulator(5)
    sim.rotate_key(HOME, "2026-03-01T02:30:00Z")
    trail(sim)
    case = Case(sim.seal(), tmp_path)
    newest = tamper.content(case.bucket, case.digests[-1])["digestPublicKeyFingerprint"]
    keys = [key for key in case.bucket.public_keys()["PublicKeyList"] if key["Fingerprint"] == newest]
    case.bucket.public_keys = lambda: {"PublicKeyList": keys}
    assert case.verify().is_whole


def test_a_key_used_outside_of_its_validity_proves_nothing(tmp_path):
    sim = Simulator(5)
    trail(sim)
    case = Case(sim.seal(), tmp_path)
    keys = case.bucket.public_keys()
    for key in keys["PublicKeyList"]:
        key["ValidityStartTime"], key["ValidityEndTime"] = "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"
    case.bucket.public_keys = lambda: keys
    verification = case.verify()
    assert {v.status for v in verification.verdicts} == {Status.UNVERIFIABLE}
    assert "not valid at its time" in verification.of(case.digests[-1]).reason


def test_a_restart_is_a_gap_and_not_a_harm(tmp_path):
    sim = Simulator(5)
    trail(sim).restart(HOME, Window.of("2026-03-01T01:30:00Z", "2026-03-01T03:00:00Z"))
    verification = Case(sim.seal(), tmp_path).verify()
    (chain,) = verification.coverage.chains
    assert [i.state for i in chain.intervals] == [State.COVERED, State.NO_CHAIN, State.COVERED]
    assert "validation or logging was off" in chain.intervals[1].reason
    statuses = verification.counts(Kind.LOG)
    assert statuses[Status.UNVERIFIABLE] == 1
    assert statuses[Status.INTACT] == 3
    anchors = verification.anchors().frame().set_index("anchor")
    assert anchors.met["unbroken"] == "not met"


def test_a_deletion_dressed_up_as_a_restart_is_a_gap_too(tmp_path):
    sim = Simulator(5)
    trail(sim)
    case = Case(sim.seal(), tmp_path)
    digest = tamper.content(case.bucket, case.digests[3])
    nothing = {name: None for name in digest if name.startswith("previousDigest")}
    tamper.resign(case.bucket, case.digests[3], nothing)
    del case.objects[case.digests[2]]
    verification = case.verify()
    assert not verification.is_whole
    assert State.NO_CHAIN in {i.state for c in verification.coverage.chains for i in c.intervals}


def test_a_late_file_is_listed_by_the_next_digest(tmp_path):
    sim = Simulator(5)
    made = trail(sim)
    made.record(HOME, event(9, "2026-03-01T01:20:00Z"), delivered_at="2026-03-01T01:25:00Z", listed_late=True)
    verification = Case(sim.seal(), tmp_path).verify()
    assert verification.is_whole
    late = next(v for v in verification.verdicts if "T0125Z" in v.key)
    assert "T03" in late.vouched_by[0] or "T02" in late.vouched_by[0]


def test_a_flat_folder_of_files_is_known_by_their_names(tmp_path):
    sim = Simulator(5)
    trail(sim, organization="o-abcdef1234", prefix="p/")
    case = Case(sim.seal(), tmp_path)
    flat = {key.rpartition("/")[2]: stored for key, stored in case.objects.items()}
    case.bucket.objects.clear()
    case.bucket.objects.update(flat)
    verification = case.verify()
    assert {v.status for v in verification.verdicts} == {Status.INTACT}
    assert verification.is_whole


def test_a_digest_of_fifty_thousand_files(tmp_path):
    sim = Simulator(5)
    trail(sim)
    case = Case(sim.seal(), tmp_path)
    listings = tamper.content(case.bucket, case.digests[-1])["logFiles"]
    like = {
        "s3Bucket": "b",
        "hashValue": "00" * 32,
        "hashAlgorithm": "SHA-256",
        "newestEventTime": None,
        "oldestEventTime": None,
    }
    name = f"AWSLogs/{ACCOUNT}/CloudTrail/{HOME}/2026/03/01/{ACCOUNT}_CloudTrail_{HOME}_20260301T0455Z_"
    many = [like | {"s3Object": f"{name}{number:016d}.json.gz"} for number in range(50_000)]
    tamper.resign(case.bucket, case.digests[-1], {"logFiles": listings + many})
    verification = case.verify(load=False)
    assert verification.counts(Kind.LOG)[Status.MISSING] == 50_000
    assert verification.of(case.digests[-1]).status is Status.INTACT


@pytest.mark.parametrize(
    "change",
    [
        {"digestSignatureAlgorithm": "SHA1withRSA"},
        {"awsAccountId": OTHER},
        {"digestEndTime": "2026-03-01T04:00:00"},
        {"logFiles": None},
        {"logFiles": {}},
        {"previousDigestHashAlgorithm": "SHA-999"},
        {"digestStartTime": "2027-01-01T00:00:00Z"},
    ],
)
def test_a_newest_digest_with_an_odd_field_proves_nothing_and_crashes_nothing(tmp_path, change):
    sim = Simulator(5)
    trail(sim)
    case = Case(sim.seal(), tmp_path)
    document = tamper.content(case.bucket, case.digests[-1]) | change
    from dataclasses import replace

    case.objects[case.digests[-1]] = replace(
        case.objects[case.digests[-1]], body=gzip.compress(json.dumps(document).encode(), mtime=0)
    )
    assert case.verify().of(case.digests[-1]).status in (Status.UNVERIFIABLE, Status.ALTERED)


def backfilled(folder):
    """A chain with late files that only two backfill digests list, hours apart."""
    sim = Simulator(5)
    made = trail(sim)
    for hour in (0, 3):
        late = event(90 + hour, f"2026-03-01T{hour:02d}:20:00Z", "Late")
        made.record(HOME, late, delivered_at=f"2026-03-01T{hour:02d}:40:00Z", backfilled=True)
    return Case(sim.seal(), folder)


def test_backfill_digests_are_a_sparse_chain_of_their_own(tmp_path):
    case = backfilled(tmp_path)
    verification = case.verify()
    assert verification.is_whole
    assert [c.chain.backfill for c in verification.coverage.chains] == [False, True]
    assert len(admit(verification, IntactOnly()).named("Late")) == 2


def test_the_newest_backfill_digest_removed_leaves_its_files_unlisted(tmp_path):
    case = backfilled(tmp_path)
    newest = [key for key in case.digests if "_backfill" in key][-1]
    (log,) = [listing["s3Object"] for listing in tamper.content(case.bucket, newest)["logFiles"]]
    del case.objects[newest]
    assert case.verify().of(log).status in (Status.UNLISTED, Status.UNVERIFIABLE)


def test_a_deleted_backfill_digest_is_missing_and_unproves_silence(tmp_path):
    from cttoolkit.finding import absence
    from cttoolkit.standing import Word

    case = backfilled(tmp_path)
    gone = next(key for key in case.digests if "_backfill" in key)
    window = Window.of("2026-03-01T00:10:00Z", "2026-03-01T01:30:00Z")
    whole = absence("None.", admit(case.verify(), IntactOnly()).named("StopLogging"), window)
    assert whole.standing.word is Word.PROVED_ABSENT
    del case.objects[gone]
    verification = case.verify()
    assert verification.of(gone).status is Status.MISSING
    claim = absence("None.", admit(verification, IntactOnly()).named("StopLogging"), window)
    assert claim.standing.word is Word.UNPROVEN


def test_a_bucket_that_was_copied_twice_accuses_nobody(tmp_path):
    sim = Simulator(5)
    trail(sim)
    case = Case(sim.seal(), tmp_path)
    case.bucket.objects.update({f"again/{key}": stored for key, stored in list(case.objects.items())})
    verification = case.verify()
    assert verification.is_whole
    assert verification.completeness.duplicates == 4
    assert len(admit(verification, IntactOnly())) == 4


def test_a_digest_that_lies_there_twice_is_not_the_next_one(tmp_path):
    sim = Simulator(5)
    trail(sim)
    case = Case(sim.seal(), tmp_path)
    newest = case.digests[-1]
    case.bucket.objects[f"again/{newest}"] = case.objects[newest]
    late = case.logs[-1].replace(case.logs[-1][-24:-8], "0000000000000000").replace("T0315Z", "T0440Z")
    assert late not in case.objects
    case.bucket.objects[late] = case.objects[case.logs[-1]]
    # Its digest would be the one after the newest, which may not be due yet.
    assert case.verify().of(late).status is Status.UNVERIFIABLE
