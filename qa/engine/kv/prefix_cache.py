"""Saved prefixes on disk, kept within bounds.

In: the folder whose folders hold saved prefixes, and how much all may take. Out: fewer of them.
What can fail: nothing that matters to who asks; a file that cannot be removed stays. Another
process that is about to read a file finds it gone and reads its prompt instead.

A new model, library or prompt makes prefixes of its own, and nobody asks for the old ones again.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

UNUSED_S = 30 * 24 * 3600
# Earlier versions saved beside the folders of models; what was being written may have been left.
_PATTERNS = ("*/*.state", "*/*.partial", "*.state")


def mark_used(file: Path) -> None:
    """Note that ``file`` was read just now."""
    with contextlib.suppress(OSError):
        file.touch()


def evict_prefixes(folder: Path, limit: int, keep: Path) -> None:
    """Remove prefixes unused for ``UNUSED_S``, then the oldest until all take ``limit`` bytes.

    ``keep`` stays whatever its size; a folder that loses its last prefix goes too.
    """
    found = []
    for file in (one for pattern in _PATTERNS for one in folder.glob(pattern)):
        with contextlib.suppress(OSError):  # another process tidies at the same time
            found.append((file.stat().st_mtime, file.stat().st_size, file))
    taken = sum(size for _, size, _ in found)
    oldest = time.time() - UNUSED_S
    for used, size, file in sorted(found):
        if file == keep or (used >= oldest and taken <= limit):
            continue
        with contextlib.suppress(OSError):
            file.unlink()
            taken -= size
            if file.parent != folder:
                file.parent.rmdir()
