"""Rich text files (RTF).

In: a file. Out: one document: its paragraphs, and rows of its tables, as striprtf finds them.
What can fail, as UsageError: a file that is no RTF or has no text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from base.errors import UsageError
from corpus.loaded import Block, LoadedDocument, Run, table_row
from corpus.loaders.cells import is_header
from corpus.loaders.decode import read_bytes
from corpus.loaders.pieces import block_of


class RtfLoader:
    """Loads rich text."""

    media_types = ("application/rtf",)
    suffixes = (".rtf",)

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        from striprtf.striprtf import rtf_to_text

        raw = read_bytes(path).decode("latin-1")
        try:
            text = rtf_to_text(raw, errors="replace")
        except (ValueError, LookupError, IndexError, TypeError) as error:
            raise UsageError(
                f"The rich text file '{path}' is damaged ({error}); save it again."
            ) from None
        blocks = tuple(_blocks(text))
        if not blocks:
            raise UsageError(f"The rich text file '{path}' has no text; leave it out.")
        return [LoadedDocument(blocks=blocks, media_type=self.media_types[0])]


def _blocks(text: str) -> Iterator[Block]:
    """striprtf ends each cell with "|" and each paragraph or row with a line end."""
    lines = text.replace("\r\n", "\n").split("\n")
    table, last_width = 0, 0
    for number, line in enumerate(lines):
        is_row = line.endswith("|") and line.count("|") > 1
        width = line.count("|") if is_row else 0
        if is_row:
            cells = line[:-1].split("|")
            is_first = width != last_width
            table += is_first
            below = [other[:-1].split("|") for other in lines[number + 1 : number + 20]]
            header = is_first and is_header(cells, [row for row in below if len(row) == width])
            row = table_row(cells, header=header, table=table)
            if row is not None:
                yield row
        else:
            block = block_of("paragraph", [Run(line)])
            if block is not None:
                yield block
        last_width = width
