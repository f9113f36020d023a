"""The search over choices on machines that do not exist, and once on the smallest model."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_models import CACHE, TINY, need_model

from base.errors import BelegtError, UsageError
from base.settings import Settings
from models.native.tuning import EngineParameters, describe, read_tuning
from qa.cli import tune_command
from qa.cli.main import main
from qa.engine.torch_prefill.choice import PrefillChoice
from qa.engine.tune import search as tuning
from qa.engine.tune.child import TuneResult
from qa.engine.tune.process import GaveWayError, MeasuringProcess, OutOfTimeError
from qa.engine.tune.reader_child import ReaderNews, ReaderRequest
from qa.engine.tune.search import (
    LEAST_GAIN,
    Child,
    Search,
    is_faster,
    prefill_rate,
    search,
)

LAYERS = 29
Speed = Callable[[EngineParameters], tuple[float, float]]


class Machine:
    """Answers by a formula; ``clock`` goes on by what a run would take."""

    def __init__(self, speed: Speed, noise: float = 0.0, gpu_layers: int = 0) -> None:
        self._speed = speed
        self._noise = noise
        self._gpu_layers = gpu_layers
        self._random = random.Random(7)
        self.now = 0.0
        self.asked: list[EngineParameters] = []

    def measure(self, parameters: EngineParameters, seconds: float) -> TuneResult:
        self.asked.append(parameters)
        prefill, decode = (
            rate * (1 + self._noise * self._random.uniform(-1, 1))
            for rate in self._speed(parameters)
        )
        took = 300 / prefill + 24 / decode
        self.now += took
        if took > seconds:
            raise OutOfTimeError
        return TuneResult(
            prefill=prefill, decode=decode, layers=LAYERS, layers_on_gpu=self._gpu_layers
        )

    def search(
        self, cores: int = 4, processors: int = 4, seconds: float = 1e6, *, gpu: bool = False
    ) -> tuple[EngineParameters, Search]:
        found = Search(self.measure, seconds, lambda _: None, lambda: self.now)
        return search(found, cores, processors, gpu=gpu), found


def plain(parameters: EngineParameters) -> tuple[float, float]:
    """All that is not default is slower."""
    slower = (not parameters.flash_attention) + (parameters.kv_type != "f16")
    prefill = 30.0 * parameters.threads_batch * (0.9**slower) * parameters.micro_batch / 512
    return prefill, 5.0 * parameters.threads * 0.9**slower


def test_where_nothing_is_better_the_default_stays() -> None:
    best, found = Machine(plain).search()
    assert best == EngineParameters(threads=4, threads_batch=4)
    assert found.not_tried == []
    assert len(found.runs) == 7, "half the threads, no flash, three micro-batches, q8_0, default"


@given(st.integers(0, 1000))
def test_noise_alone_gains_nothing_large(seed: int) -> None:
    machine = Machine(lambda _: (100.0, 20.0), noise=0.05)
    machine._random.seed(seed)
    best, found = machine.search(cores=1, processors=1)
    runs = found.runs[best]
    assert all(90 < one.prefill < 110 for one in runs)
    assert len(machine.asked) <= 1 + 6 * 6


@pytest.mark.parametrize(
    ("speed", "expected"),
    [
        # Decoding waits for memory, so half the threads do; reading wants all.
        (lambda p: (30.0 * p.threads_batch, 20.0 - p.threads), {"threads": 1}),
        (lambda p: (50.0 - 5 * p.threads_batch, 5.0 * p.threads), {"threads_batch": 1}),
        (lambda p: (30.0 * p.threads_batch, 20.0 + (p.threads == 2)), {"threads": 2}),
        (lambda p: (100.0 - 9 * p.flash_attention, 20.0), {"flash_attention": False}),
        (lambda p: (100.0 + 9 * (p.micro_batch == 128), 20.0), {"micro_batch": 128}),
        (lambda p: (100.0, 20.0 + 3 * (p.kv_type == "q8_0")), {"kv_type": "q8_0"}),
        # Two per cent is not worth the precision.
        (lambda p: (100.0, 20.0 + 0.4 * (p.kv_type == "q8_0")), {}),
    ],
)
def test_what_is_faster_is_chosen(speed: Speed, expected: dict[str, object]) -> None:
    def whole(parameters: EngineParameters) -> tuple[float, float]:
        prefill, decode = speed(parameters)
        if not {"threads", "threads_batch"} & expected.keys():
            prefill, decode = prefill * parameters.threads_batch, decode * parameters.threads
        return prefill, decode

    best, _ = Machine(whole).search()
    default = {"threads": 4, "threads_batch": 4, **expected}
    assert best == EngineParameters.model_validate(default)


def test_a_second_thread_of_each_core_is_tried_where_there_is_one() -> None:
    best, _ = Machine(plain).search(cores=2, processors=4)
    assert (best.threads, best.threads_batch) == (4, 4)
    machine = Machine(plain)
    machine.search(cores=4, processors=4)
    assert max(one.threads for one in machine.asked) == 4


def test_quantised_values_are_not_tried_without_flash_attention() -> None:
    machine = Machine(lambda p: (100.0 - 50 * p.flash_attention, 20.0))
    best, _ = machine.search()
    assert not best.flash_attention
    assert all(one.flash_attention for one in machine.asked if one.kv_type == "q8_0")


def test_a_choice_that_fails_only_loses() -> None:
    class Broken(Machine):
        def measure(self, parameters: EngineParameters, seconds: float) -> TuneResult:
            if not parameters.flash_attention:
                return TuneResult(error="The library died of SIGSEGV.")
            return super().measure(parameters, seconds)

    best, found = Broken(plain).search()
    assert best == EngineParameters(threads=4, threads_batch=4)
    failed = next(one for parameters, one in found.runs.items() if not parameters.flash_attention)
    assert failed[0].error == "The library died of SIGSEGV."


def test_a_model_that_does_not_run_is_one_sentence() -> None:
    found = Search(lambda *_: TuneResult(error="It is broken."), 9.0, lambda _: None)
    with pytest.raises(BelegtError, match=r"^The model does not run here: It is broken\.$"):
        search(found, 2, 2, gpu=False)


@given(st.floats(5.0, 400.0))
def test_the_time_is_kept_and_what_it_was_too_short_for_is_named(seconds: float) -> None:
    machine = Machine(plain)
    try:
        best, found = machine.search(seconds=seconds)
    except OutOfTimeError:
        assert seconds < 300 / 120 + 24 / 20
        return
    assert best == EngineParameters(threads=4, threads_batch=4)
    assert machine.asked
    labels = {"2 threads", "flash_attention False", "kv_type q8_0"}
    labels |= {f"micro_batch {size}" for size in (256, 128, 64)}
    assert set(found.not_tried) <= labels
    assert bool(found.not_tried) == (len(found.runs) < 7 or machine.now > seconds)


def test_all_layers_on_the_gpu_need_no_choice_of_threads() -> None:
    machine = Machine(plain, gpu_layers=LAYERS)
    best, found = machine.search(gpu=True)
    assert best.gpu_layers == LAYERS
    assert {one.threads for one in machine.asked} == {4}
    assert best in found.runs
    fewer, _ = Machine(plain, gpu_layers=12).search(gpu=True)
    assert fewer.gpu_layers == 12


def test_layers_that_load_and_then_fail_are_fewer() -> None:
    class Small(Machine):
        def measure(self, parameters: EngineParameters, seconds: float) -> TuneResult:
            self._gpu_layers = parameters.gpu_layers
            if parameters.gpu_layers < 0 or parameters.gpu_layers > 15:
                return TuneResult(error="The library died of SIGABRT.")
            return super().measure(parameters, seconds)

    best, _ = Small(plain).search(gpu=True)
    assert best.gpu_layers == 14


def rates(*values: float) -> list[TuneResult]:
    return [TuneResult(prefill=one, decode=1.0) for one in values]


def test_faster_is_more_than_the_noise() -> None:
    assert is_faster(rates(100, 101, 102), rates(104, 105, 106), prefill_rate, LEAST_GAIN)
    assert not is_faster(rates(100, 101, 105), rates(104, 106, 107), prefill_rate, LEAST_GAIN)
    assert not is_faster(rates(100.0, 100.1), rates(100.2, 100.3), prefill_rate, LEAST_GAIN)


# --- the process that measures ---------------------------------------------------------------


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    with Child(tmp_path / "none.gguf") as made:
        yield made


ONE = EngineParameters(threads=1, threads_batch=1)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os.kill(os.getpid(), 4)", "The library died of SIGILL."),
        ("import os; os.kill(os.getpid(), 11)", "The library died of SIGSEGV."),
        ("raise ValueError('odd')", "The measurement ended early: ValueError: odd."),
    ],
)
def test_a_process_that_dies_is_an_answer(child: Child, code: str, said: str) -> None:
    child._command = [sys.executable, "-c", f"input(); {code}"]
    assert child.measure(ONE, 60.0).error == said
    reply = TuneResult(prefill=3.0).model_dump_json()
    child._command = [sys.executable, "-c", f"input(); print({reply!r})"]
    assert child.measure(ONE, 60.0).prefill == 3.0


def test_a_process_that_hangs_is_ended(child: Child) -> None:
    child._command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with pytest.raises(OutOfTimeError):
        child.measure(ONE, 0.2)
    assert child._process is None


def test_a_file_that_is_no_model_is_an_answer(child: Child) -> None:
    assert "cannot be loaded" in str(child.measure(ONE, 60.0).error)


def test_a_process_gives_way_at_once(child: Child) -> None:
    child._command = [sys.executable, "-c", "import time; time.sleep(600)"]
    child.ask("now")
    looked: list[None] = []

    def give_way() -> bool:
        looked.append(None)
        return len(looked) == 3

    with pytest.raises(GaveWayError):
        child.next_line(600.0, give_way)
    assert child._process is None


# --- who reads prompts -----------------------------------------------------------------------


def news(*told: ReaderNews, then: str = "") -> MeasuringProcess:
    """A process that tells so much and then does something else."""
    lines = [one.model_dump_json() for one in told]
    code = f"import time; input(); [print(one, flush=True) for one in {lines!r}]; {then or 'pass'}"
    return MeasuringProcess([sys.executable, "-c", code])


ESTIMATE = PrefillChoice(
    torch="2", format="int8", tokens_per_s={"int8": 3.0, "llama": 2.0}, estimated=True
)
MEASURED = ESTIMATE.model_copy(update={"estimated": False, "divergence": {"int8": 0.01}})
REQUEST = ReaderRequest(
    file=Path("model.gguf"),
    digest="d",
    cache=Path("cache"),
    cells=1024,
    memory_limit=None,
    parameters=ONE,
    seconds=1.0,
    whole=True,
    gentle=False,
)


@pytest.mark.parametrize(
    ("told", "then", "found"),
    [
        ((ESTIMATE, MEASURED), "time.sleep(600)", MEASURED),
        ((ESTIMATE,), "time.sleep(600)", ESTIMATE),
        ((), "time.sleep(600)", None),
        ((ESTIMATE,), "import os; os.kill(os.getpid(), 4)", ESTIMATE),
        ((), "raise ValueError('odd')", None),
    ],
    ids=["whole", "estimate", "nothing", "died", "failed"],
)
def test_what_is_known_by_the_end_of_the_time_is_kept(
    told: tuple[PrefillChoice, ...],
    then: str,
    found: PrefillChoice | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = news(ReaderNews(), *[ReaderNews(choice=one) for one in told], then=then)
    monkeypatch.setattr(tuning.quick, "start_process", lambda: made)
    said: list[str] = []
    began = time.monotonic()
    assert tuning.measure_reader(REQUEST, began + 3.0, said.append) == found
    assert bool(said) == ("sleep" not in then)
    assert made._process is None


def test_what_cannot_be_measured_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    made = news(ReaderNews(error="It needs memory."))
    monkeypatch.setattr(tuning.quick, "start_process", lambda: made)
    said: list[str] = []
    assert tuning.measure_reader(REQUEST, time.monotonic() + 60, said.append) is None
    assert said == ["prompts read by PyTorch: It needs memory."]


@pytest.mark.llm
def test_the_smallest_model_is_measured_in_every_way() -> None:
    others = [{"flash_attention": False}, {"micro_batch": 64, "kv_type": "q8_0"}]
    with Child(need_model(TINY)) as child:
        answers = [child.measure(ONE.model_copy(update=one), 300.0) for one in others]
    assert all(one.prefill > 0 and one.decode > 0 for one in answers)
    assert {one.layers for one in answers} == {31}


@pytest.mark.llm
def test_the_command_records_what_the_engine_then_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need_model(TINY)
    (tmp_path / "models").symlink_to(CACHE / "models")
    monkeypatch.setenv("BELEGT_CACHE", str(tmp_path))
    monkeypatch.setenv("BELEGT_LLM", TINY)
    assert main(["tune", "--seconds", "50", "--json"]) == 0
    shown = capsys.readouterr()
    found = read_tuning(tmp_path)
    assert found is not None
    assert json.loads(shown.out) == json.loads(found.model_dump_json())
    assert "tokens/s read" in shown.err
    assert found.chosen().prefill_tokens_per_s
    assert describe(found.parameters) in tune_command.render_tuning(found)
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["tuning_unused"] is None
    assert report["parameters"] == found.parameters.model_dump()


@pytest.mark.parametrize("seconds", ["4", "nan", "1e9"])
def test_a_time_that_cannot_be_used(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "--seconds", seconds]) == 2
    assert "it must be from 5 to 3600" in capsys.readouterr().err


def test_a_missing_model_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="belegt models pull"):
        tuning.tune(Settings(cache=tmp_path), 10.0, lambda _: None)
