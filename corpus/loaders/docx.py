"""Word documents (DOCX, DOCM, DOTX).

In: a file. Out: one document: headings by their outline level, paragraphs, lists with their
numbers, tables, footnotes and endnotes after the block that refers to them, comments, text boxes;
headers and footers as furniture, hidden text as hidden, deletions of tracked changes struck out.
Pages are known where Word left its page breaks. What can fail, as UsageError: a damaged or
encrypted file, one without text.

The XML is walked here: python-docx's paragraphs leave out notes, fields, text boxes and tracked
changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from corpus.loaders.docx_lists import Numbering
from corpus.loaders.office import properties
from corpus.loaders.package import package, part_of, xml_of
from corpus.loaders.pieces import block_of, tidy

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_TRANSPARENT = ("ins", "moveTo", "smartTag", "sdtContent", "customXml", "fldSimple", "dir", "bdo")
_HYPHENS = {"noBreakHyphen": "\u2011", "softHyphen": "\u00ad", "tab": "\t", "cr": "\n"}


class DocxLoader:
    """Loads Word documents."""

    media_types = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)
    suffixes = (".docx", ".docm", ".dotx")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        with package(path) as archive:
            main, parts = _main_part(archive, path)
            reader = _Reader(archive, path, main, parts)
            blocks = reader.blocks()
            facts = properties(archive, path)
        if not blocks:
            raise UsageError(
                f"The document '{path}' has no text (pictures are not read); leave it out."
            )
        return [LoadedDocument(blocks=tuple(blocks), media_type=self.media_types[0], **facts)]


def _main_part(archive: Any, path: Path) -> tuple[str, dict[str, str]]:
    """Name of the text's part, and targets of its relations by id."""
    root = xml_of(part_of(archive, "_rels/.rels", path), path)
    main = "word/document.xml"
    for relation in root:
        if relation.get("Type", "").endswith("/officeDocument"):
            main = relation.get("Target", main).lstrip("/")
    folder, _, name = main.rpartition("/")
    listed = f"{folder}/_rels/{name}.rels"
    if listed not in archive.namelist():
        return main, {}
    relations = xml_of(part_of(archive, listed, path), path)
    return main, {
        relation.get("Id", ""): _target(folder, relation)
        for relation in relations
        if isinstance(relation.tag, str)
    }


def _target(folder: str, relation: Any) -> str:
    target = str(relation.get("Target", ""))
    if relation.get("TargetMode") == "External":
        return target
    return target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"


class _Reader:
    def __init__(self, archive: Any, path: Path, main: str, parts: dict[str, str]) -> None:
        self._archive = archive
        self._path = path
        self._parts = parts
        self._folder = main.rpartition("/")[0]
        self._body = xml_of(part_of(archive, main, path), path)
        self._styles = _styles(self._part("styles.xml"))
        self._numbering = Numbering(self._part("numbering.xml"))
        self._footnotes = self._notes("footnotes.xml", "footnote")
        self._endnotes = self._notes("endnotes.xml", "endnote")
        self._comments = self._notes("comments.xml", "comment")
        self._page = (
            1 if next(self._body.iter(f"{_W}lastRenderedPageBreak"), None) is not None else None
        )
        self._tables = 0
        self._pending: list[tuple[str, Any]] = []
        self._hidden: list[Run] = []

    def _part(self, name: str) -> Any:
        full = f"{self._folder}/{name}"
        if full not in self._archive.namelist():
            return None
        return xml_of(part_of(self._archive, full, self._path), self._path)

    def _notes(self, name: str, tag: str) -> dict[str, Any]:
        root = self._part(name)
        if root is None:
            return {}
        return {
            note.get(f"{_W}id", ""): note
            for note in root.iter(f"{_W}{tag}")
            if note.get(f"{_W}type") in {None, "normal"}
        }

    def blocks(self) -> list[Block]:
        """Headers, the text, footers."""
        furniture = list(self._furniture("header", "header of the pages"))
        body = self._body.find(f"{_W}body")
        text = list(self._blocks(body if body is not None else self._body))
        return [*furniture, *text, *self._furniture("footer", "footer of the pages")]

    def _furniture(self, kind: str, reason: str) -> Iterator[Block]:
        seen = set()
        for name in sorted(self._archive.namelist()):
            base = name.rpartition("/")[2]
            if not (name.startswith(f"{self._folder}/{kind}") and base.endswith(".xml")):
                continue
            root = xml_of(part_of(self._archive, name, self._path), self._path)
            for block in self._blocks(root):
                if block.text not in seen:
                    seen.add(block.text)
                    yield Block("furniture", block.runs, cells=block.cells, reason=reason)

    def _blocks(self, parent: Any) -> Iterator[Block]:
        for element in parent:
            tag = _tag(element)
            if tag == "p":
                yield from self._paragraph(element)
            elif tag == "tbl":
                yield from self._table(element)
            elif tag == "sdt":
                content = element.find(f"{_W}sdtContent")
                yield from self._blocks(content) if content is not None else ()
            elif tag in _TRANSPARENT:
                yield from self._blocks(element)
            yield from self._due()

    def _due(self) -> Iterator[Block]:
        """Hidden text, text boxes and notes of the block before."""
        hidden, self._hidden = self._hidden, []
        block = block_of("hidden", hidden, reason="formatted as hidden text")
        if block is not None:
            yield block
        pending, self._pending = self._pending, []
        for kind, element in pending:
            if kind == "box":
                yield from self._blocks(element)
                continue
            runs: list[Run] = [Run(f"[{kind}] ", style="note")]
            for number, paragraph in enumerate(element.iter(f"{_W}p")):
                runs += [Run("\n")] * (number > 0) + list(self._runs(paragraph))
            note = block_of("footnote", runs)
            if note is not None:
                yield note

    def _paragraph(self, element: Any) -> Iterator[Block]:
        settings = element.find(f"{_W}pPr")
        runs = list(self._runs(element))
        if not tidy(runs):
            return
        name = _value(settings, "pStyle")
        level, caption, numbered = self._style(name, settings)
        mark = self._numbering.mark(*numbered) if numbered else ""
        if level:
            yield from _some(
                block_of("heading", [Run(f"{mark} ")] * bool(mark) + runs, level=level)
            )
        elif mark and numbered:
            facts = {"level": numbered[1] + 1, "table": 1_000_000 + numbered[0]}
            yield from _some(block_of("list_item", [Run(f"{mark} "), *runs], **facts))
        else:
            yield from _some(block_of("caption" if caption else "paragraph", runs))

    def _style(self, name: str, settings: Any) -> tuple[int, bool, tuple[int, int] | None]:
        level, caption, numbered = self._styles.get(name, (0, False, None))
        if settings is not None:
            outline = _value(settings, "outlineLvl")
            if outline.isdigit() and int(outline) < 9:
                level = int(outline) + 1
            numbers = settings.find(f"{_W}numPr")
            if numbers is not None:
                number, depth = _value(numbers, "numId"), _value(numbers, "ilvl")
                inherited = numbered[1] if numbered else 0
                numbered = _numbered(number, depth or str(inherited))
        return level, caption, numbered

    def _runs(self, parent: Any) -> Iterator[Run]:
        for element in parent:
            tag = _tag(element)
            if tag == "r":
                yield from self._run(element)
            elif tag == "hyperlink":
                yield from self._link(element)
            elif tag in {"del", "moveFrom"}:
                text = "".join(part.text or "" for part in element.iter(f"{_W}delText", f"{_W}t"))
                if text.strip():
                    yield Run(struck(text), self._place(), style="struck")
            elif tag == "sdt":
                yield from self._control(element)
            elif tag in _TRANSPARENT:
                yield from self._runs(element)
            elif tag in {"oMath", "oMathPara"}:
                text = "".join(part.text or "" for part in element.iter() if _tag(part) == "t")
                yield from [Run(text, self._place())] if text else []

    def _link(self, element: Any) -> Iterator[Run]:
        runs = [run for run in self._runs(element) if run.text]
        address = self._parts.get(element.get(f"{_R}id", ""), "")
        yield from runs
        words = "".join(run.text for run in runs)
        if address and words:
            yield from link_runs(words, address, self._place())[1:]

    def _control(self, element: Any) -> Iterator[Run]:
        content = element.find(f"{_W}sdtContent")
        box = next(element.iter(f"{_W14}checkbox"), None)
        if box is not None:
            state = box.find(f"{_W14}checked")
            checked = state is not None and state.get(f"{_W14}val") in {"1", "true"}
            yield Run("[x]" if checked else "[ ]", self._place())
        elif content is not None:
            yield from self._runs(content)

    def _run(self, element: Any) -> Iterator[Run]:
        settings = element.find(f"{_W}rPr")
        for child in element:
            tag = _tag(child)
            if tag == "lastRenderedPageBreak" and self._page is not None:
                self._page += 1
            elif tag == "t" and child.text:
                yield from self._styled(child.text, settings)
            elif tag == "br":
                yield Run("\n")
            elif tag in _HYPHENS:
                yield Run(_HYPHENS[tag], self._place())
            elif tag == "sym":
                yield from self._symbol(child)
            elif tag in {"footnoteReference", "endnoteReference", "commentReference"}:
                yield from self._reference(tag, child.get(f"{_W}id", ""))
            elif tag in {"drawing", "pict", "AlternateContent", "object"}:
                self._boxes(child)

    def _symbol(self, element: Any) -> Iterator[Run]:
        code = element.get(f"{_W}char", "")
        boxes = {
            "F0FE": "[x]",
            "F0FD": "[x]",
            "2612": "[x]",
            "F06F": "[ ]",
            "F0A8": "[ ]",
            "2610": "[ ]",
        }
        yield Run(boxes.get(code.upper(), "\N{BULLET}"), self._place())

    def _styled(self, text: str, settings: Any) -> Iterator[Run]:
        place = self._place()
        if _is_on(settings, "vanish") or _is_on(settings, "webHidden"):
            self._hidden.append(Run(text, place))
            return
        shift = _value(settings, "vertAlign")
        if shift in {"superscript", "subscript"} and text.strip():
            lead, end = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            shifted = (superscript if shift == "superscript" else subscript)(text.strip())
            text = f"{lead}{shifted}{end}"
        if _is_on(settings, "strike") or _is_on(settings, "dstrike"):
            yield Run(struck(text), place, style="struck" if text.strip() else "")
            return
        yield Run(text, place)

    def _reference(self, tag: str, number: str) -> Iterator[Run]:
        notes, sign = {
            "footnoteReference": (self._footnotes, ""),
            "endnoteReference": (self._endnotes, "e"),
            "commentReference": (self._comments, "comment "),
        }[tag]
        if number in notes:
            label = f"{sign}{number}"
            self._pending.append((label, notes[number]))
            yield Run(f"[{label}]", self._place(), style="note")

    def _boxes(self, element: Any) -> None:
        """Text boxes, each once: the fallback of an alternative repeats its choice."""
        for box in element.iter(f"{_W}txbxContent"):
            if not any(_tag(above) in {"Fallback"} for above in box.iterancestors()):
                self._pending.append(("box", box))

    def _table(self, element: Any) -> Iterator[Block]:
        rows = [row for row in element.iter(f"{_W}tr") if _table_of(row) is element]
        grid = [list(self._cells(row)) for row in rows]
        if max((len(cells) for cells in grid), default=0) < 2:
            for cells in grid:
                for cell in cells:
                    yield from _some(block_of("paragraph", cell))
            return
        self._tables += 1
        texts = [["".join(run.text for run in cell) for cell in cells] for cells in grid]
        for number, (row, cells) in enumerate(zip(rows, grid, strict=True)):
            named = row.find(f"{_W}trPr/{_W}tblHeader") is not None
            header = named or (number == 0 and is_header(texts[0], texts[1:]))
            yield from _some(table_row(cells, header=header, table=self._tables))

    def _cells(self, row: Any) -> Iterator[list[Run]]:
        for cell in row.iter(f"{_W}tc"):
            if _row_of(cell) is not row:
                continue
            settings = cell.find(f"{_W}tcPr")
            merged = settings.find(f"{_W}vMerge") if settings is not None else None
            goes_on = merged is not None and merged.get(f"{_W}val") != "restart"
            runs: list[Run] = []
            for paragraph in () if goes_on else cell.iter(f"{_W}p"):
                numbered = self._style(
                    _value(paragraph.find(f"{_W}pPr"), "pStyle"), paragraph.find(f"{_W}pPr")
                )[2]
                mark = self._numbering.mark(*numbered) if numbered else ""
                inner = [Run(f"{mark} ")] * bool(mark) + list(self._runs(paragraph))
                runs += ([Run("\n")] if runs else []) + inner
            yield list(tidy(runs))
            span = _value(settings, "gridSpan")
            yield from ([] for _ in range(min(int(span), 100) - 1 if span.isdigit() else 0))

    def _place(self) -> Place | None:
        return None if self._page is None else Place(page=self._page)


def _styles(root: Any) -> dict[str, tuple[int, bool, tuple[int, int] | None]]:
    """Of each paragraph style: outline level or 0, whether it is a caption, its list."""
    found: dict[str, tuple[int, bool, tuple[int, int] | None]] = {}
    for style in root.iter(f"{_W}style") if root is not None else ():
        name = _value(style, "name").lower()
        level = 0
        if name.startswith("heading ") and name[8:].isdigit():
            level = min(9, int(name[8:]))
        elif name == "title":
            level = 1
        settings = style.find(f"{_W}pPr")
        numbers = settings.find(f"{_W}numPr") if settings is not None else None
        base = found.get(_value(style, "basedOn"), (0, False, None))
        numbered = base[2]
        if numbers is not None:
            numbered = _numbered(_value(numbers, "numId"), _value(numbers, "ilvl") or "0")
        found[style.get(f"{_W}styleId", "")] = (level or base[0], name == "caption", numbered)
    return found


def _numbered(number: str, depth: str) -> tuple[int, int] | None:
    if not number.isdigit() or number == "0" or not depth.isdigit():
        return None
    return int(number), min(int(depth), 8)


def _tag(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _value(parent: Any, name: str) -> str:
    child = parent.find(f"{_W}{name}") if parent is not None else None
    return "" if child is None else child.get(f"{_W}val", "")


def _is_on(settings: Any, name: str) -> bool:
    child = settings.find(f"{_W}{name}") if settings is not None else None
    return child is not None and child.get(f"{_W}val", "true") not in {"0", "false", "off"}


def _table_of(element: Any) -> Any:
    return next((above for above in element.iterancestors() if _tag(above) == "tbl"), None)


def _row_of(element: Any) -> Any:
    return next((above for above in element.iterancestors() if _tag(above) == "tr"), None)


def _some(block: Block | None) -> Iterator[Block]:
    if block is not None:
        yield block
