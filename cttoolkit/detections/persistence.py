"""Did somebody make a way back in?"""

from __future__ import annotations

from cttoolkit.detections.footholds import FOOTHOLDS
from cttoolkit.detections.ways_in import WAYS_IN

__all__ = ["PERSISTENCE"]

PERSISTENCE = (*WAYS_IN, *FOOTHOLDS)
