"""The house rules, kept by reading the code."""

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "cttoolkit"
FLOORS = [
    {"text"},
    {"errors"},
    {"window"},
    {
        "key",
        "places",
        "identity",
        "schema",
        "calls",
        "source",
        "display",
        "arrays",
        "extents",
        "envelope",
        "json_path",
        "attack",
        "omission",
        "kept",
        "progress",
        "packed",
        "policies",
        "configuration",
    },
    {"sources", "engine", "reader", "param"},
    {"engines", "evidence", "rows", "naming", "custody"},
    {"integrity"},
    {"original", "steps"},
    {"events"},
    {"reach", "session", "trail_change"},
    {"trail_history", "category"},
    {"selection"},
    {"standing"},
    {"claim", "recheck", "wording"},
    {"finding", "pivot", "preconditions"},
    {"detection", "training"},
    {"detections", "sigma"},
    {"posture"},
    {"report", "plot", "detected", "collection"},
    {"export", "widgets"},
    {"containment", "playbook", "lab"},
    {"survivors", "outages", "instances", "shares"},
    {"__init__"},
    {"collect_arguments"},
    {"arguments"},
    {"commands"},
    {"cli"},
]
LONGER = {
    "arguments": "every command's options, side by side so that one option has one name",
    "detected": "a list of sightings and what each may do, which make each other",
    "events": "one class, whose narrowings are read together",
    "finding": "findings and absences, which share one door",
    "rows": "one struct of some eighty fields",
    "sources.archive": "zip and tar behind one set of refusals",
    "trail_history": "one class and how it is read out of events",
    "training.scenarios.help_desk": "one story, told from its beginning to its end",
}
"""Files of more than 300 lines, and why each is still one idea."""
FILES = sorted(PACKAGE.rglob("*.py"))


def module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def room(name: str) -> str:
    """The first part below the package: a module, or the folder it lies in."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def floor(name: str) -> int:
    for level, rooms in enumerate(FLOORS):
        if room(name) in rooms:
            return level
    raise AssertionError(f"{name} has no floor")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imported(path: Path) -> frozenset[str]:
    return frozenset(imports(parsed(path)))


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names if node.module.startswith("cttoolkit"))
    return found


@cache
def own_modules() -> dict[str, Path]:
    return {module(path): path for path in FILES}


def inner_imports(path: Path) -> set[str]:
    return imported(path) & set(own_modules()) - {"cttoolkit"}


@pytest.mark.parametrize("path", FILES, ids=module)
def test_a_file_imports_only_from_lower_floors(path):
    here = module(path)
    for name in inner_imports(path):
        if room(name) == room(here):
            continue
        assert floor(name) < floor(here), f"{here} reaches up to {name}"


def test_no_file_imports_itself_by_way_of_others():
    graph = {name: inner_imports(path) for name, path in own_modules().items() if name != "cttoolkit"}
    settled: set[str] = set()
    while graph:
        free = [name for name, needs in graph.items() if needs <= settled]
        assert free, f"a circle among {sorted(graph)}"
        settled.update(free)
        for name in free:
            del graph[name]


@cache
def calls(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            found.add(ast.unparse(node.func))
    return found


@pytest.mark.parametrize(
    ("noun", "maker"),
    [
        ("Verification", "integrity/verify.py"),
        ("Events", "events.py"),
        ("Finding", "finding.py"),
        ("Absence", "finding.py"),
    ],
)
def test_only_one_file_makes_it(noun, maker):
    makers = {path.relative_to(PACKAGE).as_posix() for path in FILES if noun in {c.split(".")[-1] for c in calls(path)}}
    assert makers == {maker}


@pytest.mark.parametrize(
    ("library", "places"),
    [
        # A collector's own signature of the manifest is another scheme, and proves another thing, than CloudTrail's of a digest.
        ("cryptography", {"integrity/signature.py", "custody/seal.py"}),
        # Collecting asks S3 for what a source of evidence does not have to know: versions, checksums, an account's own settings.
        ("boto3", {"sources", "posture", "collection"}),
        ("botocore", {"sources", "posture", "collection"}),
        ("pycurl", {"sources/getter.py"}),
        ("duckdb", {"engines"}),
        ("pyspark", {"engines"}),
        ("matplotlib", {"plot"}),
        ("ipywidgets", {"widgets"}),
        ("networkx", {"plot", "session"}),
        ("sigma", {"sigma"}),
        ("re2", {"sigma"}),
        ("yaml", {"sigma"}),
    ],
)
def test_a_library_is_used_where_it_belongs(library, places):
    for path in FILES:
        if any(name.split(".")[0] == library for name in imported(path)):
            here = path.relative_to(PACKAGE)
            assert here.as_posix() in places or here.parts[0] in places, f"{here} uses {library}"


@pytest.mark.parametrize("path", [path for path in FILES if room(module(path)) not in ("cli", "commands")], ids=module)
def test_nothing_prints_asks_or_reads_the_clock(path):
    forbidden = {"print", "input", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    assert not calls(path) & forbidden


@pytest.mark.parametrize("path", FILES, ids=module)
def test_no_bug_is_swallowed(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"bare except in line {node.lineno}"
            assert not {"Exception", "BaseException"} & set(
                ast.unparse(node.type).replace("(", " ").replace(",", " ").split()
            )


@pytest.mark.parametrize("path", FILES, ids=module)
def test_a_file_is_one_idea(path):
    text = path.read_text()
    lines = text.count("\n")
    name = module(path).removeprefix("cttoolkit.")
    assert lines <= (320 if name in LONGER else 300), f"{lines} lines: two ideas in one file?"
    assert lines > 300 or name not in LONGER, "it needs no reason any more"
    assert ast.get_docstring(ast.parse(text)) or not text.strip(), "what is this file?"


def test_no_drawer_for_odds_and_ends():
    for path in FILES:
        assert not {"utils", "util", "helpers", "common", "misc", "manager"} & set(
            path.relative_to(PACKAGE).with_suffix("").parts
        )


def test_functions_are_named_by_verbs_without_get():
    for path in FILES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef):
                assert not node.name.startswith("get_"), f"{module(path)}.{node.name}"
