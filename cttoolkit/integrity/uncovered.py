"""What parts of a window verified digests do not cover, over the accounts and regions of the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cttoolkit.integrity.verification import Verification
from cttoolkit.window import Window, joined

__all__ = ["covered_share", "is_covered", "uncovered"]


def uncovered(
    verification: Verification, shown: Window, *, accounts: Sequence[str] = (), regions: Sequence[str] = ()
) -> tuple[list[Window], list[Window]]:
    """The stretches that no account and region has verified digests for, and those that some have not.

    Backfill digests cover nothing: they list what came late.
    """
    covered: dict[tuple[str, str], list[Window]] = {}
    for one in verification.coverage.chains:
        account, region = one.chain.account, one.chain.region
        if not one.chain.backfill and (not accounts or account in accounts) and (not regions or region in regions):
            covered.setdefault((account, region), []).extend(one.covered)
    if not covered:
        return [shown], []
    edges: list[tuple[datetime, int]] = []
    for windows in covered.values():
        for window in joined(windows):
            part = window.intersection(shown)
            if part is not None:
                edges += [(part.start, 1), (part.end, -1)]
    nowhere: list[Window] = []
    partly: list[Window] = []
    at, depth = shown.start, 0
    for time, step in [*sorted(edges), (shown.end, 0)]:
        if time > at and depth < len(covered):
            (partly if depth else nowhere).append(Window(at, time))
        at, depth = max(at, time), depth + step
    return nowhere, partly


def covered_share(verification: Verification, window: Window) -> float:
    """The part of a window, from 0 to 1, that is covered in every account and region of the evidence."""
    if not window.length:
        return 0.0
    missing = sum((hole.length for holes in uncovered(verification, window) for hole in holes), timedelta())
    return 1 - missing / window.length


def is_covered(verification: Verification, account: str, region: str, window: Window) -> bool:
    """Whether one chain of an account and region covers the whole window."""
    chains = verification.coverage.of(account, region)
    return any(one.covers(window) for one in chains if not one.chain.backfill)
