"""The real LlamaIndex, without its models: a hashing encoder, and an LLM that reads a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import HashingEncoder
from peer_fakes import question
from samples import DOCUMENTS, document

from base.errors import UsageError
from base.settings import Settings
from eval.systems.llamaindex import LlamaIndexSystem
from eval.systems.llamaindex_models import LoadedModel, load_embedding
from eval.systems.protocol import QuestionFailedError

pytest.importorskip("llama_index.llms.llama_cpp", reason="pip install 'belegt[peers]'")

ASKED = "Wie viel zahlte Meta für Scale AI?"


class Asked(list[str]):
    """Prompts that the scripted LLM was given."""


def scripted(reply: str, asked: Asked, *, refuse: bool = False) -> LoadedModel:
    """An LLM of LlamaIndex that streams ``reply`` by words; its tokens are words."""
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
    from llama_index.core.llms.callbacks import llm_completion_callback

    class Scripted(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(context_window=4096, num_output=256)

        @llm_completion_callback()
        def complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
            raise AssertionError("not streamed")

        @llm_completion_callback()
        def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
            if refuse:
                raise ValueError("Requested tokens (5000) exceed context window of 4096")
            asked.append(prompt)

            def pieces() -> Iterator[Any]:
                text = ""
                for word in reply.split(" "):
                    delta = f" {word}" if text else word
                    text += delta
                    yield CompletionResponse(delta=delta, text=text)

            return pieces()

    return LoadedModel(Scripted(), lambda text: list(range(len(text.split()))))


def hashing(encoder: HashingEncoder) -> Any:
    """The hashing encoder as an embedding of LlamaIndex."""
    from llama_index.core.embeddings import BaseEmbedding

    class Hashing(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return [float(one) for one in encoder.encode_passages([text])[0]]

        def _get_query_embedding(self, query: str) -> list[float]:
            return [float(one) for one in encoder.encode_questions([query])[0]]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return Hashing()


Made = Callable[..., LlamaIndexSystem]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def made(settings: Settings, tmp_path: Path, encoder: HashingEncoder, asked: Asked) -> Made:
    def make(reply: str = "", **options: Any) -> LlamaIndexSystem:
        system = LlamaIndexSystem(
            settings,
            embedding=lambda _: hashing(encoder),
            model=lambda _: scripted(reply, asked, **options),
        )
        system.prepare(DOCUMENTS, tmp_path / "prepared")
        return system

    return make


def test_its_own_template_over_three_numbered_chunks(made: Made, asked: Asked) -> None:
    reply = made("Viel [1].").answer(question(ASKED))
    (prompt,) = asked
    assert "cite the appropriate source(s) using their corresponding numbers" in prompt
    assert f"Query: {ASKED}" in prompt
    assert len(reply.shown) == 3
    for number, one in enumerate(reply.shown, 1):
        assert f"Source {number}:\n{one.text}" in prompt
    assert "Source 4:" not in prompt


def test_markers_name_its_chunks(made: Made) -> None:
    reply = made("Meta zahlte viel [2]. Der Vertrag galt [1, 9].").answer(question(ASKED))
    assert reply.status == "answered"
    assert [one.markers for one in reply.statements] == [(2,), (1, 9)]
    assert [one.marker for one in reply.citations] == [1, 2]
    texts = {one.id: one for one in DOCUMENTS}
    for one in reply.citations:
        shown = reply.shown[one.marker - 1]
        assert (one.document_id, one.quote) == (shown.document_id, shown.text)
        known = texts[one.document_id]
        assert (one.title, one.date, one.source) == (known.title, known.date, known.source)
        assert one.quote in known.text
        assert (one.start, one.end, one.exact) == (None, None, None)


def test_a_refusal_in_words(made: Made) -> None:
    reply = made("None of the provided sources are helpful.").answer(question(ASKED))
    assert (reply.status, reply.citations) == ("not_found", ())


def test_cost(made: Made, asked: Asked) -> None:
    cost = made("Meta zahlte viel [1].").answer(question(ASKED)).cost
    assert cost.prompt_tokens == len(asked[0].split())
    assert cost.output_tokens == 4
    assert cost.first_token_ms is not None
    assert 0 < cost.first_token_ms <= cost.total_ms


def test_each_question_counts_its_own_tokens(made: Made, asked: Asked) -> None:
    system = made("Meta zahlte viel [1].")
    costs = [system.answer(question(ASKED)).cost for _ in range(2)]
    assert {one.output_tokens for one in costs} == {4}


def test_only_some_documents(made: Made) -> None:
    system = made("Viel [1].")
    asked = question(ASKED, within=("gruendung", "layoffs"))
    assert {one.document_id for one in system.answer(asked).shown} == {"gruendung", "layoffs"}
    assert {one.document_id for one in system.retrieve(asked, 9)} == {"gruendung", "layoffs"}


def test_nothing_to_search_is_a_refusal(made: Made) -> None:
    reply = made("Viel [1].").answer(question(ASKED, within=("nowhere",)))
    assert reply.status == "not_found"
    assert reply.shown == ()


def test_the_ranking_names_each_document_once_best_first(made: Made) -> None:
    ranking = made().retrieve(question(ASKED), 10)
    assert sorted(one.document_id for one in ranking) == sorted(one.id for one in DOCUMENTS)
    assert ranking[0].document_id == "anteil"
    scores = [one.score for one in ranking]
    assert scores == sorted(scores, reverse=True)
    assert len(made().retrieve(question(ASKED), 2)) == 2


def test_the_index_is_kept(made: Made, encoder: HashingEncoder, tmp_path: Path) -> None:
    first = made().retrieve(question(ASKED), 4)
    encoded = len(encoder.encoded)
    assert encoded == len(DOCUMENTS)
    assert made().retrieve(question(ASKED), 4) == first
    assert len(encoder.encoded) == encoded


def test_an_interrupted_making_leaves_no_index(
    settings: Settings, tmp_path: Path, made: Made, asked: Asked
) -> None:
    broken = LlamaIndexSystem(
        settings,
        embedding=lambda _: hashing(HashingEncoder(interrupt_after=2)),
        model=lambda _: scripted("", asked),
    )
    with pytest.raises(KeyboardInterrupt):
        broken.prepare(DOCUMENTS, tmp_path / "prepared")
    assert len(made().retrieve(question(ASKED), 9)) == len(DOCUMENTS)


def test_the_title_is_embedded_and_nothing_else_of_the_metadata(
    made: Made, encoder: HashingEncoder
) -> None:
    made()
    (text,) = [one for one in encoder.encoded if "14,3 Milliarden" in one]
    assert text.startswith("title: Der Anteil")
    assert "2025-06-13" not in text
    assert "Reuters" not in text


def test_long_documents_are_cut(
    settings: Settings, tmp_path: Path, encoder: HashingEncoder
) -> None:
    sentences = " ".join(f"Im Jahr {year} zahlte Meta viel Geld." for year in range(1000, 1400))
    system = LlamaIndexSystem(
        settings, embedding=lambda _: hashing(encoder), model=lambda _: scripted("", Asked())
    )
    system.prepare([document("lang", sentences)], tmp_path / "prepared")
    assert len(encoder.encoded) > 5
    assert [one.document_id for one in system.retrieve(question("Meta"), 5)] == ["lang"]


def test_a_prompt_too_long_fails_its_question_alone(made: Made) -> None:
    with pytest.raises(QuestionFailedError, match="exceed context window"):
        made(refuse=True).answer(question(ASKED))


def test_described_with_both_models(
    settings: Settings, tmp_path: Path, encoder: HashingEncoder
) -> None:
    (tmp_path / "own.gguf").write_bytes(b"weights")
    (tmp_path / "own-e5").mkdir()
    own = settings.model_copy(
        update={"llm": str(tmp_path / "own.gguf"), "encoder": str(tmp_path / "own-e5")}
    )
    info = LlamaIndexSystem(own, embedding=lambda _: hashing(encoder)).describe()
    assert info.name == "llamaindex"
    assert info.settings["similarity_top_k"] == 3
    assert info.settings["chunk_size"] == info.settings["citation_chunk_size"] == 512
    assert info.models["llm"].startswith("own.gguf ")


def test_a_missing_encoder_names_the_command(settings: Settings) -> None:
    with pytest.raises(UsageError, match="belegt models pull"):
        load_embedding(settings)
