"""Policies of AWS, weighed statement by statement: may this caller do that here? Yes, no, or it cannot be told.

Follows the IAM User Guide, "IAM JSON policy elements reference" and "Policy evaluation logic". One policy is weighed at a time: what
another policy of the same call allows or denies is not in it.
"""

from __future__ import annotations

from cttoolkit.policies.document import Policy, Statement, read_policy
from cttoolkit.policies.evaluation import Decision, Request, decide, denies
from cttoolkit.policies.principal import ANYBODY, Caller
from cttoolkit.policies.request_keys import ABSENT, Context
from cttoolkit.policies.truth import Truth

__all__ = [
    "ABSENT",
    "ANYBODY",
    "Caller",
    "Context",
    "Decision",
    "Policy",
    "Request",
    "Statement",
    "Truth",
    "decide",
    "denies",
    "read_policy",
]
