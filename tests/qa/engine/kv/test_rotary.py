from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.engine.kv.rotary import Half, Rotary

HEADS, SIZE = 2, 16
BASES = st.sampled_from([10_000.0, 1_000_000.0])
KINDS = st.booleans()


def made(base: float, *, neighbours: bool) -> Rotary:
    return Rotary(base=base, head_size=SIZE, neighbours=neighbours)


def keys(tokens: list[int], rotary: Rotary, first: int = 0) -> Half:
    """As a first layer has them: by token, turned to its position."""
    rows = []
    for at, token in enumerate(tokens):
        plain = np.random.default_rng(token).normal(size=(1, 1, HEADS * SIZE)).astype(np.float16)
        rows.append(rotary.rotate(plain, first + at))
    return np.concatenate(rows, axis=1)


@given(base=BASES, neighbours=KINDS, one=st.integers(0, 4000), two=st.integers(-4000, 4000))
def test_turning_on_is_turning_once(base: float, neighbours: bool, one: int, two: int) -> None:
    rotary = made(base, neighbours=neighbours)
    plain = keys([3, 1, 4], rotary)
    stepwise = rotary.rotate(rotary.rotate(plain, one), two)
    assert np.allclose(stepwise, rotary.rotate(plain, one + two), atol=0.02)
    lengths = np.linalg.norm(stepwise.astype(np.float32), axis=-1)
    assert np.allclose(lengths, np.linalg.norm(plain.astype(np.float32), axis=-1), rtol=0.01)


def test_by_a_hand_calculation() -> None:
    quarter = Rotary(base=1.0, head_size=2, neighbours=True)
    turned = quarter.rotate(np.array([[[1.0, 0.0]]], dtype=np.float16), 1)
    assert np.allclose(turned, [[[np.cos(1.0), np.sin(1.0)]]], atol=1e-3)


@pytest.mark.parametrize("neighbours", [True, False])
def test_the_pairs_are_those_of_the_model(neighbours: bool) -> None:
    plain = np.zeros((1, 1, SIZE), dtype=np.float16)
    plain[..., 0] = 1.0
    moved = np.flatnonzero(made(10_000.0, neighbours=neighbours).rotate(plain, 1))
    assert list(moved) == [0, 1 if neighbours else SIZE // 2]


@given(base=BASES, neighbours=KINDS, first=st.integers(0, 500))
def test_a_model_that_turns_so_is_told_from_one_that_does_not(
    base: float, neighbours: bool, first: int
) -> None:
    tokens = [5, 6, 7, 5, 8, 9, 6]
    rotary = made(base, neighbours=neighbours)
    found = keys(tokens, rotary, first)
    assert rotary.holds(found, tokens)
    assert not made(base, neighbours=not neighbours).holds(found, tokens)
    assert not made(50.0, neighbours=neighbours).holds(found, tokens)
    assert rotary.holds(found[:, :3], tokens[:3]), "nothing occurs again"
