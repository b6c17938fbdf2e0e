"""Whoever can write to the bucket names objects; no name reaches what is not that object's own."""

import pytest

from cttoolkit.custody.path import misfit, path_of, version_path_of
from tests.collection.worlds import LOG


@pytest.mark.parametrize("key", ["../a", "a/../b", "/a", "a//b", "a\0b", "a\\b", "a/" + "x" * 300, ".partial/1", ""])
def test_a_key_that_leads_elsewhere_has_no_path(key):
    assert path_of(key) is None
    assert version_path_of(key, "v") is None


def test_a_version_never_passes_for_a_log_file():
    assert version_path_of("AWSLogs/x.json.gz", "../v").endswith("x.json.gz...%2Fv.version")


@pytest.mark.parametrize(
    "key",
    [
        f"versions/{LOG}.3xyz.version",
        f"Versions/{LOG}.3xyz.version",
        f"custody/before-run-2/{LOG}",
        "EventHistory/111122223333/us-east-1/2026/03/05/x.json.gz",
        "cloudwatchlogs/x.json.gz",
        f"configuration/{LOG}",
        "manifest.json",
        f"manifest.json/{LOG}",
        f"objects-metadata.jsonl/{LOG}",
        "public-keys.json",
        "trail-configuration.json",
        ".collecting.lock",
        "manifest-journal.jsonl",
    ],
)
def test_no_object_lies_where_the_collection_keeps_its_own(key):
    assert path_of(key) is None
    assert "where the collection keeps what is its own" in misfit(key)


def test_the_same_names_further_down_are_anybodys():
    assert path_of(f"prod/versions/{LOG}") == f"prod/versions/{LOG}"


@pytest.mark.parametrize("key", [f"{LOG}/x", f"{LOG.upper()}/x", f"{LOG}.3xyz.version/x", f"{LOG}/x/{LOG}"])
def test_no_object_takes_the_place_of_a_log_file_for_its_folder(key):
    assert path_of(key) is None
    assert "below a name that is a file's" in misfit(key)


def test_no_object_takes_the_place_of_a_folder_of_the_trail():
    folder = LOG.rpartition("/")[0]
    while folder:
        assert path_of(folder) == f"{folder}.object"
        folder = folder.rpartition("/")[0]
