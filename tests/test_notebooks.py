"""The notebooks: their form, and their conclusions held against the truth of the samples."""

import ast
import json
import re
from pathlib import Path
from statistics import median

import nbformat
import pytest

import cttoolkit as ct
from cttoolkit.finding import Absence, Finding
from cttoolkit.integrity.verdict import Kind

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LONGEST = 10


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def verbs(source):
    """`ct.…` that a cell calls, in order."""
    return re.findall(r"\bct\.([a-zA-Z_.]+)\(", source)


def test_there_are_the_first_three():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["00", "01", "02"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestForm:
    def test_the_title_is_a_question_and_the_bottom_line_comes_first(self, path):
        first = cells(path, "markdown")[0].source
        assert re.match(r"# \d\d: .+\?\n", first)
        assert "**Bottom line.**" in first
        assert "**Rests on.**" in first

    def test_the_first_code_cell_only_imports(self, path):
        tree = ast.parse(cells(path, "code")[0].source)
        assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)

    def test_evidence_is_verified_and_admitted_before_anything_else(self, path):
        called = [verb for cell in cells(path, "code") for verb in verbs(cell.source)]
        before = called[: called.index("admit")]
        assert before[:2] in (["open_evidence", "verify"], ["verify", "open_evidence"])
        assert set(before) <= {"open_evidence", "verify", "load_keys", "AcceptUnverified", "IntactOnly"}

    def test_one_cell_to_change(self, path):
        tagged = [cell for cell in cells(path, "code") if "parameters" in cell.metadata.get("tags", [])]
        assert len(tagged) == 1
        assert "case = " in tagged[0].source

    def test_cells_are_short(self, path):
        counts = [len(lines(cell)) for cell in cells(path, "code")]
        assert median(counts) <= 3
        assert max(counts) <= LONGEST

    def test_nothing_but_the_package_does_the_work(self, path):
        for cell in cells(path, "code"):
            assert not re.search(
                r"^\s*(def|class|%|!)|\bpip\b|datetime|time\.time|requests|boto3|https?://", cell.source, re.MULTILINE
            )
            assert not re.search(r"[\"'](/|[A-Z]:\\\\)", cell.source), "an absolute path"

    def test_a_sentence_follows_every_output(self, path):
        everything = nbformat.read(path, as_version=4).cells
        for cell, after in zip(everything, [*everything[1:], None], strict=True):
            if cell.cell_type == "code" and cell.outputs:
                assert after is not None
                assert after.cell_type == "markdown", cell.source

    def test_it_ends_in_conclusions_and_in_what_to_do_next(self, path):
        headings = " ".join(cell.source for cell in cells(path, "markdown"))
        for wanted in ("What would fool us", "Conclusion", "Do it on your case"):
            assert wanted in headings
        assert "ct.report(" in cells(path, "code")[-1].source

    def test_outputs_are_kept_and_come_from_one_run(self, path):
        counts = [cell.execution_count for cell in cells(path, "code")]
        assert counts == list(range(1, len(counts) + 1))

    def test_outputs_tell_nothing_of_the_machine(self, path):
        assert not re.search(r"/(home|root|Users|tmp|work)/", path.read_text())

    def test_only_what_must_fail_fails(self, path):
        for cell in cells(path, "code"):
            failed = any(output.output_type == "error" for output in cell.outputs)
            assert failed == ("raises-exception" in cell.metadata.get("tags", []))
            assert not any(output.get("name") == "stderr" for output in cell.outputs)


def conclusions(name):
    """Run a notebook's code here, without its pictures, and return the report that it ends in."""
    path = FOLDER / f"{name}.ipynb"
    names: dict[str, object] = {}
    for cell in cells(path, "code"):
        if "raises-exception" in cell.metadata.get("tags", []) or "ct.plot" in cell.source:
            continue
        source = cell.source.replace("../data", str(FOLDER.parent / "data"))
        tree = ast.parse(source)
        tree.body[-1:] = (
            ast.parse(f"last = {ast.unparse(tree.body[-1])}").body
            if isinstance(tree.body[-1], ast.Expr)
            else tree.body[-1:]
        )
        exec(compile(tree, str(path), "exec"), names)
    return names["last"].conclusions, names


def truth(sample):
    return json.loads((FOLDER.parent / "data" / "samples" / sample / "truth.json").read_text())


def test_playbook_02_finds_what_was_done_and_nothing_else():
    told = truth("leaked-key")["claims"]
    claims, names = conclusions("02-leaked-access-key")
    by_claim = {claim.claim: claim for claim in claims}
    expected = {
        "The key minted another access key.": told["second_key_minted"] + told["key_for_new_user"],
        "The key made a user.": told["user_created"],
        "Rights were given to a user.": told["admin_attached"],
        "Objects were read by others from the same addresses.": told["objects_read"],
        "The key was used from more than one address.": told["second_key_used"],
    }
    for claim, ids in expected.items():
        assert isinstance(by_claim[claim], Finding)
        assert sorted(by_claim[claim].event_ids) == sorted(ids), claim
    (silence,) = [claim for claim in claims if isinstance(claim, Absence)]
    assert silence.claim == "The trail was never stopped."
    assert {claim.standing.word for claim in claims} == {ct.Word.KEY_UNPROVEN}
    everything = {i for ids in told.values() for i in ids}
    assert set(names["night"].frame("event_id").event_id) <= everything


def test_playbook_02_weakens_on_tampered_evidence():
    sample = FOLDER.parent / "data" / "samples" / "tampered"
    verification = ct.verify(ct.open_evidence(sample), ct.load_keys(sample / "public-keys.json"))
    events = ct.admit(verification, ct.IntactOnly())
    window = ct.Window.of("2026-03-01T02:00Z", "2026-03-01T04:00Z")
    minted = ct.conclude("It minted.", "It did not.", events.by("user/alice").named("CreateAccessKey"), window)
    assert minted.standing.word is ct.Word.CONTRADICTED


def test_notebook_01_finds_the_seven_harms():
    harms = truth("tampered")["tampering"]
    claims, names = conclusions("01-is-this-evidence-sound")
    verification = names["verification"]
    status = {verdict.key: verdict.status.value for verdict in verification.verdicts}
    expected = {
        "log edited": "altered", "deleted": "missing", "log planted": "unlisted", "swapped": "altered",
    }  # fmt: skip
    assert sum(harm["harm"] is not None for harm in harms) == 7
    for harm in harms:
        keys = harm["keys"]
        if harm["harm"] in expected:
            assert {status[key] for key in keys} == {expected[harm["harm"]]}, harm["what"]
        elif harm["harm"] == "log and digest edited":
            assert [status[key] for key in keys] == ["unverifiable", "altered"]
        elif harm["harm"] == "newest digests removed":
            assert not set(keys) & set(status)
            assert "after last" in set(verification.coverage.frame().state)
        else:
            assert {status[key] for key in keys} == {"intact"}, harm["what"]
    touched = {key for harm in harms for key in harm["keys"]}
    assert {key for key, word in status.items() if word in ("altered", "missing", "unlisted")} <= touched
    words = [claim.standing.word for claim in claims]
    assert words == [ct.Word.KEY_UNPROVEN, ct.Word.CONTRADICTED, ct.Word.KEY_UNPROVEN]


@pytest.mark.parametrize(
    ("name", "sample"), [("01-is-this-evidence-sound", "tampered"), ("02-leaked-access-key", "leaked-key")]
)
def test_the_bottom_line_counts_what_the_verification_counts(name, sample):
    folder = FOLDER.parent / "data" / "samples" / sample
    verification = ct.verify(ct.open_evidence(folder), ct.load_keys(folder / "public-keys.json"), load=False)
    logs = verification.counts(Kind.LOG)
    told = re.search(r"\*\*Rests on\.\*\* (.*)", cells(FOLDER / f"{name}.ipynb", "markdown")[0].source)[1]
    left_out = sum(logs.values()) - logs[ct.Status.INTACT]
    assert re.findall(r"\d+", told) == [str(number) for number in (logs[ct.Status.INTACT], left_out) if number]
