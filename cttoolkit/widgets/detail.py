"""One event in full: its record as it stands in the log file, where that is, its hashes, and what stood behind its credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from cttoolkit.display import html_table
from cttoolkit.events import Events
from cttoolkit.text import shortened, visible
from cttoolkit.widgets.axes import CONFLICTING, told_standing

if TYPE_CHECKING:
    from cttoolkit.session.chain import Chains

__all__ = ["behind", "detail", "laid_out"]

_LONGEST = 300_000
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^"{}\[\],:\s]+', re.DOTALL)


def detail(events: Events, row: Mapping[str, Any]) -> str:
    """The event of a row as HTML. EvidenceError where its file is no longer what was judged."""
    place = (row["log_file"], row["record_index"])
    text = events.where(log_file=place[0], record_index=place[1]).originals(1)[place]
    standing = CONFLICTING if row["status"] == "intact" and row["is_conflicting"] else row["status"]
    facts = (
        ("event", row["event_id"] or "without an id"),
        ("log file", place[0]),
        ("record index", str(place[1])),
        ("SHA-256 of the log file", row["log_sha256"]),
        ("SHA-256 of the record", row["record_sha256"]),
        ("a finding may say", told_standing(events.verification, standing)),
        ("signed with", row["credential"]),
    )
    return (
        _facts(facts)
        + "<p>The record, laid out: only the space between its parts is not in the file.</p>"
        + f'<pre class="ct-json" tabindex="0">{escape(laid_out(text))}</pre>'
        + "<details><summary>As it stands in the log file</summary>"
        + f'<pre class="ct-json ct-raw">{escape(shortened(text, _LONGEST))}</pre></details>'
    )


def _facts(facts: Iterable[tuple[str, str | None]]) -> str:
    # Whole, unlike the cells of other tables: a key or a hash that is cut leads nowhere.
    rows = "".join(
        f'<tr><th style="text-align:left;white-space:nowrap">{escape(name)}</th>'
        f'<td style="text-align:left;overflow-wrap:anywhere">{escape(visible(value or ""))}</td></tr>'
        for name, value in facts
    )
    return f'<table class="ct-facts"><tbody>{rows}</tbody></table>'


def laid_out(text: str) -> str:
    """The tokens of JSON text as they are, in lines by depth. What is no JSON comes out as some lines too."""
    lines, line, depth = [], "", 0
    for part in _TOKEN.findall(text[:_LONGEST]):
        if part in "}]":
            lines.append(line)
            depth = max(0, depth - 1)
            line = "  " * min(depth, 40) + part
        elif part in "{[":
            lines.append(line + part)
            depth += 1
            line = "  " * min(depth, 40)
        elif part == ",":
            lines.append(line + part)
            line = "  " * min(depth, 40)
        else:
            line += ": " if part == ":" else part
    lines.append(line)
    more = [f"… {len(text) - _LONGEST:,} more characters"] if len(text) > _LONGEST else []
    return "\n".join(visible(one) for one in [*lines, *more] if one.strip())


def behind(chains: Chains, credential: str | None) -> str:
    """The credentials that a call came from, from the origin down, as HTML: each join with its grade and the events that show it."""
    if credential is None:
        return "<p>The event names no credentials, so there is nothing to trace.</p>"
    parts = []
    for path in chains.paths(credential):
        person = chains.person(path)
        told = f"{path.origin}: {path.end}" + (f"; {person}" if person else "")
        rows = [
            (edge.parent, edge.child, edge.kind, edge.grade.word, edge.at, edge.status, ", ".join(edge.event_ids))
            for edge in path.edges
        ]
        if rows:
            parts.append(html_table(("from", "to", "by", "grade", "at", "status", "events"), rows, told))
        else:
            parts.append(f"<p>{escape(shortened(told, 1000))}</p>")
    return "".join(parts)
