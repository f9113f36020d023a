from __future__ import annotations

import io
import os
import resource
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from reportlab.pdfgen.canvas import Canvas

from base.errors import UsageError
from corpus.loaders.child import LoadLimits, draw_guarded, end_readers, read_guarded

FEW = LoadLimits(seconds=60, megabytes=1400)


@pytest.fixture(scope="module", autouse=True)
def ended() -> Iterator[None]:
    yield
    end_readers()


def refused(path: Path, limits: LoadLimits = FEW) -> str:
    with pytest.raises(UsageError) as caught:
        read_guarded(path, limits)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_documents_come_whole_out_of_the_child(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Ort;Zahl\nKöln;64\n", "utf-8")
    (document,) = read_guarded(file, FEW)
    assert [block.text for block in document.blocks] == ["Ort | Zahl", "Köln | 64"]
    assert document.blocks[1].runs[0].place is not None


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "bombe.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("null.txt", b"0" * 300_000_000)
    assert "unpack" in refused(file)
    office = tmp_path / "bombe.docx"
    with zipfile.ZipFile(office, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b" " * 300_000_000)
    assert "unpack" in refused(office)


def test_xml_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = "".join(f'<!ENTITY a{number + 1} "{f"&a{number};" * 10}">' for number in range(12))
    file = tmp_path / "bombe.docx"
    document = docx.Document()
    document.add_paragraph("Text")
    document.save(str(tmp_path / "gut.docx"))
    with zipfile.ZipFile(tmp_path / "gut.docx") as good, zipfile.ZipFile(file, "w") as archive:
        for name in good.namelist():
            content = good.read(name)
            if name == "word/document.xml":
                content = content.replace(
                    b"<w:document",
                    f'<!DOCTYPE x [<!ENTITY a0 "ha">{bomb}]><w:document'.encode(),
                    1,
                ).replace(b">Text<", b">&a12;<")
            archive.writestr(name, content)
    started = time.monotonic()
    try:
        read_guarded(file, FEW)
    except UsageError as error:
        assert str(file) in str(error)
    assert time.monotonic() - started < 60
    assert "haha" not in str(file)


def test_an_archive_within_itself_ends(tmp_path: Path) -> None:
    content = b"Text im innersten Archiv"
    name = "a.txt"
    for depth in range(9):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(name, content)
            archive.writestr(f"{depth}.txt", f"Tiefe {depth}")
        content, name = buffer.getvalue(), "innen.zip"
    file = tmp_path / "tief.zip"
    file.write_bytes(content)
    documents = read_guarded(file, FEW)
    assert 1 <= len(documents) <= 5
    assert any("deep" in warning for document in documents for warning in document.warnings)


def test_a_program_may_not_hide_in_a_name(tmp_path: Path) -> None:
    file = tmp_path / "boese.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../etc/passwort.txt", "harmlos")
    (document,) = read_guarded(file, FEW)
    assert document.blocks[0].text == "harmlos"
    assert not (tmp_path.parent / "etc").exists()


def test_more_time_than_allowed_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "lang.csv"
    file.write_text("a;b\n" + "1;2\n" * 3_000_000)
    assert "longer than 0.5 s" in refused(file, LoadLimits(seconds=0.5))


def test_more_memory_than_allowed_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "breit.csv"
    file.write_text("a;b\n" + "1;2\n" * 2_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "memory" in refused(file, LoadLimits(seconds=120, megabytes=500))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def test_deep_markup_does_not_crash(tmp_path: Path) -> None:
    file = tmp_path / "tief.html"
    file.write_text("<html><body>" + "<div>" * 50_000 + "Text" + "<table><tr><td>" * 5_000)
    try:
        documents = read_guarded(file, FEW)
    except UsageError as error:
        assert str(file) in str(error)
    else:
        assert documents
    deep = tmp_path / "tief.json"
    deep.write_text('{"a":' * 100_000 + "1" + "}" * 100_000)
    assert "deep" in refused(deep)


def test_a_very_large_file_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "gross.html"
    with file.open("wb") as opened:
        opened.write(b"<html><body>" + b"Text " * 10_000)
        os.truncate(file, 2_000_000_000)
    started = time.monotonic()
    assert "2000 MB" in refused(file)
    assert time.monotonic() - started < 30


def test_ten_thousand_pages_are_read(tmp_path: Path) -> None:
    file = tmp_path / "viele.pdf"
    canvas = Canvas(str(file), pagesize=(200, 100))
    for number in range(10_000):
        canvas.drawString(10, 50, f"Satz {number} steht hier.")
        canvas.showPage()
    canvas.save()
    (document,) = read_guarded(file, LoadLimits(seconds=300))
    assert sum(block.text.count("Satz") for block in document.blocks) == 10_000


@pytest.mark.parametrize("text", ["שלום עולם", "مرحبا بالعالم", "😀👩‍👩‍👧 Hallo", "ﬁnden"])
def test_text_of_all_kinds_passes(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.html"
    file.write_text(f"<meta charset=utf-8><p>{text}", "utf-8")
    (document,) = read_guarded(file, FEW)
    assert document.blocks[0].text == text


def test_damaged_bytes_cost_a_sentence_and_the_next_file_is_read(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Text " * 500)
    document.save(str(tmp_path / "gut.docx"))
    canvas = Canvas(str(tmp_path / "gut.pdf"))
    canvas.drawString(50, 500, "Text")
    canvas.save()
    for name in ("gut.docx", "gut.pdf"):
        raw = bytearray((tmp_path / name).read_bytes())
        for step in range(40, len(raw), 97):
            raw[step] ^= 0x5A
        file = tmp_path / f"kaputt-{name}"
        file.write_bytes(raw)
        try:
            read_guarded(file, FEW)
        except UsageError as error:
            assert str(file) in str(error)
    assert read_guarded(tmp_path / "gut.docx", FEW)


def test_a_page_is_drawn_by_the_child(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(50, 500, "Text")
    canvas.save()
    assert draw_guarded(tmp_path / "a.pdf", 1, 1.0, FEW).startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="no page 7"):
        draw_guarded(tmp_path / "a.pdf", 7, 1.0, FEW)
