"""Conditions on the text of a request: for what a path cannot say, since its shape differs from call to call.

A pattern that begins at a key's closing quote, ``"cidrIp"``, cannot be met by what a caller chose: inside of a string a quote is
written with a backslash. Patterns are what RE2 and Java both take.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.param import Match

if TYPE_CHECKING:
    import ibis

__all__ = ["says", "says_of_another"]


def says(told: str, pattern: str, *hints: str) -> Match:
    """Whether requestParameters meet a pattern. Each text that does has one of the ``hints`` in it, which are quick to look for."""
    return _quickly(told, lambda table: table.request_parameters.re_search(pattern), hints)


def says_of_another(told: str, pattern: str, *hints: str) -> Match:
    """The same, with the account whose trail recorded the call taken out: what is left of twelve digits is another account.

    Where the record does not say whose trail it was, every account is another.
    """

    def holds(table: ibis.Table) -> Any:
        return table.request_parameters.replace(table.recipient_account_id.fill_null("-"), "own").re_search(pattern)

    return _quickly(told, holds, hints)


def _quickly(told: str, holds: Callable[[ibis.Table], Any], hints: tuple[str, ...]) -> Match:
    """Nothing is parsed for such a condition, so it is its own quick one."""

    def may_hold(table: ibis.Table) -> Any:
        return reduce(or_, (table.request_parameters.contains(hint) for hint in hints)) & holds(table)

    return Match(told, holds, may_hold if hints else holds)
