"""Strangers' text in Markdown: shown as it is, and taken for no markup by any common renderer."""

from __future__ import annotations

import re

from cttoolkit.text import shortened

__all__ = ["inert"]

_LONGEST = 2000
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~$^=@])")
# What makes an address a link without being asked to, in GitHub's flavour and its kin.
_LINKS = re.compile(r"(?i)(https?|ftp|mailto|xmpp|data|javascript|file)(:)|(www)(\.)")
_OPENING = re.compile(r"^(\d+)([.)])|^([-:])")


def inert(value: object, longest: int = _LONGEST) -> str:
    """Text for one line of Markdown, outside of code."""
    text = shortened(value, longest).strip()
    text = _MARKUP.sub(r"\\\1", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _LINKS.sub(lambda found: "\\".join(part for part in found.groups() if part), text)
    return _OPENING.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", text)
