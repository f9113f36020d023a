from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.engine.torch_prefill.state import SequenceState, StateLayoutError, parse_state, serialise

HEAD = bytes(range(12))


def made(layers: int, cells: int, width: int, seed: int = 0) -> SequenceState:
    dice = np.random.default_rng(seed)
    shape = (layers, cells, width)
    return SequenceState(
        head=HEAD,
        sequence=3 if cells else 0,
        positions=dice.permutation(cells).astype(np.int64) + 7,
        keys=dice.normal(size=shape).astype(np.float16),
        values=dice.normal(size=shape).astype(np.float16),
    )


def by_hand(state: SequenceState, *, kind: int = 1, transposed: int = 0, owners: int = 1) -> bytes:
    """The layout, written number by number."""
    layers, cells, width = state.keys.shape
    data = state.head + struct.pack("<I", cells)
    for position in state.positions:
        data += struct.pack("<III", position, owners, state.sequence)
    data += struct.pack("<II", transposed, layers)
    for rows in (state.keys, state.values):
        for layer in rows:
            data += struct.pack("<iQ", kind, 2 * width) + layer.astype("<f2").tobytes()
    return data


@given(st.integers(1, 4), st.integers(1, 9), st.integers(1, 6), st.integers(0, 99))
def test_a_state_is_what_is_written_and_what_is_read(
    layers: int, cells: int, width: int, seed: int
) -> None:
    state = made(layers, cells, width, seed)
    data = serialise(state)
    assert data == by_hand(state)
    back = parse_state(data)
    assert (back.head, back.sequence) == (HEAD, 3)
    for one, other in (
        (state.positions, back.positions),
        (state.keys, back.keys),
        (state.values, back.values),
    ):
        assert np.array_equal(one, other)
    assert serialise(back) == data


def test_cells_come_in_the_order_of_their_positions() -> None:
    state = made(2, 6, 4)
    ordered = state.in_order()
    assert list(ordered.positions) == list(range(7, 13))
    at = int(np.flatnonzero(state.positions == 9)[0])
    assert np.array_equal(ordered.keys[:, 2], state.keys[:, at])
    assert np.array_equal(ordered.values[:, 2], state.values[:, at])


@given(st.data())
def test_a_state_that_is_cut_or_grew_is_refused(data: st.DataObject) -> None:
    whole = serialise(made(2, 3, 4))
    cut = data.draw(st.integers(0, len(whole) - 1))
    for torn in (whole[:cut], whole + b"more"):
        with pytest.raises(StateLayoutError):
            parse_state(torn)


@pytest.mark.parametrize("other", [{"kind": 8}, {"transposed": 1}, {"owners": 2}])
def test_another_layout_is_refused(other: dict[str, int]) -> None:
    with pytest.raises(StateLayoutError, match="the library"):
        parse_state(by_hand(made(2, 3, 4), **other))


def test_layers_that_differ_are_refused() -> None:
    data = bytearray(by_hand(made(2, 3, 4)))
    second = 16 + 3 * 12 + 8 + 12 + 3 * 8
    data[second : second + 4] = struct.pack("<i", 8)
    with pytest.raises(StateLayoutError, match="differ"):
        parse_state(bytes(data))


def test_several_sequences_are_refused() -> None:
    data = bytearray(by_hand(made(2, 3, 4)))
    data[16 + 8 : 16 + 12] = struct.pack("<I", 9)
    with pytest.raises(StateLayoutError, match="several sequences"):
        parse_state(bytes(data))
