"""Worlds by name, and writing one to a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cttoolkit.errors import EvidenceError
from cttoolkit.training.bucket import Bucket
from cttoolkit.training.scenarios import (
    insider_root,
    leaked_key,
    llm_abuse,
    quiet,
    ransom,
    role_chain,
    stolen_instance_role,
    tampered,
)

__all__ = ["SCENARIOS", "write_sample"]

SCENARIOS: dict[str, Callable[..., tuple[Bucket, dict[str, Any]]]] = {
    "leaked-key": leaked_key.build,
    "tampered": tampered.build,
    "stolen-instance-role": stolen_instance_role.build,
    "insider-root": insider_root.build,
    "ransom": ransom.build,
    "role-chain": role_chain.build,
    "llm-abuse": llm_abuse.build,
    "quiet": quiet.build,
}


def write_sample(
    name: str, folder: str | Path, *, seed: int = 1, days: int | None = None, volume: float | None = None
) -> dict[str, Any]:
    """Build a world and write it with its keys, sidecar, configuration and truth.json. Returns the truth.

    Each world has days and a volume of its own where none are given.
    """
    if name not in SCENARIOS:
        raise EvidenceError(name, "no such scenario", f"choose one of {', '.join(SCENARIOS)}")
    sizes = {"days": days, "volume": volume}
    given = {part: size for part, size in sizes.items() if size is not None}
    bucket, truth = SCENARIOS[name](seed=seed, **given)
    bucket.write(folder)
    (Path(folder) / "truth.json").write_text(json.dumps(truth, indent=2) + "\n")
    return truth
