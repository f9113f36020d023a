"""Two more systems to measure beside belegt: they differ from plain llama-cpp-python in one thing.

In: settings; documents and questions, as :mod:`eval.systems.protocol` has them. Out: replies. What
can fail: what :mod:`eval.systems.plain` says, and a package of the extra ``bench`` that is not
installed, with the command that installs it.

* :class:`PlainWithEvidence` reads belegt's evidence (the best sentences within its budget of
  tokens) where plain reads whole passages.
* :class:`Prebuilt` sends plain's prompts to the server of xllamacpp, whose wheel pip installs
  without compiling anything: llama.cpp's own server, built for any processor with AVX2. Threads
  and context are set as for the others; the rest is as it comes (flash attention where the
  library thinks it pays, the last prompt kept as a prefix).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from base.errors import UsageError
from base.settings import Settings
from corpus.store import StoredPassage
from eval.question import Question
from eval.systems.hybrid import HybridCorpus, filters_of
from eval.systems.plain import ChatModel, PlainSystem
from eval.systems.weights import model_path
from qa.engine.remote.event_stream import objects

if TYPE_CHECKING:
    from index.encoder import Encoder

_PATIENCE_S = 600.0


class PlainWithEvidence(PlainSystem):
    """Plain llama-cpp-python that reads what belegt reads."""

    def __init__(self, settings: Settings) -> None:
        from index.encoder import load_encoder

        encoder = load_encoder(settings)
        super().__init__(settings, encoder=encoder)
        self._corpus = EvidenceCorpus(encoder, settings, self._count)

    def _count(self, texts: Sequence[str]) -> list[int]:
        model = self._model
        assert model is not None, "an answer loads the model before it searches"
        return [len(model.tokenize(one.encode(), add_bos=False, special=False)) for one in texts]


class EvidenceCorpus(HybridCorpus):
    """belegt's corpus, whose passages are cut to the sentences that belegt would show."""

    def __init__(
        self, encoder: Encoder, settings: Settings, count: Callable[[Sequence[str]], list[int]]
    ) -> None:
        super().__init__(encoder, settings)
        self._budget = settings.evidence_tokens
        self._shown_by = encoder
        self._count = count

    def passages(self, question: Question, count: int) -> list[StoredPassage]:  # noqa: ARG002
        """What belegt shows for ``question``, however many passages that is of."""
        from index.evidence import select

        found = self.retriever.search(
            question.text, None, filters_of(question), language=question.language
        )
        chosen = select(found, self._shown_by, self._count, self._budget)
        return [
            replace(one.stored, passage=one.stored.passage.model_copy(update={"text": one.text}))
            for one in chosen.shown
        ]


class Prebuilt(PlainSystem):
    """Plain's prompts, answered by the server of xllamacpp."""

    def __init__(self, settings: Settings) -> None:
        if find_spec("xllamacpp") is None:
            raise UsageError(
                "The prebuilt server needs the package 'xllamacpp', which is not installed; "
                "run: pip install 'belegt[bench]'"
            )
        super().__init__(settings, load=load_server)


def load_server(settings: Settings) -> ChatModel:
    """xllamacpp's server in this process, with the language model of ``settings``."""
    file = model_path(settings.llm, settings)
    # By name, because the package is optional and has no types.
    xllamacpp: Any = import_module("xllamacpp")
    from models.native.hardware import usable_cores

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(file)
    parameters.n_ctx = settings.context_tokens
    threads = settings.threads or usable_cores()
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(parameters)
    return ServedModel(str(server.listening_address), server)


class ServedModel:
    """llama.cpp's server behind an address, as the binding's ``Llama`` is used.

    ``keeps``: what must live as long as the address answers.
    """

    def __init__(self, address: str, keeps: object = None) -> None:
        import httpx

        self._address = address
        self._keeps = keeps
        self._client = httpx.Client(timeout=_PATIENCE_S, trust_env=False)
        self.n_tokens = 0
        """Tokens of the last prompt and its answer but for the one that ended it."""

    def create_chat_completion(self, messages: Any, **options: Any) -> Iterator[dict[str, Any]]:
        """Chunks of ``POST /v1/chat/completions``, the one with the usage left out."""
        body = {"messages": messages, "stream_options": {"include_usage": True}, **options}
        address = f"{self._address}/v1/chat/completions"
        with self._client.stream("POST", address, json=body) as answer:
            if answer.is_error:
                answer.read()
                # What the binding raises for a prompt that is longer than the context.
                raise ValueError(f"status {answer.status_code}, {answer.text}")
            for chunk in objects(answer.iter_bytes()):
                if chunk is None:
                    return
                if usage := chunk.get("usage"):
                    # As the binding counts them: without the token that ended the answer.
                    self.n_tokens = usage["prompt_tokens"] + usage["completion_tokens"] - 1
                if chunk["choices"]:
                    yield chunk

    def tokenize(self, text: bytes, add_bos: bool, special: bool) -> list[int]:
        """Token ids by ``POST /tokenize``."""
        body: dict[str, Any] = {
            "content": text.decode(),
            "add_special": add_bos,
            "parse_special": special,
        }
        answer = self._client.post(f"{self._address}/tokenize", json=body)
        answer.raise_for_status()
        return list(answer.json()["tokens"])

    def close(self) -> None:
        """Close the connection and let the server go."""
        self._client.close()
        self._keeps = None
