"""Plain text files.

In: a file in any common encoding, with or without front matter. Out: one
:class:`~corpus.loaded.LoadedDocument`, each run with its line. What can fail: see
:mod:`corpus.loaders.decode`.

The text stays as it is but for its order: columns that stand side by side, and the running
headers of pages that interrupt a paragraph, are put in reading order by
:mod:`corpus.reading_order`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from corpus.loaded import Block, LoadedDocument, Place, Run
from corpus.loaders.decode import read_text
from corpus.loaders.frontmatter import split_front_matter
from corpus.loaders.stated import stated_fields
from corpus.reading_order import TextLine, ordered_lines
from corpus.regions import plain_regions


class TextLoader:
    """Loads plain text."""

    media_types = ("text/plain",)
    suffixes = (".txt", ".text", ".log")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """Return the document in the file at ``path``."""
        decoded = read_text(path)
        matter = split_front_matter(decoded.text)
        lines = ordered_lines(matter.body)
        return [
            LoadedDocument(
                blocks=tuple(_blocks(lines, matter.lines)),
                media_type="text/plain",
                **stated_fields(matter, decoded.warnings),
            )
        ]


def _blocks(lines: Sequence[TextLine], above: int) -> Iterator[Block]:
    """The blocks of ``lines``, above which the file has ``above`` more."""
    text = "\n".join(line.text for line in lines)
    placed = _PlacedText(text, lines, above)
    last = 0
    for region in plain_regions(text):
        yield Block(
            role=region.role,
            runs=tuple(placed.runs(region.start, region.end)),
            level=region.level,
            table=region.table,
            cells=tuple((start - region.start, end - region.start) for start, end in region.cells),
            reason=region.reason,
            before=text[last : region.start],
        )
        last = region.end


class _PlacedText:
    """A text made of lines that know where they come from."""

    def __init__(self, text: str, lines: Sequence[TextLine], above: int) -> None:
        self._text = text
        self._lines = lines
        self._above = above
        widths = (len(line.text) + 1 for line in lines)
        self._starts = list(accumulate(widths, initial=0))

    def runs(self, start: int, end: int) -> Iterator[Run]:
        """``text[start:end]`` in runs of lines that follow one another in the file."""
        at = bisect_right(self._starts, start) - 1
        while start < end:
            last = at
            while self._starts[last + 1] < end and self._follows(last):
                last += 1
            stop = min(end, self._starts[last + 1])
            place = Place(line=self._lines[at].number + self._above, page=self._lines[at].page)
            yield Run(self._text[start:stop], place)
            start, at = stop, last + 1

    def _follows(self, at: int) -> bool:
        line, behind = self._lines[at], self._lines[at + 1]
        return (behind.number, behind.page) == (line.number + 1, line.page)
