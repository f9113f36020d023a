"""Rows of a table, which are read as sentences and are all alike: which of them may answer.

In: shown texts, what is asked for. Out: for each text the stretches from which alone words may be
taken; whether a span stands where no answer is. Nothing can fail.

The row that answers is the one that has most of what is asked about; where all rows of its table
have as much, any of them may. Of a row whose columns are of several years ("Plätze 2023: 112 ·
Plätze 2024: 118"), the cell of another year than the one that is asked about answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.terms import stems
from qa.dialogue.asked import Asked
from qa.pipeline.extract import FoundSpan, Stretches
from qa.pipeline.relative_years import YEAR
from qa.pipeline.shown_text import ShownSentence, ShownText

_CELL = " · "
"""What stands between the cells of a row."""
_ACROSS = re.compile(
    r"\b(?:mehr|weniger|höher\w*|niedriger\w*|größer\w*|kleiner\w*|länger\w*|außer|ohne|more|less"
    r"|fewer|higher|lower|larger|smaller|longer|except|other|ander\w+)\b"
)
"""Words of a question that asks beyond the row that it names."""
_OVER_TIME = re.compile(r"\b(?:seit|stieg\w*|sank\w*|änder\w*|since|rose|fell|grew|chang\w*)\b")
"""Words of a question that asks for several years where it gives one."""


@dataclass(frozen=True)
class _Row:
    sentence: ShownSentence
    document: str
    heads: frozenset[str]
    """Of the columns in which it has a value, the first one left out."""
    asked_words: int
    """How many words of the question it has."""

    def is_beside(self, other: _Row) -> bool:
        """Whether the two are of one table, which rows with empty cells are as well."""
        return self.document == other.document and not self.heads.isdisjoint(other.heads)


def answer_stretches(texts: Sequence[ShownText], asked: Asked) -> list[Stretches]:
    """Where in each text an answer may lie: in its sentences, and of all rows of a table, which
    may go on in other texts, in those that have most of what is asked about.
    """
    rows = [_rows(text, asked) for text in texts]
    every = [row for own in rows for row in own]
    return [
        _stretches(text, own, every, asked) if own else text.answer_ranges
        for text, own in zip(texts, rows, strict=True)
    ]


def is_of_other_row(span: FoundSpan, asked: Asked) -> bool:
    """Whether a span stands in a row or a cell where the answer is not."""
    rows = _rows(span.shown, asked)
    if not any(row.sentence is span.sentences[0] for row in rows):
        return False
    stretches = _stretches(span.shown, rows, rows, asked)
    end = span.start + len(span.text)
    return not any(start < end and span.start < stop for start, stop in stretches)


def _rows(text: ShownText, asked: Asked) -> list[_Row]:
    """The rows of its tables; none where it has none, or where the question compares rows."""
    if _CELL not in text.text or _ACROSS.search(asked.question.lower()):
        return []
    # That a bare number is in a row by chance tells nothing.
    wanted = {
        stem
        for stem in stems(asked.question, asked.language)
        if not stem.isdigit() or YEAR.fullmatch(stem)
    }
    rows = []
    for sentence in text.sentences:
        row_text = text.text[sentence.start : sentence.end]
        heads = [head for cell in row_text.split(_CELL)[1:] if (head := _head(cell))]
        if sentence.can_answer and heads:
            words = len(wanted.intersection(stems(row_text, text.stored.language)))
            document = text.stored.passage.document_id
            rows.append(_Row(sentence, document, frozenset(heads), words))
    return rows


def _stretches(
    text: ShownText, rows: Sequence[_Row], every: Sequence[_Row], asked: Asked
) -> Stretches:
    by_sentence = {id(row.sentence): row for row in rows}
    stretches: list[tuple[int, int]] = []
    for sentence in text.sentences:
        if not sentence.can_answer:
            continue
        row = by_sentence.get(id(sentence))
        if row is not None:
            most = max(beside.asked_words for beside in every if row.is_beside(beside))
            if row.asked_words == most:
                stretches += _cells(text.text, sentence, asked)
        elif stretches and sentence.start <= stretches[-1][1] + 1:
            stretches[-1] = stretches[-1][0], sentence.end
        else:
            stretches.append((sentence.start, sentence.end))
    return tuple(stretches)


def _cells(text: str, row: ShownSentence, asked: Asked) -> Iterator[tuple[int, int]]:
    """The whole row, or its cells less those of another year than the one that is asked about."""
    first, *others = _places_of_cells(text, row)
    heads = [_head(text[start:end]) for start, end in others]
    years = [{int(year) for year in YEAR.findall(head)} for head in heads]
    one_year = len(asked.years) == 1 and not _OVER_TIME.search(asked.question.lower())
    if not one_year or not any(asked.years & labelled for labelled in years):
        yield row.start, row.end
        return
    yield first
    for cell, labelled in zip(others, years, strict=True):
        if not labelled or asked.years & labelled:
            yield cell


def _places_of_cells(text: str, row: ShownSentence) -> Iterator[tuple[int, int]]:
    start = row.start
    for cell in text[row.start : row.end].split(_CELL):
        yield start, start + len(cell)
        start += len(cell) + len(_CELL)


def _head(cell: str) -> str:
    """The head of a cell's column, which stands before its value; "" where none does."""
    head, colon, _ = cell.partition(":")
    return head if colon else ""
