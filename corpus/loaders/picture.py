"""Pictures of text: PNG, JPEG, TIFF, WebP.

In: a file, for TIFF with all its pages. Out: one document with what OCR reads, each word with its
page and rectangle as if the picture were printed at its own resolution. What can fail, as
UsageError: OCR is not installed; the picture is damaged, too large, or nothing can be read in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from base.errors import UsageError
from corpus.loaded import LoadedDocument
from corpus.loaders import ocr
from corpus.loaders.pdf.blocks import blocks_of

MOST_PIXELS = 120_000_000
MOST_PAGES = 500
_SCREEN = 72.0
_LEAST_RESOLUTION = 100.0


class PictureLoader:
    """Loads pictures by OCR."""

    media_types = ("image/png", "image/jpeg", "image/tiff", "image/webp")
    suffixes = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the picture at ``path``."""
        pages = []
        for number, picture in enumerate(_pictures(path), 1):
            # After the first is open, so that a damaged file is not put down to OCR.
            if not ocr.is_there():
                raise UsageError(f"The picture '{path}' was not read: {ocr.ADVICE}")
            pages.append(ocr.read_picture(picture, number, *_points(picture)))
        blocks = tuple(blocks_of(pages))
        if not blocks:
            raise UsageError(f"No text can be read in the picture '{path}'; leave it out.")
        return [LoadedDocument(blocks=blocks, metadata=(("read by", "OCR"),))]


def _points(picture: Any) -> tuple[float, float]:
    stated = float(picture.info.get("dpi", (_SCREEN, _SCREEN))[0] or _SCREEN)
    resolution = stated if stated >= _LEAST_RESOLUTION else ocr.DOTS_PER_INCH
    return picture.width * 72 / resolution, picture.height * 72 / resolution


def _pictures(path: Path) -> Iterator[Any]:
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise UsageError(
                    f"The picture '{path}' has {picture.width} by {picture.height} pixels, more "
                    f"than {MOST_PIXELS // 10**6} million; make it smaller."
                )
            for number, frame in enumerate(ImageSequence.Iterator(picture)):
                if number >= MOST_PAGES:
                    return
                grey = frame.convert("L")
                grey.info["dpi"] = frame.info.get("dpi", (_SCREEN, _SCREEN))
                yield grey
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise UsageError(f"The picture '{path}' is damaged ({error}); save it again.") from None
