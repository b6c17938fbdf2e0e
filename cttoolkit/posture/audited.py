"""What an audit came to: a noun that shows itself, and gives itself to pandas, to JSON and as a page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cttoolkit.display import Table, html_table, text_table
from cttoolkit.errors import ConfigurationError
from cttoolkit.evidence import refuse_to_write
from cttoolkit.posture.checks import CHECKS
from cttoolkit.posture.judged import Outcome
from cttoolkit.posture.page import page
from cttoolkit.posture.row import Row
from cttoolkit.posture.scene import Asked
from cttoolkit.text import shortened
from cttoolkit.window import written

if TYPE_CHECKING:
    import pandas

__all__ = ["GOOD_TRAIL", "Audit"]

GOOD_TRAIL = ("CT-01", "CT-02", "CT-03", "CT-06", "CT-14")
"""One and the same trail has to pass these (AWS Config Developer Guide, "cloudtrail-security-trail-enabled")."""
_SHOWN = ("check", "outcome", "trail", "practice", "reason")


@dataclass(frozen=True)
class Audit:
    """All rows, in order of checks. It says what was answered and when, and never that anything is secure."""

    rows: tuple[Row, ...] = field(repr=False)
    sources: tuple[str, ...]
    asked: tuple[Asked, ...] = field(repr=False)
    notes: tuple[str, ...] = ()
    as_of: str | None = None
    whole: tuple[Row, ...] = field(default=(), repr=False)
    """All rows, where only some of them are shown."""

    def count(self, outcome: Outcome) -> int:
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def exit_code(self) -> int:
        """0 where all passed, 1 where any failed, 3 where none failed and something is unknown."""
        return 1 if self.count(Outcome.FAIL) else 3 if self.count(Outcome.UNKNOWN) else 0

    @cached_property
    def good_trails(self) -> tuple[str, ...]:
        """Trails that pass all of GOOD_TRAIL. Two trails of which each passes half are none."""
        passed: dict[str, set[str]] = {}
        for row in self.whole or self.rows:
            if row.trail and row.outcome is Outcome.PASS:
                passed.setdefault(row.trail, set()).add(row.check.name)
        return tuple(sorted(trail for trail, names in passed.items() if names >= set(GOOD_TRAIL)))

    def only(self, *outcomes: Outcome | str) -> Audit:
        """The same with the rows of these outcomes."""
        wanted = {Outcome(one) for one in outcomes}
        return replace(
            self, rows=tuple(row for row in self.rows if row.outcome in wanted), whole=self.whole or self.rows
        )

    def __getitem__(self, name: str) -> tuple[Row, ...]:
        """The rows of one check, by its name. ConfigurationError where there is no such check."""
        if name not in {check.name for check in CHECKS}:
            raise ConfigurationError(name, "no such check", f"name one of {CHECKS[0].name} to {CHECKS[-1].name}")
        return tuple(row for row in self.rows if row.check.name == name)

    @property
    def sentence(self) -> str:
        """The outcomes counted, unknown ones too, and whether there is one good trail."""
        every = self.whole or self.rows
        counted = " · ".join(f"{sum(row.outcome is one for row in every)} {one.value}" for one in Outcome)
        if self.whole:
            counted += f", {len(self.rows)} shown"
        good = ", ".join(one.rsplit("/", 1)[-1] for one in self.good_trails)
        told = (
            f"one trail passes {', '.join(GOOD_TRAIL)}: {good}"
            if good
            else f"no one trail passes all of {', '.join(GOOD_TRAIL)}"
        )
        return f"{counted}; {told}{f' (as of {self.as_of})' if self.as_of else ''}"

    def matrix(self) -> Table:
        """Checks by trail."""
        places = list(dict.fromkeys((row.account, row.where) for row in self.rows))
        several = len({account for account, _ in places}) > 1
        heads = [f"{account} {where}" if several else where for account, where in places]
        found = {(row.check.name, row.account, row.where): row.outcome.value for row in self.rows}
        rows = tuple(
            (check.name, check.practice, *(found.get((check.name, *place), "") for place in places))
            for check in CHECKS
            if any(row.check.name == check.name for row in self.rows)
        )
        return Table(("check", "practice", *heads), rows, self.sentence)

    def frame(self) -> pandas.DataFrame:
        """One row a judgement: check, practice, account, trail, outcome, reason, evidence, why, remedy."""
        import pandas as pd

        columns = ["check", "practice", "account", "trail", "outcome", "reason", "evidence", "why", "remedy"]
        return pd.DataFrame([self._told(row) for row in self.rows], columns=columns)

    def _told(self, row: Row) -> tuple[Any, ...]:
        lines = "\n".join(line.told for line in row.lines)
        check = row.check
        head = (check.name, check.practice, row.account, row.trail, row.outcome.value, row.reason)
        return (*head, lines, check.why, check.remedy)

    def document(self) -> dict[str, Any]:
        """What ``cttoolkit posture --format json`` prints."""
        return {
            "summary": {one.value: self.count(one) for one in Outcome},
            "sentence": self.sentence,
            "as_of": self.as_of,
            "sources": list(self.sources),
            "notes": list(self.notes),
            "good_trails": list(self.good_trails),
            "rows": [
                {
                    "check": row.check.name,
                    "practice": row.check.practice,
                    "account": row.account,
                    "trail": row.trail,
                    "outcome": row.outcome.value,
                    "reason": row.reason,
                    "evidence": [
                        {
                            "told": line.told,
                            "call": line.call,
                            "region": line.region,
                            "at": None if line.at is None else written(line.at),
                        }
                        for line in row.lines
                    ],
                    "why": row.check.why,
                    "remedy": row.check.remedy,
                }
                for row in self.rows
            ],
        }

    def html(self) -> str:
        """One page by itself, with every row, its evidence and its remedy."""
        return page(self.sentence, (*self.sources, *self.notes), self.matrix(), self.rows)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page. Never into evidence that was opened."""
        refuse_to_write(path)
        try:
            Path(path).write_text(self.html(), encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                path, (error.strerror or str(error)).lower(), "name a file that can be written"
            ) from error

    def _short(self) -> list[Sequence[Any]]:
        return [(row.check.name, row.outcome.value, row.where, row.check.practice, row.reason) for row in self.rows]

    def __repr__(self) -> str:
        return f"{shortened(self.sentence, 1000)}\n{text_table(_SHOWN, self._short())}"

    def _repr_html_(self) -> str:
        return html_table(_SHOWN, self._short(), self.sentence)
