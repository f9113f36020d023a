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
from qa.engine.protocol import Ahead, Segment

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
    with engine.read(prompt) as turn:
        return turn.log_probabilities(), turn.evaluated_tokens


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
    assert engine.kept(prompt) == [False]
    assert engine.keep(prompt)
    assert engine.kept(prompt) == [True]
    forget_prefixes(engine)
    kept, evaluated = chances(engine, *prompt)
    assert read > evaluated == len(engine.tokens(QUESTION))
    # A lone passage right behind the start sees the same either way.
    assert distance(fresh, kept) < 0.03


def test_passages_stand_wherever_they_are_put(engine: LlamaEngine, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    every = [START, *passages(folder, 0, 1, 2), QUESTION]
    assert engine.keep(every)
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
    with engine.read([START, Segment(TEXTS[0]), QUESTION]) as turn:
        sequence, first = turn._request.sequence, len(engine.tokens(START))
        before = binding.rows(sequence, first)
        assert before is not None
        assert rotary.holds(before[0][:, : len(tokens)], tokens)
        wanted = rotary.turned(before[0], 100)
        # The library turns them with its next step, of any sequence.
        api.llama_memory_seq_add(binding._memory, sequence, first, -1, 100)
        with engine.read([OTHER, QUESTION]):
            after = binding.rows(sequence, first)
        assert after is not None
        assert np.allclose(after[0], wanted, atol=0.02 * float(np.abs(wanted).max()))
        api.llama_memory_seq_add(binding._memory, sequence, first, -1, -100)


def test_another_process_finds_what_was_kept(tmp_path: Path) -> None:
    prompt = [START, *passages(tmp_path / "kept", 1, 2), QUESTION]
    found = []
    for _ in range(2):
        engine = make(tmp_path / "cache")
        engine.keep(prompt)
        forget_prefixes(engine)
        found.append(chances(engine, *prompt))
        engine.close()
    assert found[0][1] == found[1][1]
    assert (found[0][0] == found[1][0]).all()


def test_what_follows_an_unread_passage_is_read(engine: LlamaEngine, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    engine.keep([START, *passages(folder, 0, 2)])
    prompt = [START, *passages(folder, 0, 1, 2), QUESTION]
    assert engine.kept(prompt) == [True, False, True]
    _, evaluated = chances(engine, *prompt)
    rest = [Segment(TEXTS[1]), Segment(TEXTS[2]), QUESTION]
    assert evaluated == sum(engine.count_tokens([one.text for one in rest]))


def test_each_start_has_readings_of_its_own(engine: LlamaEngine, tmp_path: Path) -> None:
    one = passages(tmp_path / "kept", 0)
    engine.keep([START, *one])
    assert engine.kept([START, *one]) == [True]
    assert engine.kept([OTHER, *one]) == [False]


@pytest.mark.parametrize(
    "change", [{"kept_passages_mb": 0}, {"kept_passages_mb": 1, "context_tokens": 60}]
)
def test_where_nothing_is_kept_prompts_are_read(tmp_path: Path, change: dict[str, object]) -> None:
    engine = make(tmp_path / "cache", **change)
    prompt = [START, *passages(tmp_path / "kept", 0)]
    assert not engine.keep(prompt)
    assert engine.kept(prompt) == [False]
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
    assert not engine.keep(prompt)
    assert chances(engine, *prompt)[1] > 0
    engine.close()


def test_a_check_is_read_with_the_prompt(engine: LlamaEngine) -> None:
    check, words = "\nIs it stated? Write yes or no.\n", [["yes", "Yes"], ["no", "No"]]
    with engine.read([START, QUESTION]) as turn:
        apart = turn.probe(check, words)
        turn.extend("Answer:")
        said = [piece.text for piece in turn.generate(12, ())]
    forget_prefixes(engine)
    with engine.read([START, QUESTION], ahead=Ahead(check, "Answer:")) as turn:
        together = turn.probe(check, words)
        turn.extend("Answer:")
        again = [piece.text for piece in turn.generate(12, ())]
    assert np.allclose(apart, together, atol=0.5)
    assert "".join(again)[:4] == "".join(said)[:4]
