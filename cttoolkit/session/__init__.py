"""Credential chains: who stood behind a session, and what a credential reached."""

from __future__ import annotations

from cttoolkit.session.chains import Chains, Path, chains
from cttoolkit.session.edges import Edge, Grade
from cttoolkit.session.origins import Behind, behind
from cttoolkit.session.reached import Reach, reach

__all__ = ["Behind", "Chains", "Edge", "Grade", "Path", "Reach", "behind", "chains", "reach"]
