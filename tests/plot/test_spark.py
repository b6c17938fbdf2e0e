"""What is drawn is the same whichever engine counted it."""

import os
import shutil
import sys

import pytest

from cttoolkit import plot
from cttoolkit.engines.spark import Spark
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.integrity.verify import verify
from tests.conftest import ACCOUNT, event, small_world
from tests.plot.test_plot import OVER_EVENTS

pytestmark = [
    pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java, which is not on this machine"),
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
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield Spark(session)
    session.stop()


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
    place, keys = case.write(), load_keys(folder / "keys.json")
    return [
        admit(verify(open_evidence(place), keys, workspace=folder / name, engine=one), IntactOnly())
        for name, one in (("local", None), ("spark", engine))
    ]


@pytest.mark.parametrize("draw", [*OVER_EVENTS, lambda events: plot.timelines(events, "aws_region")])
def test_both_engines_draw_the_same(draw, sides):
    here, there = (draw(events) for events in sides)
    assert here.title == there.title
    assert here.data.to_csv() == there.data.to_csv()
    assert here._repr_png_() == there._repr_png_()
