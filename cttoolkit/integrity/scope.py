"""Which part of the evidence is asked about: a window of delivery time, accounts, regions.

Digests beyond the window are read where they are needed to judge those within: a digest is proved by the one after it, and a
late log file is listed in the one after its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from cttoolkit.evidence import Item
from cttoolkit.integrity.chain import ChainId
from cttoolkit.key import AnswerKey, DigestKey, LogKey, parse_key
from cttoolkit.window import Window

__all__ = ["Scope"]

_DIGESTS_AFTER = 3
"""The digest that straddles the window's end, the one that lists its late files, and the one that proves that."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Empty sets and no window mean everything."""

    window: Window | None = None
    accounts: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    def holds_place(self, account: str, region: str) -> bool:
        return (not self.accounts or account in self.accounts) and (not self.regions or region in self.regions)

    def holds_log(self, key: object) -> bool:
        """Whether a log file is asked about. One without a readable name is, unless a part was asked for by name."""
        if isinstance(key, AnswerKey):
            # It was never delivered; what it was asked about is the nearest that there is.
            is_near = self.window is None or key.window.overlaps(self.window)
            return is_near and self.holds_place(key.account, key.region)
        if not isinstance(key, LogKey):
            return self == Scope()
        if not self.holds_place(key.account, key.region):
            return False
        return self.window is None or key.delivered_at in self.window

    def holds_digest(self, place: str) -> bool:
        """Whether a digest is asked about, rather than read to judge another. Its hour is the one before its name's time."""
        key = parse_key(place)
        if self.window is None or not isinstance(key, DigestKey):
            return True
        return Window(key.ended_at - timedelta(hours=1), key.ended_at).overlaps(self.window)

    def digests(self, items: Iterable[Item]) -> list[Item]:
        """The digests that have to be read."""
        chains: dict[ChainId, list[tuple[DigestKey, Item]]] = defaultdict(list)
        for item in items:
            if isinstance(item.key, DigestKey) and self.holds_place(item.key.account, item.key.region):
                chains[ChainId.of(item.key)].append((item.key, item))
        if self.window is None:
            return [item for chain in chains.values() for _, item in chain]
        needed: list[Item] = []
        for chain in chains.values():
            chain.sort(key=lambda pair: pair[0].ended_at)
            needed.extend(item for key, item in chain if self.window.start < key.ended_at <= self.window.end)
            ends = sorted({key.ended_at for key, _ in chain if key.ended_at > self.window.end})[:_DIGESTS_AFTER]
            needed.extend(item for key, item in chain if key.ended_at in ends)
        return needed

    def __str__(self) -> str:
        parts = [str(self.window)] if self.window else []
        parts.extend(sorted(self.accounts))
        parts.extend(sorted(self.regions))
        return ", ".join(parts) or "everything"
