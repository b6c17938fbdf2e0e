"""What of the rules cannot be honoured: which file, which rule, which construct, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from cttoolkit.errors import SigmaError

__all__ = ["Problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule, or a file of them, that is not run. ``rule`` is its title, empty where the file itself is at fault."""

    file: str
    rule: str
    construct: str
    wrong: str
    remedy: str

    @classmethod
    def of(cls, file: str, rule: str, error: SigmaError) -> Problem:
        """From an error whose subject is the construct."""
        return cls(file, rule, error.subject, error.wrong, error.remedy)

    @property
    def error(self) -> SigmaError:
        """The same as an error, to be raised by who wants no rule left out."""
        subject = f"{self.file}, {self.rule}" if self.rule else self.file
        return SigmaError(subject, f"{self.construct}: {self.wrong}", self.remedy)

    def __str__(self) -> str:
        return str(self.error)
