"""Plain llama-cpp-python with the best passages pasted in: what many people write first.

In: settings; documents, once for each corpus; questions. Out: replies whose markers name the
passages that were pasted in. What can fail: a missing model, a missing native build, or what the
indexer raises, each one sentence; a question whose prompt does not fit the context fails alone.

Only the reading differs from belegt: the encoder, the passages, the hybrid search, the GGUF file
and the native build are the same. The best three passages stand whole in the prompt, numbered,
with their titles, and ``Llama.create_chat_completion`` answers in the chat template of the model
(the documented way to a chat; :mod:`eval.systems.weights` says how the model is set). The prompt
is in the language of the question, because a small model answers in the language of its
instructions (``docs/measurements-history.md``, "Beside two peers"). Earlier questions of a
conversation are not told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from base.errors import UsageError
from base.settings import Settings
from corpus.document import Document, Language
from corpus.store import StoredPassage
from eval.code import code_digest
from eval.question import Question
from eval.record import Cited, Cost, Ranked, Reply, ShownPassage, SystemInfo
from eval.systems.hybrid import HybridCorpus
from eval.systems.marked import marked_reply, since
from eval.systems.protocol import QuestionFailedError
from eval.systems.weights import (
    MAX_TOKENS,
    TEMPERATURE,
    llama_options,
    llama_settings,
    model_digests,
    model_path,
)

if TYPE_CHECKING:
    from index.encoder import Encoder

PASSAGES = 3
"""Whole passages in a prompt."""

SYSTEM: dict[Language, str] = {
    "de": (
        "Du bist ein hilfreicher Assistent. Beantworte die Frage auf Deutsch in ein bis zwei "
        "vollständigen Sätzen, nur mit den nummerierten Quellen, und nenne am Ende jedes Satzes "
        "die Nummer der Quelle in eckigen Klammern. Wenn die Quellen die Antwort nicht enthalten, "
        "sage das."
    ),
    "en": (
        "You are a helpful assistant. Answer the question in English in one or two complete "
        "sentences, from the numbered sources only, and name the number of the source in square "
        "brackets at the end of each sentence. If the sources do not contain the answer, say so."
    ),
}
"""Two other wordings were tried on single questions and dropped, because the model followed them
into refusals ("write only: ...") or into markers without a sentence ("for example [1]")."""
HEADS: dict[Language, tuple[str, str]] = {
    "de": ("Quellen:", "Frage:"),
    "en": ("Sources:", "Question:"),
}


class ChatModel(Protocol):
    """What is used of ``llama_cpp.Llama``."""

    n_tokens: int

    def create_chat_completion(self, messages: Any, **options: Any) -> Iterator[dict[str, Any]]:
        """Chunks as OpenAI's chat completions stream them."""
        ...

    def tokenize(self, text: bytes, add_bos: bool, special: bool) -> list[int]:
        """Token ids."""
        ...

    def close(self) -> None:
        """Free the model."""
        ...


def load_llama(settings: Settings) -> ChatModel:
    """The language model of ``settings`` in the binding's high-level class."""
    file = model_path(settings.llm, settings)
    try:
        from llama_cpp import Llama
    except ImportError as error:
        raise UsageError("llama-cpp-python is not installed; run: make native") from error
    llama: ChatModel = Llama(
        str(file), n_ctx=settings.context_tokens, verbose=False, **llama_options(settings)
    )
    return llama


class PlainSystem:
    """Hybrid search, then one chat completion. The model is loaded with the first answer."""

    def __init__(
        self,
        settings: Settings,
        *,
        encoder: Encoder | None = None,
        load: Callable[[Settings], ChatModel] = load_llama,
    ) -> None:
        from index.encoder import load_encoder

        self._settings = settings
        self._corpus = HybridCorpus(encoder or load_encoder(settings), settings)
        self._load = load
        self._model: ChatModel | None = None

    def describe(self) -> SystemInfo:
        """How passages are made and found, how the model is set, and both models' digests."""
        settings = self._settings
        return SystemInfo(
            name="plain",
            settings={
                "passages": PASSAGES,
                "passage_tokens": settings.passage_tokens,
                "passage_overlap": settings.passage_overlap,
                "candidates": settings.candidates,
                "lexical_weight": settings.lexical_weight,
                "encoder_dtype": settings.encoder_dtype,
                "system_prompt_de": SYSTEM["de"],
                "system_prompt_en": SYSTEM["en"],
                "code": code_digest("base", "models", "corpus", "index"),
                **llama_settings(settings),
            },
            models=model_digests(settings),
        )

    def prepare(self, documents: Iterable[Document], folder: Path) -> None:
        """Open the corpus in ``folder``, adding the ``documents`` that are not there yet."""
        self._corpus.prepare(documents, folder)

    def retrieve(self, question: Question, depth: int) -> tuple[Ranked, ...]:
        """Documents as belegt ranks them."""
        return self._corpus.ranking(question, depth)

    def answer(self, question: Question) -> Reply:
        """One chat completion over the best passages; times count from before the search."""
        if self._model is None:
            self._model = self._load(self._settings)
        started = time.perf_counter()
        passages = self._corpus.passages(question, PASSAGES)
        first_token_ms: float | None = None
        text, finished = "", ""
        for piece, reason in self._pieces(self._model, messages(question, passages)):
            if piece and first_token_ms is None:
                first_token_ms = since(started)
            text += piece
            finished = reason or finished
        cost = Cost(
            total_ms=since(started),
            first_token_ms=first_token_ms,
            **_tokens(self._model, text, finished),
        )
        return marked_reply(
            question, text.strip(), passages, cost, shown=_shown_passage, cited=self._cited
        )

    def _pieces(
        self, model: ChatModel, prompt: list[dict[str, str]]
    ) -> Iterator[tuple[str, str | None]]:
        try:
            chunks = model.create_chat_completion(
                messages=prompt, stream=True, temperature=TEMPERATURE, max_tokens=MAX_TOKENS
            )
            for chunk in chunks:
                choice = chunk["choices"][0]
                yield choice["delta"].get("content") or "", choice["finish_reason"]
        except ValueError as error:
            # The binding's word for a prompt that is longer than the context.
            raise QuestionFailedError(f"llama.cpp refused the prompt: {error}") from error

    def _cited(self, marker: int, one: StoredPassage) -> Cited:
        passage = one.passage
        text = self._corpus.text(passage.document_id)
        return Cited(
            marker=marker,
            document_id=passage.document_id,
            title=one.title,
            quote=passage.text,
            start=passage.start,
            end=passage.end,
            date=one.date,
            source=one.source,
            exact=text[passage.start : passage.end] == passage.text,
        )

    def prompt_reader(self) -> str | None:
        """The binding knows but one."""
        return "llama.cpp"

    def close(self) -> None:
        """Free the model and close the corpus."""
        self._corpus.close()
        if self._model is not None:
            self._model.close()
            self._model = None


def messages(question: Question, passages: Sequence[StoredPassage]) -> list[dict[str, str]]:
    """The chat: what is asked for, then the numbered passages and the question."""
    sources, asked = HEADS[question.language]
    blocks = [f"[{n}] {one.title}\n{one.passage.text}" for n, one in enumerate(passages, 1)]
    user = "\n\n".join([sources, *blocks, f"{asked} {question.text}"])
    return [
        {"role": "system", "content": SYSTEM[question.language]},
        {"role": "user", "content": user},
    ]


def _tokens(model: ChatModel, text: str, finished: str) -> dict[str, int]:
    """Tokens read and written; a stream of the binding does not say.

    Its context holds the prompt and what was written, without the token that ended it: for a
    reply cut at the limit that is the last one of the text.
    """
    written = len(model.tokenize(text.encode(), add_bos=False, special=False))
    held = model.n_tokens + (finished == "length")
    return {"prompt_tokens": max(0, held - written), "output_tokens": written}


def _shown_passage(one: StoredPassage) -> ShownPassage:
    return ShownPassage(
        document_id=one.passage.document_id,
        title=one.title,
        text=one.passage.text,
        date=one.date,
        source=one.source,
    )
