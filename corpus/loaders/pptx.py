"""Presentations (PPTX).

In: a file. Out: one document: each slide's title a heading, its texts in the order of the page,
lists by their level, tables, the values of charts as tables, notes as footnotes; footers and
slide numbers as furniture, slides that are not shown as hidden. Each text has its slide. What can
fail, as UsageError: a damaged or encrypted file, one without text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from base.errors import UsageError
from corpus.loaded import (
    Block,
    LoadedDocument,
    Place,
    Run,
    link_runs,
    struck,
    subscript,
    superscript,
    table_row,
)
from corpus.loaders.cells import is_header
from corpus.loaders.office import properties
from corpus.loaders.package import package
from corpus.loaders.pieces import block_of, tidy

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FURNITURE = {"FOOTER": "footer of the slide", "DATE": "date of the slide",
              "SLIDE_NUMBER": "number of the slide", "HEADER": "header of the slide"}  # fmt: skip
_TITLES = {"TITLE", "CENTER_TITLE", "VERTICAL_TITLE"}
_LISTED = {"BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT"}


class PptxLoader:
    """Loads PowerPoint presentations."""

    media_types = ("application/vnd.openxmlformats-officedocument.presentationml.presentation",)
    suffixes = (".pptx", ".pptm", ".ppsx", ".potx")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        with package(path) as archive:
            facts = properties(archive, path)
        reader = _Reader()
        blocks = [
            block
            for number, slide in enumerate(_open(path).slides, 1)
            for block in reader.slide(slide, number)
        ]
        if not blocks:
            raise UsageError(
                f"The presentation '{path}' has no text (pictures are not read); leave it out."
            )
        return [LoadedDocument(blocks=tuple(blocks), media_type=self.media_types[0], **facts)]


def _open(path: Path) -> Any:
    from lxml.etree import XMLSyntaxError
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError

    try:
        return Presentation(str(path))
    except (PackageNotFoundError, XMLSyntaxError, KeyError, ValueError, AttributeError) as error:
        raise UsageError(
            f"The presentation '{path}' is damaged ({error}); open and save it again."
        ) from None


class _Reader:
    def __init__(self) -> None:
        self._tables = 0

    def slide(self, slide: Any, number: int) -> list[Block]:
        """The blocks of a slide."""
        place = Place(slide=number)
        shapes = sorted(_shapes(slide.shapes), key=_position)
        blocks = [block for shape in shapes for block in self._shape(shape, place)]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            text = slide.notes_slide.notes_text_frame.text.replace("\v", "\n")
            note = block_of("footnote", [Run(text, place)])
            blocks += [note] if note is not None else []
        if slide._element.get("show") in {"0", "false"}:
            reason = "the slide is not shown"
            return [replace(block, role="hidden", level=0, reason=reason) for block in blocks]
        return blocks

    def _shape(self, shape: Any, place: Place) -> Iterator[Block]:
        if shape.has_table if hasattr(shape, "has_table") else False:
            yield from self._table(shape.table, place)
        elif getattr(shape, "has_chart", False):
            yield from self._chart(shape.chart, place)
        elif shape.has_text_frame:
            yield from self._text(shape, place)

    def _text(self, shape: Any, place: Place) -> Iterator[Block]:
        kind = _placeholder(shape)
        paragraphs = [
            (paragraph, list(_runs(paragraph, place))) for paragraph in shape.text_frame.paragraphs
        ]
        filled = [(paragraph, runs) for paragraph, runs in paragraphs if tidy(runs)]
        if kind in _TITLES and filled:
            runs = [run for number, (_, inner) in enumerate(filled)
                    for run in [*[Run("\n")] * (number > 0), *inner]]  # fmt: skip
            yield from _some(block_of("heading", runs, level=1))
            return
        self._tables += 1
        for paragraph, runs in filled:
            if kind in _FURNITURE:
                yield from _some(block_of("furniture", runs, reason=_FURNITURE[kind]))
            elif (kind in _LISTED and len(filled) > 1) or _has_bullet(paragraph):
                facts = {"level": paragraph.level + 1, "table": self._tables}
                yield from _some(block_of("list_item", [Run("- "), *runs], **facts))
            else:
                yield from _some(block_of("paragraph", runs))

    def _table(self, table: Any, place: Place) -> Iterator[Block]:
        self._tables += 1
        rows = [
            [[] if cell.is_spanned else _cell(cell, place) for cell in row.cells]
            for row in table.rows
        ]
        texts = [["".join(run.text for run in cell) for cell in row] for row in rows]
        for number, row in enumerate(rows):
            header = number == 0 and (bool(table.first_row) or is_header(texts[0], texts[1:]))
            yield from _some(table_row(row, header=header and len(rows) > 1, table=self._tables))

    def _chart(self, chart: Any, place: Place) -> Iterator[Block]:
        self._tables += 1
        if chart.has_title and chart.chart_title.has_text_frame:
            runs = [Run(chart.chart_title.text_frame.text, place)]
            yield from _some(block_of("caption", runs, table=self._tables))
        for plot in chart.plots:
            series = list(plot.series)
            names = ["", *[str(one.name) for one in series]]
            places = [place] * len(names)
            yield from _some(table_row(names, places, header=True, table=self._tables))
            for number, category in enumerate(map(str, plot.categories)):
                values = [
                    one.values[number] if number < len(one.values) else None for one in series
                ]
                cells = [category, *["" if value is None else f"{value:g}" for value in values]]
                yield from _some(table_row(cells, places, table=self._tables))


def _shapes(shapes: Any) -> Iterator[Any]:
    waiting = list(shapes)
    while waiting:
        shape = waiting.pop(0)
        if hasattr(shape, "shapes"):
            waiting = [*shape.shapes, *waiting]
        else:
            yield shape


def _position(shape: Any) -> tuple[int, int, int]:
    """Titles first, then by height in steps of a line, then from the left."""
    top, left = shape.top or 0, shape.left or 0
    return (0 if _placeholder(shape) in _TITLES else 1, top // 360_000, left)


def _placeholder(shape: Any) -> str:
    if not shape.is_placeholder:
        return ""
    kind = shape.placeholder_format.type
    return kind.name if kind is not None else "OBJECT"


def _has_bullet(paragraph: Any) -> bool:
    settings = paragraph._p.find(f"{_A}pPr")
    return settings is not None and any(
        settings.find(f"{_A}{name}") is not None for name in ("buChar", "buAutoNum")
    )


def _runs(paragraph: Any, place: Place) -> Iterator[Run]:
    from pptx.text.text import _Run

    for element in paragraph._p:
        tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if tag == "br":
            yield Run("\n")
        elif tag == "fld":
            yield from [Run(part.text, place) for part in element.iter(f"{_A}t") if part.text]
        elif tag == "r":
            run = _Run(element, paragraph)
            if run.text:
                yield from _styled(run, place)


def _styled(run: Any, place: Place) -> Iterator[Run]:
    text = run.text.replace("\v", "\n")
    settings = run._r.find(f"{_A}rPr")
    shift = int(settings.get("baseline", "0").rstrip("%") or 0) if settings is not None else 0
    if shift:
        text = (superscript if shift > 0 else subscript)(text)
    if settings is not None and settings.get("strike") in {"sngStrike", "dblStrike"}:
        yield Run(struck(text), place, style="struck")
        return
    address = run.hyperlink.address if run.hyperlink is not None else None
    yield from link_runs(text, address or "", place)


def _cell(cell: Any, place: Place) -> list[Run]:
    runs: list[Run] = []
    for number, paragraph in enumerate(cell.text_frame.paragraphs):
        runs += [Run("\n")] * (number > 0) + list(_runs(paragraph, place))
    return list(tidy(runs))


def _some(block: Block | None) -> Iterator[Block]:
    if block is not None:
        yield block
