"""Each verb of tampering does what it says, and nothing else."""

import gzip
import json

import pytest

from cttoolkit.key import parse_key
from cttoolkit.training import tamper
from cttoolkit.training.primes import signing_key
from tests.conftest import small_bucket
from tests.training.test_simulator import walk

REGIONS = ("us-east-1", "eu-west-1")


@pytest.fixture
def bucket():
    return small_bucket(regions=REGIONS)


def chain_of(bucket, region):
    return [key for key in bucket.digests if f"/CloudTrail-Digest/{region}/" in key]


class Before:
    """A bucket as it was, to say afterwards what became of it."""

    def __init__(self, bucket):
        self.bucket, self.objects = bucket, dict(bucket.objects)
        self.keys = dict(bucket.keys)

    def now(self):
        return self.bucket.objects

    def changed(self):
        return sorted(key for key in self.objects.keys() & self.now().keys() if self.objects[key] != self.now()[key])

    def gone(self):
        return sorted(self.objects.keys() - self.now().keys())

    def new(self):
        return sorted(self.now().keys() - self.objects.keys())

    def assert_only(self, *, changed=(), gone=(), new=()):
        assert (self.changed(), self.gone(), self.new()) == (sorted(changed), sorted(gone), sorted(new))
        for key in self.changed():
            assert self.objects[key].metadata == self.now()[key].metadata or key in self.bucket.digests


@pytest.fixture
def before(bucket):
    return Before(bucket)


def test_edit_log_changes_the_records_and_no_digest(bucket, before):
    log = bucket.logs[3]

    def rename(records):
        return [record | {"eventName": "Edited"} for record in records]

    done = tamper.edit_log(bucket, log, rename)
    assert {record["eventName"] for record in tamper.content(bucket, log)["Records"]} == {"Edited"}
    before.assert_only(changed=[log])
    assert done == {"harm": "log edited", "keys": [log]}


def test_edit_digest_keeps_the_signature_that_no_longer_fits(bucket, before):
    digest = chain_of(bucket, "us-east-1")[2]
    done = tamper.edit_digest(bucket, digest, lambda document: document | {"logFiles": []})
    assert tamper.content(bucket, digest)["logFiles"] == []
    assert bucket.objects[digest].metadata == before.objects[digest].metadata
    before.assert_only(changed=[digest])
    assert done["keys"] == [digest]
    with pytest.raises(AssertionError):
        walk(bucket)


def test_flip_byte_flips_one_bit(bucket, before):
    log = bucket.logs[0]
    tamper.flip_byte(bucket, log, 20)
    differing = [(a, b) for a, b in zip(before.objects[log].body, bucket.objects[log].body, strict=True) if a != b]
    assert [a ^ b for a, b in differing] == [1]
    before.assert_only(changed=[log])


def test_delete_removes_what_is_named(bucket, before):
    keys = [bucket.logs[1], bucket.digests[4]]
    assert tamper.delete(bucket, *keys) == {"harm": "deleted", "keys": keys}
    before.assert_only(gone=keys)


def test_truncate_keeps_the_beginning(bucket, before):
    log = bucket.logs[1]
    tamper.truncate(bucket, log, 60)
    assert bucket.objects[log].body == before.objects[log].body[:60]
    before.assert_only(changed=[log])


def test_append_adds_after_the_end(bucket, before):
    log = bucket.logs[1]
    tamper.append(bucket, log, b"junk")
    assert bucket.objects[log].body == before.objects[log].body + b"junk"
    before.assert_only(changed=[log])


def test_swap_exchanges_two(bucket, before):
    one, other = bucket.logs[1:3]
    tamper.swap(bucket, one, other)
    assert (bucket.objects[one], bucket.objects[other]) == (before.objects[other], before.objects[one])
    before.assert_only(changed=[one, other])


def test_recompress_changes_bytes_and_no_content(bucket, before):
    # Small files come out alike at every level, so make this one worth compressing.
    log = bucket.logs[1]
    tamper.edit_log(bucket, log, lambda records: records * 50)
    before = Before(bucket)
    done = tamper.recompress(bucket, log)
    assert gzip.decompress(bucket.objects[log].body) == gzip.decompress(before.objects[log].body)
    before.assert_only(changed=[log])
    assert done["harm"] is None


def test_a_planted_log_looks_like_any_other_and_is_listed_nowhere(bucket, before):
    records = [{"eventName": "Planted", "eventTime": "2026-03-01T03:00:00Z"}]
    like = bucket.logs[3]
    (key,) = tamper.plant_log(bucket, like, records)["keys"]
    before.assert_only(new=[key])
    planted, real = parse_key(key), parse_key(like)
    assert (planted.account, planted.region, planted.delivered_at) == (real.account, real.region, real.delivered_at)
    assert planted.token != real.token
    assert tamper.content(bucket, key) == {"Records": records}
    assert key not in walk(bucket)


def test_a_log_is_planted_at_another_time(bucket):
    (key,) = tamper.plant_log(bucket, bucket.logs[3], [], delivered_at="2026-03-02T11:40:00Z")["keys"]
    assert "/2026/03/02/" in key
    assert "_20260302T1140Z_" in key


def test_drop_signature_takes_the_metadata(bucket, before):
    key = bucket.digests[-1]
    tamper.drop_signature(bucket, key)
    assert not bucket.objects[key].metadata
    assert bucket.objects[key].body == before.objects[key].body
    before.assert_only(changed=[key])


def test_cut_tail_takes_the_newest_of_one_chain(bucket, before):
    mine = chain_of(bucket, "eu-west-1")
    done = tamper.cut_tail(bucket, mine[0], 2)
    before.assert_only(gone=mine[-2:])
    assert done == {"harm": "newest digests removed", "keys": mine[-2:]}
    assert walk(bucket), "what is left verifies"


def test_resigning_with_the_chains_own_key_holds_all_the_way(bucket, before):
    chain = chain_of(bucket, "us-east-1")
    done = tamper.resign(bucket, chain[2], {"logFiles": []})
    assert done["keys"] == chain[2:]
    before.assert_only(changed=chain[2:])
    assert bucket.keys == before.keys
    assert len(walk(bucket)) < len(bucket.logs)


def test_resigning_with_a_forgers_key_adds_it_to_the_keys(bucket, before):
    chain = chain_of(bucket, "us-east-1")
    forger = signing_key("forger")
    tamper.resign(bucket, chain[2], {"logFiles": []}, signer=forger)
    before.assert_only(changed=chain[2:])
    assert set(bucket.keys) - set(before.keys) == {forger.fingerprint}
    assert {tamper.content(bucket, key)["digestPublicKeyFingerprint"] for key in chain[2:]} == {forger.fingerprint}
    assert walk(bucket), "with the forger's key in the list, all of it holds"


def test_what_was_done_can_be_written_down(bucket):
    done = [tamper.delete(bucket, bucket.logs[0]), tamper.drop_signature(bucket, bucket.digests[0])]
    assert json.loads(json.dumps(done)) == done


def test_stopped_validation_leaves_hours_without_digests_and_starts_a_chain(bucket, before):
    chain = chain_of(bucket, "us-east-1")
    done = tamper.stop_validation(bucket, chain[2], 2)
    before.assert_only(gone=chain[2:4], changed=chain[4:])
    assert done == {"harm": "validation stopped", "keys": chain[2:]}
    first = tamper.content(bucket, chain[4])
    assert {value for name, value in first.items() if name.startswith("previous")} == {None}
    listed = walk(bucket)
    hidden = {
        entry["s3Object"]
        for key in chain[2:4]
        for entry in json.loads(gzip.decompress(before.objects[key].body))["logFiles"]
    }
    assert hidden
    assert set(bucket.logs) - set(listed) == hidden


def test_validation_stopped_for_good_leaves_an_older_end(bucket, before):
    chain = chain_of(bucket, "us-east-1")
    assert tamper.stop_validation(bucket, chain[4], 9)["keys"] == chain[4:]
    before.assert_only(gone=chain[4:])
