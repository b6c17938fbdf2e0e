"""Every error raised on purpose.

CttoolkitError
├── EvidenceError       evidence that cannot be opened or read: an access problem, never a verdict
│   └── EvidenceChangedError    an object changed while it was being read
├── KeyringError        a file of public keys that cannot be used
├── WindowError         a written time or an interval that cannot be used
├── WorkspaceError      the folder for shards and verdicts cannot be used
├── AdmissionError      the policy refuses the evidence, or was built without its reason
├── ActorError          an actor that nobody or more than one answers to
├── ColumnError         a column, axis or path that Events do not have
├── DetectionError      a detection, a group of them or a technique that there is not
├── SigmaError          Sigma rules that cannot be read, or a construct of one that cannot be honoured
├── ClaimError          a finding, absence or report that cannot be made
├── ConfigurationError  answers about an account that cannot be asked for, read or recorded
├── PlaybookError       a playbook that there is not, that cannot be run as asked, or whose cell fails
├── ScenarioError       a training world that does not exist, or whose story and truth do not fit
├── ExerciseError       an exercise or a question that there is not, or an explanation asked for too soon
└── ExportError         something that the format of an export cannot hold

What the evidence *is* (altered, missing, unverifiable) is returned as a verdict and never raised.
A defect of the toolkit is neither: it surfaces as the exception that it is.
"""

from __future__ import annotations

from cttoolkit.text import visible

__all__ = [
    "ActorError",
    "AdmissionError",
    "ClaimError",
    "ColumnError",
    "ConfigurationError",
    "CttoolkitError",
    "DetectionError",
    "EvidenceChangedError",
    "EvidenceError",
    "ExerciseError",
    "ExportError",
    "KeyringError",
    "PlaybookError",
    "ScenarioError",
    "SigmaError",
    "WindowError",
    "WorkspaceError",
]

_LONGEST_SUBJECT = 300


class CttoolkitError(Exception):
    """Reads ``<subject>: <what is wrong>; <what to do>``, always on one line."""

    def __init__(self, subject: object, wrong: str, remedy: str) -> None:
        shown = visible(subject)
        self.subject = shown if len(shown) <= _LONGEST_SUBJECT else shown[:_LONGEST_SUBJECT] + "…"
        self.wrong = visible(wrong)
        self.remedy = visible(remedy)
        super().__init__(f"{self.subject}: {self.wrong}; {self.remedy}")

    def __reduce__(self) -> tuple[type[CttoolkitError], tuple[str, str, str]]:
        # Exceptions rebuild from .args by default, which would lose two of the three parts between processes.
        return type(self), (self.subject, self.wrong, self.remedy)


class EvidenceError(CttoolkitError):
    """Evidence that cannot be opened or read. An access problem, never a verdict on the evidence."""


class EvidenceChangedError(EvidenceError):
    """An object's size or modification time moved while it was being read."""


class KeyringError(CttoolkitError):
    """A file of public keys that is absent, of another shape, or whose fingerprints do not fit."""


class WindowError(CttoolkitError):
    """A time without an offset, a text that is no time, or an interval that ends before it starts."""


class WorkspaceError(CttoolkitError):
    """The folder for shards and verdicts cannot be written, or holds another body of evidence."""


class AdmissionError(CttoolkitError):
    """The policy refuses this verification, or a policy was built without the reason it owes."""


class ActorError(CttoolkitError):
    """Nobody in the admitted events answers to the name, or more than one does."""


class ColumnError(CttoolkitError):
    """A column, an axis or a value that Events do not have."""


class DetectionError(CttoolkitError):
    """A detection, a group of them or an ATT&CK technique that the catalogue does not have."""


class SigmaError(CttoolkitError):
    """Sigma rules that are not there or cannot be read, or a construct of one that cannot be honoured."""


class ClaimError(CttoolkitError):
    """A claim without events to cite, or a report of something that is not a claim."""


class ExerciseError(CttoolkitError):
    """An exercise, a question, a sample or a score sheet that there is not, or an explanation asked for before an answer."""


class ExportError(CttoolkitError):
    """Something that the format of an export cannot hold, such as an id that names no technique."""


class ConfigurationError(CttoolkitError):
    """An account that cannot be asked, an operation that must not be, or a recording that cannot be read or written."""


class PlaybookError(CttoolkitError):
    """A playbook that there is not, a parameter that it does not have, or a cell of it that fails."""


class ScenarioError(CttoolkitError):
    """A training world that there is not, one that cannot be made as asked, or one whose story and truth do not fit."""
