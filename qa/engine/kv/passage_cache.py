"""Passages that were read once, by themselves, and need not be read again.

In: a static prefix, the tokens of a passage, the folder where its document's things are kept.
Out: its keys and values behind that start, from disk, turned to where it stands in a prompt. What
can fail: nothing that an asker sees; a file that is cut short, or of another model, is as good as
none, and a disk that is full keeps nothing.

Reading is what a prompt costs, and the passages of a corpus are finite. Each is read once behind
the static prefix, where it sees the instructions and itself but no other passage, and is put
into prompts from then on (Gim et al. 2024, arXiv:2311.04934; that a shared start is what keeps
such answers good: Yang et al. 2025, arXiv:2502.05431). What this did to answers that the model
wrote freely is in docs/measurements-history.md, "Passages read once".
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qa.engine.kv.prefix_cache import evict_prefixes, mark_used
from qa.engine.kv.rotary import Half, Rotary


@dataclass(frozen=True, eq=False)
class KVBlock:
    """Keys and values of neighbouring tokens; float16 (layers, tokens, width) each."""

    keys: Half
    values: Half

    @property
    def count(self) -> int:
        """Of tokens."""
        return int(self.keys.shape[1])


class PassageKVCache:
    """What is kept on disk. ``facts``: of the model and how it computes; ``limit_bytes``: of each
    corpus; 0 keeps nothing.
    """

    def __init__(self, rotary: Rotary | None, facts: str, limit_bytes: int) -> None:
        self._rotary = rotary
        self._facts = facts
        self._limit = limit_bytes

    @property
    def usable(self) -> bool:
        """Whether anything can be kept and put elsewhere."""
        return self._rotary is not None and self._limit > 0

    def has(self, folder: Path, start: Sequence[int], tokens: Sequence[int]) -> bool:
        """Whether a passage was read behind ``start``."""
        return self.usable and self._file(folder, start, tokens).is_file()

    def load(
        self, folder: Path, start: Sequence[int], tokens: Sequence[int], position: int
    ) -> KVBlock | None:
        """A passage as it is from ``position`` on; None where it is not kept."""
        if not self.usable or self._rotary is None:
            return None
        file = self._file(folder, start, tokens)
        try:
            found = np.load(file, allow_pickle=False)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, EOFError):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
            return None
        mark_used(file)
        return KVBlock(self._rotary.rotate(found[0], position - len(start)), found[1])

    def save(
        self, folder: Path, start: Sequence[int], tokens: Sequence[int], rows: KVBlock
    ) -> bool:
        """Keep a passage that was read right behind ``start``; whether it is kept now.

        Those unused for long go, and those used longest ago where all of the corpus would take
        more than the limit.
        """
        if self._rotary is None or not self.usable:
            return False
        if not self._rotary.holds(rows.keys, tokens):
            self._rotary = None
            return False
        file = self._file(folder, start, tokens)
        partial = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with partial.open("wb") as stream:
                np.save(stream, np.stack([rows.keys, rows.values]), allow_pickle=False)
            partial.replace(file)
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            return False
        evict_prefixes(folder.parent, self._limit, keep=file)
        return True

    def _file(self, folder: Path, start: Sequence[int], tokens: Sequence[int]) -> Path:
        name = hashlib.sha256(repr((self._facts, list(start), list(tokens))).encode())
        return folder / f"{name.hexdigest()[:32]}.state"
