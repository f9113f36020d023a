from __future__ import annotations

import pytest

from corpus.document import Language
from qa.proof.analysis import analyse
from qa.proof.checks import check_statement
from qa.proof.pairs import pairs_in_order


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("Anna Berg und Tom Kurz sind 22 bzw. 19 Jahre alt.", "de",
         [("Anna Berg", "22"), ("Tom Kurz", "19 Jahre")]),
        ("2016 gründen Anna Berg und Tom Kurz im Alter von 22 respektive 19 die Firma.", "de",
         [("Anna Berg", "22"), ("Tom Kurz", "19")]),
        ("Bonn, Köln und Aachen zahlten 5, 7 bzw. 9 Millionen Euro.", "de",
         [("Bonn", "5"), ("Köln", "7"), ("Aachen", "9 Millionen Euro")]),
        ("Anna Berg and Tom Kurz were born in 1980 and 1985 respectively.", "en",
         [("Anna Berg", "1980"), ("Tom Kurz", "1985")]),
        ("Revenues of Nord Corp and Süd Ltd rose to $5 million and $7 million, respectively, in "
         "2024.", "en", [("Nord Corp", "5 million"), ("Süd Ltd", "7 million")]),
        ("Sales fell by 5 percent and 7 percent in France and Spain, respectively.", "en",
         [("France", "5 percent"), ("Spain", "7 percent")]),
        ("Anna Berg und Tom Kurz sind 22 und 19 Jahre alt.", "de", []),
        ("Anna Berg, Tom Kurz und Eva Lang sind 22 bzw. 19 Jahre alt.", "de", []),
        ("Bonn bzw. Köln zahlte 2023 5 Millionen Euro.", "de", []),
    ],
)  # fmt: skip
def test_lists_that_go_in_order(
    text: str, language: Language, wanted: list[tuple[str, str]]
) -> None:
    held = analyse(text, language)
    assert [
        (
            " ".join(token.text for token in held.tokens[slice(*pair.name)]),
            text[pair.value.start : pair.value.end],
        )
        for pair in pairs_in_order(held)
    ] == wanted


QUOTE = "Anna Berg und Tom Kurz waren 2016 bei der Gründung 22 bzw. 19 Jahre alt."


@pytest.mark.parametrize(
    ("statement", "is_false"),
    [
        ("Tom Kurz war 22 Jahre alt.", True),
        ("Anna Berg war 19 Jahre alt.", True),
        ("Tom Kurz war 19 Jahre alt.", False),
        (QUOTE, False),
    ],
)
def test_a_value_of_another_place_in_the_list_is_not_proven(statement: str, is_false: bool) -> None:
    check = check_statement(statement, "de", QUOTE, "de")
    assert (check.supported_by_code is False) == is_false
