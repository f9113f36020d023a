"""Documents with questions that were written for belegt: what people keep, asked as people ask.

In: the JSON Lines files in ``models/training/written/``, one document a line. Out: texts with their
questions. What can fail: a file that is not of this form (it raises).

The public sets ask of encyclopaedias, mostly in the text's own words. These ask of notices,
contracts, minutes, press articles and the like, two in three in other words than the text's, in
pairs that differ in one thing, and of what such a document leaves open though it tempts to answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.forms import Language
from models.training.reading_sets import ReadingText, TextQuestion, is_held

SOURCE = "written for belegt"
_FOLDER = Path(__file__).parent / "written"
_PARTS = 5
"""One document of so many is held."""
_LONGEST_LIST = 300
"""Characters from a list's first item to its last; longer ones are no stretch to point at."""


class WrittenQuestion(BaseModel):
    """A question of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    language: Language
    answers: tuple[str, ...]
    """Exact words of the text; several are the items of a list, none means that it is silent."""
    kind: Literal["value", "clause", "list", "yesno", "none"]
    """A yes-or-no question's answer is the sentence that decides it."""


class WrittenDocument(BaseModel):
    """A document, with what is asked of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: Language
    title: str
    date: str
    source: str
    """Who published it."""
    text: str
    """Paragraphs, lists and headings (``## …``) a line each."""
    questions: tuple[WrittenQuestion, ...]


def written_files(folder: Path = _FOLDER) -> list[Path]:
    """The files with documents."""
    return sorted(folder.glob("*.jsonl"))


def written_documents(*, held: bool, files: Iterable[Path] | None = None) -> list[WrittenDocument]:
    """Those to train on, or those that are held for choosing and fitting."""
    documents = [
        WrittenDocument.model_validate_json(line)
        for file in (written_files() if files is None else files)
        for line in file.read_text("utf-8").splitlines()
    ]
    return [document for document in documents if is_held(document.id, of=_PARTS) == held]


def written_texts(documents: Sequence[WrittenDocument]) -> list[ReadingText]:
    """Each document as it is shown: its lines without marks, outlet and date beside the title."""
    texts = []
    for document in documents:
        text = _unmarked(document.text)
        asked = [
            TextQuestion(question.language, question.question, spans)
            for question in document.questions
            if (spans := _spans(question, text)) is not None
        ]
        title = f"{document.title} ({document.source}, {document.date})"
        texts.append(ReadingText(document.id, SOURCE, document.language, title, text, asked))
    return texts


def _unmarked(text: str) -> str:
    """Its lines without the marks of headings and lists."""
    return "\n".join(line.lstrip("#-* ") for line in text.splitlines())


def _spans(question: WrittenQuestion, text: str) -> tuple[str, ...] | None:
    """What answers in ``text``, a list as one stretch; None where it is not one."""
    answers = [_unmarked(answer) for answer in question.answers]
    if not all(answer in text for answer in answers):
        return None
    if len(answers) < 2:
        return tuple(answers)
    first = min(text.index(answer) for answer in answers)
    last = max(text.index(answer, first) + len(answer) for answer in answers)
    return (text[first:last],) if last - first <= _LONGEST_LIST else None
