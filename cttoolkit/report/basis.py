"""What a report says of the evidence that it rests on, as plain values for a template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from cttoolkit.display import cell
from cttoolkit.integrity.policy import Policy
from cttoolkit.integrity.verdict import SHOWN, Kind, Status, Verdict
from cttoolkit.integrity.verification import KeyProvenance, Verification
from cttoolkit.report.method import tell_calls
from cttoolkit.report.strips import draw_strips, tell_strips, uncovered
from cttoolkit.text import shortened
from cttoolkit.window import written

__all__ = ["paragraph", "tell_basis"]

_MOST = 200
_MOST_KEYS = 40
_PLACES = {"Directory": "a folder", "Archive": "an archive", "Bucket": "a bucket, over the network"}
_LONGEST = 1000


def tell_basis(verification: Verification, policies: Sequence[Policy]) -> dict[str, Any]:
    """One body of evidence: its paragraph, counts, doubts, coverage, completeness and keys."""
    import markupsafe

    doubtful = [verdict for verdict in verification.verdicts if verdict.status is not Status.INTACT]
    doubtful.sort(key=lambda verdict: (-verdict.status.rank, verdict.key))
    gaps = uncovered(verification)
    done = verification.completeness
    return {
        "name": _plain(verification.evidence.name),
        "paragraph": shortened(paragraph(verification, policies), 4 * _LONGEST),
        "facts": _facts(verification, policies),
        "statuses": [status.value for status in SHOWN],
        "counts": [(kind.value, [f"{n:,}" for n in verification.counts(kind).values()]) for kind in Kind],
        "doubtful": _troubles(doubtful[:_MOST]),
        "more_doubtful": f"{max(0, len(doubtful) - _MOST):,}" if len(doubtful) > _MOST else "",
        # The picture escapes what it shows; a test plants a trail with a hostile name.
        "picture": markupsafe.Markup(draw_strips(verification)),  # noqa: S704
        "in_words": tell_strips(verification),
        "uncovered": [
            (
                str(number),
                _plain(chain.chain),
                cell(i.window.start),
                cell(i.window.end),
                i.state.value,
                _plain(i.reason),
            )
            for number, (chain, i) in enumerate(gaps[:_MOST], 1)
        ],
        "more_uncovered": f"{len(gaps) - _MOST:,}" if len(gaps) > _MOST else "",
        "completeness": [
            ("log files that verified digests list", f"{done.listed:,}"),
            ("log files present", f"{done.present:,}"),
            ("bytes, inflated", f"{done.inflated:,}"),
            ("records", f"{done.records:,}"),
            ("rows", f"{done.rows:,}"),
            ("records and files skipped", f"{len(done.skips):,}"),
            ("duplicates left out", f"{done.duplicates:,}"),
            ("event ids with more than one content", f"{done.conflicting:,}"),
            ("files that could not be read", f"{len(done.unread):,}"),
            ("other files, not read as events", f"{len(done.others):,}"),
        ],
        "skips": [
            (_plain(skip.log_file), "whole file" if skip.index is None else str(skip.index), _plain(skip.reason))
            for skip in done.skips[:_MOST]
        ],
        "more_skips": f"{len(done.skips) - _MOST:,}" if len(done.skips) > _MOST else "",
        "unread": [(_plain(key), _plain(why)) for key, why in sorted(done.unread.items())[:_MOST]],
        "more_unread": f"{len(done.unread) - _MOST:,}" if len(done.unread) > _MOST else "",
        "provenance": verification.key_provenance.value,
        "key_files": [(_plain(file.path), file.sha256, f"{file.keys:,}") for file in verification.keyring.files],
        "keys": _keys(verification),
        "more_keys": f"{len(verification.keyring) - _MOST_KEYS:,}" if len(verification.keyring) > _MOST_KEYS else "",
        **tell_calls(verification, policies),
    }


def _facts(verification: Verification, policies: Sequence[Policy]) -> list[tuple[str, str]]:
    """What was verified and from where."""
    asked = str(verification.scope) or "all of it"
    collected = verification.configuration.collected_at
    return [
        ("evidence", _plain(verification.evidence.name)),
        ("read from", _PLACES.get(type(verification.evidence.source).__name__, "elsewhere")),
        ("collected", f"{written(collected)}, as the collector noted" if collected else "not noted"),
        ("examined", shortened(asked, _LONGEST)),
        *(("admitted", shortened(_left_out(verification, policy), _LONGEST)) for policy in policies),
        ("public keys", verification.key_provenance.value),
    ]


def _troubles(doubtful: Iterable[Verdict]) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Status, kind and reason, each told once with the objects that it is about and what is odd of them."""
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for one in doubtful:
        trouble = (one.status.value, one.kind.value, _plain(one.reason))
        found.setdefault(trouble, []).append((_plain(one.key), _plain(one.note or "")))
    return [(*trouble, objects) for trouble, objects in found.items()]


def _keys(verification: Verification) -> list[tuple[str, str, str, str]]:
    """Fingerprint, validity, origin, and how many digests each key vouches for by a signature; those that vouch first."""
    signed: Counter[str] = Counter()
    for verdict in verification.verdicts:
        if verdict.kind is Kind.DIGEST and verdict.status is Status.INTACT:
            signed.update(one.removeprefix("key ") for one in verdict.vouched_by if one.startswith("key "))
    keys = sorted(verification.keyring.keys.values(), key=lambda key: (-signed[key.fingerprint], key.fingerprint))
    return [
        (
            key.fingerprint,
            f"{written(key.valid_from)} – {written(key.valid_until)}",
            _plain(key.origin),
            f"{signed[key.fingerprint]:,}",
        )
        for key in keys[:_MOST_KEYS]
    ]


def _plain(text: object) -> str:
    return shortened(text, _LONGEST)


def paragraph(verification: Verification, policies: Sequence[Policy]) -> str:
    """What one body of evidence was found to be, what was admitted of it by each policy, and where the keys came from."""
    admitted = (_left_out(verification, policy) for policy in policies)
    parts = [f"Evidence: {verification.evidence.name}.", verification.sentence, *admitted]
    if verification.key_provenance is KeyProvenance.OUTSIDE:
        files = ", ".join(f"{file.path} (SHA-256 {file.sha256})" for file in verification.keyring.files)
        parts.append(f"The public keys came from outside of the evidence: {files}.")
    return " ".join(part for part in parts if part)


def _left_out(verification: Verification, policy: Policy) -> str:
    logs = verification.counts(Kind.LOG)
    out = ", ".join(
        f"{count:,} {status.value}" for status, count in logs.items() if count and status not in policy.admits
    )
    sentence = policy.sentence[0].upper() + policy.sentence[1:].rstrip(".") + "."
    return f"{sentence} Left out: {out}." if out else f"{sentence} No log file was left out."
