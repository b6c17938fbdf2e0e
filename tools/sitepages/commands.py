"""The page of the command line, from its parsers: every command, every option, what each exit code means."""

from __future__ import annotations

import argparse
import re
from functools import partial
from typing import Any

from cttoolkit import cli
from cttoolkit.arguments import command_line

_HEAD = """# Command line

Made from the parsers of `cttoolkit/arguments.py` whenever this site is built. `cttoolkit COMMAND --help` says the same.

EVIDENCE is a folder, a zip, a tar, or `s3://bucket/prefix`. A time is ISO 8601 with an offset or `Z`: `2026-03-01T02:00Z`. What is
*repeatable* is given once for each value.

"""


def page() -> str:
    """Markdown, with links as seen from the root of the site."""
    parser = command_line()
    listed = "".join(f"| [`{name}`](#{_anchor(name)}) | {_prose(text)} |\n" for name, text, _ in commands(parser))
    parts = [
        _HEAD,
        "| command | what for |\n|---|---|\n",
        listed,
        "\n",
        _exit_codes(),
        *map(_section, commands(parser)),
    ]
    return "".join(parts)


def commands(parser: argparse.ArgumentParser) -> list[tuple[str, str, argparse.ArgumentParser]]:
    """Name, sentence and parser of each command, in the order of ``--help``; then those that its first argument calls for instead."""
    (group,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    texts = {choice.dest: choice.help or "" for choice in group._choices_actions}
    found = []
    for name, one in group.choices.items():
        found.append((name, texts[name], one))
        found.extend(
            (f"{name} {first}", (other.description or "").rstrip("."), other) for first, other in one.instead.items()
        )
    return found


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _exit_codes() -> str:
    told = re.sub(r"\s+", " ", (cli.__doc__ or "").partition("\n\n")[2])
    rows = re.findall(r"(?:Exit codes of|Of|The) (\w+): (.+?)(?=\. (?:Of|The) |\.? ?$)", told)
    cells = {who: dict(re.findall(r"(\d+) ([^,]+(?:, (?!\d)[^,]+)*)", codes)) for who, codes in rows}
    codes = sorted({code for one in cells.values() for code in one})
    head = "| command | " + " | ".join(codes) + " |\n|---|" + "---|" * len(codes) + "\n"
    body = "".join(
        f"| {f'`{who}`' if who != 'others' else 'the others'} | "
        + " | ".join(one.get(code, "") for code in codes)
        + " |\n"
        for who, one in cells.items()
    )
    return f"## Exit codes\n\n{head}{body}\nInterrupted: 130. Where whoever reads the output has seen enough and closes it: 141.\n\n"


def _section(command: tuple[str, str, argparse.ArgumentParser]) -> str:
    name, text, parser = command
    parser.formatter_class = partial(argparse.HelpFormatter, width=100)  # type: ignore[assignment]
    usage = re.sub(r"\x1b\[[0-9;]*m", "", parser.format_usage()).removeprefix("usage: ")
    rows = "".join(map(_row, (action for action in parser._actions if action.dest != "help")))
    sentence = _prose(text[:1].upper() + text[1:])
    return (
        f"## {name} {{ #{_anchor(name)} }}\n\n{sentence}.\n\n```text\n{usage}```\n\n"
        f"| argument | value | meaning |\n|---|---|---|\n{rows}\n"
    )


def _row(action: argparse.Action) -> str:
    said = ", ".join(f"`{option}`" for option in action.option_strings) or f"`{action.metavar or action.dest}`"
    meaning = _prose(action.help or "")
    if action.required and action.option_strings:
        meaning += " — **required**"
    if action.nargs == "?":
        meaning += " — may be left out"
    if (
        action.default not in (None, [], False, "")
        and "default" not in meaning
        and f"({action.default})" not in meaning
    ):
        meaning += f" — default `{action.default}`"
    return f"| {said} | {_value(action)} | {meaning.removeprefix(' — ')} |\n"


def _value(action: argparse.Action) -> str:
    if action.nargs == 0 or not action.option_strings:
        return ""
    choices: Any = action.choices
    if choices and len(choices) > 8:
        return f"`{action.metavar}`, one of " + ", ".join(f"`{one}`" for one in choices)
    if choices:
        return ", ".join(f"`{one}`" for one in choices)
    return f"`{action.metavar or action.dest.upper()}`"


def _prose(text: str) -> str:
    """A sentence of ``--help`` in Markdown: its mentions of pages are links."""
    plain = text.replace("%%", "%").replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[")
    return re.sub(r"docs/([a-z-]+)\.md", r"[\1](\1.md)", plain)
