"""The transformer: keys and values of every layer, and logits where they are wanted.

In: tokens of several prompts, and what each of them holds already. Out: the same with the keys and
values of the new tokens, and the logits after some of them. Nothing can fail here but memory.

The rows of all prompts go through the matrix products together; attention is each prompt's own.
RMS norm before both halves of a layer, rotary embedding, grouped-query attention, SwiGLU: Touvron
et al. 2023 (arXiv:2302.13971, section 2.2); Su et al. 2021 (RoFormer, arXiv:2104.09864); Ainslie et
al. 2023 (arXiv:2305.13245).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from qa.engine.torch_prefill.architecture import Architecture
from qa.engine.torch_prefill.kv_cache import KVCache
from qa.engine.torch_prefill.matrices import Matrix

if TYPE_CHECKING:
    from torch import Tensor

# Rows whose attention is computed at a time, for the memory that their scores take.
_BLOCK = 256
# Products of fewer rows are summed up in another order (found by trying: up to 3).
_FEWEST = 6

Embed: TypeAlias = "Callable[[Sequence[int]], Tensor]"
"""float32 (tokens, width) of token ids."""


@dataclass
class Layer:
    """Weights of one layer. ``attention_in`` makes queries, keys and values, ``feed_in`` gate and
    values, each one below the other.
    """

    attention_norm: Tensor
    attention_in: Matrix
    attention_out: Matrix
    feed_norm: Tensor
    feed_in: Matrix
    feed_out: Matrix


@dataclass
class Head:
    """What turns the residual stream into logits."""

    norm: Tensor
    matrix: Matrix


class NetworkInput(NamedTuple):
    """``tokens`` to be read behind ``kv_cache``; of the last ``wanted`` the logits are.

    Those of ``branch`` follow its first ``at`` tokens and see nothing of what else stands there;
    they are not part of it until it is told to :meth:`~KVCache.branch_off`.
    """

    kv_cache: KVCache
    tokens: Sequence[int]
    wanted: int = 0
    at: int = 0
    branch: Sequence[int] = ()


class NetworkOutput(NamedTuple):
    """``logits`` after the tokens where they were wanted, float32 (wanted, vocabulary); ``beside``
    after the last of a branch, float32 (vocabulary,).
    """

    logits: Tensor
    beside: Tensor | None


@dataclass
class RowSpan:
    """New tokens of one prompt. ``first``: where its rows stand among those of all.

    ``positions``: int64 (count,). ``mask``: what is added to the scores of what each row attends
    to, float32 (count, width of the cache). ``wanted``: rows among those of all whose logits are.
    """

    kv_cache: KVCache
    first: int
    count: int
    positions: Tensor
    mask: Tensor
    wanted: list[int]

    @property
    def rows(self) -> slice:
        """Its rows among those of all."""
        return slice(self.first, self.first + self.count)


class Network:
    """Layers of one architecture, and what turns tokens into their inputs."""

    def __init__(
        self,
        architecture: Architecture,
        layers: Sequence[Layer],
        embed: Embed,
        head: Head | None = None,
    ) -> None:
        self.architecture = architecture
        self._layers = layers
        self._embed = embed
        self._head = head

    def forward(self, prompts: Sequence[NetworkInput]) -> list[NetworkOutput]:
        """Evaluate tokens behind what each cache holds, and put them into it."""
        import torch

        with torch.inference_mode():
            spans, first = [], 0
            for prompt in prompts:
                spans.append(row_span(prompt, first))
                first += spans[-1].count
            hidden = self._embed([token for one in prompts for token in (*one.tokens, *one.branch)])
            rotation = self.rotation(spans)
            wanted = [row for span in spans for row in span.wanted]
            last = len(self._layers) - 1
            for at, layer in enumerate(self._layers):
                only = wanted if at == last else None
                hidden = self.layer(at, layer, hidden, spans, rotation, only=only)
            for prompt in prompts:
                prompt.kv_cache.length += len(prompt.tokens)
            return self._split(prompts, self.logits(hidden))

    def logits(self, hidden: Tensor) -> Tensor:
        """After the last layer, float32 (rows, vocabulary)."""
        import torch
        from torch.nn.functional import rms_norm

        if not len(hidden):
            return torch.empty(0, self.architecture.vocabulary)
        assert self._head is not None, "nobody wants logits of layers alone"
        shape = self.architecture
        normed = rms_norm(hidden, (shape.width,), self._head.norm, shape.epsilon)
        return self._head.matrix.multiply(self._head.matrix.prepare(normed))

    @staticmethod
    def _split(prompts: Sequence[NetworkInput], logits: Tensor) -> list[NetworkOutput]:
        found, first = [], 0
        for prompt in prompts:
            end = first + prompt.wanted
            beside = logits[end] if prompt.branch else None
            found.append(NetworkOutput(logits[first:end], beside))
            first = end + bool(prompt.branch)
        return found

    def layer(
        self,
        at: int,
        layer: Layer,
        hidden: Tensor,
        spans: Sequence[RowSpan],
        rotation: tuple[Tensor, Tensor],
        *,
        only: Sequence[int] | None = None,
    ) -> Tensor:
        """The residual stream, float32 (rows, width), after layer number ``at``.

        ``only``: the rows that are wanted; of the others no more than keys and values.
        """
        import torch
        from torch.nn.functional import rms_norm, silu

        shape = self.architecture
        normed = rms_norm(hidden, (shape.width,), layer.attention_norm, shape.epsilon)
        made = layer.attention_in.multiply(layer.attention_in.prepare(normed))
        made = made.view(len(hidden), -1, shape.head_size)
        values = made[:, shape.heads + shape.kv_heads :]
        turned = self._rotate(made[:, : shape.heads + shape.kv_heads], *rotation)
        queries, keys = turned[:, : shape.heads], turned[:, shape.heads :]
        attended = torch.empty(len(hidden), shape.heads, shape.head_size)
        for span in spans:
            both = span.kv_cache.put(at, keys[span.rows], values[span.rows])
            if only is None or span.wanted:
                attended[span.rows] = _attend(queries[span.rows], *both, span.mask)
        if only is not None:
            hidden, attended = hidden[only], attended[only]
            if not only:
                return hidden
        out = layer.attention_out
        hidden = hidden + out.multiply(out.prepare(attended.flatten(1)))
        normed = rms_norm(hidden, (shape.width,), layer.feed_norm, shape.epsilon)
        fed = layer.feed_in.multiply(layer.feed_in.prepare(normed))
        gate, fed = fed[:, : shape.feed_forward], fed[:, shape.feed_forward :]
        gated = silu(gate, inplace=True).mul_(fed)
        return hidden.add_(layer.feed_out.multiply(layer.feed_out.prepare(gated)))

    def rotation(self, spans: Sequence[RowSpan]) -> tuple[Tensor, Tensor]:
        """Cosine and sine for each row, float32 (rows, 1, head)."""
        import torch

        size = self.architecture.head_size
        positions = torch.cat([one.positions for one in spans])
        powers = torch.arange(0, size, 2, dtype=torch.float64) / size
        angles = positions[:, None].double() / self.architecture.rotary_base**powers
        cosine, sine = angles.cos().float()[:, None], angles.sin().float()[:, None]
        if self.architecture.rotary_neighbours:
            # Pairs session as one complex number: no doubling, see _rotate.
            return cosine, sine
        return torch.cat([cosine, cosine], -1), torch.cat([-sine, sine], -1)

    def _rotate(self, heads: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        import torch

        if not self.architecture.rotary_neighbours:
            return heads * cosine + heads.roll(self.architecture.head_size // 2, -1) * sine
        even, odd = heads[..., ::2], heads[..., 1::2]
        turned = (even * cosine - odd * sine, even * sine + odd * cosine)
        return torch.stack(turned, -1).flatten(-2)


def row_span(new: NetworkInput, first: int) -> RowSpan:
    """The rows of new tokens, from row ``first`` on."""
    import torch

    before, end = new.kv_cache.length, new.kv_cache.length + len(new.tokens)
    count = len(new.tokens) + len(new.branch)
    positions = torch.cat(
        [torch.arange(before, end), torch.arange(new.at, new.at + len(new.branch))]
    )
    mask = torch.full((count, new.kv_cache.width(count)), -torch.inf).triu_(before + 1)
    mask[len(new.tokens) :, new.at : end] = -torch.inf
    last = first + len(new.tokens)
    wanted = [*range(last - new.wanted, last), *([first + count - 1] if new.branch else [])]
    return RowSpan(new.kv_cache, first, count, positions, mask, wanted)


def _attend(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """float32 (tokens, heads, head) in and out; keys and values (heads of keys, all, head).

    Queries that share a head of keys are rows of one product. What comes out for a row does not
    depend on the rows beside it, to the last bit, which the library's own function does not keep.
    """
    import torch

    found = torch.empty_like(queries)
    for first in range(0, len(queries), _BLOCK):
        block = slice(first, first + _BLOCK)
        found[block] = _attend_block(queries[block], keys, values, mask[block])
    return found


def _attend_block(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    import torch
    from torch.nn.functional import pad

    count, heads, size = queries.shape
    shared = (len(keys), heads // len(keys))
    more = max(0, -(-_FEWEST // shared[1]) - count)
    if more:
        queries, mask = pad(queries, (0, 0, 0, 0, 0, more)), pad(mask, (0, 0, 0, more))
    rows = len(queries)
    scaled = (queries * size**-0.5).view(rows, *shared, size)
    scores = torch.bmm(
        scaled.permute(1, 2, 0, 3).reshape(len(keys), -1, size), keys.transpose(1, 2)
    )
    scores.view(*shared, *mask.shape).add_(mask)
    torch.softmax(scores, -1, out=scores)
    found = torch.bmm(scores, values).view(*shared, rows, size)
    return found.permute(2, 0, 1, 3).reshape(rows, heads, size)[:count]
