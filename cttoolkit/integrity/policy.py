"""What an investigation builds on: policies are values, and the unsafe one must be asked for by name and give its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from cttoolkit.errors import AdmissionError
from cttoolkit.integrity.verdict import Status

__all__ = ["AcceptUnverified", "IntactOnly", "Policy", "RequireIntact"]


@dataclass(frozen=True, slots=True)
class RequireIntact:
    """All or nothing: one object that is not intact, or one chain that is not whole, refuses admission."""

    @property
    def admits(self) -> frozenset[Status]:
        return frozenset({Status.INTACT})

    @property
    def demands_all(self) -> bool:
        return True

    @property
    def sentence(self) -> str:
        return "Every object had to be intact."


@dataclass(frozen=True, slots=True)
class IntactOnly:
    """Intact log files are admitted, the rest is left out, and every report says what that was."""

    @property
    def admits(self) -> frozenset[Status]:
        return frozenset({Status.INTACT})

    @property
    def demands_all(self) -> bool:
        return False

    @property
    def sentence(self) -> str:
        return "Only intact log files were admitted."


@dataclass(frozen=True, slots=True)
class AcceptUnverified:
    """Log files that no digest vouches for are admitted too, for a stated reason that every report prints.

    For evidence collected without digests. What rests on such a file is never proved; altered files stay out.
    """

    reason: str

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str) or not self.reason.strip():
            raise AdmissionError(
                "AcceptUnverified", "it was given no reason", 'say why, as AcceptUnverified(reason="…")'
            )

    @property
    def admits(self) -> frozenset[Status]:
        return frozenset({Status.INTACT, Status.UNVERIFIABLE, Status.UNLISTED})

    @property
    def demands_all(self) -> bool:
        return False

    @property
    def sentence(self) -> str:
        return f"accepted without proof, because: {self.reason}"


Policy: TypeAlias = RequireIntact | IntactOnly | AcceptUnverified
"""The three there are. Which log files become Events is not left to classes from elsewhere."""
