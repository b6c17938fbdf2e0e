"""verify(): every object read once, every chain walked, every log file judged and parsed.

1. Read the digests, judge each chain from its newest digest to its oldest, name the missing.
2. Lay out what the proved digests cover, by delivery time.
3. Hold each log file against what the proved digests list: one pass that inflates, hashes, judges and parses.
4. Name the listed log files that are not there.
5. Count: every file, record, skip, duplicate and conflict.
6. Say where the keys came from that vouch for the rest.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from tqdm.auto import tqdm

from cttoolkit.engines.local import Local
from cttoolkit.errors import EvidenceError
from cttoolkit.evidence import CONFIGURATION, Evidence, Item, stray
from cttoolkit.integrity.chain import Chain
from cttoolkit.integrity.configuration import read_configuration
from cttoolkit.integrity.coverage import ChainCoverage, Coverage, chain_coverage
from cttoolkit.integrity.digest import Digest, NotADigest, read_digest
from cttoolkit.integrity.impact import Loss
from cttoolkit.integrity.inflate import LIMIT
from cttoolkit.integrity.judge import judge_chains
from cttoolkit.integrity.keyring import Keyring
from cttoolkit.integrity.listing import Listings, Times
from cttoolkit.integrity.scope import Scope
from cttoolkit.integrity.shards import Shards, collect_shards, open_folder
from cttoolkit.integrity.verdict import Kind, Status, Verdict
from cttoolkit.integrity.verification import Completeness, KeyProvenance, Verification
from cttoolkit.integrity.work import LogBatch, Outcome, batches, judge_logs, read_logs
from cttoolkit.key import DigestKey, LogKey, parse_key
from cttoolkit.window import Window

if TYPE_CHECKING:
    from cttoolkit.engine import Engine

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
    largest_object: int = LIMIT,
) -> Verification:
    """Judge every object of the evidence, offline, and parse what was judged.

    Never raises for what the evidence is: that is the Verification's to say. Files that cannot be read are named in
    ``completeness.unread`` and the rest goes on.

    ``window`` (of delivery time), ``accounts`` and ``regions`` ask about a part, and only what that needs is read. Without
    ``load`` the objects are judged and not parsed, several times as fast; nothing can be admitted then. ``workspace`` is
    a folder outside of the evidence that keeps shards and verdicts, so that a second call resumes; without it they go with
    the process. ``largest_object`` bounds, in bytes, what one object may inflate to.
    """
    with _uncollected():
        return _verify(
            evidence,
            keys,
            Scope(window, frozenset(accounts), frozenset(regions)),
            load=load,
            workspace=workspace,
            engine=engine,
            largest_object=largest_object,
        )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's cycle collector, which would walk over all that is held again and again and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _verify(
    evidence: Evidence,
    keys: Keyring | None,
    scope: Scope,
    *,
    load: bool,
    workspace: str | os.PathLike[str] | None,
    engine: Engine | None,
    largest_object: int,
) -> Verification:
    window = scope.window
    keyring = keys if keys is not None else Keyring()
    runner = engine if engine is not None else Local()
    keeper, folder = open_folder(evidence, workspace) if load else (None, None)
    configuration = read_configuration(CONFIGURATION, evidence.source.document(CONFIGURATION))
    logs = [item for item in evidence.logs if scope.holds_log(item.key)]
    asked = scope.digests(evidence.digests)
    if not logs and not asked:
        raise EvidenceError(evidence.name, f"nothing in it of {scope}", "ask about a part that the evidence has")

    # (1) the chains
    delivery = _delivery(logs)
    unread: dict[str, str] = {}
    digests = list(_read_digests(evidence, asked, unread))
    earliest = {place: first for place, (first, _) in delivery.items()}
    chains = judge_chains(digests, keyring, evidence.source.metadata, earliest, since=window.start if window else None)

    # (2) what they cover
    coverage = Coverage(tuple(_cover(chain, delivery) for chain in chains))

    # (3) the log files
    listings = Listings(chains)
    files = [(item.stored, listings.expect(item.key, coverage)) for item in logs if not isinstance(item.key, DigestKey)]
    strays = frozenset(item.stored.key for item in logs if stray(item))
    tasks = batches(evidence.source, files, strays, folder, largest_object)

    # (4) the missing log files; what is needed later of a million digests is taken from them here, and the rest let go
    verdicts = [verdict for chain in chains for verdict in chain.verdicts if scope.holds_digest(verdict.key)]
    verdicts.extend(listings.missing((item.stored.key for item in logs), scope))
    times, listed = listings.times(), len(listings)
    provenance = _provenance(evidence, keyring, chains)
    ends = tuple(chain.ends() for chain in chains)
    del listings, chains, digests, files

    outcomes = list(_work(tasks, runner, load=load))
    del tasks
    verdicts.extend(verdict for outcome in outcomes for verdict in outcome.verdicts)
    verdicts.sort(key=lambda verdict: (verdict.kind, verdict.key))

    # (5) the count
    for outcome in outcomes:
        unread.update(outcome.unread)
    shards = collect_shards(folder, outcomes, runner, keeper) if folder is not None else Shards()
    completeness = _count(evidence, listed, outcomes, unread, shards)

    # (6) the keys
    return Verification(
        evidence=evidence,
        keyring=keyring,
        scope=scope,
        verdicts=tuple(verdicts),
        chains=ends,
        coverage=coverage.within(window) if window else coverage,
        completeness=completeness,
        key_provenance=provenance,
        configuration=configuration,
        losses=tuple(_losses(verdicts, times)),
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


def _read_digests(
    evidence: Evidence, items: Iterable[Item], unread: dict[str, str]
) -> Iterator[tuple[DigestKey, Digest | NotADigest]]:
    for item in tqdm(items, desc="digests", unit="file", delay=3, leave=False):
        assert isinstance(item.key, DigestKey)
        try:
            body = evidence.source.read(item.stored)
        except EvidenceError as error:
            unread[item.stored.key] = f"{error.wrong}; {error.remedy}"
            continue
        yield item.key, read_digest(item.stored.key, body)


def _cover(chain: Chain, delivery: _Delivery) -> ChainCoverage:
    first, last = delivery.get((chain.id.account, chain.id.region), (None, None))
    return chain_coverage(chain, last, first)


def _work(tasks: list[LogBatch], engine: Engine, *, load: bool) -> Iterator[Outcome]:
    total = sum(task.size for task in tasks)
    # Inflating and hashing leave the interpreter; with small files, the work around them keeps it.
    files = sum(len(task.files) for task in tasks)
    is_native = not load and total > files * _SMALL_FILE
    with tqdm(total=total, desc="log files", unit="B", unit_scale=True, delay=3, leave=False) as bar:
        outcomes: Iterable[Outcome]
        if not load and not is_native and files < _FEW_FILES:
            outcomes = map(judge_logs, tasks)
        else:
            outcomes = engine.map_files(read_logs if load else judge_logs, tasks, _size, is_native=is_native)
        for outcome in outcomes:
            bar.update(outcome.size)
            yield outcome


def _size(task: LogBatch) -> int:
    return task.size


def _count(
    evidence: Evidence, listed: int, outcomes: list[Outcome], unread: Mapping[str, str], shards: Shards
) -> Completeness:
    accounts = [account for outcome in outcomes for account in outcome.accounts]
    others = dict(evidence.others)
    for outcome in outcomes:
        others.update(outcome.others)
    return Completeness(
        listed=listed,
        present=sum(len(outcome.verdicts) for outcome in outcomes),
        inflated=sum(account.inflated for account in accounts),
        records=sum(account.records for account in accounts),
        rows=sum(account.rows for account in accounts),
        skips=tuple(skip for outcome in outcomes for skip in outcome.skips),
        duplicates=shards.repeated,
        conflicting=shards.conflicting,
        unread=dict(sorted(unread.items())),
        others=dict(sorted(others.items())),
    )


def _losses(verdicts: Iterable[Verdict], times: Times) -> Iterator[Loss]:
    for verdict in verdicts:
        if verdict.kind is Kind.LOG and verdict.status in (Status.ALTERED, Status.MISSING):
            key = parse_key(verdict.key)
            account, region = (key.account, key.region) if isinstance(key, LogKey) else (None, None)
            yield Loss(verdict.key, verdict.status, account, region, times.of(verdict.key))


def _provenance(evidence: Evidence, keyring: Keyring, chains: Iterable[Chain]) -> KeyProvenance:
    """The weakest origin of a key that a proved digest names."""
    named = {digest.fingerprint for chain in chains for digest in chain.proved}
    used = [key for key in map(keyring.find, sorted(named)) if key is not None]
    if not used:
        return KeyProvenance.NONE
    if any(evidence.holds(key.origin) for key in used):
        return KeyProvenance.INSIDE
    return KeyProvenance.OUTSIDE
