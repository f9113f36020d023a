"""Keys moved to another position of a prompt.

In: keys as llama.cpp keeps them, after rotary embedding (Su et al. 2021, arXiv:2104.09864), and by
how many positions they move. Out: the keys they would have been there. Rotations of one plane add
up, so a key is turned on instead of being computed again. What can fail: nothing; whether a model
is turned as :class:`Rotary` says is for :meth:`Rotary.holds` to find out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Half = NDArray[np.float16]

# Of a key's length; who reads in eight bits differs by 1.8 %, and keys that
# are turned otherwise differ by their whole length.
_TOLERANCE = 0.1


class Rotary(BaseModel):
    """How a model turns its keys. ``neighbours``: whether pairs stand side by side in a head,
    as in Llama, or half a head apart, as in Qwen (llama_rope_type in llama.h).
    """

    model_config = ConfigDict(frozen=True)

    base: float
    head_size: int
    neighbours: bool

    def rotate(self, keys: Half, positions: int) -> Half:
        """``keys``, float16 (layers, tokens, heads * head_size), ``positions`` further on."""
        if not positions:
            return keys
        half = self.head_size // 2
        angles = positions * self.base ** (-np.arange(half, dtype=np.float64) / half)
        cosine, sine = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
        shape = (half, 2) if self.neighbours else (2, half)
        pairs = keys.astype(np.float32).reshape(*keys.shape[:2], -1, *shape)
        found = np.empty_like(pairs)
        if self.neighbours:
            one, two = pairs[..., 0], pairs[..., 1]
            found[..., 0], found[..., 1] = one * cosine - two * sine, one * sine + two * cosine
        else:
            one, two = pairs[..., 0, :], pairs[..., 1, :]
            found[..., 0, :], found[..., 1, :] = (
                one * cosine - two * sine,
                one * sine + two * cosine,
            )
        return found.reshape(keys.shape).astype(np.float16)

    def holds(self, keys: Half, tokens: Sequence[int]) -> bool:
        """Whether ``keys`` of neighbouring positions are turned so.

        In the first layer a key depends on its token and position alone: those of a token that
        occurs again must be each other's, turned. True where none occurs again.
        """
        first: dict[int, int] = {}
        for at, token in enumerate(tokens):
            before = first.setdefault(token, at)
            wanted = keys[:1, at : at + 1].astype(np.float32)
            found = self.rotate(keys[:1, before : before + 1], at - before).astype(np.float32)
            if np.linalg.norm(found - wanted) > _TOLERANCE * np.linalg.norm(wanted):
                return False
        return True
