"""Whom a resource's policy lets in: everyone, or another account.

A policy stands in requestParameters as an object (S3) or as a string of JSON (most others). Its statements are looked at one by one,
for a Deny to everyone beside an Allow to a service is the most common of policies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cttoolkit.param import Match, holds_at, param

if TYPE_CHECKING:
    import ibis

__all__ = ["opens_to_another", "opens_to_everyone"]

_ALONE = param("requestParameters.Statement").parts
_EACH = param("requestParameters.Statement[]").parts
_ALLOWS = r'"Effect"\s*:\s*"Allow"'
_EVERYONE = r'"NotPrincipal"\s*:|"Principal"\s*:\s*(?:"\*"|\{[^}]*"AWS"\s*:\s*(?:"\*"|\[[^\]]*"\*"))'  # everyone else is everyone
_LIMITED = (
    r'(?i)"(?:aws:(?:PrincipalOrgID|PrincipalOrgPaths|PrincipalAccount|PrincipalArn|SourceArn|SourceAccount|SourceOrgID'
    r"|SourceOrgPaths|SourceVpc|SourceVpce|SourceVpcArn|SourceIp|VpceAccount|VpceOrgID|userid)"
    r'|s3:DataAccessPoint(?:Arn|Account)|kms:CallerAccount)"\s*:'
)
_ACCOUNT = r'"Principal"\s*:\s*\{[^}]*"AWS"\s*:\s*(?:\[[^\]]*)?"(?:arn:aws[a-z-]*:(?:iam|sts)::)?[0-9]{12}[":]'  # an ARN, or bare


def opens_to_everyone(path: str) -> Match:
    """Whether a statement allows everyone, and no condition limits whom: by organization, account, network or source.

    The keys that limit follow S3's meaning of "public" (User Guide, "Blocking public access"). A condition that names one and lets
    all pass, ``aws:SourceIp`` with 0.0.0.0/0, is not seen through.
    """

    def test(statement: Any) -> Any:
        return statement.re_search(_ALLOWS) & statement.re_search(_EVERYONE) & ~statement.re_search(_LIMITED)

    return Match(f"{path} lets everyone in", lambda table: _any_statement(param(path).value(table), test))


def opens_to_another(path: str) -> Match:
    """Whether a statement allows a principal of an account that is not the one whose trail recorded the call.

    Accounts of the same organization are other accounts. Not seen are canonical user ids and federated principals, and a unique
    id (AIDA…, AROA…), which says no account.
    """

    def holds(table: ibis.Table) -> Any:
        document = param(path).value(table).replace(table.recipient_account_id.fill_null("-"), "own")
        return _any_statement(document, lambda one: one.re_search(_ALLOWS) & one.re_search(_ACCOUNT))

    return Match(f"{path} lets another account in", holds)


def _any_statement(document: Any, test: Callable[[Any], Any]) -> Any:
    """A policy of one statement may have it without a list."""
    alone = holds_at(document, _ALONE, lambda one: one.startswith("{") & test(one))
    return alone.fill_null(False) | holds_at(document, _EACH, test).fill_null(False)
