"""PDF files of known text: columns, tables, footnotes, hyphenation, running headers.

In: a seed. Out: the bytes of a file and what a person reads in it, in order. Lines are set by
hand on the page, so that the known text owes nothing to any reader of PDF files.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

GERMAN = """
    die Gemeinde übernimmt ab dem ersten Juli den Betrieb der Anlage und legt jährlich einen
    Bericht über Kosten Nutzung sowie Störungen vor der Ausschuss prüft ihn innerhalb von
    sechs Wochen Gebühren für Grundstücke außerhalb des Plangebiets bleiben unverändert sofern
    keine größere Änderung eintritt Widerspruchsfrist Wartungsvertrag Kündigungsfrist
    Grundstückseigentümer Straßenbeleuchtung Wasserversorgung Auftragnehmer
    Haftpflichtversicherung
""".split()  # noqa: SIM905
ENGLISH = """
    the council takes over the plant from the first of July and reports every year on cost use
    and faults a committee examines the report within six weeks fees for land outside the area
    remain unchanged unless a larger change occurs maintenance agreement notice period
    insurance contractor
""".split()  # noqa: SIM905
WIDTH, HEIGHT = A4
FONT_FOLDERS = (Path("/usr/share/fonts/truetype/dejavu"),)


@dataclass
class MadePdf:
    """A file, and what it says."""

    content: bytes
    words: list[str]
    """All visible words but running headers and page numbers, in reading order, unbroken."""
    sentences: list[str] = field(default_factory=list)


@dataclass
class _Style:
    font: str
    bold: str
    size: float
    leading: float
    columns: int
    justified: bool
    raster: bool
    hyphenated: bool
    ruled: bool


class _Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.vocabulary = GERMAN if seed % 3 else ENGLISH
        fonts = [("Helvetica", "Helvetica-Bold"), ("Times-Roman", "Times-Bold")]
        if _has_dejavu():
            fonts.append(("DejaVu", "DejaVu-Bold"))
        font, bold = self.random.choice(fonts)
        size = self.random.choice([9.0, 10.0, 11.0])
        self.style = _Style(
            font,
            bold,
            size,
            size * self.random.choice([1.15, 1.25, 1.4]),
            columns=self.random.choice([1, 2, 2, 3]),
            justified=self.random.random() < 0.6,
            raster=self.random.random() < 0.4,
            hyphenated=self.random.random() < 0.7,
            ruled=self.random.random() < 0.5,
        )
        self.buffer = io.BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=A4)
        self.words: list[str] = []
        self.sentences: list[str] = []
        self.page = 0
        self.pending: list[tuple[float, float, list[tuple[float, str, str, float]]]] = []
        self.notes: list[str] = []
        self.note_count = 0

    # Layout ---------------------------------------------------------------------------------

    def make(self, pages: int = 3) -> MadePdf:
        gutter = 22.0
        usable = WIDTH - 120
        self.column_width = (usable - gutter * (self.style.columns - 1)) / self.style.columns
        for _ in range(pages):
            self._page(gutter)
        self.canvas.save()
        return MadePdf(self.buffer.getvalue(), self.words, self.sentences)

    def _page(self, gutter: float) -> None:
        self.page += 1
        self._furniture()
        for column in range(self.style.columns):
            self.left = 60 + column * (self.column_width + gutter)
            self.y = HEIGHT - 80
            self._column()
        self._draw()
        self.canvas.showPage()

    def _furniture(self) -> None:
        self.canvas.setFont(self.style.font, 8)
        self.canvas.drawString(60, HEIGHT - 40, "Jahresbericht der Gemeinde Musterfeld")
        self.canvas.drawRightString(WIDTH - 60, HEIGHT - 40, "Ausgabe 2024")
        self.canvas.drawCentredString(WIDTH / 2, 30, f"Seite {self.page} von 3")

    def _column(self) -> None:
        bottom = 150.0
        self.notes = []
        self._heading()
        while self.y > bottom + 60:
            kind = self.random.random()
            if kind < 0.12 and self.style.columns < 3 and self.y > bottom + 140:
                self._table()
            elif kind < 0.22 and self.y > bottom + 100:
                self._list()
            else:
                self._paragraph(bottom)
        self._draw_notes()

    def _text(self, count: int) -> list[str]:
        words = [self.random.choice(self.vocabulary) for _ in range(count)]
        words[0] = words[0].capitalize()
        return words

    def _heading(self) -> None:
        number = self.random.randint(1, 40)
        size = self.style.size + 4
        title = [f"{number}", *self._text(2)]
        while pdfmetrics.stringWidth(" ".join(title), self.style.bold, size) > self.column_width:
            title = [f"{number}", *self._text(1)]
        self.words += title
        self._line(" ".join(title), self.left, self.style.bold, size)
        self.y -= size * 1.6

    def _paragraph(self, bottom: float) -> None:
        room = int((self.y - bottom) / self.style.leading)
        words = self._text(self.random.randint(14, 50))
        for place in range(self.random.randint(7, 12), len(words) - 5, 11):
            words[place] += "."
            words[place + 1] = words[place + 1].capitalize()
        words[-1] += "."
        with_note = self.random.random() < 0.3 and len(self.notes) < 3
        lines = self._broken(words, self.column_width - (8 if with_note else 0))
        if len(lines) > room:
            lines = lines[:room]
            words = self._words_of(lines)
        self.words += words
        for number, line in enumerate(lines):
            is_last = number == len(lines) - 1
            width = None if is_last or not self.style.justified else self.column_width
            end = self._line(line, self.left, self.style.font, self.style.size, width)
            if is_last and with_note:
                self.note_count += 1
                mark = str(self.note_count)
                self._raised(mark, end)
                note = self._text(self.random.randint(5, 9))
                note[-1] += "."
                self.words[-1] += f"[{mark}]"
                self.words += [f"[{mark}]", *note]
                self.notes.append(" ".join(note))
            self.y -= self.style.leading
        self.sentences.append(" ".join(words))
        self.y -= self.style.leading * 0.7

    def _words_of(self, lines: list[str]) -> list[str]:
        words: list[str] = []
        carried = ""
        for line in lines:
            pieces = line.split(" ")
            if carried:
                pieces[0] = carried + pieces[0]
                carried = ""
            if pieces[-1].endswith("-") and self.style.hyphenated:
                carried = pieces.pop()[:-1]
            words += pieces
        return words + ([carried + "-"] if carried else [])

    def _list(self) -> None:
        for number in range(1, self.random.randint(3, 5)):
            words = self._text(self.random.randint(2, 12))
            mark = f"{number}." if self.style.ruled else "•"
            self.words += [mark, *words]
            self._line(mark, self.left + 4, self.style.font, self.style.size)
            for line in self._broken(words, self.column_width - 24):
                self._line(line, self.left + 22, self.style.font, self.style.size)
                self.y -= self.style.leading
        self.y -= self.style.leading * 0.7

    def _table(self) -> None:
        columns = 3
        step = self.column_width / columns
        rows = [["Ort", "2023", "2024"]]
        for _ in range(self.random.randint(2, 5)):
            name = self.random.choice(["Aachen", "Bonn-Beuel", "Düren", "Köln", "Bad Nauheim"])
            values = [str(self.random.randint(10, 999)) for _ in range(2)]
            if self.random.random() < 0.2:
                values[0] = ""
            rows.append([name, *values])
        height = self.style.leading * 1.35
        top = self.y + self.style.size
        for row in rows:
            for column, cell in enumerate(row):
                if cell:
                    self._line(
                        cell, self.left + 3 + column * step, self.style.font, self.style.size
                    )
            self.words += [word for cell in row for word in cell.split()]
            self.y -= height
        if self.style.ruled:
            for number in range(len(rows) + 1):
                y = top + 2 - number * height
                self.canvas.line(self.left, y, self.left + self.column_width, y)
            for column in range(columns + 1):
                x = self.left + column * step
                self.canvas.line(x, top + 2, x, top + 2 - len(rows) * height)
        self.y -= self.style.leading

    def _draw_notes(self) -> None:
        if not self.notes:
            return
        y = 60.0 + 11 * 6
        self.canvas.line(self.left, y + 12, self.left + 40, y + 12)
        first = self.note_count - len(self.notes) + 1
        for number, note in enumerate(self.notes, first):
            self.y = y
            self._raised_at(str(number), self.left, 5.0, y + 2.5)
            for line in self._broken(note.split(), self.column_width - 10, 7.5, hyphenated=False):
                self._line(line, self.left + 6, self.style.font, 7.5)
                self.y -= 9
            y = self.y

    # Lines ----------------------------------------------------------------------------------

    def _broken(
        self, words: list[str], width: float, size: float | None = None, hyphenated: bool = True
    ) -> list[str]:
        size = size or self.style.size
        lines: list[str] = []
        line = ""
        for word in words:
            longer = f"{line} {word}".strip()
            if self._width(longer, size) <= width:
                line = longer
                continue
            cut = len(word) // 2
            if hyphenated and self.style.hyphenated and len(word) > 9 and word.isalpha():
                first = f"{line} {word[:cut]}-".strip()
                if self._width(first, size) <= width:
                    lines.append(first)
                    line = word[cut:]
                    continue
            if line:
                lines.append(line)
            line = word
        return [*lines, line] if line else lines

    def _width(self, text: str, size: float) -> float:
        return pdfmetrics.stringWidth(text, self.style.font, size)

    def _line(
        self, text: str, x: float, font: str, size: float, width: float | None = None
    ) -> float:
        pieces = [(x, text, font, size)]
        end = x + pdfmetrics.stringWidth(text, font, size)
        if width is not None and " " in text:
            words = text.split(" ")
            free = width - pdfmetrics.stringWidth(text, font, size)
            space = pdfmetrics.stringWidth(" ", font, size) + free / (len(words) - 1)
            pieces, at = [], x
            for word in words:
                pieces.append((at, f"{word} ", font, size))
                at += pdfmetrics.stringWidth(word, font, size) + space
        self.pending.append((self.y, x, pieces))
        return end

    def _raised(self, mark: str, x: float) -> None:
        self._raised_at(mark, x, self.style.size * 0.6, self.y + self.style.size * 0.35)

    def _raised_at(self, mark: str, x: float, size: float, y: float) -> None:
        self.pending.append((y, x, [(x, mark, self.style.font, size)]))

    def _draw(self) -> None:
        """In the order of columns, or from the top across all columns as some programs do."""
        order = (
            sorted(self.pending, key=lambda line: -line[0]) if self.style.raster else self.pending
        )
        for y, _, pieces in order:
            for x, text, font, size in pieces:
                self.canvas.setFont(font, size)
                self.canvas.drawString(x, y, text)
        self.pending = []


def _has_dejavu() -> bool:
    for folder in FONT_FOLDERS:
        if (folder / "DejaVuSans.ttf").is_file() and (folder / "DejaVuSans-Bold.ttf").is_file():
            pdfmetrics.registerFont(TTFont("DejaVu", folder / "DejaVuSans.ttf"))
            pdfmetrics.registerFont(TTFont("DejaVu-Bold", folder / "DejaVuSans-Bold.ttf"))
            return True
    return False


def made_pdf(seed: int, pages: int = 3) -> MadePdf:
    """The file of a seed, the same each time."""
    return _Maker(seed).make(pages)
