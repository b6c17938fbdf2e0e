"""Each construct of Sigma matches what it says, does not match what it does not, and says where it cannot be told."""

import pytest

from tests.conftest import admitted, event
from tests.sigma.rules import loaded, numbers, one, rule

OMITTED = {"omitted": True, "originalSize": 123456, "reason": "size"}
CUT = "curl/8 (" + "x" * 1016


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    at = "2026-03-01T00:{:02d}:00Z".format
    return admitted(
        tmp_path_factory.mktemp("world"),
        event(1, at(1), "CreateUser", eventSource="iam.amazonaws.com", readOnly=False, requestParameters={
            "userName": "Bob", "path": "/", "tags": [{"key": "team", "value": "Red"}, {"key": "env", "value": "prod"}],
        }),
        event(2, at(2), "RunInstances", requestParameters={
            "instancesSet": {"items": [{"imageId": "ami-1", "minCount": 5}, {"imageId": "ami-2", "minCount": "70"}]},
            "names": ["one", "two"], "dry": False, "empty": "", "nothing": None, "star": "a*b?c", "slash": "C:\\Temp\\x",
        }),
        event(3, at(3), "RunInstances", requestParameters=OMITTED, sourceIPAddress="2001:db8::17"),
        event(4, at(4), "GetObject", userAgent=CUT, sourceIPAddress="198.51.100.77"),
        event(5, at(5), "GetObject", requestParameters=None, errorCode="AccessDenied", errorMessage="Kein Zugriff für dich",
              sourceIPAddress="ec2.amazonaws.com"),
        event(6, at(6), "PutObject", requestParameters={
            "a.b": {"c.d": "deep"}, "Host": "bucket.example.com",
            "x-amz-acl": "public-read", "addresses": ["no address", "10.1.2.3"], "alice": "AIDAEXAMPLEALICE00001",
        }),
        event(7, "2026-03-01T03:30:00Z", "AssumeRole", userAgent="Mozilla/5.0\nX", requestID="é" * 511, requestParameters={
            "roleArn": "arn:aws:iam::111122223333:role/deploy", "roleSessionName": "alice", "durationSeconds": 3600,
            "policy": '{"Effect":"Allow"}',
        }),
    )  # fmt: skip


ALL = [1, 2, 3, 4, 5, 6, 7]

CASES = {
    "equal, whatever the case": ("eventName: createuser", [1], []),
    "equal, the case counting": ("eventName|cased: createuser", [], []),
    "equal and cased": ("eventName|cased: CreateUser", [1], []),
    "several values": ("eventName: [CreateUser, AssumeRole]", [1, 7], []),
    "all keys of a map": ("eventName: GetObject\nerrorCode: AccessDenied", [5], []),
    "any map of a list": ("- eventName: CreateUser\n- errorCode: AccessDenied", [1, 5], []),
    "a star": ("eventName: '*Object'", [4, 5, 6], []),
    "a star within": ("eventName: 'Ge*ct'", [4, 5], []),
    "a question mark": ("eventName: '?etObject'", [4, 5], []),
    "a question mark is one character": ("eventName: '?GetObject'", [], []),
    "a star alone is any value": ("errorCode: '*'", [5], []),
    "an escaped wildcard": (r"requestParameters.star: 'a\*b\?c'", [2], [3]),
    "an escaped wildcard is none": (r"eventName: 'Get\*'", [], []),
    "a backslash before a letter": (r"requestParameters.slash: 'C:\Temp\x'", [2], [3]),
    "contains": ("eventName|contains: RUN", [2, 3], []),
    "startswith": ("eventName|startswith: get", [4, 5], []),
    "endswith": ("eventName|endswith: role", [7], []),
    "contains all": ("eventName|contains|all: [Get, Obj]", [4, 5], []),
    "contains all, one missing": ("eventName|contains|all: [Get, Put]", [], []),
    "letters outside of ASCII": ("errorMessage|contains: FÜR", [5], []),
    "null": ("errorCode: null\neventName: GetObject", [4], []),
    "an empty text is not null": ("requestParameters.empty: ''", [2], [3]),
    "null in JSON": ("requestParameters.nothing: null\neventName: RunInstances", [2], [3]),
    "null of a whole that is not there": ("requestParameters: null", [5], []),
    "null of a field that was left out": ("requestParameters: null\neventName: RunInstances", [], []),
    "exists": ("requestParameters.roleArn|exists: true", [7], [3]),
    "does not exist": ("errorCode|exists: false", [1, 2, 3, 4, 6, 7], []),
    "a whole that was left out was there": ("requestParameters|exists: true\neventName: RunInstances", [2, 3], []),
    "a path": ("requestParameters.userName: bob", [1], [3]),
    "a path into an object": ("requestParameters.tags.value: red", [1], [3]),
    "a path through a list": ("requestParameters.instancesSet.items.imageId: ami-2", [2], [3]),
    "any element of a list": ("requestParameters.names: TWO", [2], [3]),
    "contains in JSON": ("requestParameters.roleArn|contains: ROLE/dep", [7], [3]),
    "startswith in JSON": ("requestParameters.roleArn|startswith: 'ARN:'", [7], [3]),
    "endswith in JSON": ("requestParameters.roleArn|endswith: deploy", [7], [3]),
    "a word of JSON's own": ("requestParameters.dry|contains: als", [2], [3]),
    "a key with dots": ("requestParameters.a.b.c.d: deep", [6], [3]),
    "a key with hyphens": ("requestParameters.x-amz-acl: public-read", [6], [3]),
    "an object as text": ("requestParameters.instancesSet|contains: 'ami-1'", [2], [3]),
    "the whole as text": ("requestParameters|contains: 'Effect'", [7], [3]),
    "a path of the identity": ("userIdentity.arn|endswith: ':user/ALICE'", ALL, []),
    "a number": ("requestParameters.durationSeconds: 3600", [7], [3]),
    "a number that is text": ("requestParameters.instancesSet.items.minCount: 70", [2], [3]),
    "a boolean": ("requestParameters.dry: false", [2], [3]),
    "a boolean as text": ("requestParameters.dry: 'False'", [2], [3]),
    "a flag": ("readOnly: false", [1], []),
    "a flag as text": ("readOnly: 'false'", [1], []),
    "less": ("requestParameters.instancesSet.items.minCount|lt: 6", [2], [3]),
    "not less": ("requestParameters.instancesSet.items.minCount|lt: 5", [], [3]),
    "less or equal": ("requestParameters.instancesSet.items.minCount|lte: 5", [2], [3]),
    "more": ("requestParameters.instancesSet.items.minCount|gt: 69.5", [2], [3]),
    "more or equal": ("requestParameters.durationSeconds|gte: 3600", [7], [3]),
    "text is neither more nor less": ("eventName|gt: 0", [], []),
    "not equal": ("eventName|neq: RunInstances", [1, 4, 5, 6, 7], []),
    "a regular expression": ("eventName|re: '^Ru.*s$'", [2, 3], []),
    "a regular expression minds the case": ("eventName|re: '^ru'", [], []),
    "a regular expression with i": ("eventName|re|i: '^ru'", [2, 3], []),
    "a dot is no line end": (r"userAgent|re: 'Mozilla.*X'", [], [4]),
    "a dot is a line end with s": (r"userAgent|re|s: 'Mozilla.*X'", [7], [4]),
    "an anchor is the text's": ("userAgent|re: '^X'", [], [4]),
    "an anchor is the line's with m": ("userAgent|re|m: '^X'", [7], [4]),
    "a regular expression in JSON": ("requestParameters.userName|re: 'B.b'", [1], [3]),
    "a network": ("sourceIPAddress|cidr: 192.0.2.0/24", [1, 2, 6, 7], []),
    "a network in JSON": ("requestParameters.addresses|cidr: [10.0.0.0/8, 2001:db8::/32]", [6], [3]),
    "another network in JSON": ("requestParameters.addresses|cidr: 10.2.0.0/16", [], [3]),
    "a wildcard in JSON": ("requestParameters.roleArn: 'arn:*:role/d?ploy'", [7], [3]),
    "a network of version 6": ("sourceIPAddress|cidr: 2001:db8::/32", [3], []),
    "a field that another has": ("requestParameters.roleSessionName|fieldref: userIdentity.userName", [7], [3]),
    "a field that another has in JSON": ("userIdentity.principalId|fieldref: requestParameters.alice", [6], [3]),
    "a field that ends with another": ("userIdentity.arn|fieldref|endswith: requestParameters.roleSessionName", [7], [3]),
    "a field that begins with another": ("userIdentity.arn|fieldref|startswith: eventName", [], []),
    "a field that contains another": ("userIdentity.arn|fieldref|contains: userIdentity.userName", ALL, []),
    "a field that is cut and another": ("userAgent|fieldref: eventName", [], [4]),
    "the hour of an event": ("eventTime|hour: 3", [7], []),
    "the minute of an event": ("eventTime|minute: 4", [4], []),
    "a time as text": ("eventTime|startswith: '2026-03-01T03:'", [7], []),
    "base64": ("requestParameters.userName|base64: foo", [], [3]),
    "windash": ("eventName|windash|contains: ' -x'", [], []),
    "cut: what is there is known": ("userAgent|startswith: CURL/8", [4], []),
    "cut: another beginning is another text": ("userAgent|startswith: Boto3", [], []),
    "cut: found is found": ("userAgent|contains: xxx", [4], []),
    "cut: not found is not known": ("userAgent|contains: kali", [], [4]),
    "cut: no end is known": ("userAgent|endswith: xx", [], [4]),
    "cut: a shorter text is another": ("userAgent: 'curl/8 ('", [], []),
    "cut: the same as far as it goes": (f"userAgent: '{CUT}'", [], [4]),
    "cut: a longer text may be it": (f"userAgent: '{CUT}yz'", [], [4]),
    "cut: a longer beginning may be it": (f"userAgent|startswith: '{CUT}yz'", [], [4]),
    "cut: a pattern with a known beginning": ("userAgent: 'curl/?*)'", [], [4]),
    "cut: a pattern with another beginning": ("userAgent: 'boto/?*)'", [], []),
    "cut: not equal": ("userAgent|contains|neq: kali", [1, 2, 3, 5, 6, 7], [4]),
    "cut: there is one": ("userAgent|exists: true", ALL, []),
    "cut: it is not null": ("userAgent: null", [], []),
    "cut: an expression that is found": ("userAgent|re: 'c.rl'", [4], []),
    "cut: an expression that is not": ("userAgent|re: 'k.li'", [], [4]),
    "cut: an expression that asks for the end": ("userAgent|re: 'x$'", [], [4]),
    "cut in the middle of a letter": ("requestID|contains: zzz", [], [7]),
    "cut: a number may go on": ("userAgent|gt: 5", [], [4]),
    "a field that no record has": ("status: success", [], []),
    "a field that no record has is null": ("status: null\neventName: AssumeRole", [7], []),
}  # fmt: skip


@pytest.fixture(scope="module")
def answers(events, tmp_path_factory):
    """What each case's rule says of each event, all asked at once."""
    rules = loaded(tmp_path_factory.mktemp("rules"), *(rule(case[0], title=name) for name, case in CASES.items()))
    assert not rules.problems, rules
    table = events.table
    asked = table.select("event_id", **{name: rules[name].holds(table) for name in CASES})
    return asked.to_pyarrow().to_pylist()


@pytest.mark.parametrize("name", CASES)
def test_a_construct_means_what_sigma_says(name, answers):
    _, matched, unsure = CASES[name]
    assert sorted(int(row["event_id"][-12:]) for row in answers if row[name] is True) == matched
    assert sorted(int(row["event_id"][-12:]) for row in answers if row[name] is None) == unsure


CONDITIONS = {
    "a and not b": ("a and not b", [4], []),
    "a or b": ("a or b", [4, 5], []),
    "brackets": ("not (a and b)", [1, 2, 3, 4, 6, 7], []),
    "not binds more than and, and that more than or": ("not a and b or b", [5], []),
    "1 of": ("1 of a*", [4, 5], []),
    "all of": ("all of a*", [5], []),
    "any of": ("any of a_*", [5], []),
    "all of them": ("all of them", [], []),
    "1 of them": ("1 of them", [2, 3, 4, 5], []),
    "not of what cannot be told": ("not c", [1, 4, 5, 6, 7], [3]),
    "what cannot be told, and what is not so": ("c and b", [], []),
    "what cannot be told, and what is so": ("c and d", [2], [3]),
    "what cannot be told, or what is so": ("c or d", [2, 3], []),
    "what cannot be told, or what is not so": ("c or b", [2, 5], [3]),
    "a list of conditions": ("[b, d]", [2, 3, 5], []),
}
SELECTIONS = """
a: {eventName: GetObject}
b: {errorCode: AccessDenied}
c: {requestParameters.dry: false}
d: {eventName: RunInstances}
a_b: {errorCode|contains: Denied}
_hidden: {eventName: PutObject}
"""


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions_are_logic_of_three_values(name, events, tmp_path):
    condition, matched, unsure = CONDITIONS[name]
    made = one(tmp_path, rule(SELECTIONS, condition))
    assert numbers(made.matched(events)) == matched
    assert numbers(made.unsure(events)) == unsure


KEYWORDS = {
    "anywhere in the record": ("[deploy]", [7], [3, 4]),
    "whatever the case, of several": ("[DEPLOY, kein zugriff]", [5, 7], [3, 4]),
    "all of them": ("{'|all': [':role/', alice, assume]}", [7], [3, 4]),
    "the marker of what was left out is no content": ("[originalSize]", [], [3, 4, 7]),
    "with a wildcard": ("['role*name']", [7], [3, 4]),
    "a regular expression": ("{'|re': 'ami-[0-9]'}", [2], [3, 4, 7]),
    "a number": ("[3600]", [7], [3, 4]),
}


@pytest.mark.parametrize("name", KEYWORDS)
def test_keywords_are_looked_for_in_all_columns(name, events, tmp_path):
    keywords, matched, unsure = KEYWORDS[name]
    made = one(tmp_path, rule(f"keywords: {keywords}", "keywords"))
    assert numbers(made.matched(events)) == matched
    assert numbers(made.unsure(events)) == unsure


def test_placeholders_are_what_the_caller_gives(events, tmp_path):
    text = rule("eventName|expand: '%watched%'\neventSource|expand|contains: '%service%.amazon'")
    made = one(tmp_path, text, placeholders={"watched": ["CreateUser", "Put*"], "service": ["iam", "s3"]})
    assert numbers(made.matched(events)) == [1]
    text = rule("requestParameters.names|expand|all: ['%some%', two]")
    made = one(tmp_path, text, placeholders={"some": ["zero", "one"]})
    assert numbers(made.matched(events)) == [2]


def test_thousands_of_values_are_one_question(events, tmp_path):
    many = [*(f"198.18.{n // 250}.{n % 250}" for n in range(1500)), "198.51.100.77", "2001:*"]
    made = one(tmp_path, rule("sourceIPAddress|expand: '%known%'"), placeholders={"known": many})
    assert numbers(made.matched(events)) == [3, 4]


def test_thousands_of_patterns_are_one_question(events, tmp_path):
    made = one(
        tmp_path, rule("eventName|expand|contains: '%parts%'"), placeholders={"parts": [*map(str, range(500)), "Obj"]}
    )
    assert numbers(made.matched(events)) == [4, 5, 6]


def test_a_percent_sign_without_expand_is_one(events, tmp_path):
    assert not numbers(one(tmp_path, rule("eventName: '%watched%'")).matched(events))


def test_a_filter_takes_from_the_rules_that_it_names(events, tmp_path):
    named = rule("eventName: GetObject", title="Reads") + "name: reads\n"
    other = rule("eventSource: ec2.amazonaws.com\neventName: GetObject", title="Other")
    kept = """
title: Not our own
logsource: {product: aws, service: cloudtrail}
filter:
    rules: [reads]
    ours: {errorCode: null}
    condition: not ours
"""
    rules = loaded(tmp_path, named, other, kept)
    assert not rules.problems
    assert numbers(rules["Reads"].matched(events)) == [5]
    assert numbers(rules["Other"].matched(events)) == [4, 5]
