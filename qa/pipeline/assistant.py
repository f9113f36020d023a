"""A question in, a cited answer out.

In: a question and how it is to be answered. Out: events while the answer comes to be, the last of
which carries the whole :class:`~qa.pipeline.answer.Answer`. What can fail, each as one sentence: an
empty or overlong question, an empty corpus, a missing model.

The way of a question, step by step (:meth:`Assistant.stream`):

1. :func:`~qa.dialogue.query_rewriting.rewrite_query`: as it stands alone;
2. :meth:`~index.retriever.Retriever.search`: passages that may answer it;
3. :func:`~qa.pipeline.rerank.rerank`: which of them are read, the likeliest first;
4. :func:`~qa.pipeline.extract.read_passages`: the words of each passage that do answer, or, to a
   question for yes or no, :func:`~qa.pipeline.deciding.deciding_readings`: the sentences;
5. :func:`~qa.pipeline.group.group`: which of them say the same, and which disagree, with what
   :mod:`~qa.pipeline.second_reading` finds beside a value, or in sentences passed over, and a
   second look at the sides (:mod:`~qa.pipeline.passage_reader`);
6. :func:`~qa.pipeline.confidence.probability`: how likely that is right; what is below the
   threshold, with which :meth:`Assistant.stream` compares it, is not said;
7. :func:`~qa.pipeline.compose.compose`: sentences, which are the sources' own words;
8. :class:`~qa.pipeline.citations.CitationList`: where each of them stands.

A question that leaves out names of the conversation's last subject goes through 2 to 6 as one about
that first (:func:`~qa.dialogue.query_rewriting.lean_on_subject`).

Each step takes values and returns values, so that it can be tested, measured and replaced alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from base.errors import UsageError
from base.settings import Settings
from index.cross_encoder import cross_encoder_beside
from index.retriever import Retrieval, Retrieved, Retriever
from qa.dialogue.anaphora import lack
from qa.dialogue.asked import Asked, asked_of, with_topic
from qa.dialogue.query_rewriting import Exchange, StandaloneQuery, lean_on_subject, rewrite_query
from qa.dialogue.question_parts import QuestionKind, question_kind, split_question
from qa.dialogue.question_words import QuestionWords
from qa.engine.protocol import Engine
from qa.pipeline import confidence
from qa.pipeline.answer import (
    Answer,
    DoneEvent,
    Event,
    ModelNames,
    RetrievedEvent,
    ShownPassage,
    Timings,
)
from qa.pipeline.answer_part import AnswerPart, answer_text, nearest_citations
from qa.pipeline.citations import CitationList
from qa.pipeline.compose import compose
from qa.pipeline.deciding import deciding_readings
from qa.pipeline.extract import PassageReading
from qa.pipeline.group import group
from qa.pipeline.options import DEFAULT_OPTIONS, AskOptions
from qa.pipeline.passage_reader import OnCacheMiss, PassageReader
from qa.pipeline.rerank import rerank, worth_reading
from qa.pipeline.shown_text import show
from qa.pipeline.table_rows import answer_stretches

_OF_SEVERAL = 8
"""Passages searched at least where all of several things are asked for."""

_POOL = 2
"""Passages of the search for each that is kept when they are reranked."""

_OF_SUBJECT = 0.5
"""How likely an answer about the conversation's subject must be right (0 to 1) to be preferred."""


@dataclass
class Clock:
    """When the steps of an answer ended; seconds of a steady clock."""

    started: float = field(default_factory=time.perf_counter)
    retrieved: float = 0.0
    extracted: float = 0.0
    first_sentence: float | None = None

    def timings(self, readings: list[PassageReading]) -> Timings:
        """Milliseconds of each step, and what the reader computed."""
        now = time.perf_counter()
        first = self.first_sentence or now
        return Timings(
            retrieval_ms=_milliseconds(self.started, self.retrieved),
            prefill_ms=_milliseconds(self.retrieved, self.extracted),
            first_token_ms=None
            if self.first_sentence is None
            else _milliseconds(self.started, first),
            decode_ms=_milliseconds(self.extracted, now),
            total_ms=_milliseconds(self.started, now),
            prompt_tokens=sum(reading.prompt_tokens for reading in readings),
            evaluated_tokens=sum(reading.evaluated_tokens for reading in readings),
            output_tokens=sum(reading.output_tokens for reading in readings),
        )


def _milliseconds(begin: float, end: float) -> float:
    return round(max(end - begin, 0.0) * 1000, 1)


class Assistant:
    """Answers questions over one open corpus. Safe to call from many threads."""

    def __init__(
        self,
        retriever: Retriever,
        engine: Engine,
        settings: Settings,
        on_cache_miss: OnCacheMiss | None = None,
    ) -> None:
        """``on_cache_miss`` gets prompts whose passage is worth keeping and was not read."""
        self._retriever = retriever
        self._engine = engine
        self._settings = settings
        described = engine.describe()
        self._cross_encoder = cross_encoder_beside(retriever.encoder.describe(), settings)
        self._reader = PassageReader(
            retriever, engine, settings, self._cross_encoder, on_cache_miss
        )
        self._weights = confidence.weights_of(self.judges_of(""))
        self._yes_no_weights = confidence.weights_of(self.judges_of("yes_no"), "yes_no")
        self._models = ModelNames(
            encoder=retriever.encoder.describe().model,
            llm=described.model,
            reader=described.adapter,
        )

    def judges_of(self, sort: confidence.QuestionSort) -> str:
        """Digests of all that says how likely an answer to such questions is right; what weighs it
        is fitted to these.
        """
        described = self._engine.describe()
        across = self._cross_encoder.digest if self._cross_encoder is not None else ""
        return across if sort == "yes_no" else f"{described.digest}{described.adapter}{across}"

    def prepare_for_more(self) -> None:
        """Have prompts of later questions be read as fast as can be; returns at once."""
        self._engine.prepare_prefill()

    def ask(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Answer:
        """The answer, once it is whole."""
        for event in self.stream(question, options):
            if isinstance(event, DoneEvent):
                return event.answer
        raise RuntimeError("an answer's events ended without the last one")

    def search(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Retrieval:
        """The passages that an answer would be drawn from, as search finds them."""
        return self._search(self._rewrite(question, options), options)

    def passages_read(
        self, question: str, options: AskOptions = DEFAULT_OPTIONS
    ) -> list[Retrieved]:
        """The passages that the reader is given for ``question``, the likeliest first."""
        part, _ = self._retrieve(self._rewrite(question, options), options, Clock())
        return worth_reading(part.retrieval.passages)

    def stream(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Iterator[Event]:
        """Events while the answer comes to be; closing the iterator stops the reader at once."""
        clock = Clock()
        whole = self._rewrite(question, options)
        citations = CitationList(self._retriever.store.place_of)
        parts: list[AnswerPart] = []
        for query in self._parts(whole):
            part, retrieved = self._retrieve(query, options, clock)
            yield retrieved
            parts.append(self._judge(part, options))
        parts = [self._composed(at, parts, options) for at in range(len(parts))]
        clock.extracted = time.perf_counter()
        said: set[str] = set()
        if any(part.statements for part in parts):
            for part in parts:
                for event in part.events(citations, said):
                    clock.first_sentence = clock.first_sentence or time.perf_counter()
                    yield event
        yield DoneEvent(answer=self._answer(question.strip(), whole, parts, citations, clock))

    def _composed(self, place: int, parts: Sequence[AnswerPart], options: AskOptions) -> AnswerPart:
        """A part with what is said, if that is sure enough and is not the answer of a surer one."""
        part = parts[place]
        if not part.grouping.groups or part.sure < self._threshold(part, options):
            return part
        surer = [other for at, other in enumerate(parts) if (other.sure, -at) > (part.sure, -place)]
        if any(part.has_words_of(other) for other in surer):
            return part
        return part.composed(*compose(part.grouping, part.query.language, part.kind))

    def _answer(
        self,
        question: str,
        whole: StandaloneQuery,
        parts: list[AnswerPart],
        citations: CitationList,
        clock: Clock,
    ) -> Answer:
        answered = [part for part in parts if part.statements]
        sures = [part.sure for part in answered] or [1.0 - max(part.sure for part in parts)]
        asked = " ".join(part.query.asked for part in parts)
        return Answer(
            question=question,
            rewritten=asked if len(parts) == 1 and asked != question else None,
            language=whole.language,
            status="answered" if answered else "not_found",
            text=answer_text(parts, whole.language),
            citations=citations.all(),
            confidence=min(sures),
            timings=clock.timings([reading for part in parts for reading in part.readings]),
            models=self._models,
            nearest=[] if answered else nearest_citations(parts, self._retriever.store.place_of),
            conflicts=[conflict for part in answered for conflict in part.conflicts(citations)],
        )

    def _parts(self, whole: StandaloneQuery) -> list[StandaloneQuery]:
        """What is asked, one thing each."""
        if whole.search != whole.asked:
            return [whole]
        first, *others = split_question(whole.asked, whole.language)
        queries = [StandaloneQuery(whole.language, search=first, asked=first)]
        before = [Exchange(first, "")]
        for part in others:
            # "When was it sold?" leans on the parts before it, the last of them first.
            query = rewrite_query(part, before, whole.language)
            if lack(QuestionWords(part, whole.language)) == "reference":
                # Read behind another question it would be answered with the answer to that one.
                earlier = [exchange.question for exchange in reversed(before)]
                topics = (with_topic(part, question, whole.language) for question in earlier)
                query = replace(query, asked=next(filter(None, topics), query.asked))
            queries.append(query)
            before.append(Exchange(part, ""))
        return queries

    def _retrieve(
        self, query: StandaloneQuery, options: AskOptions, clock: Clock
    ) -> tuple[AnswerPart, RetrievedEvent]:
        kind = question_kind(query.asked, query.language)
        part = AnswerPart(query, self._search_and_rerank(query, options, kind), kind)
        clock.retrieved = clock.retrieved or time.perf_counter()
        if options.cancellation is not None:
            # A crowd that has left must not be read for, one after the other.
            options.cancellation.check()
        return part, _retrieved(part.retrieval)

    def judge(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> AnswerPart:
        """What would be answered and how likely that is right, whether or not it is enough."""
        part, _ = self._retrieve(self._rewrite(question, options), options, Clock())
        return self._judged(part, options)

    def _judge(self, part: AnswerPart, options: AskOptions) -> AnswerPart:
        """``part`` with what the passages say, of the conversation's subject if they do of that."""
        leaning = lean_on_subject(part.query.asked, options.before, part.query.language)
        if leaning is not None:
            query, names = leaning
            about = self._judged(
                AnswerPart(query, self._search_and_rerank(query, options, part.kind), part.kind),
                options,
            )
            if about.grouping.groups and about.sure >= _OF_SUBJECT and about.is_about(names):
                return about
        return self._judged(part, options)

    def _judged(self, part: AnswerPart, options: AskOptions) -> AnswerPart:
        asked = asked_of(part.query.asked, part.query.language)
        weights = self._weights_for(part, asked)
        strength = partial(confidence.strength, weights=weights, asked=asked)
        if self._is_decided(part, asked):
            passages = worth_reading(part.retrieval.passages)
            stretches = answer_stretches([show(passage.stored) for passage in passages], asked)
            readings = deciding_readings(passages, stretches)
            grouping = group(readings, self._reader.copies(readings), asked, strength)
        else:
            readings, grouping = self._reader.read(part, asked, options, strength)
        if not grouping.groups:
            return replace(part, readings=readings, grouping=grouping)
        known = confidence.features(part.retrieval, readings, grouping, asked)
        sure = confidence.probability(known, weights)
        return replace(part, readings=readings, grouping=grouping, features=known, sure=sure)

    def _rewrite(self, question: str, options: AskOptions) -> StandaloneQuery:
        return rewrite_query(self._checked(question), options.before, options.language)

    def _search(
        self, query: StandaloneQuery, options: AskOptions, kind: QuestionKind = "plain"
    ) -> Retrieval:
        return self._retriever.search(
            query.search, self._wanted(options, kind), options.filters, language=query.language
        )

    def _wanted(self, options: AskOptions, kind: QuestionKind) -> int:
        """How many passages are to be found."""
        if options.top_k is not None:
            return options.top_k
        several = _OF_SEVERAL if kind != "plain" else 1
        return max(self._settings.top_k, several)

    def _search_and_rerank(
        self, query: StandaloneQuery, options: AskOptions, kind: QuestionKind
    ) -> Retrieval:
        if self._cross_encoder is None:
            return self._search(query, options, kind)
        wanted = self._wanted(options, kind)
        retrieval = self._search(query, replace(options, top_k=_POOL * wanted), kind)
        passages = rerank(self._cross_encoder, query.asked, retrieval.passages)
        return replace(retrieval, passages=passages[:wanted])

    def _weights_for(self, part: AnswerPart, asked: Asked) -> confidence.Weights:
        return self._yes_no_weights if self._is_decided(part, asked) else self._weights

    def _is_decided(self, part: AnswerPart, asked: Asked) -> bool:
        """Whether a sentence decides the question: one for yes or no."""
        has_read = self._cross_encoder is not None
        return has_read and asked.sort == "yes_no" and part.kind == "plain"

    def _threshold(self, part: AnswerPart, options: AskOptions) -> float:
        wanted = options.at_most_wrong
        if wanted is None:
            wanted = self._settings.at_most_wrong
        asked = asked_of(part.query.asked, part.query.language)
        return self._weights_for(part, asked).threshold_for(wanted)

    def _checked(self, question: str) -> str:
        question = question.strip()
        if not question:
            raise UsageError('The question is empty; ask something, e.g. belegt ask "Wer ...?".')
        try:
            question.encode()
        except UnicodeEncodeError as error:
            raise UsageError(
                f"Character {error.start + 1} of the question is not valid UTF-8; type it again."
            ) from None
        limit = self._settings.question_characters
        if len(question) > limit:
            raise UsageError(
                f"The question has {len(question)} characters and at most {limit} are accepted; "
                "shorten it or set BELEGT_QUESTION_CHARACTERS higher."
            )
        if self._retriever.store.passage_count() == 0:
            folder = self._retriever.store.folder
            raise UsageError(
                f"The corpus in '{folder}' is empty; add documents with "
                f"'belegt index add PATH --corpus {folder}'."
            )
        return question


def _retrieved(retrieval: Retrieval) -> RetrievedEvent:
    shown = [show(passage.stored) for passage in retrieval.passages]
    return RetrievedEvent(
        passages=len(shown),
        sentences=sum(len(text.sentences) for text in shown),
        evidence=[
            ShownPassage(
                document_id=text.stored.passage.document_id,
                title=text.stored.title,
                date=text.stored.date,
                source=text.stored.source,
                text=text.text,
            )
            for text in shown
        ],
    )
