"""A few layers of the right size with random weights, to tell how fast the whole network reads.

In: an architecture and a format. Out: seconds. Nothing can fail here but memory: weights of any
value take the same time, so nothing has to be unpacked for it.
"""

from __future__ import annotations

import time

from qa.engine.torch_prefill.architecture import Architecture
from qa.engine.torch_prefill.choice import Format
from qa.engine.torch_prefill.kv_cache import KVCache
from qa.engine.torch_prefill.layers import Tensors, build_layer
from qa.engine.torch_prefill.network import Network, NetworkInput
from qa.engine.torch_prefill.weights import encode


class SampledLayers:
    """Layers with ``numbers`` weights or more together, as far as the network has as many."""

    def __init__(self, architecture: Architecture, format_: Format, numbers: int) -> None:
        import torch

        each = architecture.parameters // architecture.layers
        self._whole = max(1, architecture.layers - 1)
        self._layers = min(max(1, -(-numbers // each)), self._whole)
        # Of the last one no more than keys and values is computed, as in the whole network.
        shape = architecture.model_copy(update={"layers": self._layers + 1})
        held = encode(_random_layer(architecture), format_)
        layers = [
            build_layer({name: tensor.clone() for name, tensor in held.items()})
            for _ in range(shape.layers)
        ]
        self._network = Network(shape, layers, lambda tokens: torch.randn(len(tokens), shape.width))

    def seconds(self, tokens: int) -> float:
        """What the whole network would take to read so many tokens."""
        new = NetworkInput(KVCache(self._network.architecture, tokens), range(tokens))
        began = time.perf_counter()
        self._network.forward([new])
        return (time.perf_counter() - began) * self._whole / self._layers


def _random_layer(shape: Architecture) -> Tensors:
    import torch

    queries, keys = shape.heads * shape.head_size, shape.kv_width
    tensors = {
        "attention_norm": torch.ones(shape.width),
        "attention_in": torch.randn(queries + 2 * keys, shape.width),
        "attention_out": torch.randn(shape.width, queries),
        "feed_norm": torch.ones(shape.width),
        "feed_in": torch.randn(2 * shape.feed_forward, shape.width),
        "feed_out": torch.randn(shape.width, shape.feed_forward),
    }
    for name in ("attention_in", "attention_out", "feed_in", "feed_out"):
        # Or numbers would grow from layer to layer until they are none.
        tensors[name] *= tensors[name].shape[1] ** -0.5
    if shape.biases:
        tensors["attention_in.bias"] = torch.zeros(queries + 2 * keys)
    return tensors
