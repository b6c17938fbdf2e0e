"""What a question about credentials gives back: origins, what was made, what is ambiguous, and what may be missing."""

import pytest

import cttoolkit as ct
from cttoolkit.errors import ColumnError
from cttoolkit.session import Grade
from tests.conftest import ACCOUNT, admitted
from tests.test_session import AKIA, EC2, NEW, assume, console, login, made_key, session, use
from tests.test_session_opened import INSTANCE, act


def test_what_was_made_is_named_where_the_answer_tells_it(tmp_path):
    arn = f"arn:aws:iam::{ACCOUNT}"
    records = (
        act(1, "00:10:00", "CreateUser", "iam", answer={"user": {"arn": f"{arn}:user/new", "userName": "new"}}),
        made_key(2, "00:11:00"),
        act(3, "00:12:00", "CreateRole", "iam", answer={"role": {"arn": f"{arn}:role/back"}}),
        act(4, "00:13:00", "CreatePolicy", "iam", answer={"policy": {"arn": f"{arn}:policy/all"}}),
        act(5, "00:14:00", "CreateFunction20150331", "lambda", answer={"functionArn": "arn:aws:lambda:f"}),
        act(6, "00:15:00", "RunInstances", "ec2", answer={"instancesSet": {"items": [{"instanceId": INSTANCE}] * 500}}),
        act(7, "00:16:00", "CreateUser", "iam", answer={"user": {"arn": f"{arn}:user/no"}}, errorCode="AccessDenied"),
        act(8, "00:17:00", "CreateUser", "iam", answer="a text"),
        act(9, "00:18:00", "CreateUser", "iam", answer={"user": [[{"arn": 1}]]}),
        act(
            10,
            "00:19:00",
            "CreateUser",
            "iam",
            answer={"user": {"arn": "mine"}},
            userIdentity=NEW | {"accessKeyId": "AKIAX"},
        ),
    )
    made = ct.session.reach(admitted(tmp_path, *records), AKIA).created
    assert [(one.kind, one.name) for one in made[:5]] == [
        ("user", f"{arn}:user/new"),
        ("access key", "AKIANEW"),
        ("role", f"{arn}:role/back"),
        ("policy", f"{arn}:policy/all"),
        ("function", "arn:aws:lambda:f"),
    ]
    assert [one.name for one in made[5:]] == [INSTANCE] * 100
    assert made[0].event_id == records[0]["eventID"]


def test_resources_that_the_events_name_are_counted_the_most_frequent_first(tmp_path):
    one, other = ({"ARN": f"arn:aws:s3:::{name}", "type": "AWS::S3::Bucket"} for name in ("b", "a"))
    prefix = {"ARNPrefix": "arn:aws:s3:::a/", "type": "AWS::S3::Object"}
    records = (
        act(1, "00:10:00", "PutObject", "s3", resources=[one, prefix]),
        act(2, "00:11:00", "PutObject", "s3", resources=[one]),
        act(3, "00:12:00", "PutObject", "s3", resources=[other, {"type": "no ARN"}]),
        act(4, "00:13:00", "PutObject", "s3", resources=["a text", {"ARN": 5}]),
        act(5, "00:14:00", "PutObject", "s3", resources="a text"),
        act(6, "00:15:00", "PutObject", "s3"),
        act(7, "00:16:00", "PutObject", "s3", resources=[other], userIdentity=NEW | {"accessKeyId": "AKIAX"}),
    )
    assert ct.session.reach(admitted(tmp_path, *records), AKIA).resources == [
        ("arn:aws:s3:::b", 2),
        ("arn:aws:s3:::a", 1),
        ("arn:aws:s3:::a/", 1),
    ]


def test_an_origin_is_named_and_an_ambiguous_one_is_counted(tmp_path):
    bob = NEW | {"principalId": "AIDABOB", "accessKeyId": "AKIABOB"}
    records = (
        assume(1, "01:00:00", "deploy", "x"),
        assume(2, "01:00:00", "deploy", "y", userIdentity=bob),
        use(3, "01:10:00", session("deploy", key="ASIA1")),
        assume(4, "01:20:00", "audit", "ASIA2"),
        use(5, "01:30:00", session("audit", key="ASIA2", made="01:20:00")),
    )
    events = admitted(tmp_path, *records)
    behind = ct.session.behind(events, Grade.LIKELY)
    assert behind.origin("tmp:ASIA1") == "ambiguous(2)"
    assert behind.origin("tmp:ASIA2") == f"key:{AKIA}"
    with pytest.raises(ColumnError, match="no such credential"):
        behind.origin("tmp:ASIA3")
    reached = ct.session.reach(events, AKIA, Grade.LIKELY)
    assert reached.ambiguous == {"tmp:ASIA1": 2}
    assert reached.sessions == ("tmp:ASIA1", "tmp:ASIA2")
    assert "1 ambiguous" in repr(reached)
    assert ct.session.reach(events, AKIA).ambiguous == {}


def test_what_was_reached_from_a_session_that_nothing_issued_says_what_may_be_missing(tmp_path):
    records = (
        assume(1, "01:00:00", "deploy", "ASIA1", userIdentity=session("first", key="ASIA0")),
        use(2, "01:10:00", session("deploy", key="ASIA1")),
    )
    events = admitted(tmp_path, *records)
    reached = ct.session.reach(events, "ASIA0")
    assert len(reached.explanations) == 5
    assert all(reason in repr(reached) and reason in reached._repr_html_() for reason in reached.explanations)
    assert ct.session.reach(events, "ASIA1").explanations == ()


def test_a_frame_says_what_the_paths_say(tmp_path):
    """Columns are made of all at once, paths one by one: by both a credential has the same origin, person, grade and joins."""
    records = (
        assume(1, "01:00:00", "first", "hidden"),
        assume(2, "01:01:00", "second", "ASIA2", userIdentity=session("first", key="ASIA1", made="01:00:00")),
        use(3, "01:03:00", session("second", key="ASIA2", made="01:01:00")),
        assume(4, "01:04:00", "app", "ASIA4", INSTANCE, userIdentity=EC2),
        use(5, "01:05:00", session("app", INSTANCE, "ASIA4", "01:04:00")),
        assume(6, "02:00:00", "both", "x"),
        assume(7, "02:00:00", "both", "y", userIdentity=session("app", INSTANCE, "ASIA4", "01:04:00")),
        use(8, "02:10:00", session("both", key="ASIA8", made="02:00:00")),
        use(9, "02:20:00", session("lost", key="ASIA9", made="02:00:00")),
        assume(10, "02:30:00", "own", "ASIAO", userIdentity=EC2),
        use(11, "02:31:00", session("own", key="ASIAO", made="02:30:00", context={"sourceIdentity": "carol"})),
        login(12, "03:00:00", console("sso", "03:00:00")),
        use(13, "03:10:00", console("sso", "03:00:00")),
    )
    events = admitted(tmp_path, *records)
    assert "carol" in ct.session.behind(events).frame().person.tolist()
    for least in (Grade.POSSIBLE, Grade.LIKELY, Grade.STRONG, Grade.EXACT):
        found = ct.session.behind(events, least)
        frame = found.frame()
        assert len(frame) == len(found.paths) == len(list(found.paths))
        rows = zip(found.paths, frame.to_dict("records"), strict=True)
        for path, row in rows:
            assert (row["credential"], row["origin"], row["is_a"], row["status"]) == (
                path.credential, path.origin, path.end, path.status,
            )  # fmt: skip
            assert row["person"] == found.chains.person(path)
            assert row["grade"] == (path.grade.word if path.grade else "")
            assert row["joins"] == " → ".join(
                f"{e.kind} ({e.grade.word}{', ' + e.note if e.note else ''})" for e in path.edges
            )
        ambiguous = sum(1 for name in found.counts if found.origin(name).startswith("ambiguous"))
        assert ambiguous == (least in (Grade.POSSIBLE, Grade.LIKELY))
        assert found.is_resolved is False


@pytest.mark.parametrize("count", [19, 20, 21])
def test_a_way_up_of_twenty_joins_is_walked_and_a_longer_one_is_cut(tmp_path, count):
    records = [
        assume(
            n,
            f"01:{n:02d}:00",
            f"r{n}",
            f"ASIA{n}",
            **({"userIdentity": session(f"r{n - 1}", key=f"ASIA{n - 1}")} if n else {}),
        )
        for n in range(count)
    ]
    last = use(count, "02:00:00", session(f"r{count - 1}", key=f"ASIA{count - 1}"))
    found = ct.session.behind(admitted(tmp_path, *records, last))
    end = found.frame().set_index("credential").is_a[f"tmp:ASIA{count - 1}"]
    assert end == ("long-lived access key" if count <= 20 else "more joins than are walked")


def test_what_a_sign_in_opened_is_reached_from_it_and_another_afternoon_is_not(tmp_path):
    records = (
        login(1, "01:00:00", console("sso", "01:00:00"), mfa="No"),
        use(2, "01:10:00", console("sso", "01:00:00")),
        login(3, "03:00:00", console("sso", "03:00:00")),
        use(4, "03:10:00", console("sso", "03:00:00")),
        login(5, "04:00:00", console("sso", "04:00:00"), outcome="Failure"),
        use(6, "04:10:00", console("sso", "04:00:00", as_="somebody")),
    )
    events = admitted(tmp_path, *records)
    logins = events.named("ConsoleLogin")

    def reached(found):
        return sorted(int(one[-12:]) for one in ct.session.reach(events, found).events.frame("event_id").event_id)

    assert reached(logins.where(ct.param("additionalEventData.MFAUsed") == "No")) == [1, 2]
    assert reached(logins.where(ct.param("responseElements.ConsoleLogin") == "Failure")) == [5]
    assert reached(logins) == [1, 2, 3, 4, 5]


def test_what_was_there_before_was_not_made(tmp_path):
    records = (
        act(1, "00:10:00", "CreateSnapshot", "ec2", answer={"snapshotId": "snap-1", "volumeId": "vol-1"}),
        act(2, "00:11:00", "CreateVolume", "ec2", answer={"snapshotId": "snap-0", "volumeId": "vol-2"}),
        act(3, "00:12:00", "CreateFunctionUrlConfig", "lambda", answer={"functionArn": "arn:aws:lambda:f"}),
        act(4, "00:13:00", "CreateFunction20150331", "lambda", answer={"functionArn": "arn:aws:lambda:g"}),
    )
    made = ct.session.reach(admitted(tmp_path, *records), AKIA).created
    assert [(one.kind, one.name) for one in made] == [
        ("snapshot", "snap-1"), ("volume", "vol-2"), ("function", "arn:aws:lambda:g"),
    ]  # fmt: skip
