"""Worlds by name, and writing one to a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cttoolkit.errors import EvidenceError
from cttoolkit.training.bucket import Bucket
from cttoolkit.training.scenarios import leaked_key, tampered

__all__ = ["SCENARIOS", "write_sample"]

SCENARIOS: dict[str, Callable[..., tuple[Bucket, dict[str, Any]]]] = {
    "leaked-key": leaked_key.build,
    "tampered": tampered.build,
}


def write_sample(name: str, folder: str | Path, *, seed: int = 1, days: int = 2, volume: float = 1.0) -> dict[str, Any]:
    """Build a world and write it with its keys, sidecar, configuration and truth.json. Returns the truth."""
    if name not in SCENARIOS:
        raise EvidenceError(name, "no such scenario", f"choose one of {', '.join(SCENARIOS)}")
    bucket, truth = SCENARIOS[name](seed=seed, days=days, volume=volume)
    bucket.write(folder)
    (Path(folder) / "truth.json").write_text(json.dumps(truth, indent=2) + "\n")
    return truth
