"""Keys and values of one prompt, as the network computes with them.

In: keys and values of new tokens, layer by layer, or of all layers at once. Out: those of all
tokens so far. Nothing can fail here but memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.engine.torch_prefill.architecture import Architecture

if TYPE_CHECKING:
    from torch import Tensor

LEAST = 512
"""Products over fewer keys are summed up in another order by the libraries behind PyTorch (found by
trying: up to 384), so that what comes out for a row would depend on how a prompt is cut.
"""


class KVCache:
    """Keys and values of a prompt, with ``room`` for all its tokens.

    ``keys``, ``values``: float32 (layers, heads of keys, room, head); the first ``length`` are set.
    They are numbers of float16, as llama.cpp keeps them: what is computed from them is the same
    whether they were kept here or there.
    """

    def __init__(self, architecture: Architecture, room: int) -> None:
        import torch

        space = max(room, LEAST)
        shape = (architecture.layers, architecture.kv_heads, space, architecture.head_size)
        self.keys, self.values = torch.empty(shape), torch.empty(shape)
        for of in (self.keys, self.values):
            of[:, :, :LEAST] = 0.0
        self.length = 0

    def width(self, count: int) -> int:
        """Of the scores of ``count`` new tokens: keys that are looked at."""
        return max(self.length + count, LEAST)

    def put(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add those of new tokens, (tokens, heads, head); returns all of that layer, and beyond
        them, up to the width, what nobody may look at.
        """
        end, width = self.length + len(keys), self.width(len(keys))
        self.keys[layer, :, self.length : end] = keys.transpose(0, 1).half()
        self.values[layer, :, self.length : end] = values.transpose(0, 1).half()
        return self.keys[layer, :, :width], self.values[layer, :, :width]

    def rows(self, first: int) -> tuple[Tensor, Tensor]:
        """Keys and values from position ``first`` on, float16 (layers, tokens, heads * head)."""
        keys, values = (
            of[:, :, first : self.length].transpose(1, 2).flatten(2).half()
            for of in (self.keys, self.values)
        )
        return keys, values

    def branch_off(self, at: int, count: int) -> None:
        """Go on behind the first ``at`` tokens with a branch of ``count``, right after it was read
        and before anything else is.
        """
        for of in (self.keys, self.values):
            of[:, :, at : at + count] = of[:, :, self.length : self.length + count].clone()
        self.length = at + count

    def fill(self, keys: Tensor, values: Tensor) -> None:
        """Go on with what :meth:`rows` gave."""
        end = self.length + int(keys.shape[1])
        for of, rows in ((self.keys, keys), (self.values, values)):
            layers, heads, _, size = of.shape
            shaped = rows.view(layers, -1, heads, size).transpose(1, 2)
            of[:, :, self.length : end] = shaped
        self.length = end
