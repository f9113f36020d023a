from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import BelegtError, UsageError
from qa.engine.local import offload
from qa.engine.local.offload import fewer_layers, gpu_memory, open_fitting


class Gpu:
    """Holds at most ``room`` of ``layers``."""

    def __init__(self, layers: int, room: int) -> None:
        self._layers = layers
        self._room = room
        self.tried: list[int] = []
        self.open = 0

    def __call__(self, wanted: int) -> Any:
        self.tried.append(wanted)
        count = self._layers if wanted < 0 else wanted
        if count > self._room:
            raise BelegtError("no memory")
        self.open += 1
        return SimpleNamespace(layers=self._layers, count=count, close=self._close)

    def _close(self) -> None:
        self.open -= 1


def offloads(monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    library = SimpleNamespace(llama_supports_gpu_offload=lambda: answer)
    monkeypatch.setattr(offload, "native_library", lambda: library)


@pytest.fixture(autouse=True)
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    offloads(monkeypatch, True)


@given(st.integers(1, 100), st.integers(0, 100), st.integers(-1, 100))
def test_as_many_layers_as_fit(layers: int, room: int, wanted: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        offloads(patch, True)
        machine = Gpu(layers, room)
        wanted = min(wanted, layers)
        found: Any = open_fitting(machine, wanted)
    most = layers if wanted < 0 else wanted
    assert found.count <= room
    assert found.count >= min(most, room) - most / 8 - 1
    assert machine.open == 1


def test_all_that_fit_are_opened_at_once() -> None:
    machine = Gpu(29, 99)
    open_fitting(machine, -1)
    assert machine.tried == [-1]


def test_without_a_gpu_nothing_is_tried_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    offloads(monkeypatch, False)
    machine = Gpu(29, 0)
    with pytest.raises(BelegtError, match="no memory"):
        open_fitting(machine, -1)
    assert machine.tried == [-1]


def test_what_is_wrong_with_the_file_is_said() -> None:
    def damaged(_: int) -> Any:
        raise UsageError("damaged")

    with pytest.raises(UsageError, match="damaged"):
        open_fitting(damaged, -1)


def test_fewer_layers_end_before_none() -> None:
    assert fewer_layers(29) == [25, 21, 18, 14, 10, 7, 3]
    assert 0 not in fewer_layers(4)


@pytest.mark.llm
def test_the_library_names_its_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    pytest.importorskip("llama_cpp")
    for free, total in gpu_memory().values():
        assert 0 < free <= total
