"""How a call came about and how it ended: by the caller itself or through a service, and with which error.

Conditions on columns are quick, and so are their own quick ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.param import Match

if TYPE_CHECKING:
    import ibis

__all__ = ["BY_ITSELF", "BY_ROOT_ITSELF", "failed_with"]


def _is_direct(table: ibis.Table) -> Any:
    return (table.invoked_by.fill_null("") == "") & (table.user_identity_type.fill_null("") != "AWSService")


def _is_root(table: ibis.Table) -> Any:
    is_root = (table.user_identity_type == "Root").fill_null(False)
    return is_root & _is_direct(table) & (table.event_type.fill_null("") != "AwsServiceEvent")


BY_ITSELF = Match("not by an AWS service", _is_direct, _is_direct)
"""The caller made the call, and no service on its behalf (userIdentity.invokedBy) or on its own."""

BY_ROOT_ITSELF = Match("by root", _is_root, _is_root)
"""Root called, no service on its behalf, and the event is none of a service's own: as CIS has it."""


def failed_with(*codes: str) -> Match:
    """Whether the call failed with one of these codes, as CloudTrail writes them."""

    def holds(table: ibis.Table) -> Any:
        return table.error_code.isin(codes).fill_null(False)

    return Match(f"failed with {' or '.join(codes)}", holds, holds)
