"""OpenDocument texts, slides and sheets (ODT, ODP, ODS), by odfdo.

In: a made file. Out: its bytes. What can fail: odfdo is missing.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from eval.folder_set.parts import FolderFile, Heading, Item, Table, TextPiece, pieces, sections
from eval.folder_set.writing.archive import dated
from eval.folder_set.writing.sheets import cell_of
from eval.folder_set.writing.slides import notes_of, shown_on


def write_odt(file: FolderFile) -> bytes:
    """A text document."""
    import odfdo

    document = odfdo.Document("text")
    document.body.clear()
    for element in _elements(pieces(file.text)):
        document.body.append(element)
    return _saved(document, file)


def write_odp(file: FolderFile) -> bytes:
    """A presentation: a title slide, then a slide for each section, with its notes."""
    import odfdo

    title, slides = sections(file.text)
    document = odfdo.Document("presentation")
    document.body.clear()
    for number, section in enumerate(slides, 1):
        page = odfdo.DrawPage(f"page{number}", name=f"Folie {number}")
        heading = section.title or title
        page.append(_frame([odfdo.Paragraph(heading)], 1, kind="title"))
        page.append(_frame(_elements(shown_on(section)), 4))
        notes = notes_of(section)
        if notes:
            holder = odfdo.Element.from_tag("<presentation:notes/>")
            holder.append(_frame([odfdo.Paragraph(notes)], 15))
            page.append(holder)
        document.body.append(page)
    return _saved(document, file)


def write_ods(file: FolderFile) -> bytes:
    """A workbook: a sheet for each section."""
    import odfdo

    _, parts = sections(file.text)
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    for section in parts:
        sheet = odfdo.Table(section.title)
        for piece in section.pieces:
            rows = piece.rows if isinstance(piece, Table) else ((piece.text,),)
            for cells in rows:
                row = odfdo.Row()
                for text in cells:
                    row.append_cell(_cell(text))
                sheet.append_row(row)
            sheet.append_row(odfdo.Row(1))
        document.body.append(sheet)
    return _saved(document, file)


def _cell(text: str) -> Any:
    import odfdo

    if not text:
        return odfdo.Cell()
    value = cell_of(text).value
    if isinstance(value, datetime.date):
        value = datetime.datetime(value.year, value.month, value.day)
    return odfdo.Cell(value, text=text)


def _elements(parts: Iterable[TextPiece]) -> list[Any]:
    """Elements of pieces; items that follow one another are one list."""
    import odfdo

    found: list[Any] = []
    for is_list, group in groupby(parts, key=lambda piece: isinstance(piece, Item)):
        members: list[TextPiece] = list(group)
        if is_list:
            found.append(odfdo.List([item.text for item in members if isinstance(item, Item)]))
            continue
        for piece in members:
            if isinstance(piece, Heading):
                found.append(odfdo.Header(piece.level, piece.text))
            elif isinstance(piece, Table):
                found.append(_table(piece, len(found)))
            else:
                found.append(odfdo.Paragraph(piece.text))
    return found


def _table(piece: Table, number: int) -> Any:
    import odfdo

    table = odfdo.Table(f"Tabelle{number}")
    for cells in piece.rows:
        row = odfdo.Row()
        for text in cells:
            row.append_cell(odfdo.Cell(text) if text else odfdo.Cell())
        table.append_row(row)
    return table


def _frame(elements: list[Any], top: int, kind: str = "outline") -> Any:
    import odfdo

    return odfdo.Frame.text_frame(
        elements, size=("24cm", "3cm"), position=("2cm", f"{top}cm"), presentation_class=kind
    )


def _saved(document: Any, file: FolderFile) -> bytes:
    title, _ = sections(file.text)
    if title:
        document.meta.title = title
    document.meta.language = file.language
    buffer = io.BytesIO()
    document.save(buffer)
    return dated(buffer.getvalue(), file.date)
