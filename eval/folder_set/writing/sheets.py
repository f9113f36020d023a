"""Workbooks: XLSX by openpyxl, and what the cells of any sheet hold.

In: a made file, whose sections are its sheets; text that is a number, an amount or a date becomes
one. Out: its bytes. What can fail: openpyxl is missing.
"""

from __future__ import annotations

import datetime
import io
import re
from dataclasses import dataclass

from eval.folder_set.parts import FolderFile, Table, sections
from eval.folder_set.writing.archive import dated

_EUROS = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})*,[0-9]{2} €")
_POUNDS = re.compile(r"-?£[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}")
_EUROS_ABROAD = re.compile(r"-?€[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}")
_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")
_WHOLE = re.compile(r"-?[1-9][0-9]{0,5}")


@dataclass(frozen=True)
class TypedCell:
    """What a cell holds, and how a spreadsheet shows it."""

    value: str | int | float | datetime.date
    shown_as: str = "General"


def cell_of(text: str) -> TypedCell:
    """The cell that a person means who types ``text``."""
    if _EUROS.fullmatch(text):
        plain = text.removesuffix(" €").replace(".", "").replace(",", ".")
        return TypedCell(float(plain), '#,##0.00 "€"')
    if _POUNDS.fullmatch(text):
        return TypedCell(float(text.replace("£", "").replace(",", "")), '"£"#,##0.00')
    if _EUROS_ABROAD.fullmatch(text):
        return TypedCell(float(text.replace("€", "").replace(",", "")), '"€"#,##0.00')
    day = _DAY.fullmatch(text)
    if day:
        return TypedCell(datetime.date(int(day[3]), int(day[2]), int(day[1])), "DD.MM.YYYY")
    return TypedCell(int(text)) if _WHOLE.fullmatch(text) else TypedCell(text)


def write_xlsx(file: FolderFile) -> bytes:
    """A workbook: a sheet for each section, its tables and texts below one another."""
    import openpyxl
    from openpyxl.styles import Font

    title, parts = sections(file.text)
    book = openpyxl.Workbook()
    book.properties.title = title
    book.remove(book.active)
    for section in parts:
        sheet = book.create_sheet(section.title)
        line = 1
        for piece in section.pieces:
            rows = piece.rows if isinstance(piece, Table) else ((piece.text,),)
            for number, row in enumerate(rows):
                for column, text in enumerate(row, 1):
                    if text:
                        made = cell_of(text)
                        cell = sheet.cell(line, column, made.value)
                        cell.number_format = made.shown_as
                        cell.font = Font(bold=number == 0)
                line += 1
            line += 1
        for letter in "ABCDEFGH":
            sheet.column_dimensions[letter].width = 24
    buffer = io.BytesIO()
    book.save(buffer)
    return dated(buffer.getvalue(), file.date)
