from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.engine.torch_prefill.matrices import ByteMatrix, FloatMatrix, quantise_rows, quantise_weight


def numbers(rows: int, columns: int, seed: int, size: float = 1.0) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed)) * size


@given(st.integers(1, 9), st.integers(1, 70), st.integers(0, 99), st.floats(1e-6, 1e6))
@settings(deadline=None)
def test_rounded_rows_are_half_a_step_from_what_they_were(
    rows: int, columns: int, seed: int, size: float
) -> None:
    values = numbers(rows, columns, seed, size)
    found, scale = quantise_rows(values)
    assert found.dtype == torch.uint8
    assert scale is not None
    assert int(found.min()) >= 1
    back = (found.float() - 128) * scale
    assert ((back - values).abs() <= 0.502 * scale).all()


@given(st.integers(1, 9), st.integers(1, 70), st.integers(0, 99))
@settings(deadline=None)
def test_rounded_weights_are_half_a_step_from_what_they_were(
    rows: int, columns: int, seed: int
) -> None:
    weight = numbers(rows, columns, seed)
    found, scale = quantise_weight(weight)
    assert found.dtype == torch.int8
    back = found.float() * scale[:, None]
    assert ((back - weight).abs() <= 0.502 * scale[:, None]).all()


def test_zeros_stay_zeros() -> None:
    found, scale = quantise_rows(torch.zeros(2, 8))
    assert scale is not None
    assert (((found.float() - 128) * scale) == 0).all()
    assert (quantise_weight(torch.zeros(2, 8))[0] == 0).all()


@pytest.mark.parametrize("rows", [1, 5, 64, 300])
@pytest.mark.parametrize("biased", [True, False])
def test_products_in_all_formats_agree(rows: int, biased: bool) -> None:
    weight, inputs = numbers(48, 96, 1), numbers(rows, 96, 2)
    bias = numbers(1, 48, 3)[0] if biased else None
    expected = torch.nn.functional.linear(inputs, weight, bias)
    for matrix in (
        FloatMatrix(weight, bias),
        FloatMatrix(weight.to(torch.bfloat16), bias),
        ByteMatrix(*quantise_weight(weight), bias),
    ):
        found = matrix.multiply(matrix.prepare(inputs))
        assert found.dtype == torch.float32
        assert float((found - expected).norm() / expected.norm()) < 0.02


def test_a_row_does_not_depend_on_those_beside_it() -> None:
    matrix = ByteMatrix(*quantise_weight(numbers(48, 96, 1)))
    inputs = numbers(40, 96, 2)
    together = matrix.multiply(matrix.prepare(inputs))
    inputs[1:] *= 1000
    assert torch.equal(matrix.multiply(matrix.prepare(inputs))[0], together[0])
