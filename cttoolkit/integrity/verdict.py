"""What a check of one object came to: a status, its reason, and who vouched. Never a boolean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Kind", "Status", "Verdict"]


class Kind(StrEnum):
    """What an object is in the house of evidence."""

    LOG = "log"
    DIGEST = "digest"


class Status(StrEnum):
    """The five outcomes, from the best to the worst that a claim may rest on (see `rank`)."""

    INTACT = "intact"
    UNVERIFIABLE = "unverifiable"
    UNLISTED = "unlisted"
    MISSING = "missing"
    ALTERED = "altered"

    @property
    def rank(self) -> int:
        """0 for INTACT, growing with distrust."""
        return list(Status).index(self)


SHOWN = (Status.INTACT, Status.UNLISTED, Status.UNVERIFIABLE, Status.MISSING, Status.ALTERED)
"""The order in which counts are shown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The status of one object.

    ``sha256`` is of the uncompressed bytes that were checked (None where there were none), ``expected`` the hash that an
    intact digest states. ``vouched_by`` names what the status rests on: the digests that list a log file, or the proof of
    a digest. ``note`` says what is odd and changes nothing: moved, kept decompressed.
    """

    key: str
    kind: Kind
    status: Status
    reason: str
    sha256: str | None = None
    expected: str | None = None
    vouched_by: tuple[str, ...] = ()
    note: str | None = None

    def __str__(self) -> str:
        return f"{self.status.value:<12} {self.key}  {self.reason}" + (f" ({self.note})" if self.note else "")
