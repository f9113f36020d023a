"""PDF files.

In: a file. Out: one document with the blocks of :mod:`corpus.loaders.pdf.blocks`, title, author and
date as the file states them. Pages without text are read by OCR where Tesseract is installed
(:mod:`corpus.loaders.ocr`), else told in a warning. What can fail, as UsageError, each by name: an
encrypted file, a damaged one, one without a page, one that holds scans only where no OCR is there,
more than ``MOST_PAGES`` pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from base.errors import UsageError
from corpus.loaded import LoadedDocument
from corpus.loaders import ocr
from corpus.loaders.office import FileProperties
from corpus.loaders.pdf.blocks import blocks_of
from corpus.loaders.pdf.page import PageParts, read_page

MOST_PAGES = 20_000
_SHOWN_PAGES = 8


class PdfLoader:
    """Loads PDF files."""

    media_types = ("application/pdf",)
    suffixes = (".pdf",)

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        document = open_pdf(path)
        try:
            return [_load(document, path)]
        finally:
            document.close()


def open_pdf(path: Path) -> Any:
    """The file as pypdfium2 opens it; UsageError where it does not."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        reason = str(error)
        if "assword" in reason or "ecurity" in reason:
            raise UsageError(
                f"The PDF file '{path}' is encrypted; save a copy without its password."
            ) from None
        raise UsageError(
            f"The PDF file '{path}' is damaged ({reason}); open and save it again."
        ) from None
    if not 0 < len(document) <= MOST_PAGES:
        count = len(document)
        document.close()
        raise UsageError(
            f"The PDF file '{path}' has {count} pages; between 1 and {MOST_PAGES} can be read."
        )
    return document


def _load(document: Any, path: Path) -> LoadedDocument:
    import pypdfium2

    pages: list[PageParts] = []
    warnings: list[str] = []
    scans: list[int] = []
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            warnings.append(f"Page {number} of '{path}' is damaged and was left out.")
            continue
        parts = read_page(page, number)
        if (not parts.lines and not parts.tables and parts.pictures > 0) or parts.unreadable:
            read = ocr.read_page(page, number) if ocr.is_there() else None
            if read is None:
                scans.append(number)
            elif read.lines or not parts.lines:
                parts = read
        pages.append(parts)
        page.close()
    blocks = tuple(blocks_of(pages))
    if scans:
        warnings.append(_unread(scans, path))
    if not blocks:
        raise UsageError(
            warnings[-1] if warnings else f"The PDF file '{path}' has no text on its pages."
        )
    return LoadedDocument(
        blocks=blocks,
        media_type="application/pdf",
        warnings=tuple(warnings),
        metadata=(("pages", str(len(document))),),
        **_facts(document),
    )


def _unread(pages: list[int], path: Path) -> str:
    shown = ", ".join(map(str, pages[:_SHOWN_PAGES])) + (", …" if len(pages) > _SHOWN_PAGES else "")
    return (
        f"The PDF file '{path}' has {len(pages)} pages that are pictures (scans) or whose fonts do "
        f"not tell their characters ({shown}); they were not read: {ocr.ADVICE}"
    )


def _facts(document: Any) -> FileProperties:
    facts = document.get_metadata_dict(skip_empty=True)
    date = _date(facts.get("ModDate", "")) or _date(facts.get("CreationDate", ""))
    title = " ".join(facts.get("Title", "").split())
    return {
        "title": "" if title.lower() in {"untitled", "(anonymous)", "unbenannt"} else title,
        "author": " ".join(facts.get("Author", "").split()).replace("(anonymous)", ""),
        "date": date,
        "date_from": "file properties" if date else "",
    }


def _date(stated: str) -> str:
    """A date such as D:20250613101500+02'00' (ISO 32000-1, 7.9.4) as ISO 8601."""
    digits = stated.removeprefix("D:")[:8]
    if len(digits) < 8 or not digits.isdigit():
        return ""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
