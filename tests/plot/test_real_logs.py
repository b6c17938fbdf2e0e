"""Every chart over logs that nobody here wrote, where they are at hand."""

from types import SimpleNamespace

import pytest

from cttoolkit import pivot, plot
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.policy import AcceptUnverified
from cttoolkit.integrity.verify import verify
from tests.plot.test_plot import OVER_EVENTS, PNG
from tests.test_real_logs import CORPUS, DATASET, gathered

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the public logs are not beside this checkout")


@pytest.mark.parametrize("which", ["dataset", "others"])
def test_every_chart_is_drawn(which, tmp_path):
    verification = verify(open_evidence(DATASET if which == "dataset" else gathered(tmp_path / "gathered")))
    events = admit(verification, AcceptUnverified(reason="public data without digests"))
    charts = [draw(events) for draw in OVER_EVENTS]
    charts += [
        plot.by_region(events),
        plot.first_seen(events, "source_ip_address"),
        plot.matrix(events, "event_name", "aws_region"),
    ]
    charts += [plot.bars(rows(events)) for rows in (pivot.sessions, pivot.agents, pivot.errors)]
    charts += [plot.coverage(verification), plot.coverage_grid(verification), plot.compare(halves(events))]
    for chart in charts:
        assert chart._repr_png_().startswith(PNG)
        width, height = chart.figure.get_size_inches()
        assert width <= 16
        assert height <= 20


def halves(events):
    """The calls of an address against those of all others, in the shape of a comparison."""
    import pandas as pd

    calls = pivot.names(events).frame().set_index("event_name").events
    busiest = pivot.addresses(events).values[0]
    here = pivot.names(events.where(source_ip_address=busiest)).frame().set_index("event_name").events
    frame = pd.DataFrame({"incident": here, "baseline": calls}).fillna(0).rename_axis("event_name").reset_index()
    frame["baseline"] -= frame.incident
    frame["incident_rate"], frame["baseline_rate"] = frame.incident / 2.0, frame.baseline / 30.0
    frame["change"] = [
        "new" if not row.baseline else "gone" if not row.incident else "more" for row in frame.itertuples()
    ]
    return SimpleNamespace(axis="event_name", events=events, frame=lambda: frame)
