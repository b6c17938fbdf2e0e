"""A simulated bucket on disk."""

import json

import pytest

from cttoolkit.errors import EvidenceError
from tests.conftest import small_bucket


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_objects_lie_under_their_keys_with_what_a_collector_adds(tmp_path):
    bucket = small_bucket()
    bucket.write(tmp_path)
    written = files(tmp_path)
    assert {key: written.pop(key) for key in bucket.objects} == {key: o.body for key, o in bucket.objects.items()}
    assert sorted(written) == ["objects-metadata.jsonl", "public-keys.json", "trail-configuration.json"]
    lines = [json.loads(line) for line in written["objects-metadata.jsonl"].splitlines()]
    assert {line["key"]: line["metadata"] for line in lines} == {
        key: bucket.objects[key].metadata for key in bucket.digests
    }
    assert json.loads(written["public-keys.json"]) == bucket.public_keys()
    assert json.loads(written["trail-configuration.json"]) == bucket.configuration


def test_what_a_collector_adds_can_be_left_out(tmp_path):
    bucket = small_bucket()
    bucket.write(tmp_path, sidecar=False, keys=False, configuration=False)
    assert files(tmp_path).keys() == bucket.objects.keys()


def test_an_object_that_is_gone_goes_from_the_folder_too(tmp_path):
    bucket = small_bucket()
    bucket.write(tmp_path)
    (tmp_path / "story.md").write_text("kept")
    del bucket.objects[bucket.logs[0]]
    bucket.write(tmp_path, sidecar=False)
    assert files(tmp_path).keys() == bucket.objects.keys() | {
        "public-keys.json",
        "trail-configuration.json",
        "story.md",
    }


@pytest.mark.parametrize("name", ["AWSLogs/444455556666/CloudTrail/real.json.gz", "public-keys.json"])
def test_other_evidence_is_never_written_over_nor_removed(tmp_path, name):
    real = tmp_path / name
    real.parent.mkdir(parents=True, exist_ok=True)
    real.write_bytes(b"real")
    with pytest.raises(EvidenceError, match="not of this world"):
        small_bucket().write(tmp_path)
    assert files(tmp_path) == {name: b"real"}
