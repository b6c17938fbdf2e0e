"""What `import cttoolkit` shows, and what it costs."""

import json
import subprocess
import sys

import cttoolkit

LOOK = """
import json, sys
import cttoolkit
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
HEAVY = {
    "ibis",
    "duckdb",
    "pyarrow",
    "pandas",
    "numpy",
    "matplotlib",
    "cryptography",
    "boto3",
    "jinja2",
    "IPython",
    "ipywidgets",
}


def test_all_is_what_is_visible():
    modules = {name for name, value in vars(cttoolkit).items() if type(value).__name__ == "module"}
    visible = {name for name in vars(cttoolkit) if not name.startswith("_") and name not in modules} - {"annotations"}
    assert visible | {
        "detections",
        "errors",
        "export",
        "pivot",
        "plot",
        "posture",
        "session",
        "sigma",
        "training",
        "widgets",
    } == set(cttoolkit.__all__)


def test_heavy_libraries_wait_for_their_first_use():
    loaded = json.loads(subprocess.run([sys.executable, "-c", LOOK], check=True, capture_output=True).stdout)
    assert not HEAVY & set(loaded)
