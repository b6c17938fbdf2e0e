"""What a claim has to bring before anything is derived: words, events, and whoever makes it."""

from __future__ import annotations

from collections.abc import Mapping

from cttoolkit.errors import ClaimError
from cttoolkit.events import Events

__all__ = ["check_claim", "facts", "maker"]


def check_claim(claim: str, cites: object) -> None:
    """ClaimError where the claim says nothing, or cites anything but Events."""
    if not isinstance(claim, str) or not claim.strip():
        raise ClaimError("claim", "it says nothing", "write the claim as a sentence")
    if not isinstance(cites, Events):
        raise ClaimError(
            claim,
            f"it cites a {type(cites).__name__}, which is no Events",
            "cite events that came through ct.admit (a frame's are found with .where)",
        )


def maker(claim: str, by: str | None) -> str | None:
    """Who or what makes the claim, as given."""
    if by is not None and (not isinstance(by, str) or not by.strip()):
        raise ClaimError(claim, "made by nobody", "name the analyst or the detection in by=, or leave it out")
    return by


def facts(claim: str, about: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    """What else belongs to the claim, by name and in the order given."""
    given = tuple((about or {}).items())
    if not all(isinstance(part, str) for fact in given for part in fact):
        raise ClaimError(claim, "about= holds something that is no text", 'give texts by name: {"severity": "high"}')
    return given
