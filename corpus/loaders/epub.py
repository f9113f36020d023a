"""Electronic books (EPUB).

In: a file. Out: one document with the blocks of all chapters in the order of the book's spine
(EPUB 3.3, 5.7), each with its chapter's file as its place, and what the package states of the
book. What can fail, as UsageError: a damaged or encrypted file, one without text.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from base.errors import UsageError
from corpus.loaded import Block, LoadedDocument
from corpus.loaders.html import decoded, tree_of
from corpus.loaders.html_text import BlockWriter
from corpus.loaders.office import properties_in
from corpus.loaders.opendocument import tag_of
from corpus.loaders.package import package, part_of, xml_of


class EpubLoader:
    """Loads electronic books."""

    media_types = ("application/epub+zip",)
    suffixes = (".epub",)

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        blocks: list[Block] = []
        warnings: list[str] = []
        tables = 0
        with package(path) as archive:
            root, folder = _package(archive, path)
            names = set(archive.namelist())
            for chapter in _spine(root, folder):
                if chapter not in names:
                    warnings.append(f"The book '{path}' lacks its chapter '{chapter}'.")
                    continue
                raw = part_of(archive, chapter, path)
                tree = tree_of(decoded(raw, path)) if raw.strip() else None
                if tree is not None:
                    writer = BlockWriter(chapter, tables)
                    blocks += writer.blocks(tree)
                    tables = writer.tables
        if not blocks:
            raise UsageError(
                f"The book '{path}' has no text; it may be encrypted or pictures only."
            )
        known = properties_in(root)
        known["date_from"] = "the book's metadata" if known.get("date") else ""
        return [
            LoadedDocument(
                blocks=tuple(blocks),
                media_type=self.media_types[0],
                warnings=tuple(warnings),
                **known,
            )
        ]


def _package(archive: Any, path: Path) -> tuple[Any, str]:
    container = xml_of(part_of(archive, "META-INF/container.xml", path), path)
    named = [
        element.get("full-path") for element in container.iter() if tag_of(element) == "rootfile"
    ]
    if not named or not named[0]:
        raise UsageError(f"The book '{path}' is damaged (it names no package); save it again.")
    return xml_of(part_of(archive, named[0], path), path), posixpath.dirname(named[0])


def _spine(root: Any, folder: str) -> list[str]:
    items = {
        element.get("id"): element.get("href", "")
        for element in root.iter()
        if tag_of(element) == "item"
    }
    chapters = [
        items[element.get("idref")]
        for element in root.iter()
        if tag_of(element) == "itemref" and element.get("idref") in items
    ]
    return [posixpath.normpath(posixpath.join(folder, unquote(chapter))) for chapter in chapters]
