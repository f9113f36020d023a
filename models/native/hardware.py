"""What this machine can compute with.

In: ``/proc``, ``/sys``, the scheduler's affinity, ``nvidia-smi``. Out: an immutable
:class:`Hardware`. Nothing here fails: what cannot be read counts as not there, since an unknown
machine is still a machine.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Collection
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from base.settings import Settings

INSTRUCTION_SETS = re.compile(
    r"^(sse|ssse|avx|amx|fma|f16c|bmi|aes|vaes|vpclmul|pclmul|gfni|sha|adx|abm|popcnt|movbe|"
    r"rdseed|clwb|clflushopt|movdir|serialize|asimd|sve|sme|i8mm|bf16|fphp|dotprod)"
)
"""Flags of ``/proc/cpuinfo`` that name instructions a compiler may use."""
PROBE_TIMEOUT_S = 20
GROUPS = Path("/sys/fs/cgroup")
"""Where control groups are, one folder each."""


class Hardware(BaseModel):
    """Processor, cores this process may use, and graphics processors."""

    model_config = ConfigDict(frozen=True)

    machine: str
    processor: str
    features: tuple[str, ...]
    cores: int
    """Physical cores this process may use: affinity, then the quota of its control group."""
    gpus: tuple[str, ...] = ()
    nvcc: str | None = None

    @property
    def amx(self) -> bool:
        """Whether the processor multiplies tiles of 8-bit numbers."""
        return {"amx_tile", "amx_int8"} <= set(self.features)

    @property
    def bfloat16(self) -> bool:
        """Whether bfloat16 is computed by the processor and so faster than float32."""
        return bool({"amx_bf16", "avx512_bf16", "bf16"} & set(self.features))

    @property
    def builds_for_gpu(self) -> bool:
        """Whether there is a GPU and the toolkit to build for it."""
        return bool(self.gpus and self.nvcc)


@cache
def detect_hardware() -> Hardware:
    """Look once at the machine and return what was found."""
    cpuinfo = _read_text("/proc/cpuinfo")
    name = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return Hardware(
        machine=platform.machine(),
        processor=name[1] if name else platform.processor() or "unknown",
        features=parse_features(cpuinfo),
        cores=usable_cores(),
        gpus=_gpus(),
        nvcc=_nvcc(),
    )


@cache
def encoder_dtype(settings: Settings, hardware: Hardware) -> str:
    """Return the number format that the encoder's setting comes to on ``hardware``."""
    if settings.encoder_dtype != "auto":
        return settings.encoder_dtype
    return "bfloat16" if hardware.bfloat16 else "float32"


def _allowed() -> Collection[int]:
    """The processors that this process may use; all, where the system does not say."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return range(os.cpu_count() or 1)


def usable_cores() -> int:
    """Return how many threads compute without getting in each other's way."""
    allowed = _allowed()
    cores = physical_cores(_read_text("/proc/cpuinfo"), allowed)
    quota = _quota()
    return max(1, min(cores, int(quota))) if quota else cores


def usable_processors() -> int:
    """Return how many threads can run at once, two of one core counted twice."""
    allowed, quota = len(_allowed()), _quota()
    return max(1, min(allowed, int(quota))) if quota else allowed


def parse_features(cpuinfo: str) -> tuple[str, ...]:
    """Return the instruction sets among the flags of the first processor, sorted."""
    line = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    flags = line[1].split() if line else []
    return tuple(sorted({flag for flag in flags if INSTRUCTION_SETS.match(flag)}))


def physical_cores(cpuinfo: str, allowed: Collection[int]) -> int:
    """Count the cores behind the ``allowed`` processors; two threads of one core count once."""
    cores: set[tuple[str, str]] = set()
    for block in cpuinfo.split("\n\n"):
        facts = dict(re.findall(r"^([\w ]+?)\s*:\s*(.*)$", block, re.MULTILINE))
        number = facts.get("processor", "")
        if number.isdigit() and int(number) in allowed:
            cores.add((facts.get("physical id", "0"), facts.get("core id", f"cpu{number}")))
    return len(cores) or max(1, len(allowed))


def processor_features() -> tuple[str, ...]:
    """Return the instruction sets of this processor; quicker than all of ``detect``."""
    return parse_features(_read_text("/proc/cpuinfo"))


def total_memory() -> int | None:
    """Return the bytes of memory that this machine, or the control group, has; None: unknown."""
    limits = [limit for limit, _ in _group_memory()]
    return min([*_meminfo("MemTotal"), *limits], default=None)


def free_memory() -> int | None:
    """Return the bytes that this process may still take before something dies; None: unknown."""
    left = [max(0, limit - used) for limit, used in _group_memory()]
    return min([*_meminfo("MemAvailable"), *left], default=None)


def parse_quota(cpu_max: str) -> float | None:
    """Return the processors a control group grants (``"150000 100000"`` is 1.5), or None."""
    limit, _, period = cpu_max.strip().partition(" ")
    if not limit.isdigit() or not period.isdigit() or int(period) == 0:
        return None
    return int(limit) / int(period)


def _quota() -> float | None:
    """Return the smallest quota on the way from this process's control group to the root."""
    quotas = [parse_quota(_read_text(folder / "cpu.max")) for folder in _groups()]
    first_version = " ".join(
        _read_text(GROUPS / "cpu" / f"cpu.cfs_{part}_us").strip() for part in ("quota", "period")
    )
    found = [quota for quota in (*quotas, parse_quota(first_version)) if quota]
    return min(found, default=None)


def _groups() -> tuple[Path, ...]:
    """Return the folder of this process's control group and those above it."""
    groups = re.search(r"^0::(.*)$", _read_text("/proc/self/cgroup"), re.MULTILINE)
    place = GROUPS / groups[1].lstrip("/") if groups else GROUPS
    return (place, *place.parents)


def _group_memory() -> list[tuple[int, int]]:
    """Return limit and use in bytes of every control group that has a limit."""
    found = []
    for folder in _groups():
        limit, used = (_read_text(folder / f"memory.{part}").strip() for part in ("max", "current"))
        if limit.isdigit() and used.isdigit():
            inactive = re.search(
                r"^inactive_file (\d+)$", _read_text(folder / "memory.stat"), re.MULTILINE
            )
            # Files that were read and are not in use are given up before anything fails.
            found.append((int(limit), int(used) - (int(inactive[1]) if inactive else 0)))
    return found


def _meminfo(name: str) -> list[int]:
    line = re.search(rf"^{name}:\s+(\d+) kB$", _read_text("/proc/meminfo"), re.MULTILINE)
    return [int(line[1]) * 1024] if line else []


def _gpus() -> tuple[str, ...]:
    if not shutil.which("nvidia-smi"):
        return ()
    command = ["nvidia-smi", "--query-gpu=name,compute_cap,memory.total", "--format=csv,noheader"]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in answer.stdout.splitlines() if line.strip())


def _nvcc() -> str | None:
    usual = Path("/usr/local/cuda/bin/nvcc")
    return shutil.which("nvcc") or (str(usual) if usual.exists() else None)


def _read_text(file: str | Path) -> str:
    try:
        return Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
