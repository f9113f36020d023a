"""What the cross-encoder is trained on: questions beside a stretch of text, and the answer in it.

In: the folder that holds ``train/`` and ``eval/``, a seed. Out: examples to train on in their
order, and examples of held documents. What can fail: a set that is absent (it raises).

Three in ten have no answer in their stretch: those that people wrote to look answerable, questions
of other texts that share its words, a text's own with another name or year, those whose sentence
was cut out, and those that another stretch of a document answers. Of a question for a value one
for yes or no is made besides (:mod:`models.training.yes_no`), whose answer is the whole sentence.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.forms import Language
from models.training.mixture import (
    NearQuestions,
    cut_answer,
    heading_of,
    misspelt,
    names_by_language,
    swap_name,
)
from models.training.reading_sets import (
    ReadingText,
    TextQuestion,
    germanquad,
    is_held,
    longer_words,
    omos_qa,
    reading_set,
    sentences_of,
    xquad,
)
from models.training.written import SOURCE as WRITTEN
from models.training.written import written_documents, written_texts
from models.training.yes_no import as_yes_no, condaqa, yes_no_words

STRETCH = 320
"""Characters of text beside a question, about: a sentence more is let in, and none is cut."""
_UNANSWERED = 3
"""Of a text's own questions without an answer at most, of a long text's one of four."""
_ELSEWHERE = 0.3
"""Share of a written document's questions that are asked of another of its stretches too."""
_FOREIGN, _SWAPPED, _CUT = 0.25, 0.25, 0.12
"""Questions of other texts to each of a text's own, and the shares of texts that are asked one with
another name and that lose a sentence."""
_YES_NO = 0.25
"""Share of the questions that are asked for yes or no as well, where their form allows it."""
_CONDAQA = 1200
"""Questions of CondaQA that are taken."""
_TWICE = ("XQuAD", "GermanQuAD", "MLQA dev", "GermanQuAD/GermanDPR train", "OMoS-QA", WRITTEN)
"""Sets of which two epochs are taken, each with other stretches: German is thin. Of what was
written for belegt three are taken."""
_SETS = {
    "squad2_dev_half": ("SQuAD 2.0 dev", 4600), "mlqa_dev": ("MLQA dev", 9999),
    "germanquad_dpr_train_subset": ("GermanQuAD/GermanDPR train", 9999),
    "tydiqa_goldp_en": ("TyDi QA", 1400), "qed_nq": ("QED", 700), "tatqa": ("TAT-QA", 500),
}  # fmt: skip
"""Of each folder the source's name, and how many questions are taken."""


@dataclass(frozen=True)
class SpanExample:
    """A question beside a stretch of text."""

    language: Language
    """Of the question."""
    question: str
    heading: str
    """What stands above the text; may be empty."""
    text: str
    span: tuple[int, int] | None
    """The answer in ``text``, first character and end; None where it holds none."""
    source: str


def span_examples(
    shared: Path, seed: int, public_share: float = 1.0
) -> tuple[list[SpanExample], list[SpanExample]]:
    """Examples to train on, shuffled, and those of held documents.

    Of the public sets' examples a share is taken; of those that were written for belegt, all.
    """
    evaluation = shared / "eval"
    halves = [
        *xquad(evaluation / "xquad"),
        *germanquad(evaluation / "germanquad"),
        *omos_qa(evaluation / "omos_qa", "de"),
        *omos_qa(evaluation / "omos_qa", "en"),
    ]
    chosen = [text for text in halves if not is_held(text.id)]
    for folder, (source, count) in _SETS.items():
        chosen += _some(reading_set(shared / "train" / folder / "reading.jsonl", source), count)
    chosen += _some(condaqa(shared / "train" / "condaqa" / "reading.jsonl"), _CONDAQA)
    chosen += written_texts(written_documents(held=False))
    made = list(make_examples(chosen, seed))
    made += make_examples([text for text in chosen if text.source in _TWICE], seed + 1)
    made += make_examples([text for text in chosen if text.source == WRITTEN], seed + 2)
    examples = [example for example in made if example.source == WRITTEN]
    public = [example for example in made if example.source != WRITTEN]
    examples += random.Random(seed).sample(public, round(public_share * len(public)))
    random.Random(seed).shuffle(examples)
    held = [text for text in halves if is_held(text.id)]
    held += written_texts(written_documents(held=True))
    return examples, list(make_examples(held, seed))


def _some(texts: Sequence[ReadingText], count: int) -> list[ReadingText]:
    """As many of ``texts`` as have ``count`` questions."""
    chance = random.Random(len(texts))
    shuffled = chance.sample(list(texts), len(texts))
    kept, questions = [], 0
    for text in shuffled:
        if questions < count:
            kept.append(text)
            questions += len(text.asked)
    return kept


def make_examples(texts: Sequence[ReadingText], seed: int) -> Iterator[SpanExample]:
    """Examples of each text, its own questions and some that it does not answer."""
    chance = random.Random(seed)
    nearest = NearQuestions(texts)
    names = names_by_language(texts)
    for text in texts:
        if not text.asked:
            continue
        heading = heading_of(text, chance)
        asked = [question for question in text.asked if question.spans]
        unanswered = [question for question in text.asked if not question.spans]
        asked += [
            made
            for question in asked
            if chance.random() < _YES_NO and (made := as_yes_no(question, text, chance))
        ]
        chance.shuffle(unanswered)
        asked += unanswered[: max(_UNANSWERED, len(asked) // 4)]
        if not unanswered or text.source == WRITTEN:
            wanted = int(_FOREIGN * len(asked) + chance.random())
            foreign = nearest.to(text, wanted, chance)
            asked += [TextQuestion(other.language, other.question, ()) for other in foreign]
            asked += [
                TextQuestion(other.language, words, ())
                for other in foreign
                if (words := yes_no_words(other.question, other.spans[0], other.language))
                and chance.random() < _YES_NO
            ]
        if chance.random() < _SWAPPED and (swapped := swap_name(text, names, chance)):
            asked.append(swapped)
        for question in asked:
            yield _example(question, text, heading, chance)
            if text.source == WRITTEN and question.spans and chance.random() < _ELSEWHERE:
                yield from _elsewhere(question, text, heading, chance)
        if chance.random() < _CUT and (cut := cut_answer(text, chance)):
            lost = [question for question in cut.asked if not question.spans]
            yield from (_example(question, cut, heading, chance) for question in lost[:1])


def _example(
    asked: TextQuestion, text: ReadingText, heading: str, chance: random.Random
) -> SpanExample:
    sentences = sentences_of(text.text)
    at = _place(asked, text.text, sentences)
    near = at
    if at is None and asked in text.asked:
        near = _nearest(asked, text.text, sentences)
    first, last = _stretch(near, text.text, sentences, chance)
    span = None if at is None else (at[0] - first, at[1] - first)
    question = asked.question if chance.random() > 0.1 else misspelt(asked.question, chance)
    return SpanExample(asked.language, question, heading, text.text[first:last], span, text.source)


def _elsewhere(
    asked: TextQuestion, text: ReadingText, heading: str, chance: random.Random
) -> Iterator[SpanExample]:
    """The question beside another stretch of its text, if one without the answer is drawn."""
    silent = _example(TextQuestion(asked.language, asked.question, ()), text, heading, chance)
    if not any(span in silent.text or silent.text in span for span in asked.spans):
        yield silent


def _nearest(
    asked: TextQuestion, text: str, sentences: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """The sentence that tempts most to answer: that with most of the question's words."""
    return max(
        sentences, key=lambda place: len(_words(asked.question) & _words(text[slice(*place)]))
    )


def _words(text: str) -> set[str]:
    """Its longer words."""
    return set(longer_words(text))


def _place(
    asked: TextQuestion, text: str, sentences: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    """Where the answer stands: of its places the one whose sentence has most of the question."""
    if not asked.spans:
        return None
    span = asked.spans[0]
    words = _words(asked.question)

    def shared(start: int) -> int:
        around = [text[low:high] for low, high in sentences if low <= start < high]
        return len(words & _words(" ".join(around)))

    places = [start for start in range(len(text)) if text.startswith(span, start)]
    start = max(places, key=shared)
    return start, start + len(span)


def _stretch(
    at: tuple[int, int] | None,
    text: str,
    sentences: Sequence[tuple[int, int]],
    chance: random.Random,
) -> tuple[int, int]:
    """Whole sentences with the answer somewhere among them."""
    low, high = at or (chance.randrange(len(text)),) * 2
    inside = [number for number, (first, last) in enumerate(sentences) if first < high + 1]
    inside = [number for number in inside if sentences[number][1] > low] or [0]
    first, last = inside[0], inside[-1]
    while True:
        grows = [number for number in (first - 1, last + 1) if 0 <= number < len(sentences)]
        if not grows or sentences[last][1] - sentences[first][0] >= STRETCH:
            return sentences[first][0], sentences[last][1]
        more = chance.choice(grows)
        first, last = min(first, more), max(last, more)
