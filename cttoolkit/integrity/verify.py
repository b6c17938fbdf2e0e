"""verify(): every object read once, every chain walked, every log file judged and parsed.

1. Read the digests, judge each chain from its newest digest to its oldest, name the missing.
2. Lay out what the proved digests cover, by delivery time.
3. Hold each log file against what the proved digests list: one pass that inflates, hashes, judges and parses.
4. Name the listed log files that are not there.
5. Count: every file, record, skip, duplicate and conflict.
6. Say where the keys came from that vouch for the rest.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING, TypeAlias

from cttoolkit.engines.local import Local
from cttoolkit.errors import EvidenceError
from cttoolkit.evidence import CONFIGURATION, Evidence, Item, stray
from cttoolkit.integrity.chain import Chain, ChainId
from cttoolkit.integrity.configuration import read_configuration
from cttoolkit.integrity.coverage import ChainCoverage, Coverage, chain_coverage
from cttoolkit.integrity.digest import Digest, NotADigest, read_digest
from cttoolkit.integrity.impact import Loss
from cttoolkit.integrity.inflate import BOUNDS, Bounds
from cttoolkit.integrity.judge import judge_chain, newest_first
from cttoolkit.integrity.keyring import Keyring
from cttoolkit.integrity.listing import Listings
from cttoolkit.integrity.scope import Scope
from cttoolkit.integrity.shards import Shards, collect_shards
from cttoolkit.integrity.store import hold, open_folder
from cttoolkit.integrity.verdict import Kind, Status, Verdict
from cttoolkit.integrity.verification import Completeness, KeyProvenance, Verification
from cttoolkit.integrity.work import LogBatch, Outcome, batches, judge_logs, read_logs, uncollected
from cttoolkit.key import DigestKey, LogKey, parse_key
from cttoolkit.progress import progress
from cttoolkit.sources.ahead import read_ahead
from cttoolkit.window import Window

if TYPE_CHECKING:
    from cttoolkit.engine import Engine
    from cttoolkit.source import StoredObject

__all__ = ["verify"]

_SMALL_FILE = 32 << 10
"""Below this many bytes a file, threads would wait for each other."""
_FEW_FILES = 50_000
"""Below this many small files, starting processes takes longer than judging them."""

_Delivery: TypeAlias = Mapping[tuple[str, str], tuple[datetime, datetime]]


def verify(
    evidence: Evidence,
    keys: Keyring | None = None,
    *,
    window: Window | None = None,
    accounts: Iterable[str] = (),
    regions: Iterable[str] = (),
    load: bool = True,
    workspace: str | os.PathLike[str] | None = None,
    engine: Engine | None = None,
    largest_object: int = BOUNDS.size,
    largest_ratio: int = BOUNDS.ratio,
    rehash: bool = False,
) -> Verification:
    """Judge every object of the evidence, offline, and parse what was judged.

    Never raises for what the evidence is: that is the Verification's to say. Files that cannot be read are named in
    ``completeness.unread`` and the rest goes on.

    ``window`` (of delivery time), ``accounts`` and ``regions`` ask about a part, and only what that needs is read. Without
    ``load`` the objects are judged and not parsed, several times as fast; nothing can be admitted then. ``workspace`` is
    a folder outside of the evidence that keeps shards and verdicts, so that a second call resumes; without it they go with
    the process. What it keeps counts while names, sizes and times of change are the same; with ``rehash`` the files are
    hashed again. ``largest_object`` bounds, in bytes, what one log file may inflate to, ``largest_ratio`` how many times its own
    size, which is asked from 16 MiB on.
    """
    keeper, folder = open_folder(evidence, workspace) if load else (None, None)
    with uncollected(), hold(folder) if folder and workspace is not None else nullcontext():
        return _verify(
            evidence,
            keys,
            Scope(window, frozenset(accounts), frozenset(regions)),
            keeper=keeper,
            folder=folder,
            engine=engine,
            bounds=Bounds(largest_object, largest_ratio),
            rehash=rehash,
        )


def _verify(
    evidence: Evidence,
    keys: Keyring | None,
    scope: Scope,
    *,
    keeper: object,
    folder: Path | None,
    engine: Engine | None,
    bounds: Bounds,
    rehash: bool,
) -> Verification:
    window = scope.window
    keyring = keys if keys is not None else Keyring()
    runner = engine if engine is not None else Local()
    load = folder is not None
    configuration = read_configuration(CONFIGURATION, evidence.source.document(CONFIGURATION))
    logs = [item for item in evidence.logs if scope.holds_log(item.key)]
    asked = scope.digests(evidence.digests)
    if not logs and not asked:
        raise EvidenceError(evidence.name, f"nothing in it of {scope}", "ask about a part that the evidence has")

    # (1) the chains, one at a time, and (2) what they cover; of a million digests, only what is needed later is kept
    delivery = _delivery(logs)
    unread: dict[str, str] = {}
    listings = Listings()
    verdicts: list[Verdict] = []
    covered: list[ChainCoverage] = []
    ends: list[Chain] = []
    fingerprints: set[str] = set()
    for chain in _chains(evidence, asked, keyring, delivery, unread, listings, since=window.start if window else None):
        verdicts.extend(verdict for verdict in chain.verdicts if scope.holds_digest(verdict.key))
        covered.append(_cover(chain, delivery))
        ends.append(chain.ends())
        fingerprints.update(digest.fingerprint for digest in chain.proved)
    coverage = Coverage(tuple(covered))

    # (3) the log files
    strays = frozenset(item.stored.key for item in logs if stray(item))
    files = ((item.stored, listings.expect(item.key, coverage)) for item in logs if not isinstance(item.key, DigestKey))
    tasks = batches(evidence.source, files, strays, folder, bounds, rehash=rehash)
    stored = [item.stored for item in logs]
    outcomes: list[Outcome] = []
    order = (one.key for one in stored)
    for outcome in _work(tasks, len(stored), sum(one.size for one in stored), runner, load=load):
        verdicts.extend(_shared(verdict, order) for verdict in outcome.verdicts)
        outcome.verdicts.clear()
        unread.update(outcome.unread)
        outcomes.append(outcome)

    # (4) the missing log files
    verdicts.extend(listings.missing((item.stored.key for item in logs), scope))
    verdicts.sort(key=lambda verdict: (verdict.kind, verdict.key))

    # (5) the count
    shards = collect_shards(folder, outcomes, runner, keeper) if folder is not None else Shards()
    completeness = _count(evidence, len(listings), verdicts, outcomes, unread, shards)

    # (6) the keys
    return Verification(
        evidence=evidence,
        keyring=keyring,
        scope=scope,
        verdicts=tuple(verdicts),
        chains=tuple(ends),
        coverage=coverage.within(window) if window else coverage,
        completeness=completeness,
        key_provenance=_provenance(evidence, keyring, fingerprints),
        configuration=configuration,
        losses=tuple(_losses(verdicts, listings)),
        accounts=tuple(account for outcome in outcomes for account in outcome.accounts),
        shards=shards if load else None,
        engine=runner,
    )


def _delivery(logs: Iterable[Item]) -> _Delivery:
    """First and last delivery time of the present log files, by account and region."""
    found: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for item in logs:
        if isinstance(item.key, LogKey):
            place, moment = (item.key.account, item.key.region), item.key.delivered_at
            first, last = found.get(place, (moment, moment))
            found[place] = (min(first, moment), max(last, moment))
    return found


def _chains(
    evidence: Evidence,
    items: Iterable[Item],
    keyring: Keyring,
    delivery: _Delivery,
    unread: dict[str, str],
    listings: Listings,
    *,
    since: datetime | None,
) -> Iterator[Chain]:
    """Each chain judged, in order."""
    grouped: dict[ChainId, dict[DigestKey, StoredObject]] = defaultdict(dict)
    for item in items:
        assert isinstance(item.key, DigestKey)
        grouped[ChainId.of(item.key)][item.key] = item.stored
    chains = sorted(grouped.items(), key=lambda pair: pair[0])
    inorder = (members[key] for _, members in chains for key in newest_first(members))
    with (
        progress(total=sum(map(len, grouped.values())), desc="digests", unit="file") as bar,
        read_ahead(evidence.source, inorder) as read_stored,
    ):
        for chain, members in chains:

            def read(key: DigestKey, of: Mapping[DigestKey, StoredObject] = members) -> Digest | NotADigest | None:
                bar.update()
                try:
                    return read_digest(key.key, read_stored(of[key]))
                except EvidenceError as error:
                    unread[key.key] = f"{error.wrong}; {error.remedy}"
                    return None

            earliest, _ = delivery.get((chain.account, chain.region), (None, None))
            metadata = evidence.source.metadata
            yield judge_chain(chain, members, read, listings, keyring, metadata, earliest_log=earliest, since=since)


def _cover(chain: Chain, delivery: _Delivery) -> ChainCoverage:
    first, last = delivery.get((chain.id.account, chain.id.region), (None, None))
    return chain_coverage(chain, last, first)


def _work(tasks: Iterable[LogBatch], files: int, total: int, engine: Engine, *, load: bool) -> Iterator[Outcome]:
    # Inflating and hashing leave the interpreter; with small files, the work around them keeps it.
    is_native = not load and total > files * _SMALL_FILE
    with progress(total=total, desc="log files", unit="B", unit_scale=True) as bar:
        outcomes: Iterable[Outcome]
        if not load and not is_native and files < _FEW_FILES:
            outcomes = map(judge_logs, tasks)
        else:
            outcomes = engine.map_files(read_logs if load else judge_logs, tasks, total, is_native=is_native)
        for outcome in outcomes:
            bar.update(outcome.size)
            yield outcome


def _shared(verdict: Verdict, keys: Iterator[str]) -> Verdict:
    """The same verdict, with the texts that many verdicts have in common held once. ``keys`` are in the verdicts' order."""
    return Verdict(
        next(key for key in keys if key == verdict.key),
        verdict.kind,
        verdict.status,
        intern(verdict.reason),
        verdict.sha256,
        verdict.expected,
        tuple(map(intern, verdict.vouched_by)),
        verdict.note,
    )


def _count(
    evidence: Evidence,
    listed: int,
    verdicts: list[Verdict],
    outcomes: list[Outcome],
    unread: Mapping[str, str],
    shards: Shards,
) -> Completeness:
    accounts = [account for outcome in outcomes for account in outcome.accounts]
    others = dict(evidence.others)
    for outcome in outcomes:
        others.update(outcome.others)
    return Completeness(
        listed=listed,
        present=sum(v.kind is Kind.LOG and v.status is not Status.MISSING for v in verdicts),
        inflated=sum(outcome.inflated for outcome in outcomes),
        records=sum(account.records for account in accounts),
        rows=sum(account.rows for account in accounts) - shards.repeated,
        skips=tuple(skip for outcome in outcomes for skip in outcome.skips),
        duplicates=shards.repeated,
        conflicting=shards.conflicting,
        unread=dict(sorted(unread.items())),
        others=dict(sorted(others.items())),
    )


def _losses(verdicts: Iterable[Verdict], listings: Listings) -> Iterator[Loss]:
    for verdict in verdicts:
        if verdict.kind is Kind.LOG and verdict.status in (Status.ALTERED, Status.MISSING):
            key = parse_key(verdict.key)
            account, region, delivered = (
                (key.account, key.region, key.delivered_at) if isinstance(key, LogKey) else (None, None, None)
            )
            yield Loss(verdict.key, verdict.status, account, region, listings.times(verdict.key), delivered)


def _provenance(evidence: Evidence, keyring: Keyring, fingerprints: Iterable[str]) -> KeyProvenance:
    """The weakest origin of the keys that proved digests name."""
    used = [key for key in map(keyring.find, sorted(fingerprints)) if key is not None]
    if not used:
        return KeyProvenance.NONE
    if any(evidence.holds(key.origin) for key in used):
        return KeyProvenance.INSIDE
    return KeyProvenance.OUTSIDE
