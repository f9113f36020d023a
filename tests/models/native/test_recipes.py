from __future__ import annotations

from pathlib import Path

import pytest

from models.native.build import build_environment
from models.native.compilers import Compiler, find_compilers, parse_version
from models.native.hardware import Hardware
from models.native.recipes import BINDING, KEEP_TILE_STORES, VERSION, Recipe, choose_recipes

ROOT = Path(__file__).resolve().parents[3]

PLAIN = Hardware(machine="x86_64", processor="x", features=("avx", "avx2", "fma"), cores=2)
AMX = PLAIN.model_copy(update={"features": (*PLAIN.features, "amx_int8", "amx_tile", "avx512f")})
GPU = PLAIN.model_copy(update={"gpus": ("H200, 9.0, 143771 MiB",), "nvcc": "/usr/bin/nvcc"})


def gcc(*version: int) -> Compiler:
    number = ".".join(map(str, version))
    return Compiler("gcc", "gcc", "g++", version, f"gcc (Debian) {number}")


CLANG = Compiler("clang", "clang-19", "clang++-19", (19, 1, 7), "Debian clang version 19.1.7")


def labels(hardware: Hardware, *compilers: Compiler) -> list[str]:
    return [recipe.label for recipe in choose_recipes(hardware, compilers)]


def test_clang_comes_before_gcc_and_the_safest_last() -> None:
    assert labels(PLAIN, CLANG, gcc(12, 2, 0)) == [
        "clang 19.1.7, native",
        "gcc 12.2.0, native",
        "clang 19.1.7, not native",
        "gcc 12.2.0, not native",
    ]


@pytest.mark.parametrize(
    ("version", "repaired"),
    [
        ((11, 4, 0), True),
        ((12, 2, 0), True),
        ((12, 3, 1), True),
        ((12, 4, 0), False),
        ((13, 2, 0), True),
        ((13, 3, 0), False),
        ((14, 1, 0), False),
    ],
)
def test_old_gcc_on_amx_keeps_its_tile_stores(version: tuple[int, ...], repaired: bool) -> None:
    first, safe = choose_recipes(AMX, [gcc(*version)])
    assert first.flags == (KEEP_TILE_STORES if repaired else "")
    assert safe.flags == ""
    assert "without AMX" in safe.label


def test_nothing_is_repaired_that_is_not_broken() -> None:
    assert choose_recipes(PLAIN, [gcc(12, 2, 0)])[0].flags == ""
    assert choose_recipes(AMX, [CLANG])[0].flags == ""


def test_the_safe_build_names_each_instruction_set_and_no_amx() -> None:
    safe = choose_recipes(AMX, [gcc(12, 2, 0)])[-1]
    assert {"-DGGML_NATIVE=OFF", "-DGGML_AVX2=ON", "-DGGML_AVX512=OFF"} <= set(safe.cmake)
    assert not any("AMX" in switch for switch in safe.cmake)


def test_a_gpu_with_its_toolkit_is_used_and_can_be_fallen_back_from() -> None:
    assert labels(GPU, gcc(13, 3, 0)) == [
        "gcc 13.3.0, native, CUDA",
        "gcc 13.3.0, native",
        "gcc 13.3.0, not native",
    ]
    assert "-DGGML_CUDA=ON" in choose_recipes(GPU, [gcc(13, 3, 0)])[0].cmake
    without_toolkit = GPU.model_copy(update={"nvcc": None})
    assert "CUDA" not in labels(without_toolkit, gcc(13, 3, 0))[0]


def test_no_compiler_gives_no_recipe() -> None:
    assert choose_recipes(PLAIN, []) == []


def test_the_key_differs_with_everything_the_code_depends_on() -> None:
    recipe = choose_recipes(PLAIN, [gcc(12, 2, 0)])[0]
    others: list[tuple[Recipe, Hardware]] = [
        (recipe, PLAIN),
        (recipe, AMX),
        (recipe, PLAIN.model_copy(update={"machine": "aarch64"})),
        (recipe.model_copy(update={"flags": "-O2"}), PLAIN),
        (recipe.model_copy(update={"cmake": ("-DGGML_NATIVE=OFF",)}), PLAIN),
        (recipe.model_copy(update={"compiler": "gcc (Debian) 12.2.1"}), PLAIN),
    ]
    assert len({chosen.key(hardware) for chosen, hardware in others}) == len(others)


def test_the_key_ignores_what_the_code_does_not_depend_on() -> None:
    recipe = choose_recipes(PLAIN, [gcc(12, 2, 0)])[0]
    more_cores = PLAIN.model_copy(update={"cores": 64, "processor": "another name"})
    assert recipe.key(PLAIN) == recipe.key(more_cores)
    assert recipe.key(PLAIN) == recipe.key(GPU)


def test_flags_of_the_person_s_environment_do_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CFLAGS", "CXXFLAGS", "CMAKE_ARGS", "CC"):
        monkeypatch.setenv(name, "-something-else")
    environment = build_environment(choose_recipes(PLAIN, [gcc(12, 2, 0)])[0], 2, Path("/a b"))
    assert "-something-else" not in environment.values()
    assert environment["CC"] == "gcc"
    assert environment["CMAKE_ARGS"].endswith("'-DCMAKE_PROJECT_INCLUDE=/a b'")


@pytest.mark.parametrize(
    ("identity", "version"),
    [
        ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0", (12, 2, 0)),
        ("gcc-13 (Ubuntu 13.3.0-6ubuntu2~24.04) 13.3.0", (13, 3, 0)),
        ("Debian clang version 19.1.7 (3+b1)", (19, 1, 7)),
        ("gcc (GCC) 14.2.1 20250110 (Red Hat 14.2.1-7)", (14, 2, 1)),
        ("no number", ()),
    ],
)
def test_versions_are_read_from_what_compilers_say(identity: str, version: tuple[int, ...]) -> None:
    assert parse_version(identity) == version


def test_a_compiler_that_is_listed_works() -> None:
    assert all(compiler.version > (4,) for compiler in find_compilers())


def test_images_and_peers_get_the_version_that_is_built() -> None:
    assert f"{BINDING}=={VERSION}" in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
