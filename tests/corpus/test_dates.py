from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dates import find_date, parse_date


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Lisa Ernst · 23.10.2025 · Technik · 5 min", "2025-10-23"),
        ("23. Oktober 2025", "2025-10-23"),
        ("Juni 2025", "2025-06"),
        ("2025-06", "2025-06"),
        ("2025-06-13", "2025-06-13"),
        ("2025-06-13T10:00:00Z", "2025-06-13"),
        ("June 13, 2025", "2025-06-13"),
        ("13 June 2025", "2025-06-13"),
        ("Oct 23, 2025", "2025-10-23"),
        ("Sept. 3, 2025", "2025-09-03"),
        (" date 2025-06 Es ist einer der größten Käufe des Jahres.", "2025-06"),
        ("Stand: Juni 2025", "2025-06"),
        ("Veröffentlicht am 3. März 2024 um 14:30 Uhr", "2024-03-03"),
        ("Published on Friday, June 13, 2025 at 5 pm", "2025-06-13"),
        ("By Jane Doe, June 13, 2025", "2025-06-13"),
        ("Berlin, 3. Mai 2024 – Die Firma teilte es mit.", "2024-05-03"),
        ("Bern, den 3. Mai 2024", "2024-05-03"),
        ("Freitag, 13. Juni 2025, 14:00 Uhr", "2025-06-13"),
    ],
)
def test_byline_dates(line: str, expected: str) -> None:
    assert find_date(f"Ein Titel\n\n{line}\n\nEin Absatz folgt hier.") == expected


@pytest.mark.parametrize(
    "line",
    [
        "Am 21. Mai 2024 sammelte die Firma eine Milliarde ein.",
        "Die Frist endet am 3. Mai 2024",
        "Von 2020 bis Juni 2025",
        "Das Jahr – Juni 2025 – war gut.",
        "Die Lage im Mai 2024",
        "Vertrag vom 3. Mai 2024",
        "31.02.2025",
        "01.01.3025",
        "13.13.2025",
        "2025-13",
        "2024 war gut",
        "",
    ],
)
def test_prose_and_impossible_dates_do_not_count(line: str) -> None:
    assert find_date(line) is None


def test_a_date_far_down_counts_only_with_a_label() -> None:
    prose = "Ein Absatz.\n" * 30
    assert find_date(prose + "3. Mai 2024") is None
    assert find_date(prose + "Stand: 3. Mai 2024") == "2024-05-03"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2025-06-13-bericht.md", "2025-06-13"),
        ("bericht_2025_06.txt", "2025-06"),
        ("20250613.txt", "2025-06-13"),
        ("bericht-123456789.txt", None),
        ("202506.txt", None),
        ("bericht.txt", None),
    ],
)
def test_file_names(name: str, expected: str | None) -> None:
    assert find_date("Kein Datum hier.", name) == expected


def test_the_text_goes_before_the_name() -> None:
    assert find_date("Juni 2025", "2024-01-01.txt") == "2025-06"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025", "2025"),
        ("2025-06-13 10:00:00", "2025-06-13"),
        ("23.10.2025", "2025-10-23"),
        ("Friday, June 13, 2025", "2025-06-13"),
        ("bald", None),
        ("9999", None),
        ("2025-06-13 oder später", None),
    ],
)
def test_parse_date(text: str, expected: str | None) -> None:
    assert parse_date(text) == expected


@given(st.text(max_size=200), st.text(max_size=30))
def test_arbitrary_text_never_fails(text: str, name: str) -> None:
    find_date(text, name)
    parse_date(text)
