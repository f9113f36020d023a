"""All that OCR reads is kept: what it is unsure of is marked, what may be a stain is hidden."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab import __file__ as reportlab_file

from base.errors import UsageError
from corpus.loaded import Block
from corpus.loaders import ocr
from corpus.loaders.pdf.blocks import blocks_of
from corpus.loaders.picture import PictureLoader

WORDS = ["Zustellung", "Gebühr", "2025", "GmbH", "Ja", "x", "€", "–", "5%", "§", "B.", "1.284,50"]
STRAY = [".", "'", "“", "..", "*", ",;"]
READ = tuple[str, float]
need_ocr = pytest.mark.skipif(not ocr.is_there(), reason="Tesseract is not installed")


def rows(lines: Sequence[Sequence[READ]]) -> list[dict[str, str]]:
    """What Tesseract writes of these lines, each word with its confidence."""
    written = []
    for number, line in enumerate(lines, 1):
        top, left = 100 + 60 * number, 100
        facts = {"block_num": "1", "par_num": "1", "line_num": str(number)}
        box = {"top": str(top), "height": "40"}
        written.append({"level": "4", "left": "100", "width": "1", "text": "", **box, **facts})
        for place, (text, confidence) in enumerate(line, 1):
            width = 22 * len(text)
            word = {"left": str(left), "width": str(width), "word_num": str(place)}
            written.append(
                {"level": "5", "text": text, "conf": str(confidence), **word, **box, **facts}
            )
            left += width + 15
    return written


def read(lines: Sequence[Sequence[READ]], monkeypatch: pytest.MonkeyPatch) -> list[Block]:
    picture = Image.new("L", (1600, 1200), 255)
    with monkeypatch.context() as patch:
        patch.setattr(ocr, "_rows", lambda file: rows(lines))
        return list(blocks_of([ocr.read_picture(picture, 1, 800, 600)]))


def styled(blocks: Sequence[Block], style: str) -> list[str]:
    return [run.text for block in blocks for run in block.runs if run.style == style]


word = st.tuples(st.sampled_from(WORDS + STRAY), st.sampled_from([0.0, 5.0, 19.9, 20.0, 95.0]))


@given(lines=st.lists(st.lists(word, min_size=1, max_size=6), min_size=1, max_size=6))
def test_each_word_that_was_read_is_in_one_block(lines: list[list[READ]]) -> None:
    sure = [("Die", 96.0), ("Frist", 96.0), ("beträgt", 96.0), ("einen", 96.0), ("Monat", 96.0)]
    with pytest.MonkeyPatch.context() as monkeypatch:
        blocks = read([sure, *lines], monkeypatch)
    known = Counter(text for line in [sure, *lines] for text, _ in line)
    kept, visible = Counter[str](), Counter[str]()
    for block in blocks:
        # Between two cells of a table stands a sign that no page has.
        words = [text for text in block.text.split() if text != "|"]
        kept.update(words)
        visible.update(words if block.role != "hidden" else [])
    assert kept == known
    certain = Counter(text for line in lines for text, confidence in line if confidence >= 20)
    assert certain <= visible
    assert all(block.reason for block in blocks if block.role == "hidden")


def test_a_faint_word_stands_where_it_was_read_and_is_marked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks = read(
        [[("Einen", 91.0), ("Monat", 90.0), ("nach", 88.0), ("Zustellung.", 0.0)]], monkeypatch
    )
    assert [block.text for block in blocks] == ["Einen Monat nach Zustellung."]
    assert styled(blocks, "unsure") == ["Zustellung."]
    (run,) = [run for run in blocks[0].runs if run.style == "unsure"]
    assert run.place is not None and len(run.edges) == len(run.text) + 1


def test_a_stain_is_hidden_and_ends_no_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    line = [("Einen", 91.0), (".", 3.0), ("Monat", 90.0), ("und", 88.0), ("5", 2.0), ("€", 1.0)]
    blocks = read([line, [("a", 12.0), ("Er", 0.0), ("“", 0.0)]], monkeypatch)
    assert [block.text for block in blocks if block.role != "hidden"] == ["Einen Monat und 5 €"]
    assert " ".join(block.text for block in blocks if block.role == "hidden").split() == [
        ".", "a", "Er", "“",
    ]  # fmt: skip


def test_unsure_words_are_no_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    text = [[("Eine", 95.0), ("Zeile", 95.0), ("Text", 95.0), ("folgt", 95.0)]] * 3
    with monkeypatch.context() as patch:
        patch.setattr(ocr, "_size", lambda words: setattr(words[0], "height", 40.0))
        blocks = read([[("Menscherei", 4.0)], *text], patch)
    assert "heading" not in {block.role for block in blocks}


def test_a_page_of_nothing_but_stains_has_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stains = [[("a", 12.0), (".", 0.0)], [("Er", 3.0)]]
    assert read(stains, monkeypatch) == []
    monkeypatch.setattr(ocr, "is_there", lambda: True)
    monkeypatch.setattr(ocr, "_rows", lambda file: rows(stains))
    Image.new("L", (400, 300), 255).save(tmp_path / "a.png")
    with pytest.raises(UsageError, match="No text can be read"):
        PictureLoader().load(tmp_path / "a.png")


def faint_page() -> Any:
    """A page with faint lines, specks and stains."""
    dice = random.Random(1)
    picture = Image.new("L", (1654, 560), 247)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(Path(reportlab_file).parent / "fonts" / "Vera.ttf", 34)
    for number, (text, grey) in enumerate(
        [
            ("Rechnungsnummer: 2025-117", 40),
            ("Kunde: Stadtwerke Musterfeld GmbH", 200),
            ("Die Widerspruchsfrist beträgt einen Monat nach Zustellung.", 120),
        ]
    ):
        pen.text((170, 120 + 90 * number), text, grey, font)
    for _ in range(12):
        x, y, width = dice.randrange(100, 1500), dice.randrange(50, 500), dice.randrange(3, 15)
        pen.ellipse((x, y, x + width, y + width), fill=90)
    picture = picture.filter(ImageFilter.GaussianBlur(1.5))
    for _ in range(20_000):
        place = dice.randrange(picture.width), dice.randrange(picture.height)
        picture.putpixel(place, dice.randrange(200))
    return picture


@need_ocr
def test_all_that_tesseract_reads_on_a_faint_page_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faint_page().save(tmp_path / "a.png", dpi=(200, 200))
    run_tesseract, read_words = ocr._rows, Counter[str]()

    def noted(file: Path) -> list[dict[str, str]]:
        table = run_tesseract(file)
        read_words.update(text for row in table if (text := row["text"].strip()) not in ("", "|"))
        return table

    monkeypatch.setattr(ocr, "_rows", noted)
    (document,) = PictureLoader().load(tmp_path / "a.png")
    kept = Counter(text for block in document.blocks for text in block.text.split() if text != "|")
    assert kept == read_words
    assert read_words.total() > 8
