"""The frozen base network of the reader, as training computes it.

In: a GGUF file of a Qwen2 network, packed tokens. Out: hidden states, and logits where a loss is
taken. What can fail: a file of another architecture (UsageError).

A pack is one text and many tails (:mod:`models.training.packing`). Everything up to the last frozen
layer, and the text in every layer, needs no gradient; the tails in the upper layers do
(:mod:`models.training.frozen_matrix`), with the adapter (:mod:`models.training.adapter`, float32)
beside each matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from base.errors import UsageError
from models.training.frozen_matrix import FrozenMatrix, multiplies_bfloat16

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from models.training.packing import Pack

MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
"""The matrices of a layer by their names in a GGUF file; each may get an adapter."""

_LARGE_COLUMNS = {"ffn_down": 64}
"""How many columns of a matrix's inputs are multiplied in float32."""


class Adapter(Protocol):
    """What is added to products in the layers that are trained."""

    def add(self, layer: int, matrix: str, inputs: Tensor, product: Tensor) -> Tensor:
        """``product`` (rows, outputs) with the adapter's own product of ``inputs`` added."""
        ...


@dataclass(frozen=True)
class Shape:
    """The sizes of a network."""

    layers: int
    heads: int
    kv_heads: int
    head_size: int
    epsilon: float
    """Of the RMS norms."""
    rope_base: float


@dataclass(frozen=True)
class TextReading:
    """A pack as far as no adapter acts on it, from which any adapter goes on."""

    keys_values: list[tuple[Tensor, Tensor]]
    """The text's keys and values in each trained layer, float32 (text's tokens, KV heads, size)."""
    tails: Tensor
    """Hidden states of the tails before the first trained layer, float32 (tails' tokens, width)."""
    cosines: Tensor
    sines: Tensor
    """The tails' rotations, float32 (tails' tokens, 1, head size)."""
    visible: Tensor
    """Which token of the pack each token of the tails sees, bool (tails' tokens, all tokens)."""


class BaseNetwork:
    """Qwen2 with frozen weights; layers from ``first_trained`` on can take an adapter."""

    def __init__(self, file: Path, first_trained: int) -> None:
        import torch

        self.shape, tensors = _read(file)
        self.first_trained = first_trained
        self._embedding = tensors["token_embd.weight"].to(torch.bfloat16)
        head = tensors.get("output.weight", tensors["token_embd.weight"])
        self._head = head.to(torch.bfloat16 if multiplies_bfloat16() else torch.float32)
        self._output_norm = tensors["output_norm.weight"]
        self._norms = [
            (tensors[f"blk.{at}.attn_norm.weight"], tensors[f"blk.{at}.ffn_norm.weight"])
            for at in range(self.shape.layers)
        ]
        self._matrices: list[dict[str, FrozenMatrix]] = []
        for at in range(self.shape.layers):
            layer = {}
            for name in MATRICES:
                weight = tensors.pop(f"blk.{at}.{name}.weight")
                layer[name] = FrozenMatrix(
                    weight,
                    tensors.get(f"blk.{at}.{name}.bias"),
                    differentiable=at >= first_trained,
                    large_columns=_LARGE_COLUMNS.get(name, 0),
                )
            self._matrices.append(layer)

    def forward(self, pack: Pack, adapter: Adapter | None) -> Tensor:
        """Hidden states after the last layer of the tails, float32 (tails' tokens, width)."""
        return self.read_tails(self.read_text(pack), adapter)

    def read_text(self, pack: Pack) -> TextReading:
        """What no adapter acts on: the text, and the tails in the layers that are not trained."""
        import torch

        cosines, sines = self._rotation(pack.positions)
        hidden = self._embedding[pack.tokens].float()
        length = pack.text_length
        turned = cosines[:length], sines[:length]
        keys_values = []
        with torch.no_grad():
            for at in range(self.first_trained):
                hidden = self._layer(at, hidden, cosines, sines, pack.visible, None, trained=False)
            text, tails = hidden[:length], hidden[length:]
            inner = pack.visible[:length, :length]
            for at in range(self.first_trained, self.shape.layers):
                keys_values.append(self._keys_values(at, text, *turned, None, trained=False))
                if at < self.shape.layers - 1:
                    text = self._layer(at, text, *turned, inner, None, trained=False)
        return TextReading(
            keys_values, tails, cosines[length:], sines[length:], pack.visible[length:]
        )

    def read_tails(self, reading: TextReading, adapter: Adapter | None) -> Tensor:
        """The tails in the trained layers, as :meth:`forward`."""
        tails = reading.tails
        for at, before in enumerate(reading.keys_values, self.first_trained):
            tails = self._layer(
                at, tails, reading.cosines, reading.sines, reading.visible, adapter, trained=True,
                before=before,
            )  # fmt: skip
        return self._norm(tails, self._output_norm)

    def size(self, matrix: str) -> tuple[int, int]:
        """Outputs and inputs of a matrix of the trained layers."""
        return self._matrices[-1][matrix].size

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits over the vocabulary, float32 (rows, vocabulary)."""
        import torch

        return torch.nn.functional.linear(hidden.to(self._head.dtype), self._head).float()

    def _norm(self, hidden: Tensor, weight: Tensor) -> Tensor:
        import torch

        variance = hidden.pow(2).mean(-1, keepdim=True)
        return hidden * torch.rsqrt(variance + self.shape.epsilon) * weight

    def _rotation(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        import torch

        size = self.shape.head_size
        frequencies = self.shape.rope_base ** (-torch.arange(0, size, 2).double() / size)
        angles = (positions.double()[:, None] * frequencies).float()
        angles = torch.cat([angles, angles], -1)
        return angles.cos()[:, None], angles.sin()[:, None]

    def _multiply(
        self, at: int, name: str, inputs: Tensor, adapter: Adapter | None, *, trained: bool
    ) -> Tensor:
        matrix = self._matrices[at][name]
        product = matrix.differentiate(inputs) if trained else matrix.multiply(inputs)
        return product if adapter is None else adapter.add(at, name, inputs, product)

    def _keys_values(
        self,
        at: int,
        hidden: Tensor,
        cosines: Tensor,
        sines: Tensor,
        adapter: Adapter | None,
        *,
        trained: bool,
    ) -> tuple[Tensor, Tensor]:
        normed = self._norm(hidden, self._norms[at][0])
        shape = (len(hidden), self.shape.kv_heads, self.shape.head_size)
        keys = self._multiply(at, "attn_k", normed, adapter, trained=trained).view(shape)
        values = self._multiply(at, "attn_v", normed, adapter, trained=trained).view(shape)
        return _rotate(keys, cosines, sines), values

    def _layer(  # noqa: PLR0917 - the parts of one state, always given in this order
        self,
        at: int,
        hidden: Tensor,
        cosines: Tensor,
        sines: Tensor,
        visible: Tensor,
        adapter: Adapter | None,
        *,
        trained: bool,
        before: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        import torch

        normed = self._norm(hidden, self._norms[at][0])
        queries = self._multiply(at, "attn_q", normed, adapter, trained=trained)
        queries = queries.view(len(hidden), self.shape.heads, self.shape.head_size)
        keys, values = self._keys_values(at, hidden, cosines, sines, adapter, trained=trained)
        if before is not None:
            keys, values = torch.cat([before[0], keys]), torch.cat([before[1], values])
        group = self.shape.heads // self.shape.kv_heads
        attended = torch.nn.functional.scaled_dot_product_attention(
            _rotate(queries, cosines, sines).transpose(0, 1)[None],
            keys.transpose(0, 1).repeat_interleave(group, 0)[None],
            values.transpose(0, 1).repeat_interleave(group, 0)[None],
            attn_mask=visible[None, None],
        )[0]
        attended = attended.transpose(0, 1).reshape(len(hidden), -1)
        hidden = hidden + self._multiply(at, "attn_output", attended, adapter, trained=trained)
        normed = self._norm(hidden, self._norms[at][1])
        gate = self._multiply(at, "ffn_gate", normed, adapter, trained=trained)
        up = self._multiply(at, "ffn_up", normed, adapter, trained=trained)
        inner = torch.nn.functional.silu(gate) * up
        return hidden + self._multiply(at, "ffn_down", inner, adapter, trained=trained)


def _rotate(rows: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    import torch

    first, second = rows.chunk(2, -1)
    return rows * cosines + torch.cat([-second, first], -1) * sines


def _read(file: Path) -> tuple[Shape, dict[str, torch.Tensor]]:
    import numpy as np
    import torch
    from gguf import GGUFReader
    from gguf.quants import dequantize

    reader = GGUFReader(str(file))

    def fact(key: str) -> float:
        field = reader.get_field(f"qwen2.{key}")
        if field is None:
            raise UsageError(f"'{file}' is not a Qwen2 network: it states no 'qwen2.{key}'.")
        return float(field.contents())

    heads, width = int(fact("attention.head_count")), int(fact("embedding_length"))
    shape = Shape(
        layers=int(fact("block_count")),
        heads=heads,
        kv_heads=int(fact("attention.head_count_kv")),
        head_size=width // heads,
        epsilon=fact("attention.layer_norm_rms_epsilon"),
        rope_base=fact("rope.freq_base"),
    )
    tensors = {
        tensor.name: torch.from_numpy(
            # What stands in the file as it is wanted is a view of it, which PyTorch could write to.
            np.require(dequantize(tensor.data, tensor.tensor_type), np.float32, ["C", "W"])
        )
        for tensor in reader.tensors
    }
    return shape, tensors
