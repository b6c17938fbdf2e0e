"""Answers that were recorded before, read from their files: the same offline. What was not asked then cannot be asked now."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cttoolkit.configuration.answers import Failed, Parameters, Reply
from cttoolkit.configuration.operations import find_operation, label
from cttoolkit.configuration.recorded import PLACE, REGION, decode
from cttoolkit.errors import ConfigurationError

__all__ = ["Folder", "open_folder"]

_ACCOUNT = re.compile(r"[0-9]{12}")
_LARGEST = 32 << 20
_MOST_ACCOUNTS = 10_000


@dataclass(frozen=True, slots=True)
class Folder:
    """The answers of one account in a folder. Build with open_folder()."""

    place: Path
    account: str
    region: str
    _read: dict[str, Reply] = field(default_factory=dict, repr=False, compare=False)

    @property
    def source(self) -> str:
        return f"recorded answers in {self.place}"

    def ask(self, service: str, operation: str, region: str, parameters: Parameters = {}) -> Reply:  # noqa: B006
        """The recorded answer; Failed where there is none, or its file is not what its name says."""
        find_operation(service, operation)
        if not REGION.fullmatch(region):
            return Failed("the region is none")
        name = f"{self.account}/{region}/{label(service, operation, parameters)}.json"
        if name not in self._read:
            asked = {"account": self.account, "region": region, "service": service, "operation": operation}
            self._read[name] = self._answer(name, {**asked, "parameters": dict(parameters)})
        return self._read[name]

    def _answer(self, name: str, asked: Mapping[str, object]) -> Reply:
        path = self.place / PLACE / name
        try:
            if not path.resolve().is_relative_to(self.place.resolve()):
                return Failed("its file is a link out of the folder")
            # Not to wait for a pipe that somebody put there.
            opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(opened, "rb") as file:
                if not stat.S_ISREG(os.fstat(opened).st_mode):
                    return Failed("its file is none")
                body = file.read(_LARGEST + 1)
        except FileNotFoundError:
            return Failed("not asked when the answers were recorded")
        except OSError as error:
            return Failed(f"its file cannot be read: {error.strerror}")
        return Failed("its file is larger than any answer") if len(body) > _LARGEST else decode(body, asked)


def open_folder(place: str | os.PathLike[str]) -> tuple[Folder, ...]:
    """The accounts whose answers lie in a folder, below ``configuration/``. ConfigurationError where there are none."""
    root = Path(place)
    try:
        accounts = sorted(one.name for one in (root / PLACE).iterdir() if _ACCOUNT.fullmatch(one.name))
    except OSError as error:
        raise ConfigurationError(
            place,
            f"no {PLACE}/ that can be read",
            "give the folder that cttoolkit collect or posture --record wrote to",
        ) from error
    if not accounts or len(accounts) > _MOST_ACCOUNTS:
        raise ConfigurationError(
            place,
            f"{len(accounts)} accounts in {PLACE}/",
            "give the folder that cttoolkit collect or posture --record wrote to",
        )
    return tuple(Folder(root, account, _first_region(root / PLACE / account)) for account in accounts)


def _first_region(place: Path) -> str:
    """Where the recording asked what is the same everywhere: the region that it listed the regions in, and asked the most.

    The number of answers keeps a folder that somebody added, with that one answer in it, from being taken for it.
    """
    try:
        regions = sorted(one.name for one in place.iterdir() if REGION.fullmatch(one.name))
        listed = [region for region in regions if (place / region / "account.ListRegions.json").is_file()]
        answers = {region: sum(1 for _ in os.scandir(place / region)) for region in listed}
    except OSError as error:
        raise ConfigurationError(place, "cannot be read", "give a folder of recorded answers") from error
    return max(listed, key=answers.__getitem__) if listed else (regions or ["us-east-1"])[0]
