"""What the reader is trained on of what was written for belegt: passages and quotations.

In: written documents and quotations, a seed. Out: texts with what is asked of them, shuffled.
Nothing can fail.

A document is cut into passages of the length that belegt reads. Each is asked the questions that
stand answered in it, and some that do not: those to which its document tempts though it is silent,
and those that another passage of the same document answers, beside which the reader stands most
often in use. Of a quotation's statements as many are proven as are not. Questions for yes or no are
left out: their sentence is found by the cross-encoder.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from models.training.mixture import interleave, question_tail, statement_tail
from models.training.packing import Tail, TextExamples
from models.training.quotations import WrittenQuotation, written_quotations
from models.training.reading_sets import (
    ReadingText,
    TextQuestion,
    longer_words,
    sentences_of,
)
from models.training.written import SOURCE, WrittenDocument, written_documents, written_texts

PASSAGE = 560
"""Characters of a passage, about: what 160 tokens of the encoder hold."""
_SHORTEST = 160
"""What is left of a document below this goes with the passage before."""
_ANSWERED = 6
"""Questions that a passage answers at most."""
_TEMPTING = 2
"""Questions of its document to which no passage holds the answer."""
_ELSEWHERE = 2
"""Questions that another passage of its document answers."""
_STATEMENTS = 4
"""Statements of a quotation that it proves, and as many that it does not."""
_PUBLIC = 0.4
"""Texts of public sets to each one that was written for belegt."""
_HEADED = 0.8
"""Share of the passages that are shown with title, outlet and date."""


def passage_examples(documents: Sequence[WrittenDocument], seed: int) -> list[TextExamples]:
    """Each passage with questions that it answers and questions that it does not."""
    chance = random.Random(seed)
    values = [
        document.model_copy(
            update={
                "questions": tuple(
                    question for question in document.questions if question.kind != "yesno"
                )
            }
        )
        for document in documents
    ]
    examples = [example for text in written_texts(values) for example in _passages(text, chance)]
    chance.shuffle(examples)
    return examples


def statement_examples(quotations: Sequence[WrittenQuotation], seed: int) -> list[TextExamples]:
    """Each quotation with statements that it proves and statements that it does not."""
    chance = random.Random(seed)
    examples = []
    for quotation in quotations:
        tails = []
        for supported in (True, False):
            pairs = [pair for pair in quotation.pairs if pair.supported == supported]
            chance.shuffle(pairs)
            tails += [
                statement_tail(pair.language, pair.statement, pair.supported, pair.kind)
                for pair in pairs[:_STATEMENTS]
            ]
        chance.shuffle(tails)
        examples.append(TextExamples("", quotation.quote, tuple(tails), f"quotations {SOURCE}"))
    chance.shuffle(examples)
    return examples


def written_mixture(public: Sequence[TextExamples], seed: int) -> list[TextExamples]:
    """All passages and quotations to train on, and beside them some of the ``public`` examples, so
    that what was learned of those is not forgotten.
    """
    passages = passage_examples(written_documents(held=False), seed)
    statements = statement_examples(written_quotations(held=False), seed)
    kept = round(_PUBLIC * (len(passages) + len(statements)))
    return list(interleave(passages, statements, public[:kept]))


def cut(text: str) -> list[tuple[int, int]]:
    """First character and end of each passage: whole sentences or lines."""
    passages: list[tuple[int, int]] = []
    for first, end in sentences_of(text):
        # "am 16. August" is no end of a sentence.
        in_date = text[:first].rstrip()[-2:-1].isdigit() and text[:first].endswith(". ")
        if passages and (in_date or end - passages[-1][0] <= PASSAGE):
            passages[-1] = passages[-1][0], end
        else:
            passages.append((first, end))
    if len(passages) > 1 and passages[-1][1] - passages[-1][0] < _SHORTEST:
        passages[-2:] = [(passages[-2][0], passages[-1][1])]
    return passages


def _passages(text: ReadingText, chance: random.Random) -> Iterator[TextExamples]:
    bodies = [text.text[first:end] for first, end in cut(text.text)]
    words = [set(longer_words(body)) for body in bodies]
    answered: dict[int, list[TextQuestion]] = defaultdict(list)
    left_open: dict[int, list[TextQuestion]] = defaultdict(list)
    elsewhere: dict[int, list[TextQuestion]] = defaultdict(list)
    for asked in text.asked:
        holding = [
            at for at, body in enumerate(bodies) if any(span in body for span in asked.spans)
        ]
        others = [at for at in range(len(bodies)) if at not in holding]
        if not asked.spans:
            left_open[_nearest(asked, words, others)].append(asked)
        elif holding:
            answered[_nearest(asked, words, holding)].append(asked)
            if others:
                silent = TextQuestion(asked.language, asked.question, ())
                elsewhere[_nearest(asked, words, others)].append(silent)
    for at, body in enumerate(bodies):
        for questions in (answered[at], elsewhere[at], left_open[at]):
            chance.shuffle(questions)
        tails: list[Tail] = [
            question_tail(asked, chance)
            for asked in (
                *answered[at][:_ANSWERED],
                *left_open[at][:_TEMPTING],
                *elsewhere[at][:_ELSEWHERE],
            )
        ]
        chance.shuffle(tails)
        heading = text.title if chance.random() < _HEADED else ""
        if tails:
            yield TextExamples(heading, body, tuple(tails), SOURCE)


def _nearest(asked: TextQuestion, words: Sequence[set[str]], places: Sequence[int]) -> int:
    """Of the passages at ``places`` the one whose ``words`` the question shares most of."""
    own = set(longer_words(asked.question))
    return max(places, key=lambda at: len(own & words[at]))
