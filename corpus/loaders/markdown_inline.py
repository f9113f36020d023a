"""The text within a block of Markdown: runs with their lines.

In: an inline token of markdown-it-py. Out: runs (:class:`corpus.loaded.Run`), whether the block is
a footnote's text, and the comments in it. Nothing can fail.

A raised number is a footnote's mark where a paragraph of the document begins with the same raised
number, else an exponent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpus.loaded import Place, Run, Style, link_runs, struck, subscript, superscript
from corpus.loaders.html_tokens import HtmlToken, tokenise_html

if TYPE_CHECKING:
    from markdown_it.token import Token

_NOTE = re.compile(r"\[\^[\w-]{1,40}\]")
_RAISED_NOTE = re.compile(r"\s{0,3}<sup>\s{0,3}(?P<mark>[\w*†‡)]{1,6})\s{0,3}</sup>", re.IGNORECASE)
_DEFINES = re.compile(r"\[\^[\w-]{1,40}\]:")
_STRUCK = ("s", "del", "strike")


def note_marks(found: Sequence[Token]) -> frozenset[str]:
    """The raised marks with which paragraphs begin."""
    starts = (_RAISED_NOTE.match(token.content) for token in found if token.type == "inline")
    return frozenset(start["mark"] for start in starts if start)


class InlineRuns:
    """Makes runs of inline tokens of one document."""

    def __init__(self, notes: frozenset[str]) -> None:
        self._notes = notes
        self._runs: list[Run] = []
        self._hidden: list[str] = []
        self._styles: list[str] = []
        self._raised: list[str] | None = None
        self._links: list[tuple[str, int]] = []
        self._line = 0

    def runs(self, token: Token, line: int) -> tuple[tuple[Run, ...], bool, list[str]]:
        """The runs of ``token``, which begins in ``line``; is it a footnote; its comments."""
        self._runs, self._hidden, self._styles, self._links = [], [], [], []
        self._raised, self._line = None, line
        for child in token.children or []:
            self._take(child)
        self._close_raised("sup")
        is_note = bool(_RAISED_NOTE.match(token.content) or _DEFINES.match(token.content))
        return _trimmed(self._runs), is_note, self._hidden

    def _take(self, child: Token) -> None:
        kind = child.type
        if kind in ("text", "text_special"):
            is_plain = "<" not in child.content
            for token in [_plain(child.content)] if is_plain else tokenise_html(child.content):
                self._take_html(token)
        elif kind == "code_inline":
            self._add(child.content)
        elif kind == "softbreak":
            # A word may be broken here; elsewhere the line's end means nothing.
            broken = bool(self._runs) and self._runs[-1].text.endswith(("-", "\u00ad", "\u2010"))
            self._break("\n" if broken else " ")
            self._line += 1
        elif kind == "hardbreak":
            self._break("\n")
            self._line += 1
        elif kind == "image":
            self._runs.extend(
                link_runs(child.content, str(child.attrs.get("src", "")), self._place())
            )
        elif kind == "link_open":
            self._links.append((str(child.attrs.get("href", "")), len(self._runs)))
        elif kind == "link_close":
            self._close_link()
        elif kind == "s_open":
            self._styles.append("s")
        elif kind == "s_close":
            self._styles.remove("s")

    def _take_html(self, token: HtmlToken) -> None:
        name = token.text
        if token.kind == "text":
            self._add(name)
        elif token.kind == "comment":
            if name.strip():
                self._hidden.append(name.strip())
        elif name == "br":
            self._break("\n")
        elif name == "img":
            self._runs.extend(
                link_runs(token.attribute("alt"), token.attribute("src"), self._place())
            )
        elif token.kind == "open":
            self._open_html(token)
        elif name in ("sup", "sub"):
            self._close_raised(name)
        elif name in _STRUCK and name in self._styles:
            self._styles.remove(name)
        elif name == "a" and self._links:
            self._close_link()

    def _open_html(self, token: HtmlToken) -> None:
        if token.text in ("sup", "sub"):
            self._raised = []
        elif token.text in _STRUCK:
            self._styles.append(token.text)
        elif token.text == "a":
            self._links.append((token.attribute("href"), len(self._runs)))

    def _close_raised(self, name: str) -> None:
        if self._raised is None:
            return
        text, self._raised = "".join(self._raised).strip(), None
        if name == "sup" and text in self._notes:
            self._put(f"[{text}]", "note")
        elif text:
            self._add(superscript(text) if name == "sup" else subscript(text))

    def _close_link(self) -> None:
        address, first = self._links.pop()
        words = "".join(run.text for run in self._runs[first:])
        if words.startswith("^"):
            # A footnote whose text is one word reads like the definition of a link.
            self._runs[first:] = [Run(f"[{words}]", self._place(), style="note")]
            return
        self._runs.extend(link_runs(words, address, self._place())[1 if words else 0 :])

    def _break(self, text: str) -> None:
        """Part what stands before and behind; a break in the text need be none in the file."""
        self._runs.append(Run(text))

    def _add(self, text: str) -> None:
        if self._raised is not None:
            self._raised.append(text)
            return
        if self._styles:
            self._put(struck(text), "struck")
            return
        for piece, kind in _with_notes(text):
            self._put(piece, kind)

    def _put(self, text: str, style: Style) -> None:
        if text:
            self._runs.append(Run(text, self._place(), style=style))

    def _place(self) -> Place:
        return Place(line=self._line)


def _plain(text: str) -> HtmlToken:
    return HtmlToken("text", text, text)


def _with_notes(text: str) -> Iterator[tuple[str, Style]]:
    at = 0
    for match in _NOTE.finditer(text):
        yield text[at : match.start()], ""
        yield match[0], "note"
        at = match.end()
    yield text[at:], ""


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    """``runs`` without white space at both ends."""
    kept = [run for run in runs if run.text]
    while kept and not kept[0].text.strip():
        kept.pop(0)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[0] = Run(kept[0].text.lstrip(), kept[0].place, style=kept[0].style)
        kept[-1] = Run(kept[-1].text.rstrip(), kept[-1].place, style=kept[-1].style)
    return tuple(kept)
