"""Forensic investigation of AWS CloudTrail: evidence, verification, events, conclusions.

A claim cites events; events were admitted from verified evidence. There is no other way to make one.
"""

from __future__ import annotations

from cttoolkit import detections, errors, export, pivot, plot, posture, session, sigma, training, widgets
from cttoolkit.collection.collect import Collection, collect
from cttoolkit.collection.event_collection import EventCollection
from cttoolkit.collection.event_history import collect_event_history
from cttoolkit.collection.log_group import collect_log_group
from cttoolkit.containment import Containment, containment
from cttoolkit.custody.check import Custody, check_custody
from cttoolkit.detected import Detected, Sighting, detect
from cttoolkit.detection import Calls, Detection, Severity, calls
from cttoolkit.events import Events, admit
from cttoolkit.evidence import Evidence, open_evidence
from cttoolkit.finding import Absence, Finding, absence, conclude, finding, merge, recheck
from cttoolkit.instances import instances
from cttoolkit.integrity.keyring import Keyring, fetch_keys, load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly, RequireIntact
from cttoolkit.integrity.verdict import Status, Verdict
from cttoolkit.integrity.verification import Verification
from cttoolkit.integrity.verify import verify
from cttoolkit.outages import outages
from cttoolkit.param import param
from cttoolkit.places import Places, load_places
from cttoolkit.preconditions import preconditions
from cttoolkit.report import Report, report
from cttoolkit.shares import shares
from cttoolkit.standing import Standing, Word
from cttoolkit.survivors import Survivor, Survivors, survivors
from cttoolkit.window import Window

__all__ = [
    "Absence",
    "AcceptUnverified",
    "Calls",
    "Collection",
    "Containment",
    "Custody",
    "Detected",
    "Detection",
    "EventCollection",
    "Events",
    "Evidence",
    "Finding",
    "IntactOnly",
    "Keyring",
    "Places",
    "Report",
    "RequireIntact",
    "Severity",
    "Sighting",
    "Standing",
    "Status",
    "Survivor",
    "Survivors",
    "Verdict",
    "Verification",
    "Window",
    "Word",
    "absence",
    "admit",
    "calls",
    "check_custody",
    "collect",
    "collect_event_history",
    "collect_log_group",
    "conclude",
    "containment",
    "detect",
    "detections",
    "errors",
    "export",
    "fetch_keys",
    "finding",
    "instances",
    "load_keys",
    "load_places",
    "merge",
    "open_evidence",
    "outages",
    "param",
    "pivot",
    "plot",
    "posture",
    "preconditions",
    "recheck",
    "report",
    "session",
    "shares",
    "sigma",
    "survivors",
    "training",
    "verify",
    "widgets",
]
__version__ = "1.0.0"
