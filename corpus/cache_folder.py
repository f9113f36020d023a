"""Where a corpus keeps what was computed from a document's passages and can be computed again.

In: the folder of a corpus, a document's id. Out: a folder of that document's own. What can fail:
nothing; what cannot be removed because another process holds it is removed with the next change.

The text of a passage can be told from what a language model makes of it, so it is stored with the
corpus, readable by its owner alone, and goes when the document goes.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

FOLDER = "kept"
ORIGINALS = "originals"
"""Uploaded files, which lie nowhere else."""


def kept_folder(corpus: Path, document_id: str) -> Path:
    """The folder of a document; it need not be there."""
    return corpus / FOLDER / hashlib.sha256(document_id.encode()).hexdigest()[:24]


def original_folder(corpus: Path, document_id: str) -> Path:
    """The folder of an uploaded document's file; it need not be there."""
    return corpus / ORIGINALS / kept_folder(corpus, document_id).name


def forget(corpus: Path, document_id: str) -> None:
    """Remove what was computed from a document that is replaced or removed, and its upload."""
    shutil.rmtree(kept_folder(corpus, document_id), ignore_errors=True)
    shutil.rmtree(original_folder(corpus, document_id), ignore_errors=True)


def sweep(corpus: Path, document_ids: Iterable[str]) -> None:
    """Remove what belongs to none of ``document_ids``.

    Whoever was at work on a document when it was removed may have stored something after that.
    """
    known = {kept_folder(corpus, one).name for one in document_ids}
    for folder in (*corpus.glob(f"{FOLDER}/*"), *corpus.glob(f"{ORIGINALS}/*")):
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)


def kept_bytes(corpus: Path) -> int:
    """What all documents of a corpus take."""
    return sum(_sizes(corpus))


def kept_count(corpus: Path) -> int:
    """How many things are kept of all documents: a passage in each language that it was read in."""
    return sum(1 for _ in _sizes(corpus))


def _sizes(corpus: Path) -> Iterator[int]:
    """The size of each file; one that goes while this looks is left out."""
    for file in corpus.glob(f"{FOLDER}/*/*"):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if stat.S_ISREG((found := file.stat()).st_mode):
                yield found.st_size
