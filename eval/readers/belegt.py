"""belegt's own JSON Lines: one document or one question a line.

In: files whose fields are those of :class:`BelegtDocumentRow` and :class:`QuestionRow`. Out:
documents and questions. What can fail, each one sentence with file and line: a field that is
missing, of the wrong kind or not known, and fields that contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from corpus.dates import parse_date
from corpus.document import Document, Language
from eval.question import Question
from eval.readers.source import (
    FoundDocument,
    FoundQuestion,
    GoldSpan,
    Identifier,
    SetSource,
    Text,
    json_lines,
    language_of,
)


def _date(stated: str | None) -> str | None:
    if stated is None:
        return None
    found = parse_date(str(stated))
    if found is None:
        raise ValueError(f"is '{stated}'; write a date as 2025-06-13, 2025-06 or 2025")
    return found


def _grade(named: object) -> object:
    return dict.fromkeys(named, 1) if isinstance(named, list) else named


class _BelegtRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    language: Language | None = Field(None, description="Default: the set's, else detected.")
    note: str | None = Field(None, description="For people; nothing reads it.")


class BelegtDocumentRow(_BelegtRow):
    """A line of a documents file."""

    title: str
    text: Text
    date: Annotated[str | None, BeforeValidator(_date)] = None
    source: str | None = None


class QuestionRow(_BelegtRow):
    """A line of a questions file. ``plausible_answers`` come with SQuAD 2.0; nothing reads them.

    Where ``answerable`` (or its opposite, ``is_impossible``) is not given, a question with
    answers or documents is answerable, and one without either is refused as incomplete.
    """

    question: Text
    answers: tuple[Text, ...] = ()
    doc_id: Identifier | None = Field(None, description="The document that holds the answer.")
    relevant: Annotated[dict[str, int], BeforeValidator(_grade)] = Field(
        default_factory=dict, description="Several documents: a list, or grades by id."
    )
    answer_start: int | None = Field(
        None, ge=0, description="Character of the document at which the first answer begins."
    )
    answer_starts: tuple[int, ...] = Field((), description="The same for every answer.")
    kind: Text = "plain"
    within: tuple[str, ...] = ()
    before: tuple[Text, ...] = ()
    needed: Literal["any", "all"] = "any"
    answers_are: Literal["phrases", "sentences"] = "phrases"
    without_injection: Identifier | None = None
    wrong_answers: tuple[Text, ...] = ()
    answerable: bool | None = None
    is_impossible: bool | None = None
    plausible_answers: tuple[str, ...] = ()

    @property
    def has_answer(self) -> bool:
        """Whether the documents are said to hold an answer."""
        if self.is_impossible is not None:
            return not self.is_impossible
        return self.answerable is not False

    @model_validator(mode="after")
    def _is_consistent(self) -> QuestionRow:
        if self.answerable is not None and self.answerable == self.is_impossible:
            raise ValueError("'answerable' and 'is_impossible' contradict each other")
        if self.answers and not self.has_answer:
            raise ValueError("it has answers but is marked as unanswerable; mend one of the two")
        stated = self.answerable is not None or self.is_impossible is not None
        if not (stated or self.answers or self.doc_id or self.relevant):
            raise ValueError(
                "it has neither 'answers' nor 'doc_id'; add them, or 'answerable': false where "
                "no document holds an answer"
            )
        if self.answer_start is not None and not (self.answers and self.doc_id):
            raise ValueError("'answer_start' needs 'answers' and 'doc_id'")
        if self.answer_starts and len(self.answer_starts) != len(self.answers):
            raise ValueError("'answer_starts' needs one number for each of 'answers'")
        return self


def documents(source: SetSource) -> Iterator[FoundDocument]:
    """The documents of a file, one at a time."""
    for place, row in json_lines(source.path, BelegtDocumentRow):
        yield FoundDocument(
            place,
            Document(
                id=row.id,
                title=row.title,
                source=row.source,
                date=row.date,
                language=language_of(source, row.language, row.text, place),
                text=row.text,
                path=source.name,
            ),
        )


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """The questions of a file, one at a time.

    The document of an unanswerable question is only what it was asked about: no document is
    relevant to it.
    """
    for place, row in json_lines(source.path, QuestionRow):
        relevant = {**({row.doc_id: 1} if row.doc_id else {}), **row.relevant}
        question = Question(
            id=row.id,
            text=row.question,
            language=language_of(source, row.language, row.question, place),
            answerable=row.has_answer,
            answers=row.answers,
            needed=row.needed,
            answers_are=row.answers_are,
            without_injection=row.without_injection,
            wrong_answers=row.wrong_answers,
            relevant=relevant if row.has_answer else {},
            within=row.within,
            before=row.before,
            kind=row.kind,
        )
        yield FoundQuestion(place, question, _spans(row))


def _spans(row: QuestionRow) -> tuple[GoldSpan, ...]:
    if row.doc_id is None:
        return ()
    starts = row.answer_starts
    if not starts and row.answer_start is not None:
        starts = (row.answer_start,)
    pairs = zip(starts, row.answers, strict=False)
    return tuple(GoldSpan(row.doc_id, start, answer) for start, answer in pairs)
