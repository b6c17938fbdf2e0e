"""What a newer verification says of the records that a conclusion cites: unchanged, in doubt, or contradicted.

The newer one may be of another copy, or of the same evidence at a later day, with more digests or after somebody changed it. It
can lower a standing and never raise one: a stronger claim is to be made anew, from the events of the newer verification.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import AdmissionError, ClaimError
from cttoolkit.integrity.condition import Condition, Met
from cttoolkit.integrity.policy import IntactOnly, RequireIntact
from cttoolkit.integrity.verdict import Status, Verdict
from cttoolkit.integrity.verification import Verification
from cttoolkit.key import LogKey, parse_key
from cttoolkit.reach import places_asked
from cttoolkit.standing import Standing, Word, absent, word_of_keys
from cttoolkit.text import number_of
from cttoolkit.window import Window

if TYPE_CHECKING:
    from cttoolkit.events import Events

__all__ = ["searched_again", "seen_again"]

_NAMED = 5
_COLUMNS = ("log_file", "record_index", "event_id", "record_sha256", "status")
_WORDS = {Met.NO: Word.CONTRADICTED, Met.UNKNOWN: Word.REPORTED_PRESENT}


@dataclass(slots=True)
class _Tally:
    """Cited records by what became of them and of which file."""

    found: dict[tuple[Met, str], dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    def add(self, met: Met, what: str, log_file: str) -> None:
        self.found[met, what][log_file] += 1

    def told(self, met: Met) -> list[str]:
        return [f"{what}: {_listed(files)}" for (of, what), files in sorted(self.found.items()) if of is met]

    def count(self, met: Met) -> int:
        return sum(sum(files.values()) for (of, _), files in self.found.items() if of is met)


def seen_again(cited: Events, standing: Standing, verification: Verification) -> Standing:
    """The standing of a finding once its cited records were looked up in another verification, by file, index and hash.

    ClaimError where that verification has nothing of the cited accounts, or was made without loading the records.
    """
    rows = cited.table.select(_COLUMNS).order_by(["log_file", "record_index"]).to_pyarrow().to_pylist()
    _refuse_strangers({row["log_file"] for row in rows}, verification)
    verdicts = {verdict.key: verdict for verdict in verification.verdicts}
    places, ids = _found(cited, verification)
    tally = _Tally()
    for row in rows:
        same, others = _copies(row, ids)
        met, what = _fate(
            row, verdicts.get(row["log_file"]), places.get((row["log_file"], row["record_index"])), verification
        )
        if met is not Met.NO and others:
            met, what = (
                Met.NO,
                f"an intact log file holds another content under the same event id ({_listed(dict.fromkeys(others, 1))})",
            )
        elif met is Met.NO and same:
            what += f" (the same record stands intact in {_listed(dict.fromkeys(same, 1))})"
        elif what == _ABSENT and same:
            met, what = Met.YES, "unchanged, in an intact log file"
        tally.add(met, what, row["log_file"])
    return _lowered(standing, tally, verification, len(rows))


_ABSENT = "absent, and named by no digest"


def _fate(
    row: dict[str, Any], verdict: Verdict | None, there: str | None, verification: Verification
) -> tuple[Met, str]:
    """What became of one cited record, by the verdict on its file and the hash of what now stands in its place."""
    key = row["log_file"]
    if key in verification.completeness.unread:
        return Met.UNKNOWN, "could not be read again"
    if verdict is None:
        if not verification.scope.holds_log(parse_key(key)):
            return Met.UNKNOWN, "not examined again"
        return Met.NO, _ABSENT
    if verdict.status in (Status.ALTERED, Status.MISSING):
        return Met.NO, verdict.status.value
    if there is None:
        return Met.NO, f"{verdict.status.value}, and the cited record is not in it"
    if there != row["record_sha256"]:
        return Met.NO, f"{verdict.status.value}, and the cited record differs"
    if verdict.status is Status.INTACT:
        return Met.YES, "unchanged, in an intact log file"
    return Met.UNKNOWN, f"now {verdict.status.value}"


def _found(
    cited: Events, verification: Verification
) -> tuple[dict[tuple[str, int], str], dict[str, list[tuple[str, str]]]]:
    """Hashes of what stands in the cited places, and of what intact files hold under the cited ids."""
    import ibis

    if verification.shards is None:
        raise ClaimError(verification.evidence.name, "judged, and not loaded", "call ct.verify(…) with load=True")
    if not verification.shards.events:
        return {}, {}
    # Carried over as plain values: the two verifications may lie in engines that know nothing of each other.
    wanted = ibis.memtable(cited.table.select("log_file", "record_index", "event_id").to_pyarrow())
    now = verification.engine.table(verification.shards.events)
    now = now.select(_COLUMNS)
    here = now.semi_join(wanted, ["log_file", "record_index"]).to_pyarrow().to_pylist()
    intact = now.filter((now.status == Status.INTACT.value) & now.event_id.notnull())
    same_id = intact.semi_join(wanted, "event_id").to_pyarrow().to_pylist()
    ids: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in same_id:
        ids[row["event_id"]].append((row["log_file"], row["record_sha256"]))
    return {(row["log_file"], row["record_index"]): row["record_sha256"] for row in here}, ids


def _copies(row: dict[str, Any], ids: dict[str, list[tuple[str, str]]]) -> tuple[list[str], list[str]]:
    """Intact files elsewhere that hold the same record, and those that hold another content under its id."""
    known = sorted(ids.get(row["event_id"], ()))
    same = [log_file for log_file, sha256 in known if sha256 == row["record_sha256"] and log_file != row["log_file"]]
    return same, [log_file for log_file, sha256 in known if sha256 != row["record_sha256"]]


def _lowered(standing: Standing, tally: _Tally, verification: Verification, cited: int) -> Standing:
    met = Met.NO if tally.count(Met.NO) else Met.UNKNOWN if tally.count(Met.UNKNOWN) else Met.YES
    harms, doubts = tally.told(Met.NO), tally.told(Met.UNKNOWN)
    name = verification.evidence.name
    held = f"{tally.count(Met.YES):,} of {cited:,} cited records stand unchanged in intact log files of {name}"
    condition = Condition("cited records, checked again", met, "; ".join([held, *harms, *doubts]))
    keys = word_of_keys(verification)
    reasons = [f"evidence contradicted: {harm}" for harm in harms] + doubts
    word = _WORDS.get(met, keys)
    if met is Met.YES and keys.rank > standing.word.rank:
        reasons = [f"checked again with {verification.key_provenance.value}"]
    elif met is Met.YES and keys.rank < standing.word.rank:
        found = f"{held}; by itself that would be {keys.value}: to claim it, cite the events of that verification"
        condition = Condition(condition.name, met, found)
    return standing.worsened(word, condition, reasons)


def searched_again(
    searched: Events,
    window: Window,
    category: str | None,
    resource: str | None,
    standing: Standing,
    verification: Verification,
) -> Standing:
    """The standing of an absence once the same steps were taken on another verification."""
    _refuse_strangers({item.stored.key for item in searched.verification.evidence.logs}, verification)
    policy = IntactOnly() if isinstance(searched.policy, RequireIntact) else searched.policy
    name = "searched again"
    try:
        again = searched.repeated(verification, policy)
    except AdmissionError as error:
        condition = Condition(name, Met.UNKNOWN, f"in {verification.evidence.name}: {error.wrong}")
        return standing.worsened(Word.UNPROVEN, condition, [str(condition)])
    now = absent(again, window, category, resource)
    lacking = _unsearched(searched, verification)
    word = now.word if now.word.rank > Word.UNPROVEN.rank or not lacking else Word.UNPROVEN
    reasons = [f"not examined again: {', '.join(lacking)}"] * bool(lacking) + list(now.reasons)
    met = Met.NO if now.word.rank > standing.word.rank else Met.UNKNOWN if lacking else Met.YES
    told = f" ({'; '.join(reasons)})" if reasons else ""
    condition = Condition(name, met, f"in {verification.evidence.name}: {now.word.value}{told}")
    return standing.worsened(word, condition, reasons or [str(condition)])


def _unsearched(searched: Events, verification: Verification) -> list[str]:
    """Places whose digests spoke for the absence, and of which another verification has no digest: nothing there tells of their lack."""
    chains = (one.chain for one in verification.coverage.chains if not one.chain.backfill)
    lacking = places_asked(searched) - {(chain.account, chain.region) for chain in chains}
    return [f"{account} {region}" for account, region in sorted(lacking)]


def _refuse_strangers(log_files: Iterable[str], verification: Verification) -> None:
    """Another body of evidence altogether says nothing of a claim, and must not look as if it contradicted it."""
    before, now = set(_accounts(log_files)), set(_accounts(verdict.key for verdict in verification.verdicts))
    now |= {one.chain.account for one in verification.coverage.chains}
    if before and not before & now:
        raise ClaimError(
            verification.evidence.name,
            f"it holds nothing of account {', '.join(sorted(before))}, which is cited",
            "give another verification of the same evidence",
        )


def _accounts(keys: Iterable[str]) -> Iterator[str]:
    for key in map(parse_key, keys):
        if isinstance(key, LogKey):
            yield key.account


def _listed(files: dict[str, int]) -> str:
    named = [f"{key} ({number_of(count, 'event')})" if count > 1 else key for key, count in sorted(files.items())]
    return ", ".join(named[:_NAMED]) + (f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else "")
