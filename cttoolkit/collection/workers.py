"""Threads that take work from one line and hand back what came of it, none of it held longer than needed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

__all__ = ["spread"]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


def spread(work: Callable[[Task], Outcome], tasks: Iterable[Task], workers: int) -> Iterator[tuple[Task, Outcome]]:
    """Every task with its outcome, in the order in which they end; at most four outcomes a worker wait to be taken.

    The first error is raised here, after which no further task is begun.
    """
    waiting = iter(tasks)
    lock = threading.Lock()
    stop = threading.Event()
    done: queue.Queue[tuple[Task, Outcome] | BaseException | None] = queue.Queue(workers * 4)

    def run() -> None:
        try:
            while not stop.is_set():
                with lock:
                    task = next(waiting, _END)
                if task is _END:
                    break
                done.put((task, work(task)))  # type: ignore[arg-type]
        except BaseException as error:  # noqa: BLE001 (it is raised again, in the thread that asked)
            done.put(error)
        finally:
            done.put(None)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    ended = 0
    try:
        while ended < workers:
            found = done.get()
            if found is None:
                ended += 1
            elif isinstance(found, BaseException):
                raise found
            else:
                yield found
    finally:
        stop.set()
        while ended < workers:
            ended += done.get() is None
        for thread in threads:
            thread.join()


_END = object()
