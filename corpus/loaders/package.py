"""ZIP packages that office formats, books and archives are.

In: a path. Out: an open archive whose sizes were looked at first, its XML parts parsed without
entities or network. What can fail, each a UsageError of one sentence: no or a damaged archive, an
encrypted one, more than ``MOST_FILES`` files, more than ``MOST_BYTES`` when unpacked, a part
that is missing or no XML.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from base.errors import UsageError

MOST_FILES = 20_000
MOST_BYTES = 1_000_000_000
"""Of all files in an archive, unpacked."""
MOST_RATIO = 200
"""Above ``FREE_BYTES``: deflate reaches 1,032 on zeros, real documents hardly 50."""
FREE_BYTES = 20_000_000


@contextmanager
def package(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive at ``path``, which is not a bomb."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UsageError(
            f"The file '{path}' is damaged ({error}); open and save it again."
        ) from None
    with archive:
        _check(archive, path)
        yield archive


def part_of(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """The content of a part; UsageError where it is missing or damaged."""
    try:
        return archive.read(name)
    except KeyError:
        raise UsageError(
            f"The file '{path}' is damaged (its part '{name}' is missing); save it again."
        ) from None
    except (
        zipfile.BadZipFile,
        RuntimeError,
        NotImplementedError,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        raise UsageError(
            f"The file '{path}' is damaged or encrypted ({error}); save it again, without a "
            "password."
        ) from None


def xml_of(raw: bytes, path: Path) -> Any:
    """The root element of an XML part; entities stay unread, nothing is fetched."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UsageError(f"The file '{path}' is damaged ({error}); save it again.") from None
    if (
        root.getroottree().docinfo.internalDTD is not None
        and root.getroottree().docinfo.internalDTD.entities()
    ):
        raise UsageError(
            f"The file '{path}' defines XML entities, which no office program does; it is not read."
        )
    return root


def _check(archive: zipfile.ZipFile, path: Path) -> None:
    files = archive.infolist()
    total = sum(file.file_size for file in files)
    packed = max(1, sum(file.compress_size for file in files))
    if len(files) > MOST_FILES:
        raise UsageError(
            f"The file '{path}' holds {len(files)} files, more than {MOST_FILES}; split it."
        )
    if total > MOST_BYTES or (total > FREE_BYTES and total > MOST_RATIO * packed):
        raise UsageError(
            f"The file '{path}' would unpack to {total / 1e6:.0f} MB from {packed / 1e6:.2f} MB; "
            "it is not read."
        )
    if any(file.flag_bits & 1 for file in files):
        raise UsageError(f"The file '{path}' is encrypted; save it without a password.")
