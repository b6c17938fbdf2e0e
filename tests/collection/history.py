"""A server that answers as CloudTrail's LookupEvents does, with the regions, the caller and the clock that go with it.

moto does not know the call. Shapes are those of the API references; that botocore's own model of them agrees is tested.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter, defaultdict
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCOUNT = "111122223333"
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
_CALLER = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/responder</Arn><UserId>AIDAEXAMPLERESPONDER1</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
_DENIED = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"
_JSON = "application/x-amz-json-1.1"


def told(record, text=None):
    """An entry of LookupEvents' answer: what it says of a record, and the record as a string."""
    moment = datetime.fromisoformat(record["eventTime"])
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": "true",
        "EventTime": moment.timestamp(),
        "EventSource": record["eventSource"],
        "Username": "alice",
        "Resources": [],
        "CloudTrailEvent": json.dumps(record, indent=1, ensure_ascii=False) if text is None else text,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = self.server
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if target == "LookupEvents":
            return self._look_up(json.loads(sent))
        if self.path == "/listRegions":
            if "ListRegions" in server.refused:
                return self._refuse("AccessDeniedException")
            states = {**dict.fromkeys(server.entries, "ENABLED_BY_DEFAULT"), "me-south-1": "DISABLED"}
            listed = [{"RegionName": name, "RegionOptStatus": state} for name, state in states.items()]
            return self._answer(json.dumps({"Regions": listed}).encode(), "application/json")
        if b"DescribeRegions" in sent:
            if "DescribeRegions" in server.refused:
                return self._answer(_DENIED.encode(), "text/xml", status=403)
            items = "".join(f"<item><regionName>{name}</regionName></item>" for name in server.entries)
            body = f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
            return self._answer(body.encode(), "text/xml")
        assert b"GetCallerIdentity" in sent, sent
        return self._answer(_CALLER.encode(), "text/xml")

    def _look_up(self, asked):
        server = self.server
        region = re.search(r"Credential=[^/]+/\d+/([^/]+)/", self.headers["Authorization"])[1]
        with server.lock:
            server.asked[region].append(asked)
            number = len(server.asked[region])
        assert asked["MaxResults"] <= 50
        fault = server.fault(region, asked, number)
        if fault is not None:
            return self._refuse(fault) if isinstance(fault, str) else self._answer(json.dumps(fault).encode(), _JSON)
        found = [
            entry for entry in server.entries[region] if asked["StartTime"] <= entry["EventTime"] <= asked["EndTime"]
        ]
        found.sort(key=lambda entry: -entry["EventTime"])
        at, token = 0, asked.get("NextToken")
        if token is not None:
            at, was = json.loads(token)
            if was != [asked["StartTime"], asked["EndTime"]]:
                return self._refuse("InvalidNextTokenException")
        answer = {"Events": found[at : at + 50]}
        if at + 50 < len(found):
            answer["NextToken"] = json.dumps([at + 50, [asked["StartTime"], asked["EndTime"]]])
        return self._answer(json.dumps(answer).encode(), _JSON)

    def _refuse(self, code):
        told = {"__type": code, "message": f"because of {code}"}
        return self._answer(json.dumps(told).encode(), _JSON, status=400)

    def _answer(self, body, kind, status=200):
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Date", format_datetime(self.server.now, usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class History(ThreadingHTTPServer):
    """``entries`` by region; ``fault(region, asked, number)`` may give a code to refuse with, or another answer; ``asked`` is what was."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.reset()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def reset(self):
        self.entries = {"us-east-1": [], "eu-west-1": []}
        self.asked = defaultdict(list)
        self.fault = lambda region, asked, number: None
        self.now = NOW
        self.refused = set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def days_asked(self):
        """How often each day of each region was asked about, first pages only."""
        return Counter(
            (region, datetime.fromtimestamp(one["StartTime"], UTC).strftime("%m-%d"))
            for region, all_of in self.asked.items()
            for one in all_of
            if "NextToken" not in one
        )
