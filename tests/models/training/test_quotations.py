"""The quotations that were written for belegt."""

from __future__ import annotations

from models.training.quotations import written_quotations
from models.training.written_examples import written_mixture


def test_each_quotation_has_as_many_true_statements_as_false_ones() -> None:
    quotations = written_quotations()
    assert len(quotations) == 403
    assert len({quotation.quote for quotation in quotations}) == 403
    for quotation in quotations:
        labels = [pair.supported for pair in quotation.pairs]
        assert len(labels) == 16
        assert sum(labels) == 8
        assert {pair.language for pair in quotation.pairs} == {"de", "en"}
        assert all(pair.statement != quotation.quote for pair in quotation.pairs)


def test_what_is_held_is_not_trained_on() -> None:
    held, trained = (written_quotations(held=side) for side in (True, False))
    assert sorted([*held, *trained], key=str) == sorted(written_quotations(), key=str)
    assert 60 < len(held) < 100
    quotes = {example.text for example in written_mixture([], 1)}
    assert quotes >= {quotation.quote for quotation in trained}
    assert not quotes & {quotation.quote for quotation in held}
