from __future__ import annotations

import pytest
from found_spans import reading

from qa.dialogue.asked import asked_of
from qa.pipeline.far_years import is_of_far_year

ASKED = "Wer führte die Runde im Jahr 2021 an?"


@pytest.mark.parametrize(
    ("date", "text", "is_far"),
    [
        ("2023-05-09", "Angeführt wird sie von Quendel.", True),
        ("2019", "Angeführt wird sie von Quendel.", True),
        ("2022-01-10", "Angeführt wurde sie von Quendel.", False),
        ("2020-01-10", "Angeführt wird sie von Quendel.", False),
        ("2023-05-09", "Die Runde von 2021 war die erste. Angeführt wurde sie von Quendel.", False),
        ("2023-05-09", "Seit 2019 führt sie Quendel.", False),
        ("2023-05-09", "Von 2018 bis 2024 führt sie Quendel.", False),
        ("2023-05-09", "In der Spielzeit 2020/21 führte sie Quendel.", False),
        ("2023-05-09", "Am 3.4.21 führte sie Quendel.", False),
        (None, "Angeführt wird sie von Quendel.", False),
    ],
)
def test_a_text_of_another_time_that_does_not_name_the_year(
    date: str | None, text: str, *, is_far: bool
) -> None:
    facts = {} if date is None else {"date": date}
    (span,) = reading(text, "Quendel", **facts).spans  # type: ignore[arg-type]
    assert is_of_far_year(span, asked_of(ASKED, "de")) == is_far


def test_a_question_without_a_year_is_of_any_time() -> None:
    (span,) = reading("Angeführt wird sie von Quendel.", "Quendel", date="2023").spans
    assert not is_of_far_year(span, asked_of("Wer führte die Runde an?", "de"))
