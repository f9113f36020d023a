"""The files that documents came from.

In: a stored document. Out: its file, if the server has it: where it was indexed from, or, of an
upload, the copy that was kept with the corpus. What can fail: ProblemError (404) where there is
none, or where the document lies within another file.
"""

from __future__ import annotations

from pathlib import Path

from corpus.cache_folder import original_folder
from corpus.document import Document
from corpus.loaders.assemble import INNER
from qa.api.problems import ProblemError

UPLOADED = "upload/"


def keep_original(corpus: Path, document_id: str, name: str, content: bytes) -> None:
    """Keep an uploaded file as long as its document; readable by its owner alone."""
    folder = original_folder(corpus, document_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"file{Path(name).suffix.lower()[:12]}"
    file.touch(mode=0o600)
    file.write_bytes(content)


def original_of(corpus: Path, document: Document) -> tuple[Path, str]:
    """The file of ``document`` and the name to save it by."""
    if INNER in document.path:
        raise ProblemError(
            404, f"'{document.title}' lies within another file and is shown as text."
        )
    name = Path(document.path).name
    if document.path.startswith(UPLOADED):
        found = sorted(original_folder(corpus, document.id).glob("file*"))
        file = found[0] if found else Path(document.path)
    else:
        file = Path(document.path)
    if not file.is_file():
        raise ProblemError(
            404, f"The server does not have the file of '{document.title}' any more."
        )
    return file, name


def has_original(corpus: Path, document: Document) -> bool:
    """Whether the server has the file of ``document``."""
    try:
        original_of(corpus, document)
    except ProblemError:
        return False
    return True
