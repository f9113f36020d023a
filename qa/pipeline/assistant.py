"""A question in, a cited answer out.

In: a question and how it is to be answered. Out: events while the answer comes to be, the last of
which carries the whole :class:`~qa.pipeline.answer.Answer`. What can fail, each as one sentence: an
empty or overlong question, an empty corpus, a missing model.

The way of a question, step by step (:meth:`Assistant.stream`):

1. :func:`~qa.dialogue.query_rewriting.rewrite_query`: as it stands alone;
2. :meth:`~index.retriever.Retriever.search`: passages that may answer it;
3. :func:`~qa.pipeline.extract.read_passages`: the words of each passage that do;
4. :func:`~qa.pipeline.group.group`: which of them say the same, and which disagree;
5. :func:`~qa.proof.confidence.probability`: how likely that is right, and whether it is said at all;
6. :func:`~qa.pipeline.compose.compose`: sentences, which are the sources' own words;
7. :class:`~qa.proof.citations.CitationList`: where each of them stands.

Each step takes values and returns values, so that it can be tested, measured and replaced alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from base.errors import UsageError
from base.settings import Settings
from index.retriever import Retrieval, Retrieved, Retriever
from qa.dialogue.query_rewriting import StandaloneQuery, rewrite_query
from qa.engine.protocol import Engine, Segment
from qa.pipeline.answer import (
    Answer,
    Citation,
    Conflict,
    ConflictValue,
    DoneEvent,
    Event,
    ModelNames,
    RetrievedEvent,
    SentenceEvent,
    ShownPassage,
    Timings,
)
from qa.pipeline.compose import Statement, compose
from qa.pipeline.extract import ExtractRequest, PassageReading, passage_prompt, read_passages
from qa.pipeline.group import Grouping, group
from qa.pipeline.options import DEFAULT_OPTIONS, AskOptions
from qa.pipeline.refusal import refusal_text
from qa.pipeline.shown_text import show
from qa.proof import confidence
from qa.proof.citations import CitationList

_NEAREST = 3
"""Passages that a refusal shows."""

OnCacheMiss = Callable[[Sequence[Segment]], None]
"""Gets a prompt whose passage is worth keeping and was not read yet."""


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
            first_token_ms=None if self.first_sentence is None else _milliseconds(self.started, first),
            decode_ms=_milliseconds(self.extracted, now),
            total_ms=_milliseconds(self.started, now),
            prompt_tokens=sum(reading.prompt_tokens for reading in readings),
            evaluated_tokens=sum(reading.evaluated_tokens for reading in readings),
            output_tokens=sum(reading.output_tokens for reading in readings),
        )


def _milliseconds(begin: float, end: float) -> float:
    return round(max(end - begin, 0.0) * 1000, 1)


@dataclass(frozen=True)
class Judged:
    """What the passages answer, and how likely that is right."""

    readings: list[PassageReading]
    """The passages that were read."""
    grouping: Grouping
    """What they say."""
    features: confidence.Features | None
    """What the confidence rests on; None where no passage answers."""
    sure: float
    """How likely the answer is right, 0 to 1."""


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
        self._on_cache_miss = on_cache_miss
        self._retriever = retriever
        self._engine = engine
        self._settings = settings
        described = engine.describe()
        self._trained = bool(described.adapter)
        self._weights = confidence.weights_of(f"{described.digest}{described.adapter}")
        self._models = ModelNames(
            encoder=retriever.encoder.describe().model, llm=described.model, reader=described.adapter
        )

    def ask(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Answer:
        """The answer, once it is whole."""
        for event in self.stream(question, options):
            if isinstance(event, DoneEvent):
                return event.answer
        raise RuntimeError("an answer's events ended without the last one")

    def search(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Retrieval:
        """The passages that an answer would be drawn from."""
        return self._search(self._rewrite(question, options), options)

    def stream(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Iterator[Event]:
        """Events while the answer comes to be; closing the iterator stops the reader at once."""
        clock = Clock()
        query = self._rewrite(question, options)
        retrieval = self._search(query, options)
        clock.retrieved = time.perf_counter()
        if options.cancellation is not None:
            # A crowd that has left must not be read for, one after the other.
            options.cancellation.check()
        yield _retrieved(retrieval)
        judged = self._judge(query, retrieval, options)
        grouping, sure = judged.grouping, judged.sure
        clock.extracted = time.perf_counter()
        citations = CitationList()
        sentences: list[str] = []
        statements: list[Statement] = []
        if grouping.groups and sure >= self._threshold(options):
            introduction, statements = compose(grouping, query.language)
            sentences = [introduction] if introduction else []
            for statement in statements:
                event = _cite(statement, citations)
                sentences.append(event.text)
                clock.first_sentence = clock.first_sentence or time.perf_counter()
                yield event
        yield DoneEvent(
            answer=Answer(
                question=question.strip(),
                rewritten=query.asked if query.asked != question.strip() else None,
                language=query.language,
                status="answered" if statements else "not_found",
                text=_joined(sentences, statements)
                if statements
                else refusal_text(query.language, len(judged.readings)),
                citations=citations.all(),
                confidence=sure if statements else 1.0 - sure,
                timings=clock.timings(judged.readings),
                models=self._models,
                nearest=[] if statements else _nearest(retrieval),
                conflicts=_conflicts(query, grouping, statements, citations),
            )
        )

    def judge(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Judged:
        """What would be answered and how likely that is right, whether or not it is enough."""
        query = self._rewrite(question, options)
        return self._judge(query, self._search(query, options), options)

    def _judge(
        self, query: StandaloneQuery, retrieval: Retrieval, options: AskOptions
    ) -> Judged:
        readings = self._read(query, retrieval, options)
        grouping = group(readings, self._copies(readings))
        if not grouping.groups:
            return Judged(readings, grouping, None, 0.0)
        known = confidence.features(retrieval, readings, grouping)
        return Judged(readings, grouping, known, confidence.probability(known, self._weights))

    def _rewrite(self, question: str, options: AskOptions) -> StandaloneQuery:
        return rewrite_query(self._checked(question), options.before, options.language)

    def _search(self, query: StandaloneQuery, options: AskOptions) -> Retrieval:
        return self._retriever.search(
            query.search, options.top_k, options.filters, language=query.language
        )

    def _read(
        self, query: StandaloneQuery, retrieval: Retrieval, options: AskOptions
    ) -> list[PassageReading]:
        """The best passages, and where none of them answers, the next ones."""
        request = ExtractRequest(
            question=query.asked,
            language=query.language,
            corpus=self._retriever.store.folder,
            trained=self._trained,
            deadline=options.deadline,
            cancellation=options.cancellation,
        )
        at_once = self._settings.passages_read
        readings: list[PassageReading] = []
        for first in range(0, len(retrieval.passages), at_once):
            batch = retrieval.passages[first : first + at_once]
            self._cache(batch)
            readings += read_passages(self._engine, request, batch)
            if any(reading.spans and reading.probability >= 0.5 for reading in readings):
                break
        return readings

    def _cache(self, batch: Sequence[Retrieved]) -> None:
        """See to it that these passages need not be read again for the next question."""
        if self._settings.keep_passages == "never":
            return
        for passage in batch:
            prompt = passage_prompt(self._engine, show(passage.stored), self._retriever.store.folder)
            if self._settings.keep_passages == "always":
                self._engine.cache(prompt, background=False)
            elif self._on_cache_miss is not None and not all(self._engine.is_cached(prompt)):
                self._on_cache_miss(prompt)

    def _copies(self, readings: list[PassageReading]) -> dict[str, str]:
        documents = {reading.shown.stored.passage.document_id for reading in readings}
        return dict(self._retriever.store.copies(documents)) if len(documents) > 1 else {}

    def _threshold(self, options: AskOptions) -> float:
        wanted = options.at_most_wrong
        if wanted is None:
            wanted = self._settings.at_most_wrong
        return self._weights.threshold_for(wanted)

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


def _cite(statement: Statement, citations: CitationList) -> SentenceEvent:
    known = len(citations.all())
    markers = sorted({citations.add(span) for span in statement.spans})
    text = f"{statement.text} " + "".join(f"[{marker}]" for marker in markers)
    return SentenceEvent(text=text, markers=markers, citations=citations.all()[known:])


def _joined(sentences: list[str], statements: list[Statement]) -> str:
    if len(statements) == 1:
        return " ".join(sentences)
    introduction = sentences[: len(sentences) - len(statements)]
    items = [f"- {sentence}" for sentence in sentences[len(introduction) :]]
    return "\n".join([*introduction, *items])


def _nearest(retrieval: Retrieval) -> list[Citation]:
    nearest = CitationList()
    for passage in retrieval.passages[:_NEAREST]:
        nearest.add_passage(passage.stored, retrieval.vector)
    return nearest.all()


def _conflicts(
    query: StandaloneQuery, grouping: Grouping, statements: list[Statement], citations: CitationList
) -> list[Conflict]:
    if not (grouping.disagree and statements):
        return []
    values = [
        ConflictValue(
            value=statement.spans[0].text,
            date=statement.spans[0].stored.date,
            source=statement.spans[0].stored.source or statement.spans[0].stored.title,
            marker=citations.add(statement.spans[0]),
        )
        for statement in statements
    ]
    return [Conflict(topic=query.asked, values=values)]
