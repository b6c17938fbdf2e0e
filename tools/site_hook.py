"""What mkdocs is told of pages that no file under docs/ holds, and of links that lead out of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from sitepages import commands, names, notebook, places

_outputs: dict[str, list[str]] = {}
_PICTURED = re.compile(r"^<!-- picture: (\S+) from (\S+) -->$", re.MULTILINE)
_INCLUDED = re.compile(r"^<!-- from (README\.md): (.+) -->$", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Every playbook, sample, decision and page of the API has its place in the navigation."""
    _group(config.nav, "Playbooks")[1:1] = [f"playbooks/{path.stem}.md" for path in places.playbooks()]
    _group(config.nav, "Worlds").extend(f"samples/{path.parent.name}.md" for path in places.samples())
    _group(config.nav, "Decisions")[1:1] = [f"decisions/{path.name}" for path in places.decisions()]
    _group(config.nav, "API").extend(f"api/{name}" for name in names.pages() if name != "index.md")
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    made: dict[str, str | bytes] = {"commands.md": commands.page()}
    made |= {f"api/{name}": text for name, text in names.pages().items()}
    for path in places.playbooks():
        page = f"playbooks/{path.stem}.md"
        text, _outputs[page] = notebook.page(path)
        made[page] = places.relinked(text, f"notebooks/{path.name}", page)
    for origin in (
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        *(f"data/samples/{one.parent.name}/README.md" for one in places.samples()),
    ):
        page = places.page_of(origin) or ""
        made[page] = places.relinked((places.ROOT / origin).read_text(), origin, page)
    made["playbooks/index.md"] = _map_of_playbooks()
    made |= {_picture(*found): notebook.picture(places.ROOT / found[1], found[0]) for found in _pictured()}
    for page, content in made.items():
        files.append(File.generated(config, page, content=content))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    source = page.file.src_uri
    if page.file.generated_by:
        return markdown
    text = places.relinked(markdown, f"docs/{source}", source)
    text = _PICTURED.sub(lambda found: f"![What {found[1]}…) drew in a playbook]({_picture(found[1], found[2])})", text)
    readme = (places.ROOT / "README.md").read_text()
    return _INCLUDED.sub(lambda found: places.relinked(places.section(readme, found[2]), found[1], source), text)


def on_page_content(html: str, *, page: Page, **_: object) -> str:
    for number, output in enumerate(_outputs.get(page.file.src_uri, [])):
        html = html.replace(notebook.slot(number), output, 1)
    return html


def _pictured() -> list[tuple[str, str]]:
    """Call and notebook of each picture that the first page takes from a playbook."""
    return _PICTURED.findall((places.ROOT / "docs" / "index.md").read_text())


def _picture(call: str, origin: str) -> str:
    return f"pictures/{Path(origin).stem}-{call.rpartition('.')[2].strip('(')}.png"


def _map_of_playbooks() -> str:
    readme = (places.ROOT / "notebooks" / "README.md").read_text()
    rows = ""
    for path in places.playbooks():
        title = nbformat.read(path, as_version=4).cells[0].source.partition("\n")[0]
        number, _, question = title.removeprefix("# ").partition(": ")
        rows += f"| {number} | [{question}]({path.stem}.md) |\n"
    text = places.relinked(readme, "notebooks/README.md", "playbooks/index.md")
    return f"{text}\n## The questions\n\n| | |\n|---|---|\n{rows}"


def _group(nav: Any, title: str) -> list[Any]:
    """The list of pages under a title, wherever in the navigation it stands."""
    for entry in nav:
        for name, inside in entry.items() if isinstance(entry, dict) else ():
            if name == title:
                return inside  # type: ignore[no-any-return]
            if isinstance(inside, list):
                try:
                    return _group(inside, title)
                except KeyError:
                    continue
    raise KeyError(title)
