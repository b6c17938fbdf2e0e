"""Credentials as they were used, by name: columns that become a row of Python where one is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from cttoolkit.integrity.verdict import Status
from cttoolkit.session.columns import Rows

__all__ = ["Uses"]

_ENCODED = "principal arn user_name actor actor_rung role account created_at address user_agent kind principal_id second".split()


class Uses(Mapping[str, Mapping[str, Any]]):
    """Uses by credential, in order of their names. ``columns`` has them all, a row for each."""

    def __init__(self, table: Rows) -> None:
        self.columns = table

    @cached_property
    def places(self) -> dict[str, int]:
        """The row of each credential."""
        return {name: row for row, name in enumerate(self.columns["credential"].to_pylist())}

    def __getitem__(self, credential: str) -> Mapping[str, Any]:
        row = self.places[credential]
        found = {
            name: column[row].as_py()
            for name, column in zip(self.columns.column_names, self.columns.columns, strict=True)
        }
        return found | {"status": list(Status)[found["sound"]].value}

    def __contains__(self, credential: object) -> bool:
        return credential in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return int(self.columns.num_rows)
