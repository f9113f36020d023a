"""What a person needs to know about this installation, and what would make it faster.

In: the settings, and optionally the state of the index as its owner reports it (``models`` knows
nothing of indexes). Out: a :class:`DoctorReport`, as data or as text. What can fail: nothing on
purpose; a library that does not load is part of the report.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from pydantic import BaseModel, ConfigDict

from models.advice import Found, advise, used_features
from models.compilers import find_compilers
from models.files import human
from models.hardware import Hardware, detect, encoder_dtype
from models.native_build import Build, installed_build
from models.recipes import choose_recipes
from models.settings import Settings
from models.store import ModelState, ModelStore

LIBRARY_TIMEOUT_S = 60
ASK_LIBRARY = """
import json, llama_cpp
print(json.dumps({"version": llama_cpp.__version__,
                  "system_info": llama_cpp.llama_print_system_info().decode(),
                  "gpu_offload": bool(llama_cpp.llama_supports_gpu_offload())}))
"""


class LibraryState(BaseModel):
    """The native library as it answers in a process of its own."""

    model_config = ConfigDict(frozen=True)

    version: str | None = None
    system_info: str = ""
    gpu_offload: bool = False
    error: str | None = None


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
    index: dict[str, object] | None
    advice: tuple[str, ...]


def collect(settings: Settings, index: Mapping[str, object] | None = None) -> DoctorReport:
    """Look at everything and return the report; takes a second or two."""
    hardware, build = detect(), installed_build()
    compilers = find_compilers()
    library = ask_library()
    recipes = choose_recipes(hardware, compilers)
    failed = settings.cache / "wheels"
    usable = [r for r in recipes if not (failed / r.key(hardware) / "failed.json").exists()]
    states = tuple(ModelStore(settings.cache).states())
    found = Found(
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
    )
    return DoctorReport(
        hardware=hardware,
        threads=settings.threads or hardware.cores,
        encoder_dtype=encoder_dtype(settings, hardware),
        library=library,
        build=build,
        compilers=tuple(compiler.label for compiler in compilers),
        packages={name: _version(name) for name in ("torch", "sentence-transformers", "faiss-cpu")},
        models=states,
        settings={name: str(value) for name, value in settings.model_dump().items()},
        index=dict(index) if index is not None else None,
        advice=tuple(advise(found)),
    )


def ask_library() -> LibraryState:
    """Import the library in a child process, so that a broken one breaks only that."""
    try:
        answer = subprocess.run(
            [sys.executable, "-c", ASK_LIBRARY],
            capture_output=True,
            text=True,
            timeout=LIBRARY_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return LibraryState(error=f"no answer in {LIBRARY_TIMEOUT_S} s")
    if answer.returncode != 0:
        last = (answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"])[-1]
        return LibraryState(error=last)
    return LibraryState.model_validate(json.loads(answer.stdout.strip().splitlines()[-1]))


def render(report: DoctorReport) -> str:
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
        layers = report.settings["gpu_layers"].replace("-1", "all")
        offload = f"{layers} layers on the GPU" if library.gpu_offload else "no layers offloaded"
        lines += [
            f"  uses        {' '.join(used_features(library.system_info))}",
            f"  offload     {offload}",
        ]
    lines += [f"  {line}" for line in _build_lines(report.build)]
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


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
