"""The formats of made files.

In: a :class:`~eval.folder_set.parts.FolderFile`. Out: the bytes of the file, the same each time.
What can fail: a library of the extra "folder-set" is missing, which :func:`content_of` says in one
sentence (:class:`~base.errors.UsageError`).
"""

from __future__ import annotations

import importlib

from base.errors import UsageError
from eval.folder_set.parts import FolderFile

_WRITERS = {
    ".pdf": "pdf:write_pdf",
    ".png": "scan:write_png",
    ".docx": "word:write_docx",
    ".rtf": "word:write_rtf",
    ".odt": "opendocument:write_odt",
    ".odp": "opendocument:write_odp",
    ".ods": "opendocument:write_ods",
    ".pptx": "slides:write_pptx",
    ".xlsx": "sheets:write_xlsx",
    ".html": "web:write_html",
    ".mhtml": "web:write_mhtml",
    ".epub": "web:write_epub",
    ".eml": "mail:write_eml",
    ".mbox": "mail:write_mbox",
    ".zip": "archive:write_zip",
}
"""By suffix; whatever is not here is written as it stands."""


def content_of(file: FolderFile) -> bytes:
    """The bytes of ``file``."""
    name = "scan:write_scanned_pdf" if file.is_scanned else _WRITERS.get(file.suffix, "")
    if not name:
        return (file.text.strip("\n") + "\n").encode()
    module, _, function = name.partition(":")
    try:
        write = getattr(importlib.import_module(f"eval.folder_set.writing.{module}"), function)
        content = write(file)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"'{file.path}' cannot be made, because the library '{error.name}' is not installed; "
            "install what it is made by: pip install 'belegt[folder-set]'."
        ) from None
    assert isinstance(content, bytes)
    return content
