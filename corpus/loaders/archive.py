"""ZIP archives.

In: an archive. Out: the documents of its files, each named by where it lies in it; what no loader
reads is summed up in warnings. What can fail, as UsageError: a damaged or encrypted archive, a
bomb, one in which no file can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from base.errors import UsageError
from corpus.loaded import LoadedDocument
from corpus.loaders.nested import Within, read_within
from corpus.loaders.package import package, part_of

_SKIPPED = ("__MACOSX/", ".DS_Store", "Thumbs.db")


class ArchiveLoader:
    """Loads ZIP archives of other files."""

    media_types = ("application/zip",)
    suffixes = (".zip",)

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The documents of all files in the archive at ``path``."""
        within = Within()
        with package(path) as archive:
            for member in sorted(archive.namelist()):
                if member.endswith("/") or any(mark in member for mark in _SKIPPED):
                    continue
                name = member.replace("\\", "/").lstrip("/")
                found = read_within(name, part_of(archive, member, path), path)
                within.documents += found.documents
                within.warnings += found.warnings
        if not within.documents:
            reason = within.warnings[0] if within.warnings else "it is empty"
            raise UsageError(f"The archive '{path}' holds no file that can be read: {reason}")
        first = within.documents[0]
        within.documents[0] = replace(first, warnings=(*first.warnings, *within.warnings))
        return within.documents
