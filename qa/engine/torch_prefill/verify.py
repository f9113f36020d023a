"""Whether what is read here is what llama.cpp would have read.

In: a context, the network, a short text. Out: how far the predictions are apart. What can fail: a
library that keeps its states otherwise (StateLayoutError), predictions that differ too much
(UnsupportedModelError).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qa.engine.decode.sampling import Logits, log_probabilities
from qa.engine.local.binding import BatchRow
from qa.engine.torch_prefill.architecture import UnsupportedModelError
from qa.engine.torch_prefill.kv_cache import KVCache
from qa.engine.torch_prefill.kv_transfer import KVTransfer
from qa.engine.torch_prefill.network import Network, NetworkInput
from qa.engine.torch_prefill.state import StateContext, StateLayoutError, parse_state, serialise

TOLERANCE = 0.05
"""Nats that a prediction may be apart from llama.cpp's, in the mean (Kullback and Leibler)."""
AGREEMENT = 0.9
"""Share of predictions whose likeliest token must be the same."""
# Shares of the text: read by llama.cpp (as a static prefix is), then here, then compared.
_START, _HERE = 0.25, 0.75


class CheckContext(StateContext, Protocol):
    """What a check needs of :class:`~qa.engine.local.binding.Binding`."""

    def step(self, rows: Sequence[BatchRow]) -> None:
        """Evaluate rows."""
        ...

    def logits(self, row: int) -> Logits:
        """Logits after a row of the last step."""
        ...

    def truncate(self, sequence: int, length: int) -> None:
        """Shorten a sequence."""
        ...


class Distance(NamedTuple):
    """Mean divergence in nats, and the share of tokens that both find likeliest."""

    divergence: float
    agreement: float

    def require_small(self) -> None:
        """Raise UnsupportedModelError unless it is within the tolerance."""
        if self.divergence > TOLERANCE or self.agreement < AGREEMENT:
            raise UnsupportedModelError(
                f"predictions differ from llama.cpp's by {self.divergence:.3f} nats, and the "
                f"likeliest token is the same for {self.agreement:.0%} only"
            )


def check_layout(context: CheckContext, spare: int, sequence: int) -> None:
    """Take the state of ``sequence`` apart, write it to ``spare`` and read it back."""
    data = context.state(sequence)
    found = parse_state(data)
    if serialise(found) != data:
        raise StateLayoutError("the library's state of a sequence is not what it was taken for")
    try:
        if not context.set_state(spare, data):
            raise StateLayoutError("the library does not read back the state that it wrote")
        back = parse_state(context.state(spare))
    finally:
        context.truncate(spare, 0)
    pairs = (
        (found.positions, back.positions),
        (found.keys, back.keys),
        (found.values, back.values),
    )
    if not all(np.array_equal(one, other) for one, other in pairs):
        raise StateLayoutError("the library reads another state than it wrote")


def compare_predictions(
    context: CheckContext,
    network: Network,
    transfer: KVTransfer,
    sequence: int,
    tokens: Sequence[int],
) -> Distance:
    """How far predictions in the last quarter of ``tokens`` are apart, at the worst.

    Both llama.cpp's own, behind what was handed over, and the network's. ``sequence`` must be
    empty, and is again afterwards. Raises StateLayoutError.
    """
    start, here = round(len(tokens) * _START), round(len(tokens) * _HERE)
    kv_cache = KVCache(network.architecture, len(tokens))
    try:
        _predict(context, sequence, 0, tokens[:start])
        check_layout(context, transfer.spare, sequence)
        transfer.fetch(sequence, kv_cache)
        _predict(context, sequence, start, tokens[start:here])
        expected = _predict(context, sequence, here, tokens[here:])
        context.truncate(sequence, start)
        network.forward([NetworkInput(kv_cache, tokens[start:here])])
        if not transfer.give(kv_cache.rows(start), start, sequence):
            raise StateLayoutError("the library does not read a state that was made for it")
        found = _predict(context, sequence, here, tokens[here:])
    finally:
        context.truncate(sequence, 0)
    (own,) = network.forward([NetworkInput(kv_cache, tokens[here:], wanted=len(tokens) - here)])
    distances = [
        _distance(expected, found),
        _distance(expected, own.logits.log_softmax(-1).numpy()),
    ]
    return Distance(
        max(one.divergence for one in distances), min(one.agreement for one in distances)
    )


def _distance(expected: NDArray[np.float32], found: NDArray[np.float32]) -> Distance:
    divergence = (np.exp(expected) * (expected - found)).sum(-1).mean()
    agreement = (expected.argmax(-1) == found.argmax(-1)).mean()
    return Distance(float(divergence), float(agreement))


def _predict(
    context: CheckContext, sequence: int, first: int, tokens: Sequence[int]
) -> NDArray[np.float32]:
    """Log-probabilities after each of ``tokens``, float32 (tokens, vocabulary)."""
    context.step([BatchRow(one, first + at, sequence, True) for at, one in enumerate(tokens)])
    return np.stack([log_probabilities(context.logits(row)) for row in range(len(tokens))])
