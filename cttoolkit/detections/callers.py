"""Who called, for whom, and with what outcome: conditions that several detections share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_failed
from cttoolkit.identity import Rung
from cttoolkit.param import Match, param

if TYPE_CHECKING:
    import ibis

__all__ = ["BY_ROOT", "DIRECTLY", "FOR_ANOTHER", "FOR_CALLER", "FOR_ITSELF", "NOT_BY_SERVICE", "SUCCEEDED"]

_NAMED = param("requestParameters.userName")
_SERVICES = (Rung.SERVICE.value, Rung.NONE.value)
_SERVICE_ROLE = ":role/aws-service-role/"


def _succeeded(table: ibis.Table) -> Any:
    return ~is_failed(table)


def _is_service(table: ibis.Table) -> Any:
    by_role = table.role.contains(_SERVICE_ROLE).fill_null(False)
    return table.actor_rung.isin(_SERVICES).fill_null(False) | by_role


def _is_onward(table: ibis.Table) -> Any:
    return table.credential.startswith("fas:").fill_null(False)


def _own_name(table: ibis.Table) -> Any:
    """The caller's own name, where it is a user; nothing for roles and root, which have no keys or passwords by that name."""
    return (table.user_identity_type == "IAMUser").ifelse(table.user_identity_user_name, "").fill_null("").lower()


def _for_another(table: ibis.Table) -> Any:
    return _NAMED.value(table).lower() != _own_name(table)


def _to_own_user(table: ibis.Table) -> Any:
    own = _own_name(table)
    return ((_NAMED.value(table).lower() == own) & (own != "")).fill_null(False)


def _to_own_role(table: ibis.Table) -> Any:
    own = table.role.re_extract(r"([^/]+)$", 1).lower()
    return ((param("requestParameters.roleName").value(table).lower() == own) & (own != "")).fill_null(False)


SUCCEEDED = Match("that succeeded", _succeeded)
BY_ROOT = Match("by root", lambda table: table.user_identity_type == "Root")
NOT_BY_SERVICE = Match("not by an AWS service", lambda table: ~_is_service(table))
"""Neither by a service nor in its own role; a service that calls on behalf of somebody is that somebody."""
DIRECTLY = Match("directly", lambda table: ~_is_service(table) & ~_is_onward(table))
"""Not through a service either, as what a stack does in CloudFormation, where that would be all there is to see."""
FOR_ANOTHER = Match("for another user", _for_another)
"""The request names a user who is not the caller. IAM takes the caller where none is named, and its names ignore case."""
FOR_CALLER = Match("for the caller", lambda table: _NAMED.value(table).isnull())
"""The request names no user."""
FOR_ITSELF = Match("to the caller's own user or role", lambda table: _to_own_user(table) | _to_own_role(table))
"""The request changes the very user or role that makes it."""
