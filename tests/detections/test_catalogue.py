"""Every detection sees what it is there to see, and not what lies beside it."""

import re

import pytest

import cttoolkit as ct
from cttoolkit.attack import TECHNIQUES, technique
from cttoolkit.detection import Calls
from cttoolkit.detections import CATALOGUE, GROUPS
from tests.conftest import admitted, event
from tests.detections.samples import seen, unseen

SEEN, UNSEEN = seen(), unseen()
EVERY = {one.name: one for group in GROUPS.values() for one in group}
BY_CALLS = [name for name, one in EVERY.items() if isinstance(one.find, Calls)]
HELD_APART = [name for name in EVERY if name in SEEN]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """All samples of all detections in one account, one a second, and which ids are whose."""
    records, ids, number = [], {}, 0
    for kind, samples in (("seen", SEEN), ("unseen", UNSEEN)):
        for name, parts in samples.items():
            for part in parts:
                time = f"2026-03-01T00:{30 + number // 60 % 29:02d}:{number % 60:02d}Z"
                records.append(event(number, time) | part)
                ids.setdefault((kind, name), set()).add(records[-1]["eventID"])
                number += 1
    return admitted(tmp_path_factory.mktemp("samples"), *records), ids


@pytest.fixture(scope="module")
def detected(world):
    events, _ = world
    return ct.detect(events, only=[EVERY[name] for name in HELD_APART])


def cited(detected, name):
    return {one for sighting in detected.of(name) for one in sighting.events.frame("event_id").event_id}


@pytest.mark.parametrize("name", HELD_APART)
def test_it_sees_its_samples_and_not_those_beside_them(world, detected, name):
    _, ids = world
    found = cited(detected, name)
    assert ids["seen", name] <= found
    assert not found & ids["unseen", name]


def test_every_detection_has_both_kinds_of_samples():
    without = [name for name in BY_CALLS if not SEEN.get(name) or not UNSEEN.get(name)]
    assert not without
    assert not {*SEEN, *UNSEEN} - {*EVERY}


@pytest.mark.parametrize("name", [*EVERY])
def test_it_says_what_a_reader_needs(name):
    one = EVERY[name]
    assert re.fullmatch(r"[a-z0-9.]+(-[a-z0-9.]+)*", one.name)
    assert one.question.endswith("?")
    assert one.false_positives.endswith(".")
    assert one.bypass.endswith(".")
    assert re.match(r"[a-z]", one.said)
    assert not one.said.endswith(".")
    assert one.attack or one.family == "cis"
    assert one in GROUPS[one.family]


def test_names_are_told_apart():
    assert len(EVERY) == sum(map(len, GROUPS.values()))
    assert {one.name for one in CATALOGUE} == {
        one.name for name, group in GROUPS.items() if name != "cis" for one in group
    }
    assert not {*EVERY} & {*GROUPS}


def test_techniques_answer_to_both_versions():
    assert technique("T1562.008") is technique("t1685.002")
    assert len({one.id for one in TECHNIQUES}) == len(TECHNIQUES)
    with pytest.raises(ct.errors.DetectionError, match="T9999: no technique"):
        technique("T9999")
