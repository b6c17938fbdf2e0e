"""Databases in MaxMind's format, small and made up, since none may be shipped.

Source: MaxMind DB File Format Specification 2.0: a binary search tree over the bits of an address, sixteen bytes of nothing, the
data section, and the metadata after its marker.
"""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"
_STRING, _DOUBLE, _BYTES, _UINT16, _UINT32, _MAP, _INT32, _UINT64, _UINT128, _ARRAY = range(2, 12)
_BOOL = 14


def write_mmdb(path: Path, networks: dict[str, Any], kind: str = "GeoLite2-City", *, version: int = 6) -> Path:
    """Write a database that holds a record for each network, by CIDR. In one of ``version`` 6, IPv4 lies in ::/96."""
    nodes: list[list[int | None]] = [[None, None]]
    data = bytearray()
    placed: dict[tuple[int, int], int] = {}
    for cidr, record in networks.items():
        offset = len(data)
        data += encoded(record)
        node = 0
        bits = _bits(cidr, version)
        for bit in bits[:-1]:
            following = nodes[node][bit]
            if following is None:
                nodes.append([None, None])
                following = nodes[node][bit] = len(nodes) - 1
            node = following
        placed[node, bits[-1]] = offset
    tree = bytearray()
    for number, branches in enumerate(nodes):
        for bit, following in enumerate(branches):
            # A record is the next node, the number of nodes for nothing, or more for a place in the data.
            value = following if following is not None else len(nodes)
            if (number, bit) in placed:
                value = len(nodes) + 16 + placed[number, bit]
            tree += struct.pack(">I", value)
    metadata = {
        "node_count": Number(_UINT32, len(nodes)),
        "record_size": Number(_UINT16, 32),
        "ip_version": Number(_UINT16, version),
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": Number(_UINT16, 2),
        "binary_format_minor_version": Number(_UINT16, 0),
        "build_epoch": Number(_UINT64, 1_767_225_600),
        "description": {"en": "made up for tests"},
    }
    path.write_bytes(bytes(tree) + bytes(16) + bytes(data) + MARKER + encoded(metadata))
    return path


class Number:
    """An integer of one of the format's kinds."""

    def __init__(self, kind: int, value: int) -> None:
        self.kind, self.value = kind, value


def _bits(cidr: str, version: int) -> list[int]:
    network = ipaddress.ip_network(cidr)
    text = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
    return [int(bit) for bit in ("0" * 96 if network.version == 4 and version == 6 else "") + text]


def encoded(value: Any) -> bytes:
    """A value of the data section: a control byte with kind and size, and what follows."""
    match value:
        case bool():
            return _control(_BOOL, int(value))
        case str():
            return _control(_STRING, len(value.encode())) + value.encode()
        case float():
            return _control(_DOUBLE, 8) + struct.pack(">d", value)
        case Number():
            return _integer(value.kind, value.value)
        case int():
            return _integer(_UINT32 if value >= 0 else _INT32, value)
        case dict():
            return _control(_MAP, len(value)) + b"".join(encoded(key) + encoded(one) for key, one in value.items())
        case list():
            return _control(_ARRAY, len(value)) + b"".join(map(encoded, value))
    raise TypeError(value)


def _integer(kind: int, value: int) -> bytes:
    if value < 0:
        return _control(kind, 4) + struct.pack(">i", value)
    body = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _control(kind, len(body)) + body


def _control(kind: int, size: int) -> bytes:
    more = b""
    if size >= 285:
        size, more = 30, (size - 285).to_bytes(2, "big")
    elif size >= 29:
        size, more = 29, bytes([size - 29])
    # Kinds above seven are extended: zero here, and the kind less seven in a byte of its own.
    if kind > 7:
        return bytes([size, kind - 7]) + more
    return bytes([kind << 5 | size]) + more


def place(country: str, city: str, latitude: float, longitude: float, radius: int = 20) -> dict[str, Any]:
    """A record as GeoLite2 City has them."""
    return {
        "country": {"iso_code": country, "names": {"en": country}},
        "city": {"names": {"en": city}},
        "location": {
            "latitude": latitude,
            "longitude": longitude,
            "accuracy_radius": Number(_UINT16, radius),
            "time_zone": "Etc/UTC",
        },
    }


def system(number: int, organization: str) -> dict[str, Any]:
    """A record as GeoLite2 ASN has them."""
    return {"autonomous_system_number": number, "autonomous_system_organization": organization}
