"""HTML within Markdown to blocks.

In: pieces of HTML in the order of the file, each with its line. Out: blocks
(:class:`corpus.loaded.Block`): paragraphs, headings, list items, rows with all their cells, and
what is not shown (comments, scripts) as hidden blocks. Nothing can fail; what one piece opens a
later one may close.
"""

from __future__ import annotations

from corpus.loaded import (
    Block,
    Place,
    Role,
    Run,
    link_runs,
    struck,
    subscript,
    superscript,
    table_row,
)
from corpus.loaders.html_tokens import HtmlToken, tokenise_html

_BREAKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol option p
    pre section summary table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN = frozenset(("script", "style", "template", "noscript"))
_STRUCK = frozenset(("del", "s", "strike"))


class HtmlBlocks:
    """Collects blocks from pieces of HTML."""

    def __init__(self, first_table: int) -> None:
        self.blocks: list[Block] = []
        self._table = first_table
        self._runs: list[Run] = []
        self._cells: list[list[Run]] | None = None
        self._header = True
        self._role: Role = "paragraph"
        self._level = 0
        self._lists: list[int | None] = []
        self._unseen = ""
        self._styles: list[str] = []
        self._address = ""
        self._line = 1

    def feed(self, source: str, line: int) -> None:
        """Take a piece of HTML that begins in that line of the file."""
        self._line = line
        for token in tokenise_html(source):
            self._take(token)
            self._line += token.source.count("\n")
        if self._cells is None:
            self._end_block()

    @property
    def next_table(self) -> int:
        """A number that no table or list has yet."""
        return self._table + 1

    def finish(self) -> list[Block]:
        """All blocks."""
        self._end_row()
        self._end_block()
        return self.blocks

    def _place(self) -> Place:
        return Place(line=self._line)

    def _take(self, token: HtmlToken) -> None:
        if token.kind == "comment":
            self._hide(token.text, "a comment")
        elif token.kind == "text":
            if self._unseen:
                self._hide(token.text, f"the content of <{self._unseen}>")
            else:
                self._add(token.text)
        elif token.kind == "open":
            self._open(token)
        else:
            self._close(token.text)

    def _hide(self, text: str, reason: str) -> None:
        if text.strip():
            self.blocks.append(Block("hidden", (Run(text.strip(), self._place()),), reason=reason))

    def _add(self, text: str) -> None:
        words = " ".join(text.split())
        if not words:
            if self._runs:
                self._space()
            return
        if text[0].isspace():
            self._space()
        style = self._styles[-1] if self._styles else ""
        if style in ("sup", "sub"):
            words = superscript(words) if style == "sup" else subscript(words)
        is_struck = style in _STRUCK
        run = Run(
            struck(words) if is_struck else words,
            self._place(),
            style="struck" if is_struck else "",
        )
        self._runs.append(run)
        if text[-1].isspace():
            self._space()

    def _space(self) -> None:
        if self._runs and not self._runs[-1].text[-1].isspace():
            self._runs.append(Run(" "))

    def _open(self, token: HtmlToken) -> None:
        name = token.text
        if name in _UNSEEN:
            self._unseen = name
        elif name == "br":
            self._break_line()
        elif name == "img":
            self._runs.extend(
                link_runs(token.attribute("alt"), token.attribute("src"), self._place())
            )
        elif name == "input":
            checked = " checked" in token.source.lower()
            if token.attribute("type").lower() == "checkbox":
                self._runs.append(Run("[x] " if checked else "[ ] ", self._place()))
        elif name == "a":
            self._address = token.attribute("href")
        elif name in ("sup", "sub") or name in _STRUCK:
            self._styles.append(name)
        elif name in _BREAKS:
            self._open_block(token)

    def _break_line(self) -> None:
        if self._runs:
            if self._runs[-1].text == " ":
                self._runs.pop()
            self._runs.append(Run("\n"))

    def _open_block(self, token: HtmlToken) -> None:
        name = token.text
        if name in ("td", "th") and self._cells is not None:
            self._end_cell()
            self._header = self._header and name == "th"
            self._cells.append([])
            return
        if self._cells is not None and name != "tr":
            self._break_line()
            return
        self._end_row()
        self._end_block()
        if name == "table":
            self._table += 1
        elif name == "tr":
            self._cells, self._header = [], True
        elif name in ("ul", "ol"):
            if not self._lists:
                self._table += 1
            self._lists.append(None if name == "ul" else 1)
        elif name == "li":
            self._open_item()
        elif name in _HEADINGS:
            self._role, self._level = "heading", _HEADINGS[name]
        elif name == "caption":
            self._role = "caption"

    def _open_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if self._lists and number is not None:
            self._lists[-1] = number + 1
        self._role, self._level = "list_item", max(1, len(self._lists))
        self._runs.append(Run("- " if number is None else f"{number}. "))

    def _close(self, name: str) -> None:
        if name == self._unseen:
            self._unseen = ""
        elif name == "a":
            if self._address:
                *_, address = ((), *link_runs("", self._address, self._place()))
                if address and address.text not in "".join(run.text for run in self._runs):
                    self._runs += [Run(" ("), address, Run(")")]
            self._address = ""
        elif name in ("sup", "sub") or name in _STRUCK:
            if self._styles:
                self._styles.pop()
        elif name in ("ul", "ol"):
            self._end_block()
            if self._lists:
                self._lists.pop()
        elif name in ("td", "th"):
            self._end_cell()
        elif name in ("tr", "table"):
            self._end_row()
        elif name in _BREAKS and self._cells is None:
            self._end_block()

    def _end_cell(self) -> None:
        if self._cells:
            self._cells[-1].extend(_stripped(self._runs))
            self._runs = []

    def _end_row(self) -> None:
        if self._cells is None:
            return
        self._end_cell()
        row = table_row(self._cells, header=self._header, table=self._table)
        self._cells = None
        if row is not None:
            self.blocks.append(row)

    def _end_block(self) -> None:
        runs = _stripped(self._runs)
        self._runs = []
        if runs and not (self._role == "list_item" and "".join(run.text for run in runs) == "-"):
            in_list = self._role == "list_item"
            table = self._table if in_list or self._role == "caption" else None
            self.blocks.append(Block(self._role, runs, level=self._level, table=table))
        self._role, self._level = "paragraph", 0


def _stripped(runs: list[Run]) -> tuple[Run, ...]:
    """``runs`` without white space at both ends."""
    kept = list(runs)
    while kept and not kept[0].text.strip():
        kept.pop(0)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[0] = _with_text(kept[0], kept[0].text.lstrip())
        kept[-1] = _with_text(kept[-1], kept[-1].text.rstrip())
    return tuple(kept)


def _with_text(run: Run, text: str) -> Run:
    return Run(text, run.place, style=run.style)
