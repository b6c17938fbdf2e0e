"""One credential in two places at once, and on two machines."""

import pytest

from cttoolkit.errors import WindowError
from cttoolkit.pivot.overlaps import mixed_agents, overlaps
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events

DELIVERED = "2026-03-01T01:50:00Z"
HOME, AWAY = "192.0.2.10", "198.51.100.7"
ROLE = {
    "type": "AssumedRole",
    "principalId": "AROAWEB:i-0123456789abcdef0",
    "arn": "arn:aws:sts::111122223333:assumed-role/web/i-0123456789abcdef0",
    "accountId": "111122223333",
    "accessKeyId": "ASIAWEB",
}
BOB = {
    "type": "IAMUser",
    "principalId": "AIDABOB",
    "arn": "arn:aws:iam::111122223333:user/bob",
    "accessKeyId": "AKIABOB",
}
LINUX = "aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64.amzn.2"
WINDOWS = "aws-cli/2.15.30 Python/3.11.8 Windows/10 exe/AMD64"


def at(second, **parts):
    minute, second = divmod(second, 60)
    return event(minute * 60 + second, f"2026-03-01T01:{minute:02d}:{second:02d}Z", **parts)


def test_a_key_used_by_two_at_once_comes_first(tmp_path):
    both = [at(n, sourceIPAddress=AWAY if n % 2 else HOME) for n in range(9)]
    # Bob moves once, from the office to his home, and is nobody's victim.
    once = [at(20 + n, userIdentity=BOB, sourceIPAddress=AWAY if n > 4 else HOME) for n in range(9)]
    late = [at(1200 + n, sourceIPAddress=AWAY if n == 1 else HOME) for n in range(3)]
    rows = overlaps(admitted(tmp_path, *both, *once, *late))
    same_as_its_events(rows)
    frame = rows.frame()
    assert frame.credential.tolist() == ["key:AKIAIOSFODNN7EXAMPLE"] * 2
    assert [moment.minute for moment in frame.start] == [0, 20]
    assert frame.alternations.tolist() == [8, 2]
    assert frame.networks.tolist() == [2, 2]
    assert frame.share.tolist() == [1, 1]
    # Wilson, all of n: n / (n + z²), with z² = 3.841459.
    assert frame.at_least.tolist() == pytest.approx([8 / 11.841459, 2 / 5.841459], abs=1e-6)


def test_a_share_is_alternations_over_steps(tmp_path):
    where = [HOME, AWAY, AWAY, HOME, HOME, HOME]
    rows = overlaps(admitted(tmp_path, *(at(n * 7, sourceIPAddress=one) for n, one in enumerate(where))))
    (row,) = rows.frame().itertuples()
    assert (row.alternations, row.share) == (2, 2 / 5)
    assert row.at_least == pytest.approx(0.117621, abs=1e-5)


def test_a_move_is_no_overlap(tmp_path):
    assert len(overlaps(admitted(tmp_path, *(at(n, sourceIPAddress=AWAY if n > 4 else HOME) for n in range(9))))) == 0


def test_one_network_is_none(tmp_path):
    events = admitted(tmp_path, *(at(n, sourceIPAddress=f"192.0.2.{n}") for n in range(9)))
    assert len(overlaps(events)) == 0


def test_within_a_second_the_fewest_alternations_are_taken(tmp_path):
    same = "2026-03-01T01:00:00Z"
    events = admitted(tmp_path, *(event(n, same, sourceIPAddress=AWAY if n % 2 else HOME) for n in range(9)))
    assert len(overlaps(events)) == 0


def test_two_families_of_agents_from_one_network_are_told(tmp_path):
    rows = overlaps(admitted(tmp_path, *(at(n, userAgent="Boto3/1.34" if n % 2 else LINUX) for n in range(5))))
    same_as_its_events(rows)
    (row,) = rows.frame().itertuples()
    assert (row.agents, row.agent_alternations, row.agent_share, row.alternations) == (2, 4, 1, 0)


def test_the_pages_of_the_console_are_one_agent(tmp_path):
    agents = ["Mozilla/5.0", "console.amazonaws.com", "[S3Console/0.4]", "AWS Internal", "Mozilla/5.0"]
    assert len(overlaps(admitted(tmp_path, *(at(n, userAgent=one) for n, one in enumerate(agents))))) == 0


def test_services_and_events_without_address_are_left_out_and_counted(tmp_path):
    odd = [at(n, sourceIPAddress=one) for n, one in enumerate(["ec2.amazonaws.com", None, HOME, "x" * 5000, HOME])]
    rows = overlaps(admitted(tmp_path, *odd))
    assert len(rows) == 0
    assert "3 events left out" in rows.caption


@pytest.mark.parametrize("year", ["0001-01-01T00:00:0", "1969-12-31T23:59:5", "9999-12-31T23:59:5"])
def test_stretches_reach_both_ends_of_the_calendar(tmp_path, year):
    records = [event(n, f"{year}{n}Z", sourceIPAddress=AWAY if n % 2 else HOME) for n in range(5)]
    rows = overlaps(admitted(tmp_path, *records, event(9, "never"), delivered_at=DELIVERED))
    assert rows.frame().alternations.tolist() == [4]
    same_as_its_events(rows)


@pytest.mark.parametrize("minutes", [0, -5, 7, 1441])
def test_minutes_have_to_divide_a_day(tmp_path, minutes):
    with pytest.raises(WindowError, match="do not divide a day"):
        overlaps(admitted(tmp_path, at(0)), minutes=minutes)


def test_stretches_may_be_of_another_length(tmp_path):
    events = admitted(tmp_path, *(at(n * 500, sourceIPAddress=AWAY if n % 2 else HOME) for n in range(5)))
    assert len(overlaps(events)) == 0
    rows = overlaps(events, minutes=60)
    assert rows.frame().alternations.tolist() == [4]
    same_as_its_events(rows)


def test_one_session_on_two_machines_comes_first(tmp_path):
    stolen = [at(n, userIdentity=ROLE, userAgent=WINDOWS if n > 2 else LINUX) for n in range(5)]
    # A key of Bob's own may be on as many machines as he has.
    bobs = [at(10 + n, userIdentity=BOB, userAgent=WINDOWS if n % 2 else LINUX) for n in range(5)]
    rows = mixed_agents(admitted(tmp_path, *stolen, *bobs, at(30, userIdentity=ROLE, userAgent=None)))
    same_as_its_events(rows)
    (row,) = rows.frame().itertuples()
    assert (row.credential, row.systems, row.system, row.other_system) == ("tmp:ASIAWEB", 2, "linux", "windows")
    assert (row.architectures, row.architecture) == (1, "x86_64")
    assert row.events == 6


@pytest.mark.parametrize(
    "agents",
    [
        (LINUX, "Boto3/1.34 md/Botocore#1.34 os/linux#5.10 md/arch#x86_64"),
        ("aws-cli/2 Darwin/22.6 exe/arm64", "aws-sdk-go-v2/1.2 os/macos md/arch#aarch64"),
        (LINUX, None),
        (LINUX, "x" * 5000),
        ("Mozilla/5.0 (Windows NT 10.0)", "aws-cli/2 Linux/6.1 exec-env/CloudShell exe/x86_64"),
    ],
)
def test_tools_of_one_machine_are_one(tmp_path, agents):
    events = admitted(tmp_path, *(at(n, userIdentity=ROLE, userAgent=one) for n, one in enumerate(agents)))
    assert len(mixed_agents(events)) == 0


def test_two_architectures_are_two_machines(tmp_path):
    agents = (LINUX, LINUX.replace("x86_64", "aarch64"))
    rows = mixed_agents(admitted(tmp_path, *(at(n, userIdentity=ROLE, userAgent=one) for n, one in enumerate(agents))))
    (row,) = rows.frame().itertuples()
    assert (row.systems, row.architectures, row.architecture, row.other_architecture) == (1, 2, "aarch64", "x86_64")
