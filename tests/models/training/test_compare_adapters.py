"""What adapters are compared by."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.compare_adapters import Figures, table

log_odds = st.lists(st.floats(-9, 9), min_size=1, max_size=20)


@given(log_odds, log_odds)
def test_the_area_is_the_share_of_pairs_in_the_right_order(
    affirmed: list[float], denied: list[float]
) -> None:
    right = sum((yes > no) + 0.5 * (yes == no) for yes in affirmed for no in denied)
    found = Figures(affirmed=affirmed, denied=denied).area
    assert found == pytest.approx(right / len(affirmed) / len(denied))


def test_what_is_affirmed_wrongly_is_told_where_few_are_denied_wrongly() -> None:
    counted = Figures(affirmed=[float(at) for at in range(21)], denied=[0.0, 0.5, 1.5, 2.0])
    assert counted.affirmed_at(0.05) == 0.5
    assert counted.affirmed_at(0.0) == 1.0


def test_the_table_has_a_row_for_each_and_nothing_is_made_up_where_nothing_was_asked() -> None:
    counted = Figures(whole=[True, False], nats=[1.0, 2.0], affirmed=[1.0, -1.0])
    assert math.isnan(counted.area)
    rows = table({("written", "extract", "first"): counted}).splitlines()
    assert rows[2:] == ["| written | extract | first | 2, 0 | 0.500 | 1.500 | nan | nan |"]
