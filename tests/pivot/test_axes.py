"""Every row of a pivot leads back to just the events that it counts, and says what a claim on them would be worth."""

import math

import pandas as pd
import pytest

from cttoolkit import pivot
from cttoolkit.arguments import AXES
from cttoolkit.errors import ColumnError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.finding import finding
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.verify import verify
from tests.conftest import SAMPLES, Case, admitted, event, small_bucket, small_world
from tests.pivot.rows import same_as_its_events

NAMES = [axis for axis in AXES if axis != "keys"]


@pytest.fixture(scope="module")
def sample():
    folder = SAMPLES / "leaked-key"
    return admit(verify(open_evidence(folder), load_keys(folder / "public-keys.json")), IntactOnly())


@pytest.mark.parametrize("name", NAMES)
def test_each_row_leads_back_to_the_events_that_it_counts(sample, name):
    same_as_its_events(getattr(pivot, name)(sample))


def test_several_axes_at_once(sample):
    rows = pivot.on(sample, "actor", "aws_region")
    same_as_its_events(rows)
    assert rows.frame().events.sum() == len(sample)
    row = rows.frame().iloc[3]
    assert len(rows.drill(row)) == row.events == len(rows.drill((row.actor, row.aws_region)))


@pytest.mark.parametrize("axis", ["actor", "aws_region", "event_name", "source_ip_address", "user_agent", "error_code"])
def test_pandas_counts_the_same(sample, axis):
    frame = sample.frame()
    frame["is_write"] = frame.read_only.eq(False)
    theirs = frame.groupby(axis, dropna=False).agg(
        events=("event_id", "size"), first=("event_time", "min"), last=("event_time", "max"), writes=("is_write", "sum")
    )
    ours = pivot.on(sample, axis).frame().set_index(axis)
    assert ours.index.difference(theirs.index, sort=False).empty
    for column in ("events", "first", "last", "writes"):
        assert (ours[column] == theirs[column].reindex(ours.index)).all(), column


def test_reads_writes_and_refusals_are_told_apart(tmp_path):
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z"),
        event(2, "2026-03-01T01:00:10Z", readOnly=False),
        event(3, "2026-03-01T01:00:20Z", readOnly=False, errorCode="Client.UnauthorizedOperation"),
        event(4, "2026-03-01T01:00:30Z", readOnly=None, errorCode="ThrottlingException"),
    )
    (row,) = pivot.actors(events).frame().itertuples()
    assert (row.events, row.reads, row.writes, row.failed, row.denied) == (4, 1, 2, 2, 1)


def test_a_row_that_rests_on_a_planted_file_says_so(tmp_path):
    case = Case(small_bucket(), tmp_path)
    del case.objects[case.digests[-1]]
    events = admit(case.verify(), AcceptUnverified("the last digest was not collected"))
    rows = pivot.hours(events)
    assert set(rows.frame().standing) == {"proved present", "reported present"}
    same_as_its_events(rows)


def test_a_row_with_a_contradicted_id_says_so(tmp_path):
    one = event(1, "2026-03-01T01:00:00Z")
    case = small_world(tmp_path, one, {**one, "userAgent": "another"}, event(2, "2026-03-01T02:00:00Z", "Other"))
    rows = pivot.names(admit(case.verify(), IntactOnly()))
    assert dict(zip(rows.values, rows.frame().standing, strict=True)) == {
        "DescribeInstances": "contradicted",
        "Other": "proved present",
    }
    same_as_its_events(rows)


def test_one_contradicted_event_among_many_is_enough(tmp_path):
    one = event(1, "2026-03-01T01:00:00Z")
    case = small_world(tmp_path, one, {**one, "userAgent": "another"}, event(2, "2026-03-01T02:00:00Z"))
    events = admit(case.verify(), IntactOnly())
    for rows in (pivot.names(events), pivot.hours(events), pivot.agent_families(events)):
        frame = rows.frame()
        assert frame.loc[frame.events == frame.events.max(), "standing"].tolist()[0] == "contradicted"
        same_as_its_events(rows)
    (name,) = pivot.names(events).frame().itertuples()
    assert (name.events, name.standing) == (3, "contradicted")


def test_a_row_may_be_given_as_pandas_gives_it(tmp_path):
    events = admitted(tmp_path, event(1, "2026-03-01T01:00:00Z", userAgent=None), event(2, "2026-03-01T01:00:00Z"))
    rows = pivot.agents(events)
    for _, row in rows.frame().iterrows():
        assert len(rows.drill(row)) == 1
    for nothing in (None, {"user_agent": None}, {"user_agent": math.nan}, pd.Series({"user_agent": pd.NA})):
        assert len(rows.drill(nothing)) == 1


@pytest.mark.parametrize("wrong", ["nobody", 7, ["a"], {"other": 1}, object()])
def test_there_is_no_such_row(sample, wrong):
    with pytest.raises(ColumnError, match="no such actor"):
        pivot.actors(sample).drill(wrong)


NETWORKS = {
    "192.0.2.77": "192.0.2.0/24",
    "2001:db8:1:2::7": "2001:db8:1::/48",
    "2001:0DB8:0001::7": "2001:db8:1::/48",
    "2001:db8::7": "2001:db8:0::/48",
    "2001::7": "2001:0:0::/48",
    "2001::b:1:2:3:4:5": "2001:0:b::/48",
    "::1": "::/48",
}
NONE = ["ec2.amazonaws.com", "AWS Internal", "AWS Internal/7", None, "", "1.2.3", "x" * 500]


def test_networks_gather_addresses_and_services_have_none(tmp_path):
    addresses = [*NETWORKS, *NONE]
    records = [event(n, f"2026-03-01T01:00:{n:02d}Z", sourceIPAddress=one) for n, one in enumerate(addresses)]
    rows = pivot.networks(admitted(tmp_path, *records))
    assert sorted(rows.values) == sorted(set(NETWORKS.values()))
    for network in rows.values:
        found = rows.drill(network).frame("source_ip_address").source_ip_address
        assert set(found) == {address for address, of in NETWORKS.items() if of == network}
    assert f"{len(NONE)} events left out" in rows.caption
    same_as_its_events(rows)


FAMILIES = {
    "aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64": "aws-cli v2",
    "[aws-cli/1.18.69 Python/3.8.10]": "aws-cli v1",
    "Boto3/1.34 md/Botocore#1.34 ua/2.0 os/linux": "boto3",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.5 aws-sdk-go-v2/1.25": "terraform",
    "aws-sdk-java/1.12.1 Linux": "aws-sdk-java",
    "Mozilla/5.0 (Windows NT 10.0)": "browser",
    "console.amazonaws.com": "console.amazonaws.com",
    "[S3Console/0.4, aws-internal/3]": "S3 console",
    "curl/8.1": "curl",
    None: "(none)",
    "": "(none)",
}


def test_agents_have_families(tmp_path):
    records = [event(n, f"2026-03-01T01:00:{n:02d}Z", userAgent=agent) for n, agent in enumerate(FAMILIES)]
    rows = pivot.agent_families(admitted(tmp_path, *records))
    same_as_its_events(rows)
    found = {family: {*rows.drill(family).frame("event_time").event_time.dt.second} for family in rows.values}
    assert found == {
        family: {n for n, agent in enumerate(FAMILIES) if FAMILIES[agent] == family} for family in FAMILIES.values()
    }


def test_a_row_says_what_its_finding_would(sample):
    rows = pivot.names(sample)
    for value, standing in zip(rows.values[:5], rows.frame().standing[:5], strict=True):
        assert finding("It was called.", rows.drill(value)).standing.word.value == standing


def test_a_place_inside_of_a_column_is_an_axis(sample):
    rows = pivot.on(sample.to_service("s3"), "actor", "requestParameters.bucketName")
    same_as_its_events(rows)
    assert rows.key_columns == ("actor", "bucketName")
    wanted = sample.where(lambda table: table.request_parameters.contains('"bucketName":"acme-claims-archive"'))
    there = [row["events"] for row in rows if row["bucketName"] == "acme-claims-archive"]
    assert sum(there) == len(wanted) > 0


@pytest.mark.parametrize("path", ["requestParameters.items[].id", "nowhere.name"])
def test_a_place_that_cannot_be_regrouped_on_is_refused(sample, path):
    with pytest.raises(ColumnError):
        pivot.on(sample, path)


def test_the_name_of_a_place_takes_that_of_no_column_and_no_measure(tmp_path):
    items = [{"userIdentity": {"type": "Root"}, "requestParameters": {"events": "many", "Status": "a"}}]
    events = admitted(tmp_path, *(event(n, "2026-03-01T01:00:00Z", **one) for n, one in enumerate(items)))
    rows = pivot.on(events, "requestParameters.events", "requestParameters.Status", "requestParameters.number")
    assert rows.key_columns == ("requestParameters_events", "requestParameters_Status", "number")
    assert [row["events"] for row in rows] == [1]
