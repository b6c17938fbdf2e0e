"""Every file and every record is accounted for, whatever lies in the folder."""

import gzip
import random

import pytest

from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.policy import AcceptUnverified
from cttoolkit.integrity.verify import verify
from tests.test_shapes import SHAPES


def damaged(body, dice):
    """The same bytes with a stretch cut out, doubled, or overwritten."""
    at, length = dice.randrange(len(body)), dice.randrange(1, 60)
    kind = dice.randrange(3)
    if kind == 0:
        return body[:at] + body[at + length :]
    if kind == 1:
        return body[:at] + body[at : at + length] * 2 + body[at + length :]
    return body[:at] + dice.randbytes(length) + body[at + length :]


@pytest.mark.parametrize("seed", range(4))
def test_rows_and_skips_and_repeats_are_all_records(tmp_path, seed):
    dice = random.Random(seed)
    files = {}
    for number, body in enumerate(SHAPES.values()):
        files[f"{number}-whole.json"] = body
        files[f"{number}-damaged.json"] = damaged(body, dice)
        files[f"{number}-packed.json.gz"] = gzip.compress(damaged(body, dice), mtime=0)
        files[f"{number}-cut.json.gz"] = gzip.compress(body, mtime=0)[: -dice.randrange(1, 40)]
    files |= {"noise.json": dice.randbytes(5000), "empty.json": b"", "zeros.gz": b"\0" * 999, "notes.txt": b"{}"}
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
    verification = verify(open_evidence(tmp_path))
    done = verification.completeness
    assert done.rows + done.skipped + done.duplicates == done.records
    assert done.rows >= 2
    assert done.duplicates > len(SHAPES)
    judged = {verdict.key for verdict in verification.verdicts}
    assert judged | set(done.others) == set(files)
    assert not judged & set(done.others)
    assert not done.unread
    events = admit(verification, AcceptUnverified(reason="made up"))
    assert len(events) == done.rows
    of_file = {skip.log_file for skip in done.skips}
    assert of_file <= judged
