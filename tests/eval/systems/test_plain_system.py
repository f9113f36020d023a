from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes import HashingEncoder
from peer_fakes import ScriptedLlama, question
from real_models import CACHE, need_model
from samples import DOCUMENTS

from base.errors import UsageError
from base.settings import Settings
from eval.question import Question
from eval.systems.plain import SYSTEM, PlainSystem
from eval.systems.protocol import QuestionFailedError

ASKED = "Wie viel zahlte Meta für Scale AI?"
Made = Callable[[ScriptedLlama], PlainSystem]


@pytest.fixture
def made(settings: Settings, tmp_path: Path, encoder: HashingEncoder) -> Iterator[Made]:
    opened: list[PlainSystem] = []

    def make(llama: ScriptedLlama) -> PlainSystem:
        system = PlainSystem(settings, encoder=encoder, load=lambda _: llama)
        opened.append(system)
        system.prepare(DOCUMENTS, tmp_path / "prepared")
        return system

    yield make
    for system in opened:
        system.close()


def test_three_numbered_passages_with_titles_in_the_language_of_the_question(made: Made) -> None:
    llama = ScriptedLlama("Viel [1].")
    reply = made(llama).answer(question(ASKED))
    system, user = llama.asked[0]["messages"]
    assert system == {"role": "system", "content": SYSTEM["de"]}
    assert user["content"].endswith(f"Frage: {ASKED}")
    assert len(reply.shown) == 3
    for number, one in enumerate(reply.shown, 1):
        assert f"[{number}] {one.title}\n{one.text}" in user["content"]
    assert "[4]" not in user["content"]
    made(llama).answer(question("How much did Meta pay?", "en"))
    assert llama.asked[1]["messages"][0]["content"] == SYSTEM["en"]
    assert "Question: How much" in llama.asked[1]["messages"][1]["content"]


def test_deterministic_and_streamed(made: Made) -> None:
    llama = ScriptedLlama("Viel [1].")
    made(llama).answer(question(ASKED))
    assert llama.asked[0]["temperature"] == 0.0
    assert llama.asked[0]["stream"] is True
    assert llama.asked[0]["max_tokens"] == 256


def test_markers_name_the_passages_that_were_pasted_in(made: Made) -> None:
    reply = made(ScriptedLlama("Meta zahlte viel [2]. Der Vertrag galt [1, 9].")).answer(
        question(ASKED)
    )
    assert reply.status == "answered"
    assert [one.markers for one in reply.statements] == [(2,), (1, 9)]
    assert [one.marker for one in reply.citations] == [1, 2]
    texts = {one.id: one.text for one in DOCUMENTS}
    for one in reply.citations:
        shown = reply.shown[one.marker - 1]
        assert (one.document_id, one.title, one.quote) == (
            shown.document_id,
            shown.title,
            shown.text,
        )
        assert texts[one.document_id][one.start : one.end] == one.quote
        assert one.exact


@pytest.mark.parametrize("reply", ["Viel [0].", "Viel [4].", "Viel."])
def test_a_marker_that_names_no_passage_cites_nothing(made: Made, reply: str) -> None:
    assert made(ScriptedLlama(reply)).answer(question(ASKED)).citations == ()


@pytest.mark.parametrize(
    "reply",
    ["Das steht nicht in den Quellen.", "The sources do not say.", "The sources do not say. [1]"],
)
def test_a_refusal_in_words_is_a_refusal(made: Made, reply: str) -> None:
    found = made(ScriptedLlama(reply)).answer(question(ASKED))
    assert (found.status, found.citations) == ("not_found", ())
    assert found.text == reply
    assert len(found.shown) == 3


def test_cost(made: Made) -> None:
    llama = ScriptedLlama("Meta zahlte viel [1].")
    cost = made(llama).answer(question(ASKED)).cost
    prompt = sum(len(one["content"].split()) for one in llama.asked[0]["messages"])
    assert (cost.prompt_tokens, cost.output_tokens) == (prompt, 4)
    assert cost.first_token_ms is not None
    assert 0 < cost.first_token_ms <= cost.total_ms


def test_the_prompt_of_a_reply_that_was_cut_is_counted_alike(made: Made) -> None:
    whole = made(ScriptedLlama("Meta zahlte viel", finish="stop")).answer(question(ASKED))
    cut = made(ScriptedLlama("Meta zahlte viel", finish="length")).answer(question(ASKED))
    assert whole.cost.prompt_tokens == cut.cost.prompt_tokens


def test_a_prompt_too_long_fails_its_question_alone(made: Made) -> None:
    system = made(ScriptedLlama("Viel.", limit=5))
    with pytest.raises(QuestionFailedError, match="exceed context window"):
        system.answer(question(ASKED))


def test_only_some_documents(made: Made) -> None:
    reply = made(ScriptedLlama("Viel [1].")).answer(question(ASKED, within=("gruendung",)))
    assert {one.document_id for one in reply.shown} == {"gruendung"}


def test_the_ranking_names_each_document_once_best_first(made: Made) -> None:
    ranking = made(ScriptedLlama()).retrieve(question(ASKED), 10)
    names = [one.document_id for one in ranking]
    assert sorted(names) == sorted(one.id for one in DOCUMENTS)
    assert names[0] == "anteil"
    scores = [one.score for one in ranking]
    assert scores == sorted(scores, reverse=True)
    assert len(made(ScriptedLlama()).retrieve(question(ASKED), 2)) == 2


def test_ranking_loads_no_language_model(
    settings: Settings, tmp_path: Path, encoder: HashingEncoder
) -> None:
    def refuse(_: Settings) -> ScriptedLlama:
        raise AssertionError("loaded")

    system = PlainSystem(settings, encoder=encoder, load=refuse)
    system.prepare(DOCUMENTS, tmp_path / "prepared")
    assert system.retrieve(question(ASKED), 1)
    system.close()


def test_what_is_prepared_is_not_encoded_again(
    settings: Settings, tmp_path: Path, encoder: HashingEncoder
) -> None:
    encoded = []
    for _ in range(2):
        system = PlainSystem(settings, encoder=encoder, load=lambda _: ScriptedLlama())
        system.prepare(DOCUMENTS, tmp_path / "prepared")
        system.close()
        encoded.append(len(encoder.encoded))
    assert encoded[0] == encoded[1] > 0


def test_closing_frees_the_model(made: Made) -> None:
    llama = ScriptedLlama("Viel.")
    system = made(llama)
    system.answer(question(ASKED))
    system.close()
    assert llama.closed


def test_described_with_both_models(
    settings: Settings, tmp_path: Path, encoder: HashingEncoder
) -> None:
    (tmp_path / "own.gguf").write_bytes(b"weights")
    (tmp_path / "own-e5").mkdir()
    own = settings.model_copy(
        update={"llm": str(tmp_path / "own.gguf"), "encoder": str(tmp_path / "own-e5")}
    )
    system = PlainSystem(own, encoder=encoder, load=lambda _: ScriptedLlama())
    before = system.describe()
    system.prepare(DOCUMENTS, tmp_path / "prepared")
    assert system.describe() == before
    assert before.name == "plain"
    assert before.models["llm"].startswith("own.gguf ")
    assert before.models["encoder"].startswith("own-e5 ")
    # What the prepared corpus depends on goes by these names (eval/runner.py).
    assert {"passage_tokens", "passage_overlap"} <= set(before.settings)
    system.close()


def test_a_missing_model_names_the_command(
    settings: Settings, tmp_path: Path, encoder: HashingEncoder
) -> None:
    system = PlainSystem(settings, encoder=encoder)
    system.prepare(DOCUMENTS, tmp_path / "prepared")
    with pytest.raises(UsageError, match="belegt models pull"):
        system.answer(question(ASKED))
    system.close()


@pytest.mark.encoder
@pytest.mark.llm
def test_the_real_model_answers_from_the_passages(tmp_path: Path) -> None:
    settings = Settings(cache=CACHE)
    need_model(settings.encoder)
    need_model(settings.llm)
    system = PlainSystem(settings)
    try:
        system.prepare(DOCUMENTS, tmp_path / "prepared")
        asked = Question(id="q", text="How many employees did Scale AI dismiss?", language="en")
        reply = system.answer(asked)
    finally:
        system.close()
    assert reply.status == "answered"
    assert "200" in reply.text
    assert reply.cost.prompt_tokens is not None
    assert reply.cost.prompt_tokens > 100
    assert reply.cost.output_tokens is not None
    assert 0 < reply.cost.output_tokens <= 256
