"""Bars of progress: in notebooks and on terminals, and nowhere else."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["progress"]


def progress(things: Any = None, *, delay: float = 3, **options: Any) -> Any:
    """A bar of tqdm that appears once the work has taken ``delay`` seconds, and goes when it is done.

    Where the output is a file or a pipe there is none: what is kept would be full of its remains.
    """
    from tqdm.auto import tqdm

    is_seen = sys.stderr.isatty() or "ipykernel" in sys.modules
    # TQDM_DISABLE counts where nothing else is said.
    silent: dict[str, Any] = {} if is_seen else {"disable": True}
    made: Any = tqdm
    return made(things, delay=delay, leave=False, **silent, **options)
