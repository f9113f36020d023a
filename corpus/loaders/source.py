"""Source code, configuration, logs and other texts whose lines are their structure.

In: a text file in any common encoding. Out: one document, a block for each run of lines without
a blank one, each with its first line's number. What can fail: see :mod:`corpus.loaders.decode`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus.loaded import Block, LoadedDocument, Place, Run
from corpus.loaders.decode import read_text

LONGEST_BLOCK = 40
"""Lines of a block: a log has no blank lines, and a citation of all of it says nothing."""


class SourceLoader:
    """Loads source code and logs."""

    media_types = ("text/x-source",)
    suffixes = ()

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        blocks = tuple(_blocks(read_text(path).text))
        return [LoadedDocument(blocks=blocks, media_type=self.media_types[0], title=path.name)]


def _blocks(text: str) -> Iterator[Block]:
    lines: list[str] = []
    first = blank = 0
    for number, line in enumerate([*text.split("\n"), ""], 1):
        is_blank = not line.strip()
        if lines and (is_blank or len(lines) >= LONGEST_BLOCK):
            yield _block(lines, first, blank)
            lines, blank = [], 0
        if is_blank:
            blank += 1
            continue
        if not lines:
            first = number
        lines.append(line)


def _block(lines: list[str], first: int, blank: int) -> Block:
    text = "\n".join(lines)
    indent = text[: len(text) - len(text.lstrip())]
    before = "\n" * (blank + 1) + indent
    return Block("code", (Run(text.strip(), Place(line=first)),), before=before)
