from __future__ import annotations

from pathlib import Path

import pytest

from base.settings import Settings
from models.native.hardware import Hardware
from models.native.tuning import EngineParameters, Try, Tuning, gather_facts, write_tuning
from qa.engine.torch_prefill import setup as prefill_setup
from qa.engine.torch_prefill.choice import PrefillChoice, recorded_choice, torch_version

HERE = Hardware(machine="x86_64", processor="Some CPU", features=(), cores=2)
PARAMETERS = EngineParameters(threads=2, threads_batch=2)
FASTER = PrefillChoice(torch=torch_version(), format="int8", tokens_per_s={"int8": 2, "llama": 1})
SLOWER = PrefillChoice(torch=torch_version(), format=None, reasons={"int8": "it is slower"})


@pytest.fixture(autouse=True)
def this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefill_setup, "detect_hardware", lambda: HERE)


def record(settings: Settings, prefill: dict[str, object] | None, digest: str = "d") -> None:
    write_tuning(
        settings.cache,
        Tuning(
            facts=gather_facts("model", digest, HERE),
            parameters=PARAMETERS,
            layers=3,
            prompt_tokens=1,
            decoded_tokens=1,
            tries=(Try(parameters=PARAMETERS),),
            not_tried=(),
            date="2026-11-22",
            seconds=1.0,
            prefill=prefill,
        ),
    )


def described(
    settings: Settings, parameters: EngineParameters = PARAMETERS, *, context: object = None
) -> str:
    setup = prefill_setup.Setup(
        Path("model.gguf"),
        "d",
        settings,
        parameters,
        context,  # type: ignore[arg-type]
        lambda _: [],
        first_sequence=9,
    )
    return prefill_setup.make_prefill(setup).describe()


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path)
    record(settings, FASTER.model_dump())
    assert recorded_choice(settings, "d", HERE) == (FASTER, "")


@pytest.mark.parametrize(
    ("prefill", "reason"),
    [
        (None, "has not measured"),
        ({"format": "float8"}, "another version of belegt"),
        (FASTER.model_copy(update={"torch": "1.0"}).model_dump(), "PyTorch 1.0"),
    ],
)
def test_what_does_not_hold_is_said(
    tmp_path: Path, prefill: dict[str, object] | None, reason: str
) -> None:
    settings = Settings(cache=tmp_path)
    assert "has not measured" in recorded_choice(settings, "d", HERE)[1]
    record(settings, prefill)
    choice, why = recorded_choice(settings, "d", HERE)
    assert choice is None
    assert reason in why


def test_a_record_of_another_model_does_not_hold(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path)
    record(settings, FASTER.model_dump(), digest="other")
    assert "measured with the model" in recorded_choice(settings, "d", HERE)[1]


def test_auto_follows_the_record(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path)
    assert "has not measured" in described(settings)
    record(settings, FASTER.model_dump())
    assert "not ready yet" in described(settings)
    record(settings, SLOWER.model_dump())
    assert described(settings) == "llama.cpp (it is slower)"


def test_a_person_decides_otherwise(tmp_path: Path) -> None:
    record(Settings(cache=tmp_path), SLOWER.model_dump())
    assert "not ready yet" in described(Settings(cache=tmp_path, prefill="torch"))
    record(Settings(cache=tmp_path), FASTER.model_dump())
    assert "BELEGT_PREFILL" in described(Settings(cache=tmp_path, prefill="llama"))


@pytest.mark.parametrize(
    "changed", [{"kv_type": "q8_0"}, {"flash_attention": False}], ids=["kv_type", "attention"]
)
def test_other_keys_and_values_are_llamas(tmp_path: Path, changed: dict[str, object]) -> None:
    parameters = PARAMETERS.model_copy(update=changed)
    settings = Settings(cache=tmp_path, prefill="torch")
    assert "keys and values" in described(settings, parameters)


def test_a_gpu_reads_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = HERE.model_copy(update={"gpus": ("Some GPU",)})
    monkeypatch.setattr(prefill_setup, "detect_hardware", lambda: gpu)
    assert "GPU" in described(Settings(cache=tmp_path, prefill="torch"))
