"""Who acts: leads are about somebody, and not about AWS services at work for themselves or for others."""

from cttoolkit.pivot.baseline import acting
from tests.conftest import ACCOUNT, HOME, admitted, event
from tests.pivot.people import service, session, user

LINKED = session("AWSServiceRoleForConfig", "configuration")
LINKED["sessionContext"]["sessionIssuer"]["arn"] = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
)


def test_services_their_roles_and_their_onward_calls_do_not_act(tmp_path):
    times = [f"2026-03-01T00:3{n}:00Z" for n in range(6)]
    onward = user("alice") | {
        "invokedBy": "secretsmanager.amazonaws.com",
        "accessKeyId": "ASIAONWARD",
        "sessionContext": {"attributes": {"creationDate": times[0], "mfaAuthenticated": "false"}},
    }
    callers = [user("alice"), session("deploy", "ci"), service("ec2.amazonaws.com"), LINKED, onward]
    records = [event(n, times[n], userIdentity=caller, awsRegion=HOME) for n, caller in enumerate(callers)]
    events = admitted(tmp_path, *records, event(5, "nonsense"), delivered_at="2026-03-01T01:05:00Z")
    assert set(events.frame("credential").credential.dropna().str.partition(":")[0]) >= {"key", "tmp", "fas"}
    assert [time.minute for time in acting(events).frame("event_time").event_time] == [30, 31]
