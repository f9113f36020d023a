from __future__ import annotations

import pytest
from found_spans import reading

from qa.pipeline.span_meaning import words_alone


@pytest.mark.parametrize(
    ("text", "answer", "words"),
    [
        ("Es kostet 5 Euro.", "5 Euro", "5 Euro"),
        ("Meta zahlte 14,3 Milliarden Dollar.", "14,3 Milliarden", "14,3 Milliarden Dollar"),
        ("Das Werk hat mehr als 100 Leute.", "100", "mehr als 100"),
        ("Es fiel um -3,5 Prozent.", "3,5 Prozent", "-3,5 Prozent"),
        ("Kinder sind 6 Jahre oder älter.", "6 Jahre", "6 Jahre oder älter"),
        ("Das gilt seit 2019.", "2019", "seit 2019"),
        ("Der Chef ist Max Weber.", "Max Weber", "Max Weber"),
        ("Grillen ist nicht erlaubt.", "erlaubt", None),
        ("Grillen ist nicht erlaubt.", "nicht erlaubt", "nicht erlaubt"),
        ("Hunde, die nicht beißen, sind erlaubt.", "erlaubt", "erlaubt"),
        ("Dabei sind Polen und Ungarn, nicht aber die Schweiz.", "Schweiz", None),
        ("Dabei sind Polen und Ungarn, nicht aber die Schweiz.", "Polen", "Polen"),
        ("Meta will 5 Euro zahlen.", "5 Euro", None),
        ("Eine Filiale in Ulm ist geplant.", "Ulm", None),
    ],
)
def test_words_are_cut_out_only_where_they_still_say_the_same(
    text: str, answer: str, words: str | None
) -> None:
    assert words_alone(reading(text, answer).spans[0]) == words
