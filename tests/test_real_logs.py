"""Logs that nobody here wrote: the Invictus AWS dataset, where it is at hand."""

from pathlib import Path

import pytest

from cttoolkit import pivot
from cttoolkit.errors import AdmissionError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.finding import absence, finding
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.integrity.verify import verify
from cttoolkit.standing import Word

DATASET = Path(__file__).parent.parent.parent / "shared" / "corpus" / "invictus-aws-dataset"
pytestmark = pytest.mark.skipif(not DATASET.is_dir(), reason="the Invictus AWS dataset is not beside this checkout")


@pytest.fixture(scope="module")
def verification():
    return verify(open_evidence(DATASET))


@pytest.fixture(scope="module")
def events(verification):
    return admit(verification, AcceptUnverified(reason="public training data without digests"))


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
    assert len(actors.drill(actors.values[0])) == 2641


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
