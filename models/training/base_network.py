"""The frozen base network of the reader, as training computes it.

In: a GGUF file of a Qwen2 network, packed tokens. Out: hidden states, and logits where a loss is
taken. What can fail: a file of another architecture (UsageError).

A pack is one text and many tails (:mod:`models.training.packing`). Everything up to the last frozen
layer, and the text in every layer, needs no gradient and is computed in 8 bits but for the
feed-forward output, which 8 bits hurt most; that and the tails in the upper layers are computed in
bfloat16 where the processor multiplies it, else in float32, with the adapter
(:mod:`models.training.adapter`, float32) beside each matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from base.errors import UsageError

if TYPE_CHECKING:
    import torch
    from torch import Tensor

MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
"""The matrices of a layer by their names in a GGUF file; each may get an adapter."""

_EIGHT_BITS = MATRICES[:-1]


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


class FrozenMatrix:
    """A matrix (outputs, inputs), and perhaps in 8 bits for what needs no gradient."""

    def __init__(self, weight: Tensor, bias: Tensor | None, *, eight_bits: bool, exact: bool):
        import torch

        self._bias = bias
        self._weight = weight.to(_exact_dtype()) if exact or not eight_bits else None
        self._packed: Tensor | None = None
        if eight_bits:
            scale = weight.abs().amax(1).clamp_min(1e-12) / 127
            rounded = (weight / scale[:, None]).round().clamp(-127, 127).to(torch.int8)
            self._packed = torch.ops.onednn.qlinear_prepack(rounded, [256, weight.shape[1]])
            self._scale = scale
            self._zero_points = torch.zeros(len(scale), dtype=torch.int32)

    @property
    def weight(self) -> Tensor:
        """(outputs, inputs); only of matrices that are kept exact."""
        assert self._weight is not None
        return self._weight

    def fast(self, inputs: Tensor) -> Tensor:
        """The product for rows (rows, inputs) without gradient."""
        import torch

        if self._packed is None:
            return self.exact(inputs)
        scale = inputs.abs().amax(-1, keepdim=True).clamp_min(1e-12) / 127
        rows = (inputs / scale + 128.5).to(torch.uint8)
        product: Tensor = torch.ops.onednn.qlinear_pointwise(
            rows, 1.0, 128, self._packed, self._scale, self._zero_points,
            None, 1.0, 0, torch.float32, "none", [], "",
        )  # fmt: skip
        product = product * scale
        return product if self._bias is None else product + self._bias

    def exact(self, inputs: Tensor) -> Tensor:
        """The product, float32, through which gradients pass to ``inputs``."""
        import torch

        assert self._weight is not None
        product = torch.nn.functional.linear(inputs.to(self._weight.dtype), self._weight).float()
        return product if self._bias is None else product + self._bias


def _exact_dtype() -> torch.dtype:
    import torch

    # Elsewhere bfloat16 is emulated, which is slower than float32.
    capable = torch.cpu.get_capabilities().get("avx512_bf16")
    return torch.bfloat16 if capable else torch.float32


class BaseNetwork:
    """Qwen2 with frozen weights; layers from ``first_trained`` on can take an adapter."""

    def __init__(self, file: Path, first_trained: int) -> None:
        import torch

        self.shape, tensors = _read(file)
        self.first_trained = first_trained
        self._embedding = tensors["token_embd.weight"].to(torch.bfloat16)
        head = tensors.get("output.weight", tensors["token_embd.weight"])
        self._head = head.to(_exact_dtype())
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
                    eight_bits=name in _EIGHT_BITS,
                    exact=at >= first_trained,
                )
            self._matrices.append(layer)

    def forward(
        self,
        tokens: Tensor,
        positions: Tensor,
        visible: Tensor,
        text_length: int,
        adapter: Adapter | None,
    ) -> Tensor:
        """Hidden states after the last layer of the tails, float32 (tails' tokens, width).

        ``tokens`` and ``positions`` int64 (n,), ``visible`` bool (n, n): which token sees which.
        The first ``text_length`` tokens are the text.
        """
        import torch

        cosines, sines = self._rotation(positions)
        hidden = self._embedding[tokens].float()
        with torch.no_grad():
            for at in range(self.first_trained):
                hidden = self._layer(at, hidden, cosines, sines, visible, None, exact=False)
        text, tails = hidden[:text_length], hidden[text_length:]
        turned = (cosines[text_length:], sines[text_length:])
        for at in range(self.first_trained, self.shape.layers):
            with torch.no_grad():
                inner = visible[:text_length, :text_length]
                before = self._keys_values(
                    at, text, cosines[:text_length], sines[:text_length], None, exact=False
                )
                if at < self.shape.layers - 1:
                    text = self._layer(
                        at, text, cosines[:text_length], sines[:text_length], inner, None,
                        exact=False,
                    )  # fmt: skip
            tails = self._layer(
                at, tails, *turned, visible[text_length:], adapter, exact=True, before=before
            )
        return self._norm(tails, self._output_norm)

    def size(self, matrix: str) -> tuple[int, int]:
        """Outputs and inputs of a matrix of the trained layers."""
        outputs, inputs = self._matrices[-1][matrix].weight.shape
        return outputs, inputs

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
        self, at: int, name: str, inputs: Tensor, adapter: Adapter | None, *, exact: bool
    ) -> Tensor:
        matrix = self._matrices[at][name]
        product = matrix.exact(inputs) if exact else matrix.fast(inputs)
        return product if adapter is None else adapter.add(at, name, inputs, product)

    def _keys_values(
        self,
        at: int,
        hidden: Tensor,
        cosines: Tensor,
        sines: Tensor,
        adapter: Adapter | None,
        *,
        exact: bool,
    ) -> tuple[Tensor, Tensor]:
        normed = self._norm(hidden, self._norms[at][0])
        shape = (len(hidden), self.shape.kv_heads, self.shape.head_size)
        keys = self._multiply(at, "attn_k", normed, adapter, exact=exact).view(shape)
        values = self._multiply(at, "attn_v", normed, adapter, exact=exact).view(shape)
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
        exact: bool,
        before: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        import torch

        normed = self._norm(hidden, self._norms[at][0])
        queries = self._multiply(at, "attn_q", normed, adapter, exact=exact)
        queries = queries.view(len(hidden), self.shape.heads, self.shape.head_size)
        keys, values = self._keys_values(at, hidden, cosines, sines, adapter, exact=exact)
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
        hidden = hidden + self._multiply(at, "attn_output", attended, adapter, exact=exact)
        normed = self._norm(hidden, self._norms[at][1])
        gate = self._multiply(at, "ffn_gate", normed, adapter, exact=exact)
        up = self._multiply(at, "ffn_up", normed, adapter, exact=exact)
        inner = torch.nn.functional.silu(gate) * up
        return hidden + self._multiply(at, "ffn_down", inner, adapter, exact=exact)


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
