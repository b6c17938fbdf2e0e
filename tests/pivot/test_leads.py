"""What holds for every pivot, whatever it asks: it compiles for other engines, is none of nothing, and comes in one order."""

import ibis
import pytest

from tests.conftest import admitted, event
from tests.pivot.rows import every_pivot, same_as_its_events

SINCE = "2026-03-01T00:32:00Z"
OF_PARAMETERS = {"fan_out", "objects", "secrets", "volume_out"}
"""They look inside of parameters, which is said in another way to each engine."""


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [event(n, f"2026-03-01T00:{30 + n}:00Z") for n in range(5)]
    records += [event(5 + n, "2026-03-01T00:36:00Z", "Get", errorCode="AccessDenied") for n in range(4)]
    return admitted(tmp_path_factory.mktemp("leads"), *records)


# Nothing here goes through pandas on Spark.
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.parametrize("dialect", ["trino"])
def test_every_pivot_compiles(events, dialect):
    # Its options are there once the backend was named.
    assert ibis.pyspark
    for name, rows in every_pivot(events, SINCE).items():
        if name not in OF_PARAMETERS:
            assert ibis.to_sql(rows.expression.unbind(), dialect=dialect), name


def test_of_nothing_there_are_no_rows(events):
    for name, rows in every_pivot(events.named("Nothing"), SINCE).items():
        assert len(rows) == 0, name
        assert rows._repr_html_()


def test_rows_come_in_one_order_and_lead_back(events):
    again = every_pivot(events, SINCE)
    for name, rows in every_pivot(events, SINCE).items():
        assert rows.frame().equals(again[name].frame()), name
        same_as_its_events(rows)
