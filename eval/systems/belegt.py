"""belegt itself, in this process, as a system under test.

In: settings; documents, once for each corpus; questions. Out: replies with everything that belegt
says about them. What can fail: a missing model, or what the indexer raises, each one sentence.
The language model is loaded with the first answer, so that a run of retrieval alone needs none.

Of a follow-up question the earlier ones are asked first, and what belegt answered to them goes
with it, right or wrong, as it would for a person. A reply's cost is that of the last question. A
ranking, which no model takes part in, knows the earlier questions without their answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import UsageError
from base.settings import Settings, bearing_on_answers
from corpus.document import Document
from eval.code import code_digest
from eval.metrics.text import without_markers
from eval.question import Question
from eval.record import Cited, Cost, Ranked, Reply, ShownPassage, Statement, SystemInfo
from eval.systems.hybrid import HybridCorpus, filters_of
from eval.systems.protocol import QuestionFailedError
from qa.dialogue.query_rewriting import Exchange, rewrite_query
from qa.engine.protocol import ClosableEngine
from qa.pipeline.answer import Answer, Citation, DoneEvent, RetrievedEvent, SentenceEvent
from qa.pipeline.assistant import Assistant
from qa.pipeline.extract import passage_prompt
from qa.pipeline.options import AskOptions
from qa.pipeline.session import open_engine
from qa.pipeline.shown_text import show

if TYPE_CHECKING:
    from index.encoder import Encoder

_BEARS_ON_COST = {
    "context_tokens",
    "drafts",
    "flash_attention",
    "gpu_layers",
    "kv_type",
    "micro_batch",
    "prefill",
    "threads",
    "threads_batch",
    "writer",
}

PREPARED_S = 120.0
"""Patience with PyTorch, which verifies at each start that it may read prompts."""


class BelegtSystem:
    """Retriever and assistant over a corpus that is kept for the next run."""

    def __init__(
        self,
        settings: Settings,
        *,
        encoder: Encoder | None = None,
        load: Callable[[Settings], ClosableEngine] = open_engine,
    ) -> None:
        from index.encoder import load_encoder

        if settings.keep_passages == "idle":
            # What was read while nobody asked would make an answer depend on the time of day.
            settings = settings.model_copy(update={"keep_passages": "never"})
        self._settings = settings
        self._encoder = encoder or load_encoder(settings)
        self._corpus = HybridCorpus(self._encoder, settings)
        self._load = load
        self._engine: ClosableEngine | None = None

    def describe(self) -> SystemInfo:
        """Every setting that bears on answers, and both models with their digests."""
        from models.store import ModelStore

        encoder = self._encoder.describe()
        llm = f"{self._settings.engine_model or 'the first'} at {self._settings.engine}"
        if self._settings.engine == "local":
            digest = ModelStore(self._settings.cache).digest(self._settings.llm)
            llm = f"{Path(self._settings.llm).name} {digest}"
        return SystemInfo(
            name="belegt",
            settings={
                **self._settings.model_dump(
                    mode="json", include=bearing_on_answers() | _BEARS_ON_COST
                ),
                "code": code_digest("base", "models", "corpus", "index", "qa"),
            },
            models={
                "encoder": f"{encoder.model} {encoder.digest}",
                "llm": llm,
            },
        )

    def prepare(self, documents: Iterable[Document], folder: Path) -> None:
        """Open the corpus in ``folder``, adding the ``documents`` that are not there yet."""
        self._corpus.prepare(documents, folder)

    def retrieve(self, question: Question, depth: int) -> tuple[Ranked, ...]:
        """Documents at the score of their best passage."""
        before = [Exchange(earlier, "") for earlier in question.before]
        alone = rewrite_query(question.text, before, question.language)
        return self._corpus.ranking(question.model_copy(update={"text": alone.search}), depth)

    def answer(self, question: Question) -> Reply:
        """Ask as a person would: the language is for belegt to find."""
        assistant = Assistant(self._corpus.retriever, self._loaded(), self._settings)
        shown: tuple[ShownPassage, ...] = ()
        statements: list[Statement] = []
        try:
            before = _before(assistant, question)
            options = AskOptions(filters=filters_of(question), before=before)
            for event in assistant.stream(question.text, options):
                if isinstance(event, RetrievedEvent):
                    shown = tuple(ShownPassage(**one.model_dump()) for one in event.evidence)
                elif isinstance(event, SentenceEvent):
                    text = without_markers(event.text)
                    statements.append(Statement(text=text, markers=tuple(event.markers)))
                elif isinstance(event, DoneEvent):
                    return self._reply(event.answer, shown, statements)
        except UsageError as error:
            raise QuestionFailedError(str(error)) from error
        raise RuntimeError("an answer's events ended without the last one")

    def read_passages(self, question: Question) -> bool:
        """Have the passages read that ``question`` will be shown; whether they are kept now."""
        engine, folder = self._loaded(), self._corpus.retriever.store.folder
        assistant = Assistant(self._corpus.retriever, engine, self._settings)
        options = AskOptions(filters=filters_of(question))
        passages = assistant.passages_read(question.text, options)
        prompts = [passage_prompt(engine, show(passage.stored), folder) for passage in passages]
        kept = [engine.cache(prompt, background=False) for prompt in prompts]
        return all(kept)

    def _loaded(self) -> ClosableEngine:
        if self._engine is None:
            self._engine = self._load(self._settings)
            # Who reads prompts must not change, nor be prepared, while answers are timed.
            self._engine.prepare_prefill(PREPARED_S)
        return self._engine

    def _reply(
        self, answer: Answer, shown: tuple[ShownPassage, ...], statements: list[Statement]
    ) -> Reply:
        return Reply(
            status=answer.status,
            text=answer.text,
            statements=tuple(statements),
            citations=tuple(self._cited(one) for one in answer.citations),
            shown=shown,
            confidence=answer.confidence,
            cost=Cost(
                total_ms=answer.timings.total_ms,
                first_token_ms=answer.timings.first_token_ms,
                prompt_tokens=answer.timings.prompt_tokens,
                output_tokens=answer.timings.output_tokens,
            ),
            draft=answer.draft,
        )

    def _cited(self, one: Citation) -> Cited:
        text = self._corpus.text(one.document_id)
        return Cited(
            marker=one.marker,
            document_id=one.document_id,
            title=one.title,
            quote=one.quote,
            start=one.start,
            end=one.end,
            date=one.date,
            source=one.source,
            exact=text[one.start : one.end] == one.quote,
        )

    def prompt_reader(self) -> str | None:
        """llama.cpp or PyTorch, as the engine says."""
        return self._engine.describe().prefill or None if self._engine else None

    def close(self) -> None:
        """Free the model and close the corpus."""
        self._corpus.close()
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def _before(assistant: Assistant, question: Question) -> tuple[Exchange, ...]:
    """The conversation before ``question``; what was refused is without an answer."""
    exchanges: tuple[Exchange, ...] = ()
    for earlier in question.before:
        answer = assistant.ask(earlier, AskOptions(filters=filters_of(question), before=exchanges))
        said = without_markers(answer.text) if answer.status == "answered" else ""
        exchanges = (*exchanges, Exchange(earlier, said))
    return exchanges
