"""The notebooks: their form, and their conclusions held against the truth of the samples."""

import ast
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import median

import nbformat
import pytest

import cttoolkit as ct
from cttoolkit.finding import Absence, Finding
from cttoolkit.integrity.verdict import Kind
from cttoolkit.playbook import on_another_case
from cttoolkit.training import tamper
from cttoolkit.training.worlds import SCENARIOS

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
DATASET = FOLDER.parent.parent / "shared" / "corpus" / "invictus-aws-dataset"
LONGEST = 10


def cells(path, kind):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def verbs(source):
    """`ct.…` that a cell calls, in order."""
    return re.findall(r"\bct\.([a-zA-Z_.]+)\(", source)


def test_no_number_is_given_twice():
    numbers = [path.stem[:2] for path in NOTEBOOKS]
    assert len(numbers) == len(set(numbers))
    assert numbers[:3] == ["00", "01", "02"]


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
        assert any("ct.report(" in cell.source for cell in cells(path, "code")[-2:])

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


@pytest.mark.parametrize("path", NOTEBOOKS[2:], ids=lambda path: path.stem)
def test_a_playbook_has_its_parts(path):
    code = "\n".join(cell.source for cell in cells(path, "code"))
    prose = "\n\n".join(cell.source for cell in cells(path, "markdown"))
    for verb in ("preconditions", "plot.timeline", "plot.by_actor", "plot.by_role", "plot.by_region", "detect"):
        assert f"ct.{verb}(" in code, verb
    for heading in ("0  The case", "1  Is the evidence sound?", "2  Scope", "Facts for containment"):
        assert f"## {heading}" in prose, heading
    assert len(re.findall(r"\bIf [^.]*→", prose)) >= 3, "decision points"
    assert "In the sample" in prose
    (parameters,) = [cell for cell in cells(path, "code") if "parameters" in cell.metadata.get("tags", [])]
    assert set_names(ast.parse(parameters.source)) == set(OWN_CASE)


SAMPLES = FOLDER.parent / "data" / "samples"


@cache
def verified(place):
    """Verify a body of evidence once for all playbooks that are run on it."""
    keys = place / "public-keys.json"
    return ct.verify(ct.open_evidence(place), ct.load_keys(*filter(Path.exists, [keys])))


def used_names(tree):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def set_names(tree):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def needed(trees):
    """The cells without which the report, which the last of them ends in, could not be made."""
    kept, wanted = [], used_names(trees[-1])
    for tree in reversed(trees[:-1]):
        if set_names(tree) & wanted:
            kept.append(tree)
            wanted |= used_names(tree)
    return [*reversed(kept), trees[-1]]


def drawn_not(source):
    """The code of a cell without its pictures."""
    tree = ast.parse(source)
    tree.body = [one for one in tree.body if "ct.plot." not in ast.unparse(one)]
    return tree


@cache
def admitted(verification, reason):
    """Admit a body of evidence once for all playbooks, as their cells do."""
    return ct.admit(verification, ct.AcceptUnverified(reason) if reason else ct.IntactOnly())


def conclusions(name, verification, *, whole=True, **parameters):
    """Run a notebook's code here, without its pictures, on evidence that was verified and admitted already.

    Returns the report's conclusions, and all names. With ``whole=False`` only the cells that the report needs are run; else all but
    detections that it does not need, which have tests of their own on the same logs.
    """
    path = next(FOLDER.glob(f"{name}-*.ipynb"))
    code = [cell for cell in cells(path, "code") if not re.search(r"ct\.(verify|admit)\(", cell.source)]
    trees = [drawn_not(cell.source) for cell in code if "raises-exception" not in cell.metadata.get("tags", [])]
    report = next(at for at, tree in enumerate(trees) if "ct.report(" in ast.unparse(tree))
    kept = needed(trees[: report + 1])
    if whole:
        asked = [tree for tree in trees if "ct.detect(" in ast.unparse(tree) and tree not in kept]
        left = set().union(*map(set_names, asked))
        kept = [tree for tree in trees if tree not in asked and not used_names(tree) & left]
    names = {"ct": ct, "verification": verification, "evidence": verification.evidence}
    names["events"] = admitted(verification, parameters.get("accept_unverified"))
    for tree in kept:
        if "ct.report(" in ast.unparse(tree):
            tree.body[-1] = ast.parse(f"last = {ast.unparse(tree.body[-1])}").body[0]
        exec(compile(tree, str(path), "exec"), names)
        if "case" in set_names(tree):
            names.update(parameters)
    return names["last"].conclusions, names


def truth(sample):
    return json.loads((SAMPLES / sample / "truth.json").read_text())


@cache
def _built(sample):
    return SCENARIOS[sample]()


def built(sample):
    """The bucket that a sample was written from, to be tampered with, and its truth."""
    bucket, story = _built(sample)
    return replace(bucket, objects=dict(bucket.objects), keys=dict(bucket.keys)), story


def holding(bucket, event_id):
    """The log file that holds an event."""
    return next(
        key for key in bucket.logs if any(r["eventID"] == event_id for r in tamper.content(bucket, key)["Records"])
    )


def cut_out(*claims):
    """A harm: the events of these claims of the truth are cut out of their log files."""

    def harm(bucket, told):
        gone = {one for claim in claims for one in told["claims"][claim]}
        for key in sorted({holding(bucket, one) for one in gone}):
            tamper.edit_log(bucket, key, lambda records: [r for r in records if r["eventID"] not in gone])

    return harm


def lose(*claims):
    """A harm: the log files with the events of these claims of the truth are deleted."""

    def harm(bucket, told):
        gone = {one for claim in claims for one in told["claims"][claim]}
        tamper.delete(bucket, *sorted({holding(bucket, one) for one in gone}))

    return harm


@dataclass(frozen=True)
class Told:
    """What a playbook has to tell of its sample.

    ``found`` has, for each claim that has to be a Finding, the parts of truth.json whose events it has to cite, all of them and no
    others. ``absent`` are the claims that have to be Absences, with their words. ``harm`` is done to the sample's bucket; what
    ``weakens`` names, by either sentence, has to be worth less afterwards. ``quiet`` are findings on the quiet sample.
    """

    sample: str
    found: dict[str, tuple[str, ...]]
    absent: dict[str, ct.Word]
    harm: Callable[..., None]
    weakens: tuple[str, ...]
    quiet: tuple[str, ...] = ()
    word: ct.Word = ct.Word.KEY_UNPROVEN


MINED = ("ap-southeast-2", "eu-north-1", "sa-east-1")
PLAYBOOKS = {
    "02": Told(
        "leaked-key",
        {
            "The key was used from more than one address.": ("second_key_used",),
            "The key minted another access key.": ("second_key_minted", "key_for_new_user"),
            "The key made a user.": ("user_created",),
            "Rights were given to a user.": ("admin_attached",),
            "Objects were read by others from the same addresses.": ("objects_read",),
        },
        {"The trail was never stopped.": ct.Word.KEY_UNPROVEN},
        cut_out("user_created"),
        ("The key made a user.", "The trail was never stopped."),
        ("The key was used from more than one address.",),
    ),
    "03": Told(
        "insider-root",
        {
            "Root signed in without a second factor.": ("signed_in",),
            "Sign-ins as root failed.": ("guesses",),
            "Recovery of root's password was asked for or completed.": ("password_recovered",),
            "Root made a key for root.": ("key_made",),
            "As root, users were made or given credentials or rights.": ("administrator_left",),
            "As root, a contact of the account was changed.": ("contact_changed",),
            "As root, a snapshot, image or bucket was shared.": ("snapshot_shared",),
            "What root had made was used under another name.": ("survivor_used",),
        },
        {"No trail was stopped, and the account was not given up.": ct.Word.KEY_UNPROVEN},
        cut_out("administrator_left"),
        (
            "As root, users were made or given credentials or rights.",
            "What root had made was used under another name.",
            "No trail was stopped, and the account was not given up.",
        ),
    ),
    "04": Told(
        "help-desk",
        {
            "Passwords or names were guessed at the sign-in page.": ("guesses_of_names", "guesses_of_passwords"),
            "Somebody signed in from where the guesses came.": ("signed_in",),
            "A user signed in without a second factor.": ("signed_in",),
            "What was signed in to then changed something.": (
                "policy_changed",
                "administrator_left",
                "trust_widened",
                "role_strengthened",
                "function_opened",
                "schedule_made",
                "second_factor_removed",
                "tidied",
            ),
            "A second factor was taken away.": ("second_factor_removed",),
        },
        {
            "No second factor was set up.": ct.Word.KEY_UNPROVEN,
            "Root did not sign in.": ct.Word.KEY_UNPROVEN,
            "No right password was left without its second factor.": ct.Word.KEY_UNPROVEN,
        },
        cut_out("second_factor_removed"),
        (
            "A second factor was taken away.",
            "No second factor was set up.",
            "Root did not sign in.",
            "No right password was left without its second factor.",
        ),
        ("Root signed in.",),
    ),
    "05": Told(
        "help-desk",
        {
            "Calls were refused.": ("denied",),
            "A policy was rewritten.": ("policy_changed",),
            "Reads that had been refused were answered after rights were changed.": ("allowed_now",),
            "A user was made, or given a password, a key or rights.": ("administrator_left",),
            "A role was made, or given rights.": ("role_strengthened",),
            "Whom a role trusts was changed.": ("trust_widened",),
            "What was made or opened was used.": ("role_taken", "key_used", "tidied"),
        },
        {
            "No role was handed to a service.": ct.Word.KEY_UNPROVEN,
            "No boundary was taken away.": ct.Word.KEY_UNPROVEN,
        },
        cut_out("policy_changed"),
        ("A policy was rewritten.", "No role was handed to a service.", "No boundary was taken away."),
        (
            "Calls were refused.",
            "A user was made, or given a password, a key or rights.",
            "What was made or opened was used.",
        ),
    ),
    "06": Told(
        "ransom",
        {
            "A trail was stopped or deleted.": ("trail_stopped",),
            "A trail was started.": ("trail_started",),
            "The actor who stopped it changed other settings.": ("versioning_suspended", "expiry_set"),
            "The actor who stopped it read or wrote objects.": (
                "objects_read",
                "objects_encrypted",
                "objects_encrypted_later",
                "note_left",
            ),
        },
        {
            "What a trail records was not narrowed.": ct.Word.UNPROVEN,
            "No other monitor was switched off.": ct.Word.UNPROVEN,
            "No user, key, password or role was made.": ct.Word.UNPROVEN,
        },
        lose("trail_stopped"),
        ("A trail was stopped or deleted.", "What a trail records was not narrowed."),
        ("A user, key, password or role was made.",),
    ),
    "14": Told(
        "ransom",
        {"A trail was stopped or deleted.": ("trail_stopped",), "A trail was started.": ("trail_started",)},
        {
            "No trail was narrowed or moved.": ct.Word.UNPROVEN,
            "Neither the bucket nor the key of a trail was touched.": ct.Word.UNPROVEN,
        },
        lose("trail_stopped"),
        ("A trail was stopped or deleted.", "No trail was narrowed or moved."),
    ),
    "07": Told(
        "ransom",
        {
            "Objects were read by the suspects.": ("objects_read",),
            "Objects were locked with keys that the owner does not have, or destroyed in bulk.": (
                "objects_encrypted",
                "objects_encrypted_later",
            ),
            "A note of ransom was left.": ("note_left",),
            "Versions, expiry or backups were weakened.": ("versioning_suspended", "expiry_set"),
            "A trail was stopped meanwhile.": ("trail_stopped",),
        },
        {
            "No deletion of objects by the suspects was recorded.": ct.Word.UNPROVEN,
            "No bucket was opened to everybody or to another account.": ct.Word.UNPROVEN,
        },
        cut_out("note_left"),
        ("A note of ransom was left.", "No deletion of objects by the suspects was recorded."),
    ),
    "08": Told(
        "stolen-instance-role",
        {
            "Credentials of an instance were used away from it.": (
                "first_foreign_use",
                "looking_around",
                "denied",
                *(f"prepared_{region}" for region in MINED),
                "dry_run",
                "limits_met",
                *(f"instances_run_{region}" for region in MINED),
                "protected",
                "last_seen",
            ),
            "Launches of instances were tried and failed.": ("dry_run", "limits_met"),
            "Instances were run.": tuple(f"instances_run_{region}" for region in MINED),
            "Key pairs, ports or templates were made ready.": tuple(f"prepared_{region}" for region in MINED),
            "Instances were protected from termination.": ("protected",),
            "Others took steps against these instances.": ("cleaned_up", "clean_up_refused"),
        },
        {
            "No other kind of machine was asked for.": ct.Word.KEY_UNPROVEN,
            "The suspects made no users, keys, roles or rights.": ct.Word.KEY_UNPROVEN,
            "No trail was stopped.": ct.Word.KEY_UNPROVEN,
        },
        cut_out("protected"),
        ("Instances were protected from termination.", "No other kind of machine was asked for."),
    ),
    "10": Told(
        "role-chain",
        {
            "Secrets were read by the suspects.": ("secrets_read",),
            "KMS decrypted in the name of who read.": ("secrets_decrypted",),
            "The credentials that read were issued by these calls.": ("first_role", "second_role", "third_role"),
            "The suspects made users, keys, roles or rights.": ("way_back_made",),
        },
        {
            "No passwords of instances, user data or functions were read in bulk.": ct.Word.KEY_UNPROVEN,
            "No secret was changed, opened or deleted.": ct.Word.KEY_UNPROVEN,
            "No trail was stopped.": ct.Word.KEY_UNPROVEN,
        },
        cut_out("way_back_made"),
        ("The suspects made users, keys, roles or rights.", "No secret was changed, opened or deleted."),
    ),
    "09": Told(
        "insider-root",
        {
            "A snapshot, image or backup was let out.": ("snapshot_shared",),
            "Who let something out had made a copy.": ("snapshot_made",),
        },
        {
            "EC2 recorded no use of a shared snapshot.": ct.Word.KEY_UNPROVEN,
            "Nothing was exported to a bucket, or shared as a resource.": ct.Word.KEY_UNPROVEN,
            "No policy of a key was changed.": ct.Word.KEY_UNPROVEN,
            "No trail was stopped.": ct.Word.KEY_UNPROVEN,
            "No snapshot, image or backup was deleted, nor its sharing reset.": ct.Word.KEY_UNPROVEN,
        },
        lose("snapshot_made"),
        ("Who let something out had made a copy.", "EC2 recorded no use of a shared snapshot."),
    ),
    "12": Told(
        "role-chain",
        {
            "Roles were assumed from sessions of other roles.": ("second_role", "third_role"),
            "Roles of other accounts were assumed.": ("second_role", "third_role", "way_back_used"),
            "The accounts of the organization were listed.": ("looked_at_organization",),
            "Secrets were asked for.": ("secrets_read", "secrets_decrypted"),
            "Roles, users, keys or rights were made.": ("way_back_made",),
            "A role that had been made on the way was used.": ("way_back_looked",),
        },
        {
            "The organization was neither changed nor shared out.": ct.Word.KEY_UNPROVEN,
            "No trail was stopped.": ct.Word.KEY_UNPROVEN,
        },
        lose("way_back_made"),
        ("Roles, users, keys or rights were made.", "The organization was neither changed nor shared out."),
    ),
    "13": Told(
        "llm-abuse",
        {
            "Models were invoked, or only a limit stood against it.": (
                "invoked_us-east-1",
                "invoked_us-west-2",
                "invoked_eu-west-1",
            ),
            "Invocations failed for want of access, or for their form.": ("probes",),
            "Who invoked models asked which there are, or whether they are logged.": (
                "looking_around",
                "denied",
                "last_seen",
            ),
            "Access to models was looked into, asked for or agreed to.": ("access_asked",),
            "The log of invocations was deleted or changed.": ("model_log_deleted",),
        },
        {
            "No key for a single service was made, or used for models.": ct.Word.KEY_UNPROVEN,
            "Nobody who invoked models made a user, key, password or role.": ct.Word.KEY_UNPROVEN,
            "The trail was never stopped.": ct.Word.KEY_UNPROVEN,
        },
        cut_out("model_log_deleted"),
        (
            "The log of invocations was deleted or changed.",
            "No key for a single service was made, or used for models.",
        ),
    ),
    "11": Told(
        "help-desk",
        {
            "A user was made, or given a password, a key or rights.": ("administrator_left",),
            "A policy was rewritten, or a role or group given rights.": ("policy_changed", "role_strengthened"),
            "Whom a role trusts was changed.": ("trust_widened",),
            "A function was made, opened, or set to run by itself.": ("function_opened", "schedule_made"),
            "A second factor was taken away or set up.": ("second_factor_removed",),
            "A way back was used.": ("role_taken", "key_used", "tidied"),
            "A way back was closed again.": ("tidied",),
        },
        {
            "No provider of identities was added or changed.": ct.Word.KEY_UNPROVEN,
            "The trail was never stopped.": ct.Word.KEY_UNPROVEN,
        },
        lose("trust_widened"),
        (
            "Whom a role trusts was changed.",
            "No provider of identities was added or changed.",
            "The trail was never stopped.",
        ),
        (
            "A user was made, or given a password, a key or rights.",
            "A function was made, opened, or set to run by itself.",
            "A way back was used.",
        ),
    ),
}
"""A row for each playbook from 02 on. A playbook without one fails test_every_playbook_is_held_against_the_truth."""
TOLD = [pytest.param(number, told, id=number) for number, told in PLAYBOOKS.items()]


def bottom_line(path):
    return re.search(r"\*\*Bottom line\.\*\* (.*?)\n\n", cells(path, "markdown")[0].source, re.DOTALL)[1].replace(
        "\n> ", " "
    )


def test_every_playbook_is_held_against_the_truth():
    assert {path.stem[:2] for path in NOTEBOOKS} - {"00", "01"} == set(PLAYBOOKS)


@cache
def on_sample(number):
    """A playbook's conclusions on its own sample, as it is written. That all of its cells run there is kept by their outputs."""
    return conclusions(number, verified(SAMPLES / PLAYBOOKS[number].sample), whole=False)


@pytest.mark.parametrize(("number", "told"), TOLD)
class TestPlaybook:
    def test_it_finds_what_was_done_and_nothing_else(self, number, told):
        claims, _ = on_sample(number)
        by_claim = {claim.claim: claim for claim in claims}
        story = truth(told.sample)
        parts = story["claims"] | {name: one["events"] for name, one in story.get("red_herrings", {}).items()}
        for claim, names in told.found.items():
            assert isinstance(by_claim[claim], Finding), claim
            assert sorted(by_claim[claim].event_ids) == sorted(one for name in names for one in parts[name]), claim
            assert by_claim[claim].standing.word is told.word
        absent = {one.claim: one.standing.word for one in claims if isinstance(one, Absence)}
        assert absent == told.absent
        assert len(claims) == len(told.found) + len(absent)

    def test_the_bottom_line_rests_on_conclusions(self, number, told):
        """Each sentence but a bare yes or no names conclusions by their numbers in the report; between them all are named."""
        claims, _ = on_sample(number)
        sentences = re.findall(r"[^.?!]+(?:\[\d+\][^.?!]*)*[.?!]", bottom_line(next(FOLDER.glob(f"{number}-*.ipynb"))))
        named = [{int(one) for one in re.findall(r"\[(\d+)\]", sentence)} for sentence in sentences]
        for sentence, numbers in zip(sentences, named, strict=True):
            assert numbers or sentence.strip() in ("Yes.", "No.", "In part."), sentence
        assert set().union(*named) == set(range(1, len(claims) + 1))

    def test_it_ends_in_facts_for_containment(self, number, told):
        before, last = cells(next(FOLDER.glob(f"{number}-*.ipynb")), "code")[-2:]
        assert "ct.report(" in before.source
        assert "ct.containment(" in last.source
        (output,) = last.outputs
        assert sum(int(one) for one in re.findall(r": (\d+)", output.data["text/plain"].splitlines()[0])) > 0

    def test_tampering_weakens_it(self, number, told, tmp_path):
        bucket, story = built(told.sample)
        told.harm(bucket, story)
        bucket.write(tmp_path)
        before, _ = on_sample(number)
        after, _ = conclusions(number, verified(tmp_path), whole=False)
        assert len(before) == len(after)
        weaker = set()
        for one, other in zip(before, after, strict=True):
            assert other.standing.word.rank >= one.standing.word.rank, other.claim
            if isinstance(one, Absence) and isinstance(other, Finding):
                pytest.fail(f"tampering made it happen: {other.claim}")
            if other.standing.word.rank > one.standing.word.rank:
                weaker |= {one.claim, other.claim}
        assert set(told.weakens) <= weaker

    def test_it_finds_little_where_nothing_happened(self, number, told):
        claims, _ = conclusions(number, verified(SAMPLES / "quiet"), whole=False, **OWN_CASE)
        assert {one.claim for one in claims if isinstance(one, Finding)} == set(told.quiet)

    def test_it_proves_nothing_without_digests(self, number, told):
        if not DATASET.is_dir():
            pytest.skip("the Invictus AWS dataset is not beside this checkout")
        claims, _ = conclusions(number, verified(DATASET), **OWN_CASE | {"accept_unverified": "public training data"})
        weak = {ct.Word.REPORTED_PRESENT, ct.Word.NOT_OBSERVED, ct.Word.UNPROVEN, ct.Word.CONTRADICTED}
        assert {one.standing.word for one in claims} <= weak

    def test_what_it_says_of_its_sample_goes_when_it_is_run_on_another_case(self, number, told):
        path = next(FOLDER.glob(f"{number}-*.ipynb"))
        story = truth(told.sample)
        names = [story["suspect"].rpartition("/")[2], *story.get("keys_made", {}), *story.get("foreign_addresses", ())]
        names += [name for key in ("known_address", "line") if (name := story.get(key))]
        left = "\n".join(on_another_case(cell.source) for cell in cells(path, "markdown"))
        assert "Bottom line" not in left
        for name in sorted({*names} - {"root"}):
            assert not re.search(rf"(?<![\w.]){re.escape(name)}(?![\w])", left), name


OWN_CASE = {"case": "", "keys": "", "suspect": "", "start": "", "end": "", "accept_unverified": "", "report_to": ""}


def test_notebook_01_finds_the_seven_harms():
    harms = truth("tampered")["tampering"]
    claims, names = conclusions("01", verified(SAMPLES / "tampered"))
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
    ("number", "sample"), [("01", "tampered"), *((number, told.sample) for number, told in PLAYBOOKS.items())]
)
def test_the_bottom_line_counts_what_the_verification_counts(number, sample):
    logs = verified(SAMPLES / sample).counts(Kind.LOG)
    told = re.search(r"\*\*Rests on\.\*\* (.*)", cells(next(FOLDER.glob(f"{number}-*.ipynb")), "markdown")[0].source)[1]
    left_out = sum(logs.values()) - logs[ct.Status.INTACT]
    assert re.findall(r"\d+", told) == [str(number) for number in (logs[ct.Status.INTACT], left_out) if number]
