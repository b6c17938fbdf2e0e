"""Loading: files to rules that can be run, each by itself, so that one that cannot costs itself only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cttoolkit.detection import Severity
from cttoolkit.errors import SigmaError
from cttoolkit.sigma.compiling import Compiler, Placeholders
from cttoolkit.sigma.correlating import correlated
from cttoolkit.sigma.documents import documents
from cttoolkit.sigma.files import rule_files, text_of
from cttoolkit.sigma.parsing import apply_filter, parsed, title_of, trees
from cttoolkit.sigma.problem import Problem
from cttoolkit.sigma.rule import Described, Rule
from cttoolkit.sigma.rules import Rules

__all__ = ["load"]

MOST_RULES = 20_000
_TECHNIQUE = re.compile(r"t\d{4}(?:\.\d{3})?")


@dataclass
class _Read:
    """A document on its way: pySigma's rule, and where it came from."""

    file: str
    made: Any
    detection_name: str = ""
    is_output: bool = True

    @property
    def title(self) -> str:
        return str(self.made.title)


def load(path: str | Path, placeholders: Placeholders | None = None) -> Rules:
    """Sigma rules of a file, or of all ``.yml`` and ``.yaml`` files below a folder.

    ``placeholders`` are values for ``%name%`` in rules that say ``expand``: ``{"Administrators": ["alice", "ops-*"]}``. Rules that
    cannot be honoured are in ``problems``, and the others run without them. SigmaError where there is no such path, or pySigma
    is not installed. Nothing is asked of the network.
    """
    _check_installed()
    place = Path(path)
    problems: list[Problem] = []
    read = list(_read(place, problems))
    _filter([one for one in read if _is(one, "SigmaRule")], [one for one in read if _is(one, "SigmaFilter")], problems)
    wanted = [one for one in read if not _is(one, "SigmaFilter")]
    _name(wanted)
    by_reference = _by_reference(wanted, problems)
    _mark_parts(wanted, by_reference)
    maker = _Maker(by_reference, placeholders or {})
    rules: list[Described] = []
    for one in wanted:
        try:
            rules.append(maker.rule(one))
        except SigmaError as error:
            problems.append(Problem.of(one.file, one.title, error))
    return Rules(str(path), tuple(rules), tuple(problems))


@dataclass
class _Maker:
    """Rules made once each, whoever asks first: the list of rules, or a correlation."""

    by_reference: dict[str, _Read]
    placeholders: Placeholders
    made: dict[int, Described | SigmaError] = field(default_factory=dict)
    under: list[_Read] = field(default_factory=list)

    def rule(self, one: _Read) -> Described:
        """The rule. SigmaError where it cannot be run."""
        if id(one) not in self.made:
            try:
                self.made[id(one)] = self._make(one)
            except SigmaError as error:
                self.made[id(one)] = error
        found = self.made[id(one)]
        if isinstance(found, SigmaError):
            raise found
        return found

    def _make(self, one: _Read) -> Described:
        if _is(one, "SigmaRule"):
            return _rule(one, self.placeholders)
        if any(one is other for other in self.under):
            raise SigmaError("rules", "correlations refer to each other in a circle", "break the circle")
        self.under.append(one)
        try:
            return correlated(one.made, _described(one, ()), self._part)
        finally:
            self.under.pop()

    def _part(self, name: str) -> Described:
        one = self.by_reference.get(name)
        if one is None:
            raise SigmaError(f"rule {name}", "no rule of that id or name could be read", "load it with the others")
        try:
            return self.rule(one)
        except SigmaError as error:
            raise SigmaError(f"rule {name}", f"it cannot be run itself ({error.wrong})", "see to it first") from error


def _check_installed() -> None:
    try:
        import re2
        import sigma.rule
        import yaml
    except ImportError as error:
        raise SigmaError("pySigma", "it is not installed", "run pip install 'cttoolkit[sigma]'") from error
    del re2, sigma, yaml


def _read(place: Path, problems: list[Problem]) -> Iterator[_Read]:
    count = 0
    for found in rule_files(place):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        name, file = found
        try:
            contents = documents(text_of(file))
        except SigmaError as error:
            problems.append(Problem.of(name, "", error))
            continue
        for document in contents:
            count += 1
            if count > MOST_RULES:
                raise SigmaError(place, f"more than {MOST_RULES:,} rules", "load fewer at once")
            try:
                yield _Read(name, parsed(document))
            except SigmaError as error:
                problems.append(Problem.of(name, title_of(document), error))


def _is(one: _Read, kind: str) -> bool:
    return type(one.made).__name__ == kind


def _rule(one: _Read, placeholders: Placeholders) -> Rule:
    source = one.made.logsource
    if (source.product, source.service) != ("aws", "cloudtrail"):
        told = ", ".join(f"{name} {value}" for name, value in source.to_dict().items() if name != "definition")
        raise SigmaError("logsource", f"not for CloudTrail ({told})", "load rules for product aws, service cloudtrail")
    compiler = Compiler(placeholders)
    condition = compiler.compiled(trees(one.made))
    return Rule(**_described(one, tuple(compiler.notes)), condition=condition)


def _described(one: _Read, notes: tuple[str, ...]) -> dict[str, Any]:
    made = one.made
    level = Severity(str(made.level)) if made.level is not None else Severity.INFORMATIONAL
    techniques = [
        tag.name.upper() for tag in made.tags if tag.namespace == "attack" and _TECHNIQUE.fullmatch(tag.name.lower())
    ]
    return {
        "title": one.title,
        "file": one.file,
        "detection_name": one.detection_name,
        "severity": level,
        "id": str(made.id or ""),
        "name": made.name or "",
        "author": made.author or "",
        "license": made.license or "",
        "status": str(made.status or ""),
        "description": made.description or "",
        "techniques": tuple(dict.fromkeys(techniques)),
        "false_positives": tuple(str(text) for text in made.falsepositives),
        "references": tuple(str(text) for text in made.references),
        "notes": notes,
        "is_output": one.is_output,
    }


def _name(wanted: list[_Read]) -> None:
    """A name for each rule's detection: of letters, digits and hyphens, from its title, and its own."""
    taken: set[str] = set()
    for one in wanted:
        plain = re.sub(r"[^a-z0-9]+", "-", one.title.lower()).strip("-")[:80] or "rule"
        name, number = f"sigma-{plain}", 2
        while name in taken:
            name, number = f"sigma-{plain}-{number}", number + 1
        taken.add(name)
        one.detection_name = name


def _by_reference(wanted: list[_Read], problems: list[Problem]) -> dict[str, _Read]:
    """Rules by id and by name, as correlations refer to them."""
    found: dict[str, _Read] = {}
    for one in wanted:
        for reference in filter(None, (str(one.made.id or ""), one.made.name)):
            first = found.setdefault(reference, one)
            if first is not one:
                told = SigmaError(f"id or name {reference}", f"{first.file} has it too", "give each rule its own")
                problems.append(Problem.of(one.file, one.title, told))
    return found


def _mark_parts(wanted: list[_Read], by_reference: dict[str, _Read]) -> None:
    """Rules that a correlation refers to run on their own only where it says so."""
    for one in wanted:
        if not _is(one, "SigmaCorrelationRule") or one.made.generate:
            continue
        for reference in one.made.rules or ():
            part = by_reference.get(str(reference.reference))
            if part is not None:
                part.is_output = False


def _filter(rules: list[_Read], filters: list[_Read], problems: list[Problem]) -> None:
    for one in filters:
        try:
            is_used = [apply_filter(rule.made, one.made) for rule in rules]
        except SigmaError as error:
            problems.append(Problem.of(one.file, one.title, error))
            continue
        if not any(is_used):
            told = SigmaError("filter", "it is for none of the rules", "load it with the rules that it names")
            problems.append(Problem.of(one.file, one.title, told))
