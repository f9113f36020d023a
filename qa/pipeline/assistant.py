"""A question in, a cited answer out.

In: a question (and, if wanted, the language, the number of passages, filters). Out: events while
the answer grows, the last of which carries the whole :class:`~qa.pipeline.answer.Answer`. What can
fail, each as one sentence: an empty or overlong question, an empty corpus, a missing model.

The way: retrieve passages, choose sentences, let the model say whether exactly this is stated,
judge whether it is worth answering, generate, and hold every finished sentence against the
evidence. Only sentences with support are part of the answer; with none, the answer is that the
documents say nothing. Empty evidence never reaches the model.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import fmean

from base.errors import UsageError
from base.settings import Settings
from corpus.document import Language
from corpus.language import detect_with_confidence
from corpus.sentences import split
from index.evidence import Evidence, Sentence, select
from index.retriever import Retrieval, Retriever
from qa.dialogue.query_rewriting import rewrite_query
from qa.engine.protocol import Engine, Lookahead, PromptSession, Segment
from qa.pipeline import prompt
from qa.pipeline.answer import (
    Answer,
    Citation,
    DoneEvent,
    Event,
    ModelNames,
    Reading,
    RetractedEvent,
    RetrievedEvent,
    SentenceEvent,
    Timings,
    TokenEvent,
)
from qa.pipeline.context import ContextBuilder, OnCacheMiss, PromptContext, PromptQuestion
from qa.pipeline.options import DEFAULT_OPTIONS, AskOptions
from qa.proof import answerable
from qa.proof.citations import CitationList
from qa.proof.numbers import find, mend_scales
from qa.proof.support import attribute

_STOP = ("\n",)
# A number in brackets that a model or a document wrote is no marker; only belegt sets those.
_FORGED = re.compile(r"\s*\[[\d\s,;]*\]")
_NEAREST = 3
# "Model C" and "14,3 Milliarden Dollar" name what was asked and state nothing.
_STATEMENT_WORDS = 4
# A sentence full of foreign names is not of a foreign language.
_CERTAIN = 0.9
# Mean log-probability (nats) of a sentence's tokens below which the model is guessing; then the
# best sentence of the evidence is right more often (docs/measurements.md, "Unsure answers").
_UNSURE = -0.15


@dataclass
class _Progress:
    """What is known so far of an answer in the making; times are seconds of a steady clock."""

    question: str
    """As it stands alone."""
    language: Language
    options: AskOptions
    started: float
    citations: CitationList
    retrieval: Retrieval | None = None
    shown: PromptContext = field(default_factory=PromptContext)
    sentences: list[str] = field(default_factory=list)
    probability: float = 0.0
    retrieved: float = 0.0
    selected: float = 0.0
    read: float = 0.0
    first_token: float | None = None
    draft: str = ""
    prompt_tokens: int = 0
    evaluated_tokens: int = 0
    output_tokens: int = 0
    strayed: bool = False


class Assistant:
    """Answers questions over one open corpus. Safe to call from many threads."""

    def __init__(
        self,
        retriever: Retriever,
        engine: Engine,
        settings: Settings,
        on_cache_miss: OnCacheMiss | None = None,
    ) -> None:
        """``on_cache_miss`` gets prompts with passages that are worth keeping and were not read."""
        self._retriever = retriever
        self._engine = engine
        self._settings = settings
        self._display = ContextBuilder(engine, settings, retriever.store.folder, on_cache_miss)
        self._models = ModelNames(
            encoder=retriever.encoder.describe().model, llm=engine.describe().model
        )

    def ask(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Answer:
        """The answer, once it is whole."""
        for event in self.stream(question, options):
            if isinstance(event, DoneEvent):
                return event.answer
        raise RuntimeError("an answer's events ended without the last one")

    def search(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Retrieval:
        """The passages that an answer would be drawn from."""
        found = rewrite_query(self._checked(question), options.before, options.language)
        return self._retriever.search(
            found.search, options.top_k, options.filters, language=found.language
        )

    def stream(self, question: str, options: AskOptions = DEFAULT_OPTIONS) -> Iterator[Event]:
        """Events while the answer grows; closing the iterator stops the model at once."""
        question = self._checked(question)
        alone = rewrite_query(question, options.before, options.language)
        progress = _Progress(
            question=alone.asked,
            language=alone.language,
            options=options,
            started=time.perf_counter(),
            citations=CitationList(),
        )
        retrieval = self._retriever.search(
            alone.search, options.top_k, options.filters, language=progress.language
        )
        progress.retrieval, progress.retrieved = retrieval, time.perf_counter()
        if options.cancellation is not None:
            # A crowd that has left must not be searched for, one after the other.
            options.cancellation.check()
        progress.shown = self._show(progress, retrieval)
        progress.selected = time.perf_counter()
        yield RetrievedEvent(
            passages=len(retrieval.passages),
            sentences=sum(len(one.sentences) for one in progress.shown.evidence.shown),
            evidence=[_reading(one) for one in progress.shown.evidence.shown],
        )
        if progress.shown.evidence.shown:
            yield from self._answer(progress)
        yield DoneEvent(answer=self._finish(question, progress))

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

    def _show(self, progress: _Progress, retrieval: Retrieval) -> PromptContext:
        selection = select(
            retrieval,
            self._retriever.encoder,
            self._engine.count_tokens,
            self._settings.evidence_tokens,
        )
        if not selection.shown:
            return PromptContext()
        words = prompt.load(progress.language)
        asked = PromptQuestion(progress.question, words, progress.options.instruction)
        return self._display.build(asked, retrieval, selection)

    def _answer(self, progress: _Progress) -> Iterator[Event]:
        words = prompt.load(progress.language)
        *asked, generation_prompt = progress.shown.prompt
        ahead = Lookahead(check(words, generation_prompt.text), generation_prompt.text)
        with self._read(asked, progress, ahead) as session:
            stated = log_odds(session, words, generation_prompt.text)
            progress.read = time.perf_counter()
            assert progress.retrieval is not None
            found = answerable.features(progress.retrieval, progress.shown.evidence.shown, stated)
            progress.probability = answerable.probability(found)
            if progress.probability >= answerable.weights().threshold(progress.language):
                session.extend(generation_prompt.text)
                yield from self._generate(session, progress)
            progress.prompt_tokens = session.prompt_tokens
            progress.evaluated_tokens = session.evaluated_tokens
        if progress.strayed and not progress.sentences:
            # Begun for it in the right language, the model goes on in it.
            opening = Segment(words.opening, trusted=True)
            with self._read([*asked, generation_prompt, opening], progress) as session:
                yield from self._generate(session, progress, opening=words.opening)
                progress.evaluated_tokens += session.evaluated_tokens

    def _read(
        self, prompt: list[Segment], progress: _Progress, ahead: Lookahead | None = None
    ) -> AbstractContextManager[PromptSession]:
        options = progress.options
        return self._engine.prefill(
            prompt, deadline=options.deadline, cancellation=options.cancellation, ahead=ahead
        )

    def _generate(
        self, session: PromptSession, progress: _Progress, opening: str = ""
    ) -> Iterator[Event]:
        """``opening``: what the model was given as the beginning of its answer."""
        pending = opening
        if opening:
            progress.draft = opening
            yield TokenEvent(text=opening)
        sure: list[float] = []
        options = progress.options
        most = min(self._settings.answer_tokens, options.answer_tokens or sys.maxsize)
        limit = progress.output_tokens + most
        for piece in session.generate(most, (*_STOP, *options.stop), options.sampling):
            progress.output_tokens += piece.tokens
            sure += [piece.log_probability] * piece.tokens
            if progress.first_token is None:
                progress.first_token = time.perf_counter()
            text = piece.text if pending else piece.text.lstrip()
            if not text:
                continue
            progress.draft += text
            pending += text
            yield TokenEvent(text=text)
            finished, pending = _whole_sentences(pending, progress.language)
            for sentence in finished:
                yield self._check(sentence, fmean(sure or [0.0]), progress)
            if finished:
                sure.clear()
        # An answer that hit the token limit ends within a sentence, which proves nothing.
        if pending.strip() and progress.output_tokens < limit:
            yield self._check(pending.strip(), fmean(sure or [0.0]), progress)
        if not progress.sentences and (best := _best_sentence(progress)):
            yield self._accept(_quotation(best[1]), [best], progress)

    def _check(self, sentence: str, sure: float, progress: _Progress) -> Event:
        """``sure``: mean log-probability (nats) of the tokens since the sentence before."""
        language = progress.language
        sentence = _FORGED.sub("", sentence)
        sources = [
            number
            for one in progress.shown.evidence.whole
            for number in find(one.text, one.stored.language)
        ]
        sentence = mend_scales(sentence, language, sources)
        support = attribute(
            sentence,
            progress.question,
            language,
            progress.shown.evidence.whole,
            self._retriever.encoder,
        )
        said, cited = sentence, support.cited
        if support.supported and support.same_language:
            best = _best_sentence(progress) if sure < _UNSURE else None
            if best or not support.faithful or len(sentence.split()) < _STATEMENT_WORDS:
                cited = (best or cited[0],)
                said = _quotation(cited[0][1])
        if self._strays(said, progress):
            progress.strayed = True
            return RetractedEvent(text=sentence)
        repeated = any(one.startswith(f"{said} [") for one in progress.sentences)
        if repeated or "[" in sentence or not support.supported:
            return RetractedEvent(text=sentence)
        return self._accept(said, cited, progress)

    def _strays(self, said: str, progress: _Progress) -> bool:
        """Whether a sentence is in another language than it should be; asked once an answer.

        What strays again is shown all the same: it is supported, and better than nothing.
        """
        if progress.strayed:
            return False
        found = detect_with_confidence(said)
        return found.language != progress.language and found.confidence > _CERTAIN

    def _accept(
        self, sentence: str, cited: Sequence[tuple[Evidence, Sentence]], progress: _Progress
    ) -> SentenceEvent:
        known = len(progress.citations.all())
        markers = [
            progress.citations.add(one, part, sentence, progress.language) for one, part in cited
        ]
        text = _marked(sentence, markers)
        progress.sentences.append(text)
        return SentenceEvent(text=text, markers=markers, citations=progress.citations.all()[known:])

    def _finish(self, question: str, progress: _Progress) -> Answer:
        finished = time.perf_counter()
        answered = bool(progress.sentences)
        words = prompt.load(progress.language)
        confidence = progress.probability if answered else 1.0 - progress.probability
        return Answer(
            question=question,
            language=progress.language,
            status="answered" if answered else "not_found",
            text=" ".join(progress.sentences) if answered else words.refusal,
            citations=progress.citations.all() if answered else [],
            confidence=confidence,
            timings=_timings(progress, finished),
            models=self._models,
            draft=progress.draft.strip(),
            nearest=[] if answered else _nearest(progress.shown.evidence.shown),
        )


def log_odds(session: PromptSession, words: prompt.Prompt, generation_prompt: str) -> float:
    """How much likelier (nats) the model says that the answer is stated than that it is not.

    ``generation_prompt`` is the end of the chat template, where the assistant's words begin.
    """
    yes, no = session.probe(check(words, generation_prompt), _spellings(words.yes, words.no))
    return yes - no


def check(words: prompt.Prompt, generation_prompt: str) -> str:
    """What is put after a prompt to ask whether the answer is stated."""
    return f"\n\n{words.check}{generation_prompt}"


def _spellings(yes: str, no: str) -> list[list[str]]:
    return [[word, word.capitalize()] for word in (yes, no)]


def _whole_sentences(text: str, language: Language) -> tuple[list[str], str]:
    """Sentences of ``text`` that are certainly finished, and the rest.

    Two words after a full stop are awaited: "am 16. J" looks like an end until "Juli" is there.
    """
    spans = split(text, language)
    if len(spans) < 2 or len(text[spans[-1].start :].split()) < 2:
        return [], text
    return [text[one.start : one.end] for one in spans[:-1]], text[spans[-1].start :]


def _best_sentence(progress: _Progress) -> tuple[Evidence, Sentence] | None:
    """The sentence that speaks for itself where the model's own words will not do.

    Only in the question's language: a quotation is never translated.
    """
    same = [
        (one, sentence)
        for one in progress.shown.evidence.shown
        if one.stored.language == progress.language
        for sentence in one.sentences
    ]
    return max(same, key=lambda pair: pair[1].score, default=None)


def _quotation(sentence: Sentence) -> str:
    """The sentence as the source has it, on one line and without brackets that look like ours."""
    return " ".join(_FORGED.sub("", sentence.text).split())


def _marked(sentence: str, markers: Sequence[int]) -> str:
    return sentence + " " + "".join(f"[{marker}]" for marker in sorted(set(markers)))


def _reading(evidence: Evidence) -> Reading:
    stored = evidence.stored
    return Reading(
        document_id=stored.passage.document_id,
        title=stored.title,
        date=stored.date,
        source=stored.source,
        text=evidence.text,
    )


def _nearest(evidence: Sequence[Evidence]) -> list[Citation]:
    near = CitationList()
    for one in evidence[:_NEAREST]:
        near.add(one, max(one.sentences, key=lambda sentence: sentence.score))
    return near.all()


def _timings(progress: _Progress, finished: float) -> Timings:
    def since(start: float, end: float) -> float:
        return round(max(end - start, 0.0) * 1000, 1)

    started, first = progress.started, progress.first_token
    read = progress.read or progress.selected
    return Timings(
        retrieval_ms=since(started, progress.retrieved),
        evidence_ms=since(progress.retrieved, progress.selected),
        prefill_ms=since(progress.selected, read),
        first_token_ms=None if first is None else since(started, first),
        decode_ms=since(first, finished) if first is not None else 0.0,
        total_ms=since(started, finished),
        prompt_tokens=progress.prompt_tokens,
        evaluated_tokens=progress.evaluated_tokens,
        output_tokens=progress.output_tokens,
    )
