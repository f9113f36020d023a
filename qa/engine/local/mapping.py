"""Pages of a mapped file that are not read any more.

In: a file that is mapped into this process for reading. Out: its pages given back; what is read
again comes from the page cache, or the disk. Nothing can fail: where the system has no such call,
everything stays as it is.

llama.cpp maps a model and copies most of its matrices into the layout that the processor multiplies
fastest. The pages they were copied from would count as this process's memory for as long as it
lives (docs/measurements.md, "Memory").
"""

from __future__ import annotations

import ctypes
import mmap
import os
from pathlib import Path

_MAPS = Path("/proc/self/maps")


def give_back(file: Path) -> int:
    """Give back the pages of ``file``; the bytes of its mappings.

    Only of mappings that cannot be written: what was written in others would be lost (madvise(2),
    "MADV_DONTNEED").
    """
    name = os.path.realpath(file)
    if not _MAPS.exists():
        return 0
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    total = 0
    for line in _MAPS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        place, rights, *_, path = line.split(maxsplit=5)
        if path == name and "w" not in rights:
            first, last = (int(number, 16) for number in place.split("-"))
            advise(first, last - first, mmap.MADV_DONTNEED)
            total += last - first
    return total
