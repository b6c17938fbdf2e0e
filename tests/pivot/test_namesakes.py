"""A deleted user made again under its name is somebody else."""

from cttoolkit import pivot
from tests.conftest import admitted, event
from tests.pivot.people import session, user
from tests.pivot.rows import same_as_its_events


def test_one_name_with_two_ids_is_two_principals(tmp_path):
    renamed = user("carol") | {"arn": "arn:aws:iam::111122223333:user/ops/carol"}
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", userIdentity=user("bob", 1)),
        event(2, "2026-03-01T02:00:00Z", userIdentity=user("bob", 2)),
        event(3, "2026-03-01T02:00:00Z", userIdentity=user("carol")),
        event(4, "2026-03-01T03:00:00Z", userIdentity=renamed),
        event(5, "2026-03-01T03:00:00Z", userIdentity=user("dave")),
        event(6, "2026-03-01T03:00:00Z", userIdentity=session("deploy", "one")),
        event(7, "2026-03-01T03:00:00Z", userIdentity=session("deploy", "two")),
    )
    rows = pivot.namesakes(events)
    same_as_its_events(rows)
    frame = rows.frame()
    assert frame.name.str.rpartition("user/")[2].tolist() == ["bob", "bob", "carol", "ops/carol"]
    assert frame.principals.tolist() == [2, 2, 1, 1]
    assert frame.aliases.tolist() == [1, 1, 2, 2]
    assert len(pivot.actors(events).drill("arn:aws:iam::111122223333:user/bob")) == 2
