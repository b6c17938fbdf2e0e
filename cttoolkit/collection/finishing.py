"""The end of a run: what describes the objects is written beside them, and last of all the manifest."""

from __future__ import annotations

import getpass
import json
import platform
import socket
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from typing import Any

from cttoolkit.configuration.recorded import PLACE
from cttoolkit.custody.folder import EvidenceFolder
from cttoolkit.custody.ledger import Ledger
from cttoolkit.custody.manifest import Described
from cttoolkit.custody.path import MANIFEST, SIGNATURE
from cttoolkit.custody.regular import sha256_of
from cttoolkit.custody.seal import seal_file
from cttoolkit.key import DigestKey, LogKey, parse_key
from cttoolkit.sources.sidecar import SIDECAR
from cttoolkit.window import Window

__all__ = ["finish", "span_of"]

_ANSWERS = f"{PLACE}/"
_DAY = timedelta(days=1)


def finish(
    files: EvidenceFolder,
    ledger: Ledger,
    documents: Mapping[str, bytes],
    told: dict[str, Any],
    before: str | None,
    key: Any,
) -> str:
    """Write metadata, answers, the manifest and its signature; the manifest's SHA-256. ``before`` is that of the earlier runs'."""
    number = told["number"]
    if any(name.startswith(_ANSWERS) for name in documents):
        _set_answers_aside(files, ledger, documents, number)
    for name, body in sorted(documents.items()):
        if body:
            files.replace(name, [body], number)
    lines = _sidecar(ledger)
    if (first := next(lines, None)) is not None:
        files.replace(SIDECAR, chain([first], lines), number)
    ledger.runs.append(
        {
            **told,
            "tool": f"cttoolkit {_installed('cttoolkit')}",
            "python": platform.python_version(),
            "boto3": _installed("boto3"),
            "host": socket.gethostname(),
            "user": _user(),
            "manifest_before_sha256": before,
        }
    )
    for name in (MANIFEST, SIGNATURE):
        files.keep_copy(name, number)
    ledger.files = [Described(path, *sha256_of(files.root / path)) for path in files.beside(ledger.__contains__)]
    files.remove(SIGNATURE)
    sha256 = files.exchange(MANIFEST, ledger.manifest())
    if key is not None:
        files.write(SIGNATURE, seal_file(key, files.root / MANIFEST))
    return sha256


def _set_answers_aside(files: EvidenceFolder, ledger: Ledger, documents: Mapping[str, bytes], number: int) -> None:
    """Answers of an earlier run that this one did not ask for again: beside each other, two runs would be judged as one."""
    for path in files.beside(ledger.__contains__):
        if path.startswith(_ANSWERS) and path not in documents:
            files.set_aside(path, number)
    files.remove_empty(PLACE)


def span_of(keys: Iterable[str]) -> Window | None:
    """The time that log files and digests tell in their names, and a day on each side."""
    first = last = None
    for one in map(parse_key, keys):
        if isinstance(one, LogKey | DigestKey):
            moment = one.delivered_at if isinstance(one, LogKey) else one.ended_at
            first = moment if first is None else min(first, moment)
            last = moment if last is None else max(last, moment)
    return None if first is None or last is None else Window(first - _DAY, last + _DAY)


def _sidecar(ledger: Ledger) -> Iterator[bytes]:
    """Metadata in the form in which a folder's source reads it, line by line."""
    for one in ledger.described():
        yield json.dumps({"key": one.path, "metadata": one.metadata}, sort_keys=True).encode() + b"\n"


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return None
