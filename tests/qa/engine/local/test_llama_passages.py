"""Passages that are read once, over the smallest model of the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from real_models import TINY, need_model

from base.settings import Settings
from models.native.tuning import EngineParameters
from qa.engine.kv.rotary import Rotary
from qa.engine.local.llama import LlamaEngine
from qa.engine.protocol import Lookahead, Segment

pytestmark = pytest.mark.llm

START = Segment("You answer briefly, from the sources only. " * 6, trusted=True, constant=True)
OTHER = Segment("Du antwortest knapp und nur mit den Quellen. " * 6, trusted=True, constant=True)
QUESTION = Segment("\nQuestion: Who found the comet, and when was it found?\n", trusted=True)
TEXTS = (
    "- Comets (2019): Caroline Herschel found the comet in 1788, and it was seen again.\n",
    "- Sheep: The sheep stood on the hill while the rain fell, and the rain fell long.\n",
    "- Trains: The train to Basel leaves at nine, and the train to Bern leaves at ten.\n",
)


def make(folder: Path, **changes: object) -> LlamaEngine:
    settings = Settings(cache=folder, context_tokens=1024, cells=2048, prefill="llama")
    return LlamaEngine(
        need_model(TINY),
        name=TINY,
        digest="tiny",
        settings=settings.model_copy(update=changes),
        parameters=EngineParameters(threads=1, threads_batch=1),
    )


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LlamaEngine]:
    made = make(tmp_path / "cache")
    yield made
    made.close()


def passages(folder: Path, *order: int) -> list[Segment]:
    return [Segment(TEXTS[at], kept_in=folder / str(at)) for at in order]


def chances(engine: LlamaEngine, *prompt: Segment) -> tuple[np.ndarray, int]:
    with engine.prefill(prompt) as session:
        return session.log_probabilities(), session.evaluated_tokens


def forget_prefixes(engine: LlamaEngine) -> None:
    """Prompts read whole, so that nothing of the one before is shared."""
    engine._scheduler.between_steps(lambda: engine._scheduler._sequences.drop_idle() and None)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Kullback-Leibler divergence in nats."""
    return float((np.exp(one) * (one - other)).sum())


def test_a_kept_passage_costs_nothing_and_says_the_same(
    engine: LlamaEngine, tmp_path: Path
) -> None:
    prompt = [START, *passages(tmp_path / "kept", 0), QUESTION]
    fresh, read = chances(engine, *prompt)
    assert engine.is_cached(prompt) == [False]
    assert engine.cache(prompt)
    assert engine.is_cached(prompt) == [True]
    forget_prefixes(engine)
    kept, evaluated = chances(engine, *prompt)
    assert read > evaluated == len(engine.tokens(QUESTION))
    # A lone passage right behind the start sees the same either way.
    assert distance(fresh, kept) < 0.03


def test_passages_stand_wherever_they_are_put(engine: LlamaEngine, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    every = [START, *passages(folder, 0, 1, 2), QUESTION]
    assert engine.cache(every)
    found = {}
    for order in ((0, 1, 2), (2, 0, 1)):
        forget_prefixes(engine)
        logits, evaluated = chances(engine, START, *passages(folder, *order), QUESTION)
        assert evaluated == len(engine.tokens(QUESTION))
        found[order] = logits
    fresh, _ = chances(engine, START, *[Segment(TEXTS[at]) for at in (0, 1, 2)], QUESTION)
    # Passages that do not see each other change what follows, but not what it is about.
    assert distance(fresh, found[0, 1, 2]) < 0.3
    assert distance(fresh, found[2, 0, 1]) < 0.3


def test_keys_are_turned_as_the_library_turns_them(engine: LlamaEngine) -> None:
    binding, api = engine._binding, engine._binding._api
    rotary = binding.rotary
    assert isinstance(rotary, Rotary)
    tokens = engine.tokens(Segment(TEXTS[0]))
    with engine.prefill([START, Segment(TEXTS[0]), QUESTION]) as session:
        sequence, first = session._request.sequence, len(engine.tokens(START))
        before = binding.rows(sequence, first)
        assert before is not None
        assert rotary.holds(before[0][:, : len(tokens)], tokens)
        wanted = rotary.rotate(before[0], 100)
        # The library turns them with its next step, of any sequence.
        api.llama_memory_seq_add(binding._memory, sequence, first, -1, 100)
        with engine.prefill([OTHER, QUESTION]):
            after = binding.rows(sequence, first)
        assert after is not None
        assert np.allclose(after[0], wanted, atol=0.02 * float(np.abs(wanted).max()))
        api.llama_memory_seq_add(binding._memory, sequence, first, -1, -100)


def test_another_process_finds_what_was_kept(tmp_path: Path) -> None:
    prompt = [START, *passages(tmp_path / "kept", 1, 2), QUESTION]
    found = []
    for _ in range(2):
        engine = make(tmp_path / "cache")
        engine.cache(prompt)
        forget_prefixes(engine)
        found.append(chances(engine, *prompt))
        engine.close()
    assert found[0][1] == found[1][1]
    assert (found[0][0] == found[1][0]).all()


def test_what_follows_an_unread_passage_is_read(engine: LlamaEngine, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    engine.cache([START, *passages(folder, 0, 2)])
    prompt = [START, *passages(folder, 0, 1, 2), QUESTION]
    assert engine.is_cached(prompt) == [True, False, True]
    _, evaluated = chances(engine, *prompt)
    rest = [Segment(TEXTS[1]), Segment(TEXTS[2]), QUESTION]
    assert evaluated == sum(engine.count_tokens([one.text for one in rest]))


def test_each_start_has_readings_of_its_own(engine: LlamaEngine, tmp_path: Path) -> None:
    one = passages(tmp_path / "kept", 0)
    engine.cache([START, *one])
    assert engine.is_cached([START, *one]) == [True]
    assert engine.is_cached([OTHER, *one]) == [False]


@pytest.mark.parametrize(
    "change", [{"kept_passages_mb": 0}, {"kept_passages_mb": 1, "context_tokens": 60}]
)
def test_where_nothing_is_kept_prompts_are_read(tmp_path: Path, change: dict[str, object]) -> None:
    engine = make(tmp_path / "cache", **change)
    prompt = [START, *passages(tmp_path / "kept", 0)]
    assert not engine.cache(prompt)
    assert engine.is_cached(prompt) == [False]
    assert not (tmp_path / "kept").exists()
    engine.close()


def test_keys_in_another_format_are_left_alone(tmp_path: Path) -> None:
    engine = LlamaEngine(
        need_model(TINY),
        name=TINY,
        digest="tiny",
        settings=Settings(cache=tmp_path / "cache", context_tokens=1024, cells=2048),
        parameters=EngineParameters(threads=1, threads_batch=1, kv_type="q8_0"),
    )
    prompt = [START, *passages(tmp_path / "kept", 0), QUESTION]
    assert not engine.cache(prompt)
    assert chances(engine, *prompt)[1] > 0
    engine.close()


def test_a_check_is_read_with_the_prompt(engine: LlamaEngine) -> None:
    check, words = "\nIs it stated? Write yes or no.\n", [["yes", "Yes"], ["no", "No"]]
    with engine.prefill([START, QUESTION]) as session:
        apart = session.probe(check, words)
        session.extend("Answer:")
        said = [piece.text for piece in session.generate(12, ())]
    forget_prefixes(engine)
    with engine.prefill([START, QUESTION], ahead=Lookahead(check, "Answer:")) as session:
        together = session.probe(check, words)
        session.extend("Answer:")
        again = [piece.text for piece in session.generate(12, ())]
    assert np.allclose(apart, together, atol=0.5)
    assert "".join(again)[:4] == "".join(said)[:4]
