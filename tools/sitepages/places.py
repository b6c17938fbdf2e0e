"""Where files of the repository stand in the site, so that links between them hold there too."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_LINK = re.compile(r"\[([^\[\]]*)\]\((?!https?:|mailto:|#|data:)([^()#\s]+)(#[^()\s]+)?\)")
_SHOWN = {
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.md": "index.md",
    "notebooks/README.md": "playbooks/index.md",
}


def playbooks() -> list[Path]:
    return sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))


def samples() -> list[Path]:
    return sorted((ROOT / "data" / "samples").glob("*/README.md"))


def decisions() -> list[Path]:
    return sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def page_of(path: str) -> str | None:
    """The page that shows a file, given from the root of the repository; None where none does."""
    if path in _SHOWN:
        return _SHOWN[path]
    place = Path(path)
    if place.parts[:1] == ("docs",):
        return place.relative_to("docs").as_posix()
    if place.suffix == ".ipynb" and place.parent.as_posix() == "notebooks":
        return f"playbooks/{place.stem}.md"
    if place.parts[:2] == ("data", "samples") and len(place.parts) > 2:
        return f"samples/{place.parts[2]}.md"
    return None


def relinked(text: str, origin: str, page: str) -> str:
    """Markdown whose links, written as seen from ``origin``, lead from the page that shows it to the pages that show their targets.

    What the repository has and the site has not keeps its words and loses its link. A link to nothing stays, for the build to complain of.
    """

    def led(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), target))
        shown = page_of(path)
        if shown is not None:
            return f"[{words}]({posixpath.relpath(shown, posixpath.dirname(page) or '.')}{anchor})"
        return words if (ROOT / path).exists() else found[0]

    return _LINK.sub(led, text)


def section(text: str, heading: str) -> str:
    """One section of a page by its heading of the second level, with it. KeyError where there is none."""
    found = re.search(rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise KeyError(heading)
    return found[0].rstrip() + "\n"
