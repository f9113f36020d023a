"""LlamaIndex's stock query engine with citations, as a system under test.

In: settings; documents, once for each corpus; questions. Out: replies whose markers name the
chunks that the engine numbered. What can fail: LlamaIndex is not installed (it is in the extra
``peers``), a missing model or native build, each one sentence; a prompt that does not fit the
context fails its question alone.

Encoder, GGUF file and native build are belegt's; cutting, searching, prompting and citing are
LlamaIndex's own, set as its documentation has it (developers.llamaindex.ai):

* ``CitationQueryEngine.from_args(index, similarity_top_k=3, citation_chunk_size=512)``: the
  example "CitationQueryEngine"; overlap, templates and response mode (compact) are its defaults.
* ``streaming=True``: the guide "Streaming"; without it the first token could not be timed.
* ``SentenceSplitter(chunk_size=512, chunk_overlap=20)``: the "Frequently Asked Questions" for
  smaller chunks. The default of 1024 would not fit the 512 tokens that the encoder reads.
* ``HuggingFaceEmbedding`` with ``query_instruction`` and ``text_instruction``: the prefixes that
  E5 was trained with. The title is metadata, which LlamaIndex embeds with each chunk.
* ``LlamaCPP`` with ``messages_to_prompt`` and ``completion_to_prompt`` in the chat template that
  the GGUF file holds, ``max_new_tokens=256``: the example "LlamaCPP"; :mod:`eval.systems.weights`
  says the rest.

The engine answers single questions; earlier ones of a conversation are not told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from base.settings import Settings
from corpus.document import Document
from eval.question import Question
from eval.record import Cited, Cost, Ranked, Reply, ShownPassage, SystemInfo
from eval.systems.llamaindex_models import (
    LoadedModel,
    load_embedding,
    load_model,
    require_packages,
)
from eval.systems.marked import marked_reply, since
from eval.systems.protocol import QuestionFailedError
from eval.systems.weights import llama_settings, model_digests

TOP_K = 3
CHUNK_SIZE = 512
CHUNK_OVERLAP = 20
CITATION_CHUNK_SIZE = 512
# Chunks searched to rank documents, of which several may belong to one document.
_CHUNKS_A_DOCUMENT = 2
_DONE = "complete"


class LlamaIndexSystem:
    """A vector index and a query engine. The model is loaded with the first answer."""

    def __init__(
        self,
        settings: Settings,
        *,
        embedding: Callable[[Settings], Any] = load_embedding,
        model: Callable[[Settings], LoadedModel] = load_model,
    ) -> None:
        require_packages()
        self._settings = settings
        self._embedding = embedding(settings)
        self._load = model
        self._model: LoadedModel | None = None
        self._index: Any = None

    def describe(self) -> SystemInfo:
        """How chunks are made and found, how the model is set, and both models' digests."""
        return SystemInfo(
            name="llamaindex",
            settings={
                "llama_index_core": version("llama-index-core"),
                "chunk_size": CHUNK_SIZE,
                "chunk_overlap": CHUNK_OVERLAP,
                "citation_chunk_size": CITATION_CHUNK_SIZE,
                "similarity_top_k": TOP_K,
                "encoder_dtype": self._settings.encoder_dtype,
                **llama_settings(self._settings),
            },
            models=model_digests(self._settings),
        )

    def prepare(self, documents: Iterable[Document], folder: Path) -> None:
        """Read the index in ``folder``, or make it of ``documents`` where there is none.

        The folder belongs to these documents (the runner names it so); an interrupted making
        leaves none.
        """
        from llama_index.core import StorageContext, VectorStoreIndex, load_index_from_storage
        from llama_index.core.node_parser import SentenceSplitter

        from base.files import replacing_folder

        if not (folder / _DONE).is_file():
            index = VectorStoreIndex.from_documents(
                [_as_document(one) for one in documents],
                transformations=[
                    SentenceSplitter(chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP)
                ],
                embed_model=self._embedding,
            )
            with replacing_folder(folder) as made:
                index.storage_context.persist(persist_dir=str(made))
                (made / _DONE).touch()
        storage = StorageContext.from_defaults(persist_dir=str(folder))
        self._index = load_index_from_storage(storage, embed_model=self._embedding)

    def retrieve(self, question: Question, depth: int) -> tuple[Ranked, ...]:
        """Documents at the similarity of their best chunk."""
        best: dict[str, float] = {}
        retriever = self._retriever(question, depth * _CHUNKS_A_DOCUMENT)
        for one in retriever.retrieve(question.text):
            best.setdefault(one.node.ref_doc_id, float(one.score))
        ranked = [Ranked(document_id=name, score=score) for name, score in best.items()]
        return tuple(ranked[:depth])

    def _retriever(self, question: Question, count: int) -> Any:
        from llama_index.core.vector_stores import FilterOperator, MetadataFilter, MetadataFilters

        assert self._index is not None, "prepare comes first"
        within = MetadataFilter(
            key="document", value=list(question.within), operator=FilterOperator.IN
        )
        return self._index.as_retriever(
            similarity_top_k=count,
            filters=MetadataFilters(filters=[within]) if question.within else None,
        )

    def answer(self, question: Question) -> Reply:
        """One query; times count from before the search."""
        from llama_index.core.callbacks import CallbackManager, TokenCountingHandler
        from llama_index.core.query_engine import CitationQueryEngine

        if self._model is None:
            self._model = self._load(self._settings)
        engine = CitationQueryEngine.from_args(
            self._index,
            llm=self._model.llm,
            retriever=self._retriever(question, TOP_K),
            citation_chunk_size=CITATION_CHUNK_SIZE,
            streaming=True,
        )
        # Making the engine gives the model LlamaIndex's global manager; this one is for the answer.
        counter = TokenCountingHandler(tokenizer=self._model.tokens)
        self._model.llm.callback_manager = CallbackManager([counter])
        started = time.perf_counter()
        first_token_ms: float | None = None
        text = ""
        try:
            response = engine.query(question.text)
            for piece in response.response_gen:
                if piece and first_token_ms is None:
                    first_token_ms = since(started)
                text += piece
        except ValueError as error:
            # llama.cpp's binding and LlamaIndex both say so of a prompt that is too long.
            raise QuestionFailedError(f"LlamaIndex refused the question: {error}") from error
        cost = Cost(
            total_ms=since(started),
            first_token_ms=first_token_ms,
            prompt_tokens=counter.prompt_llm_token_count,
            output_tokens=counter.completion_llm_token_count,
        )
        return marked_reply(
            question,
            text.strip(),
            [one.node for one in response.source_nodes],
            cost,
            shown=_shown_passage,
            cited=_cited,
        )

    def prompt_reader(self) -> str | None:
        """The binding knows but one."""
        return "llama.cpp"

    def close(self) -> None:
        """Free the model; the binding does so when it is let go."""
        self._model = self._index = None


def _as_document(one: Document) -> Any:
    """LlamaIndex's document; of its metadata only the title is embedded."""
    from llama_index.core import Document as IndexDocument

    facts = {"title": one.title, "document": one.id, "date": one.date, "source": one.source}
    return IndexDocument(
        id_=one.id,
        text=one.text,
        metadata={name: value for name, value in facts.items() if value is not None},
        excluded_embed_metadata_keys=[name for name in facts if name != "title"],
    )


def _shown_passage(chunk: Any) -> ShownPassage:
    return ShownPassage(**_facts(chunk), text=_chunk_text(chunk))


def _cited(marker: int, chunk: Any) -> Cited:
    """The engine tells no offsets."""
    return Cited(marker=marker, quote=_chunk_text(chunk), **_facts(chunk))


def _facts(chunk: Any) -> dict[str, Any]:
    kept = {name: chunk.metadata.get(name) for name in ("date", "source")}
    return {"document_id": chunk.ref_doc_id, "title": chunk.metadata["title"], **kept}


def _chunk_text(chunk: Any) -> str:
    """The chunk without the line 'Source 1:' that the engine puts before it."""
    return str(chunk.text).partition("\n")[2].strip()
