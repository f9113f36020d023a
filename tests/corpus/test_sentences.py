from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from corpus.sentences import MAX_SENTENCE, split

# ruff: noqa: E501
# A bar stands where one sentence ends and the next begins.
HARD: dict[Language, list[str]] = {
    "de": [
        "Das gilt z. B. für Google.| Es gilt u. a. für Meta.",
        "Der Umsatz lag bei 14,3 Mrd. US-Dollar.| Im Jahr davor waren es 870 Mio. Dollar.",
        "Rund 200 Mio. Euro fließen.| Danach ist Schluss.",
        "Am 16. Juli 2025 begann es.| Am 12./13. Juni 2025 endete es.",
        "Dr. Müller und Prof. Dr. Schmidt kamen.| Frau Dr. h. c. Meier nicht.",
        "Der Anspruch folgt aus § 249 Abs. 2 Satz 1 BGB.| Er verjährt gem. § 195 BGB in drei Jahren.",
        "Siehe Nr. 5 der Liste.| Bd. 3, S. 25 ff. nennt mehr.",
        "Er sagte: „Das ist wahr.| Ich weiß es.“| Danach ging er.",
        "„Das ist wahr.“| Danach ging er.",
        "Er fragte: »Warum?«| Niemand antwortete.",
        "Im 19. Jahrhundert wuchs die Stadt.| Der 2. Weltkrieg begann 1939.",
        "Ludwig XIV. regierte lange.| Friedrich II. starb 1786.",
        "J. S. Bach lebte in Leipzig.| A. Wang wechselte zu Meta.",
        "Das dauert ... lange.| Und dann … kam nichts.",
        "Es kostet ca. 14 % mehr.| Das Wort bedeutet d. h. nichts.",
        "Die Firma (gegr. 2016) wächst.| Sie sitzt in St. Gallen.",
        "Siehe Art. 5 Abs. 1 lit. b DSGVO.| Das gilt i. V. m. § 3 BDSG.",
        "Er kaufte Äpfel, Birnen usw.| Danach ging er heim.",
        "Er kaufte Äpfel, Birnen usw. und ging.",
        "Das geschah im Jahr 2014.| Danach kam 2015.| Es war gut.",
        "Der Kurs fiel um 3.| Niemand kaufte.",
        "Dann gilt Plan B.| Danach Plan C.| Mehr nicht.",
        "Wirklich?!| Ja!| Gut.",
        "Bis zum 31. Dez. 2025 gilt das.| Ab Jan. 2026 nicht mehr.",
        "Um 14.30 Uhr beginnt es.| Version 2.1.3 ist da.",
        "Die Seite www.example.org ist offline.| Yahoo! ist eine Firma.",
        "BGH, Urt. v. 10.02.2009 – VI ZR 100/08, NJW 2009, 1066.| Die Revision ist zulässig.",
        "Die Kosten trägt die Beklagte (vgl. BGH, a. a. O., Rn. 12).| Das Urteil ist vorläufig vollstreckbar.",
        "Sie zahlte 5 Mio.| Danach schwieg sie.",
        "Er wohnt in der Hauptstr. 5 in Bonn.| Sie nicht.",
        "Die AG bzw. GmbH haftet.| Das Ges. v. 3. Mai gilt.",
        "Max Mustermann jr. kam.| Die Fa. Meier & Co. KG lieferte.",
        "Das ist der 1. Platz.| Er wurde 2.| Sie wurde 3.",
        "Es waren 1.500 Mitarbeitende.| 200 gingen.",
        "Der Deal kam „nach langem Zögern.“| So heißt es.",
        "i.d.R. gilt das.| Z.B. hier.| Die sog. Frist endet o. Ä. später.",
    ],
    "en": [
        "See No. 5 of the list.| It is good.",
        "The U.S. Department of Labor closed it.| It began in the U.S.| Nobody knew.",
        "He moved to the U.S. in 2010.| He stayed.",
        "Some firms, e.g. Google, left.| Others, i.e. Meta, stayed.",
        "Dr. Smith met Mr. Jones and Mrs. Brown.| Prof. Lee was absent.",
        "It costs $14.3 billion.| That is 3.5% more.",
        "Scale AI Inc. grew.| Meta Platforms, Inc. invested.",
        "J. R. R. Tolkien wrote it.| George W. Bush did not.",
        '"This is true."| Then he left.',
        'He said, "This is true.| I know it."| Then he left.',
        'He asked, "Why?" and left.',
        "At 5 p.m. it began.| At 6 a.m. it ended.",
        "Wait ... what?| And then… nothing.",
        "Smith et al. showed it.| See Fig. 3 and Eq. 2.",
        "Jan. 5, 2025 was cold.| Feb. was colder.",
        "The case Brown v. Board of Education was decided.| It mattered.",
        "Yahoo! is a company.| It is old.",
        "Really?!| Yes!| Good.",
        "He lives at 5 Main St. in Boston.| She does not.",
        "Washington, D.C. is the capital.| It is in the east.",
        "Gen. Lee met Lt. Col. Grant.| Gov. Smith did not.",
        "Approx. 200 people left.| The rest stayed.",
        "It happened in 2014.| Then came 2015.",
        "He bought apples, pears, etc.| Then he left.",
        "Apples, pears, etc. are fruit.",
        "Version 2.1.3 is out.| See www.example.org for more.",
        "The U.N. and the E.U. agreed.| The U.K. did not.",
        "He has a Ph.D. in physics.| She has a B.A. from Yale.",
        "Scale vs. Google was big.| Vol. 3, pp. 25 is long.",
        "World War II. began in 1939.",
        "The company (est. 2016) grew.| It sits in St. Louis.",
        "He came 1st.| She came 2nd.",
        "Is it true?| (It is.)| Good.",
        "The deal was worth 3.| Nobody bought.",
    ],
}


def sentences(text: str, language: Language) -> list[str]:
    return [text[span.start : span.end] for span in split(text, language)]


@pytest.mark.parametrize(
    ("language", "marked"),
    [(language, marked) for language, cases in HARD.items() for marked in cases],
)
def test_hard_cases(language: Language, marked: str) -> None:
    expected = [part.strip() for part in marked.split("|")]
    assert sentences(marked.replace("|", ""), language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "wird zurückgewiesen.2. Die Beklagte zahlt.",
            ["wird zurückgewiesen.", "2. Die Beklagte zahlt."],
        ),
        ("hat entschieden.Der Senat folgt dem.", ["hat entschieden.", "Der Senat folgt dem."]),
        ("1. Die Berufung ist unbegründet. Gut.", ["1. Die Berufung ist unbegründet.", "Gut."]),
        ("It works.[3] He left.", ["It works.[3]", "He left."]),
    ],
)
def test_text_that_lost_its_line_breaks(text: str, expected: list[str]) -> None:
    assert sentences(text, "en" if "He" in text else "de") == expected


def test_a_sentence_goes_on_over_a_wrapped_line() -> None:
    text = (
        "Die Firma hat im letzten Sommer eine sehr große Beteiligung an Dr.\n"
        "Müller verkauft, und niemand weiß, wie viel dafür gezahlt worden ist,\n"
        "denn niemand sagt es. Ende."
    )
    assert sentences(text, "de") == [text[:-6], "Ende."]


def test_a_sentence_never_crosses_a_line_of_saved_web_text() -> None:
    assert sentences("menu\nclose\n\nDas ist so", "de") == ["menu", "close", "Das ist so"]


@pytest.mark.parametrize("separator", ["; ", ", ", " ", ""])
def test_long_sentences_are_cut_at_sensible_places(separator: str) -> None:
    text = separator.join(["Beteiligung"] * 400)
    found = split(text, "de")
    assert max(span.end - span.start for span in found) <= MAX_SENTENCE
    if separator:
        assert all(text[span.start : span.end].strip(";,").endswith("ung") for span in found)


def test_semicolons_are_better_places_than_words() -> None:
    text = "Wort " * 120 + "Ende; " + "Wort " * 120
    assert sentences(text, "de")[0].endswith("Ende;")


@given(
    st.text(max_size=400)
    | st.text(alphabet='aB. \n!?„“"()2;…\u2028\r\U0001f600', max_size=400)
    | st.lists(
        st.sampled_from(["Dr. ", "z. B. ", "Am 3. ", "Mai ", "Er kam.", ")", "“ ", "\n"])
    ).map("".join),
    st.sampled_from(["de", "en"]),
)
def test_spans_of_arbitrary_text(text: str, language: Language) -> None:
    last = 0
    for span in split(text, language):
        assert last <= span.start < span.end
        assert span.end - span.start <= MAX_SENTENCE
        assert not text[last : span.start].strip()
        piece = text[span.start : span.end]
        assert piece == piece.strip()
        last = span.end
    assert not text[last:].strip()


@pytest.mark.parametrize("language", ["de", "en"])
def test_boundaries_of_xquad(
    read_set: Callable[[str], list[dict[str, Any]]], language: Language
) -> None:
    texts = {row["id"]: row["text"] for row in read_set(f"xquad/documents_{language}.jsonl")}
    right = found = wanted = 0
    for row in read_set(f"xquad/sentence_breaks_{language}.jsonl"):
        gold = {end for _, end in row["sentence_offsets"][:-1]}
        ours = {span.end for span in split(texts[row["doc_id"]], language)[:-1]}
        right += len(gold & ours)
        found += len(ours)
        wanted += len(gold)
    assert right / found >= 0.98
    assert right / wanted >= 0.985
