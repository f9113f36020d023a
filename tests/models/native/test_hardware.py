from __future__ import annotations

import pytest

from models.native.hardware import (
    Hardware,
    detect_hardware,
    parse_features,
    parse_quota,
    physical_cores,
    usable_cores,
)

CPUINFO = "\n\n".join(
    f"processor\t: {number}\nmodel name\t: Some CPU\nphysical id\t: 0\ncore id\t\t: {number // 2}\n"
    "flags\t\t: fpu sse2 avx2 avx512_bf16 amx_tile amx_int8 constant_tsc"
    for number in range(8)
)


@pytest.mark.parametrize(
    ("allowed", "cores"), [(range(8), 4), ({0, 1}, 1), ({0, 2}, 2), ({7}, 1), ({99}, 1)]
)
def test_two_threads_of_a_core_count_once(allowed: set[int], cores: int) -> None:
    assert physical_cores(CPUINFO, allowed) == cores


def test_processors_without_topology_count_each() -> None:
    assert physical_cores("processor : 0\n\nprocessor : 1\n", {0, 1}) == 2


def test_only_instruction_sets_are_features() -> None:
    expected = ("amx_int8", "amx_tile", "avx2", "avx512_bf16", "sse2")
    assert parse_features(CPUINFO) == expected
    assert parse_features("Features\t: fp asimd bf16 i8mm") == ("asimd", "bf16", "i8mm")
    assert parse_features("") == ()


@pytest.mark.parametrize(
    ("text", "quota"),
    [
        ("max 100000", None),
        ("150000 100000\n", 1.5),
        ("-1 100000", None),
        ("", None),
        ("1 0", None),
    ],
)
def test_the_quota_of_a_control_group(text: str, quota: float | None) -> None:
    assert parse_quota(text) == quota


def test_this_machine_is_described() -> None:
    hardware = detect_hardware()
    assert hardware.cores == usable_cores() >= 1
    assert hardware.machine


def test_a_gpu_needs_its_toolkit() -> None:
    machine = Hardware(machine="x86_64", processor="x", features=(), cores=2, gpus=("H200",))
    assert not machine.builds_for_gpu
    assert machine.model_copy(update={"nvcc": "/usr/bin/nvcc"}).builds_for_gpu
