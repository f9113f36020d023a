from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gguf_models import KV_WIDTH, LAYERS, VOCABULARY, write_gguf

from base.errors import BelegtError
from base.settings import Settings
from models.native.hardware import detect_hardware
from models.native.tuning import EngineParameters, gather_facts
from qa.engine.decode.sampling import Logits
from qa.engine.local.binding import BatchRow
from qa.engine.request import EngineClosedError
from qa.engine.torch_prefill import setup as prefill_setup
from qa.engine.torch_prefill.architecture import UnsupportedModelError
from qa.engine.torch_prefill.choice import (
    PrefillChoice,
    QuickRecord,
    read_quick,
    torch_version,
    write_quick,
)
from qa.engine.torch_prefill.kv_cache import KVCache
from qa.engine.torch_prefill.network import NetworkInput
from qa.engine.torch_prefill.setup import PATIENCE_S, NetworkWorkerFactory, Setup, open_network
from qa.engine.torch_prefill.state import (
    Bytes,
    SequenceState,
    StateLayoutError,
    parse_state,
    serialise,
)
from qa.engine.torch_prefill.weights import load_network, read_manifest, unpack, weights_folder


class StateContext:
    """Keeps states as llama.cpp does, and predicts as the network in ``file`` does.

    ``off``: what predictions are off by where values were handed over. ``deaf``: takes no state.
    """

    def __init__(self, file: Path) -> None:
        folder = file.parent / "reference"
        self._network = load_network(file, folder, unpack(file, folder, "bfloat16", [1, 2, 3]))
        self._tokens: dict[int, int] = {}
        self._logits: list[Logits] = []
        self.held: dict[int, SequenceState] = {}
        self.off = 0.0
        self.deaf = False
        self.forgetful = False
        self._strange = False

    def _empty(self, sequence: int) -> SequenceState:
        none = np.zeros((LAYERS, 0, KV_WIDTH), np.float16)
        return SequenceState(bytes(12), sequence, np.zeros(0, np.int64), none, none)

    def _of(self, sequence: int) -> SequenceState:
        return self.held.get(sequence, self._empty(sequence))

    def _join(self, sequence: int, more: SequenceState) -> None:
        one = self._of(sequence)
        self.held[sequence] = SequenceState(
            one.head,
            sequence,
            np.concatenate([one.positions, more.positions]),
            np.concatenate([one.keys, more.keys], 1),
            np.concatenate([one.values, more.values], 1),
        )

    def step(self, rows: Sequence[BatchRow]) -> None:
        sequence = rows[0].sequence
        held = self._of(sequence)
        assert [row.position for row in rows] == list(
            range(len(held.positions), len(held.positions) + len(rows))
        )
        self._tokens |= {row.position: row.token for row in rows}
        whole = [self._tokens[at] for at in range(rows[-1].position + 1)]
        kv_cache = KVCache(self._network.architecture, len(whole))
        (found,) = self._network.forward([NetworkInput(kv_cache, whole, wanted=len(rows))])
        self._logits = list(found.logits.numpy())
        first = len(held.positions)
        keys, values = (part.numpy() for part in kv_cache.rows(0))
        self._strange = not np.array_equal(held.values, values[:, :first])
        positions = np.arange(first, len(whole))
        self._join(
            sequence,
            SequenceState(bytes(12), sequence, positions, keys[:, first:], values[:, first:]),
        )

    def logits(self, row: int) -> Logits:
        found = self._logits[row].copy()
        found[4] += self.off if self._strange else 0.0
        return found

    def truncate(self, sequence: int, length: int) -> None:
        held = self._of(sequence)
        keep = held.positions < length
        self.held[sequence] = SequenceState(
            held.head,
            sequence,
            held.positions[keep],
            held.keys[:, keep],
            held.values[:, keep],
        )

    def state(self, sequence: int) -> bytes:
        return serialise(self._of(sequence))

    def set_state(self, sequence: int, data: Bytes) -> bool:
        if self.deaf:
            return False
        found = parse_state(data)
        if self.forgetful:
            found.keys.setflags(write=False)
            found = SequenceState(
                found.head, sequence, found.positions, 2 * found.keys, found.values
            )
        self.held[sequence] = found
        return True

    def append(self, source: int, target: int, first: int, end: int) -> None:
        more = self.held.pop(source)
        assert list(more.positions) == list(range(first, end))
        self._join(target, more)


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    file = write_gguf(tmp_path / "model.gguf")
    return Setup(
        file=file,
        digest="d" * 64,
        settings=Settings(cache=tmp_path / "cache"),
        parameters=EngineParameters(threads=1, threads_batch=1),
        context=StateContext(file),
        tokenise=lambda text: [ord(one) % VOCABULARY for one in text[:120]],
        first_sequence=7,
    )


def prepared(setup: Setup) -> NetworkWorkerFactory:
    found = NetworkWorkerFactory(setup, "int8")
    found.load(lambda: None)
    return found


def with_settings(setup: Setup, **changed: object) -> Setup:
    settings = setup.settings.model_copy(update=changed)
    return Setup(**{**vars(setup), "settings": settings})


def test_a_worker_is_made_and_leaves_the_context_as_it_was(setup: Setup) -> None:
    prepared(setup).verify()
    context = setup.context
    assert isinstance(context, StateContext)
    assert all(len(held.positions) == 0 for held in context.held.values())
    assert set(context.held) == {7, 8} or set(context.held) == {8}


def test_predictions_that_differ_are_refused(setup: Setup) -> None:
    assert isinstance(setup.context, StateContext)
    setup.context.off = 0.1
    prepared(setup).verify()
    setup.context.off = 6.0
    with pytest.raises(UnsupportedModelError, match="nats"):
        prepared(setup).verify()
    setup.context.off = 9.0
    with pytest.raises(UnsupportedModelError, match="0% only"):
        prepared(setup).verify()


@pytest.mark.parametrize("fault", ["deaf", "forgetful"])
def test_a_library_of_other_states_is_refused(setup: Setup, fault: str) -> None:
    setattr(setup.context, fault, True)
    with pytest.raises(StateLayoutError, match="the library"):
        prepared(setup).verify()


def test_predictions_that_differ_are_remembered_where_speed_alone_was_measured(
    setup: Setup,
) -> None:
    facts = gather_facts(setup.settings.llm, setup.digest, detect_hardware())
    choice = PrefillChoice(torch=torch_version(), format="int8", estimated=True)
    record = QuickRecord(facts=facts, choice=choice, date="2026-11-27", seconds=9.0)
    write_quick(setup.settings.cache, record)
    assert isinstance(setup.context, StateContext)
    prepared(setup).verify()
    assert read_quick(setup.settings.cache, facts) == record
    setup.context.off = 6.0
    with pytest.raises(UnsupportedModelError, match="nats"):
        prepared(setup).verify()
    changed = read_quick(setup.settings.cache, facts)
    assert changed is not None
    assert changed.choice.format is None
    assert "nats" in changed.choice.reasons["int8"]


def test_unpacking_gives_way_but_not_for_ever(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(prefill_setup.time, "sleep", slept.append)
    asked = [True] * 3

    def busy() -> bool:
        return bool(asked) and asked.pop()

    open_network(replace(setup, busy=busy), "int8")
    assert len(slept) == 3
    open_network(replace(setup, busy=lambda: True, digest="e" * 64), "int8")
    assert PATIENCE_S <= sum(slept) < PATIENCE_S + 2


def test_a_closed_engine_does_not_wait(setup: Setup) -> None:
    def check() -> None:
        raise EngineClosedError("closed")

    with pytest.raises(EngineClosedError):
        open_network(replace(setup, busy=lambda: True), "int8", check)


def test_weights_are_unpacked_once(setup: Setup) -> None:
    folder = weights_folder(setup.settings.cache, setup.digest, "int8")
    open_network(setup, "int8")
    written = (folder / "manifest.json").stat().st_mtime_ns
    open_network(setup, "int8")
    assert (folder / "manifest.json").stat().st_mtime_ns == written
    assert read_manifest(folder) is not None


def test_too_little_memory_is_said(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsupportedModelError, match="BELEGT_MEMORY_LIMIT is 1 MB"):
        open_network(with_settings(setup, memory_limit=1), "int8")
    open_network(with_settings(setup, memory_limit=100_000), "int8")
    monkeypatch.setattr(prefill_setup, "free_memory", lambda: 1 << 20)
    with pytest.raises(UnsupportedModelError, match="are free"):
        open_network(setup, "int8")
    monkeypatch.setattr(prefill_setup, "free_memory", lambda: None)
    open_network(setup, "int8")


def test_a_cache_that_cannot_be_written_is_said(setup: Setup) -> None:
    setup.settings.cache.write_text("a file where the folder should be")
    with pytest.raises(BelegtError, match="cannot be written"):
        open_network(setup, "int8")
