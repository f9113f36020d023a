"""Building, proving and falling back, with stand-ins for the compiler's work."""

from __future__ import annotations

import sys
import textwrap
import zipfile
from pathlib import Path

import pytest
from model_helpers import make_wheel

from base import ticker
from base.errors import BelegtError, UsageError
from base.settings import Settings, load_settings
from models.native import build
from models.native.build import ensure_native, installed_build, kept_build, prove_build
from models.native.compilers import Compiler
from models.native.hardware import Hardware, detect_hardware

GOOD = """
    import numpy as np, ctypes
    __version__ = "0"
    logits = (ctypes.c_float * 4)(0.0, 1.0, 2.0, 3.0)
    def llama_get_logits_ith(context, row): return logits
    def llama_print_system_info(): return b"CPU : AVX2 = 1 | "
    def llama_supports_gpu_offload(): return False
    class Llama:
        ctx = None
        def __init__(self, **options): pass
        def n_vocab(self): return 4
        def tokenize(self, text): return list(range(1000))
        def reset(self): pass
        def eval(self, tokens): pass
"""
DIES = GOOD + "        def eval(self, tokens): import os; os.kill(os.getpid(), 11)\n"
NONSENSE = GOOD + "        def eval(self, tokens): logits[len(tokens) % 4] = float('nan')\n"


def wheel_of(source: str, folder: Path) -> Path:
    wheel = folder / "llama_cpp_python-0-py3-none-any.whl"
    make_wheel(wheel, {"llama_cpp/__init__.py": textwrap.dedent(source).encode()})
    return wheel


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine with AMX and an old GCC; returns the labels of what gets built."""
    built: list[str] = []
    amx = Hardware(
        machine="x86_64", processor="x", features=("amx_int8", "amx_tile", "avx2"), cores=2
    )
    gcc = Compiler("gcc", "gcc", "g++", (12, 2, 0), "gcc (Debian) 12.2.0")
    monkeypatch.setattr(build, "detect_hardware", lambda: amx)
    monkeypatch.setattr(build, "find_compilers", lambda: [gcc])
    monkeypatch.setattr(build, "_marker", lambda: tmp_path / "marker.json")
    monkeypatch.setattr(build, "_proof_model", lambda settings: tmp_path / "model.gguf")
    monkeypatch.setattr(build, "_install", lambda wheel: built.append(f"install {wheel.name}"))
    return built


def builds(monkeypatch: pytest.MonkeyPatch, log: list[str], *sources: str) -> None:
    waiting = list(sources)

    def build_wheel(recipe: build.Recipe, folder: Path) -> Path:
        log.append(recipe.label)
        return wheel_of(waiting.pop(0), folder)

    monkeypatch.setattr(build, "build_wheel", build_wheel)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(cache=tmp_path / "cache")


FIRST, SAFE = "gcc 12.2.0, native, -fno-tree-dse -fno-dse", "gcc 12.2.0, without AMX"
INSTALLED = "install llama_cpp_python-0-py3-none-any.whl"


def test_a_build_that_runs_is_proved_installed_and_recorded(
    machine: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds(monkeypatch, machine, GOOD)
    build = ensure_native(settings)
    assert machine == [FIRST, INSTALLED]
    assert build.proof.agreement == 1
    assert installed_build() == build
    assert kept_build(settings.cache / "wheels" / build.key) == build


def test_what_is_installed_is_left_alone(
    machine: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds(monkeypatch, machine, GOOD)
    assert ensure_native(settings) == ensure_native(settings)
    assert machine == [FIRST, INSTALLED]


def test_another_clone_installs_the_kept_wheel(
    machine: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    builds(monkeypatch, machine, GOOD)
    ensure_native(settings)
    (tmp_path / "marker.json").unlink()
    ensure_native(settings)
    assert machine == [FIRST, INSTALLED, INSTALLED]


@pytest.mark.parametrize("broken", [DIES, NONSENSE])
def test_a_library_that_fails_gives_way_to_the_next_choice(
    broken: str,
    machine: list[str],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    builds(monkeypatch, machine, broken, GOOD)
    assert ensure_native(settings).recipe.label == SAFE
    assert machine == [FIRST, SAFE, INSTALLED]
    assert f"{FIRST}: did not run here" in capsys.readouterr().err


def test_what_failed_once_is_not_built_again(
    machine: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    builds(monkeypatch, machine, DIES, GOOD)
    ensure_native(settings)
    (tmp_path / "marker.json").unlink()
    ensure_native(settings)
    assert machine == [FIRST, SAFE, INSTALLED, INSTALLED]


def test_nothing_that_runs_is_one_sentence(
    machine: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds(monkeypatch, machine, DIES, DIES)
    with pytest.raises(BelegtError, match=r"No build of llama-cpp-python .* runs on this machine"):
        ensure_native(settings)
    assert installed_build() is None


def test_a_damaged_wheel_is_built_again(
    machine: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    builds(monkeypatch, machine, GOOD, GOOD)
    build = ensure_native(settings)
    (settings.cache / "wheels" / build.key / build.wheel).write_bytes(b"cut off")
    (tmp_path / "marker.json").unlink()
    ensure_native(settings)
    assert machine == [FIRST, INSTALLED, FIRST, INSTALLED]


def test_a_missing_compiler_names_the_command(
    machine: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "find_compilers", list)
    with pytest.raises(UsageError, match=r"run: sudo apt-get install g\+\+"):
        ensure_native(settings)


def test_a_build_without_its_sources_is_no_fault_of_the_recipe(
    machine: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(label: str, command: list[str], environment: object, log: Path) -> int:
        log.write_text("ERROR: Could not find a version\n")
        return 1

    monkeypatch.setattr(build, "run_with_ticker", no_network)
    with pytest.raises(BelegtError, match="pip could not get the sources"):
        ensure_native(settings)
    assert not list((settings.cache / "wheels").rglob("failed.json"))


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "build.json").write_text("{")
    assert kept_build(tmp_path) is None


def test_the_ticker_returns_the_code_and_keeps_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ticker, "POLL_S", 0.01)
    monkeypatch.setattr(ticker, "LOG_INTERVAL_S", 0.0)
    log = tmp_path / "log"
    script = "import time; print('[3/7] x.cpp', flush=True); time.sleep(0.3); raise SystemExit(5)"
    assert ticker.run_with_ticker("build", [sys.executable, "-c", script], {}, log) == 5
    assert log.read_text() == "[3/7] x.cpp\n"
    shown = capsys.readouterr().err
    assert "build: 0:00, step 3 of 7" in shown
    assert "build: finished after" in shown


@pytest.mark.llm
def test_the_kept_library_proves_itself(tmp_path: Path) -> None:
    from models.store import ModelStore

    kept = load_settings()
    installed = installed_build()
    if installed is None:
        pytest.skip("the library of this environment was not built by belegt")
    model = ModelStore(kept.cache).path(build.SMALLEST_MODEL)
    wheel = kept.cache / "wheels" / installed.key / installed.wheel
    assert zipfile.is_zipfile(wheel)
    assert prove_build(wheel, model, detect_hardware()).agreement > 0.97
