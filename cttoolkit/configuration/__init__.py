"""What AWS answers about an account's configuration: asked live, recorded, or read from what was recorded."""

from __future__ import annotations

from cttoolkit.configuration.answers import Absent, Answered, Answers, Denied, Failed, Reply
from cttoolkit.configuration.folder import Folder, open_folder
from cttoolkit.configuration.operations import OPERATIONS, Operation
from cttoolkit.configuration.recorder import Recorder

__all__ = [
    "OPERATIONS",
    "Absent",
    "Answered",
    "Answers",
    "Denied",
    "Failed",
    "Folder",
    "Operation",
    "Recorder",
    "Reply",
    "open_folder",
]
