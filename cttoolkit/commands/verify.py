"""cttoolkit verify: judge every object of the evidence."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from cttoolkit.custody.check import Custody, check_custody
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.coverage import Interval, State
from cttoolkit.integrity.document import document
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.listing import UNPROVED
from cttoolkit.integrity.verdict import Status, Verdict
from cttoolkit.integrity.verification import Verification
from cttoolkit.integrity.verify import verify
from cttoolkit.sources.bucket import is_bucket
from cttoolkit.text import visible
from cttoolkit.window import Window

__all__ = ["run"]

_EARLIEST, _LATEST = "2000-01-01T00:00:00Z", "2200-01-01T00:00:00Z"
_SHOWN_KEYS = 10
_SHOWN_SKIPS = 100


def run(options: argparse.Namespace) -> int:
    window = None
    if options.start is not None or options.end is not None:
        window = Window.of(options.start or _EARLIEST, options.end or _LATEST)
    custody = None if is_bucket(options.evidence) else check_custody(options.evidence, options.custody_key)
    verification = verify(
        open_evidence(options.evidence),
        load_keys(*options.keys),
        window=window,
        accounts=options.account_id,
        regions=options.region,
        load=options.workspace is not None,
        workspace=options.workspace,
        rehash=options.rehash,
    )
    if options.format == "json":
        print(json.dumps({**document(verification), "custody": _document(custody)}, indent=2))
    else:
        if custody is not None:
            _print_custody(custody)
        _print_verification(verification)
    counts = verification.counts()
    if verification.completeness.unread:
        for key, problem in verification.completeness.unread.items():
            print(f"{visible(key)}: {problem}", file=sys.stderr)
        return 2
    if custody is not None and not custody.is_whole:
        return 1
    if counts[Status.ALTERED] or counts[Status.MISSING] or counts[Status.UNLISTED]:
        if options.format == "text":
            keys = ["--keys", options.keys[0]] if len(options.keys) == 1 else []
            print(
                f"what may still be claimed: {visible(shlex.join(['cttoolkit', 'playbook', '01', '--case', options.evidence, *keys]))}"
            )
        return 1
    return 0 if verification.is_whole else 3


def _document(custody: Custody | None) -> dict[str, Any] | None:
    if custody is None:
        return None
    return {
        "manifest_sha256": custody.manifest_sha256,
        "files": custody.files,
        "missing": list(custody.missing),
        "altered": list(custody.altered),
        "added": list(custody.added),
        "signature": custody.seal.value,
        "unfinished": custody.is_unfinished,
        "whole": custody.is_whole,
    }


def _print_custody(custody: Custody) -> None:
    print(custody.sentence)
    for word, paths in (("missing", custody.missing), ("altered", custody.altered), ("added", custody.added)):
        for path in paths[:_SHOWN_KEYS]:
            print(f"  {word}: {visible(path)}")
        if len(paths) > _SHOWN_KEYS:
            print(f"  … and {len(paths) - _SHOWN_KEYS:,} more; --format json has them all")
    if custody.recovered:
        print(f"  {custody.recovered:,} objects were recovered from older versions; manifest.json names them")


def _print_verification(verification: Verification) -> None:
    print(verification.sentence)
    _print_doubtful([verdict for verdict in verification.verdicts if verdict.status is not Status.INTACT])
    print("\nCoverage by verified digests (delivery time):")
    for chain in verification.coverage.chains:
        for interval in _joined(chain.intervals):
            reason = "" if interval.state is State.COVERED else f"  {interval.reason}"
            print(f"  {visible(chain.chain)}  {interval.window}  {interval.state.value}{visible(reason)}")
    if not verification.coverage.chains:
        print("  none")
    done = verification.completeness
    loaded = ""
    if verification.shards is not None:
        loaded = f"{done.records:,} records · {done.rows:,} rows · {len(done.skips):,} skipped · {done.duplicates:,} duplicates · "
    print(f"\n{done.present:,} log files present, {done.listed:,} listed · {loaded}{len(done.others):,} other files")
    for skip in done.skips[:_SHOWN_SKIPS]:
        place = "" if skip.index is None else f" record {skip.index}"
        print(f"  skipped {visible(skip.log_file)}{place}: {visible(skip.reason)}")
    for file in verification.keyring.files:
        print(f"keys: {file.path} (sha256 {file.sha256}), {verification.key_provenance.value}")
    if not verification.keyring.files and verification.evidence.digests:
        print(
            "keys: none given, and a digest is proved by AWS's public keys: fetch them with cttoolkit keys, give --keys FILE"
        )


def _joined(intervals: Sequence[Interval]) -> Iterator[Interval]:
    """Neighbours in one state for one reason as one stretch: a chain without its key has as many as it has hours."""
    held: Interval | None = None
    for one in intervals:
        if held is not None and (held.state, held.reason, held.window.end) == (one.state, one.reason, one.window.start):
            held = Interval(Window(held.window.start, one.window.end), one.state, one.reason)
            continue
        if held is not None:
            yield held
        held = one
    if held is not None:
        yield held


def _print_doubtful(doubtful: Sequence[Verdict]) -> None:
    """What is not intact, told once for each kind of trouble, with a few keys each."""
    troubles: dict[tuple[Status, str], list[Verdict]] = {}
    for verdict in sorted(doubtful, key=lambda verdict: -verdict.status.rank):
        # Such a reason names the digest, of which there may be one an hour.
        trouble = UNPROVED if verdict.reason.startswith(UNPROVED) else verdict.reason
        troubles.setdefault((verdict.status, trouble), []).append(verdict)
    for (status, trouble), verdicts in troubles.items():
        reasons = {verdict.reason for verdict in verdicts}
        told = reasons.pop() if len(reasons) == 1 else f"{trouble} ({len(reasons):,} such digests)"
        print(f"\n{status.value}: {visible(told)}")
        for verdict in verdicts[:_SHOWN_KEYS]:
            print(f"  {visible(verdict.key)}" + (f"  ({visible(verdict.note)})" if verdict.note else ""))
        if len(verdicts) > _SHOWN_KEYS:
            print(f"  … and {len(verdicts) - _SHOWN_KEYS:,} more; --format json has them all")
