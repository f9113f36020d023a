from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.regions import plain_regions

FURNITURE = [
    "menu",
    "close",
    "Teilen Sie doch unseren Beitrag!",
    "Latest News",
    "Source:",
    "Quelle: YouTube",
    "Quelle: msn.com",
    "Foto: Erika Muster / Agentur",
    "Avatar",
    "Lisa Ernst · 23.10.2025 · Technik · 5 min",
    "By Jane Doe | June 13, 2025 | 4 min read",
    "Veröffentlicht am 3. März 2024",
    "Stand: Juni 2025",
    "Von Erika Muster, 3. März 2024",
    "Wir verwenden Cookies, um Ihnen das beste Erlebnis zu bieten.",
    "This website uses cookies to improve your experience.",
    "Subscribe to our newsletter",
    "Newsletter abonnieren",
    "Jetzt anmelden",
    "Share",
    "Facebook | Twitter | WhatsApp",
    "Related Articles",
    "Das könnte Sie auch interessieren:",
    "Anzeige",
    "ADVERTISEMENT",
    "Weiterlesen »",
    "© 2025 Example Media",
    "* * *",
    "5 Min. Lesezeit",
]

EVIDENCE = [
    "Scale AI: Entlassungen nach Meta-Investition",
    "Die drei Pfeiler von Scale AI",
    "Fazit",
    "Einführung",
    "Analyse und Kontext",
    "Quelle der Angaben ist ein Memo, das Bloomberg vorliegt.",
    "Die Firma verwendet Cookies auf ihrer Seite.",
    "Teilen Sie eine ganze Zahl durch null, so ist das Ergebnis nicht definiert, sagte er, "
    "und fügte hinzu, dass dies in der Schule gelehrt werde und in jedem Lehrbuch stehe, das er "
    "in den letzten zwanzig Jahren gelesen habe.",
    "Newsletter sind ein wichtiges Geschäft der Verlage.",
    "Share prices fell by 3 percent.",
    "Facebook wurde 2004 gegründet.",
    "Von 2020 bis 2024 wuchs der Umsatz.",
    "Von 2020 bis Juni 2025",
    "Stand der Dinge im Mai 2024",
    "Meta kauft 49 Prozent",
    "- Umsatz 2024: 870 Millionen Dollar",
    "870 Millionen Dollar",
    "Jahr | Umsatz",
    "2024 | 870 Mio. Dollar",
    "Ja.",
    "Er ging.",
]


def marked(text: str) -> list[str]:
    return [
        text[region.start : region.end]
        for region in plain_regions(text)
        if region.role == "furniture"
    ]


@pytest.mark.parametrize("line", FURNITURE)
def test_page_furniture(line: str) -> None:
    text = f"Das ist ein Satz vor der Zeile.\n\n{line}\n\nDas ist ein Satz nach der Zeile."
    assert marked(text) == [line]


@pytest.mark.parametrize("line", EVIDENCE)
def test_evidence_stays(line: str) -> None:
    assert marked(f"Das ist ein Satz davor.\n\n{line}\n\nDas ist ein Satz danach.") == []


def test_a_caption_around_its_source_is_left_out() -> None:
    caption = "Das Logo der Firma, die ihre Leute entließ."
    assert marked(f"{caption}\n\nQuelle: msn.com\n\n{caption}\n\nEin Satz.") == [
        caption,
        "Quelle: msn.com",
        caption,
    ]


def test_a_repeated_title_is_kept_once() -> None:
    title = "Meta plant den Kauf von Scale AI"
    assert marked(f"{title}\n\nEin Satz.\n{title}\n\nNoch ein Satz.") == [title]


def test_a_repeated_sentence_is_evidence() -> None:
    text = "Das ist ein ganzer Satz.\n\nUnd noch einer dazu.\n\nDas ist ein ganzer Satz."
    assert marked(text) == []


@pytest.mark.parametrize(
    "name",
    [
        "xquad/documents_de.jsonl",
        "xquad/documents_en.jsonl",
        "germanquad/documents_de.jsonl",
        "legalquad_de/documents_de.jsonl",
    ],
)
def test_real_text_is_not_hit(read_set: Callable[[str], list[dict[str, Any]]], name: str) -> None:
    texts = [row["text"] for row in read_set(name)]
    hit = sum(len(line) for text in texts for line in marked(text))
    assert hit <= 0.0005 * sum(map(len, texts))


def test_seeds(seeds: list[Path]) -> None:
    found = {line for path in seeds for line in marked(path.read_text(encoding="utf-8"))}
    assert {
        "menu",
        "close",
        "Source:",
        "Latest News",
        "Avatar",
        "Quelle: YouTube",
        "Teilen Sie doch unseren Beitrag!",
        "date 2025-06",
    } <= found
    assert "Fazit" not in found
