"""What of a bucket a collection asks for: the folders of CloudTrail that a window, accounts and regions need.

Keys hold account, kind, region and day (AWS CloudTrail User Guide, "Finding your CloudTrail log files"), so what is not needed is not
even listed. The folders are found by asking S3 for the next part of the keys, one level at a time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cttoolkit.errors import EvidenceError
from cttoolkit.window import Window

__all__ = ["UNSEARCHED", "Stretch", "Wanted", "find_stretches"]

_DAY = timedelta(days=1)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ORGANIZATION = re.compile(r"o-[a-z0-9]{4,64}", re.ASCII)
_DEEPEST = 8
"""Folders above AWSLogs/ that are looked into: the prefix of a trail may have several parts."""
_MOST_FOLDERS = 2000
"""Folders above AWSLogs/, and again those of kinds that are not known, that are looked into for nothing."""
_MOST_BELOW = 100_000
"""Accounts, and their folders of known kinds."""
_KINDS = frozenset({"CloudTrail", "CloudTrail-Digest", "CloudTrail-Insight", "CloudTrail-NetworkActivity"})
UNSEARCHED = "not searched, since there are too many folders"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choice. Days are those of delivery, which the keys hold; a day's lag is added on each side."""

    window: Window | None = None
    accounts: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    organizations: frozenset[str] = frozenset()

    @property
    def first_day(self) -> str | None:
        return None if self.window is None else _day(self.window.start - _DAY)

    @property
    def last_day(self) -> str | None:
        return None if self.window is None else _day(self.window.end + _DAY)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Keys below one prefix between two days (``YYYY/MM/DD``, both included); None where it has no such end."""

    prefix: str
    first_day: str | None = None
    last_day: str | None = None

    @property
    def after(self) -> str:
        """A key that sorts before all that are wanted, and after all days before; empty where there is none."""
        return f"{self.prefix}{self.first_day}" if self.first_day else ""

    def is_beyond(self, key: str) -> bool:
        """Whether a key, and with it every later one, lies after the last day."""
        return self.last_day is not None and key[len(self.prefix) :][: len(self.last_day)] > self.last_day


@dataclass
class _Search:
    wanted: Wanted
    children: Callable[[str], list[str]]
    left_out: dict[str, str]
    found: list[Stretch] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    def run(self, start: str, workers: int) -> None:
        level = [start]
        with ThreadPoolExecutor(workers) as pool:
            for _ in range(_DEEPEST + 6):
                open_ones = [prefix for prefix in level if not self._settle(prefix)]
                if not open_ones:
                    return
                open_ones = self._affordable(open_ones)
                below = pool.map(self.children, open_ones)
                level = [
                    child
                    for prefix, all_of in zip(open_ones, below, strict=True)
                    for child in self._chosen(prefix, all_of)
                ]
        for prefix in level:
            self.left_out[prefix] = "too deep a folder without AWSLogs/"

    def _affordable(self, prefixes: list[str]) -> list[str]:
        """Those that are gone into. However many of one sort somebody makes, they take nothing from the other sorts."""
        chosen = []
        for prefix in prefixes:
            parts = _below_logs(prefix)
            sort = "above" if parts is None else "known" if len(parts) < 2 or parts[1] in _KINDS else "unknown"
            if self.asked[sort] < (_MOST_BELOW if sort == "known" else _MOST_FOLDERS * (1 + len(self.found))):
                self.asked[sort] += 1
                chosen.append(prefix)
            else:
                self.left_out[prefix] = UNSEARCHED
        return chosen

    def _settle(self, prefix: str) -> bool:
        """Whether the folders end here: a region was reached, or something below one was asked for."""
        parts = _below_logs(prefix)
        if parts is None or len(parts) < 3:
            return False
        if prefix.endswith("/") and len(parts) == 3:
            self.found.append(Stretch(prefix, self.wanted.first_day, self.wanted.last_day))
        else:
            # A part of a day, a day, a month: few enough to be listed whole, and cut by their days afterwards.
            self.found.append(Stretch(prefix))
        return True

    def _chosen(self, prefix: str, children: list[str]) -> Iterator[str]:
        parts = _below_logs(prefix[: prefix.rfind("/") + 1])
        for child in children:
            name = child.removesuffix("/").rpartition("/")[2]
            why = None if parts is None else self._refused(len(parts), name)
            if why is None:
                yield child
            else:
                self.left_out[child] = why

    def _refused(self, depth: int, name: str) -> str | None:
        """Why a folder is not gone into; ``depth`` counts account, kind and region, without the organization."""
        if depth == 0 and _ORGANIZATION.fullmatch(name):
            chosen = self.wanted.organizations
            return None if not chosen or name in chosen else "an organization that was not asked for"
        if depth == 0:
            if not _ACCOUNT.fullmatch(name):
                return "no account's folder"
            chosen = self.wanted.accounts
            return None if not chosen or name in chosen else "an account that was not asked for"
        if depth == 1:
            return None if name.startswith("CloudTrail") else "not CloudTrail's"
        chosen = self.wanted.regions
        return None if not chosen or name in chosen else "a region that was not asked for"


def find_stretches(
    start: str, wanted: Wanted, children: Callable[[str], list[str]], workers: int = 8
) -> tuple[list[Stretch], dict[str, str]]:
    """The stretches of keys to list, and the folders that are left out, with the reason.

    ``children`` asks S3 for the folders directly below a prefix. EvidenceError where there are too many folders to find any of
    CloudTrail's among them.
    """
    search = _Search(wanted, children, {})
    search.run(start, workers)
    if not search.found and UNSEARCHED in search.left_out.values():
        raise EvidenceError(start, "too many folders that are not CloudTrail's", "give the prefix above AWSLogs/")
    return sorted(search.found, key=lambda one: one.prefix), search.left_out


def _below_logs(prefix: str) -> list[str] | None:
    """The parts after AWSLogs/ without the organization; None above it."""
    parts = prefix.split("/")
    whole = parts[:-1] if prefix.endswith("/") else parts
    if "AWSLogs" not in parts[:-1]:
        return None
    below = whole[whole.index("AWSLogs") + 1 :]
    return below[1:] if below and _ORGANIZATION.fullmatch(below[0]) else below


def _day(moment: datetime) -> str:
    return f"{moment:%Y/%m/%d}"
