"""Text documents: DOCX by python-docx, RTF by hand.

In: a made file. Out: its bytes. What can fail: python-docx is missing.
"""

from __future__ import annotations

import io

from eval.folder_set.parts import FolderFile, Heading, Item, Paragraph, Table, pieces
from eval.folder_set.writing.archive import dated


def write_docx(file: FolderFile) -> bytes:
    """A Word document; ``running`` is the header of its pages."""
    import docx

    document = docx.Document()
    if file.running:
        document.sections[0].header.paragraphs[0].text = file.running
    for piece in pieces(file.text):
        if isinstance(piece, Heading):
            if piece.level == 1:
                document.core_properties.title = piece.text
            document.add_heading(piece.text, piece.level)
        elif isinstance(piece, Paragraph):
            document.add_paragraph(piece.text)
        elif isinstance(piece, Item):
            style = "List Bullet" if piece.mark == "-" else "List Number"
            document.add_paragraph(piece.text, style=style)
        else:
            table = document.add_table(rows=len(piece.rows), cols=len(piece.rows[0]))
            table.style = "Table Grid"
            for number, row in enumerate(piece.rows):
                for column, cell in enumerate(row):
                    table.cell(number, column).text = cell
    buffer = io.BytesIO()
    document.save(buffer)
    return dated(buffer.getvalue(), file.date)


def write_rtf(file: FolderFile) -> bytes:
    """Rich text in the code page 1252, as word processors of Windows write it."""
    lines = [r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Calibri;}}\f0\fs22"]
    for piece in pieces(file.text):
        if isinstance(piece, Table):
            lines += [_row(row) for row in piece.rows]
            lines.append(r"\pard")
        elif isinstance(piece, Heading):
            lines.append(rf"{{\b\fs28 {_escaped(piece.text)}}}\par")
        elif isinstance(piece, Item):
            lines.append(rf"\li360 {_escaped(f'{piece.mark} {piece.text}')}\par\li0")
        else:
            lines.append(rf"{_escaped(piece.text)}\par")
    return "\n".join([*lines, "}"]).encode("ascii")


def _row(cells: tuple[str, ...]) -> str:
    ends = "".join(rf"\cellx{2400 * (number + 1)}" for number in range(len(cells)))
    words = "".join(rf"\intbl {_escaped(cell)}\cell" for cell in cells)
    return rf"\trowd{ends}{words}\row"


def _escaped(text: str) -> str:
    safe = text.replace("\\", r"\\").replace("{", r"\{").replace("}", r"\}")
    safe = safe.replace("\n", "\\line ")
    return "".join(letter if ord(letter) < 128 else _byte(letter) for letter in safe)


def _byte(letter: str) -> str:
    return "".join(rf"\'{byte:02x}" for byte in letter.encode("cp1252"))
