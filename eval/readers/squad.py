"""SQuAD 1.1 and 2.0: articles of paragraphs, each with questions about it.

In: a JSON file of the form ``{"data": [{"title", "paragraphs": [{"context", "qas"}]}]}``
(Rajpurkar et al. 2016 and 2018). Out: a document for each paragraph, called after its article's
title and its number among the paragraphs of that title (an article without a title is called
``article-N``), and the questions. What can fail, each one sentence with the JSON path: a field
that is missing or of the wrong kind, a question that has no answer and is not marked as
impossible, an answer that does not stand where it should, text that is not JSON.

The file is read paragraph by paragraph, never as a whole, and twice: an article's title may come
after its paragraphs, so a first reading collects the titles (and finds what is not JSON).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from base.errors import UsageError
from corpus.document import Document
from eval.question import Question
from eval.readers.source import (
    FoundDocument,
    FoundQuestion,
    GoldSpan,
    Identifier,
    SetSource,
    Text,
    language_of,
    one_sentence,
    open_data,
    span_fault,
)

_ARTICLE = "data.item"
_TITLE = "data.item.title"
_PARAGRAPHS = "data.item.paragraphs"
_PARAGRAPH = "data.item.paragraphs.item"
_FRAME = {
    "": "start_map",
    "data": "start_array",
    _ARTICLE: "start_map",
    _TITLE: "string",
    _PARAGRAPHS: "start_array",
    _PARAGRAPH: "start_map",
}
_KINDS = {"start_map": "an object", "start_array": "a list", "string": "text"}
_WITHIN = ("map_key", "end_map", "end_array")
_NONE_YET = -1


class _SquadRow(BaseModel):
    model_config = ConfigDict(frozen=True)


class SquadAnswer(_SquadRow):
    """An answer and the character of the paragraph at which it begins."""

    text: Text
    answer_start: int = Field(ge=0)


class SquadQuestion(_SquadRow):
    """A question about a paragraph; ``is_impossible`` comes with SQuAD 2.0."""

    id: Identifier
    question: Text
    answers: tuple[SquadAnswer, ...] = ()
    is_impossible: bool = False

    @model_validator(mode="after")
    def _is_consistent(self) -> SquadQuestion:
        if self.is_impossible and self.answers:
            raise ValueError("has answers but is marked as impossible; mend one of the two")
        if not (self.is_impossible or self.answers):
            raise ValueError("has no answers and is not marked as impossible; mend one of the two")
        return self


class SquadParagraph(_SquadRow):
    """A text and the questions about it."""

    context: Text
    qas: tuple[SquadQuestion, ...]


@dataclass(frozen=True, slots=True)
class _PlacedParagraph:
    place: str
    title: str
    id: str
    content: SquadParagraph


def documents(source: SetSource) -> Iterator[FoundDocument]:
    """A document for each paragraph, one at a time."""
    for paragraph in _paragraphs(source.path):
        text = paragraph.content.context
        document = Document(
            id=paragraph.id,
            title=paragraph.title.replace("_", " "),
            language=language_of(source, None, text, paragraph.place),
            text=text,
            path=source.name,
        )
        yield FoundDocument(paragraph.place, document)


def questions(source: SetSource) -> Iterator[FoundQuestion]:
    """The questions, one at a time."""
    for paragraph in _paragraphs(source.path):
        for number, asked in enumerate(paragraph.content.qas):
            place = f"{paragraph.place}.qas[{number}]"
            question = Question(
                id=asked.id,
                text=asked.question,
                language=language_of(source, None, asked.question, place),
                answerable=not asked.is_impossible,
                answers=tuple(answer.text for answer in asked.answers),
                relevant={} if asked.is_impossible else {paragraph.id: 1},
            )
            for answer in asked.answers:
                span = GoldSpan(paragraph.id, answer.answer_start, answer.text)
                fault = span_fault(place, span, paragraph.content.context)
                if fault is not None:
                    raise UsageError(fault)
            yield FoundQuestion(place, question)


def _paragraphs(path: Path) -> Iterator[_PlacedParagraph]:
    import ijson

    articles = _articles(path)
    numbers: Counter[str] = Counter()
    with open_data(path) as stream:
        paragraphs = ijson.items(stream, _PARAGRAPH, use_float=True)
        for article, (title, count) in enumerate(articles):
            for paragraph, content in enumerate(islice(paragraphs, count)):
                place = f"'{path}', data[{article}].paragraphs[{paragraph}]"
                with one_sentence(place, SquadParagraph):
                    checked = SquadParagraph.model_validate(content)
                yield _PlacedParagraph(place, title, f"{title}-{numbers[title]}", checked)
                numbers[title] += 1


def _articles(path: Path) -> list[tuple[str, int]]:
    """Title and number of paragraphs of each article, in order.

    Raises UsageError where the file is not JSON or has not the frame of a SQuAD file.
    """
    import ijson

    found = _Articles()
    with open_data(path) as stream:
        try:
            for prefix, event, value in ijson.parse(stream, use_float=True):
                if prefix in _FRAME:
                    found.take(prefix, event, value, path)
        except ijson.JSONError as error:
            raise UsageError(
                f"'{path}', {found.place()}: it is not valid JSON here or soon after "
                f"({_reason(str(error))}); mend the file."
            ) from None
    return list(zip(found.titles, found.counts, strict=True))


class _Articles:
    """Collects titles and counts of paragraphs from the events of ijson."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.counts: list[int] = []

    def place(self) -> str:
        """The JSON path of what was read last."""
        if not self.titles:
            return "data"
        inner = f".paragraphs[{self.counts[-1] - 1}]" if self.counts[-1] > 0 else ""
        return f"data[{len(self.titles) - 1}]{inner}"

    def take(self, prefix: str, event: str, value: Any, path: Path) -> None:
        """Take note of one event at a place of ``_FRAME``."""
        if event not in (_FRAME[prefix], *_WITHIN):
            raise UsageError(
                f"'{path}', {self.place()}: '{prefix or 'the whole'}' should be "
                f"{_KINDS[_FRAME[prefix]]}; is the file in SQuAD's format?"
            )
        if (prefix, event) == (_ARTICLE, "start_map"):
            self.titles.append(f"article-{len(self.titles)}")
            self.counts.append(_NONE_YET)
        elif (prefix, event) == (_PARAGRAPHS, "start_array"):
            self.counts[-1] = 0
        elif (prefix, event) == (_PARAGRAPH, "start_map"):
            self.counts[-1] += 1
        elif prefix == _TITLE and value.strip():
            self.titles[-1] = value
        elif (prefix, event) == (_ARTICLE, "end_map") and self.counts[-1] == _NONE_YET:
            raise UsageError(f"'{path}', {self.place()}: the field 'paragraphs' is missing.")


def _reason(message: str) -> str:
    """The first line of what the parser says, without the excerpt below it."""
    return message.removeprefix("b'").replace("\\n", "\n").partition("\n")[0].strip()
