"""A bucket read in place, over HTTP: the verdicts of its copy, and every refusal of S3 by name."""

import http.client
import pickle
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.stub import Stubber
from moto.server import ThreadedMotoServer

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.source import StoredObject
from cttoolkit.sources.bucket import Bucket
from cttoolkit.sources.directory import Directory

NAME = "example-logs"


class Cutting(BaseHTTPRequestHandler):
    """Passes requests on, and breaks off every first answer of an object in the middle of its body."""

    port = 0
    cut: dict[str, int]

    def do_GET(self):
        beyond = http.client.HTTPConnection("127.0.0.1", self.port)
        beyond.request("GET", self.path, headers=dict(self.headers))
        answer = beyond.getresponse()
        body = answer.read()
        beyond.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "server", "date", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        place = self.path.partition("?")[0]
        times = self.cut.setdefault(place, 0)
        self.cut[place] += 1
        if "AWSLogs" in place and times < self.most:
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()
    server.stop()


@pytest.fixture
def s3(server, monkeypatch):
    host, port = server
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    client = boto3.client("s3")
    client.create_bucket(Bucket=NAME)
    yield client
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=NAME):
        for entry in page.get("Contents", ()):
            client.delete_object(Bucket=NAME, Key=entry["Key"])
    client.delete_bucket(Bucket=NAME)
    client.close()


@pytest.fixture
def stored(case, s3):
    """The case's folder, and the same as the trail would have delivered it."""
    place = case.write()
    folder = Directory(place)
    for one in folder.objects():
        s3.put_object(
            Bucket=NAME, Key=one.key, Body=folder.read(one), Metadata=dict(folder.metadata(one.key)),
            ContentEncoding="gzip",
        )  # fmt: skip
    return place


@pytest.fixture
def cutting(server):
    handler = type("Handler", (Cutting,), {"port": server[1], "cut": {}, "most": 1})
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    proxy.daemon_threads = True
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{proxy.server_port}", handler
    proxy.shutdown()
    proxy.server_close()


def test_a_bucket_in_place_has_the_verdicts_and_rows_of_its_copy(stored, case, tmp_path):
    keys = ct.load_keys(case.folder / "keys.json")
    copy, live = (
        ct.verify(ct.open_evidence(place), keys, workspace=tmp_path / str(n))
        for n, place in enumerate((stored, f"s3://{NAME}"))
    )
    assert live.verdicts == copy.verdicts
    assert live.completeness == copy.completeness
    rows, same = (ct.admit(one, ct.IntactOnly()).frame() for one in (copy, live))
    assert len(rows) > 5
    assert same.equals(rows)


def test_a_prefix_narrows_and_keys_stay_whole(stored):
    evidence = ct.open_evidence(f"s3://{NAME}/AWSLogs/111122223333/CloudTrail/")
    assert len(evidence.logs) == len(ct.open_evidence(stored).logs)
    assert not evidence.digests
    assert evidence.logs[0].stored.key.startswith("AWSLogs/111122223333/CloudTrail/")
    assert repr(evidence).startswith(f"Evidence in s3://{NAME}/AWSLogs/")


def test_a_note_beside_the_logs_is_read(stored, s3):
    source = Bucket(f"s3://{NAME}")
    assert source.document("no-such.json") is None
    s3.put_object(Bucket=NAME, Key="trail-configuration.json", Body=b"{}")
    assert source.document("trail-configuration.json") == b"{}"


def test_metadata_comes_with_the_reading_or_is_asked_for(stored):
    source, folder = Bucket(f"s3://{NAME}"), Directory(stored)
    digest = next(one for one in source.objects() if "Digest" in one.key)
    wanted = folder.metadata(digest.key)
    assert wanted["signature"]
    assert source.metadata(digest.key) == wanted
    source.read(digest)
    assert source.metadata(digest.key) == wanted
    assert source.metadata(digest.key) == wanted


@pytest.mark.parametrize("change", ["written again", "gone"])
def test_what_moved_since_the_listing_is_an_error(stored, s3, change):
    source = Bucket(f"s3://{NAME}")
    one = source.objects()[0]
    if change == "gone":
        s3.delete_object(Bucket=NAME, Key=one.key)
    else:
        s3.put_object(Bucket=NAME, Key=one.key, Body=b"x" * one.size)
    with pytest.raises(EvidenceChangedError, match="changed or went since"):
        source.read(one)


def test_a_length_other_than_the_listed_one_is_an_error(stored):
    source = Bucket(f"s3://{NAME}")
    one = source.objects()[0]
    with pytest.raises(EvidenceChangedError, match="not as long"):
        source.read(StoredObject(one.key, one.size + 1, one.stamp))
    with pytest.raises(EvidenceError, match="more than any log file"):
        source.read(StoredObject(one.key, 3 << 30, one.stamp))


def test_answers_that_break_off_are_asked_for_again(stored, cutting, case):
    address, handler = cutting
    source = Bucket(f"s3://{NAME}", endpoint_url=address)
    folder = Directory(stored)
    listed = source.objects()
    assert [source.read(one) for one in listed] == [folder.read(one) for one in folder.objects()]
    assert len(listed) > 10
    assert all(times == 2 for place, times in handler.cut.items() if "AWSLogs" in place)


def test_answers_that_always_break_off_are_an_access_problem(stored, cutting):
    address, handler = cutting
    handler.most = 1000
    source = Bucket(f"s3://{NAME}", endpoint_url=address)
    one = source.objects()[0]
    with pytest.raises(EvidenceError, match=r"cannot be read from S3: .*verify again"):
        source.read(one)
    # Four times, and each but the first by both ways.
    assert max(handler.cut.values()) == 7


def test_it_travels_to_workers_without_its_connections(stored):
    source = Bucket(f"s3://{NAME}")
    one = source.objects()[0]
    body = source.read(one)
    assert pickle.loads(pickle.dumps(source)).read(one) == body


@pytest.mark.parametrize("place", ["s3://", "s3://Upper", "s3://a", "s3://../x", "http://example.com"])
def test_an_address_that_is_none(place):
    with pytest.raises(EvidenceError, match="no address of a bucket"):
        Bucket(place)


def test_no_such_bucket_and_an_empty_one(s3):
    with pytest.raises(EvidenceError, match=r"s3://no-such-bucket/: S3 refuses: .*give the bucket that the trail"):
        ct.open_evidence("s3://no-such-bucket")
    with pytest.raises(EvidenceError, match="it is empty"):
        ct.open_evidence(f"s3://{NAME}")


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("AccessDenied", "ask for s3:ListBucket, s3:GetObject and, with SSE-KMS, kms:Decrypt"),
        ("InvalidObjectState", "restore the object from its archive class"),
        ("ExpiredToken", "renew the credentials"),
        ("Odd", "see what S3 says of it"),
    ],
)
def test_a_refusal_says_what_to_do(s3, code, remedy):
    source = Bucket(f"s3://{NAME}")
    with Stubber(source._client()) as stub:
        stub.add_client_error("get_object", code, f"because of {code}")
        with pytest.raises(EvidenceError, match=f"a/b.json: S3 refuses: because of {code}; .*{remedy}"):
            source.read(StoredObject("a/b.json", 1, '"tag" 2026'))


def test_no_credentials_are_an_access_problem(s3, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(
        EvidenceError, match="cannot be read from S3: Unable to locate credentials; check the credentials"
    ):
        ct.open_evidence(f"s3://{NAME}")


def test_an_unread_object_is_named_and_the_rest_goes_on(stored, case, s3):
    evidence = ct.open_evidence(f"s3://{NAME}")
    gone = evidence.logs[1].stored.key
    s3.delete_object(Bucket=NAME, Key=gone)
    done = ct.verify(evidence, ct.load_keys(case.folder / "keys.json"))
    assert set(done.completeness.unread) == {gone}


def test_the_command_line_reads_a_bucket(stored, case, capsys):
    assert main(["verify", f"s3://{NAME}", "--keys", str(case.folder / "keys.json")]) == 0
    assert "11 intact" in capsys.readouterr().out
    assert main(["verify", "s3://no-such-bucket"]) == 2
    assert "S3 refuses" in capsys.readouterr().err


def test_metadata_of_what_is_no_digest_is_not_held(stored, s3):
    source = Bucket(f"s3://{NAME}")
    for one in source.objects():
        source.read(one)
    assert {"CloudTrail-Digest" in key for key in source._seen} == {True}


def test_an_endpoint_that_is_none():
    with pytest.raises(EvidenceError, match="no way to S3: Invalid endpoint"):
        Bucket(f"s3://{NAME}", endpoint_url="nowhere").objects()
