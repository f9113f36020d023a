from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import BelegtError
from eval.metrics import bootstrap
from eval.metrics.bootstrap import bootstrap_interval, difference_interval

VALUES = st.lists(st.floats(-100, 100), min_size=1, max_size=30)


@given(VALUES)
def test_the_interval_holds_the_mean_and_stays_within_the_values(values: list[float]) -> None:
    low, high = bootstrap_interval(values)
    assert low is not None
    assert high is not None
    tolerance = 1e-6
    assert min(values) - tolerance <= low <= np.mean(values) + tolerance
    assert np.mean(values) - tolerance <= high <= max(values) + tolerance


@given(VALUES)
def test_the_same_values_give_the_same_interval(values: list[float]) -> None:
    assert bootstrap_interval(values) == bootstrap_interval(list(values))


def test_nothing_and_one_value() -> None:
    assert bootstrap_interval([]) == difference_interval([], []) == (None, None)
    assert bootstrap_interval([0.3]) == (0.3, 0.3)


def test_a_share_has_the_width_of_theory() -> None:
    low, high = bootstrap_interval([1.0] * 50 + [0.0] * 50)
    assert low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.015)
    assert high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.015)


def test_drawing_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [float(value) for value in range(50)]
    whole = bootstrap_interval(values)
    monkeypatch.setattr(bootstrap, "_DRAWN_AT_ONCE", 170)
    assert bootstrap_interval(values) == whole


def test_pairs_cancel_what_both_runs_find_hard() -> None:
    before = [float(value % 10) for value in range(100)]
    after = [value + 0.5 for value in before]
    assert difference_interval(before, after) == (0.5, 0.5)
    assert difference_interval(after, before) == (-0.5, -0.5)


def test_pairs_of_unequal_length_are_an_error() -> None:
    with pytest.raises(BelegtError, match="3 and 2 scores cannot be paired"):
        difference_interval([1, 2, 3], [1, 2])
