"""The way to S3 breaks in every manner: nothing is lost, nothing wrong is accepted, and what was begun is finished."""

import json
import random
import subprocess
import sys
import time

import pytest

import cttoolkit as ct
from cttoolkit.collection.download import Downloader, Refused
from cttoolkit.collection.listing import Version
from cttoolkit.errors import EvidenceError
from tests.collection.test_collect import verdicts
from tests.collection.worlds import BUCKET, at_random, is_object


def same_as_undisturbed(done, world, tmp_path):
    assert {key: (done.folder / key).read_bytes() for key in world.objects} == {
        key: one.body for key, one in world.objects.items()
    }
    assert verdicts(done.folder, world, tmp_path).counts()[ct.Status.INTACT] == len(world.objects)
    assert ct.check_custody(done.folder).is_whole


@pytest.mark.parametrize("kind", ["cut", "slow down", "truncated", "other bytes", "too long"])
def test_one_fault_at_many_objects_is_got_over(gather, proxy, world, tmp_path, kind):
    proxy.fault = at_random(1, [kind])
    done = gather()
    assert done.is_whole
    assert max(proxy.seen[path] for path in proxy.seen if is_object(path)) > 1
    same_as_undisturbed(done, world, tmp_path)


def test_all_faults_together_are_got_over(gather, proxy, world, tmp_path):
    proxy.fault = at_random(2, ["cut", "slow down", "truncated", "other bytes", "too long"], share=0.7)
    same_as_undisturbed(gather(), world, tmp_path)


@pytest.mark.parametrize("kind", ["cut", "truncated", "other bytes"])
def test_an_object_that_never_comes_whole_is_named_and_not_written(gather, proxy, world, kind, filled, tmp_path):
    victim = filled[-1]
    proxy.fault = lambda handler, path, times: kind if path.endswith(victim) else None
    done = gather()
    assert set(done.not_collected) == {victim}
    assert not (done.folder / victim).exists()
    assert done.collected == len(filled) - 1
    proxy.reset()
    same_as_undisturbed(gather(), world, tmp_path)


def test_credentials_that_expire_half_way_stop_it_and_the_next_run_goes_on(gather, proxy, world, filled, tmp_path):
    served = []

    def expire(handler, path, times):
        if not is_object(path):
            return None
        served.append(path)
        return "ExpiredToken" if len(served) > len(filled) // 2 else None

    proxy.fault = expire
    with pytest.raises(EvidenceError, match=r"because of ExpiredToken; renew the credentials and run the same command"):
        gather(workers=1)
    assert not (tmp_path / "evidence" / "manifest.json").exists()
    proxy.reset()
    done = gather()
    assert done.kept == len(filled) // 2
    assert done.collected == len(filled) - done.kept
    same_as_undisturbed(done, world, tmp_path)


def test_a_clock_that_is_wrong_is_an_error_where_s3_says_so_and_a_number_where_not(gather, proxy, filled):
    proxy.fault = lambda handler, path, times: "RequestTimeTooSkewed" if is_object(path) else None
    with pytest.raises(EvidenceError, match="set this machine's clock"):
        gather()
    proxy.reset()
    from datetime import UTC, datetime

    proxy.late = 1_800_000_000
    done = gather(clock=lambda: datetime.fromtimestamp(1_800_000_090, UTC))
    held = json.loads((done.folder / "manifest.json").read_text())
    assert held["runs"][0]["clock_offset_seconds"] == 90.0
    assert held["objects"][0]["collected_at"] == "2027-01-15T08:00:00Z"


def test_a_bucket_that_may_not_be_read_is_said_once(gather, proxy, monkeypatch):
    monkeypatch.setattr("cttoolkit.collection.copying._MOST_DENIED", 5)
    proxy.fault = lambda handler, path, times: "AccessDenied" if is_object(path) else None
    with pytest.raises(EvidenceError, match="ask for s3:GetObject"):
        gather()


def test_a_large_object_goes_on_where_it_broke_off(s3, proxy, filled, monkeypatch):
    body = random.Random(3).randbytes(3 << 20)
    put = s3.put_object(Bucket=BUCKET, Key="AWSLogs/large.json.gz", Body=body)
    ranges = []

    def cut(handler, path, times):
        ranges.append(handler.headers.get("Range"))
        return "cut" if times < 1 else None

    proxy.reset()
    proxy.fault = cut
    try:
        import boto3

        client = boto3.client("s3", endpoint_url=proxy.url)
        listed = Version("AWSLogs/large.json.gz", len(body), put["ETag"], "", put["VersionId"])
        got = Downloader(client, BUCKET, pause=lambda seconds: None).fetch(listed)
        client.close()
    finally:
        s3.delete_object(Bucket=BUCKET, Key="AWSLogs/large.json.gz", VersionId=put["VersionId"])
        proxy.reset()
    assert not isinstance(got, Refused)
    assert got.body == body
    assert ranges[0] is None
    assert int(ranges[1].removeprefix("bytes=").rstrip("-")) >= 1 << 20


RUN = """
import os, pathlib, random, signal, sys, time
import boto3, cttoolkit as ct
place, root, drawn, killed, number = sys.argv[1], pathlib.Path(sys.argv[2]), random.Random(5), 0, 0
while killed < 20:
    child = os.fork()
    if not child:
        ct.collect(place, root / str(number), configuration=False, versions=True, workers=2)
        os._exit(0)
    time.sleep(drawn.uniform(0.02, 0.7))
    os.kill(child, signal.SIGKILL)
    if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
        killed += 1
    else:
        number += 1
print(killed)
"""


def test_killed_twenty_times_at_any_moment_it_goes_on_and_ends_the_same(proxy, filled, world, tmp_path):
    proxy.reset()
    proxy.fault = lambda handler, path, times: time.sleep(0.03) if is_object(path) else None
    command = [sys.executable, "-c", RUN, f"s3://{BUCKET}", str(tmp_path)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "20\n"
    proxy.reset()
    folders = sorted(path for path in tmp_path.iterdir() if path.is_dir())
    for folder in folders:
        done = ct.collect(f"s3://{BUCKET}", folder, configuration=False, versions=True, workers=4)
        assert done.is_whole
        same_as_undisturbed(done, world, tmp_path)
        assert not list(folder.glob(".*"))
