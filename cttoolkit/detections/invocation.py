"""How a call came about and how it ended: by the caller itself or through a service, and with which error."""

from __future__ import annotations

from cttoolkit.param import Match

__all__ = ["BY_ITSELF", "BY_ROOT_ITSELF", "failed_with"]

BY_ITSELF = Match(
    "not by an AWS service",
    lambda table: (table.invoked_by.fill_null("") == "") & (table.user_identity_type.fill_null("") != "AWSService"),
)
"""The caller made the call, and no service on its behalf (userIdentity.invokedBy) or on its own."""

BY_ROOT_ITSELF = Match(
    "by root",
    lambda table: (
        (table.user_identity_type == "Root")
        & (table.invoked_by.fill_null("") == "")
        & (table.event_type.fill_null("") != "AwsServiceEvent")
    ),
)


def failed_with(*codes: str) -> Match:
    """Whether the call failed with one of these codes, as CloudTrail writes them."""
    return Match(f"failed with {' or '.join(codes)}", lambda table: table.error_code.isin(codes).fill_null(False))
