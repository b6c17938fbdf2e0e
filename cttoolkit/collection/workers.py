"""Threads that take work from one line and hand back what came of it, little of it held at a time."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["spread"]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


def spread(work: Callable[[Task], Outcome], tasks: Iterable[Task], workers: int) -> Iterator[tuple[Task, Outcome]]:
    """Every task with its outcome, in order; at most four tasks a worker are begun and not yet taken.

    The first error is raised here, after which no further task is begun.
    """
    waiting = iter(tasks)
    pending: deque[tuple[Task, Future[Outcome]]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for task in itertools.islice(waiting, workers * 4):
            pending.append((task, pool.submit(work, task)))
        while pending:
            done, future = pending.popleft()
            outcome = future.result()
            for task in itertools.islice(waiting, 1):
                pending.append((task, pool.submit(work, task)))
            yield done, outcome
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
