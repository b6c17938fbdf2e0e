"""What is listed lies on the disk: in one order, whatever the order it came in, with probes from everywhere, and in little memory."""

import random
import tracemalloc

import pytest

from cttoolkit.collection.listing import Lister, Version
from cttoolkit.collection.spool import Spool, Task, spread_over
from cttoolkit.collection.wanted import Stretch
from cttoolkit.custody.path import is_never_folder
from cttoolkit.errors import EvidenceError

DAYS = [f"AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/{day:02}" for day in range(1, 29)]


@pytest.fixture
def spool(tmp_path):
    with Spool(tmp_path / "listed") as made:
        yield made


def version(key, **parts):
    return Version(key, 7, '"e"', "2026-03-01T00:00:00Z")._replace(**parts)


def in_line(spool, keys, first=(), known=()):
    spool.clear()
    spool.put((Task(version(key), key), key in first, key in known) for key in keys)


def test_what_was_listed_comes_back_as_it_was_and_by_its_keys(spool):
    odd = [
        version("b", version_id="2", is_latest=False, storage_class="GLACIER"), version("a\0x"), version("ü"), version("z"),
        version("c", etag="", version_id="null"), version("b", version_id="1"), version("\U0001f600"), version("\uffee"),
    ]  # fmt: skip
    spool.add(odd[:3])
    spool.add(iter(odd[3:]))
    assert list(spool) == sorted(odd, key=lambda one: one.key.encode())
    assert [one.key for one in spool.markers()] == ["c"]
    assert len(spool) == len(odd)


def test_every_task_comes_once_and_digests_first(spool):
    keys = [f"{day}/{number}.json.gz" for day in DAYS for number in range(9)]
    first = set(keys[200:210])
    in_line(spool, keys, first)
    line = [task.path for task in spool.tasks(0)]
    assert line == keys[200:210] + keys[:200] + keys[210:]
    probed = [task.path for task in spool.tasks(50)]
    assert sorted(probed) == sorted(keys)
    assert probed[:50] != line[:50]
    assert spool.waiting == len(keys)


def test_probes_are_from_all_folders_and_from_all_objects(spool):
    crowd = [f"AWSLogs/000000000000/{number:05}.json.gz" for number in range(5000)]
    in_line(spool, [*crowd, *(f"{day}/x.json.gz" for day in DAYS)])
    probes = [task.path for task, _ in zip(spool.tasks(50), range(50), strict=False)]
    assert sum(path in crowd for path in probes) > 20
    assert sum(path not in crowd for path in probes) >= 20
    in_line(
        spool,
        [*(f"AWSLogs/{number:05}/x.json.gz" for number in range(9000)), *(f"{DAYS[0]}/{n}.gz" for n in range(3000))],
    )
    probes = [task.path for task, _ in zip(spool.tasks(50), range(50), strict=False)]
    assert sum(path.startswith(DAYS[0]) for path in probes) >= 6
    assert len({path.rpartition("/")[0] for path in probes}) > 30


def test_what_an_earlier_run_collected_is_tried_before_all(spool):
    keys = [f"{DAYS[0]}/{number:04}.json.gz" for number in range(300)]
    in_line(spool, keys, known=keys[77:79])
    assert next(spool.tasks(50)).path == keys[77]


def test_many_keys_take_little_memory(spool):
    drawn = random.Random(4)
    tracemalloc.start()
    try:
        spool.add(version(f"{drawn.choice(DAYS)}/{number:09}.json.gz") for number in range(8_000))
        spool.put((Task(one, one.key), False, False) for one in spool)
        assert sum(1 for _ in spool.tasks(50)) == 8_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_a_full_disk_is_an_error_with_a_remedy(spool):
    spool._connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(EvidenceError, match=r"listed: .*full; make room"):
        spool.add(version("x" * 500 + str(number)) for number in range(5000))


def test_nothing_is_left_of_it(tmp_path):
    with Spool(tmp_path / "listed") as made:
        made.add([version("a")])
    assert list(tmp_path.iterdir()) == []


def test_places_are_evenly_spread():
    assert spread_over(10, 2) == [2, 7]
    assert spread_over(3, 50) == [0, 1, 2]
    assert spread_over(0, 5) == []


class Pages:
    """Stretches of many pages, of which it is counted how many are held."""

    def __init__(self, pages):
        self.pages, self.asked = pages, []

    def get_paginator(self, operation):
        self.operation = operation
        return self

    def paginate(self, **more):
        more.pop("Bucket")
        prefix = more.pop("Prefix")
        for number in range(self.pages):
            self.asked.append((prefix, number, more))
            yield {
                "Contents": [
                    {"Key": f"{prefix}2026/03/{number + 1:02}/{at}", "Size": 1, "ETag": '"e"', "LastModified": "2026-03-01T00:00:00Z"}
                    for at in range(2)
                ]
            }  # fmt: skip


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr("cttoolkit.collection.listing.written", lambda moment: moment)


def test_pages_are_asked_for_as_they_are_taken_and_stretches_end_with_their_days(told):
    client = Pages(5)
    stretches = [Stretch("a/", "2026/03/01", "2026/03/02"), Stretch("b/"), Stretch("c/")]
    pages = list(Lister(client, "bucket", workers=2).objects(stretches))
    keys = sorted(one.key for page in pages for one in page)
    assert keys == sorted(
        f"{prefix}/2026/03/{day:02}/{at}" for prefix, last in (("a", 2), ("b", 5), ("c", 5)) for day in range(1, last + 1)
        for at in range(2)
    )  # fmt: skip
    assert ("a/", 0, {"StartAfter": "a/2026/03/01"}) in client.asked
    assert max(number for prefix, number, _ in client.asked if prefix == "a/") == 2


def test_a_listing_that_is_not_taken_is_not_asked_for(told):
    client = Pages(1000)
    pages = Lister(client, "bucket", workers=2).objects([Stretch("a/"), Stretch("b/")])
    for _ in range(10):
        next(pages)
    pages.close()
    assert len(client.asked) <= 14


def test_a_name_with_a_files_ending_is_never_a_folder():
    assert all(map(is_never_folder, ["a.json", "A.JSON.gz", "x/y.version"]))
    assert not any(map(is_never_folder, ["a", "a.b", "a.gz"]))
