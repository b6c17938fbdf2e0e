"""Asking about a part of the evidence: exact at its ends, and reading no more than it needs."""

import pytest

from cttoolkit.errors import EvidenceError
from cttoolkit.integrity.coverage import State
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.window import Window
from tests.conftest import Case, small_bucket


@pytest.fixture
def long_case(tmp_path):
    return Case(small_bucket(hours=12), tmp_path)


MIDDLE = Window.of("2026-03-01T03:30:00Z", "2026-03-01T05:30:00Z")


def counting(monkeypatch):
    from cttoolkit.sources.directory import Directory

    read, original = [], Directory.read

    def note(self, stored):
        read.append(stored.key)
        return original(self, stored)

    monkeypatch.setattr(Directory, "read", note)
    return read


def test_a_window_is_judged_by_itself_and_reads_what_it_needs(long_case, monkeypatch):
    read = counting(monkeypatch)
    long_case.sidecar = False
    verification = long_case.verify(window=MIDDLE)
    assert {v.status for v in verification.verdicts} == {Status.INTACT}
    delivered = [v for v in verification.verdicts if v.kind is Kind.LOG]
    assert len(delivered) == 4
    # Two whole hours and a straddling one, the one for late files and the one that proves it.
    assert len([key for key in read if "Digest" in key]) <= 6
    assert len([key for key in read if "Digest" not in key]) == 4


def test_coverage_is_cut_at_the_windows_ends(long_case):
    (chain,) = long_case.verify(window=MIDDLE).coverage.chains
    assert [i.state for i in chain.intervals] == [State.COVERED]
    assert chain.intervals[0].window == MIDDLE


def test_what_lies_outside_of_the_window_is_not_missed(long_case):
    for key in (long_case.logs[0], long_case.logs[-1], long_case.digests[0]):
        del long_case.objects[key]
    verification = long_case.verify(window=MIDDLE)
    assert {v.status for v in verification.verdicts} == {Status.INTACT}
    assert verification.is_whole


def test_what_lies_inside_is(long_case):
    inside = next(key for key in long_case.logs if "T0415Z" in key or "T04" in key)
    del long_case.objects[inside]
    verification = long_case.verify(window=MIDDLE)
    assert [v.key for v in verification.with_status(Status.MISSING)] == [inside]


def test_a_window_beyond_the_chain_is_not_covered(long_case):
    verification = long_case.verify(window=Window.of("2026-03-01T11:00:00Z", "2026-03-01T15:00:00Z"))
    (chain,) = verification.coverage.chains
    assert [i.state for i in chain.intervals] == [State.COVERED, State.AFTER_LAST]
    assert chain.intervals[-1].window.end == verification.scope.window.end
    assert not verification.is_whole


def test_accounts_and_regions(tmp_path):
    case = Case(small_bucket(regions=("us-east-1", "eu-west-1")), tmp_path)
    verification = case.verify(regions=["eu-west-1"])
    assert {v.key.split("/")[3] for v in verification.verdicts} == {"eu-west-1"}
    with pytest.raises(EvidenceError, match="nothing in it of 444455556666"):
        case.verify(accounts=["444455556666"])


def test_judging_alone_gives_the_same_verdicts(case):
    from cttoolkit.errors import AdmissionError
    from cttoolkit.events import admit
    from cttoolkit.integrity.policy import IntactOnly

    del case.objects[case.logs[0]]
    loaded, judged = case.verify(), case.verify(load=False)
    assert loaded.verdicts == judged.verdicts
    assert loaded.coverage == judged.coverage
    with pytest.raises(AdmissionError, match="not loaded"):
        admit(judged, IntactOnly())
