"""Excel workbooks (XLSX, XLSM).

In: a file. Out: one document: each sheet a heading, each of its areas of filled cells a table (or
a line of text, where a row of an area has one cell), comments of cells as footnotes, hidden
sheets, rows and columns as hidden. Each cell has its sheet and name as its place, and stands as
it is shown: dates, percentages and currencies by the cell's format, decimals with the comma where
the workbook is German. A formula that was never calculated stands as the formula. What can fail,
as UsageError: a damaged or encrypted file, one without a filled cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from base.errors import UsageError
from corpus.loaded import LoadedDocument
from corpus.loaders.grid import Cell, Sheet, sheet_blocks
from corpus.loaders.numbers_shown import shown
from corpus.loaders.office import properties
from corpus.loaders.package import package

_SAMPLE = 4000


class XlsxLoader:
    """Loads Excel workbooks."""

    media_types = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",)
    suffixes = (".xlsx", ".xlsm", ".xltx")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        with package(path) as archive:
            facts = properties(archive, path)
        workbook = _open(path, values=True)
        formulas = _open(path, values=False) if _lacks_values(path) else None
        comma = _is_german(workbook)
        sheets = [
            _sheet(sheet, comma, formulas[sheet.title] if formulas else None)
            for sheet in workbook.worksheets
        ]
        blocks = tuple(sheet_blocks(sheets))
        if not blocks:
            raise UsageError(f"The workbook '{path}' has no filled cell; leave it out.")
        return [LoadedDocument(blocks=blocks, media_type=self.media_types[0], **facts)]


def _open(path: Path, *, values: bool) -> Any:
    import warnings
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            # It tells of extensions and styles that it does not keep; only reading matters here.
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(path, data_only=values)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError,
            AttributeError, SyntaxError) as error:  # fmt: skip
        raise UsageError(
            f"The workbook '{path}' is damaged ({error}); open and save it again."
        ) from None


def _lacks_values(path: Path) -> bool:
    """Whether some formula has no calculated value, as where a program wrote the file."""
    with package(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                raw = archive.read(name)
                if (
                    b"</f><v></v>" in raw
                    or b"</f><v/>" in raw
                    or b"</f></c>" in raw
                    or b"</f><v /" in raw
                ):
                    return True
    return False


def _is_german(workbook: Any) -> bool:
    """Whether the words of a workbook are German, so that its decimals have a comma."""
    from corpus.language import detect

    words: list[str] = []
    for sheet in workbook.worksheets:
        words.append(sheet.title)
        for row in sheet.iter_rows(max_row=200):
            words += [cell.value for cell in row if isinstance(cell.value, str)]
    text = " ".join(words)[:_SAMPLE]
    return any(character.isalpha() for character in text) and detect(text) == "de"


def _sheet(sheet: Any, comma: bool, formulas: Any) -> Sheet:
    hidden_columns = {
        number
        for dimension in sheet.column_dimensions.values()
        if dimension.hidden
        for number in range(dimension.min or 1, (dimension.max or dimension.min or 1) + 1)
    }
    rows: list[list[Cell]] = []
    for number, row in enumerate(sheet.iter_rows(), 1):
        is_row_hidden = number in sheet.row_dimensions and bool(sheet.row_dimensions[number].hidden)
        rows.append([_cell(cell, is_row_hidden or cell.column in hidden_columns, comma, formulas)
                     for cell in row])  # fmt: skip
    return Sheet(sheet.title, rows, hidden=sheet.sheet_state != "visible")


def _cell(cell: Any, hidden: bool, comma: bool, formulas: Any) -> Cell:
    value = cell.value
    if value is None and formulas is not None:
        value = formulas[cell.coordinate].value
    text = "" if value is None else shown(value, cell.number_format, comma)
    link = getattr(cell, "hyperlink", None)
    address = (link.target or "") if link is not None else ""
    comment = getattr(cell, "comment", None)
    note = (comment.text or "").strip() if comment is not None else ""
    return Cell(text, address=address, note=note, hidden=hidden)
