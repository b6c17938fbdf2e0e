"""A verification as plain data, the stable form that ``cttoolkit verify --format json`` prints (docs/verify-json.md)."""

from __future__ import annotations

from typing import Any

from cttoolkit.integrity.verdict import Kind
from cttoolkit.integrity.verification import Verification

__all__ = ["document"]


def document(verification: Verification) -> dict[str, Any]:
    """Summary, objects, coverage, completeness and keys; every value is a JSON type."""
    completeness = verification.completeness
    return {
        "summary": {status.value: count for status, count in verification.counts().items()},
        "by_kind": {
            kind.value: {status.value: count for status, count in verification.counts(kind).items()} for kind in Kind
        },
        "objects": [
            {
                "key": verdict.key,
                "kind": verdict.kind.value,
                "status": verdict.status.value,
                "reason": verdict.reason,
                "sha256": verdict.sha256,
                "expected": verdict.expected,
                "vouched_by": list(verdict.vouched_by),
                "note": verdict.note,
            }
            for verdict in verification.verdicts
        ],
        "coverage": verification.coverage.rows(),
        "completeness": {
            "listed": completeness.listed,
            "present": completeness.present,
            "inflated_bytes": completeness.inflated,
            "records": completeness.records,
            "rows": completeness.rows,
            "skipped": [
                {"key": skip.log_file, "index": skip.index, "reason": skip.reason} for skip in completeness.skips
            ],
            "duplicates": completeness.duplicates,
            "conflicting_ids": completeness.conflicting,
            "unread": dict(completeness.unread),
            "others": dict(completeness.others),
        },
        "keys": {
            "provenance": verification.key_provenance.value,
            "files": [
                {"path": file.path, "sha256": file.sha256, "keys": file.keys} for file in verification.keyring.files
            ],
        },
    }
