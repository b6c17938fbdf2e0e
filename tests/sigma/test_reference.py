"""Rules drawn at random give what a plain reading of the records gives, in three values."""

from __future__ import annotations

import fnmatch
import json
import random
import re

import pytest
import yaml

from tests.conftest import admitted, event
from tests.sigma.rules import loaded

RULES, EVENTS = 80, 30
NAMES = ["GetObject", "PutObject", "CreateUser", "getobject"]
WORDS = [
    "alpha",
    "Alpha",
    "alp",
    "beta",
    "a*b",
    "a?b",
    "a\\b",
    "",
    "x",
    "5",
    "5.0",
    "70",
    "true",
    "10.0.0.7",
    "äÖ",
    '"q"',
    "null",
]
FIELDS = [
    "eventName", "errorCode", "userAgent", "readOnly", "requestParameters.a", "requestParameters.a.b", "requestParameters.l",
    "requestParameters.l.b", "requestParameters.a.b.c", "responseElements.a", "userIdentity.userName", "nothing", "requestParameters",
]  # fmt: skip
MODIFIERS = ["", "", "|contains", "|startswith", "|endswith", "|cased", "|contains|cased", "|contains|all", "|re", "|gt", "|lte",
             "|exists", "|fieldref", "|neq", "|contains|neq"]  # fmt: skip
OMITTED = {"omitted": True, "originalSize": 200000}


def scalar(draw: random.Random):
    return draw.choice([*WORDS, *WORDS, 5, 70, 5.0, True, False, None])


def record(number: int, draw: random.Random) -> dict:
    def inner():
        return draw.choice([scalar(draw), {"b": scalar(draw)}, {"b": {"c": scalar(draw)}}, {"b.c": scalar(draw)}])

    parameters = {
        "a": inner(),
        "l": [draw.choice([scalar(draw), {"b": scalar(draw)}]) for _ in range(draw.randrange(4))],
    }
    more = {"errorCode": draw.choice(["AccessDenied", "alpha", "5"])} if draw.random() < 0.5 else {}
    cut = draw.choice(["alpha ", "beta "]) + "y" * 1030
    return event(
        number, f"2026-03-01T00:{number:02d}:00Z", draw.choice(NAMES), readOnly=draw.choice([True, False]), **more,
        requestParameters=draw.choice([parameters, parameters, parameters, OMITTED, None]),
        responseElements=draw.choice([{"a": scalar(draw)}, OMITTED, None]),
        userAgent=draw.choice(["Alpha/1", "xbeta", cut[:1024], cut[:1024], "äÖ"]),
        userIdentity={"type": "IAMUser", "principalId": "AIDA1", "userName": draw.choice(["alpha", "x"])},
    )  # fmt: skip


def selection(draw: random.Random) -> dict:
    made = {}
    for _ in range(draw.choice([1, 1, 2])):
        field, modifier = draw.choice(FIELDS), draw.choice(MODIFIERS)
        if modifier in {"|gt", "|lte"}:
            value = draw.choice([5, 6, 69.5])
        elif modifier == "|exists":
            value = draw.choice([True, False])
        elif modifier == "|fieldref":
            value = draw.choice(FIELDS)
        elif modifier == "|re":
            value = draw.choice(["^al", "[ab]$", "a.b", "alpha", "ÄÖ", "^$"])
        elif modifier in {"", "|neq"} and draw.random() < 0.3:
            value = draw.choice([None, 5, 70, True, False])
        else:
            value = [
                draw.choice(["alpha", "al*", "*b*", "a?b", r"a\*b", "Object", "x", "5", "y", "äö", "zz"])
                for _ in range(2)
            ]
        made[field + modifier] = value
    return made


def conditions(draw: random.Random) -> str:
    return draw.choice(["a", "not a", "a and b", "a or b", "a and not b", "not (a or b)", "(a or b) and not c", "1 of them",
                        "all of them", "not 1 of them", "a or not b and c"])  # fmt: skip


# The plain reading -------------------------------------------------------------------------------------------------------


def written(value) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def within(value, parts):
    if isinstance(value, list):
        for one in value:
            yield from within(one, parts)
    elif not parts:
        if value is not None:
            yield written(value)
    elif isinstance(value, dict):
        for many in range(1, len(parts) + 1):
            if ".".join(parts[:many]) in value:
                yield from within(value[".".join(parts[:many])], parts[many:])


def read(told: dict, field: str):
    """Values, or None where it cannot be told; whether the text may be cut; whether it is there."""
    top, *parts = field.split(".")
    value = told.get(top)
    is_json = top in {"requestParameters", "responseElements"}
    if is_json and value == OMITTED:
        return None, False, not parts
    if field == "requestParameters":
        return ([] if value is None else [written(value)]), False, value is not None
    found = list(within(value, parts))
    return found, top == "userAgent" and len(value.encode()) >= 1021, bool(found)


def is_like(text: str, pattern: str, *, cased: bool) -> bool:
    plain = re.sub(r"\\\*", "\0", pattern)
    expression = fnmatch.translate(plain.replace("[", "[[]")).replace("\0", r"\*")
    return re.match(expression, text, 0 if cased else re.IGNORECASE) is not None


def of_text(text: str, modifiers: list[str], value, *, cut: bool):
    if modifiers[:1] == ["re"]:
        hit = re.search(value, text) is not None
        return (True if hit and "$" not in value else None) if cut else hit
    if modifiers[:1] in (["gt"], ["lte"]):
        if cut:
            return None
        try:
            number = float(text)
        except ValueError:
            return False
        return number > value if modifiers[0] == "gt" else number <= value
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, int):
        if cut:
            return None
        try:
            return float(text) == value
        except ValueError:
            return False
    before = "*" if {"contains", "endswith"} & set(modifiers) and not value.startswith("*") else ""
    after = "*" if {"contains", "startswith"} & set(modifiers) and not value.endswith("*") else ""
    pattern, cased = before + value + after, "cased" in modifiers
    if not cut:
        return is_like(text, pattern, cased=cased)
    # Some longer text may match where the text as it stands does not: what is certain is tried on two endings.
    if pattern.endswith("*") and is_like(text, pattern, cased=cased):
        return True
    start = re.split(r"[*?]", pattern)[0]
    folded = (text, start) if cased else (text.lower(), start.lower())
    if "*" not in pattern and "?" not in pattern:
        return None if folded[1].startswith(folded[0]) else False
    return None if folded[0].startswith(folded[1]) or folded[1].startswith(folded[0]) else False


def either(answers):
    answers = list(answers)
    return True if True in answers else None if None in answers else False


def both(answers):
    answers = list(answers)
    return False if False in answers else None if None in answers else True


def negated(answer):
    return None if answer is None else not answer


def of_item(told: dict, key: str, wanted):
    field, *modifiers = key.split("|")
    found, cut, there = read(told, field)
    if modifiers == ["exists"]:
        answer = None if found is None and not there else there is wanted
    elif modifiers == ["fieldref"]:
        others, other_cut, _ = read(told, wanted)
        if field == "nothing" or wanted == "nothing":
            return False
        mine = [None] if found is None or cut else found
        theirs = [None] if others is None or other_cut else others
        answer = either(None if None in {a, b} else a.lower() == b.lower() for a in mine for b in theirs)
    else:
        each = [
            (None if found is None and not there else not there) if value is None
            else None if found is None
            else either(of_text(text, modifiers, value, cut=cut) for text in found)
            for value in (wanted if isinstance(wanted, list) else [wanted])
        ]  # fmt: skip
        answer = both(each) if "all" in modifiers else either(each)
    return negated(answer) if "neq" in modifiers else answer


def of_rule(told: dict, selections: dict, condition: str):
    a, b, c = (both(of_item(told, key, value) for key, value in one.items()) for one in selections.values())
    return {
        "a": a, "not a": negated(a), "a and b": both([a, b]), "a or b": either([a, b]), "a and not b": both([a, negated(b)]),
        "not (a or b)": negated(either([a, b])), "(a or b) and not c": both([either([a, b]), negated(c)]),
        "1 of them": either([a, b, c]), "all of them": both([a, b, c]), "not 1 of them": negated(either([a, b, c])),
        "a or not b and c": either([a, both([negated(b), c])]),
    }[condition]  # fmt: skip


@pytest.mark.parametrize("seed", [1])
def test_random_rules_say_what_the_records_say(seed, tmp_path):
    draw = random.Random(seed)
    records = [record(number, draw) for number in range(EVENTS)]
    rules = [({name: selection(draw) for name in "abc"}, conditions(draw)) for _ in range(RULES)]
    source = {"product": "aws", "service": "cloudtrail"}
    texts = [
        yaml.safe_dump({"title": f"r{n}", "logsource": source, "detection": {**selections, "condition": condition}})
        for n, (selections, condition) in enumerate(rules)
    ]
    made = loaded(tmp_path / "rules", *texts)
    assert not made.problems, made
    events = admitted(tmp_path, *records)
    table = events.table
    asked = table.select("event_id", **{f"r{n}": made[f"r{n}"].holds(table) for n in range(RULES)})
    answers = {int(row["event_id"][-12:]): row for row in asked.to_pyarrow().to_pylist()}
    wrong = [
        (
            texts[n],
            json.dumps(records[number]["requestParameters"]),
            records[number]["userAgent"][:9],
            answers[number][f"r{n}"],
        )
        for n, (selections, condition) in enumerate(rules)
        for number in range(EVENTS)
        if answers[number][f"r{n}"] != of_rule(records[number], selections, condition)
    ]
    assert not wrong, (len(wrong), wrong[0])
    told = [answers[number][f"r{n}"] for n in range(RULES) for number in range(EVENTS)]
    assert min(told.count(True), told.count(False), told.count(None)) > 100
