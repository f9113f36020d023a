"""Weights made fit for eight bits.

In: the matrices of a layer or the head in float32, and a text on its way through them. Out:
matrices that compute the same and lose less when they and their inputs are rounded. Nothing can
fail here.

Inputs of a product whose columns differ a lot in size lose the small ones. So columns are scaled
before rounding, by as much as the weights are scaled the other way, and the scale goes into what
makes the inputs: the norm before, or the rows of the feed-forward values (Xiao et al. 2023,
SmoothQuant, arXiv:2211.10438, equation 4). How large inputs get is seen on a short text that is
read layer by layer while the weights are unpacked. It matters at some positions only: one in a
test with SmolLM2 was 0.17 nats from llama.cpp's prediction without, 0.005 with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from qa.engine.torch_prefill.architecture import Architecture
from qa.engine.torch_prefill.kv_cache import KVCache
from qa.engine.torch_prefill.layers import Tensors, build_layer
from qa.engine.torch_prefill.matrices import FloatMatrix, PreparedActivations
from qa.engine.torch_prefill.network import Embed, Network, NetworkInput, row_span

if TYPE_CHECKING:
    from torch import Tensor

# Of a column's size that its weights take over from its inputs (SmoothQuant's alpha).
STRENGTH = 0.5
# Tokens at the beginning of a text gather attention with inputs like no other token's.
_SINKS = 4
_TINY = 1e-5


class Smoothing:
    """A text on its way through the layers, one after the other, in float32."""

    def __init__(self, architecture: Architecture, embed: Embed, text: Sequence[int]) -> None:
        self._network = Network(architecture, [], embed)
        self._hidden = embed(text)
        self._spans = [row_span(NetworkInput(KVCache(architecture, len(text)), text), 0)]

    def apply(self, at: int, tensors: Tensors) -> None:
        """Smooth layer number ``at`` in place; to be called for each, in order."""
        seen = self._read(at, tensors)
        for matrix, norm in (("attention_in", "attention_norm"), ("feed_in", "feed_norm")):
            scale = column_scale(tensors[matrix], seen[matrix])
            tensors[matrix] *= scale
            tensors[norm] /= scale
        scale = column_scale(tensors["feed_out"], seen["feed_out"])
        tensors["feed_out"] *= scale
        tensors["feed_in"][len(scale) :] /= scale[:, None]

    def apply_to_head(self, tensors: Tensors) -> None:
        """Smooth the head in place; to be called after the last layer was."""
        from torch.nn.functional import rms_norm

        shape = self._network.architecture
        normed = rms_norm(self._hidden, (shape.width,), tensors["norm"], shape.epsilon)
        scale = column_scale(tensors["matrix"], _sizes(normed))
        tensors["matrix"] *= scale
        tensors["norm"] /= scale

    def _read(self, at: int, tensors: Tensors) -> Tensors:
        """The largest size of each input of the matrices, float32 (inputs,) each."""
        import torch

        seen: Tensors = {}
        layer = build_layer(
            tensors, lambda name, *held: _Observed(partial(seen.__setitem__, name), *held)
        )
        rotation = self._network.rotation(self._spans)
        with torch.no_grad():
            self._hidden = self._network.layer(at, layer, self._hidden, self._spans, rotation)
        return seen


def column_scale(weight: Tensor, seen: Tensor) -> Tensor:
    """What each column of ``weight`` is scaled by, float32 (inputs,), 1 in the geometric mean."""
    largest = weight.abs().amax(0).clamp_min(_TINY)
    scale = seen.clamp_min(_TINY) ** STRENGTH / largest ** (1 - STRENGTH)
    return scale / scale.log().mean().exp()


def _sizes(inputs: Tensor) -> Tensor:
    """How large each column gets, float32 (inputs,)."""
    return inputs[_SINKS:].abs().amax(0)


class _Observed(FloatMatrix):
    """A matrix that tells how large its inputs are."""

    def __init__(
        self,
        tell: Callable[[Tensor], None],
        weight: Tensor,
        scale: Tensor | None,
        bias: Tensor | None,
    ) -> None:
        assert scale is None, "it is not rounded yet"
        super().__init__(weight, bias)
        self._tell = tell

    def prepare(self, activations: Tensor) -> PreparedActivations:
        """In the type of the weights."""
        self._tell(_sizes(activations))
        return super().prepare(activations)
