"""What was let out to others, and whether the evidence shows that it was taken back."""

import pytest

import cttoolkit as ct
from cttoolkit.training import tamper
from tests.conftest import ACCOUNT, admitted, event, small_world

FOREIGN, PARTNER = "444455556666", "777788889999"
HOME = (ACCOUNT, "us-east-1")


def call(number, name, request, service="ec2", **parts):
    return event(
        number, f"2026-03-01T01:{number:02d}:00Z", name, eventSource=f"{service}.amazonaws.com", readOnly=False,
        **({"requestParameters": request} | parts),
    )  # fmt: skip


def snapshot(number, name, what="add", *items, **parts):
    grants = {"createVolumePermission": {what: {"items": list(items)}}}
    return call(number, "ModifySnapshotAttribute", {"snapshotId": name, **grants}, **parts)


NINA = {"type": "IAMUser", "principalId": "AIDANINA", "arn": f"arn:aws:iam::{ACCOUNT}:user/nina", "accountId": ACCOUNT}
RECORDS = [
    snapshot(1, "snap-open", "add", {"userId": FOREIGN}, {"group": "all"}),
    snapshot(2, "snap-closed", "add", {"userId": FOREIGN}),
    snapshot(3, "snap-refused", "add", {"userId": FOREIGN}, errorCode="Client.UnauthorizedOperation"),
    call(4, "ModifyImageAttribute", {"imageId": "ami-1", "launchPermission": {"add": {"items": [{"organizationArn": "arn:o"}]}}}),
    call(5, "ModifyDBSnapshotAttribute",
         {"dBSnapshotIdentifier": "db", "attributeName": "restore", "valuesToAdd": [FOREIGN, PARTNER]}, "rds"),
    call(6, "AuthorizeSnapshotAccess", {"snapshotIdentifier": "red", "accountWithRestoreAccess": FOREIGN}, "redshift"),
    snapshot(7, "snap-odd", "add", 3, {"userId": 4}, {"userId": None}),
    call(8, "ModifySnapshotAttribute", {"snapshotId": ["snap-list"], "createVolumePermission": "all"}),
    snapshot(9, "snap-again", "add", {"userId": FOREIGN}),
    # What others did about it, and to it.
    snapshot(20, "snap-closed", "remove", {"userId": FOREIGN}, userIdentity=NINA),
    snapshot(21, "snap-open", "remove", {"userId": FOREIGN}, awsRegion="eu-west-1", userIdentity=NINA),
    snapshot(22, "snap-open", "remove", {"userId": FOREIGN}, errorCode="Client.UnauthorizedOperation", userIdentity=NINA),
    call(23, "ResetImageAttribute", {"imageId": "ami-1"}, userIdentity=NINA),
    call(24, "ModifyDBSnapshotAttribute", {"dBSnapshotIdentifier": "db", "attributeName": "restore", "valuesToRemove": [PARTNER]}, "rds",
         userIdentity=NINA),
    call(25, "DeleteDBSnapshot", {"dBSnapshotIdentifier": "else"}, "rds", userIdentity=NINA),
    call(26, "RevokeSnapshotAccess", {"snapshotIdentifier": "red", "accountWithRestoreAccess": FOREIGN}, "redshift", userIdentity=NINA),
    snapshot(27, "snap-again", "remove", {"userId": FOREIGN}, userIdentity=NINA),
    snapshot(28, "snap-again", "add", {"userId": FOREIGN}, userIdentity=NINA),
    call(29, "SharedSnapshotVolumeCreated", None, userIdentity={"invokedBy": "ec2.amazonaws.com"}, eventType="AwsServiceEvent",
         serviceEventDetails={"snapshotId": "snap-closed"}),
    call(30, "DeleteSnapshot", {"snapshotId": "snap-closed"}, userIdentity=NINA),
]  # fmt: skip


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return admitted(tmp_path_factory.mktemp("shares"), *RECORDS)


@pytest.fixture(scope="module")
def table(events):
    # What was done about it later lies outside of what was narrowed to.
    return ct.shares(events.by("user/alice"))


@pytest.fixture(scope="module")
def rows(table):
    return {row[:2]: dict(zip(table.columns, row, strict=True)) for row in table.rows}


def told(row):
    return row["last seen"], row["at"] and row["at"].minute, row["last by"].rpartition("/")[2]


def test_what_nobody_took_back_is_still_let_out(rows):
    assert told(rows["snap-open", FOREIGN]) == ("still let out", None, "")
    assert told(rows["snap-open", "all"]) == ("still let out", None, "")
    assert told(rows["db", FOREIGN]) == ("still let out", None, "")


def test_what_was_taken_back_says_by_whom_and_when(rows):
    assert told(rows["ami-1", "arn:o"]) == ("taken back", 23, "nina")
    assert told(rows["db", PARTNER]) == ("taken back", 24, "nina")
    assert told(rows["red", FOREIGN]) == ("taken back", 26, "nina")


def test_taken_back_and_let_out_again_is_let_out(rows):
    assert told(rows["snap-again", FOREIGN]) == ("still let out", 28, "nina")


def test_deleting_it_does_not_undo_its_use(rows):
    assert told(rows["snap-closed", FOREIGN]) == ("deleted", 30, "nina")
    assert rows["snap-closed", FOREIGN]["used at"].minute == 29
    assert {key for key, row in rows.items() if row["used at"]} == {("snap-closed", FOREIGN)}


def test_what_failed_and_what_names_nobody_let_nothing_out(rows):
    assert {name for name, _ in rows} == {"snap-open", "snap-closed", "snap-again", "ami-1", "db", "red"}


def test_what_is_open_comes_first_and_rows_say_where(table):
    words = [row[6] for row in table.rows]
    assert words == sorted(words, key=lambda word: word != "still let out")
    assert {row[2:4] for row in table.rows} == {HOME}
    assert table.caption == "8 ways in which something was let out; 4 not seen closed"


def test_where_nothing_was_let_out_there_is_no_row(events):
    assert len(ct.shares(events.named("DeleteSnapshot"))) == 0


def test_the_order_within_a_second_is_not_that_of_the_files(tmp_path):
    """What is not known to be closed is told as let out, however the file orders its records, which CloudTrail leaves open."""
    asked = {"attributeName": "restore", "valuesToAdd": [FOREIGN]}
    records = []
    for number in range(6):
        name, database = f"snap-{number}", {"dBSnapshotIdentifier": f"db-{number}"}
        records += [
            snapshot(1, name, "add", {"userId": FOREIGN}, eventID=f"1{name}"),
            snapshot(2, name, "remove", {"userId": FOREIGN}, eventID=f"2{name}"),
            snapshot(2, name, "add", {"userId": FOREIGN}, eventID=f"3{name}"),
            snapshot(3, f"first-{number}", "remove", {"userId": FOREIGN}, eventID=f"4{name}"),
            snapshot(3, f"first-{number}", "add", {"userId": FOREIGN}, eventID=f"5{name}"),
            call(1, "ModifyDBSnapshotAttribute", database | asked, "rds", eventID=f"6{name}"),
            call(4, "ModifyDBSnapshotAttribute", database | asked, "rds", eventID=f"7{name}"),
            call(4, "DeleteDBSnapshot", database, "rds", eventID=f"8{name}"),
        ]
    told = {"snap": [], "first": [], "db": []}
    for row in ct.shares(admitted(tmp_path, *records)).rows:
        told[row[0].partition("-")[0]].append((row[6], row[7] and row[7].minute))
    assert told == {
        "snap": [("still let out", 2)] * 6,
        "first": [("still let out", None)] * 6,
        "db": [("still let out", 4)] * 6,
    }


def test_what_has_the_same_name_and_is_of_another_kind_is_another(tmp_path):
    def shared(name, parameter):
        asked = {parameter: "x", "attributeName": "restore", "valuesToAdd": ["all"]}
        return call(1, name, asked, "rds", eventID=name)

    shown = ct.shares(
        admitted(
            tmp_path,
            shared("ModifyDBClusterSnapshotAttribute", "dBClusterSnapshotIdentifier"),
            shared("ModifyDBSnapshotAttribute", "dBSnapshotIdentifier"),
            call(
                2,
                "AuthorizeSnapshotAccess",
                {"snapshotIdentifier": "x", "accountWithRestoreAccess": FOREIGN},
                "redshift",
            ),
            call(3, "DeleteDBSnapshot", {"dBSnapshotIdentifier": "x"}, "rds"),
            call(4, "SharedSnapshotCopyInitiated", None, serviceEventDetails={"snapshotId": "x"}),
        )
    )
    assert [(row[0], row[-2], row[6], row[9]) for row in shown.rows] == [
        ("x", "snapshot of a database cluster", "still let out", None),
        ("x", "snapshot of a warehouse", "still let out", None),
        ("x", "snapshot of a database", "deleted", None),
    ]


@pytest.mark.parametrize(
    ("name", "request_", "more", "word"),
    [
        ("DeleteSnapshot", {"snapshotId": "snap"}, {}, "deleted"),
        ("SharedSnapshotVolumeCreated", None, {"serviceEventDetails": {"snapshotId": "snap"}}, "still let out"),
    ],
)
def test_a_row_is_worth_no_more_than_its_least_call(tmp_path, name, request_, more, word):
    """A call in a file that no digest lists was planted, for all that is known."""
    case = small_world(
        tmp_path,
        snapshot(1, "snap", "add", {"userId": FOREIGN}),
        snapshot(2, "other", "add", {"userId": FOREIGN}),
    )
    tamper.plant_log(case.bucket, case.logs[0], [call(30, name, request_, **more)])
    shown = ct.shares(ct.admit(case.verify(), ct.AcceptUnverified("a test")))
    assert {row[0]: (row[6], row[-1]) for row in shown.rows} == {
        "snap": (word, "reported present"),
        "other": ("still let out", "proved present"),
    }
