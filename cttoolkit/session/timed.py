"""Issues joined to uses by whose credentials they are and by time alone, where no key and no second of issue says which it was."""

from __future__ import annotations

import numpy as np

from cttoolkit.session.candidates import candidates
from cttoolkit.session.columns import Rows, compute
from cttoolkit.session.edges import LONGEST, SLACK, Grade
from cttoolkit.session.equal import MOST
from cttoolkit.session.timeline import Timeline, micros

__all__ = ["by_time"]

_LONGEST, _SLACK = (int(span.total_seconds() * 1e6) for span in (LONGEST, SLACK))


def by_time(uses: Rows, issues: Rows) -> Rows:
    """The use lies within what one issue may last. A temporary key can only come from an issue that hides its own."""
    import pyarrow as pa

    pc = compute()
    is_hidden = pc.invert(pc.starts_with(issues["issued_key"], "ASIA").fill_null(False))  # noqa: FBT003
    is_keyed = pc.equal(uses["kind"], "tmp")
    found = [
        _nearest(uses.filter(is_keyed), issues.filter(is_hidden)),
        _nearest(uses.filter(pc.invert(is_keyed)), issues),
    ]
    return pa.concat_tables(found)


def _nearest(uses: Rows, issues: Rows) -> Rows:
    first, last = micros(uses["first"]), micros(uses["last"])
    held = Timeline(issues["issued_id"], micros(issues["at"]), issues["cited"])
    found = held.latest(uses["principal_id"], last - _LONGEST, first + _SLACK, MOST)
    # Names are used over and over: what is listed is bounded, and what is left out is said.
    several = found.of > MOST
    note = np.where(several, [f"the latest {MOST} of {of}" for of in found.of.tolist()], "") if several.any() else ""
    return candidates(
        issues.take(found.row), uses["credential"].take(found.asking), "role and time", Grade.LIKELY, note
    )
