"""What a made file is, before it has a format.

In: text in a small markup. Out: its pieces, in order: headings ("# ", "## "), items ("- ", "1. "),
rows of tables ("| a | b |", the first of which is the header), paragraphs of wrapped lines parted
by blank lines, where " \\" at a line's end keeps the break. Nothing can fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ITEM = re.compile(r"(?:-|([0-9]+)\.) ")


@dataclass(frozen=True)
class FolderFile:
    """A file to be written; what its suffix does not say stands in the fields."""

    path: str
    """Within the folder of documents, with "/" between folders."""
    text: str
    """In the markup; of CSV, TSV, JSON, code, logs, plain text and Markdown as it is written."""
    language: str = "de"
    """Of the text: "de" or "en"."""
    date: str = "2025-01-15"
    """When it was last saved."""
    columns: int = 1
    """Of a PDF's page."""
    is_scanned: bool = False
    """Whether a PDF holds pictures of its pages and no text."""
    running: str = ""
    """What stands at the top of each page, or in the navigation of a web page."""
    inner: tuple[FolderFile, ...] = field(default=())
    """Attachments of a mail, messages of a mailbox, files of an archive."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The suffix of the name in lower case, with its dot."""
        return "." + self.path.rpartition(".")[2].lower()


@dataclass(frozen=True)
class Heading:
    """A heading; ``level`` 1 is the title."""

    text: str
    level: int


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; its lines are those that the text asks for."""

    text: str


@dataclass(frozen=True)
class Item:
    """An item of a list; ``mark`` is "-" or a number with its dot."""

    text: str
    mark: str


@dataclass(frozen=True)
class Table:
    """A table; the first row is its header."""

    rows: tuple[tuple[str, ...], ...]


TextPiece = Heading | Paragraph | Item | Table


def pieces(text: str) -> Iterator[TextPiece]:
    """The pieces of ``text`` in order."""
    for chunk in re.split(r"\n\s*\n", text.strip()):
        yield from _of_chunk(chunk.split("\n"))


def _of_chunk(lines: list[str]) -> Iterator[TextPiece]:
    """The pieces of lines that no blank line parts."""
    if lines[0].startswith("|"):
        yield Table(tuple(_cells(line) for line in lines))
        return
    if lines[0].startswith("#"):
        marks, _, words = lines[0].partition(" ")
        yield Heading(words, len(marks))
        lines = lines[1:]
    waiting: list[str] = []
    is_list = bool(lines) and _ITEM.match(lines[0]) is not None
    numbers = 0
    for line in lines:
        item = _ITEM.match(line) if is_list else None
        # A line that begins with a date ("14. Mai") goes on with the item before it.
        if item and item[1] and numbers and int(item[1]) != numbers + 1:
            item = None
        if item:
            numbers = int(item[1] or 0)
            if waiting:
                yield _whole(waiting, is_list)
                waiting = []
        waiting.append(line.strip())
    if waiting:
        yield _whole(waiting, is_list)


def _whole(lines: list[str], is_item: bool) -> TextPiece:
    text = " ".join(lines).replace(" \\ ", "\n").removesuffix(" \\")
    if is_item:
        mark, _, words = text.partition(" ")
        return Item(words, mark)
    return Paragraph(text)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(
        cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")
    )


@dataclass(frozen=True)
class Section:
    """A second-level heading and what stands below it: a slide, a sheet, a chapter."""

    title: str
    pieces: tuple[TextPiece, ...]


def sections(text: str) -> tuple[str, list[Section]]:
    """The title of ``text``, empty without one, and its sections; what precedes them is first."""
    title, heading = "", ""
    found: list[Section] = []
    held: list[TextPiece] = []
    for piece in pieces(text):
        if isinstance(piece, Heading) and piece.level == 1:
            title = piece.text
        elif isinstance(piece, Heading) and piece.level == 2:
            if held or heading:
                found.append(Section(heading, tuple(held)))
            heading, held = piece.text, []
        else:
            held.append(piece)
    if held or heading:
        found.append(Section(heading, tuple(held)))
    return title, found
