"""A cluster: files through Spark's mapInArrow, tables through Ibis on PySpark.

What is done to a file and what is asked of a table is written once, for every engine. Evidence and workspace have to lie where
the driver and all executors see them under the same path, and cttoolkit has to be installed on each.
"""

from __future__ import annotations

import itertools
import os
import pickle
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cttoolkit.errors import CttoolkitError

if TYPE_CHECKING:
    import ibis
    import pyarrow

__all__ = ["Spark"]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_ROUNDS = 32
"""Tasks of one Spark job for each slot: enough that the slots seldom wait for the last one, few enough to show progress."""
_MOUNTED = "file://"
_GROUP = re.compile(r"\\(\d)")
_GLOB = re.compile(r"([\\*?{}\[\]])")


class Spark:
    """An engine on a Spark session (default: the one there is, or a local one). Its time zone is set to UTC.

    ``slots`` is how many tasks the cluster does at once (default: Spark's own count).
    """

    def __init__(self, session: Any = None, slots: int | None = None) -> None:
        from pyspark.sql import SparkSession

        self.session = session if session is not None else _local(SparkSession.builder)
        self.session.conf.set("spark.sql.session.timeZone", "UTC")
        self.slots = max(1, slots if slots is not None else self.session.sparkContext.defaultParallelism)
        self._connection: Any = None
        self._names = itertools.count()

    def __repr__(self) -> str:
        return f"Spark({self.slots} slots)"

    def map_files(
        self,
        work: Callable[[Task], Outcome],
        tasks: Iterable[Task],
        total: int,
        *,
        is_native: bool = False,
    ) -> Iterator[Outcome]:
        """Do the work on the executors, in jobs of a few dozen tasks for each slot; the driver holds one job's outcomes.

        ``total`` and ``is_native`` change nothing here: every task goes to an executor.
        """
        del total, is_native
        waiting = iter(tasks)
        while job := list(itertools.islice(waiting, _ROUNDS * self.slots)):
            yield from self._job(work, job)

    def _job(self, work: Callable[[Task], Outcome], tasks: list[Task]) -> Iterator[Outcome]:
        import pyarrow as pa

        packed = pa.table({"number": range(len(tasks)), "body": [pickle.dumps((work, task)) for task in tasks]})
        # One partition a task: a straggler holds up itself only, and a lost executor costs what it was at.
        frame = self.session.createDataFrame(packed).repartitionByRange(len(tasks), "number")
        done = frame.mapInArrow(_work, "number long, body binary").toArrow().sort_by("number")
        bodies: list[Any] = done["body"].to_pylist()
        for body in bodies:
            # Made by our own executors, a moment ago.
            outcome = pickle.loads(body)  # noqa: S301
            if isinstance(outcome, CttoolkitError):
                raise outcome
            yield outcome

    def table(self, shards: Iterable[Path]) -> ibis.Table:
        frame = self.session.read.parquet(*map(_place, shards))
        name = f"shards_{id(self)}_{next(self._names)}"
        frame.createOrReplaceTempView(name)
        table: ibis.Table = self._connect().table(name)
        return table

    def save(self, table: ibis.Table, path: Path) -> None:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        folder = path.with_name(f"{path.name}.folder")
        try:
            rows = self.session.sql(self._connect().compile(table))
            rows.coalesce(1).write.mode("overwrite").parquet(f"{_MOUNTED}{folder.absolute()}")
            (part,) = folder.glob("part-*.parquet")
            part.replace(path)
        except (PySparkException, Py4JError) as error:
            raise OSError(f"Spark cannot write {path}: {str(error).splitlines()[0]}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def named(self, table: ibis.Table) -> ibis.Table:
        from ibis.util import gen_name

        name = gen_name("events")
        self.session.sql(self._connect().compile(table)).createOrReplaceTempView(name)
        return self._connect().table(name)

    def _connect(self) -> Any:
        if self._connection is None:
            self._connection = _backend(self.session)
        return self._connection


def _local(builder: Any) -> Any:
    # Spark's workers would be another Python, the first on the path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return builder.getOrCreate()


def _work(batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
    """What runs on an executor: each row is a task, and becomes its outcome or the error that we made of it."""
    import pyarrow as pa

    for batch in batches:
        tasks: list[dict[str, Any]] = batch.to_pylist()
        for number, body in ((task["number"], task["body"]) for task in tasks):
            work, task = pickle.loads(body)  # noqa: S301  (made by our own driver)
            try:
                outcome = work(task)
            except CttoolkitError as error:
                outcome = error
            yield pa.RecordBatch.from_pydict({"number": [number], "body": [pickle.dumps(outcome)]})


def _backend(session: Any) -> Any:
    """Ibis on this session, with results brought over as Arrow: on the way through pandas, times and nulls change type."""
    import ibis
    import ibis.expr.datatypes as dt
    import sqlglot.expressions as sge
    from ibis.backends.pyspark import Backend
    from ibis.backends.sql.compilers.pyspark import PySparkCompiler
    from ibis.expr.operations import Literal
    from ibis.formats.pyarrow import PyArrowData

    def with_instants(self: Any, *given: Any, **named: Any) -> Any:
        # Spark's timestamps are instants, and Ibis takes them for local times.
        found = Backend.get_schema(self, *given, **named)
        return ibis.schema(
            {name: dt.Timestamp("UTC", scale=6) if kind.is_timestamp() else kind for name, kind in found.items()}
        )

    class Compiler(PySparkCompiler):  # type: ignore[misc]
        def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802  (Ibis names it so)
            # Spark takes 0.5 for a decimal number, and rounds what is computed with it.
            written = super().visit_NonNullLiteral(op, value=value, dtype=dtype)
            return self.cast(written, dtype) if dtype.is_floating() else written

        def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:  # noqa: N802
            # Groups are \1 to Ibis, and $1 to Java, which takes the other for the digit.
            if isinstance(op.replacement, Literal):
                replacement = sge.convert(_GROUP.sub(r"$\1", op.replacement.value.replace("$", r"\$")))
            return self.f.regexp_replace(arg, pattern, replacement)

    class ArrowBackend(Backend):  # type: ignore[misc]
        get_schema = with_instants
        compiler = Compiler()

        def to_pyarrow(self, expr: Any, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
            asked = expr.as_table()
            self._run_pre_execute_hooks(asked)
            rows = session.sql(self.compile(asked, params=params, limit=limit, **kwargs)).toArrow()
            return expr.__pyarrow_result__(PyArrowData.convert_table(rows, asked.schema()))

    # Without its options Ibis cannot write a number with a fraction; it sets them when its own way to connect is taken.
    ArrowBackend.register_options()
    backend = ArrowBackend()
    backend.do_connect(session)
    return backend


def _place(path: Path) -> str:
    """A path to read from, as Spark takes it: of a file system that is mounted, and not as a pattern."""
    return _MOUNTED + _GLOB.sub(r"\\\1", str(path.absolute()))
