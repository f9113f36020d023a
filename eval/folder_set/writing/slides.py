"""Slides: PPTX by python-pptx.

In: a made file, whose sections are its slides; a paragraph that begins with "Notes:" or
"Notizen:" is the speaker's notes. Out: its bytes. What can fail: python-pptx is missing.
"""

from __future__ import annotations

import io
from typing import Any

from eval.folder_set.parts import FolderFile, Item, Paragraph, Section, Table, TextPiece, sections
from eval.folder_set.writing.archive import dated

NOTES = ("Notes: ", "Notizen: ")


def notes_of(section: Section) -> str:
    """What the speaker's notes of a slide say, empty without any."""
    for piece in section.pieces:
        for start in NOTES:
            if isinstance(piece, Paragraph) and piece.text.startswith(start):
                return piece.text.removeprefix(start)
    return ""


def shown_on(section: Section) -> list[TextPiece]:
    """What stands on the slide itself."""
    return [
        piece
        for piece in section.pieces
        if not (isinstance(piece, Paragraph) and piece.text.startswith(NOTES))
    ]


def write_pptx(file: FolderFile) -> bytes:
    """A presentation: a title slide, then a slide for each section."""
    from pptx import Presentation

    title, slides = sections(file.text)
    deck = Presentation()
    deck.core_properties.title = title
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = title
    for section in slides:
        if not section.title:
            lines = [piece.text for piece in section.pieces if isinstance(piece, Paragraph | Item)]
            first.placeholders[1].text_frame.text = "\n".join(lines)
            continue
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = section.title
        frame = slide.placeholders[1].text_frame
        lines = []
        for piece in shown_on(section):
            if isinstance(piece, Table):
                _add_table(slide.shapes, piece)
            else:
                lines.append(piece.text)
        frame.text = "\n".join(lines)
        notes = notes_of(section)
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    buffer = io.BytesIO()
    deck.save(buffer)
    return dated(buffer.getvalue(), file.date)


def _add_table(shapes: Any, piece: Table) -> None:
    from pptx.util import Cm

    rows, columns = len(piece.rows), len(piece.rows[0])
    table = shapes.add_table(rows, columns, Cm(2), Cm(11), Cm(20), Cm(rows)).table
    for number, row in enumerate(piece.rows):
        for column, cell in enumerate(row):
            table.cell(number, column).text = cell
