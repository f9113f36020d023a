"""Markdown files.

In: a Markdown file, with or without front matter. Out: a document whose text is the rendered
content as plain lines: each heading, paragraph, list item ("- ", "1. "), table row (cells set
apart by " | ") and code line is a line, with a blank line between blocks. Marks, links'
addresses, images and HTML tags are left out, so that a quote reads as the page does. What can
fail: see :mod:`corpus.loaders.decode`, :mod:`corpus.loaders.frontmatter` and
:mod:`corpus.loaders.assemble`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.document import Document
from corpus.loaders.assemble import assemble
from corpus.loaders.decode import read_text
from corpus.loaders.frontmatter import split_front_matter

if TYPE_CHECKING:
    from markdown_it.token import Token

_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)


class MarkdownLoader:
    """Loads Markdown."""

    suffixes = (".md", ".markdown")

    def load(self, path: Path) -> Document:
        """Return the document in the file at ``path``."""
        fields, body = split_front_matter(read_text(path), path)
        text, heading = render(body)
        return assemble(path, text, fields, heading)


def render(markdown: str) -> tuple[str, str | None]:
    """Return Markdown as plain text, and its first heading."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    renderer = _Renderer()
    for token in tokens:
        renderer.take(token)
    return "\n".join(renderer.lines).strip("\n"), renderer.heading


class _Renderer:
    """Turns block tokens into lines, one call of ``take`` after the other."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.heading: str | None = None
        self._lists: list[int | None] = []  # next number of each open list, None for bullets
        self._mark = ""
        self._row: list[str] | None = None
        self._in_heading = False

    def take(self, token: Token) -> None:
        kind = token.type
        if kind in {"bullet_list_open", "ordered_list_open"}:
            first = int(token.attrs.get("start", 1)) if kind == "ordered_list_open" else None
            self._lists.append(first)
        elif kind in {"bullet_list_close", "ordered_list_close"}:
            self._lists.pop()
        elif kind == "list_item_open":
            self._open_item()
        elif kind in {"heading_open", "heading_close"}:
            self._in_heading = kind == "heading_open"
        elif kind == "tr_open":
            self._row = []
        elif kind == "tr_close":
            self.lines.append(" | ".join(cell for cell in self._row or [] if cell))
            self._row = None
        elif kind == "inline":
            self._inline(_text_of(token))
        elif kind in {"fence", "code_block"}:
            self._block(token.content.rstrip("\n"))
        elif kind == "html_block":
            self._block(_TAG.sub("", token.content).strip())
        if token.level == 0 and token.nesting <= 0 and self.lines and self.lines[-1]:
            self.lines.append("")

    def _open_item(self) -> None:
        number = self._lists[-1]
        self._mark = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _inline(self, text: str) -> None:
        if self._row is not None:
            self._row.append(text.replace("\n", " "))
            return
        if self._in_heading and self.heading is None:
            self.heading = text or None
        self._block(text)

    def _block(self, text: str) -> None:
        if text:
            indent = "  " * (len(self._lists) - 1)
            self.lines.extend((indent + self._mark + text).split("\n"))
            self._mark = ""


def _text_of(inline: Token) -> str:
    parts: list[str] = []
    for child in inline.children or []:
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
    return "".join(parts).strip()
