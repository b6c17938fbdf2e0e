"""How long it takes to say who stood behind many sessions, and what one user reached, and in how much memory.

    .venv/bin/python benchmarks/sessions.py [--sessions 200000] [--each 2] [--keep FOLDER]

``--each 49`` makes ten million events of the 200,000 sessions. Of twenty sessions sixteen are roles assumed by a user's key or
from a session before, two hide their key, one is of the console, and one goes on through a service. The evidence has no digests:
it is about joins.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from evidence import ACCOUNT, START
from isal import igzip

from cttoolkit.window import written

SESSIONS_A_FILE = 20
_USED = (
    '{"eventVersion":"1.09","userIdentity":%s,"eventTime":"%s","eventSource":"%s.amazonaws.com","eventName":"%s",'
    '"awsRegion":"us-east-1","sourceIPAddress":"192.0.2.%d","userAgent":"aws-cli/2.15","requestParameters":%s,'
    '"responseElements":%s,"requestID":"r","eventID":"00000000-0000-4000-8000-%012d","readOnly":true,'
    '"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"'
    + ACCOUNT
    + '","eventCategory":"Management"%s}'
)
_USER = (
    '{"type":"IAMUser","principalId":"AIDAEXAMPLE%04d","arn":"arn:aws:iam::' + ACCOUNT + ':user/user-%d","accountId":"'
    + ACCOUNT + '","accessKeyId":"AKIAEXAMPLE%04d","userName":"user-%d"}'
)  # fmt: skip
_SESSION = (
    '{"type":"AssumedRole","principalId":"AROAEXAMPLE%04d:work-%d","arn":"arn:aws:sts::' + ACCOUNT
    + ':assumed-role/role-%d/work-%d","accountId":"' + ACCOUNT + '","accessKeyId":"%s","sessionContext":{"sessionIssuer":'
    '{"type":"Role","arn":"arn:aws:iam::' + ACCOUNT + ':role/role-%d"},"attributes":{"creationDate":"%s"}}%s}'
)  # fmt: skip
MEASURE = """
import resource, sys, time
import cttoolkit as ct
folder = sys.argv[1]
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
events = ct.admit(ct.verify(ct.open_evidence(folder), workspace=folder + "-workspace"), ct.AcceptUnverified("benchmark"))
print(f"{len(events):,} events, {peak():,} MiB before any question")
for told, question in (
    ("chains", lambda: ct.session.chains(events)),
    ("who stood behind all", lambda: ct.session.behind(events)),
    ("  and shown", lambda: repr(ct.session.behind(events))),
    ("  as a frame", lambda: ct.session.behind(events).frame()),
    ("what one user reached", lambda: ct.session.reach(events, "user/user-8")),
    ("  and shown", lambda: repr(ct.session.reach(events, "user/user-8"))),
    ("every join, as a frame", lambda: ct.session.chains(events).frame()),
):
    start, worked = time.perf_counter(), time.process_time()
    found = question()
    taken, worked = time.perf_counter() - start, time.process_time() - worked
    print(f"  {told:24} {taken:6.2f} s ({worked:.2f} s of processor), peak {peak():,} MiB" + (f"   {found!r}" if told == "chains" else ""))
    del found
"""


def session(number: int, made: str, key: str, more: str = "") -> str:
    role = number % 500
    return _SESSION % (role, number, role, number, key, role, made, more)


def issue(number: int, made: str, key: str, caller: str) -> str:
    """AssumeRole, by a caller."""
    role = number % 500
    asked = f'{{"roleArn":"arn:aws:iam::{ACCOUNT}:role/role-{role}","roleSessionName":"work-{number}"}}'
    answer = (
        f'{{"credentials":{{"accessKeyId":"{key}","expiration":"Dec 31, 2025, 1:00:00 AM"}},'
        f'"assumedRoleUser":{{"assumedRoleId":"AROAEXAMPLE{role:04d}:work-{number}"}}}}'
    )
    return _USED % (caller, made, "sts", "AssumeRole", number % 250, asked, answer, number * 1000, "")


def records(number: int, each: int) -> list[str]:
    """One session: what issued it, and its uses."""
    made = written(START + timedelta(seconds=number))
    kind, key, user = number % SESSIONS_A_FILE, f"ASIA{number:016d}", number % 400
    by_user = _USER % (user, user, user, user)
    caller = (
        by_user
        if kind % 4 != 3
        else session(number - 1, written(START + timedelta(seconds=number - 1)), f"ASIA{number - 1:016d}")
    )
    who = session(number, made, key)
    if kind == 17:
        who = session(number, made, "")
        opened = '{"ConsoleLogin":"Success"}'
        first = _USED % (who, made, "signin", "ConsoleLogin", number % 250, "null", opened, number * 1000, "")
    else:
        first = issue(number, made, "HIDDEN" if kind in (18, 19) else key, caller)
    onward = session(number, made, key, ',"invokedBy":"cloudformation.amazonaws.com"')
    found = [first]
    for n in range(1, each + 1):
        at = written(START + timedelta(seconds=number + 30 * n))
        acting = onward if kind == 16 and n == each else who
        found.append(
            _USED % (acting, at, "ec2", "DescribeInstances", number % 250, "null", "null", number * 1000 + n, "")
        )
    return found


def make(folder: Path, sessions: int, each: int) -> None:
    folder.mkdir(parents=True)
    for start in range(0, sessions, SESSIONS_A_FILE * 4):
        made = [one for n in range(start, min(sessions, start + SESSIONS_A_FILE * 4)) for one in records(n, each)]
        body = igzip.compress(f'{{"Records":[{",".join(made)}]}}'.encode(), 1)
        (folder / f"{start:09d}.json.gz").write_bytes(body)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sessions", type=int, default=200_000)
    options.add_argument("--each", type=int, default=2, help="uses of each session")
    options.add_argument("--keep", type=Path, help="where evidence is kept for the next run")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as base:
        folder = (given.keep or Path(base)) / f"evidence-{given.sessions}-{given.each}"
        if not folder.exists():
            make(folder, given.sessions, given.each)
        load = "import sys, cttoolkit as ct; print(ct.verify(ct.open_evidence(sys.argv[1]), workspace=sys.argv[1] + '-workspace'))"
        # Loading is another process, so that its memory is not counted here.
        for code in (load, MEASURE):
            subprocess.run([sys.executable, "-c", code, str(folder)], check=True)


if __name__ == "__main__":
    main()
