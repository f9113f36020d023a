"""Pages of a PDF as pictures.

In: a file, a page, pixels for each point. Out: PNG. What can fail, as UsageError: a file that
PDFium does not open, a page that it has not.
"""

from __future__ import annotations

import io
from pathlib import Path

from base.errors import UsageError
from corpus.loaders.pdf.loader import open_pdf

MOST_PIXELS = 4000
"""Of the longer side."""


def draw(path: Path, page: int, scale: float) -> bytes:
    """Page ``page``, from 1, as PNG; smaller than asked for where it would be too large."""
    document = open_pdf(path)
    try:
        if not 1 <= page <= len(document):
            raise UsageError(f"'{path.name}' has {len(document)} pages; there is no page {page}.")
        opened = document[page - 1]
        longest = max(opened.get_size())
        picture = opened.render(scale=min(scale, MOST_PIXELS / max(1.0, longest))).to_pil()
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        return buffer.getvalue()
    finally:
        document.close()
