"""Pages of a PDF to blocks: paragraphs, headings, lists, tables, footnotes, furniture, hidden text.

In: the pages of a document as read. Out: blocks in reading order. Nothing can fail.

A paragraph goes on over columns and pages where its last line does not end a sentence; what
stands between (a running header, footnotes) comes after it. A heading is larger than the body's
type or bold throughout; its level is the rank of its size. A footnote is small type that begins
with a mark which the page's text has raised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from corpus.loaded import Block, Place, Role, Run, table_row
from corpus.loaders.cells import is_header
from corpus.loaders.pdf.furniture import furniture_of
from corpus.loaders.pdf.line_ends import ends_sentence
from corpus.loaders.pdf.lines import Line, lines_of, raised_marks, runs_of
from corpus.loaders.pdf.order import Flow, Table, is_mark
from corpus.loaders.pdf.page import PageParts
from corpus.loaders.pdf.paragraphs import (
    SMALL,
    Paragraph,
    is_heading,
    is_hyphenated,
    note_mark,
    paragraphs,
)
from corpus.loaders.pdf.words import Word
from corpus.loaders.pieces import tidy

_REASONS = {
    "white": "white text on white",
    "tiny": "too small to be read",
    "outside": "outside of the page",
    "invisible": "invisible text",
    "noise": "hardly text: OCR is unsure of it, and it may be a stain",
}
_CAPTIONS = ("tabelle ", "tab. ", "table ", "abbildung ", "abb. ", "figure ", "fig. ")


@dataclass
class _Piece:
    """Lines that become one block."""

    role: Role
    lines: list[tuple[int, Line]]
    size: float
    bold: bool
    left: float
    right: float
    first: bool = False
    """Whether it begins its column."""
    last: bool = False
    """Whether it ends its column."""
    page: int = 0
    table: Table | None = None
    number: int | None = None
    mark: str = ""
    notes: set[str] = field(default_factory=set)
    group: tuple[int, int, int] | None = None
    """What it shares with the other lines of an address, a form, a list without marks."""


def blocks_of(pages: Sequence[PageParts]) -> list[Block]:
    """The blocks of all pages."""
    reasons = furniture_of(pages)
    body = _body_size(pages, reasons)
    pieces: list[_Piece] = []
    for page in pages:
        pieces += _pieces(page, page.parts(set(reasons)), body)
    _join_tables(pieces)
    _number_groups(pieces)
    pieces = _with_notes(_merged(pieces))
    levels = _levels(pieces)
    marked = {page.number: list(_marked(page, reasons)) for page in pages}
    blocks: list[Block] = []
    after = _after(pieces, [page.number for page in pages])
    blocks += [block for number in after.get(-1, []) for block in marked[number]]
    for place, piece in enumerate(pieces):
        blocks += _blocks(piece, levels)
        blocks += [block for number in after.get(place, []) for block in marked[number]]
    return blocks


def _body_size(pages: Sequence[PageParts], reasons: dict[int, str]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            if id(line) not in reasons:
                sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _pieces(page: PageParts, parts: Sequence[Flow | Table], body: float) -> Iterator[_Piece]:
    visible = [line for part in parts if isinstance(part, Flow) for line in part.lines]
    inside = [
        line
        for part in parts
        if isinstance(part, Table)
        for row in part.rows
        for cell in row
        for line in cell
    ]
    raised = set(raised_marks([*visible, *inside]))
    notes = {
        mark for line in visible if line.size <= SMALL * body and (mark := note_mark(line, raised))
    }
    for part in parts:
        if isinstance(part, Table):
            piece = _Piece("table_row", [], part.size, False, part.left, part.right)
            piece.table, piece.page, piece.notes = part, page.number, notes
            yield piece
            continue
        found = [
            _piece(paragraph, part, page.number, body, notes)
            for paragraph in paragraphs(part, page, body, notes)
        ]
        found[0].first, found[-1].last = True, True
        yield from found


def _piece(paragraph: Paragraph, flow: Flow, page: int, body: float, notes: set[str]) -> _Piece:
    lines = paragraph.lines
    text = " ".join(line.text for line in lines)
    size = median([line.size for line in lines])
    bold = all(line.bold for line in lines)
    piece = _Piece("paragraph", [(page, line) for line in lines], size, bold, flow.left, flow.right)
    piece.page, piece.notes = page, notes
    mark = note_mark(lines[0], notes) if size <= SMALL * body else ""
    if mark:
        piece.role, piece.mark = "footnote", mark
    elif is_heading(lines, body) and paragraph.group is None:
        piece.role = "heading"
    elif is_mark(lines[0].words[0].text) and len(lines[0].words) > 1:
        piece.role = "list_item"
    elif _is_caption(text):
        piece.role = "caption"
    elif paragraph.group is not None:
        piece.group = (page, id(flow), paragraph.group)
        piece.role = "list_item" if paragraph.is_form else "paragraph"
    return piece


def _is_caption(text: str) -> bool:
    words = text.split(maxsplit=2)
    return (
        text.lower().startswith(_CAPTIONS)
        and len(text) < 300
        and text[:20].strip(" .:")[-1:].isalnum()
        and len(words) > 1
        and words[1][:1].isdigit()
    )


def _merged(pieces: list[_Piece]) -> list[_Piece]:
    """Paragraphs that go on in the next column or on the next page as one."""
    merged: list[_Piece] = []
    open_piece: _Piece | None = None
    waiting: list[_Piece] = []
    for piece in pieces:
        if piece.role == "footnote":
            waiting.append(piece)
            continue
        if open_piece is not None and piece.first and _goes_on(open_piece, piece):
            open_piece.lines += piece.lines
            open_piece.notes = open_piece.notes | piece.notes
            open_piece.right = piece.right
            last = piece.last
        else:
            merged += waiting
            waiting = []
            merged.append(piece)
            open_piece = piece
            last = piece.last
        if open_piece.role not in {"paragraph", "list_item"} or not last:
            merged += waiting
            waiting, open_piece = [], None
    return merged + waiting


def _goes_on(piece: _Piece, after: _Piece) -> bool:
    if after.role != "paragraph" or abs(piece.size - after.size) > 0.08 * piece.size:
        return False
    if piece.bold != after.bold:
        return False
    last, first = piece.lines[-1][1], after.lines[0][1]
    if is_hyphenated(last):
        return first.text[0].islower() or first.text[0].isdigit()
    if piece.group is not None and not first.text[0].islower():
        return False
    if ends_sentence(last.text):
        return False
    is_full = last.right >= piece.right - 0.2 * (piece.right - piece.left)
    return first.text[0].islower() or (is_full and len(last.words) > 3)


def _with_notes(pieces: list[_Piece]) -> list[_Piece]:
    """Each footnote after the piece of its page that has its mark."""
    notes = [piece for piece in pieces if piece.role == "footnote"]
    if not notes:
        return pieces
    rest = [piece for piece in pieces if piece.role != "footnote"]
    after: dict[int, list[_Piece]] = {}
    for note in notes:
        place = _referring(rest, note)
        after.setdefault(place, []).append(note)
    ordered = list(after.get(-1, []))
    for place, piece in enumerate(rest):
        ordered += [piece, *after.get(place, [])]
    return ordered


def _referring(pieces: list[_Piece], note: _Piece) -> int:
    found = last = -1
    for place, piece in enumerate(pieces):
        lines = [line for number, line in _lines(piece) if number == note.page]
        if lines:
            last = place
            if found < 0 and note.mark in set(raised_marks(lines)):
                found = place
    return found if found >= 0 else last


def _lines(piece: _Piece) -> Iterator[tuple[int, Line]]:
    yield from piece.lines
    for row in piece.table.rows if piece.table else ():
        for cell in row:
            for line in cell:
                yield piece.page, line


def _levels(pieces: list[_Piece]) -> dict[float, int]:
    sizes = {round(piece.size, 0) for piece in pieces if piece.role == "heading"}
    return {size: min(9, level) for level, size in enumerate(sorted(sizes, reverse=True), 1)}


def _join_tables(pieces: list[_Piece]) -> None:
    """Number the tables; one that ends a page goes on where the next page begins with one alike."""
    count = 0
    last: _Piece | None = None
    for piece in pieces:
        if piece.table is None:
            if piece.role != "footnote":
                last = None
            continue
        width = len(piece.table.rows[0])
        if last is not None and last.table and last.page + 1 == piece.page:
            same = len(last.table.rows[0]) == width
            piece.number = last.number if same else None
        if piece.number is None:
            count += 1
            piece.number = count
        last = piece
    for before, after in pairwise(pieces):
        if before.role == "caption" and after.number is not None:
            before.number = after.number
        elif after.role == "caption" and before.table is not None and before.page == after.page:
            after.number = before.number


def _number_groups(pieces: list[_Piece]) -> None:
    """Number the groups of lines, after the tables."""
    count = max((piece.number or 0 for piece in pieces), default=0)
    numbers: dict[tuple[int, int, int], int] = {}
    for piece in pieces:
        if piece.group is not None:
            piece.number = numbers.setdefault(piece.group, count + len(numbers) + 1)


def _after(pieces: list[_Piece], numbers: list[int]) -> dict[int, list[int]]:
    """Pages whose furniture comes after each piece: the last that begins on it."""
    after: dict[int, list[int]] = {}
    place = -1
    for number in numbers:
        while place + 1 < len(pieces) and pieces[place + 1].page <= number:
            place += 1
        after.setdefault(place, []).append(number)
    return after


def _blocks(piece: _Piece, levels: dict[float, int]) -> Iterator[Block]:
    if piece.table is not None:
        yield from _rows(piece)
        return
    runs = list(_paragraph_runs(piece.lines, piece.notes))
    tidied = tidy(runs)
    if not tidied:
        return
    level = levels.get(round(piece.size, 0), 1) if piece.role == "heading" else 0
    level = 1 if piece.role == "list_item" else level
    yield Block(piece.role, tidied, level=level, table=piece.number)


def _paragraph_runs(lines: Sequence[tuple[int, Line]], notes: set[str]) -> Iterator[Run]:
    last: Line | None = None
    for page, line in lines:
        if last is not None:
            # The normal form joins words over a hyphen and a line break.
            yield Run("\n" if last.is_ended or is_hyphenated(last) else " ")
        yield from runs_of(line, page, notes)
        last = line


def _rows(piece: _Piece) -> Iterator[Block]:
    assert piece.table is not None and piece.number is not None
    texts = [["\n".join(line.text for line in cell) for cell in row] for row in piece.table.rows]
    width = max(map(len, texts))
    if sum(any(row[column].strip() for row in texts) for column in range(width)) < 2:
        for row in piece.table.rows:
            for cell in row:
                tidied = tidy(_cell_runs(cell, piece))
                if tidied:
                    yield Block("paragraph", tidied)
        return
    for number, row in enumerate(piece.table.rows):
        header = number == 0 and is_header(texts[0], texts[1:])
        block = table_row(
            [tidy(_cell_runs(cell, piece)) for cell in row], header=header, table=piece.number
        )
        if block is not None:
            yield block


def _cell_runs(cell: Sequence[Line], piece: _Piece) -> list[Run]:
    runs: list[Run] = []
    for number, line in enumerate(cell):
        runs += [Run("\n")] * (number > 0) + runs_of(line, piece.page, piece.notes)
    return runs


def _marked(page: PageParts, reasons: dict[int, str]) -> Iterator[Block]:
    """Furniture, turned and hidden text of a page."""
    for line in page.lines:
        if id(line) in reasons:
            runs = tidy(runs_of(line, page.number))
            if runs:
                yield Block("furniture", runs, reason=reasons[id(line)])
    for words in page.turned:
        text = "".join((" " if word.spaced else "") + word.text for word in words).strip()
        box = (
            min(word.left for word in words),
            min(word.top for word in words),
            max(word.right for word in words),
            max(word.bottom for word in words),
        )
        if text:
            yield Block("paragraph", (Run(text, Place(page=page.number, rectangle=box)),))
    for reason, words in page.hidden.items():
        runs = tidy(_hidden_runs(words, page.number))
        if runs:
            yield Block("hidden", runs, reason=_REASONS[reason])


def _hidden_runs(words: Sequence[Word], page: int) -> Iterator[Run]:
    for number, line in enumerate(lines_of(words)):
        if number:
            yield Run("\n")
        yield from runs_of(line, page)
