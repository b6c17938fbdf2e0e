"""Worlds by name, and writing one to a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cttoolkit.errors import ScenarioError
from cttoolkit.training.account import ACCOUNTS
from cttoolkit.training.bucket import Bucket, refuse_evidence
from cttoolkit.training.recording import record
from cttoolkit.training.scenarios import (
    help_desk,
    insider_root,
    leaked_key,
    llm_abuse,
    quiet,
    ransom,
    role_chain,
    stolen_instance_role,
    tampered,
)

__all__ = ["SCENARIOS", "fit_volume", "write_sample"]

SCENARIOS: dict[str, Callable[..., tuple[Bucket, dict[str, Any]]]] = {
    "leaked-key": leaked_key.build,
    "tampered": tampered.build,
    "stolen-instance-role": stolen_instance_role.build,
    "insider-root": insider_root.build,
    "ransom": ransom.build,
    "role-chain": role_chain.build,
    "llm-abuse": llm_abuse.build,
    "help-desk": help_desk.build,
    "quiet": quiet.build,
}
_CLOSE_ENOUGH = 0.02
_LARGE = 8.0
"""At this volume a world's growth shows well enough to be drawn on from."""


def write_sample(
    name: str,
    folder: str | Path,
    *,
    seed: int = 1,
    days: int | None = None,
    volume: float | None = None,
    events: int | None = None,
) -> dict[str, Any]:
    """Build a world and write it with its keys, sidecar, configuration, truth.json and answers about its account. Returns the truth.

    ``days`` and ``volume`` are the scenario's own unless given. ``events`` asks for about so many events, within a twentieth, in place
    of a volume. Other evidence in the folder is an EvidenceError.
    """
    if name not in SCENARIOS:
        raise ScenarioError(name, "no such scenario", f"choose one of {', '.join(SCENARIOS)}")
    if days is not None and days < 1:
        raise ScenarioError(name, f"{days} days are no time for a story", "give it a day or more")
    refuse_evidence(folder)
    options: dict[str, Any] = {"seed": seed} if days is None else {"seed": seed, "days": days}
    if events is not None:
        volume = fit_volume(name, events, **options)
    if volume is not None:
        options["volume"] = volume
    bucket, truth = SCENARIOS[name](**options)
    bucket.write(folder)
    if name in ACCOUNTS:
        record(ACCOUNTS[name](bucket.configuration["collected_at"]), folder)
    (Path(folder) / "truth.json").write_text(json.dumps(truth, indent=2) + "\n")
    return truth


def fit_volume(name: str, events: int, **options: int) -> float:
    """The volume at which a world has about so many events. Small ones are tried; from there on they grow in a line."""

    def count(volume: float) -> int:
        return SCENARIOS[name](**options, volume=volume)[0].events

    fewest = count(0.0)
    if events < fewest:
        raise ScenarioError(
            name, f"it has {fewest:,} events at the least, more than {events:,}", "ask for more, or for fewer days"
        )
    volume, found = 1.0, count(1.0)
    growth = float(found - fewest)
    if events > _LARGE / 2 * found:
        large = count(_LARGE)
        growth = (large - found) / (_LARGE - volume)
        volume, found = _LARGE, large
    # The growth of the first two is kept: two volumes that lie close together differ more by chance than by volume.
    for _ in range(6):
        if abs(found - events) <= _CLOSE_ENOUGH * events:
            break
        if growth <= 0:
            raise ScenarioError(
                name, f"its {found:,} events do not grow with the volume", "leave the number of events open"
            )
        volume = max(0.0, volume + (events - found) / growth)
        if volume > _LARGE:
            break
        found = count(volume)
    return volume
