"""Many requests over the tiny model, and what is said when they go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_models import CACHE, TINY, need_model

from base.settings import Settings
from eval.bench.comparison import TIE_NATS, TokenComparison, token_pieces
from eval.bench.stress import StressOutcome, report_stress, stress
from qa.engine.local.llama import LlamaEngine, load_engine
from qa.engine.protocol import Piece


def said(text: str, chance: float = -0.1) -> list[Piece]:
    return [Piece(one, chance) for one in text]


@given(st.text(max_size=9), st.text(max_size=9))
def test_answers_are_compared_up_to_where_they_part(one: str, other: str) -> None:
    found = TokenComparison()
    found.add(said(one), said(other))
    common = 0
    while common < min(len(one), len(other)) and one[common] == other[common]:
        common += 1
    assert found.tokens == common + (one != other)
    assert len(found.gaps) == (one != other)


def test_near_tokens_are_a_tie_and_others_are_wrong() -> None:
    found = TokenComparison()
    found.add([Piece("a", -0.70)], [Piece("b", -0.69)])
    found.add([Piece("a", -0.9)], [Piece("b", -1.9)])
    assert (len(found.gaps), found.wrong) == (2, 0)
    found.add([Piece("a", -0.1)], [Piece("b", -0.1 - 2 * TIE_NATS)])
    assert (len(found.gaps), found.wrong, found.rate) == (3, 1, 1.0)


def test_two_certain_tokens_are_no_tie_however_alike_their_certainty() -> None:
    found = TokenComparison()
    found.add([Piece("a", -0.05)], [Piece("b", -0.05)])
    assert found.wrong == 1


def test_an_end_in_the_place_of_a_certain_token_is_wrong() -> None:
    found = TokenComparison()
    found.add(said("ab", -0.01), said("a", -0.01))
    assert found.wrong == 1
    found.add([*said("a"), Piece("b", -0.8)], said("a"))
    assert found.wrong == 1


def test_text_that_was_held_back_is_no_token() -> None:
    assert token_pieces([Piece("a", -1.0), Piece("b", 0.0, tokens=0)]) == [Piece("a", -1.0)]


def test_every_fault_is_named() -> None:
    outcome = StressOutcome(
        requests=9,
        given_up=Counter(left=2),
        failures=["OSError: no"],
        hung=True,
        leaked_cells=3,
        growth_mb=100.0,
    )
    outcome.answers.gaps = [2 * TIE_NATS]
    faults = outcome.faults(most_growth_mb=64.0)
    assert len(faults) == 5
    assert StressOutcome().faults(64.0) == []
    assert "2 left" in report_stress(outcome)


@pytest.fixture
def tiny() -> Iterator[LlamaEngine]:
    need_model(TINY)
    engine = load_engine(Settings(cache=CACHE, llm=TINY, cells=2048, kept_cells=256, requests=4))
    yield engine
    engine.close()


@pytest.mark.llm
def test_nothing_leaks_hangs_or_goes_wrong(tiny: LlamaEngine) -> None:
    outcome = stress(tiny, requests=40, threads=8, seed=1, distinct=10)
    assert outcome.requests == 40
    assert set(outcome.given_up) == {"cancelled", "left", "out of time"}
    assert outcome.faults(most_growth_mb=256.0) == []
