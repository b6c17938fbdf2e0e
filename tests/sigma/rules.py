"""Rules written for tests, and what comes of them."""

from __future__ import annotations

import textwrap

from cttoolkit import sigma

HEAD = """
title: "{title}"
logsource:
    product: aws
    service: cloudtrail
level: high
detection:
"""


def rule(selection: str, condition: str = "selection", title: str = "A rule", **more: str) -> str:
    """A rule from its detection section, or from the mapping of its one selection."""
    body = textwrap.dedent(selection).strip("\n")
    if condition == "selection" and not body.startswith("selection"):
        body = "selection:\n" + textwrap.indent(body, "    ")
    head = HEAD.format(title=title) + textwrap.indent(body, "    ") + f"\n    condition: {condition}\n"
    return head + "".join(f"{name}: {value}\n" for name, value in more.items())


def loaded(folder, *texts: str, **options):
    """The rules of files with these texts."""
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        (folder / f"{number}.yml").write_text(text)
    return sigma.load(folder, **options)


def one(folder, text: str, **options):
    """The only rule of a text, which has no problem."""
    rules = loaded(folder, text, **options)
    assert not rules.problems, rules
    return rules.rules[0]


def numbers(events) -> list[int]:
    """Which events of a world there are, by the numbers that their ids end in."""
    return sorted(int(text[-12:]) for text in events.table.event_id.to_pyarrow().to_pylist())
