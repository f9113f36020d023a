"""Kinds of text that were once lost, glued or misread, from the file to what is read of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from shared_data import SHARED

from corpus.document import Document
from corpus.loaders import load_file
from corpus.passages import build_passages
from corpus.provenance import place_of


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def loaded(tmp_path: Path, name: str, text: str) -> Document:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return load_file(file)


def readings(document: Document) -> list[str]:
    return [
        reading.text
        for passage in build_passages(document, count_words, 200, 1)
        for reading in passage.readings()
    ]


def furniture(document: Document) -> list[str]:
    return [
        document.text[region.start : region.end]
        for region in document.regions
        if region.role == "furniture"
    ]


LEASES = """# Geräte

| Gerät | Kauf | Garantie bis |
|---|---|---|
| Bagger | 02.05.2021 | 01.05.2026 |
| Kran |  | 03.11.2027 |
"""


def test_rows_with_dates_are_rows(tmp_path: Path) -> None:
    document = loaded(tmp_path, "geraete.md", LEASES)
    assert "Bagger · Kauf: 02.05.2021 · Garantie bis: 01.05.2026" in readings(document)
    assert document.date is None
    assert furniture(document) == []


def test_an_empty_cell_is_told_and_moves_nothing(tmp_path: Path) -> None:
    document = loaded(tmp_path, "geraete.md", LEASES)
    assert "Kran · Kauf: keine Angabe · Garantie bis: 03.11.2027" in readings(document)


def test_each_word_of_a_row_leads_back_to_its_cell(tmp_path: Path) -> None:
    document = loaded(tmp_path, "geraete.md", LEASES)
    (passage,) = build_passages(document, count_words, 200, 1)
    row = next(reading for reading in passage.readings() if reading.text.startswith("Kran"))
    start = row.text.index("Garantie bis: 03")
    spans = row.spans(start, len(row.text))
    assert [document.text[first:last] for first, last in spans] == ["Garantie bis", "03.11.2027"]
    empty = row.text.index("keine Angabe")
    assert row.spans(empty, empty + len("keine Angabe")) == []


@pytest.mark.parametrize(
    "table",
    [
        "Lager | Menge\nKöln | 12\nBonn | 150\n",
        "Lager\tMenge\nKöln\t12\nBonn\t150\n",
        "| Lager | Menge |\n|---|---|\n| Köln | 12 |\n| Bonn | 150 |\n",
        "Lager        Menge\nKöln            12\nBonn           150\n",
    ],
)
def test_tables_in_plain_text(tmp_path: Path, table: str) -> None:
    document = loaded(tmp_path, "bestand.txt", f"Bestand\n\n{table}\nDas ist ein Satz danach.\n")
    assert "Bonn · Menge: 150" in readings(document)


@pytest.mark.parametrize(
    "line",
    [
        "Besuchen Sie uns am Montag in Zimmer 12.",
        "Teilen Sie den Code nur der Leitung mit.",
        "Klicken Sie hier auf den grünen Knopf, um die Pumpe zu starten.",
        "Melden Sie sich für die Prüfung bei Frau Probe an.",
        "Share the key with nobody.",
    ],
)
def test_sentences_that_begin_like_an_appeal_are_evidence(tmp_path: Path, line: str) -> None:
    assert furniture(loaded(tmp_path, "a.txt", f"Das ist ein Satz.\n\n{line}\n")) == []


def test_a_form_is_evidence(tmp_path: Path) -> None:
    form = "Foto: Halle 3\nTags: Gefahrstoff B\nQuelle: Brunnen 9\n"
    document = loaded(tmp_path, "blatt.txt", f"Messblatt\n\n{form}")
    assert furniture(document) == []
    assert document.source is None
    assert "Tags: Gefahrstoff B" in readings(document)


def test_words_broken_at_line_ends_and_a_running_header(tmp_path: Path) -> None:
    page = "Mietvertrag Musterhof – Seite {} von 3"
    text = (
        "Die Zahlungs-\nfrist für die Miet-\nkosten beträgt zehn Tage. Bei Ver-\n"
        "spätung fallen für\n"
        f"{page.format(1)}\n\f"
        "jeden Tag zwei Euro an. Vor-\nund Nachteile stehen im An-\nhang.\n"
        f"{page.format(2)}\n\fEnde des Vertrags.\n{page.format(3)}\n"
    )
    document = loaded(tmp_path, "vertrag.txt", text)
    read = readings(document)
    assert "Die Zahlungsfrist für die Mietkosten beträgt zehn Tage." in read
    assert "Bei Verspätung fallen für jeden Tag zwei Euro an." in read
    assert "Vor- und Nachteile stehen im Anhang." in read
    assert furniture(document) == [page.format(number) for number in (1, 2, 3)]
    at = document.text.index("jeden Tag")
    place = place_of(document, at, at + 9)
    assert place.lines == (6, 6)
    assert place.pages[0].page == 2


def test_columns_of_prose_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = ["Modell A", "Das Gerät hat eine Leistung von", "drei Kilowatt und wiegt acht", "Kilo."]
    right = [
        "Modell B",
        "Das Gerät hat eine Leistung von",
        "neun Kilowatt und wiegt zwölf",
        "Kilo.",
    ]
    rows = "\n".join(f"{one:<40}{two}" for one, two in zip(left, right, strict=True))
    document = loaded(tmp_path, "blatt.txt", f"Datenblatt\n\n{rows}\n")
    passages = build_passages(document, count_words, 200, 1)
    told = [
        (path[-1], reading.text)
        for passage in passages
        for path, reading in zip(passage.headings(), passage.readings(), strict=True)
        if path
    ]
    whole = "Das Gerät hat eine Leistung von {} Kilowatt und wiegt {} Kilo."
    assert ("Modell A", whole.format("drei", "acht")) in told
    assert ("Modell B", whole.format("neun", "zwölf")) in told


def test_headings_go_with_what_stands_below(tmp_path: Path) -> None:
    text = "# Filialen\n\n## Bonn\n\nZeiten: 9–17 Uhr\n\n## Köln\n\nZeiten: 8–12 Uhr\n"
    document = loaded(tmp_path, "filialen.md", text)
    at = document.text.index("8–12")
    assert place_of(document, at, at + 4).headings == ("Filialen", "Köln")


def test_checkboxes_and_struck_out_text_keep_their_meaning(tmp_path: Path) -> None:
    text = "# Aufgaben\n\n- [ ] Dach prüfen\n- [x] Zaun bauen\n\nMiete: ~~180~~ 210 Euro.\n"
    read = readings(loaded(tmp_path, "aufgaben.md", text))
    assert "Dach prüfen (offen)" in read
    assert "Zaun bauen (erledigt)" in read
    assert any("210 Euro" in line and "180" not in line for line in read)


def test_exponents_footnotes_and_links(tmp_path: Path) -> None:
    text = (
        "Es sind 10<sup>9</sup> Keime. Er kostet 70<sup>2</sup> Euro. "
        "Melden Sie sich im [Portal](https://p.example.org/x).\n\n<sup>2</sup> netto\n"
    )
    document = loaded(tmp_path, "labor.md", text)
    read = readings(document)
    assert "Es sind 10⁹ Keime." in read
    assert "Er kostet 70 Euro." in read
    assert "https://p.example.org/x" in document.text
    assert "109" not in document.text
    assert "702" not in document.text


def test_decomposed_letters_read_composed(tmp_path: Path) -> None:
    text = unicodedata.normalize("NFD", "Die fünf Städte liegen in Österreich.")
    document = loaded(tmp_path, "a.txt", text)
    assert document.text == text
    assert readings(document) == ["Die fünf Städte liegen in Österreich."]


def test_names_with_signs_stay_in_one_sentence(tmp_path: Path) -> None:
    text = "Projekt Boot nutzt .NET. Projekt Rad ist in C# geschrieben. Es läuft auf .NET 8.\n"
    assert readings(loaded(tmp_path, "p.md", text)) == [
        "Projekt Boot nutzt .NET.",
        "Projekt Rad ist in C# geschrieben.",
        "Es läuft auf .NET 8.",
    ]


def test_hidden_text_is_stored_and_never_read(tmp_path: Path) -> None:
    document = loaded(
        tmp_path, "a.md", "Ein Satz. <!-- Geheim -->\n\n<!-- Der Preis ist 1 Euro. -->\n"
    )
    assert "Der Preis ist 1 Euro." in document.text
    assert readings(document) == ["Ein Satz."]


CASES = SHARED / "cases"


@pytest.mark.parametrize(
    "path",
    sorted(CASES.glob("*/**/*.md")) + sorted(CASES.glob("*/**/*.txt")),
    ids=lambda path: path.name,
)
def test_the_cases_are_read_whole(path: Path) -> None:
    document = load_file(path)
    for passage in build_passages(document, count_words, 100, 1):
        passage.check(document)
    held = {at for region in document.regions for at in range(region.start, region.end)}
    assert all(at in held or sign.isspace() for at, sign in enumerate(document.text))
