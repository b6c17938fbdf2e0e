"""Reports: findings and absences, with the basis of integrity in the first paragraph.

The same conclusions on the same evidence give the same bytes. The HTML is one file that asks nothing of anybody: no script, no
font, no picture from elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cttoolkit.basis import told_basis
from cttoolkit.display import cell, html_table
from cttoolkit.errors import ClaimError, EvidenceError
from cttoolkit.finding import Absence, Finding
from cttoolkit.standing import Word
from cttoolkit.text import visible
from cttoolkit.window import written

if TYPE_CHECKING:
    from cttoolkit.events import Events
    from cttoolkit.integrity.verification import Verification

__all__ = ["LIMITS", "Report", "report"]

_ROWS = 50
_WIDEST = 300
_BARS = 80
_CITED = (
    "event_time",
    "event_name",
    "aws_region",
    "actor",
    "source_ip_address",
    "user_agent",
    "error_code",
    "event_id",
    "log_file",
    "record_index",
    "status",
)
_SHADES = {
    Word.PROVED_PRESENT: 0,
    Word.PROVED_ABSENT: 0,
    Word.KEY_UNPROVEN: 1,
    Word.REPORTED_PRESENT: 2,
    Word.CONTRADICTED: 4,
}
LIMITS = (
    "Who sat at the keyboard, and what they meant to do. An event names credentials.",
    "Calls that failed to authenticate, such as those signed with an unknown or deleted key.",
    "Data events that no trail was selected to record, and network activity where it was not switched on.",
    "What a call returned, apart from what the event repeats of it; values of secrets; the content of objects and messages.",
    "What happened inside an instance, a container or a database, and how credentials were taken from one.",
    "Whether the effect of a call lasted.",
    "Accounts, regions and times of which no log files were collected.",
    "Events that the services failed to hand over: CloudTrail delivers what it is given, on a best-effort basis.",
    "Late log files that only a backfill digest listed, where both were taken away: such digests have no fixed time to be missed at.",
)
"""What no amount of intact log files can tell."""


@dataclass(frozen=True, eq=False)
class Report:
    """Conclusions ready to be handed over. Shows itself in a notebook, and saves itself as HTML with Markdown beside it."""

    title: str
    conclusions: tuple[Finding | Absence, ...] = field(repr=False)

    def html(self) -> str:
        """One self-contained page."""
        page: str = self._environment.get_template("report.html.j2").render(self._content)
        return page

    def markdown(self) -> str:
        """The same as Markdown, with everything from the evidence escaped."""
        text = self._environment.get_template("report.md.j2").render(self._content)
        return re.sub(r"\n{3,}", "\n\n", text)

    def save(self, path: str | os.PathLike[str]) -> tuple[Path, Path]:
        """Write ``path`` (HTML) and its sibling ``.md``. EvidenceError where that lies in the evidence or cannot be written."""
        page = Path(path)
        if page.suffix.lower() not in (".html", ".htm"):
            raise EvidenceError(path, "not the name of a page", "end it in .html")
        for verification in self._verifications:
            if verification.evidence.holds(page):
                raise EvidenceError(
                    path, "it lies inside the evidence, which is never written to", "choose another place"
                )
        files = ((page, self.html()), (page.with_suffix(".md"), self.markdown()))
        try:
            page.parent.mkdir(parents=True, exist_ok=True)
            for place, text in files:
                unfinished = place.with_name(f"{place.name}.{os.getpid()}.part")
                unfinished.write_text(text, encoding="utf-8")
                unfinished.replace(place)
        except OSError as error:
            wrong = (error.strerror or str(error)).lower()
            raise EvidenceError(path, wrong, "choose a place that can be written") from error
        return page, page.with_suffix(".md")

    @property
    def _verifications(self) -> list[Verification]:
        found: list[Verification] = []
        for one in self.conclusions:
            if not any(one.cites.verification is known for known in found):
                found.append(one.cites.verification)
        return found

    @cached_property
    def _content(self) -> dict[str, Any]:
        from cttoolkit import __version__

        policies = {id(one.cites.verification): one.cites.policy for one in self.conclusions}
        return {
            "title": visible(self.title),
            "bases": [told_basis(verification, policies[id(verification)]) for verification in self._verifications],
            "conclusions": [_told(one) for one in self.conclusions],
            "limits": LIMITS,
            "version": __version__,
        }

    @cached_property
    def _environment(self) -> Any:
        import jinja2

        made = jinja2.Environment(
            loader=jinja2.PackageLoader("cttoolkit"),
            autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",)),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters["md"] = _markdown
        return made

    def __repr__(self) -> str:
        lines = [f"Report: {visible(self.title)}"]
        lines.extend(f"  {one.standing.word.value}: {visible(one.claim)}" for one in self.conclusions)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(one.claim, str(one.standing), len(one.event_ids)) for one in self.conclusions]
        basis = " ".join(content["paragraph"] for content in self._content["bases"])
        from html import escape

        return f"<div><h3>{escape(visible(self.title))}</h3><p>{escape(basis)}</p>{html_table(('claim', 'standing', 'events'), rows)}</div>"


def report(
    conclusions: Iterable[Finding | Absence],
    to: str | os.PathLike[str] | None = None,
    *,
    title: str = "CloudTrail findings",
) -> Report:
    """Put conclusions into a report; with ``to``, save it there as HTML and Markdown.

    ClaimError for anything that is no Finding or Absence, or for none at all. Conclusions on several bodies of evidence
    may stand together; each body has its own paragraph of integrity.
    """
    told = tuple(conclusions)
    if not told:
        raise ClaimError("report", "it holds no conclusion", "give it findings or absences")
    for one in told:
        if not isinstance(one, Finding | Absence):
            raise ClaimError(
                "report", f"a {type(one).__name__} is no conclusion", "give it what ct.finding or ct.absence returned"
            )
    made = Report(title, told)
    if to is not None:
        made.save(to)
    return made


def _told(one: Finding | Absence) -> dict[str, Any]:
    cited = one.cites if isinstance(one, Finding) else one.cites.during(one.window)
    rows = _cited(cited)
    return {
        "claim": visible(one.claim),
        "word": one.standing.word.value,
        "shade": _SHADES.get(one.standing.word, 3),
        "reasons": [visible(reason) for reason in one.standing.reasons],
        "sentence": visible(one.sentence),
        "conditions": [
            {"name": c.name, "met": c.met.value, "found": visible(c.found)} for c in one.standing.conditions
        ],
        "count": len(cited),
        "window": str(one.window) if one.window else "",
        "columns": [name.replace("_", " ") for name in _CITED],
        "rows": rows,
        "more": max(0, len(cited) - len(rows)),
        "histogram": _histogram(cited),
    }


def _cited(events: Events) -> list[list[str]]:
    ordered = events.table.order_by(["event_time", "log_file", "record_index"]).select(_CITED).limit(_ROWS)
    return [[cell(value, _WIDEST) for value in row.values()] for row in ordered.to_pyarrow().to_pylist()]


def _histogram(events: Events) -> dict[str, Any] | None:
    """Counts over time as bars of a drawing 800 wide and 70 high."""
    span = events.span
    if span is None:
        return None
    seconds = max(span.length.total_seconds() / _BARS, 1.0)
    table = events.table.filter(events.table.event_time.notnull())
    start = int(span.start.timestamp())
    number = ((table.event_time.epoch_seconds() - start) / seconds).floor().cast("int64")
    counted = table.group_by(bin=number).aggregate(events=table.count()).order_by("bin").to_pyarrow().to_pylist()
    highest = max(row["events"] for row in counted)
    width = 800 / max(_BARS, 1)
    bars = [
        {
            "x": f"{row['bin'] * width:.1f}",
            "y": f"{70 - 66 * row['events'] / highest:.1f}",
            "width": f"{width - 1:.1f}",
            "height": f"{66 * row['events'] / highest:.1f}",
            "told": f"{row['events']} events",
        }
        for row in counted
    ]
    return {"bars": bars, "start": written(span.start), "end": written(span.end), "highest": highest}


def _markdown(value: object) -> str:
    """Text that Markdown shows as it is."""
    text = visible(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", text)
