from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest import MonkeyPatch
from real_models import CACHE, TINY, need_model

from base.settings import Settings
from eval.bench import api_overload, api_soak
from eval.bench.api_client import BROKEN, LEFT, ApiReply
from eval.bench.api_first_token import measure_first_token
from eval.bench.api_load import load_questions
from eval.bench.api_overload import overload
from eval.bench.api_server import Held, ServerProcess
from eval.bench.api_soak import soak
from qa.engine.protocol import Piece
from qa.pipeline import confidence

REST = Held(cells=0, requests=0, tasks=5, threads=9, handles=30, memory_mb=700.0)
WHOLE = ApiReply(200, ("Was?", "answered", "Ja [1].", ((1, "vertrag", 0, 3),)), "Ja.", first_s=0.1)


def soaked(reply: ApiReply, after: Held = REST) -> api_soak.SoakOutcome:
    outcome = api_soak.SoakOutcome(streams=4, before=REST, after=after)
    outcome.note(reply)
    return outcome


def flooded(reply: ApiReply) -> api_overload.OverloadOutcome:
    outcome = api_overload.OverloadOutcome(5.0, 0.2, 10.0, REST, after=REST)
    outcome.note(reply)
    return outcome


@pytest.mark.parametrize("reply", [WHOLE, ApiReply(LEFT)])
def test_a_whole_answer_and_one_that_was_left_are_no_fault(reply: ApiReply) -> None:
    assert soaked(reply).faults() == []
    assert flooded(reply).faults() == []


@pytest.mark.parametrize("reply", [ApiReply(BROKEN, error="ReadError"), ApiReply(500, error="?")])
def test_what_breaks_is_a_fault(reply: ApiReply) -> None:
    assert soaked(reply).faults()


def test_another_answer_is_a_fault_unless_two_tokens_were_a_tie() -> None:
    outcome = soaked(WHOLE)
    outcome.answers.add([Piece("Ja", -0.7)], [Piece("Nein", -0.7)])
    assert outcome.faults() == []
    outcome.answers.add([Piece("Ja", -0.1)], [Piece("Nein", -3.0)])
    assert len(outcome.faults()) == 1


@pytest.mark.parametrize("name", ["cells", "requests", "tasks", "handles", "threads", "memory_mb"])
def test_whatever_grows_is_a_fault(name: str) -> None:
    grown = Held(**{**vars(REST), name: getattr(REST, name) + 100})
    assert len(soaked(ApiReply(LEFT), grown).faults()) == 1


def test_a_refusal_must_say_when_to_come_back() -> None:
    assert flooded(ApiReply(429, retry_after="2")).faults() == []
    assert flooded(ApiReply(429)).faults()
    assert flooded(ApiReply(BROKEN, error="ReadError")).faults()


def test_a_recovery_has_five_seconds() -> None:
    outcome = flooded(ApiReply(LEFT))
    outcome.recovery_s = 5.1
    assert outcome.faults() == ["Recovery took 5.1 s."]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    need_model(TINY)
    need_model(Settings(cache=CACHE).encoder)
    with MonkeyPatch.context() as patch:
        patch.setenv("BELEGT_CACHE", str(CACHE))
        with ServerProcess(requests=4, waiting_requests=4, cells=4096, kept_cells=512) as found:
            yield found


@pytest.mark.encoder
@pytest.mark.llm
def test_more_than_can_be_served_is_refused_and_soon_forgotten(
    server: ServerProcess, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(api_overload, "_EACH", 1)
    outcome = asyncio.run(overload(server, load_questions()[:6], 5.0, 10.0, seed=1))
    assert outcome.statuses[429]
    outcome.recovery_s = 0.0  # A time, which is measured where nothing else runs.
    assert outcome.faults() == [], outcome.report()


@pytest.mark.encoder
@pytest.mark.llm
def test_clients_that_vanish_cost_the_others_nothing(server: ServerProcess) -> None:
    # Half of the places: one that vanished has its own until the step it is in has ended.
    outcome = asyncio.run(soak(server, load_questions()[:4], 6.0, 4, seed=1))
    assert outcome.statuses[200]
    # The smallest model is sure of nothing, so in company it may find other words than alone; that
    # the default model does not is for the soak of `make bench`.
    assert outcome.failures == [], outcome.report()
    assert outcome.after is not None
    assert (outcome.after.cells, outcome.after.requests) == (0, 0)


@pytest.mark.encoder
@pytest.mark.llm
def test_the_first_token_is_timed_both_ways(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    need_model(TINY)
    need_model(Settings(cache=CACHE).encoder)
    monkeypatch.setenv("BELEGT_CACHE", str(CACHE))
    # Puts back afterwards what a measurement replaces in its process.
    monkeypatch.setattr(confidence, "weights_of", confidence.weights_of)
    for inside, over in measure_first_token(tmp_path, 4):
        assert inside > 0
        assert over > 0
