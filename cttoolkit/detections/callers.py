"""Conditions on who called, and to what effect."""

from __future__ import annotations

from cttoolkit.param import Match

__all__ = ["BY_ITSELF", "BY_ROOT", "SUCCEEDED", "failed_with"]

BY_ITSELF = Match(
    "not by an AWS service",
    lambda table: (table.invoked_by.fill_null("") == "") & (table.user_identity_type.fill_null("") != "AWSService"),
)
"""The caller made the call, and no service on its behalf (userIdentity.invokedBy) or on its own."""

BY_ROOT = Match(
    "by root",
    lambda table: (
        (table.user_identity_type == "Root")
        & (table.invoked_by.fill_null("") == "")
        & (table.event_type.fill_null("") != "AwsServiceEvent")
    ),
)

SUCCEEDED = Match("succeeded", lambda table: table.error_code.fill_null("") == "")


def failed_with(*codes: str) -> Match:
    """Whether the call failed with one of these codes, as CloudTrail writes them."""
    return Match(f"failed with {' or '.join(codes)}", lambda table: table.error_code.isin(codes).fill_null(False))
