"""A layer, or the head, from its tensors.

In: tensors by name, as files of unpacked weights hold them. Out: a
:class:`~qa.engine.torch_prefill.network.Layer` or :class:`~qa.engine.torch_prefill.network.Head`.
Nothing can fail here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from qa.engine.torch_prefill.matrices import ByteMatrix, FloatMatrix, Matrix
from qa.engine.torch_prefill.network import Head, Layer

if TYPE_CHECKING:
    from torch import Tensor

Tensors: TypeAlias = "dict[str, Tensor]"
"""Norms and matrices of a layer by the names of :class:`Layer`; a matrix in 8 bits has a ``.scale``
beside it, one with a bias a ``.bias``.
"""


Make: TypeAlias = "Callable[[str, Tensor, Tensor | None, Tensor | None], Matrix]"
"""Makes a matrix from its name, weight, scale and bias."""


def plain_matrix(_: str, weight: Tensor, scale: Tensor | None, bias: Tensor | None) -> Matrix:
    """In 8 bits where there is a scale."""
    return FloatMatrix(weight, bias) if scale is None else ByteMatrix(weight, scale, bias)


def build_layer(tensors: Tensors, make: Make = plain_matrix) -> Layer:
    """A layer whose matrices ``make`` makes."""

    def matrix(name: str) -> Matrix:
        return _matrix(tensors, name, make)

    return Layer(
        attention_norm=tensors["attention_norm"],
        attention_in=matrix("attention_in"),
        attention_out=matrix("attention_out"),
        feed_norm=tensors["feed_norm"],
        feed_in=matrix("feed_in"),
        feed_out=matrix("feed_out"),
    )


def build_head(tensors: Tensors) -> Head:
    """The head, of which ``matrix`` is in 8 bits where it has a scale."""
    return Head(tensors["norm"], _matrix(tensors, "matrix", plain_matrix))


def _matrix(tensors: Tensors, name: str, make: Make) -> Matrix:
    scale, bias = tensors.get(f"{name}.scale"), tensors.get(f"{name}.bias")
    return make(name, tensors[name], scale, bias)
