"""Which C and C++ compilers are here and work.

In: the search path. Out: compilers, the ones whose code is fastest first (clang before GCC, new
before old). What can fail: nothing; a compiler that cannot build an OpenMP program with the
standard library is not listed, so that a build is not started in vain.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

NEWEST = 30
OLDEST = {"clang": 12, "gcc": 9}
TIMEOUT_S = 60
PROGRAM = """
#include <omp.h>
#include <string>
int main() { return std::string("x").size() == 1 && omp_get_max_threads() > 0 ? 0 : 1; }
"""


class Compiler(NamedTuple):
    """A C compiler and its C++ sibling."""

    family: Literal["clang", "gcc"]
    c: str
    cxx: str
    version: tuple[int, ...]
    identity: str
    """First line of ``--version``: what a finished build depends on."""

    @property
    def label(self) -> str:
        """Return how people call it, such as ``gcc 12.2.0``."""
        return f"{self.family} {'.'.join(map(str, self.version))}"

    @property
    def drops_tile_configuration(self) -> bool:
        """Whether it is a GCC with bug 114098, which breaks AMX code (fixed in 12.4 and 13.3)."""
        if self.family != "gcc":
            return False
        return self.version < (12, 4) or (13,) <= self.version < (13, 3)


def find_compilers() -> list[Compiler]:
    """Return the working compilers, in order of preference."""
    found: list[Compiler] = []
    for family, siblings in (("clang", "clang++"), ("gcc", "g++")):
        names = [(f"{family}-{n}", f"{siblings}-{n}") for n in range(NEWEST, OLDEST[family], -1)]
        same = [_inspect(family, *pair) for pair in [*names, (family, siblings)]]
        by_version = {compiler.version: compiler for compiler in same if compiler}
        newest_first = sorted(by_version.values(), key=lambda item: item.version, reverse=True)
        found += [compiler for compiler in newest_first if _works(compiler)]
    return found


def _inspect(family: str, c: str, cxx: str) -> Compiler | None:
    if not (shutil.which(c) and shutil.which(cxx)):
        return None
    answer = subprocess.run(
        [c, "--version"], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    identity = answer.stdout.partition("\n")[0].strip()
    version = parse_version(identity)
    if not version:
        return None
    return Compiler("clang" if family == "clang" else "gcc", c, cxx, version, identity)


def parse_version(identity: str) -> tuple[int, ...]:
    """Return the version in the first line of ``--version``, empty if there is none.

    Distributors put a version of their own in brackets: ``gcc (Debian 12.2.0-14) 12.2.0``.
    """
    number = re.search(r"\d+(\.\d+)+", re.sub(r"\([^)]*\)", "", identity))
    return tuple(int(part) for part in number[0].split(".")) if number else ()


def _works(compiler: Compiler) -> bool:
    with tempfile.TemporaryDirectory() as name:
        source, program = Path(name) / "probe.cpp", Path(name) / "probe"
        source.write_text(PROGRAM, encoding="utf-8")
        try:
            build = [compiler.cxx, "-fopenmp", str(source), "-o", str(program)]
            subprocess.run(build, capture_output=True, timeout=TIMEOUT_S, check=True)
            subprocess.run([str(program)], capture_output=True, timeout=TIMEOUT_S, check=True)
        except (OSError, subprocess.SubprocessError):
            return False
    return True
