"""One server with one trail's bucket for all tests of collecting, and a proxy before it."""

import boto3
import pytest
from moto.server import ThreadedMotoServer

import cttoolkit as ct
from tests.collection.worlds import BUCKET, Proxy
from tests.conftest import small_bucket


@pytest.fixture(scope="module")
def world():
    return small_bucket(hours=4)


@pytest.fixture(scope="module")
def moto():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture(scope="module")
def credentials(moto):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.delenv("AWS_PROFILE", raising=False)
        yield patch


@pytest.fixture(scope="module")
def proxy(moto, world, credentials):
    made = Proxy(moto, world.public_keys())
    credentials.setenv("AWS_ENDPOINT_URL", made.url)
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(scope="module")
def s3(moto, credentials):
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{moto}")
    yield client
    client.close()


@pytest.fixture(scope="module")
def filled(s3, world):
    """The bucket as the trail would have delivered it, versioned."""
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key, one in world.objects.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=one.body, Metadata=dict(one.metadata), ContentEncoding="gzip")
    yield sorted(world.objects)
    # One server stands for AWS in all tests of a process, and others have a bucket of that name.
    held = s3.list_object_versions(Bucket=BUCKET)
    for one in (*held.get("Versions", ()), *held.get("DeleteMarkers", ())):
        s3.delete_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Pauses between tries are counted and not slept."""
    import time

    real = time.sleep
    monkeypatch.setattr("cttoolkit.collection.download._LONGEST_PAUSE", 0.01)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: real(min(seconds, 0.01)))


@pytest.fixture
def gather(proxy, filled, tmp_path):
    """Collect through the proxy, objects only unless told."""
    proxy.reset()

    def call(place=f"s3://{BUCKET}", name="evidence", **options):
        return ct.collect(place, tmp_path / name, **{"configuration": False, "workers": 8, **options})

    yield call
    proxy.reset()
