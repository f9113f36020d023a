from __future__ import annotations

from pathlib import Path

import pytest

from base.errors import BelegtError
from base.settings import Settings
from models.native.hardware import Hardware
from models.native.tuning import EngineParameters, Try, Tuning, gather_facts, write_tuning
from qa.engine.torch_prefill import setup as prefill_setup
from qa.engine.torch_prefill.choice import (
    PrefillChoice,
    QuickRecord,
    read_quick,
    recorded_choice,
    torch_version,
    write_quick,
)

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


def quick(choice: PrefillChoice, digest: str = "d", name: str = "model") -> QuickRecord:
    facts = gather_facts(name, digest, HERE)
    return QuickRecord(facts=facts, choice=choice, date="2026-11-27", seconds=9.0)


def test_the_short_measurement_holds_where_the_long_one_does_not(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path, tune="auto")
    write_quick(tmp_path, quick(FASTER, name="renamed"))
    assert recorded_choice(settings, "d", HERE) == (FASTER, "")
    record(settings, None)
    assert recorded_choice(settings, "d", HERE)[0] == FASTER
    record(settings, FASTER.model_dump(), digest="other")
    assert recorded_choice(settings, "d", HERE)[0] == FASTER
    record(settings, SLOWER.model_dump())
    assert recorded_choice(settings, "d", HERE)[0] == SLOWER


def test_the_short_measurement_is_remembered_for_each_model_and_machine(tmp_path: Path) -> None:
    settings = Settings(cache=tmp_path, tune="auto")
    write_quick(tmp_path, quick(FASTER))
    write_quick(tmp_path, quick(SLOWER, "e"))
    assert recorded_choice(settings, "d", HERE)[0] == FASTER
    assert recorded_choice(settings, "e", HERE)[0] == SLOWER
    assert recorded_choice(settings, "f", HERE)[0] is None
    other = HERE.model_copy(update={"processor": "Another CPU"})
    assert recorded_choice(settings, "d", other)[0] is None
    write_quick(tmp_path, quick(FASTER.model_copy(update={"torch": "1.0"})))
    assert recorded_choice(settings, "d", HERE)[0] is None


def test_who_wants_no_short_measurement_goes_by_none(tmp_path: Path) -> None:
    write_quick(tmp_path, quick(FASTER))
    settings = Settings(cache=tmp_path, tune="off")
    assert recorded_choice(settings, "d", HERE)[0] is None
    record(settings, FASTER.model_dump())
    assert recorded_choice(settings, "d", HERE)[0] == FASTER


def test_a_damaged_short_record_counts_as_none(tmp_path: Path) -> None:
    write_quick(tmp_path, quick(FASTER))
    (file,) = (tmp_path / "tuning").iterdir()
    file.write_text("{}")
    assert read_quick(tmp_path, gather_facts("model", "d", HERE)) is None


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BelegtError, match=r"cannot be written .*set BELEGT_CACHE"):
        write_quick(tmp_path / "file", quick(FASTER))


@pytest.mark.parametrize(
    ("rates", "gain"), [({"llama": 2.0, "int8": 3.0, "mixed": 1.0}, 1.5), ({"llama": 2.0}, 0.0)]
)
def test_the_gain_is_that_of_the_fastest(rates: dict[str, float], gain: float) -> None:
    assert FASTER.model_copy(update={"tokens_per_s": rates}).gain() == gain


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
