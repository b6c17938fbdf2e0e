"""A layer for the ATT&CK Navigator: which techniques were found, how often, and how grave that is.

Source of the format: "ATT&CK Navigator Layer File Format Definition", version 4.5, in the Navigator's repository.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from cttoolkit.attack import VERSION
from cttoolkit.detected import Detected, Sighting
from cttoolkit.detection import Severity
from cttoolkit.errors import ExportError
from cttoolkit.events import Events
from cttoolkit.export.marks import Mark, marks_of
from cttoolkit.export.writing import Export, bodies, finished, place, writing
from cttoolkit.text import visible

__all__ = ["navigator"]

_VERSIONS = {"navigator": "5.0.0", "layer": "4.5"}
_LAYOUT = {
    "layout": "side",
    "showID": True,
    "showName": True,
    "showAggregateScores": False,
    "countUnscored": False,
    "aggregateFunction": "sum",
    "expandedSubtechniques": "annotated",
}
_COLORS = {
    Severity.CRITICAL: "#b10026",
    Severity.HIGH: "#fc4e2a",
    Severity.MEDIUM: "#feb24c",
    Severity.LOW: "#ffeda0",
    Severity.INFORMATIONAL: "#c6dbef",
}
_MOST_TOLD = 50
"""Texts in one comment, which a tooltip has to show."""


def navigator(
    seen: Detected | Iterable[Mark | Sighting],
    path: str | os.PathLike[str],
    *,
    attack: str = VERSION,
    name: str = "CloudTrail findings",
) -> Export:
    """Write a layer, ``.json``, for the enterprise matrix of that version of ATT&CK, to which the marks' ids belong.

    Takes marks, and what ct.detect returned: a sighting marks each technique of its detection. A technique's score is how many marks
    it has, its color that of the gravest, its comment their texts with their standings. ExportError where there is
    something that is no mark, or nothing at all; detections that saw nothing make an empty layer.
    """
    told: list[Mark] = []
    for one in seen:
        if not isinstance(one, Mark | Sighting):
            raise ExportError("navigator", f"a {type(one).__name__} is no mark", "give it ct.export.Mark(…)")
        told.extend(marks_of(one, attack) if isinstance(one, Sighting) else (one,))
    if not told and not isinstance(seen, Detected):
        raise ExportError("navigator", "there is no mark", "give it ct.export.Mark(technique, severity, text)")
    if not attack.isdigit():
        raise ExportError(attack, "no version of ATT&CK", 'write its number: "18"')
    asked = (seen.events,) if isinstance(seen, Detected) else ()
    cited = (*asked, *(mark.cites for mark in told if mark.cites is not None))
    target = place(path, ".json", cited)
    marked: dict[tuple[str, str], list[Mark]] = {}
    for mark in told:
        marked.setdefault((mark.technique, mark.tactic), []).append(mark)
    techniques = [_technique(technique, tactic, of) for (technique, tactic), of in sorted(marked.items())]
    layer: dict[str, Any] = {
        "name": visible(name),
        "versions": {"attack": attack, **_VERSIONS},
        "domain": "enterprise-attack",
        "description": "Techniques by number of findings. What is not marked was not looked for, or not found.",
        "sorting": 3,
        "layout": _LAYOUT,
        "gradient": {
            "colors": ["#ffffff", "#fc4e2a"],
            "minValue": 0,
            "maxValue": max((technique["score"] for technique in techniques), default=1),
        },
        "legendItems": [{"label": severity.value, "color": color} for severity, color in _COLORS.items()],
        "metadata": _metadata(cited),
    }
    if techniques:
        # An empty list is more than MITRE's own library can read.
        layer["techniques"] = techniques
    with writing(target) as file:
        file.write(json.dumps(layer, indent=2).encode() + b"\n")
    return finished(target, "navigator", len(techniques), {}, cited)


def _technique(technique: str, tactic: str, marks: list[Mark]) -> dict[str, Any]:
    gravest = min((Severity(mark.severity) for mark in marks), key=lambda severity: severity.rank)
    texts = [visible(mark.text) + (f" ({visible(mark.standing)})" if mark.standing else "") for mark in marks]
    more = len(texts) - _MOST_TOLD
    told = texts[:_MOST_TOLD] + ([f"… and {more:,} more"] if more > 0 else [])
    made = {"techniqueID": technique, "score": len(marks), "color": _COLORS[gravest], "comment": "\n".join(told)}
    if tactic:
        made["tactic"] = tactic
    made["metadata"] = [{"name": "severity", "value": gravest.value}]
    return made


def _metadata(cited: tuple[Events, ...]) -> list[dict[str, str]]:
    from cttoolkit import __version__

    made = [{"name": "cttoolkit", "value": __version__}]
    for events in bodies(cited):
        made.append({"name": "evidence", "value": visible(events.verification.evidence.name)})
        made.append({"name": "verification", "value": visible(events.verification.sentence)})
        made.append({"name": "policy", "value": visible(events.policy.sentence)})
        made.append({"name": "keys", "value": events.verification.key_provenance.value})
    return made
