"""The held documents that were written for belegt, as one corpus in two languages.

In: the folder of ``models/training/written.py``. Out: its held documents, on which nothing was
trained, and their questions, each over its document and some others; the items of a list are all
needed, and what decides a question for yes or no is its answer. What can fail: a folder that is not
on this machine, or a line that is not of its form.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from base.errors import UsageError
from corpus.document import Document
from eval.question import Question
from eval.readers.source import FoundDocument, FoundQuestion, SetAbsentError, SetSource
from models.training.written import WrittenDocument, written_documents, written_files

_TOGETHER = 6
"""Documents that are searched for a question: few of these questions name what they are about."""
_KINDS = {"yesno": "yes/no", "none": "unanswerable"}


def documents(source: SetSource) -> Iterator[FoundDocument]:
    """The held documents, one at a time."""
    for written in _held(source):
        document = Document(
            id=written.id,
            title=written.title,
            language=written.language,
            text=written.text,
            path=f"{written.id}.md",
            date=written.date,
            source=written.source,
        )
        yield FoundDocument(_place(source, written), document)


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """Their questions, one at a time."""
    held = _held(source)
    for place, written in enumerate(held):
        beside = [held[(place + step) % len(held)].id for step in range(min(_TOGETHER, len(held)))]
        for number, asked in enumerate(written.questions, 1):
            question = Question(
                id=f"{written.id}-{number:02}",
                text=asked.question,
                language=asked.language,
                answerable=bool(asked.answers),
                answers=asked.answers,
                needed="all" if asked.kind == "list" else "any",
                relevant={written.id: 1} if asked.answers else {},
                within=tuple(beside),
                kind=_KINDS.get(asked.kind, asked.kind),
            )
            yield FoundQuestion(_place(source, written), question)


def files(source: SetSource) -> Iterator[Path]:
    """All that is read."""
    if not source.path.is_dir():
        raise SetAbsentError(f"'{source.path}' is not on this machine; it comes with the sources.")
    yield from written_files(source.path)


def _held(source: SetSource) -> list[WrittenDocument]:
    try:
        return written_documents(held=True, files=files(source))
    except ValidationError as error:
        raise UsageError(f"'{source.path}' has a line that is not of its form: {error}.") from None


def _place(source: SetSource, written: WrittenDocument) -> str:
    return f"'{source.path}', {written.id}"
