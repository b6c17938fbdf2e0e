"""A distant source is read ahead: in order, within bounds, with its own errors, and the verdicts are those of a copy."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from time import sleep

import pytest

import cttoolkit as ct
from cttoolkit.errors import EvidenceError
from cttoolkit.source import StoredObject
from cttoolkit.sources import ahead
from cttoolkit.sources.ahead import read_ahead
from cttoolkit.sources.directory import Directory
from tests.conftest import small_bucket
from tests.sources.server import SECRETS, Server


class Distant:
    """Answers after a while, and counts."""

    name, at_once = "far away", 4

    def __init__(self, slow=0.005):
        self.slow = slow
        self.lock = threading.Lock()
        self.begun, self.flying, self.most, self.taken, self.ahead = [], 0, 0, 0, 0
        self.bytes_ahead = 0

    def objects(self):
        return []

    def refused(self):
        return {}

    def metadata(self, key):
        return {}

    def document(self, name):
        return None

    def read(self, stored):
        with self.lock:
            self.begun.append(stored.key)
            self.flying += 1
            self.most = max(self.most, self.flying)
            self.ahead = max(self.ahead, len(self.begun) - self.taken)
        sleep(self.slow)
        with self.lock:
            self.flying -= 1
        if stored.key.startswith("bad"):
            raise EvidenceError(stored.key, "denied", "ask")
        return stored.key.encode()


def listed(count, size=1, name="key"):
    return [StoredObject(f"{name}{number:04}", size, "s") for number in range(count)]


def test_what_is_taken_in_order_is_asked_for_some_at_a_time():
    source, objects = Distant(), listed(100)
    with read_ahead(source, iter(objects)) as read:
        for one in objects:
            assert read(one) == one.key.encode()
            source.taken += 1
            if one is objects[0]:
                sleep(0.3)
    assert sorted(source.begun) == [one.key for one in objects]
    assert source.most == 4
    assert 4 < source.ahead <= 4 * 4 + 1


def test_bytes_that_are_asked_for_and_not_taken_are_bounded(monkeypatch):
    monkeypatch.setattr(ahead, "_MOST_BYTES", 100)
    source, objects = Distant(), listed(20, size=45)
    with read_ahead(source, objects) as read:
        for one in objects:
            read(one)
            source.taken += 1
            if one is objects[0]:
                sleep(0.1)
    assert source.ahead <= 3
    large = Distant(0)
    with read_ahead(large, listed(3, size=1000)) as read:
        assert [read(one) for one in listed(3, size=1000)] == [b"key0000", b"key0001", b"key0002"]


def test_an_error_is_that_of_its_object_and_the_rest_goes_on():
    source = Distant()
    objects = [*listed(3), *listed(1, name="bad"), *listed(3, name="z")]
    found = []
    with read_ahead(source, objects) as read:
        for one in objects:
            try:
                found.append(read(one).decode())
            except EvidenceError as error:
                found.append(error.wrong)
    assert found == ["key0000", "key0001", "key0002", "denied", "z0000", "z0001", "z0002"]


def test_some_may_be_left_out_and_one_that_was_not_announced_is_read_by_itself():
    source, objects = Distant(), listed(10)
    with read_ahead(source, objects) as read:
        assert [read(one) for one in objects[::3]] == [one.key.encode() for one in objects[::3]]
        assert read(StoredObject("other", 1, "s")) == b"other"


def test_what_is_not_taken_is_not_waited_for():
    source = Distant(slow=20)
    start = time.perf_counter()
    with read_ahead(source, listed(50)):
        sleep(0.05)
    assert time.perf_counter() - start < 5


def test_a_folder_is_read_as_it_is(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    source = Directory(tmp_path)
    with read_ahead(source, iter(())) as read:
        assert read(source.objects()[0]) == b"x"
        assert read == source.read


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    bucket = small_bucket(hours=5, regions=("us-east-1", "eu-west-1"))
    victim = sorted(key for key in bucket.objects if "/CloudTrail/" in key)[2]
    del bucket.objects[victim]
    bucket.write(folder / "evidence", sidecar=True, keys=False, configuration=False)
    (folder / "keys.json").write_text(json.dumps(bucket.public_keys()))
    copy = ct.verify(ct.open_evidence(folder / "evidence"), ct.load_keys(folder / "keys.json"), load=False)
    assert copy.counts()[ct.Status.MISSING] == 1
    return bucket, folder / "keys.json", copy


@pytest.fixture(scope="module")
def served():
    made = Server()
    yield made
    made.released.set()
    made.shutdown()
    made.server_close()


@pytest.fixture
def live(served, world, monkeypatch):
    """Verify the world's bucket in place, with what goes wrong there."""
    bucket, keys, _ = world
    for name, value in {
        "AWS_ENDPOINT_URL_S3": served.url, "AWS_ACCESS_KEY_ID": "first", "AWS_SECRET_ACCESS_KEY": SECRETS["first"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    served.reset({key: (one.body, dict(one.metadata)) for key, one in bucket.objects.items()})

    def call(fault=lambda key, times: None, delay=0, **options):
        served.fault, served.delay = fault, delay
        return ct.verify(ct.open_evidence("s3://example-logs"), ct.load_keys(keys), **{"load": False, **options})

    yield call
    served.released.set()


def test_a_bucket_in_place_has_the_verdicts_of_its_copy_and_nothing_is_asked_twice(live, served, world):
    flying = {"CloudTrail": 0, "CloudTrail-Digest": 0}

    def look(key, _):
        kind = key.split("/")[2]
        flying[kind] = max(flying[kind], served.flying)

    done = live(look, delay=0.1)
    assert done.verdicts == world[2].verdicts
    assert done.coverage == world[2].coverage
    objects = {key: times for key, times in served.asked.items() if key.startswith("AWSLogs/")}
    assert objects == dict.fromkeys(world[0].objects, 1)
    assert {command for command, *_ in served.requests} == {"GET"}
    assert min(flying.values()) > 3
    assert served.most_flying <= 48


@pytest.mark.parametrize("fault", ["cut", "SlowDown", "other bytes"])
def test_first_answers_that_fail_change_no_verdict(live, world, fault):
    hit = set(sorted(world[0].objects)[::2])
    done = live(lambda key, times: fault if times == 0 and key in hit else None)
    assert done.verdicts == world[2].verdicts
    assert not done.completeness.unread


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("AccessDenied", "ask for s3:ListBucket"), ("gone", "changed or went"), ("cut", "cannot be read"),
        ("SlowDown", "SlowDown"), ("other bytes", "MD5"), ("truncated", "not as long"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_no_verdict(live, world, fault, told):
    log = sorted(key for key in world[0].objects if "/CloudTrail/" in key)[1]
    digest = sorted(key for key in world[0].objects if "/CloudTrail-Digest/us-east-1" in key)[1]
    done = live(lambda key, times: fault if key in (log, digest) else None)
    assert set(done.completeness.unread) == {log, digest}
    assert all(told in reason for reason in done.completeness.unread.values())
    assert not {log, digest} & {verdict.key for verdict in done.verdicts if verdict.status is not ct.Status.MISSING}
    assert done.counts()[ct.Status.ALTERED] == 0


def test_rows_are_those_of_a_copy_whether_or_not_what_was_done_is_hashed_again(live, world, served, tmp_path):
    done = live(load=True, workspace=tmp_path / "w")
    rows = len(ct.admit(done, ct.IntactOnly()).frame())
    assert rows == len([v for v in done.verdicts if v.status is ct.Status.INTACT and "Digest" not in v.key]) > 5
    before = served.asked.total()
    again = live(load=True, workspace=tmp_path / "w", rehash=True)
    assert again.verdicts == done.verdicts
    assert served.asked.total() > before + rows


def test_an_interruption_ends_it_though_answers_never_come(live, served, world):
    served.fault = lambda key, times: "hang" if "/CloudTrail/" in key else None
    # A shell starts what runs in its background deaf to interruptions, which is inherited.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = "import cttoolkit as ct, sys; ct.verify(ct.open_evidence('s3://example-logs'), ct.load_keys(sys.argv[1]), load=False)"
    root = Path(ct.__file__).parent.parent
    process = subprocess.Popen(
        [sys.executable, "-c", f"{heard}; {code}", str(world[1])],
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        deadline = time.monotonic() + 60
        while not any("/CloudTrail/" in key for key in list(served.asked)) and time.monotonic() < deadline:
            sleep(0.05)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
        served.released.set()
    assert b"KeyboardInterrupt" in said
    assert time.monotonic() - start < 10
