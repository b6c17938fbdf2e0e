"""Credential chains: who stood behind a session, and what a credential reached."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cttoolkit.session.edges import Edge, Grade

if TYPE_CHECKING:
    from cttoolkit.session.chain import Chains, Path, chains
    from cttoolkit.session.origins import Behind, behind
    from cttoolkit.session.reached import Reach, reach

__all__ = ["Behind", "Chains", "Edge", "Grade", "Path", "Reach", "behind", "chains", "reach"]

_WHERE = {
    "Behind": "origins",
    "Chains": "chain",
    "Path": "chain",
    "Reach": "reached",
    "behind": "origins",
    "chains": "chain",
    "reach": "reached",
}


def __getattr__(name: str) -> Any:
    # They need NumPy, which would make `import cttoolkit` slow for who asks about no session.
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
