"""What is asked of events has the same answer whichever engine is asked: pivots, chains, conditions, pictures.

One process does for that, and its queries are interpreted: each is run once, over little, and compiling them takes longer.
"""

import pandas as pd
import pytest

import cttoolkit as ct
from cttoolkit.detections import CATALOGUE
from cttoolkit.engines.spark import Spark
from tests.conftest import ACCOUNT, SAMPLES, event, small_world
from tests.detections.samples import seen, unseen
from tests.engines.sessions import WITHOUT_JAVA, session
from tests.pivot.rows import PLAIN, every_pivot
from tests.plot.test_plot import OVER_EVENTS
from tests.test_param import CONDITIONS, PARAMETERS
from tests.test_session_opened import every_join

pytestmark = [
    WITHOUT_JAVA,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
TIMES = [
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "nonsense",
    *(f"2026-03-0{1 + n % 5}T0{n % 7}:{n:02d}:00Z" for n in range(50)),
]


@pytest.fixture(scope="module")
def engine():
    options = {
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    with session("local[1]", **options) as made:
        yield Spark(made)


@pytest.fixture(scope="module")
def sides(engine, tmp_path_factory):
    """The same events, counted by DuckDB and by Spark."""
    folder = tmp_path_factory.mktemp("sides")
    role = {
        "type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci", "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/deploy"}},
    }  # fmt: skip
    records = [
        event(n, time, f"Call{n % 20}", readOnly=n % 3 > 0, awsRegion=None if n % 9 == 0 else f"us-east-{n % 12}",
              errorCode="AccessDenied" if n % 4 == 0 else None, **({"userIdentity": role} if n % 2 else {}))
        for n, time in enumerate(TIMES)
    ]  # fmt: skip
    case = small_world(folder, *records, delivered_at="2026-03-01T01:05:00Z")
    place, keys = case.write(), ct.load_keys(folder / "keys.json")
    return [
        ct.admit(ct.verify(ct.open_evidence(place), keys, workspace=folder / name, engine=one), ct.IntactOnly())
        for name, one in (("local", None), ("spark", engine))
    ]


@pytest.fixture(scope="module")
def pair(engine, tmp_path_factory):
    place, folder = SAMPLES / "leaked-key", tmp_path_factory.mktemp("pair")
    keys = ct.load_keys(place / "public-keys.json")
    found = [
        ct.verify(ct.open_evidence(place), keys, workspace=folder / str(one is None), engine=one)
        for one in (None, engine)
    ]
    return [ct.admit(one, ct.IntactOnly()) for one in found]


@pytest.mark.parametrize("draw", [*OVER_EVENTS, lambda events: ct.plot.timelines(events, "aws_region")])
def test_both_engines_draw_the_same(draw, sides):
    here, there = (draw(events) for events in sides)
    assert here.title == there.title
    assert here.data.to_csv() == there.data.to_csv()
    assert here._repr_png_() == there._repr_png_()


def test_every_pivot_is_the_same(pair):
    local, spark = pair
    since = "2026-03-01T12:00:00Z"
    here, there = (every_pivot(one, since, PLAIN) for one in (local, spark))
    for name, rows in here.items():
        # Sums of fractions come in another order there.
        pd.testing.assert_frame_equal(there[name].frame(), rows.frame(), rtol=1e-9, check_dtype=False, obj=name)
        assert there[name].notes == rows.notes
    assert sum(len(rows) > 0 for rows in here.values()) > 15


def test_conditions_on_parameters_are_the_same(engine, tmp_path):
    records = [event(n, f"2026-03-01T00:30:0{n}Z", requestParameters=one) for n, one in enumerate(PARAMETERS)]
    case = small_world(tmp_path, *records)
    spark = ct.admit(case.verify(engine=engine), ct.IntactOnly())
    for condition, expected in CONDITIONS:
        found = spark.where(condition).frame("event_time").event_time
        assert sorted(moment.second for moment in found) == expected, str(condition)


def test_credential_chains_are_the_same(pair):
    local, spark = pair
    here, there = ct.session.chains(local), ct.session.chains(spark)
    assert len(here.edges) > 100
    assert there.edges == here.edges
    assert there.uses == here.uses
    assert ct.session.behind(spark.denied()).frame().equals(ct.session.behind(local.denied()).frame())
    here, there = (ct.session.reach(one, "user/alice") for one in pair)
    assert (there.made, there.created) == (here.made, here.created)


def test_every_kind_of_join_is_the_same(engine, tmp_path):
    """A world with each way of coming to credentials that is joined by what the engine reads or compares."""
    case = small_world(tmp_path, *every_join())
    local, spark = (ct.admit(case.verify(engine=one), ct.IntactOnly()) for one in (None, engine))
    here, there = (ct.session.chains(one, ct.session.Grade.POSSIBLE) for one in (local, spark))
    assert len({edge.kind for edge in here.edges}) > 10
    assert there.edges == here.edges
    assert there.uses == here.uses


READ = ("wide-policy-written", "role-trusts-another-account", "bucket-policy-public", "port-opened-to-world")
"""Detections whose conditions are put to every statement of a policy, or every rule of a group."""


def test_policies_and_rules_are_read_alike(engine, tmp_path):
    asked = [one for one in CATALOGUE if one.name in READ]
    records = [record for one in asked for samples in (seen(), unseen()) for record in samples[one.name]]
    case = small_world(tmp_path, *(event(n, f"2026-03-01T00:30:{n:02d}Z") | record for n, record in enumerate(records)))
    local, spark = (ct.admit(case.verify(engine=one), ct.IntactOnly()) for one in (None, engine))
    for one in asked:
        here, there = ([*one.find.matches(events).frame("event_id").event_id] for events in (local, spark))
        assert len(here) >= 4
        assert there == here


def test_an_export_is_the_same_to_the_byte(sides, tmp_path, monkeypatch):
    # Formats differ only after the rows were read.
    monkeypatch.setattr("cttoolkit.export.slices._MOST", 20)
    made = [ct.export.parquet(events, tmp_path / f"{number}.parquet") for number, events in enumerate(sides)]
    assert [one.rows for one in made] == [len(TIMES)] * 2
    assert made[0].sha256 == made[1].sha256
