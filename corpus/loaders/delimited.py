"""CSV and TSV files.

In: a text file of delimited rows, in any common encoding; a line such as Excel's ``sep=;`` may
name the delimiter, else it is the one of ``; , tab |`` that cuts most rows into the same number of
fields. Out: one document, a table whose first row is its header where it reads like one. Each cell
has the line it begins in and its cell name as a spreadsheet would show it. What can fail: see
:mod:`corpus.loaders.decode`; a field larger than ``LONGEST_FIELD``.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from base.errors import UsageError
from corpus.loaded import Block, LoadedDocument, Place, table_row, text_block
from corpus.loaders.cells import cell_name, is_header
from corpus.loaders.decode import read_text

LONGEST_FIELD = 10_000_000
_DELIMITERS = ";,\t|"
_SAMPLE_ROWS = 50


class DelimitedLoader:
    """Loads comma, semicolon and tab separated values."""

    media_types = ("text/csv", "text/tab-separated-values")
    suffixes = (".csv", ".tsv", ".tab")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        text = read_text(path).text
        named, first_line, body = _named_delimiter(text)
        delimiter = named or delimiter_of(body)
        try:
            blocks = tuple(_blocks(body, delimiter, first_line))
        except csv.Error as error:
            raise UsageError(
                f"The table '{path}' cannot be read ({error}); save it again as CSV."
            ) from None
        if not blocks:
            raise UsageError(f"The table '{path}' has no cell with text; leave it out.")
        kind = "text/tab-separated-values" if delimiter == "\t" else "text/csv"
        return [LoadedDocument(blocks=blocks, media_type=kind)]


def delimiter_of(text: str) -> str:
    """The delimiter that cuts most of the first rows into the same number of fields."""
    lines = [line for line in text[:200_000].split("\n")[: 2 * _SAMPLE_ROWS] if line.strip()]

    def rank(delimiter: str) -> tuple[float, int]:
        rows = list(csv.reader(lines[:_SAMPLE_ROWS], delimiter=delimiter))
        widths = Counter(len(row) for row in rows)
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        return (count / max(1, len(rows)) if width > 1 else 0.0, width)

    csv.field_size_limit(LONGEST_FIELD)
    return max(_DELIMITERS, key=rank)


def _named_delimiter(text: str) -> tuple[str, int, str]:
    first, _, rest = text.partition("\n")
    name = first.strip().strip('"').lower()
    if name.startswith("sep=") and len(name) == 5:
        return name[4], 2, rest
    return "", 1, text


def _blocks(text: str, delimiter: str, first_line: int) -> Iterator[Block]:
    csv.field_size_limit(LONGEST_FIELD)
    lines = [line + "\n" for line in text.split("\n")]
    rows, starts = [], []
    reader = csv.reader(lines, delimiter=delimiter)
    begins = 0
    for row in reader:
        rows.append(row)
        starts.append(begins)
        begins = reader.line_num
    width = max((len(row) for row in rows), default=0)
    has_header = False
    for number, (row, start) in enumerate(zip(rows, starts, strict=True)):
        padded = [*row, *[""] * (width - len(row))]
        if len(row) == 1 and width > 2 and row[0].strip():
            # A title or a note above, between or below the rows.
            place = Place(line=first_line + start, cell=cell_name(0, number + first_line - 1))
            yield text_block(row[0], place=place)
            continue
        places = [
            Place(line=first_line + start, cell=cell_name(column, number + first_line - 1))
            for column in range(width)
        ]
        header = not has_header and is_header(padded, rows[number + 1 :])
        has_header = True
        built = table_row(padded, places, header=header, table=1)
        if built is not None:
            yield built
