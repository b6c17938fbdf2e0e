"""Where a credential turns from looking to changing."""

import math

import pytest

from cttoolkit.errors import ColumnError
from cttoolkit.pivot.turns import turns
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events

BOB = {
    "type": "IAMUser",
    "principalId": "AIDABOB",
    "arn": "arn:aws:iam::111122223333:user/bob",
    "accessKeyId": "AKIABOB",
}


def at(second, name="DescribeInstances", *, is_read=True, **parts):
    minute, rest = divmod(second, 60)
    return event(second, f"2026-03-01T01:{minute:02d}:{rest:02d}Z", name, readOnly=is_read, **parts)


def likely(writes, calls):
    return sum(n * math.log(n / calls) for n in (writes, calls - writes) if n)


def test_who_looked_and_then_changed_comes_first(tmp_path):
    looked = [at(n) for n in range(20)]
    changed = [at(30 + n, "CreateAccessKey" if n else "CreateUser", is_read=n == 3) for n in range(8)]
    # Bob's job reads and writes by turns all the time.
    bobs = [at(60 + n, userIdentity=BOB, is_read=bool(n % 2)) for n in range(40)]
    rows = turns(admitted(tmp_path, *looked, *changed, *bobs))
    same_as_its_events(rows)
    (row,) = rows.frame().itertuples()
    assert row.credential == "key:AKIAIOSFODNN7EXAMPLE"
    assert (row.reads_before, row.writes_before, row.reads_after, row.writes_after) == (20, 0, 1, 7)
    assert (row.share_before, row.share_after, row.shift) == (0, 7 / 8, 7 / 8)
    assert row.ratio == pytest.approx(2 * (likely(7, 8) - likely(7, 28)), abs=1e-6)
    assert (row.turned_by, row.turned_at.second) == ("CreateUser", 30)
    assert math.isnan(row.peak)
    assert (row.inferred, row.is_inferred) == (0, False)


def test_who_only_reads_or_only_writes_never_turns(tmp_path):
    bobs = (at(40 + n, userIdentity=BOB, is_read=False) for n in range(30))
    assert len(turns(admitted(tmp_path, *(at(n) for n in range(30)), *bobs))) == 0


def test_to_turn_from_writing_to_reading_is_none(tmp_path):
    assert len(turns(admitted(tmp_path, *(at(n, is_read=n > 14) for n in range(30))))) == 0


def test_few_calls_prove_no_turn(tmp_path):
    assert len(turns(admitted(tmp_path, *(at(n, is_read=n < 3) for n in range(4))))) == 0


def test_the_highest_share_of_thirty_calls_is_told(tmp_path):
    rows = turns(admitted(tmp_path, *(at(n, is_read=n < 40) for n in range(58))))
    (row,) = rows.frame().itertuples()
    assert row.peak == 18 / 30


def test_a_second_is_not_cut(tmp_path):
    mixed = [event(100 + n, "2026-03-01T01:00:20Z", "PutObject", readOnly=False) for n in range(3)]
    mixed += [event(110 + n, "2026-03-01T01:00:20Z") for n in range(3)]
    rows = turns(
        admitted(tmp_path, *(at(n) for n in range(20)), *mixed, *(at(30 + n, is_read=False) for n in range(6)))
    )
    (row,) = rows.frame().itertuples()
    assert (row.reads_before, row.writes_before) in ((20, 0), (23, 3))
    same_as_its_events(rows)


def test_where_read_only_is_missing_the_verb_decides_and_that_is_said(tmp_path):
    looked = [at(n, "BatchGetItem" if n % 2 else "AssumeRole", is_read=None) for n in range(20)]
    changed = [at(30 + n, "PutObject", is_read=None) for n in range(8)]
    rows = turns(admitted(tmp_path, *looked, *changed))
    (row,) = rows.frame().itertuples()
    assert (row.reads_before, row.writes_after, row.inferred, row.is_inferred) == (20, 8, 28, True)


def test_nulls_and_odd_times_are_no_turns(tmp_path):
    odd = [
        event(1, "0001-01-01T00:00:00Z"),
        event(2, "9999-12-31T23:59:59Z", "PutObject", readOnly=False),
        event(3, "never", "PutObject", readOnly=False),
        event(4, "2026-03-01T01:00:00Z", None),
        event(5, "2026-03-01T01:00:00Z", "x" * 5000, readOnly=None),
        event(6, "2026-03-01T01:00:00Z", userIdentity=None),
    ]
    rows = turns(
        admitted(
            tmp_path,
            *odd,
            *(at(n) for n in range(20)),
            *(at(30 + n, is_read=False) for n in range(8)),
            delivered_at="2026-03-01T01:50:00Z",
        )
    )
    assert len(rows) == 1
    same_as_its_events(rows)


@pytest.mark.parametrize("by", ["actor", "principal", "access_key_id"])
def test_it_may_be_asked_of_others_than_credentials(tmp_path, by):
    rows = turns(admitted(tmp_path, *(at(n, is_read=n < 20) for n in range(30))), by=by)
    assert len(rows) == 1
    same_as_its_events(rows)


@pytest.mark.parametrize("by", ["nobody", "", "event_time", "read_only"])
def test_an_unknown_column_is_an_error(tmp_path, by):
    with pytest.raises(ColumnError, match="no such column"):
        turns(admitted(tmp_path, at(1)), by=by)
