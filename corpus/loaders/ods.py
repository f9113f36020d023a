"""OpenDocument spreadsheets (ODS).

In: a file. Out: one document, as for Excel workbooks (:mod:`corpus.loaders.xlsx`); the file
itself has each cell's text as it is shown. What can fail, as UsageError: a damaged or encrypted
file, one without a filled cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from base.errors import UsageError
from corpus.loaded import LoadedDocument
from corpus.loaders.grid import Cell, Sheet, sheet_blocks
from corpus.loaders.opendocument import attribute_of, meta_of, tag_of
from corpus.loaders.package import package, part_of, xml_of

_MOST_REPEATED = 1000
_HREF = "{http://www.w3.org/1999/xlink}href"


class OdsLoader:
    """Loads OpenDocument spreadsheets."""

    media_types = ("application/vnd.oasis.opendocument.spreadsheet",)
    suffixes = (".ods", ".ots")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        with package(path) as archive:
            if b"encryption-data" in part_of(archive, "META-INF/manifest.xml", path):
                raise UsageError(f"The file '{path}' is encrypted; save it without a password.")
            content = xml_of(part_of(archive, "content.xml", path), path)
            facts = meta_of(archive, path)
        hidden = {
            attribute_of(style, "name")
            for style in content.iter()
            if tag_of(style) == "style"
            and any(attribute_of(part, "display") == "false" for part in style)
        }
        sheets = [_sheet(table, hidden) for table in content.iter() if _is_sheet(table)]
        blocks = tuple(sheet_blocks(sheets))
        if not blocks:
            raise UsageError(f"The workbook '{path}' has no filled cell; leave it out.")
        return [LoadedDocument(blocks=blocks, media_type=self.media_types[0], **facts)]


def _is_sheet(element: Any) -> bool:
    return tag_of(element) == "table" and tag_of(element.getparent()) == "spreadsheet"


def _sheet(table: Any, hidden: set[str]) -> Sheet:
    rows: list[list[Cell]] = []
    for row in table.iter():
        if tag_of(row) != "table-row":
            continue
        is_hidden = attribute_of(row, "visibility") in {"collapse", "filter"}
        cells = _cells(row, is_hidden)
        filled = any(cell.text or cell.note for cell in cells)
        # A sheet's last row is "repeated" to its full height.
        times = _count(attribute_of(row, "number-rows-repeated"), filled)
        rows += [cells] * times
    return Sheet(
        attribute_of(table, "name"), rows, hidden=attribute_of(table, "style-name") in hidden
    )


def _cells(row: Any, is_hidden: bool) -> list[Cell]:
    cells: list[Cell] = []
    for element in row:
        if tag_of(element) not in {"table-cell", "covered-table-cell"}:
            continue
        text = "\n".join(_text(part) for part in element if tag_of(part) == "p").strip()
        notes = [part for part in element if tag_of(part) == "annotation"]
        note = "\n".join(_text(part) for part in notes for part in part if tag_of(part) == "p")
        links = [part.get(_HREF, "") for part in element.iter() if tag_of(part) == "a"]
        cell = Cell(text, address=links[0] if links else "", note=note.strip(), hidden=is_hidden)
        cells += [cell] * _count(attribute_of(element, "number-columns-repeated"), bool(text))
    while cells and not (cells[-1].text or cells[-1].note):
        cells.pop()
    return cells


def _text(paragraph: Any) -> str:
    pieces = [paragraph.text or ""]
    for part in paragraph.iter():
        if part is paragraph:
            continue
        tag = tag_of(part)
        pieces += [" "] * (tag == "s") + ["\t"] * (tag == "tab") + ["\n"] * (tag == "line-break")
        pieces += [part.text or "", part.tail or ""]
    return "".join(pieces)


def _count(written: str, filled: bool) -> int:
    count = int(written) if written.isascii() and written.isdigit() and len(written) < 9 else 1
    return min(count, _MOST_REPEATED if filled else 50)
