"""Products of matrices that are not trained, and gradients through them."""

from __future__ import annotations

import torch

from models.training.frozen_matrix import FrozenMatrix


def matrix_and_rows(outputs: int, inputs: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    weight = torch.randn(outputs, inputs, generator=generator) * 0.02
    return weight, torch.randn(24, inputs, generator=generator)


def off(found: torch.Tensor, exact: torch.Tensor) -> float:
    """How far a product is off, as a share of its length."""
    return float((found - exact).norm() / exact.norm())


def test_products_and_gradients_are_those_of_the_matrix() -> None:
    weight, rows = matrix_and_rows(768, 1024)
    bias = torch.linspace(-1, 1, 768)
    matrix = FrozenMatrix(weight, bias, differentiable=True)
    exact = torch.nn.functional.linear(rows, weight, bias)
    assert matrix.size == (768, 1024)
    assert off(matrix.multiply(rows), exact) < 0.04
    asked = rows.clone().requires_grad_()
    product = matrix.differentiate(asked)
    assert off(product.detach(), exact) < 0.04
    gradients = torch.randn(24, 768, generator=torch.Generator().manual_seed(4))
    (found,) = torch.autograd.grad(product, asked, gradients)
    assert off(found, gradients @ weight) < 0.04


def test_a_few_large_columns_do_not_drown_the_others() -> None:
    weight, rows = matrix_and_rows(96, 320)
    rows[:, [5, 77]] *= 300
    weight[:, [5, 77]] = 0
    exact = rows @ weight.T
    assert off(FrozenMatrix(weight, None, differentiable=False).multiply(rows), exact) > 0.5
    kept = FrozenMatrix(weight, None, differentiable=False, large_columns=4)
    assert off(kept.multiply(rows), exact) < 0.06
