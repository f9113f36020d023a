"""The short measurement: when it is made, what it leaves behind, to whom it gives way."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import ScriptedEngine
from real_models import CACHE, TINY, need_model

from base.errors import BelegtError
from base.settings import Settings
from models.native.hardware import Hardware
from models.native.tuning import (
    FILE,
    EngineParameters,
    Try,
    Tuning,
    gather_facts,
    read_tuning,
    write_tuning,
)
from models.store import ModelStore
from qa.cli import tune_command
from qa.cli.main import main
from qa.engine.protocol import EngineDescription
from qa.engine.torch_prefill.architecture import Architecture
from qa.engine.torch_prefill.choice import PrefillChoice, recorded_choice, torch_version
from qa.engine.torch_prefill.sample import SampledLayers
from qa.engine.tune import idle, quick
from qa.engine.tune.idle import IdleMeasurement
from qa.engine.tune.process import GaveWayError, MeasuringProcess
from qa.engine.tune.quick import QuickMeasurement, say_choice
from qa.engine.tune.reader_child import ReaderNews

HERE = Hardware(machine="x86_64", processor="Some CPU", features=(), cores=2)
FASTER = PrefillChoice(
    torch=torch_version(),
    format="int8",
    tokens_per_s={"int8": 351.0, "llama": 200.0},
    estimated=True,
)
SLOWER = FASTER.model_copy(update={"format": None, "reasons": {"int8": "it reads 90 tokens/s"}})
DIGEST = "d" * 64


@pytest.fixture(autouse=True)
def this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "detect_hardware", lambda: HERE)
    monkeypatch.setattr(ModelStore, "path", lambda *_: Path("model.gguf"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path, tune="auto")


def telling(monkeypatch: pytest.MonkeyPatch, *told: ReaderNews, then: str = "pass") -> list[str]:
    """Have a process tell so much and then do something else; one entry for each that is begun."""
    lines = [one.model_dump_json() for one in told]
    code = f"import time; input(); [print(one, flush=True) for one in {lines!r}]; {then}"
    begun: list[str] = []

    def start() -> MeasuringProcess:
        begun.append(code)
        return MeasuringProcess([sys.executable, "-c", code])

    monkeypatch.setattr(quick, "start_process", start)
    return begun


def recorded(settings: Settings) -> PrefillChoice | None:
    return recorded_choice(settings, DIGEST, HERE)[0]


def searched(settings: Settings, choice: PrefillChoice) -> Tuning:
    """What the long search wrote."""
    parameters = EngineParameters(threads=2, threads_batch=2)
    record = Tuning(
        facts=gather_facts("model", DIGEST, HERE),
        parameters=parameters,
        layers=3,
        prompt_tokens=1,
        decoded_tokens=1,
        tries=(Try(parameters=parameters),),
        not_tried=(),
        date="2026-11-27",
        seconds=1.0,
        prefill=choice.model_dump(mode="json"),
    )
    write_tuning(settings.cache, record)
    return record


# --- when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, ""),
        ({"tune": "off"}, "BELEGT_TUNE is off"),
        ({"prefill": "llama"}, "BELEGT_PREFILL is llama"),
        ({"prefill": "torch"}, "BELEGT_PREFILL is torch"),
        ({"engine": "http://127.0.0.1:1/v1"}, "another server"),
        ({"kv_type": "q8_0"}, "keys and values"),
        ({"flash_attention": False}, "keys and values"),
    ],
)
def test_it_is_made_only_where_it_decides_something(
    settings: Settings, changed: dict[str, object], reason: str
) -> None:
    found = QuickMeasurement(settings.model_copy(update=changed), DIGEST).reason_against()
    assert (reason in found) if reason else (found == "")


def test_a_gpu_leaves_nothing_to_measure(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = HERE.model_copy(update={"gpus": ("Some GPU",)})
    monkeypatch.setattr(quick, "detect_hardware", lambda: gpu)
    assert "GPU" in QuickMeasurement(settings, DIGEST).reason_against()


def test_no_test_makes_it_by_accident(tmp_path: Path) -> None:
    assert Settings(cache=tmp_path).tune == "off"


# --- what it leaves behind -------------------------------------------------------------------


@pytest.mark.parametrize("choice", [FASTER, SLOWER])
def test_it_is_remembered_and_not_made_again(
    settings: Settings, choice: PrefillChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(monkeypatch, ReaderNews(), ReaderNews(choice=choice))
    assert QuickMeasurement(settings, DIGEST).run() == choice
    assert recorded(settings) == choice
    assert "before" in QuickMeasurement(settings, DIGEST).reason_against()
    assert QuickMeasurement(settings, "e" * 64).reason_against() == ""


def test_what_the_long_search_found_comes_first_and_stays(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(monkeypatch, ReaderNews(), ReaderNews(choice=FASTER))
    long = searched(settings, SLOWER)
    assert "before" in QuickMeasurement(settings, DIGEST).reason_against()
    QuickMeasurement(settings, DIGEST).run()
    assert read_tuning(settings.cache) == long
    assert recorded(settings) == SLOWER


@pytest.mark.parametrize(
    ("told", "then", "said"),
    [
        ((ReaderNews(error="It needs memory."),), "pass", "needs memory"),
        ((ReaderNews(),), "import os; os.kill(os.getpid(), 4)", "died of SIGILL"),
        ((ReaderNews(),), "time.sleep(600)", "more than"),
        ((), "time.sleep(600)", "more than"),
    ],
)
def test_what_is_not_known_is_not_remembered(
    settings: Settings,
    told: tuple[ReaderNews, ...],
    then: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quick, "SECONDS", 0.5)
    monkeypatch.setattr(quick, "LOADING_S", 2.0)
    telling(monkeypatch, *told, then=then)
    with pytest.raises(BelegtError, match=said):
        QuickMeasurement(settings, DIGEST).run()
    assert recorded(settings) is None


def test_it_gives_way(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    telling(monkeypatch, ReaderNews(), ReaderNews(choice=FASTER), then="time.sleep(600)")
    with pytest.raises(GaveWayError):
        QuickMeasurement(settings, DIGEST).run(lambda: True)
    assert recorded(settings) is None


def test_the_line_names_the_choice_and_what_would_be_faster() -> None:
    assert "PyTorch in 8 bits, about 1.8 times as fast" in say_choice(FASTER)
    assert "llama.cpp" in say_choice(SLOWER)
    assert "it reads 90 tokens/s" in say_choice(SLOWER)
    assert all("belegt tune" in say_choice(one) for one in (FASTER, SLOWER))


# --- the command -----------------------------------------------------------------------------


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, str]]:
    monkeypatch.setenv("BELEGT_CACHE", str(tmp_path))
    monkeypatch.setattr(ModelStore, "digest", lambda *_: DIGEST)

    def run(*arguments: str, tune: str = "auto") -> tuple[str, str]:
        monkeypatch.setenv("BELEGT_TUNE", tune)
        assert main(["tune", "--quick", *arguments]) == 0
        shown = capsys.readouterr()
        return shown.out, shown.err

    return run


def test_the_command_measures_once(
    command: Callable[..., tuple[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun = telling(monkeypatch, ReaderNews(), ReaderNews(choice=FASTER))
    out, err = command("--json")
    assert json.loads(out)["format"] == "int8"
    assert "1.8 times as fast" in err
    out, err = command()
    assert (out, len(begun)) == ("", 1)
    assert "measured before" in err
    assert not (tmp_path / FILE).exists()


def test_the_command_does_nothing_where_it_is_off(
    command: Callable[..., tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = telling(monkeypatch)
    assert "BELEGT_TUNE is off" in command(tune="off")[1]
    assert begun == []


def test_what_cannot_be_measured_fails_nothing(
    command: Callable[..., tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(monkeypatch, ReaderNews(error="It needs 2 GB of memory."))
    assert "not measured: It needs 2 GB of memory." in command()[1]


# --- a server --------------------------------------------------------------------------------


class Server(ScriptedEngine):
    """Counts how often it was told to get ready, and looks who asks."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared = 0
        self.looks = 0
        self.asked_at: set[int] = set()

    def describe(self) -> EngineDescription:
        return super().describe().model_copy(update={"digest": DIGEST})

    def prepare_prefill(self, seconds: float = 0.0) -> bool:
        self.prepared += 1
        return seconds > 0

    def occupancy(self) -> dict[str, int]:
        self.looks += 1
        return {"cells": 0, "open": int(self.looks in self.asked_at), "waiting": 0}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(idle, "IDLE_S", 0.02)
    monkeypatch.setattr(idle, "_LOOK_S", 0.01)
    return Server()


def test_a_server_measures_and_takes_it_up(
    server: Server,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "belegt.tune")
    begun = telling(monkeypatch, ReaderNews(), ReaderNews(choice=FASTER))
    IdleMeasurement(server, settings).run(threading.Event())
    assert (len(begun), server.prepared) == (1, 1)
    assert "1.8 times as fast" in caplog.text
    IdleMeasurement(server, settings).run(threading.Event())
    assert len(begun) == 1


def test_where_llama_is_faster_nothing_is_made_ready(
    server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(monkeypatch, ReaderNews(), ReaderNews(choice=SLOWER))
    IdleMeasurement(server, settings).run(threading.Event())
    assert server.prepared == 0


def test_a_question_ends_the_measurement_which_is_made_afterwards(
    server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = telling(monkeypatch, ReaderNews(), ReaderNews(choice=FASTER))
    # Two looks before it begins, the next while it runs.
    server.asked_at = {3}
    IdleMeasurement(server, settings).run(threading.Event())
    assert len(begun) == 2
    assert recorded(settings) == FASTER


def test_a_server_that_is_always_asked_is_left_alone(
    server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = telling(monkeypatch)
    closing = threading.Event()
    monkeypatch.setattr(server, "occupancy", lambda: closing.set() or {"open": 1})
    IdleMeasurement(server, settings).run(closing)
    assert begun == []


@pytest.mark.parametrize("changed", [{"tune": "off"}, {"prefill": "llama"}, {"engine": "http://h"}])
def test_a_server_is_not_even_looked_at_where_settings_say_no(
    server: Server,
    settings: Settings,
    changed: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = telling(monkeypatch)
    IdleMeasurement(server, settings.model_copy(update=changed)).run(threading.Event())
    assert (begun, server.looks) == ([], 0)


def test_what_a_server_cannot_measure_is_logged(
    server: Server,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "belegt.tune")
    telling(monkeypatch, ReaderNews(error="It needs memory."))
    IdleMeasurement(server, settings).run(threading.Event())
    assert "not measured: It needs memory." in caplog.text


# --- layers of the right size ----------------------------------------------------------------


@pytest.mark.parametrize("layers", [1, 2, 9])
@pytest.mark.parametrize("format_", ["int8", "mixed", "bfloat16"])
def test_layers_of_every_format_are_timed(layers: int, format_: str) -> None:
    shape = Architecture(
        name="qwen2",
        layers=layers,
        width=64,
        heads=4,
        kv_heads=2,
        head_size=16,
        feed_forward=96,
        epsilon=1e-6,
        rotary_base=10_000.0,
        rotary_neighbours=False,
        biases=True,
        vocabulary=50,
    )
    sampled = SampledLayers(shape, format_, 80_000)  # type: ignore[arg-type]
    assert len(sampled._network._layers) == {1: 2, 2: 2, 9: 4}[layers]
    assert sampled.seconds(32) > 0


@pytest.mark.llm
def test_the_smallest_model_is_measured_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    need_model(TINY)
    (tmp_path / "models").symlink_to(CACHE / "models")
    for name, value in (("CACHE", str(tmp_path)), ("LLM", TINY), ("TUNE", "auto")):
        monkeypatch.setenv(f"BELEGT_{name}", value)
    assert main(["tune", "--quick", "--json"]) == 0
    shown = capsys.readouterr()
    choice = PrefillChoice.model_validate_json(shown.out)
    assert choice.estimated
    assert choice.tokens_per_s["llama"] > 0
    assert not (tmp_path / "prefill").exists(), "nothing is unpacked for it"
    assert tune_command.measure_reader(Settings(cache=tmp_path)) is None
    assert "measured before" in capsys.readouterr().err
