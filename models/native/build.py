"""The native library: built for this machine, proved, kept, installed.

In: the settings (cache folder) and what the machine has. Out: llama-cpp-python in the running
environment and a :class:`Build` that says how it was made. What can fail: no compiler, no source
package, no recipe whose library runs; each a sentence with the mend.

``<cache>/wheels/KEY/`` holds a wheel with its ``build.json``, or ``failed.json`` for a recipe
whose library did not build or did not run here, so that it is not tried again.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from base.errors import BelegtError, UsageError
from base.files import sha256_of, write_text
from base.locks import exclusive
from base.settings import Settings, load_settings
from base.ticker import run_with_ticker
from models.native.compilers import find_compilers
from models.native.hardware import Hardware, detect_hardware
from models.native.recipes import (
    BINDING,
    PROJECT_INCLUDE,
    SOURCES_SHA256,
    VERSION,
    Recipe,
    choose_recipes,
)
from models.store import ModelStore

PROOF_TIMEOUT_S = 600
SMALLEST_MODEL = "smollm2-135m-instruct"
MARKER = "belegt-native.json"


class BuildProof(BaseModel):
    """What the library said of itself and how fast it was on the proof's prompt."""

    model_config = ConfigDict(frozen=True)

    system_info: str
    gpu_offload: bool
    agreement: float
    prefill_tokens_per_s: float
    decode_tokens_per_s: float


class Build(BaseModel):
    """A wheel that runs here."""

    model_config = ConfigDict(frozen=True)

    key: str
    version: str
    recipe: Recipe
    wheel: str
    sha256: str
    seconds: float
    proof_model: str
    proof: BuildProof


class _RecipeError(Exception):
    """This recipe gives no library that runs."""


def ensure_native(settings: Settings) -> Build:
    """Install a library that runs on this machine, building it only if none is kept."""
    hardware = detect_hardware()
    recipes = choose_recipes(hardware, find_compilers())
    if not recipes:
        raise UsageError(
            "No C++ compiler with OpenMP was found, which the native library needs; "
            "run: sudo apt-get install g++ (or clang and libomp-dev)"
        )
    for recipe in recipes:
        key = recipe.key(hardware)
        present = installed_build()
        if present and present.key == key:
            return present
        folder = settings.cache / "wheels" / key
        with exclusive(folder.with_suffix(".lock"), "building the native library"):
            build = kept_build(folder)
            if build is None and not (folder / "failed.json").exists():
                build = _try(recipe, key, folder, settings)
        if build is None:
            _say(f"{recipe.label}: did not run here (see {folder}); trying the next choice.")
            continue
        _install(folder / build.wheel)
        write_text(_marker(), build.model_dump_json(indent=2) + "\n")
        return build
    raise BelegtError(
        f"No build of {BINDING} {VERSION} runs on this machine; the logs are in "
        f"{settings.cache / 'wheels'}; remove that folder to try again."
    )


def installed_build() -> Build | None:
    """Return what this environment's library was built with, or None if belegt did not do it."""
    return _read_build(_marker())


def kept_build(folder: Path) -> Build | None:
    """Return the build in ``folder`` if its wheel is whole."""
    build = _read_build(folder / "build.json")
    wheel = folder / build.wheel if build else None
    whole = build and wheel and wheel.is_file() and sha256_of(wheel) == build.sha256
    return build if whole else None


def _marker() -> Path:
    return Path(sys.prefix) / MARKER


def _read_build(file: Path) -> Build | None:
    try:
        return Build.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def _try(recipe: Recipe, key: str, folder: Path, settings: Settings) -> Build | None:
    """Build and prove ``recipe``; None (and a note in ``folder``) if its library does not run."""
    folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    try:
        wheel = build_wheel(recipe, folder)
        model = _proof_model(settings)
        proof = prove_build(wheel, model, detect_hardware())
    except _RecipeError as failure:
        note = {"recipe": recipe.model_dump(), "reason": str(failure)}
        write_text(folder / "failed.json", json.dumps(note, indent=2) + "\n")
        _say(f"{recipe.label}: {failure}")
        return None
    build = Build(
        key=key,
        version=VERSION,
        recipe=recipe,
        wheel=wheel.name,
        sha256=sha256_of(wheel),
        seconds=round(time.monotonic() - start, 1),
        proof_model=model.name,
        proof=proof,
    )
    write_text(folder / "build.json", build.model_dump_json(indent=2) + "\n")
    return build


def build_environment(recipe: Recipe, cores: int, include: Path) -> dict[str, str]:
    """Return the environment of the build; ``include`` is the file that CMake reads first.

    The recipe replaces what the person's own environment says about compilers: the key must
    name everything that the code depends on.
    """
    return {
        **os.environ,
        "CC": recipe.c,
        "CXX": recipe.cxx,
        "CFLAGS": recipe.flags,
        "CXXFLAGS": recipe.flags,
        "CMAKE_ARGS": shlex.join([*recipe.cmake, f"-DCMAKE_PROJECT_INCLUDE={include}"]),
        "CMAKE_BUILD_PARALLEL_LEVEL": str(cores),
    }


def build_wheel(recipe: Recipe, folder: Path) -> Path:
    """Build the wheel of ``recipe`` into ``folder`` and return it."""
    log = folder / "build.log"
    _say(f"Building {BINDING} {VERSION} with {recipe.label}; log: {log}")
    with tempfile.TemporaryDirectory(dir=folder) as work:
        # Without pip's own cache, which knows nothing of flags.
        options = f"--no-deps --no-cache-dir --no-binary={BINDING} --verbose --wheel-dir".split()
        wanted = Path(work) / "sources.txt"
        wanted.write_text(f"{BINDING}=={VERSION} --hash=sha256:{SOURCES_SHA256}\n", "utf-8")
        pinned = ["--require-hashes", "--requirement", str(wanted)]
        command = [sys.executable, "-m", "pip", "wheel", *options, work, *pinned]
        include = Path(work) / "include.cmake"
        include.write_text(PROJECT_INCLUDE, encoding="utf-8")
        environment = build_environment(recipe, detect_hardware().cores, include)
        code = run_with_ticker("native build", command, environment, log)
        wheels = list(Path(work).glob("*.whl"))
        if code == 0 and len(wheels) == 1:
            return wheels[0].replace(folder / wheels[0].name)
    text = log.read_text(encoding="utf-8", errors="replace")
    if "Building wheel for" not in text:
        raise BelegtError(
            f"pip could not get the sources of {BINDING} {VERSION} or what builds them; "
            f"see the end of {log}."
        )
    raise _RecipeError(f"the build failed, see the end of {log}")


def prove_build(wheel: Path, model: Path, hardware: Hardware) -> BuildProof:
    """Run ``wheel`` on a long prompt in a child process and return what it reports."""
    script = Path(__file__).with_name("proof.py")
    with tempfile.TemporaryDirectory() as unpacked:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        _say(f"Proving the library on a long prompt with {model.name}")
        # -P keeps this folder's modules from hiding others of the same name.
        command = [sys.executable, "-P", str(script), str(model), str(hardware.cores)]
        try:
            answer = subprocess.run(
                command,
                env={**os.environ, "PYTHONPATH": unpacked},
                capture_output=True,
                text=True,
                timeout=PROOF_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _RecipeError(f"the library did not finish in {PROOF_TIMEOUT_S} s") from None
    if answer.returncode < 0:
        raise _RecipeError(f"the library died of {signal.Signals(-answer.returncode).name}")
    try:
        return BuildProof.model_validate_json(answer.stdout.strip().splitlines()[-1])
    except (IndexError, ValidationError):
        last = (answer.stderr.strip().splitlines() or ["no output"])[-1]
        raise _RecipeError(f"the library failed: {last}") from None


def _proof_model(settings: Settings) -> Path:
    store = ModelStore(settings.cache)
    try:
        return store.path(settings.llm)
    except UsageError:
        return store.pull(SMALLEST_MODEL)


def _install(wheel: Path) -> None:
    # What it needs (numpy, jinja2, diskcache, typing-extensions) is among belegt's dependencies.
    options = ["--quiet", "--no-deps", "--force-reinstall", "--no-index"]
    command = [sys.executable, "-m", "pip", "install", *options, str(wheel)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise BelegtError(f"pip could not install {wheel}: {answer.stderr.strip()[-300:]}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Build and install for this machine (``python -m models.native.build``)."""
    try:
        build = ensure_native(load_settings())
    except BelegtError as error:
        _say(f"belegt: {error}")
        return error.exit_code
    speed = build.proof.prefill_tokens_per_s, build.proof.decode_tokens_per_s
    _say(f"Native library: {build.recipe.label}; {speed[0]} tokens/s read, {speed[1]} written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
