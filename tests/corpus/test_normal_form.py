"""The one form in which texts are compared, and its way back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.normal_form import normal_form, normalized


@pytest.mark.parametrize(
    ("stored", "form"),
    [
        ("fu\u0308nf Sta\u0308dte", "fünf Städte"),
        ("Kündigungs-\nfrist", "Kündigungsfrist"),
        ("Kündigungs-  \n   frist", "Kündigungsfrist"),
        ("Wartungs\u00ad\nvertrag", "Wartungsvertrag"),
        ("Ki\u0308u\u0308-\nche", "Kïüche"),
        ("Zeit\u00adrah\u200bmen", "Zeitrahmen"),
        ("Vor-\nund Nachteile", "Vor- und Nachteile"),
        ("Vor- und Nachteile", "Vor- und Nachteile"),
        ("Ein-\nbzw. Ausgang", "Ein- bzw. Ausgang"),
        ("E-\nMail", "E-Mail"),
        ("e-\nmail", "e-mail"),
        ("Hamburg-\nNord", "Hamburg-Nord"),
        ("2024-\n2025", "2024-2025"),
        ("COVID-19-\nPandemie", "COVID-19-Pandemie"),
        ("well-\nknown", "well-known"),
        ("con-\nducted", "conducted"),
        ("a –\nb", "a - b"),
        ("- \n- b", "- - b"),
        ("eﬃzient ﬂießen", "effizient fließen"),
        ("„so“ und »so« ‚hier‘", '"so" und "so" \'hier\''),
        ("9–17 Uhr, −5 °C", "9-17 Uhr, -5 °C"),
        ("10 000\u202f000 Euro", "10 000\u00a0000 Euro"),
        ("am\u00a03.\u00a0Mai", "am 3. Mai"),
        ("10^6 Zellen", "10⁶ Zellen"),
        ("10⁶ Zellen", "10⁶ Zellen"),
        ("10^-3", "10⁻³"),
        ("10^–3", "10⁻³"),
        ("10^‒3", "10⁻³"),
        ("^6", "^6"),
        ("H₂O", "H2O"),
        ("ＡＢＣ　１２", "ABC 12"),
        ("a\tb\r\n\n c", "a b c"),
        ("", ""),
    ],
)
def test_what_reads_alike_is_alike(stored: str, form: str) -> None:
    assert normalized(stored) == form
    assert normal_form(stored).text == form


def test_a_raised_digit_never_joins_the_number_before_it() -> None:
    assert "106" not in normalized("10⁶") + normalized("10^6")


def test_typography_may_stay() -> None:
    assert normalized("„Kündi-\ngung“ – 10^6", typography=False) == "„Kündigung“ – 10⁶"


@pytest.mark.parametrize(
    ("stored", "words", "quote"),
    [
        ("Die Kündigungs-\nfrist beträgt.", "Kündigungsfrist", "Kündigungs-\nfrist"),
        ("fu\u0308nf Lager", "fünf", "fu\u0308nf"),
        ("Zeit\u00adrahmen: offen", "Zeitrahmen", "Zeit\u00adrahmen"),
        ("der eﬃziente Weg", "effiziente", "eﬃziente"),
        ("rund 10^6 Zellen", "10⁶ Zellen", "10^6 Zellen"),
        ("x  \n ein  Satz", "ein Satz", "ein  Satz"),
    ],
)
def test_the_way_back(stored: str, words: str, quote: str) -> None:
    form = normal_form(stored)
    start = form.text.index(words)
    first, last = form.span(start, start + len(words))
    assert stored[first:last] == quote
    assert form.locate(first, last) == (start, start + len(words))


TEXTS = st.text(max_size=200) | st.text(
    alphabet="aZß1 \n\t-–^6\u00ad\u0308\u200dﬁ„\u00a0\u202f₂⁶\u0301\u1100\u1161", max_size=60
)


@given(TEXTS)
def test_any_text(text: str) -> None:
    form = normal_form(text)
    assert form.text == normalized(text)
    assert unicodedata.is_normalized("NFC", form.text)
    last = 0
    for at in range(len(form.text)):
        start, end = form.span(at, at + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last or form.text[at - 1 : at]
        last = start
    assert form.span(0, len(form.text))[0] >= 0


@given(TEXTS | st.text(alphabet="0a^-‐‑‒–—―−﹣⁃₋－ ", max_size=8))
def test_twice_is_once(text: str) -> None:
    once = normalized(text)
    assert normalized(once) == once


@given(TEXTS, st.data())
def test_spans_go_there_and_back(text: str, data: st.DataObject) -> None:
    form = normal_form(text)
    start = data.draw(st.integers(0, len(form.text)))
    end = data.draw(st.integers(start, len(form.text)))
    first, last = form.span(start, end)
    assert 0 <= first <= last <= len(text)
    again = form.locate(first, last)
    assert again[0] <= start
    assert again[1] >= end or start == end
