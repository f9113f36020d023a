from __future__ import annotations

import re
from pathlib import Path

import pytest

from base.files import sha256_of
from base.settings import Settings, load_settings
from models.native.advice import MachineFacts, advise, used_features
from models.native.doctor import collect_report, render_report
from models.native.hardware import Hardware, detect_hardware
from models.native.library import ask_library
from models.native.tuning import EngineParameters, Try, Tuning, gather_facts, write_tuning
from models.store import ModelState

FEATURES = ("avx2", "avx512_bf16", "avx512_vnni", "avx512f", "f16c", "fma")
PLAIN = Hardware(machine="x86_64", processor="x", features=FEATURES, cores=4)
AMX = PLAIN.model_copy(update={"features": (*FEATURES, "amx_int8", "amx_tile", "amx_bf16")})
GPU = PLAIN.model_copy(update={"gpus": ("H200",), "nvcc": "/usr/bin/nvcc"})
OLD = PLAIN.model_copy(update={"features": ("avx2", "f16c", "fma")})
INFO = (
    "CPU : AVX2 = 1 | F16C = 1 | FMA = 1 | AVX512 = 1 | AVX512_VNNI = 1 | AVX512_BF16 = 1 | "
    "REPACK = 1 | "
)


def found(**facts: object) -> MachineFacts:
    usual: dict[str, object] = {
        "settings": load_settings(),
        "hardware": PLAIN,
        "system_info": INFO,
        "build_key": "a",
        "build_label": "clang 19, native",
        "best_key": "a",
        "best_label": "clang 19, native",
        "has_clang": True,
    }
    return MachineFacts(**{**usual, **facts})  # type: ignore[arg-type]


def settings(**values: object) -> Settings:
    return load_settings(**values)


def test_a_machine_used_to_the_full_needs_no_advice() -> None:
    assert advise(found()) == []
    assert advise(found(hardware=AMX, system_info=INFO + "AMX_INT8 = 1 | ")) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"hardware": AMX}, "has AMX, but the library does not use it; run: make native"),
        ({"system_info": "AVX2 = 1 | F16C = 1 | FMA = 1 | "}, "not use AVX512, AVX512_VNNI"),
        ({"has_clang": False}, "sudo apt-get install clang libomp-dev, then make native"),
        ({"best_key": "b", "build_label": "gcc 12"}, "built with gcc 12, but clang 19"),
        ({"build_key": None}, "not built for this machine by belegt; run: make native"),
        ({"library_error": "No module"}, r"does not load \(No module\); run: make native"),
        ({"settings": settings(threads=2)}, "BELEGT_THREADS is 2, but 4 cores can be used"),
        ({"settings": settings(threads=9)}, "BELEGT_THREADS is 9, more than the 4 cores"),
        ({"settings": settings(encoder_dtype="float32")}, "computes bfloat16; unset it"),
        (
            {"settings": settings(encoder_dtype="bfloat16"), "hardware": OLD},
            "only emulates; unset it",
        ),
        ({"hardware": GPU}, "There is a GPU, but the library cannot use it; run: make native"),
        ({"hardware": GPU.model_copy(update={"nvcc": None})}, "no CUDA toolkit to build for it"),
        (
            {"hardware": GPU, "gpu_offload": True, "settings": settings(gpu_layers=0)},
            "BELEGT_GPU_LAYERS is 0",
        ),
        (
            {"tuning_unused": "it was never run"},
            r"nothing 'belegt tune' measured holds \(it was never run\); run: belegt tune$",
        ),
        (
            {"hardware": GPU, "gpu_offload": True, "torch": "2.13.0+cpu"},
            "PyTorch is the CPU build; run: make clean setup",
        ),
    ],
)
def test_each_loss_has_one_line(facts: dict[str, object], said: str) -> None:
    advice = advise(found(**facts))
    assert len(advice) == 1
    assert re.search(said, advice[0])


def test_only_models_in_use_are_advised_about() -> None:
    def state(name: str) -> ModelState:
        return ModelState(
            name=name, kind="llm", use="", licence="", size=1, state="missing",
            detail=f"run: belegt models pull {name}", path="",
        )  # fmt: skip

    used = load_settings().llm
    advice = advise(found(models=(state(used), state("another"))))
    assert advice == [f"The model {used} is missing: run: belegt models pull {used}"]


def test_what_the_library_uses_is_read_from_its_own_report() -> None:
    assert used_features("CPU : AVX2 = 1 | AMX_INT8 = 0 | OPENMP = 1 | ") == ["AVX2", "OPENMP"]


def test_a_library_that_does_not_load_is_part_of_the_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("models.native.library.ASK_LIBRARY", "import no_such_library")
    assert ask_library().error == "ModuleNotFoundError: No module named 'no_such_library'"


def test_the_report_covers_everything_a_person_needs() -> None:
    report = collect_report(load_settings(), {"documents": 12})
    text = render_report(report)
    for word in ("Processor", "Threads", "GPU", "Library", "Models", "Index", "Advice"):
        assert re.search(f"^{word}", text, re.MULTILINE), word
    assert "documents   12" in text
    assert type(report).model_validate_json(report.model_dump_json()) == report


def measured(cache: Path, digest: str, **changes: object) -> Tuning:
    """A record of this machine for the model of ``digest``, in ``cache``."""
    best = EngineParameters(threads=1, threads_batch=2, micro_batch=128, gpu_layers=12)
    figures = Try(
        parameters=best, prefill_tokens_per_s=(99.0, 101.0), decode_tokens_per_s=(20.0, 20.4)
    )
    record = Tuning(
        facts=gather_facts("mine", digest, detect_hardware()),
        parameters=best,
        layers=29,
        gpu_memory={"0: H200": (10**9, 2 * 10**9)},
        prompt_tokens=300,
        decoded_tokens=24,
        tries=(figures,),
        not_tried=("kv_type q8_0",),
        date="2025-11-22",
        seconds=80.0,
    ).model_copy(update=changes)
    write_tuning(cache, record)
    return record


@pytest.fixture
def own_model(tmp_path: Path) -> Settings:
    (tmp_path / "mine").write_bytes(b"GGUF")
    return load_settings(cache=tmp_path, llm=str(tmp_path / "mine"))


def test_what_was_measured_is_shown(own_model: Settings) -> None:
    record = measured(own_model.cache, sha256_of(Path(own_model.llm)))
    report = collect_report(own_model)
    assert (report.tuning, report.tuning_unused) == (record, None)
    assert report.parameters == record.parameters
    assert not any("belegt tune" in line for line in report.advice)
    text = render_report(report)
    assert "Engine        1 thread (2 while reading), flash attention, micro-batch 128" in text
    assert "2025-11-22: 100 tokens/s read, 20.2 written, the best of 1 choices" in text
    assert "not tried   kv_type q8_0 (too little time)" in text
    library = report.library.model_copy(update={"version": "1", "gpu_offload": True})
    text = render_report(report.model_copy(update={"library": library}))
    assert "12 of 29 layers on the GPU (0: H200: 1.00 GB of 2.00 GB free when measured)" in text


def test_a_record_of_another_model_is_not_used(own_model: Settings) -> None:
    measured(own_model.cache, "another")
    report = collect_report(own_model)
    assert report.parameters.micro_batch == 512
    assert report.tuning_unused is not None
    assert f"2025-11-22, but not used: {report.tuning_unused}" in render_report(report)
    assert any("run: belegt tune" in line for line in report.advice)


def test_without_a_record_there_is_advice(own_model: Settings) -> None:
    report = collect_report(own_model)
    assert "measured    never" in render_report(report)
    assert any("run: belegt tune" in line for line in report.advice)


def test_without_an_index_none_is_shown() -> None:
    assert "\nIndex" not in render_report(collect_report(load_settings()))
