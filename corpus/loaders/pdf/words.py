"""The words of one page of a PDF, with the box of each character.

In: a page and its text page, as pypdfium2 opens them. Out: words in the order of the file, each
with the left and right edge of each of its characters, top and bottom of the line, whether it is
bold and what speaks against a reader's seeing it; :mod:`corpus.loaders.pdf.page` may overrule that
(white on a coloured ground, the text layer of a scan). Coordinates are points from the top left
corner of the page as it is shown (its crop box, turned by its rotation). Nothing can fail beyond
what PDFium refuses.

Boxes are PDFium's loose ones: as high as the font, as wide as the advance, so that words of one
line have one top and one bottom. Spaces and line ends that PDFium adds itself only end a word.
A hyphen at a line's end, which PDFium gives as U+0002 or U+FFFE, is a hyphen again.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus.loaded import Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SMALLEST_POINTS = 1.5
"""Lower boxes are nothing that a person can read (a line of one-point type is 1.2 points)."""
_WHITE = 250  # of 255: as light as paper
_FAINT = 13  # of 255: hardly any opacity
_INVISIBLE_MODES = (3, 7)  # neither filled nor stroked (ISO 32000-1, table 106)
_BOLD_WEIGHT = 600
_HYPHENS = "\x02\ufffe"
_BLANKS = (
    *range(33),
    0x85,
    0xA0,
    0x1680,
    *range(0x2000, 0x200B),
    0x2028,
    0x2029,
    0x202F,
    0x205F,
    0x3000,
)
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
    left: float = 0.0
    """Its leftmost edge, computed."""
    right: float = 0.0
    """Its rightmost edge, computed."""
    height: float = 0.0
    """Of the line, in points, computed."""
    bold: bool = False
    turned: bool = False
    """Whether it does not run from left to right or back."""
    hidden: str = ""
    """Why nobody can see it ("white", "tiny", "outside", "invisible") or that it is no text
    ("noise"), empty else; as far as the word itself tells, until the page has been looked at."""
    unsure: bool = False
    """Whether OCR is unsure what it says."""
    spaced: bool = False
    """Whether a space of the file stands before it."""
    tail: tuple[Run, ...] = ()
    """What is written behind it: the address of a link that ends with it."""

    def __post_init__(self) -> None:
        first, last = self.lefts[0], self.lefts[-1]
        self.left = first if first <= last else min(self.lefts)
        self.right = self.rights[-1] if first <= last else max(self.rights)
        self.height = self.bottom - self.top

    @property
    def leftward(self) -> bool:
        """Whether it is written from right to left."""
        return self.lefts[-1] < self.lefts[0]


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

    def shown(self, left: Any, bottom: Any, right: Any, top: Any) -> tuple[Any, Any, Any, Any]:
        """Left, top, right, bottom of a box as it is shown; numbers or arrays of one shape."""
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


@dataclass(frozen=True, slots=True)
class _Styles:
    """What was found of text objects and fonts, by their addresses: valid while a page is open."""

    objects: dict[int, _Style]
    fonts: dict[int, bool]


def page_size(page: Any) -> PageSize:
    """Size of a pypdfium2 page."""
    left, bottom, right, top = page.get_cropbox()
    return PageSize(left, bottom, right, top, page.get_rotation() % 360)


def words_of(text_page: Any, size: PageSize) -> list[Word]:
    """The words of a page, in the order of the file."""
    count = text_page.count_chars()
    if count <= 0:
        return []
    text = _text(text_page, count)
    boxes = _boxes(text_page, count, size)
    starts, ends = _borders(text, boxes)
    lefts, tops, rights, bottoms = (column.tolist() for column in boxes.T)
    words: list[Word] = []
    styles = _Styles({}, {})
    raw = text_page.raw
    for start, end in zip(starts, ends, strict=True):
        style = _style(raw, start, styles)
        word = Word(
            text[start:end],
            lefts[start:end],
            rights[start:end],
            min(tops[start:end]),
            max(bottoms[start:end]),
            start,
            bold=style.bold,
            # A space that PDFium adds has no width; it says only that there is a gap.
            spaced=start > 0 and text[start - 1] == " " and rights[start - 1] > lefts[start - 1],
        )
        word.hidden = _hidden(word, style, size)
        if end == start + 1:
            # The characters of turned text stand above one another, each a word.
            word.turned = _is_turned(raw, start, size)
        words.append(word)
    return words


def _text(text_page: Any, count: int) -> str:
    import pypdfium2.raw as pdfium

    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium.FPDFText_GetText(text_page, 0, count, buffer)
    text = bytes(buffer)[: 2 * (written - 1)].decode("utf-16-le", "replace")
    if len(text) != count:
        # Characters without a code or outside the first plane: one call for each.
        get = pdfium.FPDFText_GetUnicode
        raw = text_page.raw
        text = "".join(_character(get(raw, place)) for place in range(count))
    for hyphen in _HYPHENS:
        text = text.replace(hyphen, "-")
    return text


def _character(code: int) -> str:
    if code == 0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return "\ufffd" if code else "\0"
    return chr(code)


def _boxes(text_page: Any, count: int, size: PageSize) -> Floats:
    """Left, top, right, bottom of each character as it is shown; float64 (count, 4)."""
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
    return np.round(np.stack(size.shown(left, bottom, right, top), axis=1), 1)


def _borders(text: str, boxes: Floats) -> tuple[list[int], list[int]]:
    """Where words begin and end: at white space, gaps, and changes of height."""
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    is_blank = np.isin(codes, np.array(_BLANKS, dtype=np.uint32))
    left, top, right, bottom = boxes.T
    height = (bottom - top)[:-1]
    same_line = (np.abs(np.diff(bottom)) <= 0.1 * height) & (np.abs(np.diff(top)) <= 0.1 * height)
    # Of a ligature all characters have one box.
    same_box = (np.abs(np.diff(left)) < 0.1) & (np.abs(np.diff(right)) < 0.1)
    gap = np.maximum(left[1:] - right[:-1], left[:-1] - right[1:])
    goes_on = ((same_line & (gap < _GAP * height)) | same_box) & ~is_blank[:-1] & ~is_blank[1:]
    starts = np.flatnonzero(~is_blank & ~np.concatenate(([False], goes_on)))
    ends = np.flatnonzero(~is_blank & ~np.concatenate((goes_on, [False]))) + 1
    return starts.tolist(), ends.tolist()


def _hidden(word: Word, style: _Style, size: PageSize) -> str:
    if style.invisible:
        return "invisible"
    if word.height < SMALLEST_POINTS:
        return "tiny"
    middle = (word.top + word.bottom) / 2
    if word.right < 0 or word.left > size.width or middle < 0 or middle > size.height:
        return "outside"
    return "white" if style.white else ""


def _is_turned(raw: Any, place: int, size: PageSize) -> bool:
    import pypdfium2.raw as pdfium

    angle = pdfium.FPDFText_GetCharAngle(raw, place)
    degrees = (math.degrees(angle) + size.rotation) % 360 if angle >= 0 else 0.0
    return 5 < degrees < 355


def _style(raw: Any, place: int, styles: _Styles) -> _Style:
    import pypdfium2.raw as pdfium

    text_object = pdfium.FPDFText_GetTextObject(raw, place)
    key = ctypes.addressof(text_object.contents) if text_object else 0
    style = styles.objects.get(key)
    if style is None:
        style = _read_style(text_object, styles.fonts) if key else _Style(False, False, False)
        styles.objects[key] = style
    return style


def _read_style(text_object: Any, fonts: dict[int, bool]) -> _Style:
    import pypdfium2.raw as pdfium

    red, green, blue, alpha = (ctypes.c_uint(0) for _ in range(4))
    pdfium.FPDFPageObj_GetFillColor(text_object, red, green, blue, alpha)
    mode = pdfium.FPDFTextObj_GetTextRenderMode(text_object)
    light = min(red.value, green.value, blue.value) >= _WHITE
    font = pdfium.FPDFTextObj_GetFont(text_object)
    key = ctypes.addressof(font.contents) if font else 0
    if key not in fonts:
        fonts[key] = bool(font) and _is_bold(font)
    return _Style(
        bold=fonts[key],
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
