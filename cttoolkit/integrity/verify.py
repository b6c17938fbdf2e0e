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
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm.auto import tqdm

from cttoolkit.engines.local import Local
from cttoolkit.errors import EvidenceError, WorkspaceError
from cttoolkit.evidence import CONFIGURATION, Evidence, stray
from cttoolkit.integrity.chain import Chain
from cttoolkit.integrity.configuration import read_configuration
from cttoolkit.integrity.coverage import ChainCoverage, Coverage, chain_coverage
from cttoolkit.integrity.digest import Digest, NotADigest, read_digest
from cttoolkit.integrity.inflate import LIMIT
from cttoolkit.integrity.judge import judge_chains
from cttoolkit.integrity.keyring import Keyring
from cttoolkit.integrity.listing import Expectation, Listings
from cttoolkit.integrity.verdict import Status, Verdict
from cttoolkit.integrity.verification import Completeness, KeyProvenance, Loss, Shards, Verification
from cttoolkit.integrity.work import Outcome, batches, read_logs
from cttoolkit.key import DigestKey, LogKey, parse_key

if TYPE_CHECKING:
    from cttoolkit.engine import Engine
    from cttoolkit.source import StoredObject

__all__ = ["verify"]


def verify(
    evidence: Evidence,
    keys: Keyring | None = None,
    *,
    workspace: str | os.PathLike[str] | None = None,
    engine: Engine | None = None,
    largest_object: int = LIMIT,
) -> Verification:
    """Judge every object of the evidence, offline, and parse what was judged.

    Never raises for what the evidence is: that is the Verification's to say. Files that cannot be read are named in
    ``completeness.unread`` and the rest goes on. ``workspace`` is a folder outside of the evidence that keeps shards and
    verdicts, so that a second call resumes; without it they go with the process. ``largest_object`` bounds, in bytes, what
    one object may inflate to.
    """
    keyring = keys if keys is not None else Keyring()
    runner = engine if engine is not None else Local()
    keeper, folder = _folder(evidence, workspace)
    configuration = read_configuration(CONFIGURATION, evidence.source.document(CONFIGURATION))

    # (1) the chains
    delivery = _delivery(evidence)
    unread: dict[str, str] = {}
    digests = list(_read_digests(evidence, unread))
    chains = judge_chains(
        digests, keyring, evidence.source.metadata, {place: first for place, (first, _) in delivery.items()}
    )

    # (2) what they cover
    coverage = Coverage(tuple(_cover(chain, delivery) for chain in chains))

    # (3) the log files
    listings = Listings(chains)
    files = [
        (item.stored, listings.expect(item.key, coverage))
        for item in evidence.logs
        if not isinstance(item.key, DigestKey)
    ]
    strays = frozenset(item.stored.key for item in evidence.logs if stray(item))
    outcomes = list(_read_logs(evidence, files, strays, folder, runner, largest_object))

    # (4) the missing log files
    gone = listings.missing(item.stored.key for item in evidence.logs)
    verdicts = [verdict for chain in chains for verdict in chain.verdicts]
    verdicts.extend(verdict for outcome in outcomes for verdict in outcome.verdicts)
    verdicts.extend(verdict for verdict, _ in gone)
    verdicts.sort(key=lambda verdict: (verdict.kind, verdict.key))

    # (5) the count
    for outcome in outcomes:
        unread.update(outcome.unread)
    shards = _shards(folder, outcomes, runner, keeper)
    completeness = _count(evidence, listings, outcomes, unread, shards, runner)

    # (6) the keys
    return Verification(
        evidence=evidence,
        keyring=keyring,
        verdicts=tuple(verdicts),
        coverage=coverage,
        completeness=completeness,
        key_provenance=_provenance(evidence, keyring, chains),
        configuration=configuration,
        losses=tuple(_losses(verdicts, listings)),
        accounts=tuple(account for outcome in outcomes for account in outcome.accounts),
        shards=shards,
        engine=runner,
    )


def _folder(evidence: Evidence, workspace: str | os.PathLike[str] | None) -> tuple[object, Path]:
    if workspace is None:
        folder = Path(tempfile.mkdtemp(prefix="cttoolkit-"))
        keeper = _Keeper()
        weakref.finalize(keeper, shutil.rmtree, folder, ignore_errors=True)
        return keeper, folder
    if evidence.holds(workspace):
        raise WorkspaceError(
            workspace, "it lies inside the evidence, which is never written to", "choose another folder"
        )
    folder = Path(workspace) / "shards"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            workspace, (error.strerror or str(error)).lower(), "choose a folder that can be written"
        ) from error
    return None, folder


class _Keeper:
    """Whoever holds this holds the temporary folder."""


def _delivery(evidence: Evidence) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """First and last delivery time of the present log files, by account and region."""
    found: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for item in evidence.logs:
        if isinstance(item.key, LogKey):
            place, moment = (item.key.account, item.key.region), item.key.delivered_at
            first, last = found.get(place, (moment, moment))
            found[place] = (min(first, moment), max(last, moment))
    return found


def _read_digests(evidence: Evidence, unread: dict[str, str]) -> Iterator[tuple[DigestKey, Digest | NotADigest]]:
    for item in tqdm(evidence.digests, desc="digests", unit="file", delay=3, leave=False):
        assert isinstance(item.key, DigestKey)
        try:
            body = evidence.source.read(item.stored)
        except EvidenceError as error:
            unread[item.stored.key] = f"{error.wrong}; {error.remedy}"
            continue
        yield item.key, read_digest(item.stored.key, body)


def _cover(chain: Chain, delivery: Mapping[tuple[str, str], tuple[datetime, datetime]]) -> ChainCoverage:
    first, last = delivery.get((chain.id.account, chain.id.region), (None, None))
    return chain_coverage(chain, last, first)


def _read_logs(
    evidence: Evidence,
    files: list[tuple[StoredObject, Expectation]],
    strays: frozenset[str],
    folder: Path,
    engine: Engine,
    limit: int,
) -> Iterator[Outcome]:
    tasks = batches(evidence.source, files, strays, folder, limit)
    with tqdm(
        total=sum(task.size for task in tasks), desc="log files", unit="B", unit_scale=True, delay=3, leave=False
    ) as bar:
        for outcome in engine.map_files(read_logs, tasks, lambda task: task.size):
            bar.update(outcome.size)
            yield outcome


def _shards(folder: Path, outcomes: Iterable[Outcome], engine: Engine, keeper: object) -> Shards:
    outcomes = list(outcomes)
    events = tuple(folder / outcome.shard for outcome in outcomes if outcome.shard)
    quarantine = tuple(folder / outcome.quarantine for outcome in outcomes if outcome.quarantine)
    return Shards(folder, events, quarantine, _duplicates(folder, events, engine), keeper)


def _duplicates(folder: Path, events: tuple[Path, ...], engine: Engine) -> Path | None:
    """Repeats of an event: same id, same content. The one in the file of best standing is kept, the others are named here."""
    if not events:
        return None
    import ibis

    table = engine.table(events)
    # Without an id, equal content is no proof of one and the same event, and nothing is dropped on a guess.
    table = table.filter(table.event_id.notnull())
    repeated = table.group_by(["event_id", "record_sha256"]).having(ibis._.count() > 1).agg()
    rank = ibis.cases(*((table.status == status.value, status.rank) for status in Status), else_=len(Status))
    rows = table.select("event_id", "record_sha256", "log_file", "record_index", rank=rank)
    rows = rows.semi_join(repeated, ["event_id", "record_sha256"])
    order = [rows.rank, rows.log_file, rows.record_index]
    numbered = rows.mutate(place=ibis.row_number().over(group_by=["event_id", "record_sha256"], order_by=order))
    redundant = numbered.filter(numbered.place > 0).select("log_file", "record_index", "event_id").to_pyarrow()
    if not redundant.num_rows:
        return None
    import pyarrow.parquet as pq

    path = folder / "duplicates.parquet"
    pq.write_table(redundant, path)
    return path


def _count(
    evidence: Evidence,
    listings: Listings,
    outcomes: list[Outcome],
    unread: Mapping[str, str],
    shards: Shards,
    engine: Engine,
) -> Completeness:
    duplicates = conflicting = 0
    if shards.events:
        table = engine.table(shards.events)
        ids = table.filter(table.event_id.notnull()).group_by("event_id").agg(contents=table.record_sha256.nunique())
        conflicting = int(ids.filter(ids.contents > 1).count().to_pyarrow().as_py())
    if shards.duplicates:
        duplicates = int(engine.table([shards.duplicates]).count().to_pyarrow().as_py())
    accounts = [account for outcome in outcomes for account in outcome.accounts]
    others = dict(evidence.others)
    for outcome in outcomes:
        others.update(outcome.others)
    return Completeness(
        listed=len(listings),
        present=sum(len(outcome.verdicts) for outcome in outcomes),
        inflated=sum(account.inflated for account in accounts),
        records=sum(account.records for account in accounts),
        rows=sum(account.rows for account in accounts),
        skips=tuple(skip for outcome in outcomes for skip in outcome.skips),
        duplicates=duplicates,
        conflicting=conflicting,
        unread=dict(sorted(unread.items())),
        others=dict(sorted(others.items())),
    )


def _losses(verdicts: Iterable[Verdict], listings: Listings) -> Iterator[Loss]:
    for verdict in verdicts:
        if verdict.kind == "log" and verdict.status in (Status.ALTERED, Status.MISSING):
            key = parse_key(verdict.key)
            account, region = (key.account, key.region) if isinstance(key, LogKey) else (None, None)
            vouchers = listings.vouchers(verdict.key)
            yield Loss(verdict.key, verdict.status, account, region, vouchers[0].events if vouchers else None)


def _provenance(evidence: Evidence, keyring: Keyring, chains: Iterable[Chain]) -> KeyProvenance:
    """The weakest origin of a key that a proved digest names."""
    named = {digest.fingerprint for chain in chains for digest in chain.proved}
    used = [key for key in map(keyring.find, sorted(named)) if key is not None]
    if not used:
        return KeyProvenance.NONE
    if any(evidence.holds(key.origin) for key in used):
        return KeyProvenance.INSIDE
    return KeyProvenance.OUTSIDE
