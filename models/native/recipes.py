"""How to build the native library: compilers and flags, the best first.

In: what the machine is and which compilers it has. Out: recipes in the order in which they
should be tried, and for each the key under which its wheel is kept. Nothing here fails: without
a compiler the list is empty.

Why this order: on a processor with AMX clang's build reads 177 tokens/s and writes 14.9, GCC's
160 and 12.3; with AVX-512 alone (Zen 4) 102 and 23.8 against 74 and 22.4
(docs/measurements.md, "Compilers"). GCC before 12.4 and 13.3 drops stores of the AMX tile
configuration unless two optimisations are off; what still does not run is built with each
instruction set named and without AMX.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from models.native.compilers import Compiler
from models.native.hardware import Hardware

BINDING = "llama-cpp-python"
VERSION = "0.3.36"
SOURCES_SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
"""Of the sources' archive, as the package index states it; other bytes are not built."""
KEEP_TILE_STORES = "-fno-tree-dse -fno-dse"
CUDA = ("-DGGML_CUDA=ON", "-DCMAKE_CUDA_ARCHITECTURES=native")
COMMON = ("-DLLAVA_BUILD=OFF",)
"""The part that reads images is not needed."""
PROJECT_INCLUDE = "set(LLAMA_BUILD_COMMON OFF)\n"
"""Read by CMake after ``project()``. The binding switches llama.cpp's common library on, which
nothing in the wheel uses and which is 57 of 140 build steps; only a plain variable of the same
name overrules that. The code of the other libraries is the same, so it is not part of the key."""
FEATURE_SWITCHES = {
    "GGML_SSE42": ("sse4_2",),
    "GGML_AVX": ("avx",),
    "GGML_AVX2": ("avx2",),
    "GGML_BMI2": ("bmi2",),
    "GGML_FMA": ("fma",),
    "GGML_F16C": ("f16c",),
    "GGML_AVX512": ("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"),
    "GGML_AVX512_VBMI": ("avx512vbmi",),
    "GGML_AVX512_VNNI": ("avx512_vnni",),
    "GGML_AVX512_BF16": ("avx512_bf16",),
}


class Recipe(BaseModel):
    """One way to build; ``label`` says it to people."""

    model_config = ConfigDict(frozen=True)

    label: str
    c: str
    cxx: str
    compiler: str
    flags: str = ""
    cmake: tuple[str, ...] = COMMON

    def key(self, hardware: Hardware) -> str:
        """Return what a wheel of this recipe is stored under: all that its code depends on."""
        facts = {
            "version": VERSION,
            "recipe": self.model_dump(exclude={"label"}),
            "machine": hardware.machine,
            "features": hardware.features,
            "gpus": hardware.gpus if CUDA[0] in self.cmake else (),
            "python": sys.implementation.cache_tag,
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def choose_recipes(hardware: Hardware, compilers: Sequence[Compiler]) -> list[Recipe]:
    """Return all recipes worth trying, in order of speed, the safest last."""
    native = [_native(compiler, hardware) for compiler in compilers]
    ends = dict.fromkeys([*compilers[:1], *compilers[-1:]])
    safe = [_explicit(compiler, hardware) for compiler in ends]
    recipes = native + safe
    if hardware.builds_for_gpu:
        return [_with_cuda(recipe) for recipe in native] + recipes
    return recipes


def _native(compiler: Compiler, hardware: Hardware) -> Recipe:
    repaired = hardware.amx and compiler.drops_tile_configuration
    return Recipe(
        label=f"{compiler.label}, native" + (f", {KEEP_TILE_STORES}" if repaired else ""),
        c=compiler.c,
        cxx=compiler.cxx,
        compiler=compiler.identity,
        flags=KEEP_TILE_STORES if repaired else "",
    )


def _explicit(compiler: Compiler, hardware: Hardware) -> Recipe:
    """Name each instruction set: ``-march=native`` would switch AMX on behind any flag."""
    features = set(hardware.features)
    switches = tuple(
        f"-D{switch}={'ON' if features.issuperset(needed) else 'OFF'}"
        for switch, needed in FEATURE_SWITCHES.items()
    )
    on_x86 = hardware.machine in ("x86_64", "AMD64")
    return Recipe(
        label=f"{compiler.label}, " + ("without AMX" if hardware.amx else "not native"),
        c=compiler.c,
        cxx=compiler.cxx,
        compiler=compiler.identity,
        cmake=(*COMMON, "-DGGML_NATIVE=OFF", *(switches if on_x86 else ())),
    )


def _with_cuda(recipe: Recipe) -> Recipe:
    return recipe.model_copy(
        update={"label": f"{recipe.label}, CUDA", "cmake": (*recipe.cmake, *CUDA)}
    )
