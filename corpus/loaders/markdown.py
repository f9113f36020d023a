"""Markdown files.

In: a Markdown file, with or without front matter. Out: one
:class:`~corpus.loaded.LoadedDocument` that reads as the page does: each heading, paragraph, list
item ("- ", "1. "), table row and fenced code is a block, every run with its line. HTML within it
is taken apart (:mod:`corpus.loaders.html_blocks`), comments are hidden blocks. What can fail: see
:mod:`corpus.loaders.decode`.

The parser is markdown-it-py (CommonMark with tables and struck-out text), but for HTML within a
line: its rule for that looks for the end of a comment again from each start of one, which takes
minutes for a file of nothing but starts; here :mod:`corpus.loaders.html_tokens` does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.loaded import Block, LoadedDocument, Place, Role, Run, table_row
from corpus.loaders.decode import read_text
from corpus.loaders.frontmatter import split_front_matter
from corpus.loaders.html_blocks import HtmlBlocks
from corpus.loaders.markdown_inline import InlineRuns, note_marks
from corpus.loaders.stated import stated_fields

if TYPE_CHECKING:
    from markdown_it.token import Token


class MarkdownLoader:
    """Loads Markdown."""

    media_types = ("text/markdown",)
    suffixes = (".md", ".markdown")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """Return the document in the file at ``path``."""
        decoded = read_text(path)
        matter = split_front_matter(decoded.text)
        return [
            LoadedDocument(
                blocks=tuple(render(matter.body, matter.lines)),
                media_type="text/markdown",
                **stated_fields(matter, decoded.warnings),
            )
        ]


def render(markdown: str, above: int = 0) -> list[Block]:
    """The blocks of a Markdown text above which the file has ``above`` lines."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("html_inline")
    env: dict[str, object] = {}
    found = parser.parse(markdown, env)
    renderer = _Renderer(above, note_marks(found))
    for token in found:
        renderer.take(token)
    renderer.take_references(env.get("references"))
    return renderer.finish()


class _Renderer:
    """Turns block tokens into blocks, one call of ``take`` after the other."""

    def __init__(self, above: int, notes: frozenset[str]) -> None:
        self._above = above
        self._inline = InlineRuns(notes)
        self._blocks: list[Block] = []
        self._lists: list[int | None] = []  # next number of each open list, None for bullets
        self._mark = ""
        self._groups = 0  # numbers of tables and lists that are taken
        self._list_group = 0
        self._cells: list[tuple[Run, ...]] | None = None
        self._in_head = False
        self._heading = 0
        self._html: HtmlBlocks | None = None

    def take(self, token: Token) -> None:
        kind = token.type
        if kind == "html_block":
            self._take_html(token)
            return
        if kind.endswith("_open") or kind in ("inline", "fence", "code_block"):
            self._end_html()
        if kind in ("bullet_list_open", "ordered_list_open"):
            self._open_list(token)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            self._open_item()
        elif kind in ("heading_open", "heading_close"):
            self._heading = int(token.tag[1:]) if kind == "heading_open" else 0
        elif kind == "table_open":
            self._groups += 1
        elif kind in ("thead_open", "thead_close"):
            self._in_head = kind == "thead_open"
        elif kind == "tr_open":
            self._cells = []
        elif kind == "tr_close":
            self._end_row()
        elif kind == "inline":
            self._take_inline(token)
        elif kind in ("fence", "code_block"):
            self._take_code(token)

    def take_references(self, references: object) -> None:
        """Definitions of links that stand in no other block ("[1]: https://...").

        Those that begin like a footnote's ("[^1]: Siehe") are footnotes.
        """
        for name, reference in references.items() if isinstance(references, dict) else ():
            line = Place(line=reference.get("map", [0])[0] + 1 + self._above)
            words = f"[{name.lower()}]: {reference.get('href', '')} {reference.get('title', '')}"
            run = (Run(words.strip(), line),)
            if name.startswith("^"):
                self._blocks.append(Block("footnote", run))
            else:
                self._blocks.append(Block("hidden", run, reason="a link's definition"))

    def finish(self) -> list[Block]:
        self._end_html()
        return self._blocks

    def _take_html(self, token: Token) -> None:
        if self._html is None:
            self._html = HtmlBlocks(self._groups)
        self._html.feed(token.content, self._line(token))

    def _end_html(self) -> None:
        """Take what HTML has become; a table's rows may go on behind a blank line."""
        if self._html is not None:
            self._blocks.extend(self._html.finish())
            self._groups = self._html.next_table
            self._html = None

    def _line(self, token: Token) -> int:
        return (token.map[0] if token.map else 0) + 1 + self._above

    def _open_list(self, token: Token) -> None:
        if not self._lists:
            self._groups += 1
            self._list_group = self._groups
        first = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
        self._lists.append(first)

    def _open_item(self) -> None:
        number = self._lists[-1]
        self._mark = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _end_row(self) -> None:
        row = table_row(self._cells or [], header=self._in_head, table=self._groups)
        self._cells = None
        if row is not None:
            self._blocks.append(row)

    def _take_inline(self, token: Token) -> None:
        runs, is_note, hidden = self._inline.runs(token, self._line(token))
        if self._cells is not None:
            self._cells.append(runs)
        elif runs:
            self._add(runs, "footnote" if is_note else None)
        for comment in hidden:
            run = Run(comment, Place(line=self._line(token)))
            self._blocks.append(Block("hidden", (run,), reason="a comment"))

    def _add(self, runs: tuple[Run, ...], role: Role | None = None) -> None:
        if self._heading:
            self._blocks.append(Block("heading", runs, level=self._heading))
            return
        if not self._lists:
            self._blocks.append(Block(role or "paragraph", runs))
            return
        if self._mark:
            runs = (Run(self._mark), *runs)
        self._mark = ""
        self._blocks.append(
            Block("list_item", runs, level=len(self._lists), table=self._list_group)
        )

    def _take_code(self, token: Token) -> None:
        content = token.content.rstrip()
        code = content.lstrip()
        if not code:
            return
        blank, _, indent = content[: len(content) - len(code)].rpartition("\n")
        fence = int(token.type == "fence")
        line = self._line(token) + fence + blank.count("\n") + int(bool(blank))
        self._blocks.append(Block("code", (Run(code, Place(line=line)),), before="\n\n" + indent))
