"""What a report says of the evidence that it rests on, as plain values for a template."""

from __future__ import annotations

from typing import Any

from cttoolkit.display import cell
from cttoolkit.integrity.coverage import State
from cttoolkit.integrity.policy import Policy
from cttoolkit.integrity.strip import strip
from cttoolkit.integrity.verdict import SHOWN, Kind, Status
from cttoolkit.integrity.verification import KeyProvenance, Verification
from cttoolkit.text import visible

__all__ = ["paragraph", "told_basis"]

_MOST = 200


def told_basis(verification: Verification, policy: Policy) -> dict[str, Any]:
    """One body of evidence: its paragraph, counts, doubts, coverage, completeness and keys."""
    import markupsafe

    doubtful = [verdict for verdict in verification.verdicts if verdict.status is not Status.INTACT]
    doubtful.sort(key=lambda verdict: (-verdict.status.rank, verdict.key))
    done = verification.completeness
    return {
        "name": visible(verification.evidence.name),
        "paragraph": visible(paragraph(verification, policy)),
        "statuses": [status.value for status in SHOWN],
        "counts": [(kind.value, list(verification.counts(kind).values())) for kind in Kind],
        "doubtful": [(v.status.value, visible(v.key), visible(v.reason)) for v in doubtful[:_MOST]],
        "more_doubtful": max(0, len(doubtful) - _MOST),
        # The strip escapes what it shows; a test plants a trail with a hostile name.
        "strip": markupsafe.Markup(strip(verification.coverage)),  # noqa: S704
        "uncovered": [
            (visible(chain.chain), cell(i.window.start), cell(i.window.end), i.state.value, visible(i.reason))
            for chain in verification.coverage.chains
            for i in chain.intervals
            if i.state is not State.COVERED
        ][:_MOST],
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
            (visible(skip.log_file), "whole file" if skip.index is None else skip.index, visible(skip.reason))
            for skip in done.skips[:_MOST]
        ],
        "key_files": [(visible(file.path), file.sha256, file.keys) for file in verification.keyring.files],
    }


def paragraph(verification: Verification, policy: Policy) -> str:
    """What one body of evidence was found to be, what was admitted of it, and where the keys came from."""
    parts = [f"Evidence: {verification.evidence.name}.", verification.sentence, _left_out(verification, policy)]
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
