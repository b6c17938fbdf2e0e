"""What kind of caller an address is, and the network that it lies in, as expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis

__all__ = ["is_address", "is_private", "network"]

_V4 = r"^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$"
_GROUP = "[0-9a-f]{1,4}"
_THREE = rf"^({_GROUP}):({_GROUP}):({_GROUP}):"
_TWO = rf"^({_GROUP}):({_GROUP})::"
_ONE_OF_SEVEN = rf"^({_GROUP})::({_GROUP})(?::{_GROUP}){{5}}$"
_ONE = rf"^({_GROUP})::"
_PLAIN = r"^0+(\w)"
_PRIVATE = (
    r"^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\."
    r"|::1$|f[cd]|fe[89ab])"
)
"""RFC 1918, 6598, 3927 and 4193, and the machine itself."""


def is_address(address: Any) -> Any:
    """Whether it is an IPv4 or IPv6 address. AWS services stand in the column by name."""
    return (address.re_search(_V4) | address.re_search(r"^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$")).fill_null(False)


def is_private(address: Any) -> Any:
    """Whether it is an address that leads nowhere on the Internet, as calls through a VPC endpoint have."""
    return address.lower().re_search(_PRIVATE).fill_null(False)


def network(table: ibis.Table) -> Any:
    """The /24 of an IPv4 address, the /48 of an IPv6 one, the least that a network is usually given; null for what is no address."""
    import ibis

    address = table.source_ip_address
    low = address.lower()

    def part(pattern: str, group: int) -> Any:
        return low.re_extract(pattern, group).re_replace(_PLAIN, r"\1")

    return ibis.cases(
        (address.re_search(_V4), address.re_extract(_V4, 1).concat(".0/24")),
        (low.re_search(_THREE), part(_THREE, 1) + ":" + part(_THREE, 2) + ":" + part(_THREE, 3) + "::/48"),
        (low.re_search(_TWO), part(_TWO, 1) + ":" + part(_TWO, 2) + ":0::/48"),
        (low.re_search(_ONE_OF_SEVEN), part(_ONE_OF_SEVEN, 1) + ":0:" + part(_ONE_OF_SEVEN, 2) + "::/48"),
        (low.re_search(_ONE), part(_ONE, 1) + ":0:0::/48"),
        (is_address(address), "::/48"),
        else_=ibis.null("string"),
    )
