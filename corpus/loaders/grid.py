"""Sheets of cells to blocks: what the loaders of spreadsheets share.

In: sheets, each a grid of cells that know their text. Out: blocks: the sheet's name as a heading;
areas of filled cells, set apart by empty rows or columns, as tables; lone cells above or below a
table as text. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.loaded import Block, Place, Run, link_runs, table_row
from corpus.loaders.cells import cell_name, is_header
from corpus.loaders.pieces import block_of


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it is shown."""

    text: str
    """Empty where nothing is shown."""
    address: str = ""
    """Where its link leads."""
    note: str = ""
    """Its comment."""
    hidden: bool = False
    """Whether its row or column is hidden."""


@dataclass(frozen=True)
class Sheet:
    """``rows[r][c]``, both from 0; rows may differ in length."""

    name: str
    """As its tab shows it."""
    rows: Sequence[Sequence[Cell]]
    """All rows from the first."""
    hidden: bool = False
    """Whether the whole sheet is."""


@dataclass(frozen=True)
class _Area:
    top: int
    left: int
    rows: list[list[Cell]]


def sheet_blocks(sheets: Sequence[Sheet]) -> Iterator[Block]:
    """The blocks of all sheets in their order."""
    table = 0
    for sheet in sheets:
        areas = list(_areas(sheet))
        if not areas:
            continue
        heading = block_of("heading", [Run(sheet.name, Place(sheet=sheet.name))], level=1)
        blocks = [heading] if heading is not None else []
        for area in areas:
            table += 1
            blocks.extend(_area_blocks(sheet.name, area, table))
        for block in blocks:
            yield _hidden(block, "on a hidden sheet") if sheet.hidden else block


def _areas(sheet: Sheet) -> Iterator[_Area]:
    rows = sheet.rows
    start = 0
    filled = [any(cell.text or cell.note for cell in row) for row in rows] + [False]
    for number, is_filled in enumerate(filled):
        if is_filled:
            continue
        if number > start:
            yield from _split(start, [list(row) for row in rows[start:number]])
        start = number + 1


def _split(top: int, rows: list[list[Cell]]) -> Iterator[_Area]:
    """The parts of a run of rows that empty columns set apart."""
    width = max(map(len, rows))
    padded = [[*row, *[Cell("")] * (width - len(row))] for row in rows]
    filled = [
        any(row[column].text or row[column].note for row in padded) for column in range(width)
    ]
    start = 0
    for column, is_filled in enumerate([*filled, False]):
        if is_filled:
            continue
        if column > start:
            yield _Area(top, start, [row[start:column] for row in padded])
        start = column + 1


def _area_blocks(sheet: str, area: _Area, table: int) -> Iterator[Block]:
    width = len(area.rows[0])
    has_header = False
    for number, row in enumerate(area.rows):
        texts = [cell.text for cell in row]
        filled = [column for column, text in enumerate(texts) if text.strip()]
        places = [
            Place(sheet=sheet, cell=cell_name(area.left + column, area.top + number))
            for column in range(width)
        ]
        if len(filled) == 1 and (width == 1 or (filled == [0] and not has_header and width > 2)):
            column = filled[0]
            block = block_of(
                "paragraph", link_runs(texts[column], row[column].address, places[column])
            )
        else:
            below = [[cell.text for cell in other] for other in area.rows[number + 1 :]]
            header = not has_header and is_header(texts, below)
            has_header = has_header or bool(filled)
            runs = [
                link_runs(cell.text.strip(), cell.address, place) if cell.text.strip() else ()
                for cell, place in zip(row, places, strict=True)
            ]
            block = table_row(runs, header=header, table=table)
        if block is not None:
            visible = [cell for cell in row if cell.text.strip() and not cell.hidden]
            yield block if visible else _hidden(block, "in a hidden row or column")
        for cell, place in zip(row, places, strict=True):
            note = block_of("footnote", [Run(cell.note, place)]) if cell.note else None
            if note is not None:
                yield note


def _hidden(block: Block, reason: str) -> Block:
    return replace(block, role="hidden", reason=reason, headers=(), level=0)
