"""Where addresses are: networks, countries and cities, from MaxMind databases that the analyst has on disk.

None is shipped with the toolkit and none is fetched. Source of the format and of the fields: MaxMind DB File Format Specification
2.0, and MaxMind's documentation of GeoLite2 ASN, City and Country.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import EvidenceError
from cttoolkit.text import visible

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Places", "load_places"]

_KINDS = re.compile(r"ASN|ISP|City|Country|Enterprise")
_NETWORK = ("asn", "organization")
_COUNTRY = ("country",)
_CITY = ("country", "city", "latitude", "longitude", "radius")
_COLUMNS = {"ASN": _NETWORK, "ISP": _NETWORK, "Country": _COUNTRY, "City": _CITY, "Enterprise": (*_NETWORK, *_CITY)}
_ORDER = {
    "asn": "int64",
    "organization": "string",
    "country": "string",
    "city": "string",
    "latitude": "float64",
    "longitude": "float64",
    "radius": "float64",
}


@dataclass(frozen=True)
class Places:
    """Databases by path, with the columns that each can fill. ``Places()`` knows of nothing.

    ``asn`` is a number, ``country`` a code of ISO 3166, ``city`` the English name where there is one; latitude and longitude are in
    degrees, and ``radius`` is how many kilometres around them the address may be.
    """

    databases: tuple[tuple[Path, tuple[str, ...]], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """What these databases say of an address."""
        told = {name for _, names in self.databases for name in names}
        return tuple(name for name in _ORDER if name in told)

    @property
    def schema(self) -> dict[str, str]:
        """The columns and their types, the address among them."""
        return {"address": "string"} | {name: _ORDER[name] for name in self.columns}

    def located(self, addresses: Iterable[str | None]) -> pyarrow.Table:
        """A row for each address that a database knows. What is no address is in none.

        EvidenceError where a database is damaged, or gone.
        """
        import pyarrow as pa

        found: list[dict[str, Any]] = []
        with ExitStack() as stack:
            readers = [(path, stack.enter_context(_opened(path)), names) for path, names in self.databases]
            for address in sorted({one for one in addresses if one}):
                told: dict[str, Any] = {}
                for path, reader, names in readers:
                    record = _looked_up(reader, path, address)
                    told |= {name: told[name] if told.get(name) is not None else record.get(name) for name in names}
                if any(value is not None for value in told.values()):
                    found.append({"address": address} | told)
        types: dict[str, pa.DataType] = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}
        return pa.Table.from_pylist(found, pa.schema([(name, types[kind]) for name, kind in self.schema.items()]))

    def __repr__(self) -> str:
        named = ", ".join(visible(path.name) for path, _ in self.databases) or "no database"
        return f"Places from {named}: {', '.join(self.columns) or 'nothing'}"


def load_places(*paths: str | Path) -> Places:
    """Databases of networks, countries and cities in the format of MaxMind: ``load_places("GeoLite2-City.mmdb", "GeoLite2-ASN.mmdb")``.

    Where two say the same of an address, the first does. EvidenceError where one cannot be read, or holds something else.
    """
    found = []
    for path in map(Path, paths):
        with _opened(path) as reader:
            kind = str(reader.metadata().database_type)
        known = _KINDS.search(kind)
        if known is None:
            raise EvidenceError(path.name, f"a database of {kind!r}", "give one of ASNs, cities or countries")
        found.append((path, _COLUMNS[known[0]]))
    return Places(tuple(found))


def _opened(path: Path) -> Any:
    try:
        import maxminddb
    except ImportError as error:
        raise EvidenceError("maxminddb", "not installed", "install cttoolkit[geo]") from error
    try:
        reader = maxminddb.open_database(path)
        # Read here, since a file may be damaged in its very last part alone.
        reader.metadata()
    except (maxminddb.InvalidDatabaseError, UnicodeDecodeError) as error:
        raise EvidenceError(path.name, "no MaxMind database, or a damaged one", "download it again") from error
    except OSError as error:
        raise EvidenceError(
            path.name, f"cannot be read: {error.strerror or error}", "give the path of an .mmdb"
        ) from error
    return reader


def _looked_up(reader: Any, path: Path, address: str) -> dict[str, Any]:
    import maxminddb

    try:
        record = reader.get(ipaddress.ip_address(address))
    except (maxminddb.InvalidDatabaseError, UnicodeDecodeError) as error:
        raise EvidenceError(path.name, f"damaged where it tells of {address}", "download it again") from error
    except ValueError:
        # No address, or one of IPv6 in a database of IPv4.
        return {}
    asn = _held(record, int, ("autonomous_system_number",), ("traits", "autonomous_system_number"))
    return {
        "asn": asn if asn is not None and 0 <= asn < 1 << 32 else None,
        "organization": _held(
            record, str, ("autonomous_system_organization",), ("traits", "autonomous_system_organization")
        ),
        "country": _held(record, str, ("country", "iso_code")),
        "city": _held(record, str, ("city", "names", "en")),
        **_position(record),
    }


def _position(record: Any) -> dict[str, Any]:
    """Latitude, longitude and radius, where they are on this earth."""
    latitude, longitude, radius = (
        _held(record, (float, int), ("location", name)) for name in ("latitude", "longitude", "accuracy_radius")
    )
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return {}
    kept = float(radius) if radius is not None and radius >= 0 else None
    return {"latitude": float(latitude), "longitude": float(longitude), "radius": kept}


def _held(record: Any, kind: type | tuple[type, ...], *paths: tuple[str, ...]) -> Any:
    for path in paths:
        value = record
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
    return None
