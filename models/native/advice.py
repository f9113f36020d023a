"""One line for each thing that is slower, or less sure, than this machine allows.

In: what was found. Out: sentences, each with what to do. Nothing here fails or looks at the
machine: it can be tested for machines one does not have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from base.settings import Settings
from models.native.hardware import Hardware
from models.store import ModelState

IN_CHECKOUT = (Path(__file__).parents[2] / "Makefile").is_file()
REBUILD = "run: make native" if IN_CHECKOUT else "run: belegt setup"
LIBRARY_NAMES = {
    "avx2": "AVX2",
    "fma": "FMA",
    "f16c": "F16C",
    "avx512f": "AVX512",
    "avx512_vnni": "AVX512_VNNI",
    "avx512_bf16": "AVX512_BF16",
}
"""Features of the processor as the library's own report calls them."""


@dataclass(frozen=True)
class MachineFacts:
    """What advice depends on."""

    settings: Settings
    hardware: Hardware
    system_info: str = ""
    gpu_offload: bool = False
    library_error: str | None = None
    build_key: str | None = None
    build_label: str | None = None
    best_key: str | None = None
    best_label: str | None = None
    has_clang: bool = False
    torch: str = ""
    models: tuple[ModelState, ...] = ()
    tuning_unused: str | None = None


def advise(found: MachineFacts) -> list[str]:
    """Return all advice, the most important first."""
    return [
        *_models(found),
        *_library(found),
        *_gpu(found),
        *_threads(found),
        *_encoder(found),
        *_tuning(found),
    ]


def used_features(system_info: str) -> list[str]:
    """Return the names set to 1 in the library's own report (``CPU : AVX2 = 1 | FMA = 0 |``)."""
    pairs = (part.rpartition(":")[2].partition("=") for part in system_info.split("|"))
    return [name.strip() for name, _, value in pairs if value.strip() == "1"]


def _models(found: MachineFacts) -> Iterator[str]:
    for model in found.models:
        if model.name in (found.settings.llm, found.settings.encoder) and model.state != "verified":
            yield f"The model {model.name} is {model.state}: {model.detail}"


def _library(found: MachineFacts) -> Iterator[str]:
    if found.library_error:
        yield f"The native library does not load ({found.library_error}); {REBUILD}"
        return
    if found.build_key is None:
        yield f"The native library was not built for this machine by belegt; {REBUILD}"
    elif found.best_key and found.best_key != found.build_key:
        yield (
            f"The native library was built with {found.build_label}, but {found.best_label} comes "
            f"first on this machine; {REBUILD}"
        )
    elif not found.has_clang:
        yield (
            "clang builds a faster library than GCC (clang 19: 10 % faster reading with AMX, 37 % "
            f"with AVX-512 alone); run: sudo apt-get install clang libomp-dev, then {REBUILD[5:]}"
        )
    used = used_features(found.system_info)
    if found.hardware.amx and "AMX_INT8" not in used:
        yield f"The processor has AMX, but the library does not use it; {REBUILD}"
    unused = [
        name
        for flag, name in LIBRARY_NAMES.items()
        if flag in found.hardware.features and name not in used
    ]
    if unused:
        yield f"The library does not use {', '.join(unused)} of this processor; {REBUILD}"


def _gpu(found: MachineFacts) -> Iterator[str]:
    if not found.hardware.gpus:
        return
    if not found.hardware.nvcc:
        yield (
            "There is a GPU but no CUDA toolkit to build for it; "
            f"run: sudo apt-get install nvidia-cuda-toolkit, then {REBUILD[5:]}"
        )
    elif not found.gpu_offload:
        yield f"There is a GPU, but the library cannot use it; {REBUILD}"
    elif found.settings.gpu_layers == 0:
        yield "BELEGT_GPU_LAYERS is 0, so the GPU stays idle; unset it"
    if found.torch.endswith("+cpu"):
        yield "There is a GPU, but PyTorch is the CPU build; run: make clean setup"


def _threads(found: MachineFacts) -> Iterator[str]:
    threads, cores = found.settings.threads, found.hardware.cores
    if threads and threads < cores:
        yield f"BELEGT_THREADS is {threads}, but {cores} cores can be used; unset it"
    if threads and threads > cores:
        yield f"BELEGT_THREADS is {threads}, more than the {cores} cores, which is slower; unset it"


def _tuning(found: MachineFacts) -> Iterator[str]:
    if found.tuning_unused and not found.library_error:
        yield (
            f"The engine computes by default values, as nothing 'belegt tune' measured holds "
            f"({found.tuning_unused}); run: belegt tune"
        )


def _encoder(found: MachineFacts) -> Iterator[str]:
    chosen, fast = found.settings.encoder_dtype, found.hardware.bfloat16
    if chosen == "float32" and fast:
        yield "BELEGT_ENCODER_DTYPE is float32, but this processor computes bfloat16; unset it"
    if chosen == "bfloat16" and not fast:
        yield "BELEGT_ENCODER_DTYPE is bfloat16, which this processor only emulates; unset it"
