"""Rows of a table, which are read as sentences and are all alike: which of them may answer.

In: shown texts, what is asked for. Out: for each text the stretches from which alone words may be
taken; whether a span stands where no answer is. Nothing can fail.

The row that answers is the one that has most of what is asked about; where all have as much, any of
them may. Of a row whose columns differ by a number ("Plätze 2023: 112 · Plätze 2024: 118"), the
cell that answers is that of the number which is asked about, and an empty one answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.terms import stems
from qa.dialogue.asked import Asked
from qa.pipeline.extract import FoundSpan, Stretches
from qa.pipeline.shown_text import ShownSentence, ShownText

_CELL = " · "
"""What stands between the cells of a row."""
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class _Row:
    sentence: ShownSentence
    asked_words: int
    """How many words of the question it has."""


def answer_stretches(texts: Sequence[ShownText], asked: Asked) -> list[Stretches]:
    """Where in each text an answer may lie: in its sentences, and of all rows of a document in
    those that have most of what is asked about.
    """
    rows = [_rows(text, asked) for text in texts]
    most: dict[str, int] = {}
    for text, own in zip(texts, rows, strict=True):
        document = text.stored.passage.document_id
        most[document] = max([most.get(document, 0), *(row.asked_words for row in own)])
    return [
        _stretches(text, own, most[text.stored.passage.document_id], asked)
        for text, own in zip(texts, rows, strict=True)
    ]


def is_of_other_row(span: FoundSpan, asked: Asked) -> bool:
    """Whether a span stands in a row or a cell where the answer is not."""
    rows = _rows(span.shown, asked)
    if not any(row.sentence is span.sentences[0] for row in rows):
        return False
    most = max(row.asked_words for row in rows)
    stretches = _stretches(span.shown, rows, most, asked)
    end = span.start + len(span.text)
    return not any(start < end and span.start < stop for start, stop in stretches)


def _rows(text: ShownText, asked: Asked) -> list[_Row]:
    """The rows of its tables; none where it has none."""
    if _CELL not in text.text:
        return []
    wanted = set(stems(asked.question, asked.language))
    language = text.stored.language
    return [
        _Row(sentence, len(wanted.intersection(stems(said, language))))
        for sentence in text.sentences
        if sentence.can_answer and _CELL in (said := text.text[sentence.start : sentence.end])
    ]


def _stretches(text: ShownText, rows: Sequence[_Row], most: int, asked: Asked) -> Stretches:
    if not rows:
        return text.answer_ranges
    by_sentence = {id(row.sentence): row for row in rows}
    stretches: list[tuple[int, int]] = []
    for sentence in text.sentences:
        row = by_sentence.get(id(sentence))
        if not sentence.can_answer:
            continue
        if row is None:
            stretches.append((sentence.start, sentence.end))
        elif row.asked_words == most:
            stretches += _cells(text.text, sentence, asked)
    return tuple(stretches)


def _cells(text: str, row: ShownSentence, asked: Asked) -> Iterator[tuple[int, int]]:
    """The whole row, or its cells less those of another number than the one that is asked about."""
    wanted = set(_NUMBER.findall(asked.question))
    cells = list(_cells_of(text, row))
    numbers = [set(_NUMBER.findall(_label(text[start:end]))) for start, end in cells]
    if not any(wanted & labelled for labelled in numbers):
        yield row.start, row.end
        return
    for cell, labelled in zip(cells, numbers, strict=True):
        if not labelled or wanted & labelled:
            yield cell


def _cells_of(text: str, row: ShownSentence) -> Iterator[tuple[int, int]]:
    start = row.start
    for cell in text[row.start : row.end].split(_CELL):
        yield start, start + len(cell)
        start += len(cell) + len(_CELL)


def _label(cell: str) -> str:
    """What stands before a cell's value: the head of its column; "" where nothing does."""
    label, colon, _ = cell.partition(":")
    return label if colon else ""
