"""One process at a time.

In: a lock file and what is being done. Out: a context in which no other process on this machine
does the same. What can fail: a folder that cannot be written, as BelegtError. The lock belongs
to the open file, so a process that dies frees it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from base.errors import BelegtError


@contextmanager
def exclusive(lock_file: Path, doing: str) -> Iterator[None]:
    """Hold ``lock_file``; while another process has it, say so once and wait."""
    try:
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_file)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"Waiting: another process is {doing}.", file=sys.stderr, flush=True)
            lock.acquire()
    except OSError as error:
        raise BelegtError(
            f"The folder {lock_file.parent} cannot be written ({error.strerror}); "
            "set BELEGT_CACHE to a folder of your own."
        ) from None
    try:
        yield
    finally:
        lock.release()
