"""Logs that nobody here wrote: public captures and parsers' fixtures, where they are at hand."""

import gzip
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from cttoolkit import pivot, session
from cttoolkit.errors import AdmissionError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.finding import absence, finding
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.integrity.verify import verify
from cttoolkit.standing import Word
from tests.pivot.rows import every_pivot, same_as_its_events

LED_BACK = {"actors", "networks", "compare networks", "rare", "stretches", "bursts of all time", "openings", "folded"}
CORPUS = Path(__file__).parent.parent.parent / "shared" / "corpus"
DATASET = CORPUS / "invictus-aws-dataset"
ACCEPTED = AcceptUnverified(reason="public training data without digests")
pytestmark = pytest.mark.skipif(not DATASET.is_dir(), reason="the Invictus AWS dataset is not beside this checkout")


@pytest.fixture(scope="module")
def verification():
    return verify(open_evidence(DATASET))


@pytest.fixture(scope="module")
def events(verification):
    return admit(verification, ACCEPTED)


def test_every_file_is_unverifiable_and_every_record_a_row(verification):
    assert verification.counts(Kind.LOG)[Status.UNVERIFIABLE] == len(verification.verdicts) == 55
    assert verification.completeness.records == verification.completeness.rows == 2900
    assert not verification.completeness.skips


def test_it_is_not_admitted_as_intact(verification):
    with pytest.raises(AdmissionError, match="55 unverifiable"):
        admit(verification, IntactOnly())


def test_it_pivots(events):
    actors = pivot.actors(events)
    assert actors.values[0].endswith("user/bert-jan")
    # One of them has no ARN, and is named by his other calls.
    assert len(actors.drill(actors.values[0])) == 2642


def test_it_plots(events):
    from cttoolkit import plot

    assert plot.timeline(events)._repr_png_().startswith(b"\x89PNG")


def test_a_finding_is_reported_and_an_absence_is_not_proved(events):
    claim = finding("Secrets were read.", events.named("GetSecretValue"))
    assert claim.standing.word is Word.REPORTED_PRESENT
    assert "public training data without digests" in events.policy.sentence
    quiet = absence("No root.", events.named("ConsoleLogin").where(user_identity_type="Root"), events.window)
    assert quiet.standing.word is Word.UNPROVEN
    assert not quiet.standing.is_proved


NAMED = re.compile(rb'\\*"eventName\\*"\s*:')
PLACES = {
    "cloud-custodian": 25,
    "cloudgrep": 2,
    "datadog-serverless-functions": 7,
    "invictus-aws-dataset": 2900,
    "otrf-security-datasets/datasets/atomic/aws/collection/ec2_proxy_s3_exfiltration.zip": 103,
    "plaso": 6,
    "trailscraper": 4,
}
NOT_READ = {"bad_cloudtrail.json", "sqs_s3.json", "sqs_sns_s3.json"}


def counted(place):
    """Another reading: how often a member eventName stands in the text, quoted once or more."""
    if place.suffix == ".zip":
        with zipfile.ZipFile(place) as held:
            return sum(len(NAMED.findall(held.read(name))) for name in held.namelist())
    bodies = [path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file() and path.name not in NOT_READ]
    return sum(len(NAMED.findall(gzip.decompress(b) if b.startswith(b"\x1f\x8b") else b)) for b in bodies)


def gathered(folder):
    """The small places as one body of evidence, since to ask little of seven costs as much as to ask it of seven thousand."""
    for place in PLACES:
        if (CORPUS / place) == DATASET:
            continue
        if place.endswith(".zip"):
            with zipfile.ZipFile(CORPUS / place) as held:
                held.extractall(folder / Path(place).stem)
        else:
            shutil.copytree(CORPUS / place, folder / place)
    return folder


@pytest.mark.parametrize("place", PLACES)
def test_every_event_of_the_corpus_is_read(place):
    verification = verify(open_evidence(CORPUS / place))
    complete = verification.completeness
    assert complete.records == PLACES[place] == counted(CORPUS / place)
    assert complete.rows + complete.skipped + complete.duplicates == complete.records
    admitted = admit(verification, ACCEPTED)
    assert len(admitted) == complete.rows
    assert not admitted.where(event_name=None)


@pytest.mark.parametrize("which", ["dataset", "others"])
def test_every_question_has_an_answer(which, events, tmp_path):
    if which == "others":
        events = admit(verify(open_evidence(gathered(tmp_path / "gathered"))), ACCEPTED)
        assert len(events) == sum(PLACES.values()) - PLACES[DATASET.name] - events.verification.completeness.duplicates
    for name, rows in every_pivot(events, "2021-01-01T00:00:00Z").items():
        # Each row was led back from on made-up worlds; on real ones the first of a few pivots will do.
        same_as_its_events(rows, most=1 if name in LED_BACK else 0)
    assert pivot.folded(events).frame().events.sum() == len(events)
    behind = session.behind(events)
    assert sum(behind.counts.values()) + behind.unattributed == len(events)
    assert len(behind.paths) >= len(behind.counts)


def test_what_only_looks_like_cloudtrail_is_named():
    others = verify(open_evidence(CORPUS / "datadog-serverless-functions")).completeness.others
    assert "a notification of aws:sqs" in others["aws/logs_monitoring/tests/events/sqs_s3.json"]
    broken = verify(open_evidence(CORPUS / "cloudgrep")).completeness.others
    assert "not JSON" in broken["tests/data/bad_cloudtrail.json"]


RULE = """
title: What a person asked of some buckets, and was answered
logsource: {product: aws, service: cloudtrail}
detection:
    selection: {requestParameters.bucketName|startswith: Baker221b, userIdentity.type: iamuser}
    filter: {errorCode|startswith: nosuch}
    condition: selection and not filter
"""


def test_a_sigma_rule_finds_what_a_condition_finds(events, tmp_path):
    from cttoolkit import param, sigma

    (tmp_path / "rule.yml").write_text(RULE)
    (rule,) = sigma.load(tmp_path)
    buckets = events.where(user_identity_type="IAMUser").where(
        param("requestParameters.bucketName").startswith("baker221b")
    )
    expected = buckets.where(lambda e: ~e.error_code.startswith("NoSuch").fill_null(False))
    assert len(rule.matched(events)) == len(expected) > 0
    assert not rule.unsure(events)


def test_the_page_on_evidence_without_digests_tells_it_as_it_is(events, tmp_path, monkeypatch, capsys):
    from cttoolkit.cli import main

    page = (Path(__file__).parent.parent / "docs" / "without-digests.md").read_text()
    command, *expected = re.search(r"\$ cttoolkit (verify .*?)\n\$ echo", page, re.DOTALL)[1].splitlines()
    (tmp_path / DATASET.name).symlink_to(DATASET)
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == int(re.search(r"\$ echo \$\?\n(\d)", page)[1])
    out = capsys.readouterr().out.splitlines()
    assert [line for line in expected if line not in (*out, "…")] == []
    said = re.search(r"# ([\d,]+) of ([\d,]+) events are user/bert-jan's", page)
    assert said[1] == f"{len(events.by('user/bert-jan')):,}"
    assert said[2] == f"{len(events):,}"
