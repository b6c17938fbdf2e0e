"""Sigma rules of one's own, run on CloudTrail events: ``load(path)`` gives Rules, for ``ct.detect`` or one by one."""

from __future__ import annotations

from cttoolkit.sigma.correlation import Correlation
from cttoolkit.sigma.loading import load
from cttoolkit.sigma.problem import Problem
from cttoolkit.sigma.rule import Rule
from cttoolkit.sigma.rules import Rules

__all__ = ["Correlation", "Problem", "Rule", "Rules", "load"]
