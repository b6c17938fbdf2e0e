"""Which folders of a bucket are listed, told from the folders that it has."""

import pytest

from cttoolkit.collection.wanted import UNSEARCHED, Stretch, Wanted, find_stretches
from cttoolkit.errors import EvidenceError
from cttoolkit.window import Window

KEYS = [
    "some/prefix/AWSLogs/o-abcd1234/111122223333/CloudTrail/us-east-1/2026/03/01/x",
    "some/prefix/AWSLogs/o-abcd1234/111122223333/CloudTrail-Digest/us-east-1/2026/03/01/x",
    "some/prefix/AWSLogs/o-abcd1234/444455556666/CloudTrail/eu-west-1/2026/03/01/x",
    "some/prefix/AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2026/03/01/x",
    "some/prefix/AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/03/01/x",
    "other/thing/x",
]


def children(prefix):
    below = {key[len(prefix) :].partition("/") for key in KEYS if key.startswith(prefix)}
    return sorted({prefix + name + "/" for name, slash, _ in below if slash})


def found(wanted=None, start="", ask=children):
    return find_stretches(start, wanted or Wanted(), ask)


def test_every_account_kind_and_region_of_cloudtrail_is_found_below_any_prefix():
    stretches, left_out = found()
    base = "some/prefix/AWSLogs/"
    assert [one.prefix.removeprefix(base) for one in stretches] == [
        "111122223333/CloudTrail-Insight/us-east-1/",
        "o-abcd1234/111122223333/CloudTrail-Digest/us-east-1/",
        "o-abcd1234/111122223333/CloudTrail/us-east-1/",
        "o-abcd1234/444455556666/CloudTrail/eu-west-1/",
    ]
    assert left_out == {f"{base}111122223333/vpcflowlogs/": "not CloudTrail's"}


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        ({"accounts": frozenset({"444455556666"})}, 1),
        ({"regions": frozenset({"us-east-1"})}, 3),
        ({"organizations": frozenset({"o-other000"})}, 1),
    ],
)
def test_a_choice_leaves_the_rest_unlisted(choice, count):
    assert len(found(Wanted(**choice))[0]) == count


def test_a_day_on_each_side_of_the_window_is_listed_and_no_more():
    window = Window.of("2026-03-05T23:00Z", "2026-03-06T01:00Z")
    stretch = found(Wanted(window))[0][0]
    assert (stretch.first_day, stretch.last_day) == ("2026/03/04", "2026/03/07")
    below = [f"{stretch.prefix}2026/03/{day:02d}/x" for day in range(1, 12)]
    listed = [key for key in below if key > stretch.after and not stretch.is_beyond(key)]
    assert [key[-4:-2] for key in listed] == ["04", "05", "06", "07"]


def test_without_a_window_there_is_no_end():
    assert not Stretch("a/").is_beyond("a/9999/99/99/x")
    assert not Stretch("a/").after


def test_a_bucket_of_other_things_is_not_searched_without_end():
    with pytest.raises(EvidenceError, match="give the prefix above AWSLogs/"):
        found(ask=lambda prefix: [f"{prefix}{number}/" for number in range(60)])


DAYS = "AWSLogs/111122223333/CloudTrail/us-east-1/"


@pytest.mark.parametrize(
    "planted",
    [
        [f"AWSLogs/111122223333/CloudTrail{number:04}/r" for number in range(2100)],
        [f"{number:04}/x/" for number in range(2100)],
        [f"AWSLogs/{number:012}/CloudTrail/us-east-1/" for number in range(2100)],
    ],
    ids=["kinds", "folders above", "accounts"],
)
@pytest.mark.parametrize("start", ["", "AWSLogs/"])
def test_however_many_folders_somebody_makes_the_trails_are_found(planted, start):
    below = {}
    for key in (f"{DAYS}2026/x", DAYS.replace("CloudTrail", "CloudTrail-Digest") + "2026/x", *planted):
        parts = key.split("/")
        for end in range(1, len(parts)):
            below.setdefault("".join(f"{part}/" for part in parts[: end - 1]), {})["/".join(parts[:end]) + "/"] = 1
    stretches, left_out = found(start=start, ask=lambda prefix: sorted(below.get(prefix, ())))
    assert {one.prefix for one in stretches} >= {DAYS, DAYS.replace("CloudTrail", "CloudTrail-Digest")}
    unsearched = [prefix for prefix, why in left_out.items() if why == UNSEARCHED]
    assert bool(unsearched) == ((start == "" and "AWSLogs" not in planted[0]) or "CloudTrail0" in planted[0])
