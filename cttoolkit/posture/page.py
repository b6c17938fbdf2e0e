"""An audit as one HTML page that needs nothing else: no script, no picture, no network. Every value is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from cttoolkit.display import Table
from cttoolkit.posture.judged import Line, Outcome
from cttoolkit.posture.row import Row
from cttoolkit.text import shortened
from cttoolkit.window import written

__all__ = ["page"]

_COLOURS = {
    Outcome.PASS: ("#1b6e50", "✓"),
    Outcome.FAIL: ("#a3260f", "✗"),
    Outcome.UNKNOWN: ("#7a5000", "?"),
    Outcome.NOT_APPLICABLE: ("#57606a", "–"),
}
_LONGEST = 4000
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #d0d7de;padding:.3rem .6rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}section{border-top:1px solid #d0d7de;margin-top:1.2rem}"
    "pre{background:#f6f8fa;padding:.6rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:12px}h2{font-size:1.05rem}"
)


def page(sentence: str, told: Iterable[str], matrix: Table, rows: Iterable[Row]) -> str:
    """The whole page: what came of it in a sentence, what it rests on, checks by trail, and every row."""
    head = "".join(f"<th>{_text(name)}</th>" for name in matrix.columns)
    body = "".join(
        f"<tr><td>{_text(row[0])}</td><td>{_text(row[1])}</td>{''.join(_cell(value) for value in row[2:])}</tr>"
        for row in matrix.rows
    )
    sources = "".join(f"<li>{_text(source)}</li>" for source in told)
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>Posture of the trails</title>"
        f"<style>{_STYLE}</style></head><body><h1>Was the trail fit to be evidence?</h1><p>{_text(sentence)}</p>"
        "<p>This page tells what was answered, and when. It does not say that anything is secure.</p>"
        f"<ul>{sources}</ul><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"{''.join(_section(row) for row in rows)}</body></html>\n"
    )


def _section(row: Row) -> str:
    lines = "\n".join(_line(line) for line in row.lines)
    evidence = f"<pre>{lines}</pre>" if lines else ""
    told = ""
    if row.outcome in (Outcome.FAIL, Outcome.UNKNOWN):
        told = f"<p><b>Why it matters.</b> {_text(row.check.why)}</p><p><b>Remedy.</b> {_text(row.check.remedy)}</p>"
    return (
        f"<section><h2>{_text(row.check.name)} {_text(row.check.practice)}</h2>"
        f"<p>{_mark(row.outcome)} {_text(row.account)} {_text(row.where)}: {_text(row.reason)}</p>{evidence}{told}</section>"
    )


def _line(line: Line) -> str:
    said = f" [{line.call} {line.region}{' ' + written(line.at) if line.at else ''}]" if line.call else ""
    return _text(line.told + said)


def _cell(value: object) -> str:
    try:
        return f"<td>{_mark(Outcome(str(value)))}</td>"
    except ValueError:
        return "<td></td>"


def _mark(outcome: Outcome) -> str:
    colour, sign = _COLOURS[outcome]
    return f"<b style='color:{colour}'>{sign} {outcome.value}</b>"


def _text(value: object) -> str:
    return escape(shortened(value, _LONGEST))
