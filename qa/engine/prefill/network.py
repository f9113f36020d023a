"""The transformer, up to the keys and values of every layer.

In: tokens of several prompts, and what each of them holds already. Out: the same with the keys and
values of the new tokens. No logits: llama.cpp evaluates the last token of a prompt itself. Nothing
can fail here but memory.

The rows of all prompts go through the matrix products together; attention is each prompt's own.
RMS norm before both halves of a layer, rotary embedding, grouped-query attention, SwiGLU: Touvron
et al. 2023 (arXiv:2302.13971, section 2.2); Su et al. 2021 (RoFormer, arXiv:2104.09864); Ainslie et
al. 2023 (arXiv:2305.13245).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from qa.engine.prefill.architecture import Architecture
from qa.engine.prefill.matrices import Matrix

if TYPE_CHECKING:
    from torch import Tensor

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


class Past:
    """Keys and values of a prompt, with ``room`` for all its tokens.

    ``keys``, ``values``: float32 (layers, heads of keys, room, head); the first ``length`` are set.
    """

    def __init__(self, architecture: Architecture, room: int) -> None:
        import torch

        shape = (architecture.layers, architecture.kv_heads, room, architecture.head_size)
        self.keys = torch.empty(shape)
        self.values = torch.empty(shape)
        self.length = 0

    @property
    def room(self) -> int:
        """Tokens that it can hold."""
        return int(self.keys.shape[2])

    def put(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add those of new tokens, (tokens, heads, head); returns all of that layer."""
        end = self.length + len(keys)
        self.keys[layer, :, self.length : end] = keys.transpose(0, 1)
        self.values[layer, :, self.length : end] = values.transpose(0, 1)
        return self.keys[layer, :, :end], self.values[layer, :, :end]

    def rows(self, first: int) -> tuple[Tensor, Tensor]:
        """Keys and values from position ``first`` on, float16 (layers, tokens, heads * head)."""
        return self._rows(first, self.length)

    def beyond(self, count: int) -> tuple[Tensor, Tensor]:
        """Those of a branch of ``count`` tokens, right after they were read."""
        return self._rows(self.length, self.length + count)

    def _rows(self, first: int, end: int) -> tuple[Tensor, Tensor]:
        keys, values = (
            of[:, :, first:end].transpose(1, 2).flatten(2).half() for of in (self.keys, self.values)
        )
        return keys, values

    def fill(self, keys: Tensor, values: Tensor) -> None:
        """Begin with what :meth:`rows` gave."""
        self.length = int(keys.shape[1])
        for of, rows in ((self.keys, keys), (self.values, values)):
            layers, heads, _, size = of.shape
            shaped = rows.view(layers, self.length, heads, size).transpose(1, 2)
            of[:, :, : self.length] = shaped


class New(NamedTuple):
    """``tokens`` to be read behind ``past``. Those of ``branch`` follow its first ``at`` tokens and
    see nothing of what else stands there; they are not part of the past, see :meth:`Past.beyond`.
    """

    past: Past
    tokens: Sequence[int]
    at: int = 0
    branch: Sequence[int] = ()


@dataclass
class Span:
    """New tokens of one prompt. ``first``: where its rows stand among those of all.

    ``positions``: int64 (count,).
    """

    past: Past
    first: int
    count: int
    positions: Tensor
    mask: Tensor | None

    @property
    def rows(self) -> slice:
        """Its rows among those of all."""
        return slice(self.first, self.first + self.count)


class Network:
    """Layers of one architecture, and what turns tokens into their inputs."""

    def __init__(self, architecture: Architecture, layers: Sequence[Layer], embed: Embed) -> None:
        self.architecture = architecture
        self._layers = layers
        self._embed = embed

    def read(self, prompts: Sequence[New]) -> None:
        """Evaluate tokens behind what each past holds, and put them into it."""
        import torch

        with torch.inference_mode():
            spans, first = [], 0
            for one in prompts:
                spans.append(span_of(one, first))
                first += spans[-1].count
            hidden = self._embed([token for one in prompts for token in (*one.tokens, *one.branch)])
            rotation = self.rotation(spans)
            last = len(self._layers) - 1
            for at, layer in enumerate(self._layers):
                hidden = self.layer(at, layer, hidden, spans, rotation, only_past=at == last)
            for one in prompts:
                one.past.length += len(one.tokens)

    def layer(
        self,
        at: int,
        layer: Layer,
        hidden: Tensor,
        spans: Sequence[Span],
        rotation: tuple[Tensor, Tensor],
        *,
        only_past: bool = False,
    ) -> Tensor:
        """The residual stream, float32 (rows, width), after layer number ``at``.

        ``only_past``: no further than its keys and values, as nobody wants more of the last layer.
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
            both = span.past.put(at, keys[span.rows], values[span.rows])
            if not only_past:
                attended[span.rows] = _attend(queries[span.rows], *both, span.mask)
        if only_past:
            return hidden
        out = layer.attention_out
        hidden = hidden + out.multiply(out.prepare(attended.flatten(1)))
        normed = rms_norm(hidden, (shape.width,), layer.feed_norm, shape.epsilon)
        fed = layer.feed_in.multiply(layer.feed_in.prepare(normed))
        gate, fed = fed[:, : shape.feed_forward], fed[:, shape.feed_forward :]
        gated = silu(gate, inplace=True).mul_(fed)
        return hidden.add_(layer.feed_out.multiply(layer.feed_out.prepare(gated)))

    def rotation(self, spans: Sequence[Span]) -> tuple[Tensor, Tensor]:
        """Cosine and sine for each row, float32 (rows, 1, head)."""
        import torch

        size = self.architecture.head_size
        positions = torch.cat([one.positions for one in spans])
        powers = torch.arange(0, size, 2, dtype=torch.float64) / size
        angles = positions[:, None].double() / self.architecture.rotary_base**powers
        cosine, sine = angles.cos().float()[:, None], angles.sin().float()[:, None]
        if self.architecture.rotary_neighbours:
            # Pairs turn as one complex number: no doubling, see _rotate.
            return cosine, sine
        return torch.cat([cosine, cosine], -1), torch.cat([-sine, sine], -1)

    def _rotate(self, heads: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        import torch

        if not self.architecture.rotary_neighbours:
            return heads * cosine + heads.roll(self.architecture.head_size // 2, -1) * sine
        even, odd = heads[..., ::2], heads[..., 1::2]
        turned = (even * cosine - odd * sine, even * sine + odd * cosine)
        return torch.stack(turned, -1).flatten(-2)


def span_of(new: New, first: int) -> Span:
    """The rows of new tokens, from row ``first`` on."""
    import torch

    before, end = new.past.length, new.past.length + len(new.tokens)
    count = len(new.tokens) + len(new.branch)
    positions = torch.cat(
        [torch.arange(before, end), torch.arange(new.at, new.at + len(new.branch))]
    )
    mask = None
    if before or new.branch:
        # What each row may attend to, bool (count, before + count).
        mask = torch.ones(count, before + count, dtype=torch.bool).tril_(before)
        mask[len(new.tokens) :, new.at : end] = False
    return Span(new.past, first, count, positions, mask)


def _attend(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """float32 (tokens, heads, head) in and out; keys and values (heads of keys, all, head)."""
    from torch.nn.functional import scaled_dot_product_attention

    found = scaled_dot_product_attention(
        queries.transpose(0, 1)[None],
        keys[None],
        values[None],
        attn_mask=mask,
        is_causal=mask is None,
        enable_gqa=True,
    )
    return found[0].transpose(0, 1)
