"""The report itself: conclusions ready to be handed over, as one HTML file with Markdown beside it.

The same conclusions on the same evidence give the same bytes. The HTML asks nothing of anybody: no script, no font, no picture
from elsewhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cttoolkit.display import csv_table, html_table
from cttoolkit.errors import ClaimError, EvidenceError
from cttoolkit.finding import Absence, Finding
from cttoolkit.report.appendix import copy_originals
from cttoolkit.report.basis import tell_basis
from cttoolkit.report.cited import Citation, cite, frame
from cttoolkit.report.conclusions import in_order, tell_conclusion, tell_event
from cttoolkit.report.limits import LIMITS
from cttoolkit.report.markdown import inert
from cttoolkit.report.method import tell_versions
from cttoolkit.report.soften import soften
from cttoolkit.report.timeline import draw_timeline
from cttoolkit.text import shortened

if TYPE_CHECKING:
    import pandas

    from cttoolkit.integrity.policy import Policy
    from cttoolkit.integrity.verification import Verification

__all__ = ["Report", "report"]

_MOST_CITED, _MOST_ORIGINALS = 1000, 50
_LONGEST = 600


@dataclass(frozen=True, eq=False)
class Report:
    """Conclusions ready to be handed over. Shows itself in a notebook, and saves itself as HTML with Markdown beside it."""

    title: str
    conclusions: tuple[Finding | Absence, ...] = field(repr=False)
    made_by: str | None = None
    about: tuple[tuple[str, str], ...] = ()
    command: str | None = None

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
        beside = page.with_suffix(".md")
        self._write({page: self.html, beside: self.markdown})
        return page, beside

    def cited(self) -> pandas.DataFrame:
        """Every cited event, each once and in order of time, with the numbers of the conclusions that cite it.

        Of events that match an absence, the first 10,000.
        """
        return frame(self.conclusions)

    def save_cited(self, path: str | os.PathLike[str]) -> Path:
        """Write the same as CSV that no spreadsheet runs. EvidenceError as for save()."""
        place = Path(path)
        if place.suffix.lower() != ".csv":
            raise EvidenceError(path, "not the name of a table", "end it in .csv")
        every = self.cited()
        self._write({place: lambda: csv_table(list(every.columns), every.itertuples(index=False))})
        return place

    def _write(self, files: Mapping[Path, Any]) -> None:
        for place in files:
            if any(verification.evidence.holds(place) for verification in self._bases):
                raise EvidenceError(
                    place, "it lies inside the evidence, which is never written to", "choose another place"
                )
        try:
            for place, text in files.items():
                place.parent.mkdir(parents=True, exist_ok=True)
                unfinished = place.with_name(f"{place.name}.{os.getpid()}.part")
                unfinished.write_text(text(), encoding="utf-8", errors="backslashreplace")
                unfinished.replace(place)
        except OSError as error:
            wrong = (error.strerror or str(error)).lower()
            raise EvidenceError(place, wrong, "choose a place that can be written") from error

    @property
    def _bases(self) -> dict[Verification, list[Policy]]:
        """Each body of evidence once, with every policy that conclusions on it rest on; what claims were held against comes last."""
        found: dict[Verification, list[Policy]] = {}
        for one in self.conclusions:
            policies = found.setdefault(one.cites.verification, [])
            policies += [one.cites.policy] if one.cites.policy not in policies else []
        for one in self.conclusions:
            for newer in one.rechecked:
                found.setdefault(newer, [one.cites.policy])
        return found

    @cached_property
    def _content(self) -> dict[str, Any]:
        import markupsafe

        from cttoolkit import __version__

        cited = cite(self.conclusions, _MOST_CITED)
        originals = copy_originals(cited.shown, _MOST_ORIGINALS)
        return {
            "title": shortened(self.title, _LONGEST),
            "facts": self._facts,
            "bases": [tell_basis(verification, policies) for verification, policies in self._bases.items()],
            "conclusions": [tell_conclusion(number, one, cited) for number, one in enumerate(self.conclusions, 1)],
            # The picture escapes what it shows.
            "timeline": markupsafe.Markup(draw_timeline(self.conclusions, cited)),  # noqa: S704
            "cited": [tell_event(one) for one in cited.shown],
            "files": _by_file(cited.shown),
            "total": f"{cited.total:,}",
            "shown": f"{len(cited.shown):,}",
            "left_out": f"{cited.total - len(cited.shown):,}" if cited.total > len(cited.shown) else "",
            "share": cited.share,
            "unread": f"{cited.unread:,}" if cited.unread else "",
            "versions": tell_versions(list(self._bases)),
            "command": shortened(self.command, 4 * _LONGEST) if self.command else "",
            "limits": LIMITS,
            "originals": [
                {
                    **tell_event(one.citation),
                    "text": one.text,
                    "lines": [inert(line, len(line)) for line in one.text.split("\n")],
                    "note": shortened(one.note, _LONGEST),
                }
                for one in originals
            ],
            "version": __version__,
        }

    @property
    def _facts(self) -> list[tuple[str, str]]:
        facts = [(shortened(name, 60), shortened(value, _LONGEST)) for name, value in self.about]
        if self.made_by:
            facts.append(("prepared by", shortened(self.made_by, _LONGEST)))
        return facts

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
        made.filters["md"] = inert
        made.filters["soft"] = soften
        return made

    def __repr__(self) -> str:
        lines = [f"Report: {shortened(self.title, _LONGEST)}"]
        lines.extend(f"  {one.standing.word.value}: {shortened(one.claim, _LONGEST)}" for one in self.conclusions)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(one.claim, str(one.standing), len(one.event_ids)) for one in self.conclusions]
        told = (tell_basis(verification, policies)["paragraph"] for verification, policies in self._bases.items())
        title = escape(shortened(self.title, _LONGEST))
        table = html_table(("claim", "standing", "events"), rows)
        return f"<div><h3>{title}</h3><p>{escape(' '.join(told))}</p>{table}</div>"


def report(
    conclusions: Iterable[Finding | Absence],
    to: str | os.PathLike[str] | None = None,
    *,
    title: str = "CloudTrail findings",
    by: str | None = None,
    about: Mapping[str, str] | None = None,
    command: str | None = None,
    order: Literal["given", "time"] = "given",
) -> Report:
    """Put conclusions into a report; with ``to``, save it there as HTML and Markdown.

    ``by`` names who prepared it and ``about`` whatever else belongs on its head, by name: a case number, a date, since nothing here
    reads the clock. ``command`` is the command line or the notebook that made it. Conclusions stand as given, or by ``order="time"``.
    ClaimError for anything that is no Finding or Absence, or for none at all. Conclusions on several bodies of evidence
    may stand together; each body has its own basis of integrity.
    """
    told = tuple(conclusions)
    if not told:
        raise ClaimError("report", "it holds no conclusion", "give it findings or absences")
    for one in told:
        if not isinstance(one, Finding | Absence):
            raise ClaimError(
                "report", f"a {type(one).__name__} is no conclusion", "give it what ct.finding or ct.absence returned"
            )
    if order not in ("given", "time"):
        raise ClaimError("report", f"no such order: {order!r}", 'give order="given" or order="time"')
    made = Report(title, in_order(told, order), by, tuple((about or {}).items()), command)
    if to is not None:
        made.save(to)
    return made


def _by_file(shown: Iterable[Citation]) -> list[dict[str, Any]]:
    """The citations by the log file that holds them, with the file's hash and status said once."""
    files: dict[tuple[int, str], dict[str, Any]] = {}
    for one in shown:
        told = tell_event(one)
        key = (id(one.verification), one.values["log_file"])
        head = {"log_file": told["log_file"], "log_sha256": told["log_sha256"], "status": told["status"], "rows": []}
        files.setdefault(key, head)["rows"].append(told)
    return list(files.values())
