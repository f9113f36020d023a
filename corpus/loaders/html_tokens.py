"""HTML as tokens, as it stands within Markdown.

In: a piece of HTML, whole or torn. Out: its text, tags and comments in order; joined they are the
piece. Nothing can fail: a "<" that begins nothing is text, what is never closed ends with the
piece. Every step looks at a character a bounded number of times, so that no input takes more than
linear time (a parser with regular expressions of its own does not promise that).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_NAME = re.compile(r"</?(?P<name>[a-zA-Z][a-zA-Z0-9-]{0,40})")
_ATTRIBUTE = re.compile(
    r"(?P<name>[a-zA-Z][a-zA-Z0-9:_-]{0,40})[ \t\n]{0,9}=[ \t\n]{0,9}"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]+))"
)
_LONGEST_TAG = 4000


@dataclass(frozen=True)
class HtmlToken:
    """A piece of HTML."""

    kind: Literal["text", "open", "close", "comment"]
    """What it is."""
    text: str
    """Of text its characters, of a comment its content, of a tag its name in lower case."""
    source: str
    """As it stands in the HTML."""

    def attribute(self, name: str) -> str:
        """The value of an attribute of a tag; empty if it has none of that name."""
        for match in _ATTRIBUTE.finditer(self.source[:_LONGEST_TAG]):
            if match["name"].lower() == name:
                value = match["double"] or match["single"] or match["bare"] or ""
                return html.unescape(value)
        return ""


def tokenise_html(source: str) -> Iterator[HtmlToken]:
    """The tokens of ``source``."""
    at = 0
    no_comment_end_behind = len(source)
    while at < len(source):
        opening = source.find("<", at)
        if opening < 0:
            break
        if source.startswith("<!--", opening) and opening < no_comment_end_behind:
            end = source.find("-->", opening + 4)
            if end < 0:
                # There is none behind any later "<!--" either: nobody has to look again.
                no_comment_end_behind = opening
                end = len(source)
            yield from _text(source[at:opening])
            stop = min(len(source), end + 3)
            yield HtmlToken("comment", source[opening + 4 : end], source[opening:stop])
            at = stop
            continue
        tag = _tag(source, opening)
        stop = opening + (len(tag.source) if tag else 1)
        yield from _text(source[at:opening] if tag else source[at:stop])
        if tag:
            yield tag
        at = stop
    yield from _text(source[at:])


def _text(source: str) -> Iterator[HtmlToken]:
    if source:
        yield HtmlToken("text", html.unescape(source), source)


def _tag(source: str, opening: int) -> HtmlToken | None:
    """The tag that begins at ``opening``; None if none does."""
    name = _NAME.match(source, opening)
    if name is None:
        return None
    end = source.find(">", name.end(), opening + _LONGEST_TAG)
    if end < 0:
        return None
    whole = source[opening : end + 1]
    # A ">" within quotation marks belongs to an attribute.
    while whole.count('"') % 2 and (end := source.find(">", end + 1, opening + _LONGEST_TAG)) > 0:
        whole = source[opening : end + 1]
    kind: Literal["open", "close"] = "close" if whole.startswith("</") else "open"
    return HtmlToken(kind, name["name"].lower(), whole)
