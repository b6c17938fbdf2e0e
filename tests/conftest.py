"""Worlds that are really signed, for tests to tamper with."""

from __future__ import annotations

from pathlib import Path

import pytest

from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.verify import verify

ACCOUNT = "111122223333"
TRAIL = "management-events"
HOME = "us-east-1"
SAMPLES = Path(__file__).parent.parent / "data" / "samples"


def event(number: int, time: str, name: str = "DescribeInstances", **parts):
    """A small event of alice's, with an id of its own."""
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLEALICE00001",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "userName": "alice",
        },
        "eventTime": time,
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": HOME,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-cli/2.15",
        "requestParameters": {"number": number},
        "responseElements": None,
        "requestID": f"request-{number}",
        "eventID": f"00000000-0000-4000-8000-{number:012d}",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    } | parts


def small_bucket(hours: int = 6, seed: int = 7, regions: tuple[str, ...] = (HOME,)):
    """A bucket with one trail, a log file every half hour in the home region, one event each."""
    from cttoolkit.training.simulator import Simulator

    sim = Simulator(seed=seed)
    trail = sim.trail(
        TRAIL, account=ACCOUNT, home=HOME, regions=regions, bucket="example-logs",
        start="2026-03-01T00:00:00Z", end=f"2026-03-01T{hours:02d}:00:00Z",
    )  # fmt: skip
    for number in range(hours * 2):
        hour, half = divmod(number, 2)
        if hour == hours - 1 and half:
            continue
        trail.record(HOME, event(number, f"2026-03-01T{hour:02d}:{10 + 30 * half:02d}:00Z", readOnly=not half))
    return sim.seal()


def small_world(folder, *records, name="t", delivered_at=None):
    """A case whose one trail recorded these records in the home region, six hours long."""
    from cttoolkit.training.simulator import Simulator

    sim = Simulator(seed=7)
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T06:00:00Z"}
    trail = sim.trail(name, account=ACCOUNT, home=HOME, regions=(HOME,), bucket="b", **span)
    for record in records:
        trail.record(HOME, record, delivered_at=delivered_at)
    return Case(sim.seal(), folder)


def admitted(folder, *records, **options):
    """The events of such a world, through the door."""
    from cttoolkit.events import admit
    from cttoolkit.integrity.policy import IntactOnly

    return admit(small_world(folder, *records, **options).verify(), IntactOnly())


class Case:
    """A bucket on its way to a verification: tamper with the objects, then judge them."""

    def __init__(self, bucket, folder: Path) -> None:
        self.bucket, self.folder = bucket, folder
        self.sidecar = True

    @property
    def objects(self):
        return self.bucket.objects

    @property
    def logs(self) -> list[str]:
        return sorted(key for key in self.objects if "/CloudTrail/" in key)

    @property
    def digests(self) -> list[str]:
        return sorted(key for key in self.objects if "/CloudTrail-Digest/" in key)

    def write(self) -> Path:
        evidence = self.folder / "evidence"
        self.bucket.write(evidence, sidecar=self.sidecar, keys=False, configuration=True)
        import json

        (self.folder / "keys.json").write_text(json.dumps(self.bucket.public_keys()))
        return evidence

    def verify(self, **options):
        evidence = self.write()
        return verify(open_evidence(evidence), load_keys(self.folder / "keys.json"), **options)


@pytest.fixture
def case(tmp_path):
    return Case(small_bucket(), tmp_path)
