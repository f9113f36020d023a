"""Products with weights, in the formats that a processor may be fast in.

In: activations, float32 (rows, inputs). Out: float32 (rows, outputs). Nothing can fail here; that
a format is of use on this processor is found out by measuring (``choice``).

Eight bits: weights are scaled for each output, activations for each row, both symmetrically, and
the product of the integers is exact, so that both scales can be put back afterwards (Dettmers et
al. 2022, LLM.int8(), section 2.1, arXiv:2208.07339). Activations are kept as unsigned numbers with
zero at 128, as the processors' instructions want them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from models.native.hardware import processor_features

if TYPE_CHECKING:
    from torch import Tensor

# Rows for which oneDNN lays out weights; other numbers compute too.
_ROWS = 256
_LARGEST = 127
_ZERO = 128
_TINY = 1e-12


class PreparedActivations(NamedTuple):
    """Activations as a format wants them: ``rows`` (rows, inputs), ``scale`` (rows, 1) or None."""

    rows: Tensor
    scale: Tensor | None


class Matrix(Protocol):
    """Weights (outputs, inputs), perhaps with a bias. Several of one format can share what one of
    them prepared.
    """

    def prepare(self, activations: Tensor) -> PreparedActivations:
        """Bring activations into the format of the weights."""
        ...

    def multiply(self, prepared: PreparedActivations) -> Tensor:
        """The product, with the bias."""
        ...


class FloatMatrix:
    """Weights in bfloat16 or float32."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        self._weight = weight
        self._bias = bias

    def prepare(self, activations: Tensor) -> PreparedActivations:
        """In the type of the weights."""
        return PreparedActivations(activations.to(self._weight.dtype), None)

    def multiply(self, prepared: PreparedActivations) -> Tensor:
        """The product, with the bias."""
        import torch

        found = torch.nn.functional.linear(prepared.rows, self._weight).float()
        return found if self._bias is None else found.add_(self._bias)


class ByteMatrix:
    """Weights in 8 bits, ``weight`` int8 (outputs, inputs), ``scale`` float32 (outputs,).

    They are laid out anew for the processor, so ``weight`` itself is not kept.
    """

    def __init__(self, weight: Tensor, scale: Tensor, bias: Tensor | None = None) -> None:
        import torch

        self._packed = torch.ops.onednn.qlinear_prepack(weight, [_ROWS, weight.shape[1]])
        self._scale = scale
        self._zero_points = torch.zeros(len(scale), dtype=torch.int32)
        self._bias = bias

    def prepare(self, activations: Tensor) -> PreparedActivations:
        """As unsigned numbers with zero at 128, scaled by row."""
        return quantise_rows(activations)

    def multiply(self, prepared: PreparedActivations) -> Tensor:
        """The product, with the bias."""
        import torch

        assert prepared.scale is not None
        found: Tensor = torch.ops.onednn.qlinear_pointwise(
            prepared.rows,
            1.0,
            _ZERO,
            self._packed,
            self._scale,
            self._zero_points,
            None,
            1.0,
            0,
            torch.float32,
            "none",
            [],
            "",
        )
        if self._bias is None:
            return found.mul_(prepared.scale)
        return torch.addcmul(self._bias, found, prepared.scale)


def quantise_rows(values: Tensor) -> PreparedActivations:
    """Numbers from 1 to 255 (zero at 128) and the scale of each row; float32 (rows, columns) in."""
    import torch

    # Two passes that are vectorised; the norm and aminmax of 2.13 are not, and ten times slower.
    largest = torch.maximum(values.amax(-1, keepdim=True), values.amin(-1, keepdim=True).neg_())
    scale = largest.clamp_min_(_TINY).div_(_LARGEST)
    # Half is added because the conversion cuts off.
    shifted = torch.addcmul(torch.tensor(_ZERO + 0.5), values, scale.reciprocal())
    return PreparedActivations(shifted.to(torch.uint8), scale)


def quantise_weight(weight: Tensor) -> tuple[Tensor, Tensor]:
    """int8 (outputs, inputs) and float32 (outputs,), whose product is nearest to ``weight``."""
    import torch

    largest = _largest_weight(processor_features())
    scale = weight.abs().amax(1).clamp_min_(_TINY).div_(largest)
    rounded = (weight / scale[:, None]).round_().clamp_(-largest, largest)
    return rounded.to(torch.int8), scale


def _largest_weight(features: Sequence[str]) -> int:
    """The largest 8-bit weight whose products are exact on a processor with these features.

    Without VNNI, AVX2 adds two products in 16 bits, which overflow above 64 (oneDNN, "Nuances of
    int8 computations").
    """
    exact = {"avx512_vnni", "avx_vnni", "amx_int8"}
    return _LARGEST if "avx2" not in features or exact & set(features) else _LARGEST // 2
