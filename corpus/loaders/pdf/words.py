"""The words of one page of a PDF, with the box of each character.

In: a page and its text page, as pypdfium2 opens them. Out: words in the order of the file, each
with the left and right edge of each of its characters, top and bottom of the line, whether it is
bold and whether a reader can see it. Coordinates are points from the top left corner of the page
as it is shown (its crop box, turned by its rotation). Nothing can fail beyond what PDFium refuses.

Boxes are PDFium's loose ones: as high as the font, as wide as the advance, so that words of one
line have one top and one bottom. Spaces and line ends that PDFium adds itself only end a word.
A hyphen at a line's end, which PDFium gives as U+0002 or U+FFFE, is a hyphen again.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, field
from typing import Any

from corpus.loaded import Run

SMALLEST_POINTS = 1.5
"""Lower boxes are nothing that a person can read (a line of one-point type is 1.2 points)."""
_WHITE = 250  # of 255: as light as paper
_FAINT = 13  # of 255: hardly any opacity
_INVISIBLE_MODES = (3, 7)  # neither filled nor stroked (ISO 32000-1, table 106)
_BOLD_WEIGHT = 600
_HYPHENS = "\x02\ufffe"
_GAP = 0.28  # of the height: wider than kerning, narrower than a space


@dataclass(slots=True)
class Word:
    """A run of characters of one line without a gap.

    ``lefts`` and ``rights`` have one value for each character of ``text``.
    """

    text: str
    lefts: list[float]
    rights: list[float]
    top: float
    bottom: float
    order: int
    """Place of its first character in the file."""
    bold: bool = False
    turned: bool = False
    """Whether it does not run from left to right or back."""
    hidden: str = ""
    """Why nobody can see it ("white", "tiny", "outside", "invisible"); empty where one can."""
    spaced: bool = False
    """Whether a space of the file stands before it."""
    tail: tuple[Run, ...] = ()
    """What is written behind it: the address of a link that ends with it."""

    @property
    def left(self) -> float:
        """The leftmost edge."""
        return min(self.lefts)

    @property
    def right(self) -> float:
        """The rightmost edge."""
        return max(self.rights)

    @property
    def height(self) -> float:
        """Of the line, in points."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class PageSize:
    """What turns PDF coordinates into those of the page as shown; points."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def width(self) -> float:
        """As shown."""
        upright = self.rotation in (0, 180)
        return self.right - self.left if upright else self.top - self.bottom

    @property
    def height(self) -> float:
        """As shown."""
        upright = self.rotation in (0, 180)
        return self.top - self.bottom if upright else self.right - self.left

    def shown(
        self, left: float, bottom: float, right: float, top: float
    ) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of a box as it is shown."""
        if self.rotation == 90:
            return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
        if self.rotation == 180:
            return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
        if self.rotation == 270:
            return self.top - top, self.right - right, self.top - bottom, self.right - left
        return left - self.left, self.top - top, right - self.left, self.top - bottom


@dataclass(slots=True)
class _Style:
    bold: bool
    white: bool
    invisible: bool


@dataclass(slots=True)
class _Open:
    """The word that is being read."""

    characters: list[str] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    first: int = 0
    spaced: bool = False


def page_size(page: Any) -> PageSize:
    """Size of a pypdfium2 page."""
    left, bottom, right, top = page.get_cropbox()
    return PageSize(left, bottom, right, top, page.get_rotation() % 360)


def words_of(text_page: Any, size: PageSize) -> list[Word]:
    """The words of a page, in the order of the file."""
    count = text_page.count_chars()
    if count <= 0:
        return []
    characters = _characters(text_page, count)
    boxes = _boxes(text_page, count, size)
    words: list[Word] = []
    styles: dict[int, _Style] = {}
    reading = _Open()
    space = False
    for place, character in enumerate(characters):
        if character.isspace() or character == "\0":
            _finish(reading, words, text_page, size, styles)
            # An added space says only that there is a gap, which the boxes say too.
            space = character == " " and boxes[place][2] > boxes[place][0]
            continue
        if reading.characters and not _goes_on(reading.boxes[-1], boxes[place]):
            _finish(reading, words, text_page, size, styles)
            space = False
        if not reading.characters:
            reading.first, reading.spaced = place, space
            space = False
        reading.characters.append("-" if character in _HYPHENS else character)
        reading.boxes.append(boxes[place])
    _finish(reading, words, text_page, size, styles)
    return words


def _characters(text_page: Any, count: int) -> list[str]:
    import pypdfium2.raw as pdfium

    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium.FPDFText_GetText(text_page, 0, count, buffer)
    text = bytes(buffer)[: 2 * (written - 1)].decode("utf-16-le", "replace")
    if len(text) == count:
        return list(text)
    # Characters without a code or outside the first plane: one call for each.
    get = pdfium.FPDFText_GetUnicode
    raw = text_page.raw
    return [_character(get(raw, place)) for place in range(count)]


def _character(code: int) -> str:
    if code == 0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return "\ufffd" if code else "\0"
    return chr(code)


def _boxes(text_page: Any, count: int, size: PageSize) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of each character as it is shown."""
    import numpy as np
    import pypdfium2.raw as pdfium

    rectangles = (pdfium.FS_RECTF * count)()
    first, width = rectangles[0], ctypes.sizeof(pdfium.FS_RECTF)
    get, raw, reference = pdfium.FPDFText_GetLooseCharBox, text_page.raw, ctypes.byref
    for place in range(count):
        get(raw, place, reference(first, place * width))
    # FS_RECTF is left, top, right, bottom as 32-bit floats.
    values = np.frombuffer(rectangles, dtype=np.float32).reshape(count, 4).astype(np.float64)
    left, top, right, bottom = values.T
    shown = size.shown(left, bottom, right, top)  # type: ignore[arg-type]
    return list(map(tuple, np.round(np.stack(shown, axis=1), 2).tolist()))  # type: ignore[arg-type]


def _goes_on(
    last: tuple[float, float, float, float], box: tuple[float, float, float, float]
) -> bool:
    """Whether a character stands in one word with the one before it."""
    height = last[3] - last[1]
    if abs(last[3] - box[3]) > 0.1 * height or abs(last[1] - box[1]) > 0.1 * height:
        # Raised, lowered, of another size or in another line; upright words only.
        return box[2] - box[0] > 0 and abs(last[0] - box[0]) < 0.1 and abs(last[2] - box[2]) < 0.1
    gap = max(box[0] - last[2], last[0] - box[2])
    return gap < _GAP * height


def _finish(
    reading: _Open,
    words: list[Word],
    text_page: Any,
    size: PageSize,
    styles: dict[int, _Style],
) -> None:
    if not reading.characters:
        return
    boxes = reading.boxes
    style = _style(text_page, reading.first, styles)
    word = Word(
        "".join(reading.characters),
        [box[0] for box in boxes],
        [box[2] for box in boxes],
        min(box[1] for box in boxes),
        max(box[3] for box in boxes),
        reading.first,
        style.bold,
        spaced=reading.spaced,
    )
    word.hidden = _hidden(word, style, size)
    if len(boxes) == 1:
        # The characters of turned text stand above one another, each a word.
        word.turned = _is_turned(text_page, reading.first, size)
    words.append(word)
    reading.characters, reading.boxes = [], []


def _hidden(word: Word, style: _Style, size: PageSize) -> str:
    if style.invisible:
        return "invisible"
    if word.height < SMALLEST_POINTS:
        return "tiny"
    middle = (word.top + word.bottom) / 2
    if word.right < 0 or word.left > size.width or middle < 0 or middle > size.height:
        return "outside"
    return "white" if style.white else ""


def _is_turned(text_page: Any, place: int, size: PageSize) -> bool:
    import pypdfium2.raw as pdfium

    angle = pdfium.FPDFText_GetCharAngle(text_page, place)
    degrees = (math.degrees(angle) + size.rotation) % 360 if angle >= 0 else 0.0
    return 5 < degrees < 355


def _style(text_page: Any, place: int, styles: dict[int, _Style]) -> _Style:
    import pypdfium2.raw as pdfium

    text_object = pdfium.FPDFText_GetTextObject(text_page, place)
    key = ctypes.cast(text_object, ctypes.c_void_p).value or 0
    if key not in styles:
        styles[key] = _read_style(text_object) if key else _Style(False, False, False)
    return styles[key]


def _read_style(text_object: Any) -> _Style:
    import pypdfium2.raw as pdfium

    red, green, blue, alpha = (ctypes.c_uint(0) for _ in range(4))
    pdfium.FPDFPageObj_GetFillColor(text_object, red, green, blue, alpha)
    mode = pdfium.FPDFTextObj_GetTextRenderMode(text_object)
    light = min(red.value, green.value, blue.value) >= _WHITE
    return _Style(
        bold=_is_bold(pdfium.FPDFTextObj_GetFont(text_object)),
        white=mode == 0 and light,
        invisible=mode in _INVISIBLE_MODES or alpha.value < _FAINT,
    )


def _is_bold(font: Any) -> bool:
    import pypdfium2.raw as pdfium

    length = pdfium.FPDFFont_GetBaseFontName(font, None, 0)
    buffer = ctypes.create_string_buffer(length or 1)
    pdfium.FPDFFont_GetBaseFontName(font, buffer, length)
    name = buffer.value.lower()
    heavy = any(mark in name for mark in (b"bold", b"black", b"heavy", b"semibold"))
    return heavy or pdfium.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT
