"""Exercises: right answers are right, wrong ones wrong with a reason, and nothing tells the answer before its time."""

import json
from datetime import UTC, datetime
from functools import cache

import pytest

import cttoolkit as ct
from cttoolkit.errors import ExerciseError
from cttoolkit.training.exercise import open_exercise
from cttoolkit.training.question import load_course
from cttoolkit.window import Window
from tests.conftest import SAMPLES
from tests.training.definitions import NAMES, Sample, exercises

ID = "00000000-0000-4000-8000-00000000000{}".format
CONSISTENT, UNPROVEN = ct.Word.KEY_UNPROVEN, ct.Word.UNPROVEN
STRANGERS = {
    "address": ["192.0.2.250", "2001:db8::1"],
    "event name": ["NoSuchCall", "DescribeNothing"],
    "actor": ["user/nobody", "nobody@example.com"],
    "access key": ["AKIANOSUCHKEYEXAMPLE", "ASIANOSUCHKEYEXAMPLE"],
    "event": [ID(1), ID(2)],
    "region": ["me-south-1", "il-central-1"],
    "account": ["999999999999", "888888888888"],
    "error code": ["NoSuchError", "Client.NoSuchError"],
    "text": ["nothing-of-that-name", "nor-that"],
    "object key": ["AWSLogs/none.json.gz", "AWSLogs/other.json.gz"],
}


def opened(name):
    return open_exercise(name, case=SAMPLES / name)


@cache
def sample(name):
    return Sample(name)


def asked(*kinds):
    return [
        pytest.param(name, f"q{number}", one, id=f"{name}-q{number}")
        for name in NAMES
        for number, one in enumerate(exercises.load(name).questions, 1)
        if not kinds or one.kind in kinds
    ]


def first_spelling(element):
    return element if isinstance(element, str) else element[0]


def plain(name, one):
    """The right answer as a trainee could write it without the toolkit."""
    answer = one.answer(sample(name))
    if one.kind in ("count", "time", "claim"):
        return answer
    return [first_spelling(element) for element in answer]


SETS = asked(*STRANGERS)


class TestEveryQuestion:
    @pytest.mark.parametrize(("name", "question", "one"), [p for p in asked() if p.values[2].kind != "claim"])
    def test_the_right_answer_is_right(self, name, question, one):
        assert opened(name).check(question, plain(name, one)).outcome == "right"

    @pytest.mark.parametrize(("name", "question", "one"), asked())
    def test_a_blank_is_no_answer_and_costs_nothing(self, name, question, one):
        exercise = opened(name)
        assert "not answered yet" in repr(exercise.check(question, None))
        assert not exercise.sheet().entries[int(question[1:]) - 1].tries

    @pytest.mark.parametrize(("name", "question", "one"), asked())
    def test_rubbish_is_wrong_and_raises_nothing(self, name, question, one):
        exercise = opened(name)
        for rubbish in (
            "?",
            10**30,
            -1,
            1.5,
            {"a": 1},
            object(),
            [[1]],
            ("x", "y"),
            b"x",
            "\x00",
            datetime(2020, 1, 1),
        ):
            assert exercise.check(question, rubbish).outcome == "wrong", rubbish

    @pytest.mark.parametrize(("name", "question", "one"), SETS)
    def test_what_does_not_belong_is_not_right(self, name, question, one):
        exercise, right, strangers = opened(name), plain(name, one), STRANGERS[one.kind]
        assert exercise.check(question, strangers[:1]).outcome == "wrong"
        assert exercise.check(question, [*right, strangers[0]]).outcome != "right"
        if not right:
            assert exercise.check(question, strangers[:1]).is_overclaim
        else:
            assert exercise.check(question, []).outcome == "wrong"

    @pytest.mark.parametrize(("name", "question", "one"), [param for param in SETS if param.values[2].many])
    def test_a_part_of_a_set_is_close(self, name, question, one):
        right, stranger = plain(name, one), STRANGERS[one.kind][0]
        if not right:
            assert opened(name).check(question, "nothing").outcome == "right"
            return
        if len(right) == 1:
            assert (
                opened(name).check(question, [*right, stranger]).reason.startswith("all that belong are there, and one")
            )
            return
        less_one = opened(name).check(question, right[1:])
        assert less_one.outcome == "close"
        assert f"{len(right) - 1} of {len(right)}" in less_one.reason
        mixed = opened(name).check(question, [*right[1:], stranger])
        assert mixed.outcome == "close"
        assert "one that does not belong" in mixed.reason

    def test_a_net_that_catches_everything_is_no_answer(self):
        mark = opened("leaked-key").check("q4", ["us-east-1", "me-south-1", "il-central-1", "af-south-1"])
        assert (mark.outcome, mark.reason) == ("wrong", "most of what is given does not belong")

    @pytest.mark.parametrize(("name", "question", "one"), asked("count"))
    def test_a_count_is_exact_or_close(self, name, question, one):
        right = plain(name, one)
        assert opened(name).check(question, right * 3).outcome == "wrong"
        near = opened(name).check(question, right + 1)
        assert (near.outcome, near.reason) == ("close", "within about a tenth")

    @pytest.mark.parametrize(("name", "question", "one"), asked("time"))
    def test_a_time_is_right_to_the_minute_and_close_within_the_hour(self, name, question, one):
        exact = datetime.fromisoformat(plain(name, one)).timestamp()
        outcomes = {}
        for seconds in (-14400, -3000, -59, 59, 3000, 14400):
            outcomes[seconds] = opened(name).check(question, datetime.fromtimestamp(exact + seconds, UTC))
        assert [mark.outcome for mark in outcomes.values()] == ["wrong", "close", "right", "right", "close", "wrong"]
        assert "early" in outcomes[-3000].reason
        assert "late" in outcomes[3000].reason

    @pytest.mark.parametrize(("name", "question", "one"), asked("word"))
    def test_each_other_word_is_wrong_and_a_stronger_one_claims_too_much(self, name, question, one):
        (right,) = plain(name, one)
        for word in ct.Word:
            mark = opened(name).check(question, word)
            assert mark.outcome == ("right" if word == right else "wrong")
            assert mark.is_overclaim == (word.rank < ct.Word(right).rank)

    @pytest.mark.parametrize(("name", "question", "one"), asked("claim"))
    def test_the_right_events_at_the_wrong_level_are_close(self, name, question, one):
        right = plain(name, one)
        if "names" in right:
            assert "an absence is asked for" in opened(name).check(question, ([], right["word"])).reason
            return
        assert opened(name).check(question, (right["events"], right["word"])).outcome == "right"
        for word in set(ct.Word) - {right["word"]}:
            mark = opened(name).check(question, (right["events"], word))
            assert mark.outcome == "close"
            assert "the level" in mark.reason
        assert "how far it stands" in opened(name).check(question, right["events"]).reason
        assert opened(name).check(question, ([ID(1)], right["word"])).outcome == "wrong"

    @pytest.mark.parametrize(("name", "question", "one"), asked("yes or no"))
    def test_yes_or_no_is_one_of_the_two(self, name, question, one):
        (right,) = plain(name, one)
        assert opened(name).check(question, right == "yes").outcome == "right"
        assert opened(name).check(question, right != "yes").outcome == "wrong"


class TestKeyFiles:
    @pytest.mark.parametrize("name", NAMES)
    def test_they_are_what_the_definitions_say_byte_for_byte(self, name):
        assert (exercises.KEYS / f"{name}.json").read_text() == exercises.key_file(exercises.load(name))

    @pytest.mark.parametrize("name", NAMES)
    def test_they_hold_no_plain_answer(self, name):
        text = (exercises.KEYS / f"{name}.json").read_text()
        told = json.loads(text)
        questions = zip(exercises.load(name).questions, told["questions"], strict=True)
        for one, written in questions:
            answer = plain(name, one)
            events = answer.get("events", ()) if one.kind == "claim" else ()
            texts = [*events] if one.kind == "claim" else [answer] if one.kind == "time" else answer
            shown = json.dumps({part: value for part, value in written.items() if part != "hints"} | {"title": ""})
            if one.kind in ("address", "actor", "access key", "account", "event", "time", "error code", "object key"):
                assert not [one for one in texts if one in text or one.encode().hex() in text]
            if one.kind in ("region", "text", "event name", "claim"):
                assert not [one for one in texts if one in shown]
            assert one.explanation not in text

    def test_each_exercise_is_about_a_sample_and_asks_six_to_nine_questions(self):
        assert set(NAMES) == set(ct.training.exercises())
        assert set(NAMES) <= {path.name for path in SAMPLES.iterdir()}
        for name in NAMES:
            levels = [one.level for one in exercises.load(name).questions]
            assert 6 <= len(levels) <= 9
            assert set(levels) <= {1, 2, 3, 4, 5}
            assert max(levels) >= 4
            assert len(exercises.load(name).story.splitlines()) <= 6

    def test_quiet_asks_for_nothing_more_often_than_for_anything_else(self):
        answers = [plain("quiet", one) for one in exercises.load("quiet").questions]
        assert sum(answer == [] for answer in answers) >= 4


class TestHints:
    def test_they_open_one_by_one_and_each_costs_two_points(self):
        exercise = opened("leaked-key")
        hints = [exercise.hint("q1") for _ in range(3)]
        assert len(set(hints)) == 3
        assert [hint.partition(":")[0] for hint in hints] == [f"q1, hint {n} of 3" for n in (1, 2, 3)]
        assert "all hints are open" in exercise.hint("q1")
        exercise.check("q1", "203.0.113.7")
        assert exercise.sheet().points == 4

    def test_a_hint_after_the_answer_costs_nothing(self):
        exercise = opened("leaked-key")
        exercise.check("q1", "203.0.113.7")
        exercise.hint("q1")
        assert exercise.sheet().points == 10

    def test_tries_cost_and_over_claims_cost_more(self):
        exercise = opened("ransom")
        assert exercise.check("q1", "192.0.2.1").outcome == "wrong"
        exercise.check("q1", "203.0.113.91")
        exercise.check("q8", [ID(1)])
        exercise.check("q8", [])
        assert [exercise.sheet().entries[at].points for at in (0, 7)] == [9, 7]

    def test_guessing_for_ever_still_earns_one_point_and_no_more(self):
        exercise = opened("quiet")
        for _ in range(10):
            exercise.check("q1", "no")
        exercise.check("q1", "yes")
        assert exercise.sheet().points == 1

    def test_what_stays_close_earns_up_to_half(self):
        exercise = opened("leaked-key")
        exercise.check("q4", {"us-east-1", "eu-west-1"})
        assert exercise.sheet().points == 3


class TestExplanations:
    def test_one_is_not_told_before_its_question_is_answered(self):
        exercise = opened("leaked-key")
        exercise.check("q1", "192.0.2.1")
        with pytest.raises(ExerciseError, match="not answered right yet"):
            exercise.explain("q1")
        exercise.check("q1", "203.0.113.7")
        assert exercise.explain("q1") == exercises.load("leaked-key").questions[0].explanation

    def test_who_gives_up_reads_it_and_earns_nothing(self):
        exercise = opened("leaked-key")
        assert "203.0.113.7" in exercise.give_up("q1")
        assert exercise.check("q1", "203.0.113.7").outcome == "right"
        assert exercise.sheet().points == 0
        assert exercise.sheet().entries[0].outcome == "given up"

    def test_giving_up_what_was_right_takes_nothing_away(self):
        exercise = opened("leaked-key")
        exercise.check("q1", "203.0.113.7")
        exercise.give_up("q1")
        assert exercise.sheet().points == 10


class TestSpelling:
    @pytest.mark.parametrize("answer", [" 203.0.113.7 ", ["203.0.113.7"], {"203.0.113.7"}, ("203.0.113.7",)])
    def test_one_may_be_given_alone_or_in_a_set(self, answer):
        assert opened("leaked-key").check("q1", answer).outcome == "right"

    def test_two_where_one_is_asked_for_are_wrong_in_kind(self):
        assert "one address is asked for" in opened("leaked-key").check("q1", ["203.0.113.7", "192.0.2.10"]).reason

    def test_an_answer_of_another_kind_costs_nothing(self):
        exercise = opened("ransom")
        for answer in ("StopLogging", ["x", "y"], 3):
            assert exercise.check("q2", answer).is_misfit
        assert "a claim is asked for" in exercise.check("q6", "unproven").reason
        assert not [entry for entry in exercise.sheet().entries if entry.tries]

    @pytest.mark.parametrize("between", [", ", "; ", " and ", "\n"])
    def test_a_set_may_be_written_as_one_text(self, between):
        answer = between.join(("PutBucketVersioning", "PutBucketLifecycle"))
        assert opened("ransom").check("q5", answer).outcome == "right"

    def test_event_names_are_forgiven_their_case_service_and_version(self):
        names = "PUTBUCKETVERSIONING, s3:PutBucketLifecycle2015_03_31"
        assert opened("ransom").check("q5", names).outcome == "right"

    def test_actors_go_by_their_arn_or_an_end_that_only_one_has(self):
        arn = "arn:aws:iam::777788889999:role/support-access"
        rest = [first_spelling(one) for one in exercises.load("role-chain").questions[2].answer(sample("role-chain"))]
        rest.remove(arn)
        for spelling in (arn, "role/support-access", "support-access"):
            assert opened("role-chain").check("q3", [*rest, spelling]).outcome == "right"
        assert opened("role-chain").check("q3", [*rest, arn, "support-access"]).outcome != "right"

    def test_regions_and_keys_are_forgiven_their_case(self):
        assert opened("llm-abuse").check("q3", "AP-Southeast-2").outcome == "right"
        assert opened("insider-root").check("q5", "akia6to3anxuiexample").outcome == "right"

    def test_a_time_without_an_offset_is_no_time(self):
        assert "offset" in opened("leaked-key").check("q2", "2026-03-01T02:05:12").reason
        assert opened("leaked-key").check("q2", "2026-03-01T03:05:12+01:00").outcome == "right"

    @pytest.mark.parametrize("answer", ["nothing", "None", [], set(), "nobody"])
    def test_nothing_may_be_said_in_words(self, answer):
        assert opened("quiet").check("q9", answer).outcome == "right"


@pytest.fixture(scope="module")
def world():
    folder = SAMPLES / "ransom"
    verification = ct.verify(ct.open_evidence(folder), ct.load_keys(folder / "public-keys.json"))
    return ct.admit(verification, ct.IntactOnly())


class TestObjects:
    def test_events_pivots_and_findings_are_answers(self, world):
        exercise = opened("ransom")
        foreign = world.by("user/svc-backup").from_address("203.0.113.91")
        stop = foreign.named("StopLogging")
        assert exercise.check("q1", ct.pivot.addresses(foreign)).outcome == "right"
        assert "a pivot by event_name" in opened("ransom").check("q1", ct.pivot.names(foreign)).reason
        assert exercise.check("q2", ct.finding("It was stopped.", cites=stop)).outcome == "right"
        assert exercise.check("q2", stop.frame().event_id).outcome == "right"
        assert "columns" in opened("ransom").check("q2", stop.frame()).reason
        assert exercise.check("q4", foreign.named("CopyObject")).outcome == "right"

    def test_an_absence_is_marked_by_names_window_and_word(self, world):
        gap = Window.of("2026-06-09T03:00Z", "2026-06-09T06:00Z")
        asked_for = world.named("CreateUser", "CreateAccessKey")
        right = ct.absence("None.", asked_for, window=gap)
        assert opened("ransom").check("q6", right).outcome == "right"
        lowered = right.lowered(ct.Word.CONTRADICTED, "for the test")
        assert "the level" in opened("ransom").check("q6", lowered).reason
        fewer = ct.absence("None.", world.named("CreateUser"), window=gap)
        assert "1 of 2" in opened("ransom").check("q6", fewer).reason
        other = ct.absence("None.", asked_for, window=Window.of("2026-06-09T07:00Z", "2026-06-09T12:00Z"))
        assert "another window" in opened("ransom").check("q6", other).reason
        one = ct.absence("None.", asked_for.by("user/svc-backup"), window=gap)
        assert "searched less" in opened("ransom").check("q6", one).reason
        within = ct.absence("None.", world.during(gap).named("CreateAccessKey", "CreateUser"), window=gap)
        assert opened("ransom").check("q6", within).outcome == "right"
        assert "an absence is asked for" in opened("ransom").check("q6", ([], "unproven")).reason
        found = ct.finding("Some.", cites=world.named("StopLogging"))
        assert opened("ransom").check("q6", found).is_overclaim

    def test_a_standing_speaks_for_its_word(self, world):
        hidden = world.named("GetObject").where(ct.param("requestParameters.bucketName") == "acme-hr-documents")
        silent = ct.absence(
            "None.", hidden, window=Window.of("2026-06-09T01:50Z", "2026-06-09T02:37Z"), category="Data"
        )
        for answer in (silent, silent.standing, silent.standing.word, "Unproven"):
            assert opened("ransom").check("q9", answer).outcome == "right"

    def test_too_many_events_for_one_time(self, world):
        assert "one time is asked for" in opened("leaked-key").check("q2", world).reason


class TestOpening:
    def test_the_functions_speak_of_the_exercise_opened_last(self, monkeypatch):
        monkeypatch.chdir(SAMPLES)
        ct.training.open("ransom")
        exercise = ct.training.open("leaked-key", student="Ada")
        assert ct.training.check("q1", "203.0.113.7").outcome == "right"
        assert ct.training.hint("q2").startswith("q2, hint 1")
        assert ct.training.sheet() == exercise.sheet()
        assert "Ada" in repr(exercise)

    def test_the_sample_is_found_in_a_folder_above(self, monkeypatch):
        monkeypatch.chdir(SAMPLES / "quiet" / "AWSLogs")
        assert (ct.training.open("quiet").keys).is_file()
        assert not ct.training.open("quiet").case.is_absolute()

    def test_a_sample_of_another_seed_is_refused(self, tmp_path):
        (tmp_path / "public-keys.json").write_text("{}")
        with pytest.raises(ExerciseError, match="another seed"):
            ct.training.open("quiet", case=tmp_path)

    def test_what_there_is_not_is_said(self, tmp_path, monkeypatch):
        with pytest.raises(ExerciseError, match=r"no such exercise; open one of .*insider-root"):
            ct.training.open("../quiet")
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ExerciseError, match="cttoolkit sample quiet"):
            ct.training.open("quiet")
        with pytest.raises(ExerciseError, match="no question of quiet"):
            opened("quiet").check("q99", 1)

    def test_loading_a_course_reads_no_evidence(self):
        assert load_course("quiet").questions[0].form == "yes or no"
