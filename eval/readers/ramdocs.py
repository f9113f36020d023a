"""RAMDocs: questions that each bring documents of their own, which disagree.

In: JSON Lines of RAMDocs (Wang et al. 2025, "Retrieval-Augmented Generation with Conflicting
Evidence"), with the ids that ``../shared/eval`` adds or without any. Out: the documents of all
questions, and the questions: each searches its own documents, a right answer names every gold
answer and no wrong one (the paper's strict match), and documents marked as correct are relevant.
What can fail, each one sentence with file and line: a field that is missing or of the wrong kind.

A question's kind: ``conflict`` has several gold answers (entities of one name),
``misinformation`` a document that is false; ``conflict and misinformation`` both, ``plain``
neither. Nearly all have documents that are noise, so that makes no kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from corpus.document import Document
from eval.question import Question
from eval.readers.source import (
    FoundDocument,
    FoundQuestion,
    Identifier,
    SetSource,
    Text,
    json_lines,
    language_of,
)


class RamdocsDocumentRow(BaseModel):
    """One document of a question."""

    model_config = ConfigDict(frozen=True)

    id: Identifier | None = None
    text: Text
    type: Literal["correct", "misinfo", "noise"]


class RamdocsRow(BaseModel):
    """A line: a question with its documents. ``gold_answers`` is the published field's name."""

    model_config = ConfigDict(frozen=True)

    id: Identifier | None = None
    question: Text
    answers: tuple[Text, ...] = Field(
        min_length=1, validation_alias=AliasChoices("answers", "gold_answers")
    )
    wrong_answers: tuple[Text, ...] = ()
    documents: tuple[RamdocsDocumentRow, ...] = Field(min_length=1)

    @property
    def kind(self) -> str:
        """What makes the question hard."""
        found = []
        if len(set(self.answers)) > 1:
            found.append("conflict")
        if any(document.type == "misinfo" for document in self.documents):
            found.append("misinformation")
        return " and ".join(found) or "plain"


def documents(source: SetSource) -> Iterator[FoundDocument]:
    """The documents of all questions, one at a time; a title only counts them."""
    for place, name, row in _rows(source):
        for number, (document_id, document) in enumerate(_documents(name, row), 1):
            yield FoundDocument(
                place,
                Document(
                    id=document_id,
                    title=f"Document {number}",
                    language=language_of(source, None, document.text, place),
                    text=document.text,
                    path=source.name,
                ),
            )


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """The questions, one at a time."""
    for place, name, row in _rows(source):
        held = _documents(name, row)
        question = Question(
            id=name,
            text=row.question,
            language=language_of(source, None, row.question, place),
            answers=row.answers,
            needed="all",
            wrong_answers=row.wrong_answers,
            relevant={key: int(document.type == "correct") for key, document in held},
            within=tuple(key for key, _ in held),
            kind=row.kind,
        )
        yield FoundQuestion(place, question)


def _rows(source: SetSource) -> Iterator[tuple[str, str, RamdocsRow]]:
    for number, (place, row) in enumerate(json_lines(source.path, RamdocsRow)):
        yield place, row.id or f"{source.path.stem}-{number}", row


def _documents(name: str, row: RamdocsRow) -> list[tuple[str, RamdocsDocumentRow]]:
    return [(one.id or f"{name}-{number}", one) for number, one in enumerate(row.documents)]
