"""A matrix that is not trained, multiplied as fast as the processor can.

In: a matrix (outputs, inputs), float32 rows (rows, inputs). Out: their product, float32 (rows,
outputs), and gradients of the rows. Nothing can fail.

Products without gradient are computed in 8 bits. Those with one are computed in bfloat16 where the
processor multiplies it, else in 8 bits too, and so are their gradients: float32 takes two to three
times as long. Where the inputs have few columns that are far larger than the others, which 8 bits
for all would drown, those are multiplied in float32 (Dettmers et al. 2022, LLM.int8(),
arXiv:2208.07339, section 3.2).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


class EightBitMatrix:
    """A matrix (outputs, inputs) in 8 bits, each output with a scale of its own."""

    def __init__(self, weight: Tensor) -> None:
        import torch

        scale = weight.abs().amax(1).clamp_min(1e-12) / 127
        rounded = (weight / scale[:, None]).round().clamp(-127, 127).to(torch.int8).contiguous()
        self._packed = torch.ops.onednn.qlinear_prepack(rounded, [256, weight.shape[1]])
        self._scale = scale
        self._zero_points = torch.zeros(len(scale), dtype=torch.int32)

    def multiply(self, inputs: Tensor) -> Tensor:
        """The product for rows, float32 (rows, inputs), each of which is put in 8 bits too."""
        import torch

        scale = inputs.abs().amax(-1, keepdim=True).clamp_min(1e-12) / 127
        rows = (inputs / scale + 128.5).to(torch.uint8)
        product: Tensor = torch.ops.onednn.qlinear_pointwise(
            rows, 1.0, 128, self._packed, self._scale, self._zero_points,
            None, 1.0, 0, torch.float32, "none", [], "",
        )  # fmt: skip
        return product * scale


class FrozenMatrix:
    """A matrix (outputs, inputs) and perhaps a bias, float32."""

    def __init__(
        self, weight: Tensor, bias: Tensor | None, *, differentiable: bool, large_columns: int = 0
    ) -> None:
        """``differentiable``: whether gradients pass through it. ``large_columns``: of the inputs
        those that are multiplied in float32.
        """
        import torch

        self.size = (weight.shape[0], weight.shape[1])
        """Outputs and inputs."""
        self._bias = bias
        self._large_columns = large_columns
        self._columns = weight.T.contiguous() if large_columns else None
        self._eight_bits = EightBitMatrix(weight)
        in_bfloat16 = differentiable and multiplies_bfloat16()
        self._weight = weight.to(torch.bfloat16) if in_bfloat16 else None
        self._transposed = EightBitMatrix(weight.T) if differentiable and not in_bfloat16 else None

    def multiply(self, inputs: Tensor) -> Tensor:
        """The product for rows (rows, inputs), without gradient."""
        import torch

        if self._columns is None:
            product = self._eight_bits.multiply(inputs)
        else:
            large = inputs.abs().amax(0).topk(self._large_columns).indices
            rest = inputs.index_fill(1, large, 0.0)
            product = torch.addmm(
                self._eight_bits.multiply(rest), inputs[:, large], self._columns[large]
            )
        return product if self._bias is None else product + self._bias

    def differentiate(self, inputs: Tensor) -> Tensor:
        """The product, through which gradients pass to ``inputs``."""
        import torch

        if self._weight is None:
            product: Tensor = _product_type().apply(inputs, self)
            return product
        product = torch.nn.functional.linear(inputs.to(self._weight.dtype), self._weight).float()
        return product if self._bias is None else product + self._bias

    def gradients_of_inputs(self, gradients: Tensor) -> Tensor:
        """Those of the inputs (rows, inputs) for those of the product (rows, outputs)."""
        assert self._transposed is not None
        return self._transposed.multiply(gradients)


@functools.cache
def _product_type() -> Any:
    """The product in 8 bits as autograd takes it."""
    import torch

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, inputs: Tensor, matrix: FrozenMatrix) -> Tensor:
            context.matrix = matrix
            return matrix.multiply(inputs)

        @staticmethod
        def backward(context: Any, gradients: Tensor) -> tuple[Tensor, None]:
            return context.matrix.gradients_of_inputs(gradients), None

    return Product


def multiplies_bfloat16() -> bool:
    """Whether the processor does; elsewhere it is emulated, which is slower than float32."""
    import torch

    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))
