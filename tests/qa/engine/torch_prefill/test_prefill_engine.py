"""The smallest real model, its prompts read by PyTorch."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from real_models import TINY, need_model

from base.settings import Settings
from models.native.hardware import detect_hardware, processor_features
from models.native.tuning import EngineParameters, gather_facts
from qa.engine.decode.sampling import Sampling
from qa.engine.local.llama import LlamaEngine
from qa.engine.prefill_backend import Read, Unread
from qa.engine.protocol import Lookahead, Segment
from qa.engine.request import Request
from qa.engine.torch_prefill.choice import (
    PrefillChoice,
    QuickRecord,
    torch_version,
    write_quick,
)
from qa.engine.torch_prefill.choose import open_measurement
from qa.engine.torch_prefill.network import NetworkInput, NetworkOutput
from qa.engine.torch_prefill.verify import TOLERANCE
from qa.engine.torch_prefill.weights import inspect

# Without them weights have seven bits (matrices.py), and predictions move by more than is tested.
EXACT = {"avx512_vnni", "avx_vnni", "amx_int8"}
pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(
        "avx2" in processor_features() and not EXACT & set(processor_features()),
        reason="this processor multiplies eight bits exactly only up to seven",
    ),
]

ONE_THREAD = EngineParameters(threads=1, threads_batch=1)
START = Segment("You answer briefly and in English. " * 8, trusted=True, constant=True)
EVIDENCE = (
    "The river rises at 1,240 metres and flows north to the sea. "
    "The lighthouse was built in 1874 by Anna Berg. "
) * 6
BEGUN = ("The river", "In 1874", "Anna Berg", "A lighthouse", "At 1,240 metres", "North of the sea")
QUESTIONS = ("Who built the lighthouse?", "Where does the river flow?", "How high is the source?")


def made(cache: Path, prefill: str, writer: str = "torch", **settings: int | str) -> LlamaEngine:
    given = Settings(
        cache=cache, context_tokens=1024, cells=4096, prefill=prefill, writer=writer, **settings
    )
    file = need_model(TINY)
    return LlamaEngine(file, name=TINY, digest="t" * 64, settings=given, parameters=ONE_THREAD)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def plain(cache: Path) -> Iterator[LlamaEngine]:
    engine = made(cache, "llama")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def engine(cache: Path) -> Iterator[LlamaEngine]:
    engine = made(cache, "torch")
    assert engine.prepare_prefill(300)
    assert engine.describe().prefill == "PyTorch (int8)"
    yield engine
    engine.close()


def prompt(question: str, start: Segment = START) -> tuple[Segment, Segment]:
    return start, Segment(f"{EVIDENCE}Question: {question} Answer:")


def chances(engine: LlamaEngine, *segments: Segment) -> np.ndarray:
    with engine.prefill(segments) as session:
        return session.log_probabilities()


def distance(one: np.ndarray, other: np.ndarray) -> float:
    return float((np.exp(one) * (one - other)).sum())


def reader_calls(engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch) -> list[list[Unread]]:
    """Filled with what PyTorch reads at a time."""
    found: list[list[Unread]] = []
    read = engine._prefill.read

    def noted(unread: Sequence[Unread]) -> dict[Request, Read]:
        # The tokens that are held change as soon as others are read.
        found.append([replace(one, held=list(one.held)) for one in unread])
        return read(unread)

    monkeypatch.setattr(engine._prefill, "read", noted)
    return found


def test_predictions_are_those_of_plain_reading(
    engine: LlamaEngine, plain: LlamaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = reader_calls(engine, monkeypatch)
    whole = [
        distance(chances(plain, *prompt(one)), chances(engine, *prompt(one))) for one in QUESTIONS
    ]
    assert sum(len(one.tokens) for call in calls for one in call) > 150
    assert sum(whole) / len(whole) < TOLERANCE


def test_what_follows_a_check_is_read_beside_it(
    engine: LlamaEngine, plain: LlamaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = reader_calls(engine, monkeypatch)
    check, then, words = (
        "\nIs it stated? Write yes or no.\n",
        "\nSo the answer is:",
        [["yes"], ["no"]],
    )
    start = Segment(f"Be brief. {START.text}", trusted=True, constant=True)

    def asked(of: LlamaEngine, question: str) -> tuple[list[float], np.ndarray]:
        with of.prefill(prompt(question, start), ahead=Lookahead(check, then)) as session:
            stated = session.probe(check, words)
            session.extend(then)
            return stated, session.log_probabilities()

    pairs = [(asked(plain, one), asked(engine, one)) for one in QUESTIONS]
    assert sum(one.branch is not None for call in calls for one in call) == len(QUESTIONS)
    assert len(calls) == len(QUESTIONS), "nothing is left to read after the check"
    for (stated, wanted), (found, said) in pairs:
        assert np.allclose(stated, found, atol=1.0)
        assert distance(wanted, said) < 2 * TOLERANCE
    assert engine.occupancy()["open_cells"] == 0


def test_prompts_at_once_get_what_they_get_alone(engine: LlamaEngine) -> None:
    starts = [Segment(f"{at}. {START.text}", trusted=True, constant=at > 0) for at in range(3)]
    prompts = [prompt(one, start) for one, start in zip(QUESTIONS, starts, strict=True)]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda one: chances(engine, *one), prompts))
    alone = [chances(engine, *one) for one in prompts]
    assert max(distance(*pair) for pair in zip(alone, together, strict=True)) < TOLERANCE
    assert engine.occupancy()["open_cells"] == 0


def written(engine: LlamaEngine, begun: str) -> list[tuple[str, float]]:
    with engine.prefill((START, Segment(f"{EVIDENCE}{begun}"))) as session:
        return [(one.text, one.log_probability) for one in session.generate(24, ())]


def test_answers_are_written_by_pytorch_as_well(
    engine: LlamaEngine, plain: LlamaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = reader_calls(engine, monkeypatch)
    found = [written(engine, one) for one in BEGUN]
    answers = [one for call in calls for one in call if one.wanted == len(one.tokens)]
    # How many passes that takes is up to the drafts, whose length follows what steps cost here.
    needed = sum(len(one) - 1 for one in found)
    assert sum(len(one.tokens) for one in answers) >= needed > 100
    assert max(len(one.tokens) for one in answers) > 1, "drafts are verified in one pass"
    for one, other in zip(found, [written(plain, one) for one in BEGUN], strict=True):
        assert one[0][0] == other[0][0]
        assert abs(one[0][1] - other[0][1]) < 0.5
    assert engine.occupancy()["open_cells"] == 0
    assert engine._prefill._worker is not None
    assert not engine._prefill._worker._held


def test_answers_beside_others_are_those_alone(engine: LlamaEngine) -> None:
    begun = [f"{at}. {one}" for at in range(3) for one in BEGUN]
    alone = ["".join(text for text, _ in written(engine, one)) for one in begun]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda one: written(engine, one), begun))
    found = ["".join(text for text, _ in one) for one in together]
    # None here; another library behind PyTorch may sum up otherwise.
    assert sum(one != other for one, other in zip(alone, found, strict=True)) <= 1


def test_answers_are_llamas_unless_pytorch_is_to_write_them(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = made(cache, "torch", writer="auto")
    engine.prepare_prefill(300)
    calls = reader_calls(engine, monkeypatch)
    assert len(written(engine, BEGUN[0])) > 20
    assert len(calls) == 1, "the prompt"
    engine.close()


def test_what_pytorch_wrote_llama_goes_on_from(engine: LlamaEngine, plain: LlamaEngine) -> None:
    def both(of: LlamaEngine, question: str) -> tuple[list[str], np.ndarray]:
        with of.prefill(prompt(question)) as session:
            pieces = session.generate(24, ())
            written = [next(pieces).text for _ in range(3)]
            pieces.close()  # type: ignore[attr-defined]
            session.extend(" Anna")
            sampling = Sampling(temperature=0.1, seed=1)
            written += [piece.text for piece in session.generate(2, (), sampling)]
            session.extend(" built the lighthouse in")
            return written, session.log_probabilities()

    pairs = [(both(plain, question), both(engine, question)) for question in QUESTIONS]
    # After other words other words are likely.
    alike = [distance(one[1], two[1]) for one, two in pairs if one[0] == two[0]]
    assert alike
    assert max(alike) < 2 * TOLERANCE


def test_a_failure_within_an_answer_is_llamas_to_go_on_from(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = made(cache, "torch")
    engine.prepare_prefill(300)
    wanted = "".join(text for text, _ in written(engine, BEGUN[0]))
    assert engine._prefill._worker is not None
    network, calls = engine._prefill._worker._network, []
    read = network.forward

    def failing(new: Sequence[NetworkInput]) -> list[NetworkOutput]:
        calls.append(new)
        if len(calls) > 2:
            raise MemoryError
        return read(new)

    monkeypatch.setattr(network, "forward", failing)
    found = "".join(text for text, _ in written(engine, BEGUN[0]))
    assert len(calls) == 3
    assert "MemoryError" in engine.describe().prefill
    assert found[:10] == wanted[:10]
    assert len(found) > 20
    engine.close()


def test_a_refused_state_is_read_by_llama(
    plain: LlamaEngine, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = made(cache, "torch")
    engine.prepare_prefill(300)
    monkeypatch.setattr(engine._binding, "set_state", lambda *_: False)
    found = chances(engine, *prompt(QUESTIONS[0]))
    assert distance(chances(plain, *prompt(QUESTIONS[0])), found) < TOLERANCE
    assert engine.describe().prefill == "PyTorch (int8)"
    engine.close()


def test_a_network_that_was_spoilt_is_found_out(cache: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "prefill" / f"{'t' * 16}-int8"
    spoilt.parent.mkdir()
    shutil.copytree(cache / "prefill" / spoilt.name, spoilt)
    for file in sorted(spoilt.glob("layer-*"))[3:9]:
        data = bytearray(file.read_bytes())
        data[len(data) // 2 :] = bytes(reversed(data[len(data) // 2 :]))
        file.write_bytes(data)
    engine = made(tmp_path, "torch")
    assert engine.prepare_prefill(300)
    assert "nats" in engine.describe().prefill
    assert chances(engine, *prompt(QUESTIONS[0])).shape
    engine.close()


def test_it_is_made_ready_only_when_told(cache: Path) -> None:
    engine = made(cache, "torch")
    for text in ("The", "A", "An"):
        chances(engine, START, Segment(text))
    assert not engine._prefill.wait(0)
    assert engine._prefill._thread is None
    engine.close()


def test_what_is_measured_while_it_runs_is_taken_up(cache: Path, tmp_path: Path) -> None:
    (cache / "prefill").mkdir(exist_ok=True)
    (tmp_path / "prefill").symlink_to(cache / "prefill")
    engine = made(tmp_path, "auto", tune="auto")
    assert engine.prepare_prefill(0)
    assert engine.describe().prefill.startswith("llama.cpp")
    facts = gather_facts("any name", "t" * 64, detect_hardware())
    choice = PrefillChoice(torch=torch_version(), format="int8", estimated=True)
    write_quick(tmp_path, QuickRecord(facts=facts, choice=choice, date="2026-11-27", seconds=1.0))
    assert engine.prepare_prefill(300)
    assert engine.describe().prefill == "PyTorch (int8)"
    assert chances(engine, *prompt(QUESTIONS[0])).shape
    engine.close()


def test_memory_that_is_limited_leaves_it_to_llama(cache: Path) -> None:
    engine = made(cache, "torch", memory_limit=256)
    assert engine.prepare_prefill(300)
    assert "BELEGT_MEMORY_LIMIT" in engine.describe().prefill
    engine.close()


def test_the_choice_names_a_rate_or_a_reason_for_each_format(cache: Path) -> None:
    file = need_model(TINY)
    with open_measurement(
        inspect(file), file, "t" * 64, Settings(cache=cache), ONE_THREAD
    ) as measurement:
        estimate, choice = measurement.estimate(20.0), measurement.measure()
    assert estimate.estimated
    assert estimate.tokens_per_s["llama"] > 0
    assert estimate.format or set(estimate.reasons) == {"int8", "mixed", "bfloat16"}
    assert not choice.estimated
    assert choice.tokens_per_s["llama"] > 0
    for one in choice.tokens_per_s.keys() - {"llama"}:
        assert one in choice.divergence or one in choice.reasons
    assert choice.format is None or choice.divergence[choice.format] < TOLERANCE
    assert choice.format or choice.reasons
