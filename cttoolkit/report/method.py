"""How the conclusions were come by: versions, calls, policy, and the steps of the cited events. No clock, so no date."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from cttoolkit.finding import Absence, Finding
from cttoolkit.text import shortened

if TYPE_CHECKING:
    from cttoolkit.events import Events
    from cttoolkit.integrity.policy import Policy
    from cttoolkit.integrity.verification import Verification

__all__ = ["tell_calls", "tell_steps", "tell_versions"]

_LIBRARIES = ("duckdb", "ibis-framework", "pyarrow", "cryptography", "isal", "msgspec")
_LONGEST = 1000


def tell_versions(verifications: Sequence[Verification]) -> list[tuple[str, str]]:
    """What the report was made with."""
    from cttoolkit import __version__

    engines = sorted({type(verification.engine).__name__ for verification in verifications})
    told = [
        ("cttoolkit", __version__),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("engine", ", ".join(engines)),
    ]
    told.extend((name, _version(name)) for name in _LIBRARIES)
    return told


def tell_calls(verification: Verification, policies: Sequence[Policy]) -> dict[str, Any]:
    """The calls that lead to the same events, and a hash by which the evidence can be told to be the same."""
    keys = ", ".join(repr(shortened(file.path, _LONGEST)) for file in verification.keyring.files)
    scope = verification.scope
    options = ""
    if scope.window is not None:
        options += f", window=ct.Window.of({_quoted(scope.window.start)}, {_quoted(scope.window.end)})"
    if scope.accounts:
        options += f", accounts={sorted(scope.accounts)!r}"
    if scope.regions:
        options += f", regions={sorted(scope.regions)!r}"
    return {
        "calls": [
            f"evidence = ct.open_evidence({shortened(verification.evidence.name, _LONGEST)!r})",
            f"verification = ct.verify(evidence, ct.load_keys({keys}){options})",
            *(f"events = ct.admit(verification, ct.{shortened(repr(policy), _LONGEST)})" for policy in policies),
        ],
        "fingerprint": _fingerprint(verification),
        "objects": f"{len(verification.verdicts):,}",
    }


def tell_steps(one: Finding | Absence) -> str:
    """The steps from the admitted events to the cited ones, with how many were left after each."""
    parts = []
    at: Events | None = one.cites
    while at is not None:
        parts.append(f"{shortened(at.steps[-1], _LONGEST)}: {len(at):,}")
        at = at.parent
    return " ▸ ".join(reversed(parts))


def _fingerprint(verification: Verification) -> str:
    """SHA-256 over a line for each object, sorted: hash, two spaces, key. Missing objects have no hash and stand as ``-``."""
    lines = sorted(f"{verdict.sha256 or '-'}  {verdict.key}\n" for verdict in verification.verdicts)
    return hashlib.sha256("".join(lines).encode(errors="surrogatepass")).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed as a package"


def _quoted(moment: Any) -> str:
    from cttoolkit.window import written

    return repr(written(moment))
