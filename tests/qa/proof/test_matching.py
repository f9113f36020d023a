"""Whether a word stands for another."""

from __future__ import annotations

import pytest

from corpus.document import Language
from qa.proof.analysis import analyse
from qa.proof.matching import grade


def value(one: str, two: str, language: Language = "de") -> float:
    (first,), (second,) = (analyse(word, language).words for word in (one, two))
    return grade(first, second, same_language=True).value


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("eingestiegen", "eingestellt"),
        ("einsteigen", "einstellen"),
        ("abgestimmt", "abgestiegen"),
        ("angenommen", "angeboten"),
        ("aufgehoben", "aufgehört"),
        ("ausgestellt", "ausgestorben"),
    ],
)
def test_a_prefix_in_common_makes_no_word_of_another(one: str, two: str) -> None:
    assert value(one, two) < 0.7
    assert value(two, one) < 0.7


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("einstellen", "Einstellung"),
        ("eingestellt", "Einstellung"),
        ("ausbilden", "Ausbildung"),
        ("anmelden", "Anmeldung"),
        ("abstimmen", "Abstimmung"),
        ("gründen", "Gründung"),
        ("bezahlen", "Bezahlung"),
    ],
)
def test_words_of_one_root_stand_for_each_other(one: str, two: str) -> None:
    assert value(one, two) >= 0.6
