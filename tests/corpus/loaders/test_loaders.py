from __future__ import annotations

from pathlib import Path

import pytest

from base.errors import UsageError
from corpus.folders import iter_files
from corpus.loaders import digest, load_file

MATTER = """---
title: "Meta: ein Kauf"
date: 2025-06
source: Reuters
language: de
tags: [KI, Meta]
author: Erika Muster
---

Der Konzern hat die Beteiligung gekauft.
"""


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.markdown", "A.MD"])
def test_front_matter(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(MATTER, encoding="utf-8")
    found = load_file(file)
    assert (found.title, found.date, found.source) == ("Meta: ein Kauf", "2025-06", "Reuters")
    assert found.language == "de"
    assert found.metadata == {"tags": "KI, Meta", "author": "Erika Muster"}
    assert found.text.strip() == "Der Konzern hat die Beteiligung gekauft."
    assert found.path == str(file.resolve())


@pytest.mark.parametrize(
    ("matter", "field", "taken"),
    [
        ("title: a: b: c", "title", "a: b: c"),
        ("title: Bericht: Halle 2", "title", "Bericht: Halle 2"),
        ("title: [" + "[" * 50, "title", "[" * 51),
        ("created: {{date:YYYY-MM-DD}}", "created", "{{date:YYYY-MM-DD}}"),
        ("date: bald", "date", "bald"),
        ("date: Frühjahr 2026", "date", "Frühjahr 2026"),
        ("date: 2025-02-31", "date", "2025-02-31"),
        ("up: [[Projekt Halle 3]]", "up", "Projekt Halle 3"),
        ("projekt:\n  name: Halle 4\n  phase: 2", "projekt", "Halle 4"),
        ('thema: "\\uD800"', "thema", "\ufffd"),
        ("a: &a [x]\nb: [*a, *a]", "b", "*a"),
        ("title: <% tp.file.title %>", "title", "<% tp.file.title %>"),
    ],
)
def test_odd_front_matter_is_told_and_the_note_taken(
    tmp_path: Path, matter: str, field: str, taken: str
) -> None:
    file = tmp_path / "a.md"
    file.write_text(f"---\n{matter}\n---\nText.", encoding="utf-8")
    found = load_file(file)
    assert found.text == "Text."
    assert any(f"'{field}" in told or f"'{taken}'" in told for told in found.warnings)
    assert all(str(file) in told for told in found.warnings)
    assert taken in found.title or any(taken in value for value in found.metadata.values())


def test_an_unknown_language_is_told_and_found_in_the_text(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("---\nlanguage: fr\n---\nDas ist ein Satz.", encoding="utf-8")
    found = load_file(file)
    assert found.language == "de"
    assert "'fr'" in found.warnings[0]


@pytest.mark.parametrize(
    "text",
    ["---\nEin Satz.\n---\nNoch ein Satz.", "--- Anfang ---\nEin Satz.", "---\ntitle: offen\n"],
)
def test_rules_are_no_front_matter(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text(text, encoding="utf-8")
    assert load_file(file).text == text.rstrip()


def test_front_matter_without_text(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("---\ntitle: leer\n---\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no text"):
        load_file(file)


def test_what_the_file_does_not_state_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(
        "menu\n\nA deal of the year\n\nJane Doe · 13 June 2025 · 5 min\n\n"
        "The company bought a stake of 49 percent.\n\nSource: Reuters\n",
        encoding="utf-8",
    )
    found = load_file(file)
    assert found.title == "A deal of the year"
    assert found.date == "2025-06-13"
    assert found.language == "en"
    assert found.source == "Reuters"


def test_several_source_lines_name_no_source(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Quelle: a.de\n\nEin Satz steht hier.\n\nQuelle: b.de\n", encoding="utf-8")
    found = load_file(file)
    assert found.source is None
    assert found.title == "a"


def test_ids_are_readable_stable_and_differ_by_folder(tmp_path: Path) -> None:
    for folder in ("eins", "zwei"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "Größe & Maß.txt").write_text("Ein Satz.", encoding="utf-8")
    first = load_file(tmp_path / "eins" / "Größe & Maß.txt")
    second = load_file(tmp_path / "zwei" / "Größe & Maß.txt")
    assert first.id.startswith("groesse-mass-")
    assert first.id != second.id
    assert first.id == load_file(tmp_path / "zwei" / ".." / "eins" / "Größe & Maß.txt").id
    assert digest(first) == digest(second)


def test_the_digest_sees_text_and_fields(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(MATTER, encoding="utf-8")
    found = load_file(file)
    changes = [{"text": "x"}, {"title": "x"}, {"date": None}, {"metadata": {"a": "b"}}]
    digests = {digest(found.model_copy(update=change)) for change in changes}
    assert len(digests | {digest(found)}) == len(changes) + 1


def test_unknown_formats_are_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"bild\.xyz.*"):
        (tmp_path / "bild.xyz").write_bytes(bytes(range(256)))
        load_file(tmp_path / "bild.xyz")


def test_iter_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "c.xyz", ".hidden.txt", "sub/d.txt", ".git/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere.txt")
    found = [file.relative_to(tmp_path).as_posix() for file in iter_files([tmp_path])]
    assert found == ["a.md", "b.txt", "sub/d.txt"]
    again = [tmp_path / "b.txt", tmp_path, tmp_path / "c.xyz"]
    assert [file.name for file in iter_files(again)] == ["b.txt", "a.md", "d.txt", "c.xyz"]


def test_a_path_that_does_not_exist_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"fehlt.*does not exist"):
        iter_files([tmp_path, tmp_path / "fehlt"])


def test_the_seeds_load(seeds: list[Path]) -> None:
    found = {path.name[:3]: load_file(path) for path in seeds}
    assert {document.language for document in found.values()} == {"de"}
    assert found["000"].date == "2025-06"
    assert found["004"].date == "2025-10-23"
    assert found["004"].title == "Scale AI: Entlassungen nach Meta-Investition"
