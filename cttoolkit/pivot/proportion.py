"""How high a share is for certain.

Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
"""

from __future__ import annotations

from typing import Any

from cttoolkit.pivot.measures import rounded

__all__ = ["lower_end"]

_Z = 1.959964
"""Of the normal distribution, for 95 % in two tails."""


def lower_end(count: Any, of: Any) -> Any:
    """The lower end of the 95 % Wilson interval of a share, from its count and what it is counted of."""
    import ibis

    share = count / of
    spread = (share * (1 - share) / of + _Z**2 / (4 * of * of)).sqrt()
    return rounded(ibis.greatest((share + _Z**2 / (2 * of) - _Z * spread) / (1 + _Z**2 / of), 0.0))
