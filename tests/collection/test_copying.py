"""Objects that cannot be had, or have no place of their own, stand before others: the others are collected all the same."""

import hashlib
import itertools
from contextlib import ExitStack

import pytest
from msgspec import structs

from cttoolkit.collection.copying import Copying
from cttoolkit.collection.download import Downloaded, Refused
from cttoolkit.collection.listing import Version
from cttoolkit.collection.spool import Spool
from cttoolkit.custody.folder import EvidenceFolder
from cttoolkit.custody.journal import Journal
from cttoolkit.custody.ledger import Ledger
from cttoolkit.custody.manifest import Collected
from cttoolkit.custody.path import JOURNAL, PARTIAL
from cttoolkit.errors import EvidenceError
from tests.collection.worlds import LOG

DAY = LOG.rpartition("/")[0]


class Bucket:
    """Answers with the key itself, or refuses."""

    def __init__(self, is_denied):
        self.is_denied = is_denied
        self.asked = 0

    def fetch(self, listed):
        self.asked += 1
        if self.is_denied(listed.key):
            return Refused("AWS refuses: because of AccessDenied; ask for it", is_denied=True)
        body = listed.key.encode()
        return Downloaded(body, hashlib.sha256(body).hexdigest(), "e", "t", "etag", listed.version_id, {}, {})


@pytest.fixture
def copied(tmp_path):
    """Copy what is listed of these keys, in their order, and give what came of it, its ledger still open."""
    runs = itertools.count()
    opened = ExitStack()

    def call(keys, is_denied=lambda key: False, before=(), versions=False):
        files = EvidenceFolder(tmp_path)
        listed = [one if isinstance(one, Version) else Version(one, len(one), "e", "t") for one in keys]
        ledger = opened.enter_context(Ledger(tmp_path.with_name(f"{tmp_path.name}-ledger-{next(runs)}")))
        for one in before:
            ledger.note(one)
        with Spool(tmp_path / PARTIAL / "listed") as spool, Journal(tmp_path, ledger.note_unfinished) as journal:
            spool.add(reversed(listed))
            copying = Copying(files, journal, Bucket(is_denied), "s3://b", 1, ledger, 2)
            copying.copy(spool, versions=versions)
        return copying

    with opened:
        yield call


def planted(count, folder="AWSLogs/000000000000/CloudTrail/us-east-1/2026/03/01"):
    return [f"{folder}/{number:05}.json.gz" for number in range(count)]


def is_planted(key):
    return "000000000000" in key


def test_many_unreadable_objects_that_sort_first_stop_nothing(copied):
    done = copied([*planted(400), LOG], is_planted)
    assert done.collected == 1
    assert len(done.refused) == 400


def test_unreadable_objects_in_many_folders_stop_nothing(copied):
    fakes = [
        f"AWSLogs/000000000000/CloudTrail/us-east-1/2026/{n // 28 + 1:02}/{n % 28:02}/x.json.gz" for n in range(80)
    ]
    logs = [LOG.replace("_0123", f"_{number:04}") for number in range(200)]
    assert copied([*fakes, *logs], is_planted).collected == 200


def test_where_nothing_can_be_read_it_is_said_after_a_few_requests(copied):
    with pytest.raises(EvidenceError, match="ask for s3:GetObject"):
        copied(planted(3000), is_planted)


def test_what_an_earlier_run_collected_shows_that_the_bucket_can_be_read(copied, tmp_path):
    place = tmp_path / LOG
    place.parent.mkdir(parents=True)
    place.write_text(LOG)
    before = Collected(LOG, LOG, len(LOG), hashlib.sha256(LOG.encode()).hexdigest(), "e", "t", "t", "etag", "s3://b", 1)
    fresh = [f"{DAY}/{number:04}.json.gz" for number in range(300)]
    done = copied([LOG, *fresh], lambda key: key != LOG, [before])
    assert (done.kept, len(done.refused)) == (1, 300)


@pytest.mark.parametrize("versions", [False, True])
def test_one_name_that_is_the_folder_of_others_stops_nothing(copied, tmp_path, versions):
    hostile = [DAY, f"{LOG}/x", f"{DAY}/a.b", f"{DAY}/a.b/c", f"{DAY.rpartition('/')[0]}"]
    done = copied([LOG, *hostile], versions=versions)
    assert set(done.refused) == {f"{LOG}/x", f"{DAY}/a.b/c"}
    assert (tmp_path / LOG).read_text() == LOG
    assert (tmp_path / f"{DAY}.object").read_text() == DAY
    assert done.collected == 4


def test_what_came_first_keeps_its_place_in_the_runs_that_follow(copied):
    first = copied([f"{DAY}/a.b/c.d", f"{DAY}/e.f"])
    again = copied([f"{DAY}/a.b", f"{DAY}/a.b/c.d", f"{DAY}/e.f", f"{DAY}/e.f/g", LOG], before=first.ledger)
    assert set(again.refused) == {f"{DAY}/a.b", f"{DAY}/e.f/g"}
    assert (again.kept, again.collected) == (2, 1)


def test_an_older_version_is_not_put_where_a_folder_lies(copied):
    first = copied([f"{DAY}/a.b/c.d"])
    twice = [Version(f"{DAY}/a.b", 1, "e", "t", version, version == "2") for version in "21"]
    again = copied([f"{DAY}/a.b/c.d", *twice], before=first.ledger, versions=True)
    assert set(again.refused) == {f"{DAY}/a.b"}
    assert f"{DAY}/a.b" not in again.ledger


def test_a_strangers_folder_in_the_place_of_an_object_is_told_and_the_rest_collected(copied, tmp_path):
    (tmp_path / LOG).mkdir(parents=True)
    (tmp_path / "AWSLogs" / "444455556666").write_text("x")
    done = copied([LOG, f"{DAY}/other.json.gz", f"AWSLogs/444455556666/{LOG}"])
    assert set(done.refused) == {LOG, f"AWSLogs/444455556666/{LOG}"}
    assert done.collected == 1


def test_versions_of_names_that_are_folders_of_others_stop_nothing(copied):
    twice = [Version(key, len(key), "e", "t", version, version == "2") for key in (f"{DAY}/a.b", f"{DAY}/a.b/c.d", LOG)
             for version in "21"]  # fmt: skip
    done = copied(twice, versions=True)
    assert set(done.refused) == {f"{DAY}/a.b/c.d"}
    assert LOG in done.ledger


def test_a_file_noted_under_another_key_is_no_version_of_a_log(copied):
    deleted = [Version(LOG, 0, "", "t", "3"), Version(LOG, len(LOG), "e", "t", "2", is_latest=False)]
    lie = Collected(f"versions/{LOG}.2.version", "another", 1, "0", "e", "t", "t", "etag", "s3://b", 1)
    done = copied(deleted, before=[lie], versions=True)
    assert LOG not in done.ledger
    assert done.conflicts


def test_a_version_with_too_long_a_name_is_named(copied):
    long = f"{DAY}/{'x' * 240}.json"[: len(DAY) + 1 + 240] + ".gz"
    versions = [Version(long, len(long), "e", "t", str(number) * 9, number == 2) for number in (2, 1)]
    assert len(copied(versions, versions=True).refused) == 2


@pytest.mark.parametrize("harm", ["altered", "gone", "a link"])
def test_an_older_version_is_put_in_place_only_with_the_bytes_that_were_noted(copied, tmp_path, harm):
    """Its file was changed between two runs, and the bucket does not give it any more."""
    twice = [Version(LOG, len(LOG), "e", "t", version, version == "2") for version in "21"]
    noted = []
    for one in twice:
        place = tmp_path / f"versions/{LOG}.{one.version_id}.version"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(LOG)
        path = place.relative_to(tmp_path).as_posix()
        sha256 = hashlib.sha256(LOG.encode()).hexdigest()
        noted.append(Collected(path, LOG, len(LOG), sha256, "e", "t", "t", "etag", "s3://b", 1, one.version_id))
    harmed = tmp_path / noted[0].path
    if harm == "altered":
        harmed.write_text("forged")
        with pytest.raises(
            EvidenceError, match=r"2\.version: altered since it was collected; keep the folder as it is"
        ):
            copied(twice, lambda key: True, noted, versions=True)
    else:
        harmed.unlink()
        if harm == "a link":
            harmed.symlink_to(tmp_path / noted[1].path)
            with pytest.raises(EvidenceError, match="a symbolic link, which is not followed"):
                copied(twice, lambda key: True, noted, versions=True)
        else:
            done = copied(twice, lambda key: True, noted, versions=True)
            assert set(done.refused) == {f"{LOG} (version 2)"}
            assert done.kept == 1
    assert not (tmp_path / LOG).exists()


def test_a_strangers_file_in_the_place_of_one_of_several_versions_is_a_conflict(copied, tmp_path):
    """Nobody noted it, so nothing may be said of its bytes."""
    twice = [Version(LOG, len(LOG), "e", "t", version, version == "2") for version in "21"]
    (tmp_path / LOG).parent.mkdir(parents=True)
    (tmp_path / LOG).write_text("forged")
    done = copied(twice, versions=True)
    assert LOG not in done.ledger
    assert [hashlib.sha256(b"forged").hexdigest() in one for one in done.conflicts] == [True]


@pytest.mark.parametrize("is_file", [False, True])
def test_a_strangers_folder_or_file_in_the_way_of_one_of_several_versions_stops_nothing(copied, tmp_path, is_file):
    twice = [Version(LOG, len(LOG), "e", "t", version, version == "2") for version in "21"]
    if is_file:
        (tmp_path / "AWSLogs").write_text("forged")
    else:
        (tmp_path / LOG).mkdir(parents=True)
    done = copied([*twice, "other/a.json.gz"], versions=True)
    assert LOG not in done.ledger
    assert LOG in done.refused
    assert done.collected == 3


def test_a_file_that_was_altered_stops_the_run_for_one_of_several_versions_as_for_any(copied, tmp_path):
    twice = [Version(LOG, len(LOG), "e", "t", version, version == "2") for version in "21"]
    first = copied(twice, versions=True)
    (tmp_path / LOG).chmod(0o644)
    (tmp_path / LOG).write_text("forged")
    with pytest.raises(EvidenceError, match="altered since it was collected"):
        copied(twice, before=[*first.ledger], versions=True)


@pytest.mark.parametrize("size", [-2, 10**30])
def test_a_manifest_that_lies_about_a_size_makes_nothing_of_that_size_be_read(copied, tmp_path, size):
    twice = [Version(LOG, len(LOG), "e", "t", version, version == "2") for version in "21"]
    first = copied(twice, versions=True)
    (tmp_path / LOG).unlink()
    (tmp_path / JOURNAL).unlink()
    lies = [structs.replace(one, size=size) for one in first.ledger if one.path.startswith("versions/")]
    with pytest.raises(EvidenceError, match="altered since it was collected"):
        copied(twice, lambda key: True, lies, versions=True)
