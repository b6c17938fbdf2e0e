"""The simulator, read back by a reader of its own: what is signed, what is linked, what is listed."""

import base64
import gzip
import hashlib
import json
from datetime import timedelta
from itertools import pairwise

import pytest

from cttoolkit.integrity.signature import fingerprint, signature_holds, string_to_sign
from cttoolkit.key import DigestKey, LogKey, parse_key
from cttoolkit.training.primes import signing_key
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant, written
from tests.conftest import ACCOUNT, HOME, TRAIL, event

REGIONS = (HOME, "eu-west-1")
START = instant("2026-03-01T00:00:00Z")


def begun(seed=7, *, hours=6, **options):
    sim = Simulator(seed=seed)
    given = {"account": ACCOUNT, "home": HOME, "regions": REGIONS, "bucket": "example-logs"} | options
    trail = sim.trail(given.pop("name", TRAIL), start=START, end=START + timedelta(hours=hours), **given)
    return sim, trail


def filled(seed=7, **options):
    """Two records an hour in the first region, none in the second."""
    sim, trail = begun(seed, **options)
    for number in range(10):
        trail.record(HOME, event(number, written(START + timedelta(minutes=30 * number + 4))))
    return sim, trail


def content(bucket, key):
    return json.loads(gzip.decompress(bucket.objects[key].body))


def chain(bucket, region, backfill=False):
    keys = [key for key in map(parse_key, bucket.digests) if isinstance(key, DigestKey)]
    mine = [key for key in keys if key.region == region and key.backfill is backfill]
    return [content(bucket, key.key) for key in sorted(mine, key=lambda key: key.ended_at)]


def public_keys(bucket):
    return {one["Fingerprint"]: base64.b64decode(one["Value"]) for one in bucket.public_keys()["PublicKeyList"]}


def digest_signature_holds(bucket, document):
    key = document["digestS3Object"]
    message = string_to_sign(
        document["digestEndTime"],
        document["digestS3Bucket"],
        key,
        hashlib.sha256(gzip.decompress(bucket.objects[key].body)).hexdigest(),
        document["previousDigestSignature"],
    )
    metadata = bucket.objects[key].metadata
    assert metadata["signature-algorithm"] == document["digestSignatureAlgorithm"] == "SHA256withRSA"
    der = public_keys(bucket)[document["digestPublicKeyFingerprint"]]
    return signature_holds(der, message, bytes.fromhex(metadata["signature"]))


def walk(bucket):
    """Check every digest and every link of a bucket, and return the log files that were listed, with their hashes."""
    listed = {}
    for key in bucket.digests:
        document = content(bucket, key)
        assert document["digestS3Object"] == key
        assert digest_signature_holds(bucket, document)
        before = document["previousDigestS3Object"]
        if before is not None:
            assert document["previousDigestSignature"] == bucket.objects[before].metadata["signature"]
            whole = gzip.decompress(bucket.objects[before].body)
            assert document["previousDigestHashValue"] == hashlib.sha256(whole).hexdigest()
        for entry in document["logFiles"]:
            assert entry["s3Object"] not in listed
            listed[entry["s3Object"]] = entry["hashValue"]
    return listed


def test_every_digest_is_signed_and_linked_and_every_log_file_is_listed_once():
    bucket = filled()[0].seal()
    listed = walk(bucket)
    assert sorted(listed) == bucket.logs
    for key, sha256 in listed.items():
        assert hashlib.sha256(gzip.decompress(bucket.objects[key].body)).hexdigest() == sha256


def test_a_chain_has_a_digest_for_every_hour_also_when_nothing_happened():
    bucket = filled()[0].seal()
    for region in REGIONS:
        documents = chain(bucket, region)
        assert len(documents) == 6
        assert all(one["digestEndTime"] == two["digestStartTime"] for one, two in pairwise(documents))
        assert len({one["digestEndTime"][14:] for one in documents}) == 1, "minute and second stay the same"
    assert all(one["logFiles"] == [] and one["newestEventTime"] is None for one in chain(bucket, "eu-west-1"))


def test_a_starting_digest_has_no_predecessor():
    first, *others = chain(filled()[0].seal(), HOME)
    names = [name for name in first if name.startswith("previous")]
    assert len(names) == 5
    assert [first[name] for name in names] == [None] * 5
    assert all(other[name] is not None for other in others for name in names)


def test_a_digest_has_the_fields_of_a_digest():
    document = chain(filled()[0].seal(), HOME)[0]
    assert list(document) == [
        "awsAccountId", "digestStartTime", "digestEndTime", "digestS3Bucket", "digestS3Object", "digestPublicKeyFingerprint",
        "digestSignatureAlgorithm", "newestEventTime", "oldestEventTime", "previousDigestS3Bucket", "previousDigestS3Object",
        "previousDigestHashValue", "previousDigestHashAlgorithm", "previousDigestSignature", "logFiles",
    ]  # fmt: skip
    assert list(document["logFiles"][0]) == [
        "s3Bucket", "s3Object", "hashValue", "hashAlgorithm", "newestEventTime", "oldestEventTime",
    ]  # fmt: skip


def test_the_newest_signature_stands_in_metadata_alone():
    bucket = filled()[0].seal()
    newest = chain(bucket, HOME)[-1]
    signature = bucket.objects[newest["digestS3Object"]].metadata["signature"]
    everything = b"".join(gzip.decompress(stored.body) for stored in bucket.objects.values())
    assert signature.encode() not in everything


def test_each_region_signs_with_a_key_of_its_own():
    bucket = filled()[0].seal()
    used = {region: {one["digestPublicKeyFingerprint"] for one in chain(bucket, region)} for region in REGIONS}
    assert all(len(names) == 1 for names in used.values())
    assert used[HOME] != used["eu-west-1"]
    assert set.union(*used.values()) == set(public_keys(bucket))
    assert all(fingerprint(der) == name for name, der in public_keys(bucket).items())


def test_public_keys_are_valid_at_every_digests_time():
    bucket = filled()[0].seal()
    for one in bucket.public_keys()["PublicKeyList"]:
        validity = Window.of(one["ValidityStartTime"], one["ValidityEndTime"])
        assert validity.covers(bucket.span)


def test_keys_are_named_as_cloudtrail_names_them():
    bucket = filled()[0].seal()
    assert all(isinstance(parse_key(key), LogKey) for key in bucket.logs)
    assert all(isinstance(parse_key(key), DigestKey) for key in bucket.digests)
    assert sorted(bucket.logs + bucket.digests) == sorted(bucket.objects)
    for key in bucket.objects:
        named = parse_key(key)
        moment = named.delivered_at if isinstance(named, LogKey) else named.ended_at
        assert f"/{moment:%Y/%m/%d}/" in key


def test_a_log_file_comes_minutes_after_its_events():
    bucket = filled()[0].seal()
    for key in bucket.logs:
        delivered = parse_key(key).delivered_at
        for record in content(bucket, key)["Records"]:
            lag = delivered - instant(record["eventTime"])
            assert timedelta(minutes=2) <= lag <= timedelta(minutes=14)
        assert delivered.minute % 5 == 0


def test_delivery_can_be_said():
    sim, trail = begun()
    trail.record(HOME, event(1, "2026-03-01T01:00:00Z"), delivered_at="2026-03-01T03:30:00Z")
    bucket = sim.seal()
    assert [parse_key(key).delivered_at for key in bucket.logs] == [instant("2026-03-01T03:30:00Z")]
    assert [len(one["logFiles"]) for one in chain(bucket, HOME)] == [0, 0, 0, 1, 0, 0]


def test_records_are_in_no_order_inside_a_file():
    sim, trail = begun()
    for number in range(40):
        trail.record(HOME, event(number, f"2026-03-01T01:00:{number:02d}Z"), delivered_at="2026-03-01T01:05:00Z")
    bucket = sim.seal()
    (log,) = bucket.logs
    times = [record["eventTime"] for record in content(bucket, log)["Records"]]
    assert times != sorted(times)
    (entry,) = chain(bucket, HOME)[1]["logFiles"]
    assert (entry["oldestEventTime"], entry["newestEventTime"]) == (min(times), max(times))


def test_gzip_says_nothing_of_where_and_when_it_was_made():
    for stored in filled()[0].seal().objects.values():
        assert stored.body[:3] == b"\x1f\x8b\x08"
        assert stored.body[3:8] == bytes(5), "no flags, so no file name, and no time"


def test_the_same_seed_gives_the_same_bytes():
    one, other = filled()[0].seal(), filled()[0].seal()
    assert one.objects == other.objects
    assert one.public_keys() == other.public_keys()
    assert one.configuration == other.configuration


def test_another_seed_gives_other_keys_and_names():
    one, other = filled(7)[0].seal(), filled(8)[0].seal()
    assert not set(public_keys(one)) & set(public_keys(other))
    assert not set(one.logs) & set(other.logs)


def test_a_key_is_the_same_on_every_machine():
    assert signing_key("7/us-east-1/0").fingerprint == "e1d12553d20fd9803a9f1b4152e7701d"


def test_a_late_log_file_is_listed_by_the_next_digest():
    sim, trail = begun()
    trail.record(HOME, event(1, "2026-03-01T01:20:00Z"), listed_late=True)
    bucket = sim.seal()
    assert [len(one["logFiles"]) for one in chain(bucket, HOME)] == [0, 0, 1, 0, 0, 0]
    assert walk(bucket)


def test_a_backfilled_log_file_is_listed_by_a_backfill_digest_alone():
    sim, trail = filled()
    for hour in (1, 3):
        trail.record(
            HOME, event(90 + hour, f"2026-03-01T0{hour}:20:00Z"), delivered_at=f"2026-03-01T0{hour}:27:00Z", backfilled=True
        )  # fmt: skip
    bucket = sim.seal()
    assert sorted(walk(bucket)) == bucket.logs
    first, second = chain(bucket, HOME, backfill=True)
    assert first["previousDigestS3Object"] is None
    assert second["previousDigestS3Object"] == first["digestS3Object"]
    for document in (first, second):
        made = bucket.objects[document["digestS3Object"]].metadata["backfill-generation-timestamp"]
        assert instant(made) > instant(document["digestEndTime"])
        assert len(document["logFiles"]) == 1
    assert [len(one["logFiles"]) for one in chain(bucket, HOME)] == [2, 2, 2, 2, 2, 0]


def test_a_restart_leaves_hours_without_digests_and_begins_a_chain():
    sim, trail = filled()
    trail.restart(HOME, Window.of("2026-03-01T02:00:00Z", "2026-03-01T04:00:00Z"))
    bucket = sim.seal()
    documents = chain(bucket, HOME)
    assert len(documents) == 4
    assert [one["previousDigestS3Object"] is None for one in documents] == [True, False, True, False]
    listed = walk(bucket)
    hidden = [key for key in bucket.logs if key not in listed]
    assert [parse_key(key).delivered_at.hour for key in hidden] == [2, 2, 3, 3]
    assert len(chain(bucket, "eu-west-1")) == 6


def test_a_region_changes_its_key_in_mid_chain():
    sim, _ = filled()
    sim.rotate_key(HOME, "2026-03-01T03:00:00Z")
    bucket = sim.seal()
    used = [one["digestPublicKeyFingerprint"] for one in chain(bucket, HOME)]
    assert used[:2] == [used[0]] * 2
    assert used[2:] == [used[-1]] * 4
    assert used[0] != used[-1]
    assert walk(bucket)
    assert len(public_keys(bucket)) == 3


def test_an_organization_and_a_prefix_stand_in_the_keys():
    sim, trail = begun(organization="o-exampleorg", prefix="security/logs")
    trail.record(HOME, event(1, "2026-03-01T01:00:00Z"))
    bucket = sim.seal()
    assert all(key.startswith(f"security/logs/AWSLogs/o-exampleorg/{ACCOUNT}/CloudTrail") for key in bucket.objects)
    (noted,) = bucket.configuration["trails"]
    assert noted["trail"]["S3KeyPrefix"] == "security/logs"
    assert noted["trail"]["IsOrganizationTrail"]
    assert walk(bucket)


def test_a_prefix_may_end_in_a_slash():
    assert begun(prefix="logs/")[0].seal().objects.keys() == begun(prefix="logs")[0].seal().objects.keys()


def test_trails_and_accounts_share_a_bucket_and_the_regions_keys():
    sim, one = begun(name="first")
    places = {"home": HOME, "regions": (HOME,), "bucket": "example-logs", "start": START, "end": "2026-03-01T06:00Z"}
    second = sim.trail("second_and-more", account=ACCOUNT, **places)
    other = sim.trail("first", account="444455556666", **places)
    for number, trail in enumerate((one, second, other)):
        trail.record(HOME, event(number, "2026-03-01T01:00:00Z"))
    bucket = sim.seal()
    assert len(walk(bucket)) == 3
    assert len(bucket.digests) == 6 * 4
    assert len(public_keys(bucket)) == 2
    assert [noted["trail"]["Name"] for noted in bucket.configuration["trails"]] == ["first", "second_and-more", "first"]


def test_the_configuration_is_what_a_collector_would_have_noted():
    sim, trail = filled()
    noted = sim.seal().configuration
    assert instant(noted["collected_at"]) > trail.span.end
    (answers,) = noted["trails"]
    assert answers["trail"]["TrailARN"] == f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/{TRAIL}"
    assert answers["trail"]["IsMultiRegionTrail"]
    assert answers["trail"]["LogFileValidationEnabled"]
    assert answers["status"]["IsLogging"]
    assert instant(answers["status"]["LatestDigestDeliveryTime"]) >= trail.span.end
    assert answers["event_selectors"]["EventSelectors"][0]["ReadWriteType"] == "All"


def test_a_record_without_a_time_needs_one_of_delivery():
    sim, trail = begun()
    trail.record(HOME, {"eventName": "Odd"}, delivered_at="2026-03-01T01:05:00Z")
    (entry,) = chain(sim.seal(), HOME)[1]["logFiles"]
    assert entry["newestEventTime"] is None
    with pytest.raises(KeyError):
        trail.record(HOME, {"eventName": "Odd"})
