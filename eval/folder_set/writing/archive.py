"""ZIP archives, and packages of office formats without the time at which they were made.

In: names and contents, or a package as a library wrote it. Out: bytes that are the same each time.
Nothing can fail.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable

from eval.folder_set.parts import FolderFile
from eval.folder_set.writing import content_of

_TIME = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9:]+)?")
_PROPERTIES = ("docProps/core.xml", "meta.xml")


def write_zip(file: FolderFile) -> bytes:
    """An archive of the inner files."""
    return packed([(inner.path, content_of(inner)) for inner in file.inner], file.date)


def packed(members: Iterable[tuple[str, bytes]], date: str) -> bytes:
    """A ZIP of ``members``, each dated to noon of ``date``; a first "mimetype" is stored as is."""
    year, month, day = (int(part) for part in date.split("-"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, (year, month, day, 12, 0, 0))
            is_type = name == "mimetype"
            entry.compress_type = zipfile.ZIP_STORED if is_type else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def dated(package: bytes, date: str) -> bytes:
    """A package of an office format with ``date`` wherever it states when it was saved."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    time = f"{date}T12:00:00Z".encode()
    return packed(
        [
            (name, _TIME.sub(time, content) if name in _PROPERTIES else content)
            for name, content in members
        ],
        date,
    )
