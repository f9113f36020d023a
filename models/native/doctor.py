"""What a person needs to know about this installation, and what would make it faster.

In: the settings, and optionally the state of the index as its owner reports it (``models`` knows
nothing of indexes). Out: a :class:`DoctorReport`, as data or as text. What can fail: nothing on
purpose; a library that does not load is part of the report.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from base.errors import UsageError
from base.files import human
from base.settings import Settings
from models.native.advice import MachineFacts, advise, used_features
from models.native.build import Build, installed_build
from models.native.compilers import find_compilers
from models.native.hardware import Hardware, detect_hardware, encoder_dtype
from models.native.library import LibraryState, ask_library
from models.native.recipes import choose_recipes
from models.native.tuning import (
    EngineParameters,
    Tuning,
    describe,
    engine_parameters,
    gather_facts,
    read_tuning,
    staleness,
)
from models.store import ModelState, ModelStore


class DoctorReport(BaseModel):
    """Everything ``belegt doctor`` says."""

    model_config = ConfigDict(frozen=True)

    hardware: Hardware
    threads: int
    encoder_dtype: str
    library: LibraryState
    build: Build | None
    compilers: tuple[str, ...]
    packages: dict[str, str]
    models: tuple[ModelState, ...]
    settings: dict[str, str]
    parameters: EngineParameters
    tuning: Tuning | None
    tuning_unused: str | None
    index: dict[str, object] | None
    advice: tuple[str, ...]


def collect_report(settings: Settings, index: Mapping[str, object] | None = None) -> DoctorReport:
    """Look at everything and return the report; takes a second or two."""
    hardware, build = detect_hardware(), installed_build()
    compilers = find_compilers()
    library = ask_library()
    recipes = choose_recipes(hardware, compilers)
    failed = settings.cache / "wheels"
    usable = [r for r in recipes if not (failed / r.key(hardware) / "failed.json").exists()]
    store = ModelStore(settings.cache)
    states = tuple(store.states())
    tuning, unused = _tuning(settings, store, hardware)
    parameters = engine_parameters(settings, None if unused else tuning, hardware.cores)
    found = MachineFacts(
        settings=settings,
        hardware=hardware,
        system_info=library.system_info,
        gpu_offload=library.gpu_offload,
        library_error=library.error,
        build_key=build.key if build else None,
        build_label=build.recipe.label if build else None,
        best_key=usable[0].key(hardware) if usable else None,
        best_label=usable[0].label if usable else None,
        has_clang=any(compiler.family == "clang" for compiler in compilers),
        torch=_version("torch"),
        models=states,
        tuning_unused=unused,
    )
    return DoctorReport(
        hardware=hardware,
        threads=parameters.threads,
        encoder_dtype=encoder_dtype(settings, hardware),
        library=library,
        build=build,
        compilers=tuple(compiler.label for compiler in compilers),
        packages={name: _version(name) for name in ("torch", "sentence-transformers", "faiss-cpu")},
        models=states,
        settings={name: str(value) for name, value in settings.model_dump().items()},
        parameters=parameters,
        tuning=tuning,
        tuning_unused=unused,
        index=dict(index) if index is not None else None,
        advice=tuple(advise(found)),
    )


def render_report(report: DoctorReport) -> str:
    """Return ``report`` as lines for people."""
    hardware, library = report.hardware, report.library
    lines = [
        f"Processor     {hardware.processor} ({hardware.machine}), {hardware.cores} usable cores",
        f"  features    {' '.join(hardware.features)}",
        f"Threads       {report.threads}",
        f"GPU           {'; '.join(hardware.gpus) or 'none found'}"
        + (f", toolkit {hardware.nvcc}" if hardware.nvcc else ", no CUDA toolkit"),
        f"Compilers     {', '.join(report.compilers) or 'none that works'}",
        f"Library       llama-cpp-python {library.version or 'not usable: ' + str(library.error)}",
    ]
    if library.version:
        offload = _offload(report) if library.gpu_offload else "no layers offloaded"
        lines += [
            f"  uses        {' '.join(used_features(library.system_info))}",
            f"  offload     {offload}",
        ]
    lines += [f"  {line}" for line in _build_lines(report.build)]
    lines += [f"Engine        {describe(report.parameters)}"]
    lines += [f"  {line}" for line in _tuning_lines(report)]
    packages = ", ".join(f"{name} {number}" for name, number in report.packages.items())
    lines += [f"Encoder       computes in {report.encoder_dtype} ({packages})", "Models"]
    for model in report.models:
        size = human(model.size)
        lines.append(f"  {model.state:<11} {model.name} ({model.kind}, {size}): {model.detail}")
    if report.index is not None:
        lines.append("Index")
        lines += [f"  {name:<11} {value}" for name, value in report.index.items()]
    lines.append("Advice")
    lines += [f"  - {line}" for line in report.advice or ("nothing: this is as fast as it gets",)]
    return "\n".join(lines)


def _build_lines(build: Build | None) -> list[str]:
    if build is None:
        return ["build       not by belegt, so flags and proof are unknown"]
    recipe, proof = build.recipe, build.proof
    flags = " ".join([recipe.flags, *recipe.cmake]).strip()
    return [
        f"build       {recipe.label} ({recipe.compiler})",
        f"flags       {flags}",
        f"proof       {proof.prefill_tokens_per_s} tokens/s read, "
        f"{proof.decode_tokens_per_s} written, with {build.proof_model}",
    ]


def _offload(report: DoctorReport) -> str:
    layers, tuning = report.parameters.gpu_layers, report.tuning
    if tuning is None or report.tuning_unused:
        return f"{'as many' if layers < 0 else layers} layers on the GPU{' as fit' * (layers < 0)}"
    memory = "; ".join(
        f"{name}: {human(free)} of {human(total)} free"
        for name, (free, total) in tuning.gpu_memory.items()
    )
    count = tuning.layers if layers < 0 else min(layers, tuning.layers)
    return f"{count} of {tuning.layers} layers on the GPU ({memory} when measured)"


def _tuning(
    settings: Settings, store: ModelStore, hardware: Hardware
) -> tuple[Tuning | None, str | None]:
    """What was measured, and why it is not used."""
    tuning = read_tuning(settings.cache)
    if tuning is None:
        return None, "it was never run"
    try:
        digest = store.digest(settings.llm)
    except UsageError:
        return tuning, f"the model {settings.llm} is not here"
    name = Path(settings.llm).name
    return tuning, staleness(tuning, gather_facts(name, digest, hardware))


def _tuning_lines(report: DoctorReport) -> list[str]:
    tuning = report.tuning
    if tuning is None:
        return ["measured    never"]
    if report.tuning_unused:
        return [f"measured    {tuning.date}, but not used: {report.tuning_unused}"]
    best = tuning.chosen()
    read = statistics.median(best.prefill_tokens_per_s)
    written = statistics.median(best.decode_tokens_per_s)
    lines = [
        f"measured    {tuning.date}: {read:.0f} tokens/s read, {written:.1f} written, the best of "
        f"{len(tuning.tries)} choices"
    ]
    if tuning.not_tried:
        lines.append(f"not tried   {', '.join(tuning.not_tried)} (too little time)")
    return lines


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
