from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from base.errors import BelegtError, UsageError
from base.settings import Settings, load_settings
from models.native.hardware import Hardware
from models.native.tuning import (
    FILE,
    EngineParameters,
    Try,
    Tuning,
    TuningFacts,
    chosen_parameters,
    describe,
    engine_parameters,
    gather_facts,
    read_tuning,
    staleness,
    write_tuning,
)

HERE = TuningFacts(
    model="model",
    model_digest="d1",
    library="0.3.36",
    build="b1",
    processor="Some CPU",
    cores=4,
    gpus=(),
)
BEST = EngineParameters(threads=4, threads_batch=8, micro_batch=128, flash_attention=False)


def tuning(facts: TuningFacts = HERE, parameters: EngineParameters = BEST) -> Tuning:
    return Tuning(
        facts=facts,
        parameters=parameters,
        layers=29,
        prompt_tokens=300,
        decoded_tokens=24,
        tries=(
            Try(
                parameters=parameters,
                prefill_tokens_per_s=(100.0, 110.0),
                decode_tokens_per_s=(20.0, 21.0),
            ),
        ),
        not_tried=("kv_type q8_0",),
        date="2025-11-22",
        seconds=80.0,
        prefill={"format": "bfloat16"},
    )


PARAMETERS = st.builds(
    EngineParameters,
    threads=st.integers(1, 512),
    threads_batch=st.integers(1, 512),
    flash_attention=st.booleans(),
    micro_batch=st.integers(1, 512),
    kv_type=st.sampled_from(["f16", "q8_0"]),
    gpu_layers=st.integers(-1, 99),
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    cache = tmp_path / "new" / "cache"
    assert read_tuning(cache) is None
    write_tuning(cache, tuning())
    assert read_tuning(cache) == tuning()
    write_tuning(cache, tuning(parameters=EngineParameters(threads=1, threads_batch=1)))
    found = read_tuning(cache)
    assert found is not None
    assert found.parameters.threads == found.chosen().parameters.threads == 1
    assert [one.name for one in cache.iterdir()] == [FILE]


@pytest.mark.parametrize("content", ["", "{}", '{"parameters": 1}', "\0\0", '{"facts": null}'])
def test_a_damaged_record_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    assert read_tuning(tmp_path) is None


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BelegtError, match=r"cannot be written .*set BELEGT_CACHE"):
        write_tuning(tmp_path / "file", tuning())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"model": "renamed"}, None),
        ({"model_digest": "d2", "model": "other"}, "with the model model, not with other"),
        ({"library": "0.4"}, "with llama-cpp-python 0.3.36, now it is 0.4"),
        ({"build": "b2"}, "with the native build b1, now it is b2"),
        ({"processor": "Another"}, "on the processor Some CPU, now it is Another"),
        ({"cores": 2}, "with usable cores: 4, now it is 2"),
        ({"gpus": ("H200",)}, "with GPUs: none, now it is H200"),
    ],
)
def test_a_record_of_other_facts_is_stale(change: dict[str, object], said: str | None) -> None:
    found = staleness(tuning(), HERE.model_copy(update=change))
    assert (found is None) if said is None else (found is not None and said in found)


def test_defaults_are_all_cores() -> None:
    assert engine_parameters(load_settings(), None, 3) == EngineParameters(
        threads=3, threads_batch=3
    )


@given(PARAMETERS)
def test_without_settings_the_record_is_used(parameters: EngineParameters) -> None:
    assert engine_parameters(Settings(), tuning(parameters=parameters), 2) == parameters


@given(PARAMETERS)
def test_what_a_person_sets_comes_first(recorded: EngineParameters) -> None:
    given_settings = Settings(
        threads=3, threads_batch=5, flash_attention=True, micro_batch=64, kv_type="q8_0",
        gpu_layers=7,
    )  # fmt: skip
    expected = EngineParameters(
        threads=3, threads_batch=5, micro_batch=64, kv_type="q8_0", gpu_layers=7
    )
    assert engine_parameters(given_settings, tuning(parameters=recorded), 2) == expected
    alone = engine_parameters(Settings(threads=3), tuning(parameters=recorded), 2)
    assert (alone.threads, alone.threads_batch) == (3, 3)
    assert alone.micro_batch == recorded.micro_batch


@given(st.sampled_from([None, True, False]), st.sampled_from([None, "f16", "q8_0"]), PARAMETERS)
def test_quantised_values_never_go_without_flash_attention(
    flash: bool | None, kv_type: str | None, recorded: EngineParameters
) -> None:
    # A record is of something that ran.
    if recorded.kv_type == "q8_0":
        recorded = recorded.model_copy(update={"flash_attention": True})
    settings = Settings(flash_attention=flash, kv_type=kv_type)  # type: ignore[arg-type]
    if flash is False and kv_type == "q8_0":
        with pytest.raises(UsageError, match="BELEGT_KV_TYPE is q8_0, which needs flash"):
            engine_parameters(settings, tuning(parameters=recorded), 2)
        return
    found = engine_parameters(settings, tuning(parameters=recorded), 2)
    assert found.flash_attention or found.kv_type == "f16"
    assert kv_type in (None, found.kv_type)
    assert flash in (None, found.flash_attention)


def test_only_a_record_of_this_machine_and_model_is_used(tmp_path: Path) -> None:
    from models.native.hardware import detect_hardware

    settings = Settings(cache=tmp_path)
    facts = gather_facts("model", "d1", detect_hardware())
    plain = engine_parameters(settings, None, detect_hardware().cores)
    write_tuning(tmp_path, tuning(facts))
    assert chosen_parameters(settings, "model", "d1") == BEST
    assert chosen_parameters(settings, "model", "d2") == plain
    write_tuning(tmp_path, tuning(facts.model_copy(update={"cores": 99})))
    assert chosen_parameters(settings, "model", "d1") == plain


def test_facts_name_the_machine() -> None:
    machine = Hardware(machine="x86_64", processor="P", features=(), cores=6, gpus=("G",))
    facts = gather_facts("model", "digest", machine)
    assert (facts.processor, facts.cores, facts.gpus) == ("P", 6, ("G",))


def test_parameters_are_said_in_words() -> None:
    assert describe(BEST) == (
        "4 threads (8 while reading), no flash attention, micro-batch 128, keys and values in f16"
    )
    assert describe(EngineParameters(threads=1, threads_batch=1)).startswith("1 thread, flash")


@pytest.mark.parametrize("bad", [{"micro_batch": 513}, {"threads": 0}, {"kv_type": "q4_0"}])
def test_parameters_that_the_engine_cannot_use_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EngineParameters.model_validate({"threads": 1, "threads_batch": 1, **bad})
