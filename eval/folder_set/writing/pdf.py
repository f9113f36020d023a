"""PDF files with text, by reportlab.

In: a made file; ``columns`` are those of its pages, ``running`` is their header. Out: its bytes.
What can fail: reportlab is missing.
"""

from __future__ import annotations

import io
from typing import Any
from xml.sax.saxutils import escape

from eval.folder_set.parts import FolderFile, Heading, Item, Table, TextPiece, pieces, sections

_MARGIN = 62.0
_GUTTER = 22.0
_GREY = 0.92
_UNDATED = b"20000101"
"""What reportlab writes as the day where a file is to be the same each time."""


def write_pdf(file: FolderFile) -> bytes:
    """A PDF in A4."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    width, height = A4
    usable = width - 2 * _MARGIN
    column = (usable - _GUTTER * (file.columns - 1)) / file.columns
    frames = [
        Frame(_MARGIN + number * (column + _GUTTER), 70, column, height - 150,
              leftPadding=0, rightPadding=0)
        for number in range(file.columns)
    ]  # fmt: skip
    buffer = io.BytesIO()
    document = BaseDocTemplate(
        buffer, pagesize=A4, title=sections(file.text)[0], lang=file.language, invariant=1
    )

    def furniture(canvas: Any, template: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(_MARGIN, height - 45, file.running)
        word = "Seite" if file.language == "de" else "Page"
        canvas.drawRightString(width - _MARGIN, 38, f"{word} {template.page}")

    document.addPageTemplates(PageTemplate(frames=frames, onPage=furniture))
    document.build([_flowable(piece, column) for piece in pieces(file.text)])
    return dated(buffer.getvalue(), file.date)


def dated(content: bytes, date: str) -> bytes:
    """What reportlab wrote, saved on ``date`` instead of the day that it gives to all files."""
    return content.replace(_UNDATED, date.replace("-", "").encode())


def _flowable(piece: TextPiece, width: float) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    text = ParagraphStyle("text", fontName="Helvetica", fontSize=9.5, leading=13, spaceAfter=6)
    if isinstance(piece, Heading):
        size = {1: 16, 2: 12}.get(piece.level, 10.5)
        heading = ParagraphStyle(
            "heading", fontName="Helvetica-Bold", fontSize=size, leading=size * 1.3,
            spaceBefore=8, spaceAfter=5, keepWithNext=1,
        )  # fmt: skip
        return Paragraph(escape(piece.text), heading)
    if isinstance(piece, Table):
        return _table(piece, width)
    if isinstance(piece, Item):
        item = ParagraphStyle("item", text, leftIndent=14, bulletIndent=0, spaceAfter=3)
        mark = "•" if piece.mark == "-" else piece.mark
        return Paragraph(escape(piece.text), item, bulletText=mark)
    return Paragraph(escape(piece.text).replace("\n", "<br/>"), text)


def _table(piece: Table, width: float) -> Any:
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, TableStyle
    from reportlab.platypus import Table as Grid

    style = ParagraphStyle("cell", fontName="Helvetica", fontSize=8.5, leading=11)
    head = ParagraphStyle("head", style, fontName="Helvetica-Bold")
    cells = [
        [Paragraph(escape(cell), style if number else head) for cell in row]
        for number, row in enumerate(piece.rows)
    ]
    widths = _widths(piece, width)
    return Grid(
        cells,
        colWidths=widths,
        spaceBefore=4,
        spaceAfter=10,
        style=TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.Color(_GREY, _GREY, _GREY)),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        ),
    )


def _widths(piece: Table, width: float) -> list[float]:
    """Of the columns, by their longest cells."""
    longest = [
        max(8, *(len(row[place]) for row in piece.rows)) for place in range(len(piece.rows[0]))
    ]
    shares = [min(length, 40) for length in longest]
    return [width * share / sum(shares) for share in shares]
