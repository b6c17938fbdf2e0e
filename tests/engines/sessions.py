"""Spark sessions that live for one test module."""

import os
import shutil
import sys
from contextlib import contextmanager

import pytest

WITHOUT_JAVA = pytest.mark.skipif(
    not shutil.which("java") and "CI" not in os.environ, reason="Spark needs Java, which is not on this machine"
)
"""Where everything has to run, a machine without Java is a failure and not a reason."""
# A Java that stops at its first compiler and collects in one thread: short runs on few cores take a third less.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@contextmanager
def session(master, **options):
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    # Spark kills its workers when it likes, and a killed one leaves a broken file of what it measured.
    measuring = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE_PROCESS")}
    before = os.environ.get("JAVA_TOOL_OPTIONS")
    os.environ["JAVA_TOOL_OPTIONS"] = f"{before or ''} {_JAVA}".strip()
    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
    for name, value in options.items():
        builder = builder.config(name, value)
    try:
        made = builder.getOrCreate()
    finally:
        os.environ.update(measuring)
        os.environ.pop("JAVA_TOOL_OPTIONS")
        if before is not None:
            os.environ["JAVA_TOOL_OPTIONS"] = before
    made.sparkContext.setLogLevel("OFF")
    try:
        yield made
    finally:
        made.stop()
