"""Question sets: documents, questions, and what counts as right.

In: the JSON Lines files of ``../shared/eval`` (see its README) and of ``eval/sets``. Out: typed
documents and questions, and the named cells in which they are measured. What can fail: a set
that is not on this machine (:class:`SetAbsent`, so that a run can skip it), a malformed line
(one sentence with file and line number).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.document import Document, Language
from corpus.loaders import iter_files, load_file
from models.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
_EVAL = SHARED / "eval"


class SetAbsent(UsageError):  # noqa: N818 - it names a state, and is caught as one
    """The data of a set is not on this machine."""


@dataclass(frozen=True)
class Question:
    """A question, its acceptable answers, and the document that holds one (None: none does)."""

    id: str
    text: str
    language: Language
    answers: tuple[str, ...]
    document_id: str | None


@dataclass(frozen=True)
class Cell:
    """What is measured together. ``documents`` and ``questions`` are file and language."""

    name: str
    documents: tuple[str, Language]
    questions: tuple[str, Language]
    also_gold: str | None = None
    answerable: bool = True


_XQUAD_DE: tuple[str, Language] = ("xquad/documents_de.jsonl", "de")
_XQUAD_EN: tuple[str, Language] = ("xquad/documents_en.jsonl", "en")
_ASK_DE: tuple[str, Language] = ("xquad/questions_de.jsonl", "de")
_ASK_EN: tuple[str, Language] = ("xquad/questions_en.jsonl", "en")
_GERMANQUAD: tuple[str, Language] = ("germanquad/questions_de.jsonl", "de")

CELLS: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        Cell("xquad-de-de", _XQUAD_DE, _ASK_DE),
        Cell("xquad-en-en", _XQUAD_EN, _ASK_EN),
        Cell("xquad-de-en", _XQUAD_EN, _ASK_DE, also_gold=_ASK_EN[0]),
        Cell("xquad-en-de", _XQUAD_DE, _ASK_EN, also_gold=_ASK_DE[0]),
        Cell("germanquad", ("germanquad/documents_de.jsonl", "de"), _GERMANQUAD),
        Cell(
            "legalquad",
            ("legalquad_de/documents_de.jsonl", "de"),
            ("legalquad_de/questions_de.jsonl", "de"),
        ),
        Cell(
            "squad2-unanswerable",
            _XQUAD_EN,
            ("squad2/xquad_linked_unanswerable_en.jsonl", "en"),
            answerable=False,
        ),
        Cell("other-corpus", _XQUAD_DE, _GERMANQUAD, answerable=False),
    )
}


def cell(name: str) -> Cell:
    """The cell called ``name``."""
    if name not in CELLS:
        raise UsageError(f"There is no set '{name}'; known are {', '.join(CELLS)}.")
    return CELLS[name]


def documents(of: Cell) -> list[Document]:
    """The documents of a cell."""
    file, language = of.documents
    return [
        Document(id=row["id"], title=row["title"], language=language, text=row["text"], path=file)
        for row in _rows(_EVAL / file)
    ]


def questions(of: Cell) -> list[Question]:
    """The questions of a cell, in the file's order."""
    file, language = of.questions
    more = {}
    if of.also_gold is not None:
        more = {row["id"]: row["answers"] for row in _rows(_EVAL / of.also_gold)}
    return [
        Question(
            id=row["id"],
            text=row["question"],
            language=language,
            answers=(*row["answers"], *more.get(row["id"], [])) if of.answerable else (),
            document_id=row["doc_id"] if of.answerable else None,
        )
        for row in _rows(_EVAL / file)
    ]


def split(found: list[Question], seed: int, reported: int) -> tuple[list[Question], list[Question]]:
    """Shuffle by ``seed``; the first ``reported`` are for figures, the others for development."""
    mixed = list(found)
    random.Random(seed).shuffle(mixed)
    return mixed[:reported], mixed[reported:]


def seed_documents() -> list[Document]:
    """The five saved web pages of ``../shared/corpus/seeds``, through the real loaders."""
    folder = SHARED / "corpus" / "seeds"
    if not folder.is_dir():
        raise SetAbsent(f"The seed texts are not on this machine ('{folder}').")
    return [load_file(path) for path in iter_files([folder])]


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    if not file.is_file():
        raise SetAbsent(f"The set is not on this machine: '{file}' does not exist.")
    with file.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise UsageError(f"'{file}', line {number}: {error.msg}; mend the line.") from error
