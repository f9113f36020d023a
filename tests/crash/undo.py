"""What a power cut leaves of files: everything that was not synchronised is undone.

In: the journal that shim.c writes. Out: the files as the disk would have them. What can fail: the
last record may be torn, and is then of a write that had not begun.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

_HEAD = struct.Struct("<5q")
_SYNC = 1


@dataclass(frozen=True)
class _Record:
    kind: int
    path: str
    offset: int
    size: int
    old: bytes


def undo(journal: Path) -> int:
    """Undo every write since its file's last fsync, the last first; how many there were."""
    pending: dict[str, list[_Record]] = {}
    order: list[_Record] = []
    for record in _records(journal.read_bytes() if journal.exists() else b""):
        if record.kind == _SYNC:
            pending[record.path] = []
        else:
            pending.setdefault(record.path, []).append(record)
            order.append(record)
    left = {id(record) for records in pending.values() for record in records}
    for record in reversed(order):
        if id(record) in left and Path(record.path).exists():
            with Path(record.path).open("r+b") as stream:
                stream.seek(record.offset)
                stream.write(record.old)
                stream.truncate(record.size)
    forget(journal)
    return len(left)


def forget(journal: Path) -> None:
    """Take what was written so far as being on the disk."""
    if journal.exists():
        os.truncate(journal, 0)


def _records(data: bytes) -> list[_Record]:
    records, at = [], 0
    while at + _HEAD.size <= len(data):
        kind, path, offset, size, kept = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if at + path + kept > len(data):
            break
        name = data[at : at + path].decode()
        records.append(_Record(kind, name, offset, size, data[at + path : at + path + kept]))
        at += path + kept
    return records
