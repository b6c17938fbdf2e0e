"""What the pages of the documentation say is done as they say: their code, their commands, and what these print."""

import ast
import contextlib
import gzip
import inspect
import io
import json
import re
import shlex
import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

import cttoolkit as ct
from cttoolkit.arguments import command_line
from cttoolkit.collection.pace import Pace
from cttoolkit.commands import admission, posture, report
from cttoolkit.session import chain
from cttoolkit.sources import clients
from tests.collection.history import History, told
from tests.collection.worlds import BUCKET, Proxy
from tests.conftest import ACCOUNT, SAMPLES, event, small_bucket
from tests.mmdb import place, system, write_mmdb
from tests.pages import COMMANDS, HOME, LANGUAGES, agrees, blocks, command_lines, expected, needs, ran, steps
from tests.test_real_logs import DATASET

DOCS = HOME / "docs"
PAGES = sorted(
    [
        *HOME.glob("*.md"),
        *DOCS.rglob("*.md"),
        *(HOME / "notebooks").rglob("*.md"),
        *(HOME / "data").rglob("README.md"),
    ]
)
RUN = [page for page in PAGES if steps(page)]
TOLD = {page for page in PAGES if page.parent.name == "decisions" or page.is_relative_to(SAMPLES)}
"""Records of decisions and stories of samples, which have no code."""
NOTHING_TO_RUN = {
    "CHANGELOG.md", "CONTRIBUTING.md", "docs/aws-cli.md", "docs/columns.md", "docs/glossary.md", "docs/index.md", "docs/install.md",
    "docs/reading.md", "docs/realism.md", "docs/samples.md", "docs/scale.md", "docs/site.md", "docs/threats.md", "docs/verify-json.md",
    "notebooks/README.md",
}  # fmt: skip
GROUP = "/aws/cloudtrail/management-events"


def named(page):
    return str(page.relative_to(HOME))


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """The folder that the pages speak of: the sample as in a checkout, a copy of it with its keys apart, an answer of LookupEvents."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "data").symlink_to(SAMPLES.parent)
    (folder / "notebooks").mkdir()
    left_out = shutil.ignore_patterns("public-keys.json", "truth.json", "README.md")
    shutil.copytree(SAMPLES / "leaked-key", folder / "case" / "evidence", ignore=left_out)
    shutil.copy(SAMPLES / "leaked-key" / "public-keys.json", folder / "case" / "keys.json")
    made = [
        record
        for log in sorted((folder / "case").rglob("*_CloudTrail_us-east-1_*.json.gz"))
        for record in json.loads(gzip.decompress(log.read_bytes()))["Records"]
        if record["eventName"] == "CreateAccessKey"
    ]
    answer = [{"EventId": one["eventID"], "CloudTrailEvent": json.dumps(one)} for one in made]
    (folder / "lookup").mkdir()
    (folder / "lookup" / "answer.json").write_text(json.dumps({"Events": answer}))
    return folder


@pytest.fixture(scope="module")
def given(case):
    """What a page that says so takes over from ``your-bucket.md``."""
    keys = ct.load_keys(case / "case" / "keys.json")
    verification = ct.verify(ct.open_evidence(case / "case" / "evidence"), keys, workspace=case / "case" / "work")
    return {"verification": verification, "events": ct.admit(verification, ct.IntactOnly())}


@pytest.fixture(scope="module", autouse=True)
def once():
    """The same evidence is admitted by one command, and its credentials joined for one question; the others take what came of it."""
    held = {}
    admitted, joined = admission.admitted, chain.joined

    def admitted_once(options):
        asked = (
            Path.cwd(),
            options.evidence,
            *options.keys,
            options.workspace,
            options.rehash,
            options.accept_unverified,
        )
        if asked not in held:
            held[asked] = admitted(options)
        return held[asked]

    def joined_once(events, *, with_hands):
        asked = (id(events.verification), repr(events.policy), with_hands)
        if asked not in held:
            # The verification too, so that no other gets its id.
            held[asked] = events.verification, joined(events, with_hands=with_hands)
        return held[asked][1]

    with pytest.MonkeyPatch.context() as patch:
        for command in (admission, posture, report):
            patch.setattr(command, "admitted", admitted_once)
        patch.setattr(chain, "joined", joined_once)
        yield


@pytest.fixture(scope="module")
def session():
    return boto3.Session()


@pytest.fixture
def credentials(session, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # Where the server has no answer, waiting for a better one is lost time.
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    # One session for all: it reads what it knows of each service from the disk, which takes longer than a page.
    monkeypatch.setattr(clients, "open_session", lambda profile=None: session)


@pytest.fixture
def bucket(session, credentials, monkeypatch, tmp_path):
    """A server in the place of AWS: a small trail's bucket with older versions, its public keys, a role to assume."""
    world = small_bucket(hours=4)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    proxy = Proxy(port, world.public_keys())
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.chdir(tmp_path)
    s3 = session.client("s3", endpoint_url=f"http://127.0.0.1:{port}")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key, one in world.objects.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=one.body, Metadata=dict(one.metadata), ContentEncoding="gzip")
    for kind in ("CloudTrail", "CloudTrail-Digest"):
        # Of versions after a marker that is itself no key, moto leaves the first out.
        s3.put_object(Bucket=BUCKET, Key=f"AWSLogs/{ACCOUNT}/{kind}/us-east-1/2026/02/28/left-out", Body=b"")
    proxy.refuses = {"ListEventDataStores": "AccessDeniedException"}.get
    yield {}
    # One server stands for AWS in all tests of a process, and others have a bucket of that name.
    held = s3.list_object_versions(Bucket=BUCKET)
    for one in (*held.get("Versions", ()), *held.get("DeleteMarkers", ())):
        s3.delete_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)
    s3.close()
    proxy.shutdown()
    proxy.server_close()
    server.stop()


@pytest.fixture
def history(credentials, monkeypatch, tmp_path):
    """A server in the place of AWS: a week of events in Event history, and the same in a log group."""
    records = [event(number, f"2026-03-0{number}T10:00:00Z") for number in range(1, 8)]
    server = History()
    server.entries["us-east-1"] = [told(record) for record in records]
    server.messages = [
        {"timestamp": int(datetime.fromisoformat(one["eventTime"]).timestamp() * 1000), "message": json.dumps(one)}
        for one in records
    ]
    server.RequestHandlerClass = type("WithGroups", (_WithGroups, server.RequestHandlerClass), {})
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setattr(Pace, "wait", lambda self: None)
    monkeypatch.chdir(tmp_path)
    yield {}
    server.shutdown()
    server.server_close()


class _WithGroups:
    """Answers as CloudWatch Logs does, too."""

    def do_POST(self):  # noqa: N802, the name that http.server asks for
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if target not in ("FilterLogEvents", "DescribeLogGroups"):
            return super().do_POST()
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if target == "DescribeLogGroups":
            kept = {"logGroupName": GROUP, "creationTime": int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)}
            return self._answer(json.dumps({"logGroups": [kept]}).encode(), "application/x-amz-json-1.1")
        found = [one for one in self.server.messages if asked["startTime"] <= one["timestamp"] <= asked["endTime"]]
        return self._answer(json.dumps({"events": found}).encode(), "application/x-amz-json-1.1")


@pytest.fixture
def places(case):
    """Databases by the names that MaxMind gives them, made up."""
    home, elsewhere = place("NL", "Amsterdam", 52.37, 4.9), place("SG", "Singapore", 1.29, 103.85)
    write_mmdb(
        case / "GeoLite2-City.mmdb", {"203.0.113.0/24": elsewhere, "198.51.100.0/24": home, "192.0.2.0/24": home}
    )
    networks = {"203.0.113.0/24": system(64500, "Example Hosting"), "192.0.2.0/24": system(64501, "Example Office")}
    write_mmdb(case / "GeoLite2-ASN.mmdb", networks, "GeoLite2-ASN")
    return {}


@pytest.fixture
def dataset(monkeypatch, tmp_path):
    if not DATASET.is_dir():
        pytest.skip("the Invictus AWS dataset is not beside this checkout")
    (tmp_path / DATASET.name).symlink_to(DATASET)
    monkeypatch.chdir(tmp_path)
    return {}


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.syspath_prepend(str(HOME / "tools"))
    return {}


READY = {
    "events of your-bucket.md": "given",
    "a bucket in the place of AWS": "bucket",
    "Event history in the place of AWS": "history",
    "databases of places": "places",
    "the Invictus AWS dataset": "dataset",
    "modules of tools": "tools",
}
"""What pages say in a comment that they are read with, and the fixture that lays it ready."""


@pytest.mark.parametrize("page", RUN, ids=named)
def test_a_page_does_what_it_says(page, case, request, monkeypatch):
    monkeypatch.chdir(case)
    names: dict[str, object] = {"ct": ct, "__name__": page.stem}
    for need in needs(page):
        assert need in READY, f"{named(page)}: {need}"
        names |= request.getfixturevalue(READY[need])
    for block in steps(page):
        came, shown = ran(block, names), expected(block)
        assert shown is None or agrees(shown, came), f"{block}\n--- the page\n{shown}--- came\n{came}"


def test_most_pages_have_something_to_run():
    assert {named(page) for page in set(PAGES) - set(RUN) - TOLD} == NOTHING_TO_RUN
    assert sum(len(steps(page)) for page in RUN) >= 110


def test_what_has_nothing_to_run_is_a_page_of_words():
    """Or of commands that ask for something that no test has."""
    for page in set(PAGES) - set(RUN):
        assert all(block.not_run for block in blocks(page) if block.language != "text"), named(page)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_what_is_not_run_can_be_typed(page):
    """Commands that ask AWS, or take long, at least parse; make has its targets, and pip its extras and files."""
    targets = set(re.findall(r"^([a-z]+):", (HOME / "Makefile").read_text(), re.MULTILINE))
    extras = set(tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    for block in blocks(page):
        for words in command_lines(block) if block.language in ("sh", "console") else []:
            match words:
                case ["cttoolkit", "--version"] | ["echo", "$?"]:
                    continue
                case ["cttoolkit", *given]:
                    with contextlib.redirect_stderr(io.StringIO()) as said:
                        try:
                            command_line().parse_args(given)
                        except SystemExit:
                            pytest.fail(f"{block}: {said.getvalue()}")
                case ["make", target]:
                    assert target in targets, f"{block}"
                case ["pip", *rest]:
                    asked = re.findall(r"\[([a-z,]+)\]", " ".join(rest))
                    assert {extra for one in asked for extra in one.split(",")} <= extras, f"{block}"
                    files = [one for one in rest if one.endswith((".lock", ".txt"))]
                    assert all((HOME / one.rpartition("/")[2]).exists() for one in files), f"{block}"
                case [other, *_]:
                    assert block.not_run or other in COMMANDS, f"{block}: {other}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_blocks_say_what_they_are(page):
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{block}: {block.language or 'no language'}"
        assert block.language != "text" or block.is_output or block.not_run, f"{block}: the output of nothing"
        if block.language == "python" and block.not_run:
            ast.parse(block.text, str(block))
    outside = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert "```" not in outside


def test_the_table_of_extras_has_all_that_a_user_may_ask_for():
    told = set(re.findall(r"^\| `([a-z]+)` \|", (DOCS / "install.md").read_text(), re.MULTILINE))
    extras = set(tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    assert told == extras - {"dev", "docs"}


def test_an_output_that_differs_is_noticed():
    assert agrees("559 intact · …\n…\nlast\n", "559 intact · 0\n\none\ntwo\nlast\n")
    assert agrees("a  b\n", "a      b  \n")
    assert not agrees("559 intact · …\n", "558 intact · 0\n")
    assert not agrees("one\n", "one\ntwo\n")
    assert not agrees("…\nlast\n", "last\nmore\n")
    assert not agrees("5082\n", "5083\n")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_name_that_a_page_calls_is_there(page):
    for name in sorted(
        set(re.findall(r"(?<![\w./-])ct((?:\.[A-Za-z_]\w*)+)(?!\w*\.(?:md|ipynb|py)\b)", page.read_text()))
    ):
        found = ct
        for part in name.removeprefix(".").split("."):
            # What stands behind a class or a function is not looked into.
            if not inspect.ismodule(found):
                break
            assert hasattr(found, part), f"{page.name}: ct{name}"
            found = getattr(found, part)


def in_prose(page):
    """Commands between single backticks, with the line of each."""
    text = re.sub(
        r"^```.*?^```$", lambda found: "\n" * found[0].count("\n"), page.read_text(), flags=re.MULTILINE | re.DOTALL
    )
    for found in re.finditer(r"(?<!`)`cttoolkit +([^`]+)`(?!`)", text):
        yield f"{named(page)}:{text[: found.start()].count(chr(10)) + 1}", re.sub(r"\s+", " ", found[1])


def in_blocks(page):
    for block in blocks(page):
        joined = re.sub(r"\\\n\s*", " ", block.text)
        for line in re.findall(r"^\$? ?cttoolkit +(.+)$", joined, re.MULTILINE):
            yield str(block), line


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_can_be_typed(page):
    """Those in brackets, which may be left out, with the rest."""
    for where, line in in_blocks(page):
        words = shlex.split(line.replace("[", " ").replace("]", " "), comments=True)
        if words != ["--version"] and not {"…", "|", "<", ">"} & set(words):
            assert (wrong := refused(words)) is None, f"{where}: cttoolkit {line}: {wrong}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_within_a_sentence_can_be_typed(page):
    """A sentence may leave out what a command has to be given, but names nothing that it does not take."""
    commands = next(one.choices for one in command_line()._actions if isinstance(one.choices, dict))
    for where, line in in_prose(page):
        words = shlex.split(line.replace("[", " ").replace("]", " "))
        wrong = refused(words)
        if wrong is not None and "are required" in wrong:
            taken = commands[words[0]]._option_string_actions
            wrong = next((f"no {word}" for word in words if word.startswith("-") and word not in taken), None)
        assert wrong is None, f"{where}: cttoolkit {line}: {wrong}"


def refused(words):
    """What the command line says against these words, None where they can be typed."""
    with contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            command_line().parse_args(words)
        except SystemExit:
            return said.getvalue()
    return None
