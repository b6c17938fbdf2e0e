"""A cluster of separate processes gives the verdicts and rows that one machine gives."""

import json
import sys

import boto3
import pyarrow.dataset
import pytest

import cttoolkit as ct
from cttoolkit.engines.spark import Spark
from cttoolkit.errors import EvidenceChangedError, WorkspaceError
from cttoolkit.evidence import catalogue
from cttoolkit.sources.bucket import Bucket
from cttoolkit.sources.directory import Directory
from tests.conftest import SAMPLES, event, small_world
from tests.engines.sessions import WITHOUT_JAVA, session

pytestmark = [
    WITHOUT_JAVA,
    # Nothing here goes through pandas on Spark.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
sys.path.insert(0, str(SAMPLES.parent.parent / "benchmarks"))
from evidence import make as many_events  # noqa: E402

NIGHT = ct.Window.of("2026-03-01T02:00Z", "2026-03-01T06:00Z")


@pytest.fixture(scope="module")
def engine():
    keys = {f"spark.executorEnv.AWS_{name}": "testing" for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
    with session("local-cluster[2,1,1024]", **keys, **{"spark.sql.shuffle.partitions": "2"}) as made:
        yield Spark(made)


def both(engine, place, keys, folder, **options):
    """The verification of one machine, and of the cluster."""
    return [
        ct.verify(ct.open_evidence(place), ct.load_keys(keys), workspace=folder / name, engine=one, **options)
        for name, one in (("local", None), ("spark", engine))
    ]


@pytest.fixture(scope="module", params=["leaked-key", "tampered"])
def pair(request, engine, tmp_path_factory):
    place = SAMPLES / request.param
    found = both(engine, place, place / "public-keys.json", tmp_path_factory.mktemp("spark"))
    return [(one, ct.admit(one, ct.IntactOnly())) for one in found]


def test_verdicts_and_counts_are_the_same(pair):
    (local, _), (spark, _) = pair
    assert spark.verdicts == local.verdicts
    assert spark.completeness == local.completeness
    assert spark.anchors().rows == local.anchors().rows
    assert repr(spark.quarantine()) == repr(local.quarantine())


def test_rows_are_the_same(pair):
    (_, local), (_, spark) = pair
    assert len(local) > 1000
    assert spark.frame().equals(local.frame())
    assert spark.span == local.span
    assert spark.during(NIGHT).frame().equals(local.during(NIGHT).frame())
    assert 0 < len(spark.during(NIGHT)) < len(spark)


@pytest.mark.parametrize("name", ["actors", "hours", "errors"])
def test_a_pivot_is_the_same_to_the_bit(pair, name):
    (_, local), (_, spark) = pair
    rows, same = (getattr(ct.pivot, name)(one).frame() for one in (local, spark))
    assert len(rows) > 1
    assert same.equals(rows)


def test_claims_stand_alike(pair):
    (_, local), (_, spark) = pair
    for make in (
        lambda e: ct.absence("The trail was never stopped.", e.named("StopLogging"), NIGHT),
        lambda e: ct.finding("Roles were assumed.", e.named("AssumeRole")),
        lambda e: ct.finding("Somebody was refused.", e.denied().by("user/alice")),
    ):
        assert make(spark).sentence == make(local).sentence


def test_repeats_and_conflicts_are_found_alike(engine, tmp_path):
    """The same event in two files, and one id that stands for two contents."""
    records = [event(1, "2026-03-01T01:00:00Z"), event(1, "2026-03-01T01:20:00Z", userAgent="another")]
    case = small_world(tmp_path, *records, records[0])
    place = case.write()
    (place / "beside.json").write_text(json.dumps(records[0]))
    local, spark = both(engine, place, tmp_path / "keys.json", tmp_path)
    assert spark.completeness == local.completeness
    assert local.completeness.duplicates
    assert local.completeness.conflicting == 1
    frames = [ct.admit(one, ct.AcceptUnverified("made up")).frame() for one in (local, spark)]
    assert frames[1].equals(frames[0])


def test_executors_read_a_bucket_themselves(engine, case, monkeypatch):
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (
        ("ACCESS_KEY_ID", "testing"),
        ("SECRET_ACCESS_KEY", "testing"),
        ("DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    copy = Directory(case.write())
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}")
    client.create_bucket(Bucket="on-spark")
    for one in copy.objects():
        held = dict(copy.metadata(one.key))
        client.put_object(Bucket="on-spark", Key=one.key, Body=copy.read(one), Metadata=held)
    client.close()
    live = catalogue(Bucket("s3://on-spark", endpoint_url=f"http://{host}:{port}"))
    spark = case.verify(engine=engine)
    found = ct.verify(live, ct.load_keys(case.folder / "keys.json"), engine=engine)
    server.stop()
    assert found.verdicts == spark.verdicts
    assert found.completeness == spark.completeness
    assert found.completeness.rows > 5


def test_a_hundred_thousand_events_have_the_same_rows_and_verdicts(engine, tmp_path):
    """At a size where work is spread over many tasks, and tables over many shards. benchmarks/spark.py does it with a million."""
    made = many_events(tmp_path / "evidence", hours=24, logs_an_hour=54, records=80)
    local, spark = both(engine, tmp_path / "evidence", tmp_path / "evidence-keys.json", tmp_path)
    assert spark.verdicts == local.verdicts
    assert spark.completeness == local.completeness
    assert spark.completeness.rows == made["logs"] * 80 > 100_000
    here, there = (
        pyarrow.dataset.dataset(sorted((tmp_path / name / "shards").glob("*[0-9a-f].parquet")))
        .to_table()
        .sort_by([("log_file", "ascending"), ("record_index", "ascending")])
        for name in ("local", "spark")
    )
    assert here.num_rows == spark.completeness.rows
    assert there.equals(here)
    rows, same = (ct.pivot.actors(ct.admit(one, ct.IntactOnly())).frame() for one in (local, spark))
    assert len(rows) == 40
    assert same.equals(rows)


def test_without_loading_the_verdicts_are_the_same(engine, case):
    place = case.write()
    local, spark = (
        ct.verify(ct.open_evidence(place), ct.load_keys(case.folder / "keys.json"), load=False, engine=one)
        for one in (None, engine)
    )
    assert spark.verdicts == local.verdicts


def test_a_second_call_finds_its_work_done(engine, case):
    place, keys = case.write(), ct.load_keys(case.folder / "keys.json")
    workspace = case.folder / "workspace [1]"
    first = ct.verify(ct.open_evidence(place), keys, workspace=workspace, engine=engine)
    before = {path.name: path.stat().st_mtime_ns for path in (workspace / "shards").glob("*.parquet")}
    again = ct.verify(ct.open_evidence(place), keys, workspace=workspace, engine=engine)
    assert again.verdicts == first.verdicts
    assert before
    assert {path.name: path.stat().st_mtime_ns for path in (workspace / "shards").glob("*.parquet")} == before


def fail_as_ours(_task):
    raise EvidenceChangedError("a.json.gz", "changed", "open it again")


def test_an_error_on_an_executor_is_the_same_error_here(engine):
    with pytest.raises(EvidenceChangedError, match=r"a\.json\.gz: changed; open it again"):
        list(engine.map_files(fail_as_ours, [1, 2], 2))


def test_outcomes_come_in_the_order_of_their_tasks_over_several_jobs(engine):
    small = Spark(engine.session, slots=1)
    assert list(small.map_files(str, range(40), 40)) == [str(n) for n in range(40)]
    assert list(small.map_files(str, [], 0)) == []


def test_an_access_problem_is_named_and_the_rest_goes_on(engine, case):
    place = case.write()
    evidence = ct.open_evidence(place)
    (place / case.logs[1]).unlink()
    spark = ct.verify(evidence, ct.load_keys(case.folder / "keys.json"), engine=engine)
    assert set(spark.completeness.unread) == {case.logs[1]}
    assert isinstance(evidence.source, Directory)


def test_a_place_that_cannot_be_written_is_an_oserror(engine, case, tmp_path):
    events = ct.admit(case.verify(engine=engine), ct.IntactOnly())
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"file"):
        engine.save(events.table, tmp_path / "file" / "few.parquet")
    with pytest.raises(WorkspaceError):
        case.verify(engine=engine, workspace=tmp_path / "file")
