"""What cannot be honoured is said, with the rule and the construct, and the rules beside it run."""

import os
import socket
import subprocess
import sys

import pytest

from cttoolkit import sigma
from cttoolkit.errors import SigmaError
from cttoolkit.sigma import documents, files
from tests.sigma.rules import HEAD, loaded, one, rule

GOOD = rule("eventName: CreateUser", title="Good")

REFUSED = {
    "another product": (rule("a: b").replace("aws", "windows"), "logsource", "not for CloudTrail"),
    "another service": (rule("a: b").replace("cloudtrail", "guardduty"), "logsource", "not for CloudTrail"),
    "no service": (rule("a: b").replace("    service: cloudtrail\n", ""), "logsource", "not for CloudTrail"),
    "a field that Events do not keep": (rule("tlsDetails.tlsVersion: TLSv1"), "field tlsDetails", "no column"),
    "an index": (rule("requestParameters.a[0].b: x"), "field", "no path of keys"),
    "lookahead": (rule("eventName|re: 'a(?=b)'"), "rule", "is invalid: invalid perl operator"),
    "lookbehind": (rule("eventName|re: '(?<=a)b'"), "rule", "invalid"),
    "a back reference": (rule(r"eventName|re: '(a)\1'"), "rule", "invalid escape sequence"),
    "an expression that grows beyond bounds": (rule("eventName|re: '((a{100}){100}){100}'"), "rule", "repetition"),
    "a long expression": (rule(f"eventName|re: '{'a' * 1001}'"), "field eventName", "more than 1,000 characters"),
    "many expressions": (rule(f"eventName|re: [{', '.join(f'a{n}' for n in range(101))}]"), "field", "more than 100"),
    "a placeholder without a value": (rule("eventName|expand: '%names%'"), "field eventName", "placeholder %names%"),
    "a placeholder in an expression": (rule("eventName|re|expand: '%names%'"), "field", "placeholder in a regular"),
    "an unknown modifier": (rule("eventName|sounds_like: x"), "rule", "sounds_like"),
    "a part of what is no time": (rule("eventName|hour: 3"), "field eventName", "no time"),
    "a network that is none": (rule("sourceIPAddress|cidr: 300.0.0.0/8"), "rule", "Invalid CIDR"),
    "a network among keywords": (rule("keywords: {'|cidr': 10.0.0.0/8}", "keywords"), "keywords", "only text"),
    "a selection that is not there": (rule("eventName: a", "nothing"), "condition", "not defined"),
    "a condition that is none": (rule("eventName: a", "selection and"), "condition", ""),
    "a pipe in the condition": (rule("eventName: a", "selection | count() > 5"), "condition", "pipe"),
    "a condition without end": (rule("a: {eventName: a}", "(" * 200 + "a" + ")" * 200), "condition", "too long"),
    "negations without end": (rule("a: {eventName: a}", "not " * 2000 + "a"), "condition", "too long"),
    "a mapping without detection": ("title: x\nlogsource: {product: aws}\n", "document", "no detection"),
    "a list": ("- 1\n- 2\n", "document", "no mapping"),
    "a collection of old": ("action: global\ntitle: x\n", "action", "no more part"),
    "a key that is a number": (rule("eventName: a").replace("level:", "5: x\nlevel:"), "key 5", "no text"),
    "a title that is a list": (rule("eventName: a").replace('"A rule"', "[a, b]"), "rule", "title must be a string"),
    "a level that is none": (rule("eventName: a").replace("high", "terrible"), "rule", "level"),
    "a logsource that is text": (HEAD.format(title="x").replace(
        "logsource:\n    product: aws\n    service: cloudtrail", "logsource: aws") + "    a: {b: c}\n    condition: a\n",
        "rule", "map"),
    "a detection that is text": ("title: x\nlogsource: {product: aws, service: cloudtrail}\ndetection: y\n", "rule", ""),
    "values within values": (rule("eventName: [[a]]"), "rule", ""),
    "a comparison with text": (rule("eventName|gt: much"), "rule", "incompatible"),
    "exists with text": (rule("eventName|exists: maybe"), "rule", "incompatible"),
    "a filter for no rule": ("title: f\nlogsource: {product: aws, service: cloudtrail}\n"  # noqa: ISC004
                             "filter: {rules: [x], a: {b: c}, condition: not a}\n", "filter", "none of the rules"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_honoured_is_named_and_the_others_run(name, tmp_path, capfd):
    text, construct, wrong = REFUSED[name]
    rules = loaded(tmp_path, text, GOOD)
    (problem,) = rules.problems
    assert problem.file == "0.yml"
    assert problem.construct.startswith(construct)
    assert wrong in problem.wrong
    assert [one.title for one in rules] == ["Good"]
    assert not capfd.readouterr().err


MULTIPLYING = "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *a]\n" for n in range(60))
FEW_MULTIPLYING = rule("eventName: x").replace("eventName: x", "eventName: &a0 [x, x, x, x, x, x, x, x, x]") + "".join(
    f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(24)
)
FINE = rule("eventName: x")
HOSTILE = {
    "aliases that multiply": (MULTIPLYING, "more than 50 aliases"),
    "few aliases that multiply": (FEW_MULTIPLYING, "aliases expand to too many nodes"),
    "an alias within itself": (FINE + "fields: &a [*a]\n", "within what it names"),
    "merge keys": (FINE + "a: &a {b: c}\nd:\n  <<: *a\n", "not merged"),
    "a deep list": (FINE + "fields: " + "[" * 500 + "]" * 500, "more than 30 levels"),
    "very deep": ("detection: " + "[" * 100_000, "more than 30 levels"),
    "many values": ("detection: [" + "x," * 100_001 + "x]", "more than 100,000 values"),
    "a key twice": (FINE + "detection: {a: {b: c}, condition: a}\n", "stands twice"),
    "a key that is a list": (FINE + "? [a, b]\n: c\n", "no text"),
    "a tag that makes objects": (FINE + "a: !!python/object/apply:os.system ['true']\n", "constructor"),
    "a date that is none": (FINE + "date: 2024-13-45\n", "cannot be read"),
    "no YAML": ("title: [unclosed\n", "line"),
    "control characters": ("title: \x1b[2J\n", "control characters"),
    "an infinite number": (rule("eventName: .inf"), "Invalid number"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_costs_only_itself(name, tmp_path):
    text, wrong = HOSTILE[name]
    rules = loaded(tmp_path, text, GOOD)
    assert [problem.file for problem in rules.problems] == ["0.yml"]
    assert wrong in rules.problems[0].wrong
    assert [one.title for one in rules] == ["Good"]


def test_a_number_without_end_is_text(tmp_path):
    rules = loaded(
        tmp_path, rule("requestParameters.n: " + "9" * 20_000), rule("requestParameters.n: " + "1:" * 5000 + "1")
    )
    assert not rules.problems


def test_a_file_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 500)
    rules = loaded(tmp_path, GOOD + "#" * 500, GOOD)
    assert [problem.wrong for problem in rules.problems] == ["it is larger than 500 bytes"]
    assert len(rules) == 1


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 1)
    with pytest.raises(SigmaError, match="more than 1 rule files"):
        loaded(tmp_path, GOOD, GOOD)


def test_a_file_that_is_not_utf8_costs_only_itself(tmp_path):
    (tmp_path / "x.yml").write_bytes(b"title: \xff\xfe\n")
    rules = loaded(tmp_path, GOOD)
    assert [problem.wrong for problem in rules.problems] == ["it is not UTF-8"]


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yml").write_text(rule("eventName: x", title="Outside"))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.yml").symlink_to(outside / "secret.yml")
    (inside / "folder").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    os.mkfifo(inside / "pipe.yaml")
    rules = loaded(inside, GOOD)
    assert [one.title for one in rules] == ["Good"]
    assert {problem.file: problem.wrong for problem in rules.problems} == {
        "folder": "it leads out of the folder",
        "link.yml": "it leads out of the folder",
        "pipe.yaml": "it is no plain file",
    }


def test_a_folder_is_read_to_its_depth_and_other_files_are_left(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "deep.yaml").write_text(rule("eventName: x", title="Deep"))
    (tmp_path / "a" / "README.md").write_text("# no rule")
    (tmp_path / "two.yml").write_text(GOOD + "\n---\n" + rule("eventName: y", title="Second") + "\n---\n")
    rules = sigma.load(tmp_path)
    assert [(one.title, one.file) for one in rules] == [
        ("Good", "two.yml"), ("Second", "two.yml"), ("Deep", "a/b/deep.yaml"),
    ]  # fmt: skip
    assert not rules.problems
    assert [one.title for one in sigma.load(tmp_path / "two.yml")] == ["Good", "Second"]


def test_a_path_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SigmaError, match="no such file or folder"):
        sigma.load(tmp_path / "nowhere")


def test_the_same_id_twice_is_said(tmp_path):
    text = GOOD + "id: 0e95725d-7320-415d-80f7-004da920fc11\n"
    rules = loaded(tmp_path, text, text)
    assert [problem.construct for problem in rules.problems] == ["id or name 0e95725d-7320-415d-80f7-004da920fc11"]
    assert len({one.detection_name for one in rules}) == len(rules) == 2


def test_a_rule_that_cannot_run_says_why_when_asked_for(tmp_path):
    rules = loaded(tmp_path, rule("tlsDetails.x: y", title="Broken"), GOOD)
    with pytest.raises(SigmaError, match="no column for tlsDetails"):
        rules["Broken"]
    with pytest.raises(SigmaError, match="no such rule; nearest: Good"):
        rules["Goood"]


def test_problems_and_rules_show_themselves_without_being_run_by_who_looks(tmp_path):
    bad = rule("eventName: x", title="<script>alert(1)</script>\\e[2J") + "author: '<b>me</b>'\nlicense: MIT\n"
    rules = loaded(tmp_path, bad, rule("tlsDetails: y", title="<img src=x>"))
    shown = rules._repr_html_()
    assert "<script>" not in shown
    assert "<img" not in shown
    assert "&lt;b&gt;me" in shown
    assert "MIT" in shown
    assert "no column for tlsDetails" in shown
    assert "\x1b" not in shown + repr(rules)
    assert repr(rules).startswith(f"1 Sigma rules of {tmp_path}; 1 problems")


def test_a_field_that_no_record_has_is_noted(tmp_path):
    made = one(tmp_path, rule("eventname: x\nstatus: y"))
    assert made.notes == ("no record has a field eventname (there is eventName)", "no record has a field status")


def test_the_network_is_never_asked(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    tagged = GOOD + "tags: [attack.t1098.001, attack.persistence, cve.2024-1]\n"
    assert loaded(tmp_path, tagged).rules[0].techniques == ("T1098.001",)


def test_the_toolkit_is_imported_without_pysigma():
    look = "import sys; import cttoolkit; print(any(name in sys.modules for name in ('sigma', 're2', 'yaml')))"
    assert subprocess.run([sys.executable, "-c", look], check=True, capture_output=True).stdout == b"False\n"


def test_without_pysigma_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sigma.rule", None)
    with pytest.raises(SigmaError, match=r"pip install 'cttoolkit\[sigma\]'"):
        sigma.load(tmp_path)


def test_bounds_are_what_the_page_says():
    assert (files.MOST_BYTES, documents.MOST_DEPTH, documents.MOST_ALIASES) == (1 << 20, 30, 50)
