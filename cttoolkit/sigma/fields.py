"""Field names of rules: where in the table of events each is found, or why it is not."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from cttoolkit.errors import SigmaError
from cttoolkit.schema import COLUMNS

__all__ = ["CUT", "JSON_COLUMNS", "TEXT_COLUMNS", "Field", "field"]

CUT = frozenset({"user_agent", "error_code", "error_message", "request_id"})
"""Columns whose text CloudTrail cuts at 1 KB (User Guide, "CloudTrail record contents")."""

_BY_PATH = {column.path: column for column in COLUMNS if column.path}
# An access key that is empty in the record is null in the column, and the whole element is at hand.
_INSIDE = {"userIdentity.accessKeyId"}
_JSON = {column.path: column.name for column in COLUMNS if column.type == "json"}
TEXT_COLUMNS = tuple(
    column.name for column in COLUMNS if column.path and column.type == "text" and "." not in column.path
)
"""Columns of text that stand at the top of a record."""
JSON_COLUMNS = tuple(_JSON.values())

_WITHOUT_COLUMN = frozenset(
    """
    addendum annotation apiVersion edgeDeviceDetails eventContext insightDetails sessionCredentialFromConsole summary tlsDetails
    vpcEndpointAccountId
    """.split()
)
"""Members of CloudTrail's records that Events have no column for, so that nothing can be said of them."""

_MOST_PARTS = 16


@dataclass(frozen=True, slots=True)
class Field:
    """A field as a rule spells it. ``kind`` is text, flag, time or json, or absent for what no record has.

    ``parts`` are the keys below a JSON column; none of them means the column's whole text.
    """

    name: str
    kind: str
    column: str = ""
    parts: tuple[str, ...] = ()

    @property
    def note(self) -> str | None:
        """What who reads the rule should know of the field."""
        if self.kind != "absent":
            return None
        top = self.name.partition(".")[0]
        near = difflib.get_close_matches(self.name if top in _JSON else top, [*_BY_PATH], 1, 0.7)
        return f"no record has a field {self.name}" + (f" (there is {near[0]})" if near else "")


def field(name: str) -> Field:
    """The field that a rule names, spelt as CloudTrail spells it. SigmaError where it cannot be asked for.

    A name that CloudTrail does not have is absent from every record, as it is in any other tool.
    """
    top, *parts = name.split(".")
    if top in _WITHOUT_COLUMN:
        raise SigmaError(f"field {name}", f"Events have no column for {top}", "look at docs/columns.md")
    if len(parts) > _MOST_PARTS or any(not part or set(part) & set("[]{}") for part in parts):
        raise SigmaError(f"field {name}", "it is no path of keys", "write requestParameters.a.b, without indexes")
    column = _BY_PATH.get(name)
    if column is not None and name not in _INSIDE:
        return Field(name, column.type, column.name)
    if top in _JSON:
        return Field(name, "json", _JSON[top], tuple(parts))
    return Field(name, "absent")
