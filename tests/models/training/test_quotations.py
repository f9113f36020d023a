"""The quotations that were written for belegt."""

from __future__ import annotations

from models.training.quotations import written_quotations


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
