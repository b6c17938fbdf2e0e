"""Write the samples anew, byte for byte the same: data/samples/<name>, and recorded accounts, data/accounts/<name>.

With --check, only say whether they are.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cttoolkit.configuration import Recorder
from cttoolkit.posture import audit
from cttoolkit.training.account import ACCOUNTS
from cttoolkit.training.worlds import SCENARIOS, write_sample

DATA = Path(__file__).parent.parent / "data"
PLACE, RECORDED = DATA / "samples", DATA / "accounts"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but those that are written by hand: stories, and the truth of an account."""
    by_hand = {folder / "README.md"} | ({folder / "truth.json"} if (folder / "configuration").is_dir() else set())
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path not in by_hand)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def write_account(name: str, folder: Path) -> None:
    """All that an audit asks of an account, with its answers."""
    audit(Recorder(ACCOUNTS[name](), folder))


def clear(folder: Path) -> None:
    """Remove all that a world writes."""
    for name in contents(folder):
        (folder / name).unlink()


def differences(name: str, place: Path, write: Callable[[str, Path], object]) -> list[str]:
    """Files of a sample that are not what its world writes."""
    with tempfile.TemporaryDirectory() as folder:
        write(name, Path(folder))
        fresh, kept = contents(Path(folder)), contents(place / name)
    return sorted(file for file in fresh.keys() | kept.keys() if fresh.get(file) != kept.get(file))


def main() -> int:
    """Write, or compare."""
    kinds = ((PLACE, SCENARIOS, write_sample), (RECORDED, ACCOUNTS, write_account))
    wrong = 0
    for place, names, write in kinds:
        for name in names:
            if "--check" in sys.argv:
                for file in differences(name, place, write):
                    print(
                        f"data/{place.name}/{name}/{file}: not what is written anew; run make samples", file=sys.stderr
                    )
                    wrong = 1
            else:
                clear(place / name)
                write(name, place / name)
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
