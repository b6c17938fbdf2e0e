"""What holds for every pivot that ranks leads: it compiles for a cluster and for logs that stay where they are."""

import ibis
import pytest

from cttoolkit.pivot import drift, fan_out, openings, overlaps, sequences, travel, turns, volume
from tests.conftest import admitted, event

SINCE = "2026-03-01T00:32:00Z"
LEADS = {
    "overlaps": overlaps.overlaps,
    "mixed_agents": overlaps.mixed_agents,
    "travel": travel.travel,
    "turns": turns.turns,
    "openings": openings.openings,
    "openings since": lambda events: openings.openings(events, since=SINCE),
    "rare_sequences": lambda events: sequences.rare_sequences(events, since=SINCE),
    "unusual_sessions": sequences.unusual_sessions,
    "drift": lambda events: drift.drift(events, since=SINCE),
}
"""All but those that look inside of the parameters, which is said in another way to each engine."""
EVERY = LEADS | {
    "fan_out": fan_out.fan_out,
    "fan_out since": lambda events: fan_out.fan_out(events, since=SINCE),
    "volume_out": volume.volume_out,
    "volume_out since": lambda events: volume.volume_out(events, since=SINCE),
}


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = (event(n, f"2026-03-01T00:{30 + n}:00Z") for n in range(5))
    return admitted(tmp_path_factory.mktemp("leads"), *records)


@pytest.fixture(scope="module")
def empty(events):
    return events.named("Nothing")


# Nothing here goes through pandas on Spark.
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
@pytest.mark.parametrize("dialect", ["pyspark", "athena", "trino"])
@pytest.mark.parametrize("name", LEADS)
def test_a_lead_compiles(events, name, dialect):
    # Its options are there once the backend was named.
    assert ibis.pyspark
    assert ibis.to_sql(LEADS[name](events).expression.unbind(), dialect=dialect)


@pytest.mark.parametrize("name", EVERY)
def test_of_nothing_there_are_no_leads(empty, name):
    rows = EVERY[name](empty)
    assert len(rows) == 0
    assert rows._repr_html_()


@pytest.mark.parametrize("name", EVERY)
def test_rows_come_in_one_order(events, name):
    assert EVERY[name](events).frame().equals(EVERY[name](events).frame())
