"""Layers: MITRE's own reader takes them whole, and a score is a count of what was found."""

import json
from collections import Counter

import pytest

from cttoolkit.attack import LATER_VERSION, VERSION
from cttoolkit.detected import detect
from cttoolkit.errors import EvidenceError, ExportError
from cttoolkit.export import Mark, navigator
from tests.conftest import admitted, event

HOSTILE = "<img src=x onerror=alert(1)>\x1b[2J\u202e"


@pytest.fixture
def marks(conclusions):
    return [
        Mark.of(conclusions[0], "T1098.001", "high", "persistence"),
        Mark.of(conclusions[1], "T1098.001", "medium", "persistence"),
        Mark("T1562.008", "critical", HOSTILE, "not looked into"),
        Mark("T1098.001", "low", "once more", tactic="privilege-escalation"),
    ]


@pytest.fixture
def layer(marks, tmp_path):
    return json.loads(navigator(marks, tmp_path / "layer.json", attack="18").path.read_text())


def test_mitre_s_reader_takes_the_layer_and_loses_nothing(marks, layer, tmp_path, capsys):
    from mitreattack.navlayers import Layer

    read = Layer()
    read.from_file(str(navigator(marks, tmp_path / "layer.json", attack="18").path))
    assert not capsys.readouterr().out, "it prints what it cannot take"
    assert read.to_dict() == layer


def test_mitre_s_reader_would_not_take_another_layer(layer, capsys):
    from mitreattack.navlayers import Layer

    for member, value in (("techniques", [{"techniqueID": 7}]), ("domain", "cloud"), ("sorting", 9)):
        assert not isinstance(Layer(layer | {member: value}).to_dict(), dict) or capsys.readouterr().out


def test_a_score_is_how_often_and_a_color_how_grave(layer):
    told = {(one["techniqueID"], one.get("tactic")): one for one in layer["techniques"]}
    twice, once = told["T1098.001", "persistence"], told["T1562.008", None]
    assert (twice["score"], once["score"], told["T1098.001", "privilege-escalation"]["score"]) == (2, 1, 1)
    colors = {item["label"]: item["color"] for item in layer["legendItems"]}
    assert twice["color"] == colors["high"]
    assert once["color"] == colors["critical"]
    assert len(set(colors.values())) == 5
    assert layer["gradient"]["maxValue"] == 2


def test_a_comment_holds_the_claims_with_their_standings(layer, conclusions):
    told = next(one for one in layer["techniques"] if one.get("tactic") == "persistence")["comment"].split("\n")
    assert told[0] == f"{conclusions[0].claim} (proved present)"
    assert len(told) == 2


def test_what_strangers_wrote_is_visible(layer):
    assert all(line.isprintable() for one in layer["techniques"] for line in one["comment"].split("\n"))


def test_a_layer_says_its_versions_and_what_it_rests_on(layer, events):
    assert layer["versions"] == {"attack": "18", "navigator": "5.0.0", "layer": "4.5"}
    assert layer["domain"] == "enterprise-attack"
    assert {"name": "verification", "value": events.verification.sentence} in layer["metadata"]


def test_very_many_marks_fit_a_tooltip(tmp_path):
    path = navigator([Mark("T1078", "low", f"seen {n}") for n in range(1000)], tmp_path / "l.json", attack="18").path
    (one,) = json.loads(path.read_text())["techniques"]
    assert one["score"] == 1000
    assert one["comment"].endswith("… and 950 more")


def test_the_same_marks_give_the_same_bytes(marks, tmp_path):
    first = navigator(marks, tmp_path / "a.json", attack="18")
    again = navigator(iter(marks), tmp_path / "b.json", attack="18")
    assert first.path.read_bytes() == again.path.read_bytes()


def test_a_sighting_marks_every_technique_of_its_detection(tmp_path):
    stop = event(1, "2026-03-01T01:00:00Z", "StopLogging", eventSource="cloudtrail.amazonaws.com", readOnly=False)
    seen = detect(admitted(tmp_path, stop), only="trail-tampering")
    assert len(seen)
    for attack in (VERSION, LATER_VERSION):
        told = json.loads(navigator(seen, tmp_path / "layer.json", attack=attack).path.read_text())
        scores = Counter(
            one.later if attack == LATER_VERSION and one.later else one.id
            for sighting in seen
            for one in sighting.detection.attack
        )
        assert {one["techniqueID"]: one["score"] for one in told["techniques"]} == scores
        assert told["versions"]["attack"] == attack
        assert f"{seen[0].claim} ({seen[0].standing.value})" in "\n".join(one["comment"] for one in told["techniques"])
    with pytest.raises(ExportError, match="no ids of this version"):
        navigator(seen, tmp_path / "layer.json", attack="17")


def test_detections_that_saw_nothing_make_an_empty_layer(events, tmp_path, capsys):
    from mitreattack.navlayers import Layer

    made = navigator(detect(events.named("NoSuchCall"), only="trail-tampering"), tmp_path / "layer.json")
    layer = json.loads(made.path.read_text())
    assert made.rows == 0
    assert {"name": "policy", "value": events.policy.sentence} in layer["metadata"]
    assert Layer(dict(layer)).to_dict() == layer
    assert not capsys.readouterr().out
    with pytest.raises(EvidenceError, match="inside the evidence"):
        navigator(detect(events, only="trail-stopped"), f"{events.verification.evidence.name}/layer.json")


@pytest.mark.parametrize("wrong", [("1078", "low"), ("T1078.4", "low"), ("T1078", "dire"), ("T1078", "")])
def test_no_technique_and_no_severity_is_made_up(wrong):
    with pytest.raises(ExportError):
        Mark(*wrong, "text")


@pytest.mark.parametrize("things", [[], ["T1078"], [None]])
def test_only_marks_make_a_layer(things, tmp_path):
    with pytest.raises(ExportError, match=r"give it ct\.export\.Mark"):
        navigator(things, tmp_path / "l.json", attack="18")
    with pytest.raises(ExportError, match="no version of ATT&CK"):
        navigator([Mark("T1078", "low", "x")], tmp_path / "l.json", attack="latest")
    with pytest.raises(ExportError, match="no tactic"):
        Mark("T1078", "low", "x", tactic="Initial Access")
