"""Whatever is done to the bytes of a small bucket: a changed object is never intact, an untouched one never accused."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cttoolkit.errors import CttoolkitError
from cttoolkit.evidence import catalogue
from cttoolkit.integrity.inflate import Bounds, inflate
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.verify import verify
from cttoolkit.source import StoredObject
from tests.conftest import small_bucket


class Memory:
    """Evidence that lies in a dictionary."""

    name = "memory"

    def __init__(self, objects):
        self.held = objects

    def objects(self):
        return [StoredObject(key, len(stored.body), "") for key, stored in sorted(self.held.items())]

    def refused(self):
        return {}

    def read(self, stored):
        return self.held[stored.key].body

    def metadata(self, key):
        return self.held[key].metadata if key in self.held else {}

    def document(self, name):
        return None


@pytest.fixture(scope="module")
def bucket():
    return small_bucket(hours=4)


@pytest.fixture(scope="module")
def keyring(bucket, tmp_path_factory):
    import json

    path = tmp_path_factory.mktemp("keys") / "keys.json"
    path.write_text(json.dumps(bucket.public_keys()))
    return load_keys(path)


def judged(objects, keyring, **options):
    return verify(catalogue(Memory(objects)), keyring, load=False, **options)


def content(body):
    """What a careful reader takes from an object; None where it is no sound gzip member."""
    found = inflate(body)
    return None if found.flaw else found.content


edits = st.one_of(
    st.tuples(st.just("flip"), st.integers(0, 10**6), st.integers(1, 255)),
    st.tuples(st.just("cut"), st.integers(0, 10**6), st.integers(1, 200)),
    st.tuples(st.just("insert"), st.integers(0, 10**6), st.binary(min_size=1, max_size=40)),
    st.tuples(st.just("replace"), st.just(0), st.binary(max_size=400)),
    st.tuples(st.just("repack"), st.integers(0, 9), st.binary(max_size=5)),
)


def edited(body, edit):
    verb, at, what = edit
    at %= max(len(body), 1)
    if verb == "flip":
        return body[:at] + bytes([body[at] ^ what]) + body[at + 1 :] if body else body
    if verb == "cut":
        return body[:at] + body[at + what :]
    if verb == "insert":
        return body[:at] + what + body[at:]
    if verb == "repack":
        return gzip.compress(gzip.decompress(body) + what, at, mtime=0)
    return what


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(0, 10**6), edit=edits)
def test_a_changed_object_is_never_intact_and_an_untouched_one_never_altered(bucket, keyring, which, edit):
    from dataclasses import replace

    keys = sorted(bucket.objects)
    victim = keys[which % len(keys)]
    body = bucket.objects[victim].body
    changed = edited(body, edit)
    verification = judged({**bucket.objects, victim: replace(bucket.objects[victim], body=changed)}, keyring)
    same = content(changed) == content(body)
    verdict = verification.of(victim)
    if same:
        assert verdict.status is Status.INTACT
    else:
        assert verdict.status is not Status.INTACT
        assert not verification.is_whole
    for other in verification.verdicts:
        if other.key != victim:
            assert other.status in (Status.INTACT, Status.UNVERIFIABLE)


names = st.one_of(
    st.text(min_size=1, max_size=60).filter(lambda text: "/" not in text),
    st.sampled_from(
        ["111122223333_CloudTrail_us-east-1_20260301T0130Z_AAAAAAAAAAAAAAAA.json.gz", "x.json", "y.gz", "z.jsonl"]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(added=st.dictionaries(names, st.binary(max_size=300), max_size=3), like=st.integers(0, 10**6))
def test_no_file_that_is_added_harms_or_vouches_for_another(bucket, keyring, added, like):
    template = next(iter(bucket.objects.values()))
    extra = {name: type(template)(body, {}) for name, body in added.items()}
    twin = sorted(bucket.objects)[like % len(bucket.objects)]
    extra["elsewhere/" + twin.rpartition("/")[2]] = type(template)(b"an impostor", {"signature": "00"})
    verification = judged({**bucket.objects, **extra}, keyring)
    status = {verdict.key: verdict.status for verdict in verification.verdicts}
    assert {status[key] for key in bucket.objects} == {Status.INTACT}
    assert all(word is not Status.INTACT for key, word in status.items() if key in extra)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=500), packed=st.booleans(), which=st.integers(0, 10**6))
def test_any_bytes_in_any_place_raise_nothing_of_ours_or_nothing_at_all(bucket, keyring, body, packed, which):
    from dataclasses import replace

    victim = sorted(bucket.objects)[which % len(bucket.objects)]
    objects = {
        **bucket.objects,
        victim: replace(bucket.objects[victim], body=gzip.compress(body, mtime=0) if packed else body),
    }
    try:
        judged(objects, keyring)
    except CttoolkitError as error:  # pragma: no cover
        pytest.fail(f"the state of the evidence was raised: {error}")


@given(st.binary(max_size=600))
def test_inflating_never_answers_with_more_than_the_limit(body):
    for tried in (body, gzip.compress(body, mtime=0), b"\x1f\x8b\x08\x00" + body, zlib.compress(body)):
        assert len(inflate(tried, Bounds(100)).content) <= 100
