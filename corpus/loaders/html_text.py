"""Markup to blocks: what HTML files, saved pages, mails and books share.

In: a parsed HTML or XHTML tree. Out: blocks in the order of the page: headings, paragraphs, list
items, rows of tables, code; what the markup names as furniture (``nav``, ``footer``, ``aside``,
ARIA landmarks) and what a reader does not see (``hidden``, ``display:none``) with that role and
the reason. Scripts and styles are no text. Nothing can fail: every tree has a reading.

The tree is walked without recursion, so that no depth of nesting matters. White space is
collapsed as a browser does it; ``br`` and borders of blocks are line breaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from corpus.loaded import (
    Block,
    Place,
    Role,
    Run,
    Style,
    link_runs,
    struck,
    subscript,
    superscript,
    table_row,
)
from corpus.loaders.pieces import block_of, collapse, tidy

_SKIPPED = frozenset(("script", "style", "template", "head", "svg", "math-annotation", "object"))
_BLOCKS = frozenset(
    """
    address article aside blockquote body center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu
    nav ol optgroup option p pre section summary table caption thead tbody tfoot tr td th ul
    """.split()  # noqa: SIM905
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = ("ul", "ol", "menu", "dir")
_LANDMARKS = {"navigation": "navigation", "banner": "page header", "contentinfo": "page footer"}
_FURNITURE = {"nav": "navigation", "footer": "page footer", "aside": "beside the text"}
_SHIFTS = {"sup": superscript, "sub": subscript, "del": struck, "s": struck, "strike": struck}


@dataclass
class _Table:
    number: int
    layout: bool
    row: list[list[Run]] | None = None
    is_header: bool = True
    in_head: bool = False


@dataclass
class _List:
    number: int
    next: int | None


@dataclass
class _Inline:
    """An open ``a``, ``sup`` or the like: what it holds is changed as a whole when it closes."""

    tag: str
    begins: int
    address: str = ""


@dataclass
class _State:
    runs: list[Run] = field(default_factory=list)
    inline: list[_Inline] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    tables: list[_Table] = field(default_factory=list)
    roles: list[tuple[Role, int]] = field(default_factory=list)
    marks: list[tuple[Role, str]] = field(default_factory=list)
    item_mark: str = ""
    pre: int = 0
    line: int | None = None


class BlockWriter:
    """Walks one tree; ``part`` names the file within the file, where there is one."""

    def __init__(self, part: str | None = None, tables: int = 0, lines: bool = True) -> None:
        self.tables = tables
        """How many numbers of tables and lists are in use."""
        self._part = part
        self._lines = lines
        self._state = _State()
        self._done: list[Block] = []

    def blocks(self, root: Any) -> list[Block]:
        """The blocks of the tree under ``root``, an lxml element."""
        for event, element in _walk(root):
            tag = _tag(element)
            if event == "start":
                self._state.line = getattr(element, "sourceline", None)
                self._open(tag, element)
                self._text(element.text)
            else:
                self._close(tag, element)
                self._text(element.tail if element is not root else None)
        self._flush()
        return self._done

    def _place(self) -> Place | None:
        line = self._state.line if self._lines else None
        if line is None and self._part is None:
            return None
        return Place(line=line, part=self._part)

    def _text(self, text: str | None) -> None:
        if not text:
            return
        if not self._state.pre:
            text = collapse(text)
        self._state.runs.append(Run(text, self._place()))

    def _open(self, tag: str, element: Any) -> None:
        state = self._state
        if tag in _BLOCKS:
            self._flush()
        mark = _mark(tag, element, bool(state.tables))
        if mark:
            self._flush()
            state.marks.append(mark)
        if tag in _HEADINGS:
            state.roles.append(("heading", _HEADINGS[tag]))
        elif tag in {"caption", "figcaption"}:
            state.roles.append(("caption", 0))
        elif tag == "pre":
            state.pre += 1
            state.roles.append(("code", 0))
        elif tag in _LISTS:
            self.tables += 1
            state.lists.append(_List(self.tables, _start(element) if tag == "ol" else None))
        elif tag == "li":
            self._open_item()
        elif tag == "table":
            self.tables += 1
            state.tables.append(_Table(self.tables, _is_layout(element)))
        elif state.tables:
            self._open_in_table(tag)
        self._open_inline(tag, element)

    def _open_item(self) -> None:
        state = self._state
        if not state.lists:
            state.item_mark = "- "
            return
        innermost = state.lists[-1]
        state.item_mark = "- " if innermost.next is None else f"{innermost.next}. "
        if innermost.next is not None:
            innermost.next += 1

    def _open_in_table(self, tag: str) -> None:
        table = self._state.tables[-1]
        if table.layout:
            return
        if tag == "thead":
            table.in_head = True
        elif tag == "tr":
            table.row, table.is_header = [], True
        elif tag in {"td", "th"} and table.row is not None:
            table.row.append([])
            table.is_header &= tag == "th" or table.in_head

    def _open_inline(self, tag: str, element: Any) -> None:
        state = self._state
        if tag == "br":
            state.runs.append(Run("\n"))
        elif tag == "a" and element.get("href"):
            state.inline.append(_Inline("a", len(state.runs), element.get("href")))
        elif tag in _SHIFTS:
            state.inline.append(_Inline(tag, len(state.runs)))
        elif tag == "input" and element.get("type", "").lower() in {"checkbox", "radio"}:
            sign = "[ ] " if element.get("checked") is None else "[x] "
            state.runs.append(Run(sign, self._place()))
        elif tag == "input" and element.get("value") and element.get("type", "text") == "text":
            state.runs.append(Run(element.get("value"), self._place()))

    def _close(self, tag: str, element: Any) -> None:
        state = self._state
        if state.inline and state.inline[-1].tag == tag:
            self._close_inline(state.inline.pop())
        if tag in _BLOCKS:
            self._flush()
        if tag in _HEADINGS or tag in {"caption", "figcaption", "pre"}:
            state.roles.pop()
            state.pre -= tag == "pre"
        elif tag in _LISTS:
            state.lists.pop()
            state.item_mark = ""
        elif tag == "li":
            state.item_mark = ""
        elif tag == "table":
            state.tables.pop()
        elif state.tables and not state.tables[-1].layout:
            self._close_in_table(tag, element)
        if _mark(tag, element, bool(state.tables)) and state.marks:
            self._flush()
            state.marks.pop()

    def _close_in_table(self, tag: str, element: Any) -> None:
        table = self._state.tables[-1]
        if tag in {"td", "th"} and table.row:
            table.row[-1] = list(tidy(table.row[-1]))
            table.row.extend([] for _ in range(_columns(element) - 1))
        elif tag == "thead":
            table.in_head = False
        elif tag == "tr" and table.row is not None:
            row = table_row(table.row, header=table.is_header, table=table.number)
            table.row = None
            if row is not None:
                self._add(row)

    def _close_inline(self, opened: _Inline) -> None:
        state = self._state
        inside = state.runs[opened.begins :]
        del state.runs[opened.begins :]
        text = "".join(run.text for run in inside)
        place = inside[0].place if inside else self._place()
        if opened.tag == "a":
            linked = link_runs("", opened.address, place)
            words = link_runs(text, opened.address, place)
            # The words keep their own runs; only what link_runs puts behind them is added.
            state.runs.extend(inside if text.strip() else [])
            state.runs.extend(words[1:] if text.strip() else linked)
            return
        if not text.strip():
            state.runs.extend(inside)
            return
        lead = " " if text[0] == " " else ""
        end = " " if text[-1] == " " else ""
        shifted = _SHIFTS[opened.tag](text.strip())
        style: Style = "struck" if _SHIFTS[opened.tag] is struck else ""
        is_note = opened.tag == "sup" and any(run.style == "address" for run in inside)
        if opened.tag == "sup" and (is_note or _is_note(inside, text)):
            shifted, style = f"[{text.strip().strip('[]')}]", "note"
        state.runs.extend([*([Run(lead)] if lead else []), Run(shifted, place, style=style)])
        if end:
            state.runs.append(Run(end))

    def _flush(self) -> None:
        """End the block, or the line of a cell."""
        state = self._state
        for opened in state.inline:
            # An inline element around blocks: what is inside stays plain text.
            opened.begins = 0
        table = state.tables[-1] if state.tables else None
        if table is not None and not table.layout and table.row:
            if tidy(state.runs):
                cell = table.row[-1]
                cell.extend([Run("\n")] if cell else [])
                cell.extend(self._item() + state.runs)
            state.runs = []
            return
        runs, state.runs = state.runs, []
        role, level = state.roles[-1] if state.roles else ("paragraph", 0)
        facts: dict[str, Any] = {"level": level}
        if role == "caption" and table is not None:
            facts["table"] = table.number
        if not tidy(runs):
            return
        if role == "paragraph" and state.lists and state.item_mark:
            role, facts = "list_item", {"level": len(state.lists), "table": state.lists[0].number}
            runs = self._item() + runs
        self._add(_code(runs) if role == "code" else block_of(role, runs, **facts))

    def _item(self) -> list[Run]:
        mark, self._state.item_mark = self._state.item_mark, ""
        return [Run(mark)] if mark else []

    def _add(self, block: Block | None) -> None:
        if block is None:
            return
        if self._state.marks:
            role, reason = self._state.marks[-1]
            block = Block(role, block.runs, table=block.table, cells=block.cells, reason=reason)
        self._done.append(block)


def _walk(root: Any) -> Iterator[tuple[str, Any]]:
    """Start and end of each element but those that hold no text for a reader."""
    from lxml import etree

    walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        if event in {"comment", "pi"}:
            if element.tail and element is not root:
                yield "end", element
            continue
        if event == "start" and _tag(element) in _SKIPPED:
            walker.skip_subtree()
            continue
        yield event, element


def _tag(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _mark(tag: str, element: Any, in_table: bool) -> tuple[Role, str] | None:
    """The role and reason of an element that is furniture or not shown."""
    if tag in {"", "body", "html"}:
        return None
    return _unseen(tag, element) or (None if in_table else _landmark(tag, element))


def _unseen(tag: str, element: Any) -> tuple[Role, str] | None:
    style = element.get("style", "").lower().replace(" ", "")
    if element.get("hidden") is not None or "display:none" in style or "visibility:hidden" in style:
        return "hidden", "not shown on the page"
    if tag == "noscript":
        return "hidden", "shown only without scripts"
    return None


def _landmark(tag: str, element: Any) -> tuple[Role, str] | None:
    role = element.get("role", "").lower()
    if role in _LANDMARKS:
        return "furniture", _LANDMARKS[role]
    if tag in _FURNITURE and not (tag != "nav" and _within_article(element)):
        return "furniture", _FURNITURE[tag]
    return None


def _within_article(element: Any) -> bool:
    return any(_tag(above) in {"article", "blockquote"} for above in element.iterancestors())


def _is_note(inside: list[Run], text: str) -> bool:
    """Whether a raised text is the mark of a note: "[4]" or "*"."""
    del inside
    stripped = text.strip()
    bracketed = stripped[:1] == "[" and stripped[-1:] == "]"
    return bracketed or (bool(stripped) and set(stripped) <= set("*†‡"))


def _is_layout(table: Any) -> bool:
    """Whether a table only arranges a page: it holds tables or headings, or has one column."""
    if table.get("role") in {"presentation", "none"}:
        return True
    widest, count = 0, 0
    for element in table.iter():
        tag = _tag(element)
        if element is not table and (tag == "table" or tag in _HEADINGS):
            return True
        if tag == "tr":
            widest, count = max(widest, count), 0
        elif tag in {"td", "th"}:
            count += 1
    return max(widest, count) < 2


def _columns(cell: Any) -> int:
    spans = cell.get("colspan", "1").strip()
    return min(int(spans), 100) if spans.isascii() and spans.isdigit() and spans != "0" else 1


def _start(element: Any) -> int:
    first = element.get("start", "1").strip()
    return int(first) if first.isascii() and first.isdigit() and len(first) < 7 else 1


def _code(runs: list[Run]) -> Block | None:
    """Preformatted text keeps its white space but for blank lines around it."""
    text = "".join(run.text for run in runs)
    if not text.strip():
        return None
    place = next((run.place for run in runs if run.text.strip()), None)
    return Block("code", (Run(text.strip(), place),))
