"""Answers about accounts that lie in the folder of the evidence, where a collector put them."""

from __future__ import annotations

from pathlib import Path

from cttoolkit.configuration import Folder, open_folder
from cttoolkit.configuration.recorded import PLACE
from cttoolkit.evidence import Evidence

__all__ = ["recorded"]


def recorded(evidence: Evidence) -> tuple[Folder, ...]:
    """The accounts whose recorded answers lie in the folder of the evidence, below ``configuration/``; none where there are none.

    Evidence in an archive or a bucket has to be unpacked first. Who can write to the folder can write what they like: the answers
    are as good as the folder.
    """
    place = Path(evidence.name)
    return open_folder(place) if (place / PLACE).is_dir() else ()
