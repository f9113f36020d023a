"""The table of loaders.

In: a path. Out: the loader of its type, and the documents in it, read in this process without any
limit of time or memory: what :mod:`corpus.loaders.child` does in a process of its own. What can
fail: see :mod:`corpus.loaders.sniff` and the loaders.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from corpus.loaded import LoadedDocument, Loader
from corpus.loaders.sniff import TEXT_SUFFIXES, media_type

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OASIS = "application/vnd.oasis.opendocument"
_CLASSES = {
    "text/plain": "text:TextLoader",
    "text/markdown": "markdown:MarkdownLoader",
    "text/x-source": "source:SourceLoader",
    "text/csv": "delimited:DelimitedLoader",
    "text/tab-separated-values": "delimited:DelimitedLoader",
    "application/json": "structured:JsonLoader",
    "text/html": "html:HtmlLoader",
    "multipart/related": "html:HtmlLoader",
    "message/rfc822": "mail:MailLoader",
    "application/mbox": "mail:MailLoader",
    "application/zip": "archive:ArchiveLoader",
    "application/pdf": "pdf.loader:PdfLoader",
    "application/rtf": "rtf:RtfLoader",
    "application/epub+zip": "epub:EpubLoader",
    f"{_OPEN_XML}.wordprocessingml.document": "docx:DocxLoader",
    f"{_OPEN_XML}.spreadsheetml.sheet": "xlsx:XlsxLoader",
    f"{_OPEN_XML}.presentationml.presentation": "pptx:PptxLoader",
    f"{_OASIS}.text": "opendocument:OpenDocumentLoader",
    f"{_OASIS}.presentation": "opendocument:OpenDocumentLoader",
    f"{_OASIS}.spreadsheet": "ods:OdsLoader",
    "image/png": "picture:PictureLoader",
    "image/jpeg": "picture:PictureLoader",
    "image/tiff": "picture:PictureLoader",
    "image/webp": "picture:PictureLoader",
}
IN_PROCESS = frozenset(("text/plain", "text/markdown"))
"""What is read by few lines of our own needs no child process."""
SUFFIXES = frozenset(
    (
        ".txt", ".text", ".log", ".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".xltx", ".pptx",
        ".pptm", ".ppsx", ".potx", ".odt", ".ott", ".odp", ".otp", ".ods", ".ots", ".rtf",
        ".pdf", ".epub", ".html", ".htm", ".xhtml", ".mhtml", ".mht", ".eml", ".mbox", ".json",
        ".jsonl", ".ndjson", ".geojson", ".zip", ".png", ".jpg", ".jpeg", ".tif", ".tiff",
        ".webp", *TEXT_SUFFIXES,
    )
)  # fmt: skip
"""Of the files that a folder is searched for, in lower case; without loading any library."""


def loader_of(kind: str) -> Loader:
    """The loader of a media type."""
    module, _, name = _CLASSES[kind].partition(":")
    loader: Loader = getattr(importlib.import_module(f"corpus.loaders.{module}"), name)()
    return loader


def load_unguarded(path: Path) -> Sequence[LoadedDocument]:
    """The documents in the file at ``path``."""
    kind = media_type(path)
    return loader_of(kind).load(path)
