"""Pictures of text, as a scanner or a telephone makes them, by Pillow: PNG, and PDF of pictures.

In: a made file. Out: its bytes: pages in grey, slightly turned, blurred and speckled, the same
each time. What can fail: Pillow or reportlab (whose fonts are used) is missing.
"""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path
from typing import Any

from eval.folder_set.parts import FolderFile, Heading, Item, Table, TextPiece, pieces
from eval.folder_set.writing.pdf import dated

_DOTS = 200
_WIDTH, _HEIGHT = 1654, 2339
_MARGIN = 170
_SIZE = 34
_PAPER = 247
_SPECKS = 900


def write_png(file: FolderFile) -> bytes:
    """A picture of the one page."""
    buffer = io.BytesIO()
    _pages(file)[0].save(buffer, "PNG", dpi=(_DOTS, _DOTS))
    return buffer.getvalue()


def write_scanned_pdf(file: FolderFile) -> bytes:
    """A PDF of pictures, as scanners write it."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for page in _pages(file):
        canvas.drawImage(ImageReader(page), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return dated(buffer.getvalue(), file.date)


def _pages(file: FolderFile) -> list[Any]:
    dice = random.Random(hashlib.sha256(file.path.encode()).digest())
    writer = _Page()
    for piece in pieces(file.text):
        writer.take(piece)
    return [_scanned(page, dice) for page in writer.pages]


def _scanned(page: Any, dice: random.Random) -> Any:
    from PIL import Image, ImageFilter

    turned = page.rotate(
        dice.uniform(-0.35, 0.35), resample=Image.Resampling.BICUBIC, fillcolor=_PAPER
    )
    soft = turned.filter(ImageFilter.GaussianBlur(0.6))
    for _ in range(_SPECKS):
        place = dice.randrange(_WIDTH), dice.randrange(_HEIGHT)
        soft.putpixel(place, dice.randrange(150, 240))
    return soft


class _Page:
    """Sets pieces onto pages, one below the other."""

    def __init__(self) -> None:
        self.pages: list[Any] = []
        self._y = 0
        self._turn()

    def take(self, piece: TextPiece) -> None:
        """Set one piece."""
        if isinstance(piece, Heading):
            self._lines(piece.text, _font(_SIZE + (16 if piece.level == 1 else 8), bold=True))
        elif isinstance(piece, Table):
            self._table(piece)
        elif isinstance(piece, Item):
            mark = "•" if piece.mark == "-" else piece.mark
            self._draw.text((_MARGIN, self._y), mark, 30, _font())
            self._lines(piece.text, _font(), indent=60, after=12)
        else:
            self._lines(piece.text, _font())

    def _turn(self) -> None:
        from PIL import Image, ImageDraw

        self.pages.append(Image.new("L", (_WIDTH, _HEIGHT), _PAPER))
        self._draw = ImageDraw.Draw(self.pages[-1])
        self._y = _MARGIN

    def _lines(self, text: str, font: Any, indent: int = 0, after: int = 30) -> None:
        leading = int(font.size * 1.45)
        for line in _broken(text, font, _WIDTH - 2 * _MARGIN - indent):
            if self._y + leading > _HEIGHT - _MARGIN:
                self._turn()
            self._draw.text((_MARGIN + indent, self._y), line, 30, font)
            self._y += leading
        self._y += after

    def _table(self, piece: Table) -> None:
        room = _WIDTH - 2 * _MARGIN
        longest = [max(len(row[at]) for row in piece.rows) + 3 for at in range(len(piece.rows[0]))]
        for number, row in enumerate(piece.rows):
            x = float(_MARGIN)
            for length, cell in zip(longest, row, strict=True):
                self._draw.text((x, self._y), cell, 30, _font(bold=number == 0))
                x += room * length / sum(longest)
            self._y += int(_SIZE * 1.6)
        self._y += 30


def _broken(text: str, font: Any, width: float) -> list[str]:
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in part.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _font(size: int = _SIZE, *, bold: bool = False) -> Any:
    import reportlab
    from PIL import ImageFont

    folder = Path(reportlab.__file__).parent / "fonts"
    return ImageFont.truetype(folder / ("VeraBd.ttf" if bold else "Vera.ttf"), size)
