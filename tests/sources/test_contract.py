"""What every source promises, asked of each: nothing partial, nothing unsaid, nothing written, nothing beyond the evidence."""

import gzip
import json
import pickle
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial

import boto3
import pytest
from moto.server import ThreadedMotoServer

import cttoolkit as ct
from cttoolkit.collection.pace import Pace
from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.source import Source, StoredObject
from cttoolkit.sources import bucket, clients
from tests.collection.history import History, told
from tests.conftest import event, small_bucket
from tests.sources.layouts import InBucket, InFolder, InTar, InTarGz, InTarZst, InZip

KINDS = {
    "directory": ("trail", InFolder),
    "zip": ("trail", InZip),
    "tar": ("trail", InTar),
    "tar.gz": ("trail", InTarGz),
    "tar.zst": ("trail", InTarZst),
    "bucket": ("trail", InBucket),
    "event history": ("event history", InFolder),
    "event history, zipped": ("event history", InZip),
    "cloudwatch": ("cloudwatch", InFolder),
    "export": ("export", InFolder),
    "export in a bucket": ("export", InBucket),
}
NOTE = "trail-configuration.json"
HOSTILE = [
    "../outside.json",
    "/etc/hostname",
    "a/../../outside.json",
    "a//b.json",
    "",
    ".",
    "..",
    "./x.json",
    "x\0.json",
]
DAY = ct.Window.of("2026-03-05T00:00Z", "2026-03-06T00:00Z")


@pytest.fixture(scope="module")
def s3():
    """One server and one session for all; what is asked of it is noted."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", "http://{}:{}".format(*server.get_host_and_port()))
        patch.delenv("AWS_PROFILE", raising=False)
        session = boto3.Session()
        for module in (bucket, clients):
            patch.setattr(module, "open_session", lambda profile=None: session)
        client = session.client("s3")
        yield client
        client.close()
    server.stop()


def read_back(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def bodies(s3, tmp_path_factory):
    """The files of each kind of evidence, as they come about."""
    place = tmp_path_factory.mktemp("bodies")
    small_bucket(hours=1).write(place / "trail", sidecar=False, keys=False, configuration=True)
    records = [event(number, f"2026-03-05T0{number}:00:00Z") for number in range(3)]
    texts = list(map(json.dumps, records))

    unpaced = partial(Pace, sleep=lambda seconds: None)
    history = History()
    history.entries = {"us-east-1": list(map(told, records)), "eu-west-1": [told(records[0], "not JSON")]}
    with pytest.MonkeyPatch.context() as patch:
        session = boto3.Session()
        patch.setattr(clients, "open_session", lambda profile=None: session)
        patch.setenv("AWS_ENDPOINT_URL", history.url)
        ct.collect_event_history(place / "event history", window=DAY, pace=unpaced)
    history.shutdown()
    history.server_close()

    client = boto3.client("logs")
    client.create_log_group(logGroupName="trail")
    client.create_log_stream(logGroupName="trail", logStreamName="s")
    now = ct.Window(*[client_now(s3) - timedelta(days=days) for days in (2, 1)])
    sent = [
        {"timestamp": int(now.start.timestamp() * 1000) + n, "message": text}
        for n, text in enumerate([*texts, "START"])
    ]
    client.put_log_events(logGroupName="trail", logStreamName="s", logEvents=sent)
    ct.collect_log_group("trail", place / "cloudwatch", window=now, pace=unpaced)
    client.delete_log_group(logGroupName="trail")
    client.close()

    lines = "\n".join(f"2026-03-05T00:00:00.000Z {text}" for text in ["START", *texts])
    exported = {
        "exportedlogs/d1e039cf-3d11-4798-a1d1-2a0dea94af86/111122223333_CloudTrail_us-east-1/000000.gz": gzip.compress(
            lines.encode()
        ),
        "exportedlogs/aws-logs-write-test": b"Permission Check Successful",
    }
    kinds = {name: read_back(place / name) for name in ("trail", "event history", "cloudwatch")} | {"export": exported}
    return {name: {NOTE: b'{"trails": []}', **files} for name, files in kinds.items()}


def client_now(s3):
    return parsedate_to_datetime(s3.list_buckets()["ResponseMetadata"]["HTTPHeaders"]["date"])


@pytest.fixture(params=KINDS)
def held(request, bodies, tmp_path):
    content, layout = KINDS[request.param]
    files = bodies[content]
    key = log_of(files)
    metadata = {key: {"Signature": "ab", "X-Odd": "c"}}
    (tmp_path / "outside.json").write_bytes(b'{"secret": true}')
    if layout is not InBucket:
        yield layout(tmp_path, files, metadata)
        return
    s3 = request.getfixturevalue("s3")
    made = InBucket(s3, "example-evidence", files, metadata)
    yield made
    made.remove()


def log_of(files):
    return min(key for key in files if key.endswith(".gz"))


def one_of(source, held):
    key = log_of(held.files)
    return next(stored for stored in source.objects() if stored.key == key)


class TestEverySource:
    """Asked of each kind in KINDS."""

    def test_its_objects_are_all_there_sorted_and_listed_alike_twice(self, held):
        source = held.open()
        assert isinstance(source, Source)
        listed = list(source.objects())
        assert [stored.key for stored in listed] == sorted(held.files)
        assert list(source.objects()) == listed
        assert list(held.open().objects()) == listed
        assert source.refused() == {}

    def test_what_is_read_is_the_whole_object(self, held):
        source = held.open()
        for stored in source.objects():
            assert source.read(stored) == held.files[stored.key]
            assert stored.size == len(held.files[stored.key])

    def test_it_travels_to_another_process_and_home_again(self, held):
        source = held.open()
        listed = list(source.objects())
        copy = pickle.loads(pickle.dumps(source))
        assert copy.name == source.name
        assert list(copy.objects()) == listed
        assert [copy.read(stored) for stored in listed] == [held.files[stored.key] for stored in listed]
        assert copy.document(NOTE) == held.files[NOTE]
        del copy
        assert source.read(listed[0]) == held.files[listed[0].key]

    @pytest.mark.parametrize("change", ["replaced", "truncated", "removed"])
    def test_an_object_that_moved_under_its_hands_is_an_error_and_never_half_there(self, held, change):
        source = held.open()
        stored = one_of(source, held)
        body = held.files[stored.key]
        put = {"replaced": bytes([*body[:-1], body[-1] ^ 1]), "truncated": body[: len(body) // 2], "removed": None}[
            change
        ]
        held.change(stored.key, put)
        with pytest.raises(EvidenceError if change == "removed" else EvidenceChangedError):
            source.read(stored)
        fresh = {one.key: one for one in held.open().objects()}
        assert fresh.get(stored.key) != stored

    def test_an_object_of_another_listing_is_not_read_as_this_one(self, held):
        source = held.open()
        for other in ({"stamp": "of another day"}, {"size": 1}):
            with pytest.raises(EvidenceChangedError):
                source.read(replace(one_of(source, held), **other))

    def test_no_name_leads_out_of_the_evidence(self, held):
        source = held.open()
        like = one_of(source, held)
        for name in HOSTILE:
            with pytest.raises(EvidenceError):
                source.read(StoredObject(name, like.size, like.stamp))
            for ask, nothing in ((source.metadata, {}), (source.document, None)):
                with suppress(EvidenceError):
                    assert ask(name) == nothing

    def test_what_is_refused_is_named_with_its_reason_and_not_listed(self, held):
        expected = held.add_hostile()
        source = held.open()
        listed = [stored.key for stored in source.objects()]
        refused = source.refused()
        assert len(refused) == len(expected)
        for name in expected:
            assert [reason for key, reason in refused.items() if key.startswith(name) and reason], name
        assert not set(refused) & set(listed)
        assert set(listed) == set(held.files)
        assert all(source.read(stored) == held.files[stored.key] for stored in source.objects())
        assert list(refused) == sorted(refused)

    def test_names_of_metadata_are_lower_case_and_none_is_made_up(self, held):
        source = held.open()
        assert source.metadata(log_of(held.files)) == {"signature": "ab", "x-odd": "c"}
        assert source.metadata(NOTE) == {}

    def test_a_document_is_whole_or_absent_or_too_large(self, held, monkeypatch):
        source = held.open()
        assert source.document(NOTE) == held.files[NOTE]
        assert source.document("no-such.json") is None
        monkeypatch.setattr(f"{type(source).__module__}._LARGEST_DOCUMENT", len(held.files[NOTE]))
        assert source.document(NOTE) == held.files[NOTE]
        monkeypatch.setattr(f"{type(source).__module__}._LARGEST_DOCUMENT", len(held.files[NOTE]) - 1)
        with pytest.raises(EvidenceError, match="too large for what it should hold"):
            source.document(NOTE)

    def test_nothing_is_written_whatever_is_asked(self, held):
        asked = set()
        before = held.fingerprint()
        source = held.open()
        if isinstance(held, InBucket):
            source._client().meta.events.register("before-call.s3", lambda model, **_: asked.add(model.name))
        for stored in source.objects():
            source.read(stored)
            source.metadata(stored.key)
            source.document(stored.key)
        pickle.loads(pickle.dumps(source)).objects()
        source.refused()
        assert held.fingerprint() == before
        assert asked == ({"ListObjectsV2", "GetObject", "HeadObject"} if isinstance(held, InBucket) else set())

    def test_its_events_are_admitted_only_as_what_vouches_for_them(self, held):
        verification = ct.verify(ct.open_evidence(held.open().name), load=False)
        logs = [verdict for verdict in verification.verdicts if verdict.kind.value == "log"]
        assert logs
        assert {verdict.status for verdict in logs} == {ct.Status.UNVERIFIABLE}
        assert not verification.completeness.unread
