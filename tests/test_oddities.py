"""What real records do to a loader: each is kept, as it stands, and costs nobody else anything."""

import json

import pytest

import cttoolkit as ct
from tests.conftest import admitted, event

AT = "2026-03-01T00:30:00Z"
MISSING = object()


def changed(**parts):
    one = event(1, AT)
    for name, value in parts.items():
        if value is MISSING:
            one.pop(name, None)
        else:
            one[name] = value
    return one


ODD = {
    "no id": (changed(eventID=MISSING), {"event_id": None}),
    "an id that is no UUID": (changed(eventID="7"), {"event_id": "7"}),
    "no time": (changed(eventTime=MISSING), {"event_time": None}),
    "a time without a zone": (changed(eventTime="2026-03-01 00:30:00"), {"event_time": None}),
    "no identity": (changed(userIdentity=MISSING), {"user_identity_type": None}),
    "an empty identity": (changed(userIdentity={}), {"user_identity_type": None}),
    "an identity without a type": (
        changed(userIdentity={"accountId": "111122223333", "invokedBy": "x.amazonaws.com"}),
        {"user_identity_type": None, "invoked_by": "x.amazonaws.com", "user_identity_account_id": "111122223333"},
    ),
    "a service": (
        changed(userIdentity={"type": "AWSService", "invokedBy": "config.amazonaws.com"}),
        {"actor": "config.amazonaws.com", "user_identity_arn": None, "access_key_id": None},
    ),
    "a service's name for an address": (changed(sourceIPAddress="config.amazonaws.com"), {"source_ip_address": "config.amazonaws.com"}),
    "AWS Internal": (changed(sourceIPAddress="AWS Internal"), {"source_ip_address": "AWS Internal"}),
    "IPv6": (changed(sourceIPAddress="2001:db8::1"), {"source_ip_address": "2001:db8::1"}),
    "no address": (changed(sourceIPAddress=MISSING), {"source_ip_address": None}),
    "parameters as the text null": (changed(requestParameters="null"), {"request_parameters": '"null"'}),
    "responses as an empty text": (changed(responseElements=""), {"response_elements": '""'}),
    "no parameters": (changed(requestParameters=MISSING), {"request_parameters": None}),
    "additional data as text": (changed(additionalEventData="null"), {"additional_event_data": '"null"'}),
    "flags as text": (changed(readOnly="false", managementEvent="true"), {"read_only": False, "management_event": True}),
    "resources as an empty text": (changed(resources=""), {"resources": '""'}),
    "resources as texts": (changed(resources=["arn:aws:s3:::b"]), {"resources": '["arn:aws:s3:::b"]'}),
    "two keys that differ in case": (changed(requestParameters={"Tag": 1, "tag": 2}), {"request_parameters": '{"Tag": 1, "tag": 2}'}),
    "keys with dots, colons, slashes, dollars and spaces": (
        changed(requestParameters={"a.b": 1, "c:d": 2, "e/f": 3, "$g": 4, "h i": 5}),
        {"request_parameters": '{"a.b": 1, "c:d": 2, "e/f": 3, "$g": 4, "h i": 5}'},
    ),
    "a policy as text": (
        changed(requestParameters={"policyDocument": '{"Statement":\n []}'}),
        {"request_parameters": '{"policyDocument": "{\\"Statement\\":\\n []}"}'},
    ),
    "an empty error code": (changed(errorCode=""), {"error_code": ""}),
    "an error message alone": (changed(errorMessage="Failed"), {"error_code": None, "error_message": "Failed"}),
    "an old version": (
        changed(eventVersion="1.02", eventCategory=MISSING, readOnly=MISSING, managementEvent=MISSING),
        {"event_version": "1.02", "event_category": None, "read_only": None, "management_event": None},
    ),
    "no version": (changed(eventVersion=MISSING), {"event_version": None}),
    "a region that is none": (changed(awsRegion="anonymised-1"), {"aws_region": "anonymised-1"}),
    "an account of other digits": (changed(recipientAccountId="42"), {"recipient_account_id": "42"}),
    "an account as a number": (changed(recipientAccountId=111122223333), {"recipient_account_id": "111122223333"}),
    "an agent in brackets": (changed(userAgent="[aws-cli/1.2]"), {"user_agent": "[aws-cli/1.2]"}),
    "agents in a list": (changed(userAgent=["a"]), {"user_agent": '["a"]'}),
    "a name with a version": (changed(eventName="ListFunctions20150331"), {"event_name": "ListFunctions20150331"}),
    "control characters": (changed(userAgent="a\u0000\u001b[31mb"), {"user_agent": "a\u0000\u001b[31mb"}),
    "markup": (changed(userAgent="<script>alert(1)</script>"), {"user_agent": "<script>alert(1)</script>"}),
    "a record of 300 kB": (changed(requestParameters={"x": "y" * 300_000}), {"request_parameters": json.dumps({"x": "y" * 300_000})}),
}  # fmt: skip


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    records = [one | {"requestID": name} for name, (one, _) in ODD.items()]
    (folder / "log.json").write_text(json.dumps({"Records": records}))
    return ct.admit(ct.verify(ct.open_evidence(folder)), ct.AcceptUnverified(reason="made up"))


@pytest.mark.parametrize("name", ODD)
def test_an_odd_record_is_a_row_of_its_own(events, name):
    _, expected = ODD[name]
    (row,) = events.where(request_id=name).table.to_pyarrow().to_pylist()
    assert {column: row[column] for column in expected} == expected


def test_all_of_them_together_are_counted(events):
    done = events.verification.completeness
    assert (done.records, done.rows, done.skipped, done.duplicates) == (len(ODD), len(ODD), 0, 0)


def test_every_pivot_and_picture_takes_them(events):
    for pivot in (
        ct.pivot.actors,
        ct.pivot.roles,
        ct.pivot.regions,
        ct.pivot.addresses,
        ct.pivot.agents,
        ct.pivot.hours,
    ):
        assert "<script>" not in pivot(events)._repr_html_()
    assert ct.plot.timeline(events)._repr_png_().startswith(b"\x89PNG")


def test_failures_are_told_in_every_spelling(tmp_path):
    codes = ["AccessDenied", "Client.UnauthorizedOperation", "NoSuchKey", "", None]
    found = admitted(tmp_path, *(event(n, AT, errorCode=code) for n, code in enumerate(codes)))
    assert (len(found.failed()), len(found.denied()), len(found.succeeded())) == (3, 2, 2)


def test_the_order_of_a_file_is_not_the_order_of_time(tmp_path):
    found = admitted(tmp_path, *(event(n, f"2026-03-01T00:{minute}:00Z") for n, minute in enumerate((40, 20, 30))))
    assert found.frame("event_time").event_time.is_monotonic_increasing
