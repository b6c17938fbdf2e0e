"""Where an object's bytes lie below the folder of a collection, told from its key alone.

Whoever can write to the bucket chooses keys. None may name a file of the collection's own, speak for another object, or lie where
a log file or a folder of the trail belongs; so that holds whether or not these are there already.
"""

from __future__ import annotations

from urllib.parse import quote

from cttoolkit.sources.sidecar import SIDECAR, is_sidecar

__all__ = [
    "DOCUMENTS",
    "FOLDERS",
    "JOURNAL",
    "LOCK",
    "MANIFEST",
    "PARTIAL",
    "SIGNATURE",
    "is_never_folder",
    "misfit",
    "path_of",
    "version_path_of",
]

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
JOURNAL = "manifest-journal.jsonl"
LOCK = ".collecting.lock"
PARTIAL = ".partial"
DOCUMENTS = (SIDECAR, "public-keys.json", "trail-configuration.json")
FOLDERS = ("custody", "configuration", "versions", "EventHistory", "CloudWatchLogs")
_OWN = frozenset(name.casefold() for name in (MANIFEST, SIGNATURE, JOURNAL, LOCK, PARTIAL, *DOCUMENTS, *FOLDERS))
_LONGEST_NAME = 255
_NOWHERE = frozenset({"", ".", ".."})
_FILES = (".json", ".json.gz", ".version")


def misfit(key: str) -> str | None:
    """Why no file is named after a key; None where one is."""
    parts = key.split("/")
    if "\0" in key or "\\" in key or any(part in _NOWHERE or len(part.encode()) > _LONGEST_NAME - 8 for part in parts):
        return "a key that no file can be named after"
    # In whatever case, since some file systems make no difference.
    if parts[0].casefold() in _OWN:
        return f"a key that begins with {parts[0]}, where the collection keeps what is its own"
    if any(map(is_never_folder, parts[:-1])):
        return "a key below a name that is a file's"
    return None


def is_never_folder(name: str) -> bool:
    """Whether no key below this name is collected, since it ends as a file's does, in whatever case."""
    return name.casefold().endswith(_FILES)


def path_of(key: str) -> str | None:
    """Where an object lies; None for a misfit().

    One that would be taken for the metadata of another gets another ending, and so does one without an ending: its name may be that
    of a day's folder.
    """
    if misfit(key) is not None:
        return None
    return f"{key}.object" if is_sidecar(key) or "." not in key.rpartition("/")[2] else key


def version_path_of(key: str, version_id: str) -> str | None:
    """Where an older version lies: apart from the evidence, and with an ending that no log file has."""
    path = path_of(key)
    if path is None:
        return None
    above, _, name = path.rpartition("/")
    ending = f".{quote(version_id, safe='')}.version"
    whole = f"versions/{above}/{name}{ending}"
    return whole if len(name.encode()) + len(ending) <= _LONGEST_NAME else None
