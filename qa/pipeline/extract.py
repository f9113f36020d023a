"""The words of each passage that answer a question, each passage read by itself.

In: a question, passages, an engine. Out: for each passage its spans, or none, with how likely the
reader held that. What can fail: what the engine raises.

Nothing can be said here that does not stand in the passage: decoding is constrained to runs of its
words (:mod:`qa.engine.extraction`). The passage stands before the question, so that one reading of
it, kept with the corpus, serves every question.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.document import Language, Span
from corpus.store import StoredPassage
from index.retriever import Retrieved
from index.terms import stems
from models import forms
from qa.dialogue.asked import asked_of
from qa.engine.cancellation import Cancellation
from qa.engine.extraction import ExtractedSpan, Extraction, SpanConstraint
from qa.engine.protocol import Engine, Message, Segment, SpanPrompt
from qa.pipeline.relative_years import as_told
from qa.pipeline.shown_text import ShownSentence, ShownText, show

MOST_SPANS = 8
"""Items of a list; the reader ends sooner where there are fewer."""
SPAN_TOKENS = 96
"""Longest answer of one passage, all of its spans together."""


RELUCTANCE = 1.5
"""Nats by which "nothing" must be likelier before no words are looked for; whether words that are
less likely than nothing are an answer, the confidence decides (docs/measurements.md, "Refusing").
"""


Stretches = tuple[tuple[int, int], ...]
"""Parts of a text, each its first character and end."""


@dataclass(frozen=True)
class FoundSpan:
    """Words of a passage that answer a question."""

    shown: ShownText
    """The passage they stand in."""
    start: int
    """Their first character in the shown text."""
    text: str
    """As the reader saw them, in one line."""
    words: tuple[Span, ...]
    """Their spans in the document's text."""
    sentences: tuple[ShownSentence, ...]
    """The sentences they stand in."""
    sureness: float
    """Mean log-probability (nats) of their tokens."""

    @property
    def stored(self) -> StoredPassage:
        """The passage they stand in."""
        return self.shown.stored

    @property
    def language(self) -> Language:
        """Of the passage."""
        return self.stored.language

    @property
    def heading(self) -> str:
        """What stands above them: title, outlet, date, heading path."""
        headings = self.stored.passage.headings()
        own = headings[self.sentences[0].place] if headings else ()
        return " › ".join([self.shown.heading, *own])

    @property
    def context(self) -> str:
        """The sentences they stand in, as the reader saw them."""
        return self.shown.text[self.sentences[0].start : self.sentences[-1].end]

    @property
    def place(self) -> tuple[int, int]:
        """Where the words stand in the context, first character and end."""
        start = self.start - self.sentences[0].start
        return start, start + len(self.text)


@dataclass(frozen=True, eq=False)
class PassageReading:
    """What the reader makes of one passage."""

    retrieved: Retrieved
    shown: ShownText
    spans: tuple[FoundSpan, ...]
    """In the order of the answer; empty where the passage does not answer."""
    log_odds: float
    """Of an answer in the passage against none, in nats, before anything is decoded."""
    margin: float
    """How much likelier (nats) the first token is than that of an answer elsewhere."""
    check: float | None = None
    """Log-odds (nats) that its words answer the question, as the reader says when it is shown
    both; None where it was not asked.
    """
    contradicts: bool = False
    """Whether its sentence says what the answer's says but for the value, as code found."""
    prompt_tokens: int = 0
    """Tokens of its prompt."""
    evaluated_tokens: int = 0
    """Of these, those that had to be computed."""
    output_tokens: int = 0
    """Tokens of its spans."""

    @property
    def document_id(self) -> str:
        """Of the document that the passage stands in."""
        return self.shown.stored.passage.document_id

    @property
    def located(self) -> float:
        """Log-odds (nats) that the answer stands in the sentences of its words, as the
        cross-encoder says; 0 where it was not asked.
        """
        spans = self.retrieved.spans
        if spans is None or not self.spans:
            return 0.0
        sentences = [(found.sentences[0], found.sentences[-1]) for found in self.spans]
        return max(spans.log_odds(first.start, last.end) for first, last in sentences)

    @property
    def probability(self) -> float:
        """That the passage holds an answer, as the reader says, 0 to 1."""
        return 0.5 + 0.5 * math.tanh(self.log_odds / 2)


@dataclass(frozen=True)
class ExtractRequest:
    """A question and how its passages are read."""

    question: str
    """As it stands alone."""
    language: Language
    corpus: Path
    """The folder of the corpus, where readings of passages are kept."""
    trained: bool
    """Whether the adapter is there; without it the question carries an instruction."""
    deadline: float | None = None
    """In ``time.monotonic``."""
    cancellation: Cancellation | None = None


def passage_prompt(
    engine: Engine, shown: ShownText, corpus: Path, tail: Sequence[Segment] = ()
) -> list[Segment]:
    """A passage and what is asked of it, as segments up to where the reader speaks."""
    constant = Segment(forms.SYSTEM, trusted=True, constant=True)
    before = Segment(forms.TEXT, trusted=True, constant=True)
    return engine.chat(
        [
            Message("system", (constant,)),
            Message("user", (before, shown.segment(corpus), *tail)),
        ]
    )


def question_segment(request: ExtractRequest, shown: ShownText) -> Segment:
    """The question as the passage is asked it, in one line."""
    asked = asked_of(request.question, request.language)
    return Segment(" ".join(as_told(request.question, asked, shown).split()))


def question_tail(request: ExtractRequest, shown: ShownText) -> tuple[Segment, ...]:
    """What stands behind a passage to ask for the words that answer."""
    before, behind = forms.extract_tail(request.language, trained=request.trained)
    question = question_segment(request, shown)
    tail = (Segment(before, trusted=True), question)
    return (*tail, Segment(behind, trusted=True)) if behind else tail


def read_passages(
    engine: Engine,
    request: ExtractRequest,
    retrieved: Sequence[Retrieved],
    stretches: Sequence[Stretches] = (),
) -> Iterator[PassageReading]:
    """Each passage read for the question, as soon as it is, all in shared steps.

    ``stretches``: for each passage those of its shown text in which alone an answer may lie.
    """
    shown = [show(passage.stored) for passage in retrieved]
    ranges = stretches or [text.answer_ranges for text in shown]
    prompts = [
        SpanPrompt(
            passage_prompt(engine, text, request.corpus, question_tail(request, text)),
            SpanConstraint(
                text=text.text,
                nothing=forms.NOTHING,
                separator=forms.SEPARATOR,
                most_spans=MOST_SPANS,
                ranges=within,
                limit=SPAN_TOKENS,
                reluctance=RELUCTANCE,
            ),
        )
        for text, within in zip(shown, ranges, strict=True)
    ]
    readable = [at for at, within in enumerate(ranges) if within]
    finished = engine.extract_all(
        [prompts[at] for at in readable],
        adapter=request.trained,
        deadline=request.deadline,
        cancellation=request.cancellation,
    )
    for place, extraction in finished:
        at = readable[place]
        yield make_reading(retrieved[at], shown[at], extraction, request.question)


def make_reading(
    retrieved: Retrieved, shown: ShownText, extraction: Extraction, question: str
) -> PassageReading:
    """What was extracted of a passage, with its places in the stored text."""
    asked = set(stems(question, shown.stored.language))
    spans = extraction.spans if extraction.complete else extraction.spans[:-1] or extraction.spans
    return PassageReading(
        retrieved=retrieved,
        shown=shown,
        spans=tuple(found_span(shown, span, asked) for span in spans),
        log_odds=extraction.starts - extraction.nothing,
        margin=extraction.margin,
        prompt_tokens=extraction.prompt_tokens,
        evaluated_tokens=extraction.evaluated_tokens,
        output_tokens=sum(span.tokens for span in extraction.spans),
    )


def _place(shown: ShownText, span: ExtractedSpan, asked: Collection[str]) -> tuple[int, int]:
    """Of the places of the same words the one whose sentence has most of what is asked.

    The reader says words and not where: "5 Euro" may stand behind the entrance and the parking.
    """

    def shared(place: tuple[int, int]) -> int:
        context = " ".join(
            shown.text[sentence.start : sentence.end] for sentence in shown.sentences_of(*place)
        )
        return len({*asked} & set(stems(context, shown.stored.language)))

    return max(span.places or ((span.start, span.end),), key=shared)


def found_span(
    shown: ShownText, span: ExtractedSpan, asked: Collection[str] = frozenset()
) -> FoundSpan:
    """A span with its places in the stored text; ``asked``: stems of the question."""
    start, end = (span.start, span.end) if len(span.places) < 2 else _place(shown, span, asked)
    sentences = shown.sentences_of(start, end)
    words = [
        Span(start=low, end=high)
        for sentence in sentences
        for low, high in sentence.reading.spans(
            max(start, sentence.start) - sentence.start, min(end, sentence.end) - sentence.start
        )
    ]
    return FoundSpan(
        shown=shown,
        start=start,
        text=shown.text[start:end],
        words=tuple(words),
        sentences=tuple(sentences),
        sureness=span.mean_log_probability,
    )
