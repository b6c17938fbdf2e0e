"""What part of a window verified digests do not cover, in any account and region of the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise

from cttoolkit.integrity.coverage import ChainCoverage
from cttoolkit.integrity.verification import Verification
from cttoolkit.window import Window, joined

__all__ = ["covered_share", "is_covered", "uncovered"]


def uncovered(verification: Verification, shown: Window) -> Iterable[Window]:
    """The parts of a window that some account and region of the evidence has no verified digest for."""
    places = {(one.chain.account, one.chain.region) for one in verification.coverage.chains}
    for account, region in sorted(places):
        chains = [one for one in verification.coverage.of(account, region) if not one.chain.backfill]
        if not any(one.covers(shown) for one in chains):
            yield from (
                (interval.window for interval in chains[0].uncovered(shown))
                if len(chains) == 1
                else _common(chains, shown)
            )


def _common(chains: list[ChainCoverage], shown: Window) -> Iterable[Window]:
    """What none of several chains of one place covers."""
    edges = sorted(
        {
            shown.start,
            shown.end,
            *(edge for one in chains for w in one.covered for edge in (w.start, w.end) if edge in shown),
        }
    )
    for start, end in pairwise(edges):
        if not any(one.covers(Window(start, end)) for one in chains):
            yield Window(start, end)


def covered_share(verification: Verification, window: Window) -> float:
    """The part of a window, from 0 to 1, that is covered in every account and region of the evidence."""
    if not verification.coverage.chains or not window.length:
        return 0.0
    missing = sum((hole.length for hole in joined(uncovered(verification, window))), timedelta())
    return 1 - missing / window.length


def is_covered(verification: Verification, account: str, region: str, window: Window) -> bool:
    """Whether one chain of an account and region covers the whole window."""
    chains = verification.coverage.of(account, region)
    return any(one.covers(window) for one in chains if not one.chain.backfill)
