"""What office files state of themselves.

In: an open package. Out: title, author, date and language as fields of a
:class:`~corpus.loaded.LoadedDocument`. What can fail: a damaged part, as UsageError.

The date is that of the last change, else of the creation: what Office shows as the file's date.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, TypedDict

from corpus.loaders.package import part_of, xml_of

_CORE = "docProps/core.xml"
_TEMPLATE_TITLES = frozenset(("powerpoint presentation", "powerpoint-präsentation", "document"))


class FileProperties(TypedDict, total=False):
    """Fields of a :class:`~corpus.loaded.LoadedDocument` that a file states of itself."""

    title: str
    author: str
    source: str
    language: str
    date: str
    date_from: str


def properties(archive: zipfile.ZipFile, path: Path) -> FileProperties:
    """What an Office Open XML package states (ECMA-376 part 2, core properties)."""
    if _CORE not in archive.namelist():
        return {}
    return properties_in(xml_of(part_of(archive, _CORE, path), path))


def properties_in(root: Any) -> FileProperties:
    """The fields in a tree of Dublin Core names."""
    names: dict[str, str] = {}
    for element in root.iter():
        if isinstance(element.tag, str) and element.text and element.text.strip():
            names.setdefault(element.tag.rpartition("}")[2], element.text.strip())
    date = names.get("modified") or names.get("date") or names.get("created")
    date = date or names.get("creation-date") or ""
    title = names.get("title", "")
    # What python-docx and python-pptx write into every new file is nobody's date.
    is_template = date.startswith("2013-") and "python-" in names.get("description", "")
    stated = "" if is_template else date
    return {
        "title": "" if title.lower() in _TEMPLATE_TITLES else title,
        "author": names.get("creator") or names.get("initial-creator", ""),
        "language": names.get("language", ""),
        "date": stated[:10],
        "date_from": "file properties" if stated else "",
    }
