"""What goes to a file instead of memory comes back as it was."""

from cttoolkit.training import tamper
from cttoolkit.training.simulator import Simulator
from cttoolkit.training.spool import Entry, Place, Shelf, Spool
from cttoolkit.window import instant
from tests.conftest import ACCOUNT, HOME, event, small_bucket
from tests.training.test_simulator import walk

AT = instant("2026-03-01T01:00:00Z")


def sealed(spool):
    sim = Simulator(seed=7)
    sim._spool = spool
    trail = sim.trail(
        "t", account=ACCOUNT, home=HOME, regions=(HOME, "eu-west-1"), bucket="b",
        start="2026-03-01T00:00:00Z", end="2026-03-01T03:00:00Z",
    )  # fmt: skip
    for number in range(120):
        region = (HOME, "eu-west-1")[number % 2]
        trail.record(region, event(number, f"2026-03-01T01:{number // 2:02d}:00Z", userAgent="a\u0000\u202e\udc80é"))
    return sim.seal()


def test_a_world_too_large_for_memory_has_the_same_bytes():
    small, large = Spool(), Spool(held=4_000)
    one, other = sealed(small), sealed(large)
    assert (small.is_on_disk, large.is_on_disk) == (False, True)
    assert isinstance(other.objects, Shelf)
    assert dict(one.objects) == dict(other.objects)
    assert one.events == other.events == 120
    assert sorted(walk(other)) == other.logs


def test_records_come_back_in_the_order_in_which_they_came():
    spool = Spool(held=25)
    here, there = Place(0, HOME, AT), Place(1, HOME, AT)
    entries = [Entry(bytes([number]), None if number == 3 else "t", b"0123456789") for number in range(7)]
    for entry in entries:
        spool.add(here, entry)
        spool.add(there, entry)
    assert spool.is_on_disk
    assert spool.entries(here) == spool.entries(there) == entries
    assert spool.places == [here, there]


def test_no_more_is_held_in_memory_than_was_allowed():
    spool = Spool(held=100)
    for number in range(50):
        spool.add(Place(number % 3, HOME, AT), Entry(b"", None, b"x" * 30))
        assert sum(len(entry.body) for entries in spool._held.values() for entry in entries) <= 100


def test_a_bucket_on_a_shelf_is_tampered_with_and_written_as_any_other(tmp_path):
    bucket = small_bucket()
    shelf = Shelf()
    shelf.update(bucket.objects)
    bucket.objects = shelf
    log, gone = bucket.logs[:2]
    tamper.edit_log(bucket, log, lambda records: [])
    tamper.delete(bucket, gone)
    bucket.write(tmp_path)
    assert (tmp_path / log).read_bytes() == shelf[log].body
    assert tamper.content(bucket, log) == {"Records": []}
    assert not (tmp_path / gone).exists()
    assert shelf[bucket.digests[0]].metadata["signature"]
