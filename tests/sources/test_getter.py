"""Objects are asked for the short way, and what is not answered by the object is botocore's to settle."""

import hashlib
import pickle
import ssl
from datetime import UTC, datetime

import boto3
import pytest
from botocore.credentials import Credentials

from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.source import StoredObject
from cttoolkit.sources import getter
from cttoolkit.sources.bucket import Bucket
from cttoolkit.sources.getter import Getter
from tests.sources.server import SECRETS, Server

ODD = [
    "a b", "a+b", "a%2Fb", "ü/é", "~x-._", "(a)'!*", "a;b=c&d", "a?b#c", "a:b@c", 'a"<b>', "日本", "a,b$c", "a\\b",
    "trailing ", "{a}|^`[]",
]  # fmt: skip
DIGEST = (
    "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/01/"
    "111122223333_CloudTrail-Digest_us-east-1_t_us-east-1_20260301T0{}0000Z.json.gz"
)


@pytest.fixture(scope="module")
def served():
    made = Server()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def server(served, monkeypatch):
    served.reset({})
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", served.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "first")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["first"])
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    return served


def filled(server, names=("a", "b", "c", "d")):
    server.objects = {f"AWSLogs/{name}.json.gz": (f"body of {name}".encode(), {"Name": "x"}) for name in names}
    source = Bucket("s3://example-logs")
    return source, {one.key: one for one in source.objects()}


def test_every_key_is_signed_as_botocore_signs_it(server):
    source, listed = filled(server, ODD)
    for key, one in listed.items():
        assert source.read(one) == server.objects[key][0]
    assert len(listed) == len(ODD)
    assert server.ways() == (len(ODD) - 1, 1)


def test_a_key_that_looks_like_a_way_up_goes_through_botocore(server):
    source, listed = filled(server, ["a", "b"])
    for one in listed.values():
        source.read(one)
    with pytest.raises(EvidenceError):
        source.read(StoredObject("AWSLogs/../AWSLogs/a.json.gz", 9, '"x" t'))
    with pytest.raises(EvidenceError):
        source.read(StoredObject("AWSLogs//a.json.gz", 9, '"x" t'))
    assert server.ways()[0] == 1


def test_tokens_and_versions_are_signed_too(server):
    server.objects = {"AWSLogs/a": (b"a", {}), "AWSLogs/b c": (b"b", {})}
    session = boto3.Session("second", SECRETS["second"], "token/+=", "us-east-1")
    asking = Getter(session.client("s3", endpoint_url=server.url), "example-logs", session)
    for key, (body, _) in server.objects.items():
        answer = asking.ask(key, 1, f'"{hashlib.md5(body).hexdigest()}"', version_id="v /+1")
        assert answer.body.read() == body
    assert server.ways() == (1, 1)
    assert [(headers["x-amz-security-token"], query) for _, _, headers, query in server.requests[1:]] == [
        ("token/+=", "versionId=v%20%2F%2B1")
    ]


def test_credentials_are_taken_anew_for_each_request(server):
    source, listed = filled(server)
    one, two, three, _ = listed.values()
    source.read(one)
    source.read(two)
    source._getter()._credentials = Credentials("second", SECRETS["second"])
    source.read(three)
    used = [headers["Authorization"].partition("Credential=")[2][:5] for _, key, headers, _ in server.requests if key]
    assert used == ["first", "first", "secon"]


@pytest.mark.parametrize("fault", ["cut", "SlowDown", "truncated", "other bytes"])
def test_one_fault_is_got_over_and_costs_no_further_way(server, fault):
    source, listed = filled(server)
    server.fault = lambda key, times: fault if key.endswith("b.json.gz") and times == 0 else None
    assert [source.read(one) for one in listed.values()] == [body for body, _ in server.objects.values()]
    assert server.asked["AWSLogs/b.json.gz"] == 2
    assert server.ways()[0] >= 3


@pytest.mark.parametrize(
    ("fault", "error", "told"),
    [
        ("AccessDenied", EvidenceError, "ask for s3:ListBucket"),
        ("gone", EvidenceChangedError, "changed or went"),
        ("changed", EvidenceChangedError, "changed or went"),
        ("truncated", EvidenceChangedError, "not as long as it was listed"),
        ("cut", EvidenceError, "cannot be read from S3"),
        ("SlowDown", EvidenceError, "because of SlowDown"),
        ("other bytes", EvidenceError, "its MD5 is not the ETag that was listed, 4 times"),
    ],
)
def test_a_lasting_fault_has_the_same_words_by_either_way(server, fault, error, told):
    source, listed = filled(server)
    first, second, *_ = listed.values()
    server.fault = lambda key, times: fault
    for one in (first, second):
        with pytest.raises(error, match=told):
            source.read(one)
    server.fault = lambda key, times: None
    assert source.read(second) == b"body of b"


def test_an_object_longer_than_listed_is_not_taken_in(server):
    source, listed = filled(server)
    one, two, *_ = listed.values()
    source.read(one)
    server.objects[two.key] = (b"x" * 5_000_000, {})
    server.fault = lambda key, times: None
    with pytest.raises(EvidenceChangedError):
        source.read(two)


def test_an_object_that_was_written_again_at_the_same_length_has_changed(server):
    source, listed = filled(server)
    one, two, *_ = listed.values()
    source.read(one)
    server.objects[two.key] = (b"BODY of b", {})
    with pytest.raises(EvidenceChangedError, match="changed or went"):
        source.read(two)


def test_where_the_short_way_never_gets_through_it_is_given_up(server, monkeypatch):
    source, listed = filled(server, [f"{number:03}" for number in range(30)])
    objects = list(listed.values())
    source.read(objects[0])
    monkeypatch.setitem(SECRETS, "second", "another secret")
    short = source._getter()
    short._credentials = Credentials("second", "not that secret")
    assert [source.read(one) for one in objects] == [body for body, _ in server.objects.values()]
    assert server.ways() == (8, 31)


@pytest.mark.parametrize("fault", ["SlowDown", "cut"])
def test_what_is_throttled_or_cut_off_for_a_while_closes_no_way(server, fault):
    source, listed = filled(server, [f"{number:03}" for number in range(30)])
    server.fault = lambda key, times: fault if times == 0 and "/02" not in key else None
    assert [source.read(one) for one in listed.values()] == [body for body, _ in server.objects.values()]
    assert server.ways()[0] >= 29


def test_a_worker_keeps_its_connections_from_one_batch_to_the_next(server, monkeypatch):
    source, listed = filled(server)
    packed = pickle.dumps(source)
    for one in listed.values():
        assert pickle.loads(packed).read(one) == server.objects[one.key][0]
    assert server.ways() == (3, 1)
    first = pickle.loads(packed)._getter()
    assert first is not source._getter()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "second")
    assert pickle.loads(packed)._getter() is not first


def test_without_libcurl_all_goes_through_botocore(server, monkeypatch):
    monkeypatch.setattr(getter, "_has_curl", lambda: False)
    source, listed = filled(server)
    assert [source.read(one) for one in listed.values()] == [body for body, _ in server.objects.values()]
    assert server.ways() == (0, 4)


def test_a_large_object_goes_through_botocore_which_can_go_on_with_it(server):
    server.objects = {f"AWSLogs/{name}": (name.encode() * (1 << 20), {}) for name in "ab"}
    source = Bucket("s3://example-logs")
    for one in source.objects():
        assert source.read(one) == server.objects[one.key][0]
    assert server.ways() == (0, 2)


def test_metadata_of_a_digest_is_asked_for_with_the_digest_even_where_it_has_none(server):
    server.objects = {DIGEST.format(n): (b"{}", {"signature": "ab"} if n else {}) for n in (0, 1)}
    source = Bucket("s3://example-logs")
    listed = list(source.objects())
    for one in listed:
        source.read(one)
    assert [source.metadata(one.key) for one in listed] == [{}, {"signature": "ab"}]
    assert {command for command, *_ in server.requests} == {"GET"}


def test_little_metadata_is_held(server, monkeypatch):
    monkeypatch.setattr("cttoolkit.sources.bucket._MOST_SEEN", 2)
    server.objects = {DIGEST.format(n): (b"{}", {"signature": f"0{n}"}) for n in range(5)}
    source = Bucket("s3://example-logs")
    listed = list(source.objects())
    for one in listed:
        source.read(one)
    assert len(source._seen) == 2
    assert source.metadata(listed[0].key) == {"signature": "00"}
    assert [command for command, *_ in server.requests].count("HEAD") == 1


def test_the_certificates_are_those_that_botocore_trusts(monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", "/somewhere/else.pem")
    assert getter._authorities(boto3.Session(region_name="us-east-1")) == "/somewhere/else.pem"
    monkeypatch.delenv("AWS_CA_BUNDLE")
    assert getter._authorities(boto3.Session(region_name="us-east-1")).endswith("cacert.pem")


@pytest.fixture
def secured(tmp_path):
    """A server over TLS, and the file of the one authority that vouches for it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = tmp_path / "authority.pem", tmp_path / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    yield server, certificate
    server.shutdown()
    server.server_close()


def test_over_tls_the_short_way_trusts_whom_botocore_trusts_and_nobody_else(server, secured, monkeypatch):
    https, certificate = secured
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"https://localhost:{https.server_port}")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    source, listed = filled(https)
    assert [source.read(one) for one in listed.values()] == [body for body, _ in https.objects.values()]
    assert https.ways() == (3, 1)
    way = source._getter()
    monkeypatch.delenv("AWS_CA_BUNDLE")
    stranger = Getter(way.client, "example-logs", way.session)
    stranger._pattern = way._pattern
    one = next(iter(listed.values()))
    assert way._like(way._pattern, one.key, one.size, "x", None) is None
    monkeypatch.setattr(stranger, "_authorities", getter._authorities(boto3.Session(region_name="us-east-1")))
    tag = one.stamp.partition(" ")[0]
    assert stranger._like(way._pattern, one.key, one.size, tag, None) is None
    assert way._like(way._pattern, one.key, one.size, tag, None) is not None
