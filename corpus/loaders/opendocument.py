"""OpenDocument texts and presentations (ODT, ODP).

In: a file. Out: one document: headings by their outline level, paragraphs, lists, tables,
footnotes after the block that refers to them, notes of slides; headers and footers as furniture;
deletions of tracked changes struck out. Texts of a presentation have their slide. What can fail,
as UsageError: a damaged or encrypted file, one without text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from base.errors import UsageError
from corpus.loaded import (
    Block,
    LoadedDocument,
    Place,
    Role,
    Run,
    link_runs,
    struck,
    subscript,
    superscript,
    table_row,
)
from corpus.loaders.cells import is_header
from corpus.loaders.office import FileProperties, properties_in
from corpus.loaders.package import package, part_of, xml_of
from corpus.loaders.pieces import block_of, collapse, tidy

_TYPE = "application/vnd.oasis.opendocument"
_HREF = "{http://www.w3.org/1999/xlink}href"
_CONTAINERS = frozenset(
    """
    body text section page frame text-box spreadsheet presentation g custom-shape rect ellipse
    index-body table-of-content index-title soft-page-break-container numbered-paragraph
    alphabetical-index illustration-index table-index user-index bibliography caption
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class _Style:
    shift: str = ""
    is_struck: bool = False


class OpenDocumentLoader:
    """Loads OpenDocument texts and presentations."""

    media_types = (f"{_TYPE}.text", f"{_TYPE}.presentation")
    suffixes = (".odt", ".ott", ".odp", ".otp")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        with package(path) as archive:
            _refuse_encrypted(archive, path)
            content = xml_of(part_of(archive, "content.xml", path), path)
            styles = None
            if "styles.xml" in archive.namelist():
                styles = xml_of(part_of(archive, "styles.xml", path), path)
            known = meta_of(archive, path)
            kind = archive.read("mimetype").decode("ascii", "replace").strip()
        blocks = _Reader(content, styles).blocks()
        if not blocks:
            raise UsageError(
                f"The document '{path}' has no text (pictures are not read); leave it out."
            )
        return [LoadedDocument(blocks=tuple(blocks), media_type=kind, **known)]


def meta_of(archive: Any, path: Path) -> FileProperties:
    """What the file states of itself."""
    if "meta.xml" not in archive.namelist():
        return {}
    return properties_in(xml_of(part_of(archive, "meta.xml", path), path))


def _refuse_encrypted(archive: Any, path: Path) -> None:
    name = "META-INF/manifest.xml"
    if name in archive.namelist() and b"encryption-data" in part_of(archive, name, path):
        raise UsageError(f"The file '{path}' is encrypted; save it without a password.")


def tag_of(element: Any) -> str:
    """The name of an element without its namespace; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute_of(element: Any, name: str) -> str:
    """The attribute of that name in whatever namespace; empty where there is none."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


class _Reader:
    def __init__(self, content: Any, styles: Any) -> None:
        self._content = content
        self._master = styles
        self._styles: dict[str, _Style] = {}
        self._ordered: dict[str, bool] = {}
        for root in (styles, content):
            if root is not None:
                self._learn(root)
        self._tables = 0
        self._slide: int | None = None
        self._pending: list[tuple[str, list[Run]]] = []
        self._deleted = {
            attribute_of(region, "id"): region
            for region in content.iter()
            if tag_of(region) == "changed-region"
        }

    def _learn(self, root: Any) -> None:
        for element in root.iter():
            tag = tag_of(element)
            if tag == "style":
                self._styles[attribute_of(element, "name")] = _style(element)
            elif tag == "list-style":
                first = next(iter(element), None)
                is_number = first is not None and tag_of(first) == "list-level-style-number"
                self._ordered[attribute_of(element, "name")] = is_number

    def blocks(self) -> list[Block]:
        """Headers, the text, footers."""
        body = next((child for child in self._content if tag_of(child) == "body"), self._content)
        return [*self._furniture("header"), *self._blocks(body), *self._furniture("footer")]

    def _furniture(self, kind: str) -> Iterator[Block]:
        if self._master is None:
            return
        seen = set()
        for element in self._master.iter():
            if tag_of(element) in {kind, f"{kind}-left", f"{kind}-first"}:
                for block in self._blocks(element):
                    if block.text not in seen:
                        seen.add(block.text)
                        yield Block("furniture", block.runs, cells=block.cells,
                                    reason=f"{kind} of the pages")  # fmt: skip

    def _blocks(self, parent: Any) -> Iterator[Block]:
        for element in parent:
            tag = tag_of(element)
            if tag == "h":
                level = attribute_of(element, "outline-level")
                yield from self._block(
                    "heading", element, level=int(level) if level.isdigit() else 1
                )
            elif tag == "p":
                yield from self._block("paragraph", element)
            elif tag == "list":
                self._tables += 1
                yield from self._list(element, 1, self._tables, "")
            elif tag == "table":
                yield from self._table(element)
            elif tag == "notes":
                for block in self._blocks(element):
                    yield replace(block, role="footnote", level=0, table=None)
            elif tag in _CONTAINERS:
                if tag == "page":
                    self._slide = (self._slide or 0) + 1
                yield from self._frame(element)

    def _frame(self, element: Any) -> Iterator[Block]:
        kind = attribute_of(element, "class") if tag_of(element) == "frame" else ""
        for block in self._blocks(element):
            if kind == "title" and block.role == "paragraph":
                yield replace(block, role="heading", level=1)
            elif kind in {"footer", "date-time", "page-number", "header"}:
                yield replace(block, role="furniture", level=0, reason=f"{kind} of the slide")
            else:
                yield block

    def _block(self, role: Role, element: Any, lead: str = "", **known: Any) -> Iterator[Block]:
        runs = list(self._runs(element))
        tidied = tidy(runs)
        if tidied:
            block = block_of(role, [*([Run(lead)] if lead else []), *runs], **known)
            if block is not None:
                yield block
        pending, self._pending = self._pending, []
        for mark, inner in pending:
            note = block_of("footnote", [Run(f"[{mark}] ", style="note"), *inner])
            if note is not None:
                yield note
        # Frames within a paragraph hold text boxes and tables.
        for child in element.iter():
            if tag_of(child) == "text-box" and _paragraph_of(child) is element:
                yield from self._blocks(child)

    def _list(self, element: Any, level: int, number: int, style: str) -> Iterator[Block]:
        style = attribute_of(element, "style-name") or style
        count = 0
        for item in element:
            if tag_of(item) not in {"list-item", "list-header"}:
                continue
            start = attribute_of(item, "start-value")
            count = int(start) if start.isdigit() else count + 1
            lead = f"{count}. " if self._ordered.get(style) else "- "
            for child in item:
                tag = tag_of(child)
                if tag == "list":
                    yield from self._list(child, level + 1, number, style)
                elif tag == "h":
                    yield from self._blocks([child])
                elif tag == "p":
                    known = {"level": level, "table": number}
                    yield from self._block("list_item", child, lead, **known)
                    lead = ""

    def _table(self, element: Any) -> Iterator[Block]:
        rows = [
            row
            for row in element.iter()
            if tag_of(row) == "table-row" and _table_of(row) is element
        ]
        grid = [self._row(row) for row in rows]
        self._tables += 1
        table = self._tables
        if max((len(row) for row in grid), default=0) < 2:
            for row in grid:
                for cell in row:
                    block = block_of("paragraph", cell)
                    if block is not None:
                        yield block
            return
        texts = [["".join(run.text for run in cell) for cell in row] for row in grid]
        for number, (row, cells) in enumerate(zip(rows, grid, strict=True)):
            named = any(tag_of(above) == "table-header-rows" for above in row.iterancestors())
            header = named or (number == 0 and is_header(texts[0], texts[1:]))
            built = table_row(cells, header=header, table=table)
            if built is not None:
                yield built

    def _row(self, row: Any) -> list[list[Run]]:
        cells: list[list[Run]] = []
        for cell in row:
            tag = tag_of(cell)
            if tag not in {"table-cell", "covered-table-cell"}:
                continue
            runs: list[Run] = []
            for paragraph in cell.iter():
                if tag_of(paragraph) in {"p", "h"}:
                    runs += ([Run("\n")] if runs else []) + list(self._runs(paragraph))
            repeat = attribute_of(cell, "number-columns-repeated")
            times = int(repeat) if repeat.isdigit() and int(repeat) < 100 else 1
            cells += [list(tidy(runs))] + [[]] * (times - 1)
        return cells

    def _place(self) -> Place | None:
        return None if self._slide is None else Place(slide=self._slide)

    def _runs(self, element: Any, style: _Style = _Style()) -> Iterator[Run]:
        yield from self._text(element.text, style)
        for child in element:
            yield from self._child(child, style)
            yield from self._text(child.tail, style)

    def _child(self, child: Any, style: _Style) -> Iterator[Run]:
        tag = tag_of(child)
        if tag == "span":
            yield from self._runs(child, self._styles.get(attribute_of(child, "style-name"), style))
        elif tag == "a":
            runs = list(self._runs(child, style))
            yield from runs
            words = "".join(run.text for run in runs)
            yield from link_runs(words, child.get(_HREF, ""), self._place())[1:] if words else ()
        elif tag == "s":
            count = attribute_of(child, "c")
            yield Run(" " * (min(int(count), 1000) if count.isdigit() else 1), self._place())
        elif tag in {"tab", "line-break"}:
            yield Run("\t" if tag == "tab" else "\n", self._place())
        elif tag == "note":
            yield from self._note(child)
        elif tag == "change":
            yield from self._deletion(attribute_of(child, "change-id"))
        elif tag == "annotation":
            self._pending.append(("comment", self._paragraphs(child)))
        elif tag not in {"frame", "tracked-changes", "bookmark", "soft-page-break"}:
            yield from self._runs(child, style)

    def _note(self, note: Any) -> Iterator[Run]:
        parts = {tag_of(part): part for part in note}
        citation = parts.get("note-citation")
        mark = "".join(citation.itertext()).strip() if citation is not None else "*"
        body = parts.get("note-body")
        self._pending.append((mark, self._paragraphs(body) if body is not None else []))
        yield Run(f"[{mark}]", self._place(), style="note")

    def _paragraphs(self, parent: Any) -> list[Run]:
        runs: list[Run] = []
        for paragraph in parent.iter():
            if tag_of(paragraph) == "p":
                runs += ([Run("\n")] if runs else []) + list(self._runs(paragraph))
        return runs

    def _deletion(self, number: str) -> Iterator[Run]:
        region = self._deleted.get(number)
        deletion = (
            next((part for part in region if tag_of(part) == "deletion"), None)
            if region is not None
            else None
        )
        if deletion is not None:
            text = "".join(
                "".join(part.itertext()) for part in deletion if tag_of(part) in {"p", "h"}
            )
            if text.strip():
                yield Run(struck(text), self._place(), style="struck")

    def _text(self, text: str | None, style: _Style) -> Iterator[Run]:
        if not text:
            return
        text = collapse(text)
        if style.shift and text.strip():
            text = (superscript if style.shift == "super" else subscript)(text)
        if style.is_struck and text.strip():
            yield Run(struck(text), self._place(), style="struck")
        else:
            yield Run(text, self._place())


def _style(element: Any) -> _Style:
    for settings in element:
        if tag_of(settings) == "text-properties":
            position = attribute_of(settings, "text-position")
            shift = ""
            if position:
                amount = position.split()[0].rstrip("%")
                is_down = amount == "sub" or amount.startswith("-")
                shift = "sub" if is_down else "" if amount in {"0", ""} else "super"
            line = attribute_of(settings, "text-line-through-style")
            return _Style(shift, line not in {"", "none"})
    return _Style()


def _table_of(row: Any) -> Any:
    return next((above for above in row.iterancestors() if tag_of(above) == "table"), None)


def _paragraph_of(box: Any) -> Any:
    return next((above for above in box.iterancestors() if tag_of(above) in {"p", "h"}), None)
