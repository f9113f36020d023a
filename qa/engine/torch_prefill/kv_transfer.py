"""Keys and values on their way between llama.cpp's sequences and the network.

In: sequences of a context, caches of the network. Out: the same tokens in both. What can fail: a
library that writes its states otherwise (StateLayoutError), a context without room (False).

A prompt's beginning is shared with other sequences, so new tokens are never written into its
sequence: they are written into a sequence of their own, at their positions, whose cells the
prompt's sequence then takes over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qa.engine.torch_prefill.kv_cache import KVCache
from qa.engine.torch_prefill.state import SequenceState, StateContext, go_on, parse_state

if TYPE_CHECKING:
    from torch import Tensor


class KVTransfer:
    """Of one context; ``spare`` is a sequence that nobody else uses."""

    def __init__(self, context: StateContext, spare: int) -> None:
        self._context = context
        self.spare = spare
        self._head = b""

    def fetch(self, sequence: int, kv_cache: KVCache) -> None:
        """Put into ``kv_cache`` what ``sequence`` holds beyond it. Raises StateLayoutError."""
        import torch

        found = parse_state(self._context.state(sequence)).in_order()
        if not np.array_equal(found.positions, np.arange(len(found.positions))):
            raise AssertionError("a sequence has a token at each position")
        self._head = found.head
        # Copied, because torch takes no array that cannot be written to.
        keys, values = (
            torch.from_numpy(rows[:, kv_cache.length :].copy())
            for rows in (found.keys, found.values)
        )
        kv_cache.fill(keys, values)

    def give(self, rows: tuple[Tensor, Tensor], first: int, sequence: int) -> bool:
        """Let ``sequence`` go on from position ``first`` with rows of a cache."""
        keys, values = rows
        state = SequenceState(
            head=self._head,
            sequence=self.spare,
            positions=np.arange(first, first + keys.shape[1]),
            keys=keys.numpy(),
            values=values.numpy(),
        )
        return go_on(self._context, sequence, state)
