from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import UsageError
from corpus.loaders import decode
from corpus.loaders.decode import read_text

TEXT = "Über den Wölfen fließt ein Bächlein – „Größe“, sagte sie, ändert das Maß.\n" * 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bericht.txt"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "mac_roman"]
)
def test_encodings(file: Path, encoding: str) -> None:
    file.write_bytes(TEXT.encode(encoding))
    assert read_text(file).text == TEXT


@pytest.mark.parametrize("text", ["Müller", "A naïve café.", "Nur Umsatz. " * 50 + "Größe"])
def test_a_few_umlauts_in_latin_1(file: Path, text: str) -> None:
    file.write_bytes(text.encode("latin-1"))
    assert read_text(file).text == text


def test_line_ends(file: Path) -> None:
    file.write_bytes(b"eins\r\nzwei\rdrei\n")
    assert read_text(file).text == "eins\nzwei\ndrei\n"


def test_a_damaged_byte_in_utf_8_is_replaced(file: Path) -> None:
    file.write_bytes((TEXT * 10).encode() + b"Er\xffde")
    assert read_text(file).text == TEXT * 10 + "Er\ufffdde"


def test_damage_is_told_with_its_line(file: Path) -> None:
    file.write_bytes(TEXT.encode() + b"Er\xffde")
    assert "1 damaged characters, the first in line 4" in read_text(file).warnings[0]


def test_damage_here_and_there_makes_no_other_alphabet(file: Path) -> None:
    file.write_bytes(b"\xff ".join([TEXT.encode()] * 9))
    decoded = read_text(file)
    assert decoded.text.replace("\ufffd ", "") == TEXT * 9
    assert "8 damaged" in decoded.warnings[0]


def test_another_encoding_is_told(file: Path) -> None:
    file.write_bytes(TEXT.encode("cp1252"))
    assert "Windows-1252" in read_text(file).warnings[0]


def test_many_damaged_bytes_are_not_utf_8(file: Path) -> None:
    file.write_bytes("Größe Maß Öl ".encode("cp1252") * 20 + "ö".encode())
    assert "Größe Maß Öl" in read_text(file).text


@pytest.mark.parametrize(
    ("raw", "trouble"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)), "binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 4, "binary"),
        (TEXT.encode("utf-16-le"), "binary"),
        (b"\xff\xfe\x00", "damaged"),
    ],
)
def test_what_is_no_text_is_named(file: Path, raw: bytes, trouble: str) -> None:
    file.write_bytes(raw)
    with pytest.raises(UsageError, match=trouble) as error:
        read_text(file)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read_text(tmp_path / "fehlt.txt")
    with pytest.raises(UsageError, match="is not a file"):
        read_text(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(file: Path) -> None:
    file.write_text("Text")
    file.chmod(0)
    with pytest.raises(UsageError, match="cannot be read"):
        read_text(file)


def test_too_large(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MAX_BYTES", 1_000_000)
    file.write_bytes(b"a" * 1_000_001)
    with pytest.raises(UsageError, match="more than the 1 MB"):
        read_text(file)


@given(raw=st.binary(max_size=300))
def test_arbitrary_bytes_are_text_or_refused(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    file = tmp_path_factory.mktemp("raw") / "x.txt"
    file.write_bytes(raw)
    try:
        assert "\r" not in read_text(file).text
    except UsageError as error:
        assert str(file) in str(error)
