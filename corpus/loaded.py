"""What a loader returns: the seam between file formats and the rest of belegt.

In: nothing; these are plain frozen dataclasses that a loader fills, in a child process, and that
are pickled to its parent. Out: a :class:`LoadedDocument`, typed blocks of text in reading order,
each character with its place in the original, and what the file states of itself. What can fail:
:meth:`LoadedDocument.check` raises ValueError for a block that contradicts itself, which is a
fault of a loader and never of a file.

**Who does what.** A loader (``corpus/loaders/<format>.py``) turns one file into blocks. Telling
the type by content, the table of loaders, and running one in a child process with limits of time
and memory are ``corpus/loaders/``'s, written behind :func:`corpus.loaders.load_file`.
:mod:`corpus.loaders.assemble` makes a :class:`~corpus.document.Document` of the blocks, and
everything after that (furniture of running text, language, date, title, sentences, passages)
never sees the format.

**Nothing is lost, nothing is made up.** Every character of the file's content is in exactly one
block, as it stands there: also what nobody should quote. What a reader of the page does not see
has the role ``hidden``, what is known from the format to be page furniture (a running header, a
``<nav>``) the role ``furniture``; both say why in ``reason``. Furniture that is only suspected
from its words is marked later, by :mod:`corpus.cleaning`, not by a loader. A loader never repeats
text, never trims digits, never joins what a line break or a cell's border keeps apart.

**How blocks become the stored text.** ``Document.text`` is the texts of the blocks in their
order. Between two blocks stands ``before`` of the second, white space only; where it is None, one
line break between neighbours of one list, of one table, or of code, else a blank line
(:func:`separator`). Within a block the runs follow one another without anything between: a line
break in a cell, the " | " between two cells and the "- " of a list item are characters of runs.
So each stored character belongs to one run and to its place, or to a separator, which has none;
:mod:`corpus.places` keeps that map and answers for a span of the text.

**Conventions of the text**, the same for all formats (the helpers below write them):

* A raised digit is its Unicode character ("10⁶"), any other raised text stands behind "^"
  ("10^(n+1)"); lowered likewise ("H₂O", "x_(i+1)"): :func:`superscript`, :func:`subscript`.
  A footnote's mark is no exponent: it is a run of the style ``note``, written "[4]".
* Struck-out text stands between "~~": :func:`struck`.
* A word that OCR is unsure of stands as it was read, in a run of the style ``unsure``.
* A link is its words, then its address in brackets, the address in a run of the style
  ``address``: :func:`link_runs`.
* A table row is its cells with " | " between, empty cells too (:func:`table_row`); a line break in
  a cell is "\\n". A checkbox is "[ ]" or "[x]" at the start of its item.
* A list item begins with its mark ("- ", "3. "); two blanks for each level above stand before it
  as separator.
* Words that a line's end hyphenates, ligatures, soft hyphens, odd dashes stay as the file has
  them; :mod:`corpus.normal_form` folds them wherever text is compared or read.
* Furniture that interrupts a paragraph (a running header between two halves of a sentence) comes
  as a block after the whole paragraph, with its own place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Literal, Protocol, get_args

Role = Literal[
    "heading",
    "paragraph",
    "list_item",
    "table_header",
    "table_row",
    "caption",
    "code",
    "footnote",
    "furniture",
    "hidden",
]
"""What a block is; ``caption`` is that of a table (same ``table`` number) or of a picture."""

Style = Literal["", "note", "struck", "address", "unsure"]
"""What a run is within its block: plain text, a footnote's mark, struck out, a link's address, a
word that OCR is unsure of."""

ROLES: tuple[Role, ...] = get_args(Role)

_MARKED = ("furniture", "hidden")
_WITH_CELLS = ("table_header", "table_row", *_MARKED)
_CELLS = " | "
_RAISED = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOWERED = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))


@dataclass(frozen=True)
class Place:
    """Where a run stands in the original. What does not apply is None; all counts begin with 1."""

    line: int | None = None
    """Line of the file in which the run begins; each line break in the run counts it up."""
    page: int | None = None
    """Page of a PDF, a scan, a text document."""
    rectangle: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom in points (1/72 inch) from the upper left corner of the page as
    it is shown (rotation applied)."""
    sheet: str | None = None
    """Name of the sheet of a workbook."""
    cell: str | None = None
    """Cell of the sheet ("B7"); the upper left one where cells are joined."""
    slide: int | None = None
    """Slide of a presentation."""
    message: str | None = None
    """What names the message in a mailbox: its Message-ID, else its number."""
    part: str | None = None
    """Part of the file: a chapter's file in an EPUB, a resource of an MHTML, a JSON path."""


@dataclass(frozen=True)
class Run:
    """A piece of a block's text that has one place and one style.

    A PDF has a run for each line of a paragraph, a table one for each cell, Markdown one for each
    line of the source.
    """

    text: str
    """At least one character."""
    place: Place | None = None
    """Where it stands; None for what only sets cells or words apart."""
    edges: tuple[float, ...] = ()
    """Where the page has boxes of characters: the horizontal borders of the run's characters in
    points, ``len(text) + 1`` values in reading order (falling for a line from right to left), so
    that a part of the run has its own rectangle. Empty where only the whole run has one."""
    style: Style = ""
    """What kind of text it is."""


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, list item, table row ...: text that no sentence leaves."""

    role: Role
    """What it is."""
    runs: tuple[Run, ...]
    """Its text; joined they are not empty and have no white space at their ends."""
    level: int = 0
    """Of a heading 1 (outermost) to 9; of a list item its depth, 1 the outermost; else 0."""
    table: int | None = None
    """A number that all rows, header rows and the caption of one table share; of list items, a
    number that the items of one list share (nested ones too); of paragraphs, one that lines share
    which stand below one another, each by itself (an address, a poem). None for all else."""
    cells: tuple[tuple[int, int], ...] = ()
    """Of a row: start and end of each cell within the block's text, in the order of the columns;
    an empty cell has start == end. A cell that spans columns is followed by empty ones."""
    headers: tuple[str, ...] = ()
    """Of a row: for each cell the words of its column's header, where the format knows them
    better than "the text in the same column of the ``table_header`` rows above", else empty."""
    reason: str = ""
    """Why it is furniture or hidden, in a few plain words ("repeated at the top of 12 pages",
    "white text on white"); empty for all else."""
    before: str | None = None
    """White space between the block before and this one; None: as :func:`separator` has it."""
    path: tuple[str, ...] | None = None
    """The headings above it, outermost first, where the format states them otherwise than by
    heading blocks before it; None: they follow from those."""

    @property
    def text(self) -> str:
        """The text of all runs."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class LoadedDocument:
    """One document of a file: most files are one; a mailbox or an archive holds many."""

    blocks: tuple[Block, ...]
    """All text, in reading order."""
    name: str = ""
    """Where it lies within the file ("anlagen/angebot.pdf", "3 Re: Termin"), with "/" between
    folders; empty for the file itself. With the file's path it identifies the document, so it must
    be the same each time the file is read."""
    media_type: str = ""
    """As content told it ("application/pdf"); empty where the loader does not know."""
    title: str = ""
    """The title that the file states (front matter, document properties, subject), else empty."""
    date: str = ""
    """The date of the document as the file states it, in any common form, else empty. Never a
    date that merely stands in the text."""
    date_from: str = ""
    """What states the date: "front matter", "file properties", "Date header" ..."""
    source: str = ""
    """Who published it, where the file states that."""
    author: str = ""
    """Who wrote or sent it, where the file states that."""
    language: str = ""
    """As the file states it ("de", "en-GB", "deutsch"), else empty: then it is detected."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Whatever else the file states, as names and values."""
    warnings: tuple[str, ...] = ()
    """One sentence each, naming file and field or page: what was odd, damaged or left unread."""

    def check(self) -> None:
        """Raise ValueError where a block contradicts itself."""
        for number, block in enumerate(self.blocks, 1):
            problem = _problem(block)
            if problem:
                raise ValueError(f"block {number} of {len(self.blocks)} ({block.role}): {problem}")


def _problem(block: Block) -> str:
    """The first thing that is wrong with ``block``, or nothing."""
    text = block.text
    faults = (
        (not text or text != text.strip(), "its text is empty or has white space at an end"),
        ((block.before or "").strip(), "what stands before it is more than white space"),
        (block.role in _MARKED and not block.reason, "it has no reason"),
        (block.cells and block.role not in _WITH_CELLS, "only rows have cells"),
        (
            any(not 0 <= start <= end <= len(text) for start, end in block.cells),
            "a cell lies outside its text",
        ),
        (
            block.headers and len(block.headers) != len(block.cells),
            "it has not one header for each cell",
        ),
        (
            any(run.edges and len(run.edges) != len(run.text) + 1 for run in block.runs),
            "a run has not one border more than characters",
        ),
    )
    return next((sentence for is_wrong, sentence in faults if is_wrong), "")


class Loader(Protocol):
    """Reads the files of one format; the code of ``load`` runs in a child process."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """The types of content it reads, as detection names them ("application/pdf")."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes of the format's file names, in lower case, with the dot; a hint only."""
        ...

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The documents in the file at ``path``; raises UsageError, one sentence, if none is."""
        ...


def separator(before: Block | None, block: Block) -> str:
    """The white space between two neighbouring blocks of a document."""
    if before is None:
        return ""
    if block.before is not None:
        return block.before
    if block.role == before.role == "code":
        return "\n"
    close = block.table is not None and block.table == before.table
    indent = "  " * (block.level - 1) if block.role == "list_item" else ""
    return ("\n" if close else "\n\n") + indent


def text_block(
    text: str, role: Role = "paragraph", place: Place | None = None, **facts: object
) -> Block:
    """A block of one run; white space at the ends of ``text`` is cut off.

    ``facts`` are further fields of :class:`Block`. Lines that are cut off are counted in
    ``place``.
    """
    stripped = text.strip()
    if place is not None and place.line is not None:
        skipped = text[: len(text) - len(text.lstrip())].count("\n")
        place = replace(place, line=place.line + skipped)
    return Block(role=role, runs=(Run(stripped, place),), **facts)  # type: ignore[arg-type]


def table_row(
    cells: Sequence[str | Sequence[Run]],
    places: Sequence[Place | None] = (),
    *,
    header: bool = False,
    table: int,
    headers: Sequence[str] = (),
) -> Block | None:
    """A row of a table; None where all its cells are empty.

    A cell is a text, with its place at the same position of ``places``, or runs that know theirs.
    Empty cells at the row's end are kept as cells, though nothing is written for them.
    """
    filled = [
        tuple(cell) if not isinstance(cell, str) else _cell_runs(cell, places, column)
        for column, cell in enumerate(cells)
    ]
    last = max((column for column, runs in enumerate(filled) if _text(runs)), default=-1)
    if last < 0:
        return None
    runs: list[Run] = []
    spans: list[tuple[int, int]] = []
    length = 0
    for column, cell in enumerate(filled):
        if 0 < column <= last:
            # Without a blank at its end a row may begin with an empty cell.
            runs.append(Run(_CELLS if length else _CELLS.lstrip()))
            length += len(runs[-1].text)
        width = len(_text(cell))
        spans.append((length, length + width))
        length += width
        runs.extend(cell)
    return Block(
        role="table_header" if header else "table_row",
        runs=tuple(runs),
        table=table,
        cells=tuple(spans),
        headers=tuple(headers),
    )


def _cell_runs(text: str, places: Sequence[Place | None], column: int) -> tuple[Run, ...]:
    place = places[column] if column < len(places) else None
    stripped = text.strip()
    return (Run(stripped, place),) if stripped else ()


def _text(runs: Sequence[Run]) -> str:
    return "".join(chain.from_iterable(run.text for run in runs))


def superscript(text: str) -> str:
    """Raised ``text``: "6" is "⁶", "th" is "^th", "n+1" is "ⁿ⁺¹", "a b" is "^(a b)"."""
    return _shifted(text, _RAISED, "^")


def subscript(text: str) -> str:
    """Lowered ``text``: "2" is "₂", "max" is "_max"."""
    return _shifted(text, _LOWERED, "_")


def _shifted(text: str, known: dict[str, str], sign: str) -> str:
    if not text.strip():
        return text
    if all(character in known for character in text):
        return "".join(known[character] for character in text)
    return f"{sign}{text}" if text.isalnum() else f"{sign}({text})"


def struck(text: str) -> str:
    """Struck-out ``text``, for a run of the style ``struck``."""
    return f"~~{text}~~" if text.strip() else text


def link_runs(words: str, address: str, place: Place | None = None) -> tuple[Run, ...]:
    """The runs of a link: its words, and its address where that says more than the words.

    The address of a mailbox or telephone stands without "mailto:" or "tel:". A link to another
    part of the same document ("#chapter") is its words alone.
    """
    shown = address.strip()
    for scheme in ("mailto:", "tel:"):
        if shown.lower().startswith(scheme):
            shown = shown[len(scheme) :].partition("?")[0]
    words_run = (Run(words, place),) if words else ()
    plain = words.strip().removeprefix("https://").removeprefix("http://").rstrip("/")
    same = shown.removeprefix("https://").removeprefix("http://").rstrip("/") == plain
    if not shown or shown.startswith("#") or same:
        return words_run
    if not words.strip():
        return (*words_run, Run(shown, place, style="address"))
    return (*words_run, Run(" ("), Run(shown, place, style="address"), Run(")"))
