"""Asking live and keeping every answer in a file, once: a refusal too, since it is what was found."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from cttoolkit.configuration.answers import Answers, Failed, Parameters, Reply
from cttoolkit.configuration.operations import label
from cttoolkit.configuration.recorded import PLACE, REGION, encode
from cttoolkit.errors import ConfigurationError

__all__ = ["Recorder"]


@dataclass(frozen=True, slots=True)
class Recorder:
    """Answers of another source, each written to the folder as it comes. An answer that lies there is never written over."""

    answers: Answers
    place: str | os.PathLike[str]
    _kept: dict[str, Reply] = field(default_factory=dict, repr=False, compare=False)

    @property
    def account(self) -> str:
        return self.answers.account

    @property
    def region(self) -> str:
        return self.answers.region

    @property
    def source(self) -> str:
        return f"{self.answers.source}, recorded in {self.place}"

    def ask(self, service: str, operation: str, region: str, parameters: Parameters = {}) -> Reply:  # noqa: B006
        """Ask, and write the answer down. ConfigurationError where it cannot be, or another lies there."""
        if not REGION.fullmatch(region):
            return Failed("the region is none")
        name = f"{region}/{label(service, operation, parameters)}.json"
        if name not in self._kept:
            reply = self.answers.ask(service, operation, region, parameters)
            body = encode(self.account, region, service, operation, parameters, reply)
            self._write(Path(self.place) / PLACE / self.account / name, body)
            self._kept[name] = reply
        return self._kept[name]

    def _write(self, path: Path, body: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(body)
        except FileExistsError as error:
            raise ConfigurationError(
                path, "an answer lies there already, and none is written over", "record into a new folder"
            ) from error
        except OSError as error:
            wrong = (error.strerror or str(error)).lower()
            raise ConfigurationError(path, wrong, "record into a folder that can be written") from error
