from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from base.errors import UsageError
from qa.api.uploads import (
    NAME_CHARACTERS,
    display_name,
    distinct_names,
    documents_of,
    refusal,
    upload_id,
)

TEXT = b"Ein guter Satz steht hier. Noch einer folgt ihm."


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("vertrag.md", "vertrag.md"),
        ("../../etc/passwd", "etc/passwd"),
        ("projekt-a/protokoll.md", "projekt-a/protokoll.md"),
        ("/a/./b/../c.md", "a/b/c.md"),
        ("C:\\Eigene Dateien\\brief.txt", "Eigene Dateien/brief.txt"),
        ("a\x00b\x1b\u202etxt.md", "abtxt.md"),
        ("  zwei \t Worte\n.txt ", "zwei Worte .txt"),
        ("u\u0308ber.txt", "über.txt"),
        ("/", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_name_is_shown_with_folders_and_without_what_is_not_visible(
    sent: str | None, shown: str
) -> None:
    assert display_name(sent) == shown


@given(st.text() | st.text(alphabet="./\\ \x00a\ud800\u202e"))
def test_a_name_is_never_more_than_a_name(sent: str) -> None:
    shown = display_name(sent)
    assert len(shown) <= NAME_CHARACTERS
    assert "\\" not in shown
    assert all(part.strip(".") for part in shown.split("/")) or shown == ""
    assert not any(unicodedata.category(one).startswith("C") for one in shown)
    assert display_name(shown) == shown
    shown.encode()


def test_files_of_one_name_in_one_upload_are_told_apart() -> None:
    assert distinct_names(["a/x.md", "x.md", "x.md", "a/x.md", ""]) == [
        "a/x.md",
        "x.md",
        "x (2).md",
        "a/x (2).md",
        "",
    ]


def test_a_long_path_loses_its_first_folders() -> None:
    name = "/".join(["ordner" * 10] * 9) + "/datei.md"
    assert display_name(name).endswith("ordner/datei.md")
    assert len(display_name(name)) <= NAME_CHARACTERS


def test_a_long_name_keeps_its_suffix() -> None:
    assert display_name("x" * 999 + ".md") == "x" * (NAME_CHARACTERS - 3) + ".md"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("", TEXT, "no name"),
        ("a.exe", TEXT, "No loader knows"),
        (".txt", TEXT, "No loader knows"),
        ("..", TEXT, "No loader knows"),
        ("a.txt", b"", "is empty"),
        ("a.txt", TEXT * 99, "more than the 0.0 MB"),
        ("a.md", b"\x1f\x8b...", "a gzip archive"),
    ],
)
def test_what_shows_at_once_is_refused_at_once(name: str, content: bytes, said: str) -> None:
    reason = refusal(name, content, 1000)
    assert reason is not None
    assert said in reason


def test_a_text_is_not_refused() -> None:
    assert refusal("a.txt", TEXT) is None
    assert refusal("A.MARKDOWN", "Köln".encode("utf-16")) is None


def test_title_and_date_come_from_the_name_where_the_text_has_none(tmp_path: Path) -> None:
    [document] = documents_of("Bericht 2025-06-13.TXT", TEXT, tmp_path)
    assert document.title == "Bericht 2025-06-13"
    assert document.date == "2025-06-13"
    assert document.path == "upload/Bericht 2025-06-13.TXT"
    [own] = documents_of("x 2025-06-13.md", b"---\ntitle: T\ndate: 2024\n---\n" + TEXT, tmp_path)
    assert (own.title, own.date) == ("T", "2024")
    assert list(tmp_path.iterdir()) == []


def test_one_name_is_one_document() -> None:
    assert upload_id("a.txt") == upload_id("a.txt")
    assert len({upload_id(name) for name in ("a.txt", "a.md", "A.txt", "a .txt")}) == 4


def test_a_refusal_names_the_upload_and_no_folder(tmp_path: Path) -> None:
    for content in (b"\x00\x01", b" \n ", b"---\ndate: morgen\n---\n" + TEXT, b"---\n: [\n---\nx"):
        try:
            documents_of("mein.txt", content, tmp_path)
        except UsageError as error:
            assert "mein.txt" in str(error)
            assert str(tmp_path) not in str(error)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.txt", "b.md"]))
def test_any_bytes_are_a_document_or_a_sentence(tmp_path: Path, content: bytes, name: str) -> None:
    try:
        [document] = documents_of(name, content, tmp_path)
    except UsageError as error:
        assert "\n" not in str(error)
    else:
        assert document.text.strip()
    assert list(tmp_path.iterdir()) == []
