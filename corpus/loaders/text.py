"""Plain text files.

In: a file in any common encoding, with or without front matter. Out: a document whose text is
that of the file below the front matter. What can fail: see :mod:`corpus.loaders.decode`,
:mod:`corpus.loaders.frontmatter` and :mod:`corpus.loaders.assemble`.
"""

from __future__ import annotations

from pathlib import Path

from corpus.document import Document
from corpus.loaders.assemble import assemble
from corpus.loaders.decode import read_text
from corpus.loaders.frontmatter import split_front_matter


class TextLoader:
    """Loads plain text."""

    suffixes = (".txt", ".text")

    def load(self, path: Path) -> Document:
        """Return the document in the file at ``path``."""
        fields, body = split_front_matter(read_text(path), path)
        return assemble(path, body, fields)
