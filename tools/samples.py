"""Write the samples anew, byte for byte the same: data/samples/<name>. With --check, only say whether they are."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from cttoolkit.training.worlds import SCENARIOS, write_sample

PLACE = Path(__file__).parent.parent / "data" / "samples"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the story, which is written by hand."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "README.md")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def clear(folder: Path) -> None:
    """Remove all that a world writes."""
    for name in contents(folder):
        (folder / name).unlink()


def differences(name: str) -> list[str]:
    """Files of a sample that are not what its world writes."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(name, folder)
        fresh, kept = contents(Path(folder)), contents(PLACE / name)
    return sorted(file for file in fresh.keys() | kept.keys() if fresh.get(file) != kept.get(file))


def main() -> int:
    if "--check" not in sys.argv:
        for name in SCENARIOS:
            clear(PLACE / name)
            write_sample(name, PLACE / name)
        return 0
    different = {name: differences(name) for name in SCENARIOS}
    for name, files in different.items():
        for file in files:
            print(f"data/samples/{name}/{file}: not what the world writes; run make samples", file=sys.stderr)
    return int(any(different.values()))


if __name__ == "__main__":
    raise SystemExit(main())
