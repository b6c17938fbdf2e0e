"""The definitions of the exercises, from tools, for tests that hold keys and notebooks against them."""

import sys
from pathlib import Path

TOOLS = Path(__file__).parent.parent.parent / "tools"
if str(TOOLS) not in sys.path:
    sys.path.append(str(TOOLS))

import exercises  # noqa: E402
from sample_truth import Sample  # noqa: E402

__all__ = ["NAMES", "Sample", "exercises"]

NAMES = exercises.names()
