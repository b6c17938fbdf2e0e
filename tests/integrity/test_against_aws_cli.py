"""The same harms, judged by `aws cloudtrail validate-logs` and by us.

The AWS CLI runs as it is, in this process, against a simulated S3; its two calls to CloudTrail are answered from the sample. What it
says and what we say stands in docs/aws-cli.md, one line a harm, and each line is checked here.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from cttoolkit.cli import main as cttoolkit
from cttoolkit.integrity.verdict import Kind, Status
from tests.conftest import ACCOUNT, HOME, TRAIL, Case, small_bucket
from tests.integrity.faults import FAULTS

PAGE = Path(__file__).parent.parent.parent / "docs" / "aws-cli.md"
LINE = re.compile(r"(Digest|Log) file\ts3://[^/]+/(\S+)\t(INVALID|valid)")


@pytest.fixture
def aws(monkeypatch, tmp_path, capfd):
    """Runs validate-logs over a case's objects; returns its exit code and the objects that it calls invalid."""
    import moto
    from awscli.clidriver import create_clidriver
    from botocore.client import BaseClient

    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": HOME,
        "AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    def run(case):
        original = BaseClient._make_api_call

        def answer(client, operation, parameters):
            if operation == "ListPublicKeys":
                return case.bucket.public_keys()
            return original(client, operation, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", answer)
        with moto.mock_aws():
            import boto3

            bucket = getattr(case, "bucket_name", "example-logs")
            s3 = boto3.client("s3", region_name=HOME)
            s3.create_bucket(Bucket=bucket)
            for key, stored in case.objects.items():
                s3.put_object(Bucket=bucket, Key=key, Body=stored.body, Metadata=dict(stored.metadata))
            arn = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/{TRAIL}"
            capfd.readouterr()
            code = create_clidriver().main([
                "cloudtrail", "validate-logs", "--trail-arn", arn, "--s3-bucket", bucket, "--verbose",
                "--start-time", "2026-03-01T00:00:00Z", "--end-time", "2026-03-01T08:00:00Z",
            ])  # fmt: skip
            out, err = capfd.readouterr()
        monkeypatch.setattr(BaseClient, "_make_api_call", original)
        invalid = {(kind, key) for kind, key, word in LINE.findall(out + err) if word == "INVALID"}
        return code, invalid, out + err

    return run


def told_by_aws(code, invalid, text):
    counts = Counter(kind for kind, _ in invalid)
    parts = [
        f"{counts[kind]} {kind.lower()}{'s' if counts[kind] != 1 else ''} invalid"
        for kind in ("Digest", "Log")
        if counts[kind]
    ]
    if "No log files were delivered" in text:
        parts.append("“no log files were delivered”")
    if "No digests found" in text:
        parts.append("“no digests found”")
    return f"{code}: " + (", ".join(parts) or "all valid")


def told_by_us(code, verification):
    parts = []
    for kind, counts in (("digest", verification.counts(Kind.DIGEST)), ("log", verification.counts(Kind.LOG))):
        parts.extend(
            f"{count} {kind}{'s' if count != 1 else ''} {status.value}"
            for status, count in counts.items()
            if count and status is not Status.INTACT
        )
    from cttoolkit.integrity.coverage import State

    states = sorted(
        {i.state.value for c in verification.coverage.chains for i in c.intervals if i.state is not State.COVERED}
    )
    if states:
        parts.append(f"coverage: {', '.join(states)}")
    return f"{code}: " + ("; ".join(parts) or "all intact")


def rows():
    lines = [
        line
        for line in PAGE.read_text().splitlines()
        if line.startswith("| ") and not line.startswith(("| harm", "|--"))
    ]
    return {cells[0]: cells[1:] for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)}


def test_every_harm_has_its_line():
    assert set(rows()) == set(FAULTS)
    assert len(FAULTS) >= 25


@pytest.mark.parametrize("harm", FAULTS)
def test_the_line_is_true(harm, aws, tmp_path, capfd):
    case = Case(small_bucket(), tmp_path)
    FAULTS[harm](case)
    theirs = aws(case)
    evidence = case.write()
    keys = ["--keys", str(case.folder / "keys.json")] if case.bucket.public_keys()["PublicKeyList"] else []
    code = cttoolkit(["verify", str(evidence), *keys])
    ours = case.verify(load=False) if keys else None
    if ours is None:
        from cttoolkit.evidence import open_evidence
        from cttoolkit.integrity.verify import verify

        ours = verify(open_evidence(evidence), load=False)
    said_by_aws, said_by_us, agreement, why = rows()[harm]
    assert told_by_aws(*theirs) == said_by_aws
    assert told_by_us(code, ours) == said_by_us
    accused = {key for kind, key in theirs[1]}
    found = {v.key for v in ours.with_status(Status.ALTERED, Status.MISSING)}
    same = accused == found and (theirs[0] == 0) == (code == 0)
    assert agreement == ("same" if same else "differs")
    assert bool(why) == (not same), "a difference has a reason"
