from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from index.terms import function_words, stems, words


def test_numbers_with_separators_stay_one_word() -> None:
    assert words("Meta zahlt 14,3 oder 1.500.000,50 Dollar.") == [
        "meta",
        "zahlt",
        "14,3",
        "oder",
        "1.500.000,50",
        "dollar",
    ]


def test_a_term_is_one_token_for_the_full_text_tokenizer() -> None:
    assert stems("14,3 Milliarden", "de")[0] == "14x3"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In C++, C# und C.", ["in", "c++", "c#", "und", "c"]),
        ("C++17 oder F#-Code", ["c", "17", "oder", "f#", "code"]),
        ("nutzt .NET.", ["nutzt", ".net", "net"]),
        ("Ende.Das ... und", ["ende", "das", "und"]),
        ("Nr.#5, Raum #3", ["nr", "5", "raum", "3"]),
    ],
)
def test_names_with_signs_are_words_of_their_own(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_names_with_signs_are_different_terms() -> None:
    terms = [stems(name, "de") for name in ("C", "C++", "C#", ".NET", "NET", "F#")]
    assert len({tuple(term) for term in terms}) == len(terms)
    assert all(part.isalnum() for term in terms for part in term)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("de", "Beteiligungen", "Beteiligung"), ("en", "acquired", "acquiring")],
)
def test_forms_of_a_word_meet(language: Language, one: str, other: str) -> None:
    assert stems(one, language) == stems(other, language) != []


@pytest.mark.parametrize(
    ("language", "text"), [("de", "Wer war das und wie ist es?"), ("en", "What was it and who?")]
)
def test_function_words_are_no_terms(language: Language, text: str) -> None:
    assert stems(text, language) == []


def test_function_words_name_nothing() -> None:
    assert {"der", "wer", "nicht"} & function_words("de") == {"der", "wer", "nicht"}
    assert not {"meta", "dollar", "zwei"} & function_words("de")
    assert not {"meta", "dollar", "two"} & function_words("en")


@given(st.text(max_size=80), st.sampled_from(["de", "en"]))
def test_terms_of_any_text_are_plain_words(text: str, language: Language) -> None:
    for stem in stems(text, language):
        assert stem
        assert not set(stem) & set(" \"'.,_()*:^-")


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["de", "en"]))
def test_terms_of_a_whole_are_those_of_its_parts(a: str, b: str, language: Language) -> None:
    assert stems(f"{a}\n{b}", language) == stems(a, language) + stems(b, language)
