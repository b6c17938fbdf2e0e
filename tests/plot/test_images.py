"""Pictures as they were when somebody last looked at them and found them right."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from matplotlib.testing.compare import compare_images

from cttoolkit import pivot, plot
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.integrity.verify import verify
from tests.conftest import SAMPLES
from tests.plot.test_chains import grown
from tests.plot.test_leads import compared

BASELINE = Path(__file__).parent / "baseline"
TOLERANCE = 0.4
"""Root mean square of the differences, out of 255."""


def sample(name):
    return verify(open_evidence(SAMPLES / name), load_keys(SAMPLES / name / "public-keys.json"))


@pytest.fixture(scope="module")
def world():
    leaked, tampered = sample("leaked-key"), sample("tampered")
    return SimpleNamespace(events=admit(leaked, IntactOnly()), torn=admit(tampered, IntactOnly()), tampered=tampered)


def chain():
    sound = {"events": 35, "first": pivot_time("02:05"), "last": pivot_time("16:38")}
    return grown(
        ("person", "login"), ("login", "console", "strong"), ("console", "key", "exact", True), ("key", "role", "exact"),
        ("role", "next", "likely"), ("next", "role", "possible"), ("login", "other", "likely"), ("other", "role", "possible"),
        ("service", "role2", "exact"), ("service", "role3", "exact"),
        person={"label": "anna@example.com", "kind": "person", "events": 0}, login={"label": "anna@example.com", "kind": "login"},
        console={"label": "arn:aws:iam::111122223333:user/anna", **sound}, key={"label": "arn:aws:iam::111122223333:user/backup", **sound},
        role={"label": "arn:aws:sts::111122223333:assumed-role/claims-app/i-568d48f3b060ef77e", "status": "unverifiable", **sound},
        alone={"label": "444455556666", "kind": "account"},
    )  # fmt: skip


def pivot_time(clock):
    from cttoolkit.window import instant

    return instant(f"2026-03-01T{clock}:00Z")


def changes(events):
    rows = [
        ("CreateAccessKey", "new", 2, 0, 1.0, 0.0), ("GetBucketPolicyStatus", "gone", 0, 35, 0.0, 0.8),
        ("GetObject", "more", 145, 140, 72.5, 3.2), ("ListMetrics", "less", 2, 140, 1.0, 3.2), ("AssumeRole", "same", 18, 399, 9.0, 9.1),
    ]  # fmt: skip
    return compared(events, *rows)


PICTURES = {
    "timeline": lambda world: plot.timeline(world.events),
    "timeline_torn": lambda world: plot.timeline(world.torn),
    "by_actor": lambda world: plot.by_actor(world.events),
    "by_role": lambda world: plot.by_role(world.events),
    "by_region": lambda world: plot.by_region(world.torn),
    "actors": lambda world: plot.actors(world.events),
    "errors": lambda world: plot.bars(pivot.errors(world.events)),
    "hours": lambda world: plot.hours(world.torn),
    "weekdays": lambda world: plot.weekdays(world.torn),
    "heat": lambda world: plot.heat(world.torn),
    "matrix": lambda world: plot.matrix(world.events),
    "denied": lambda world: plot.denied(world.events),
    "first_seen": lambda world: plot.first_seen(world.torn, "aws_region"),
    "compare": lambda world: plot.compare(changes(world.events)),
    "sessions": lambda world: plot.sessions(chain()),
    "coverage": lambda world: plot.coverage(world.tampered),
    "coverage_grid": lambda world: plot.coverage_grid(world.tampered),
    "nothing": lambda world: plot.timeline(world.events.named("Nothing")),
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.mpl_image_compare(tolerance=TOLERANCE)
def test_picture(name, world):
    return PICTURES[name](world).figure


def emptied(chart):
    """Without what was drawn on its axes."""
    for axis in chart.figure.axes:
        for artist in [*axis.patches, *axis.collections, *axis.lines, *axis.texts]:
            artist.remove()


def without(*names):
    def drop(chart):
        gone = [
            one for axis in chart.figure.axes for one in [*axis.patches, *axis.collections] if one.get_gid() in names
        ]
        assert gone
        for one in gone:
            one.remove()

    return drop


SPOILT = [(name, emptied) for name in PICTURES] + [
    ("timeline", without("failed")),
    ("timeline", without("writes")),
    ("timeline_torn", without("partly")),
    ("by_actor", without("failed")),
    ("by_region", without("nowhere")),
    ("hours", without("partly")),
    ("coverage", without("digest missing")),
    ("coverage", without("log file unlisted")),
]


@pytest.mark.parametrize(("name", "spoil"), SPOILT)
def test_a_picture_that_lacks_something_is_noticed(name, spoil, world, tmp_path):
    """The comparison above is only worth something if it fails where something is missing."""
    chart = PICTURES[name](world)
    spoil(chart)
    spoilt = tmp_path / "spoilt.png"
    spoilt.write_bytes(chart._repr_png_())
    assert compare_images(str(BASELINE / f"test_picture_{name}.png"), str(spoilt), TOLERANCE) is not None
