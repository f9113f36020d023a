"""Text of pictures, by Tesseract.

In: a page of a PDF or a picture. Out: its words with boxes, arranged as on any page. What can fail,
as UsageError: Tesseract ends with an error. Where the program or its German data is not installed,
:func:`is_there` says so, and ``ADVICE`` how to have it.

Nothing that was read is left out. A word that Tesseract is unsure of is marked so, as it is more
often a faint word than none; what looks like a stain, stray punctuation or a line of nothing but a
letter or two, is hidden text. Only a page on which nothing else was read has no words.

Tesseract gives a box for each word; those of its characters are equal parts of it. A box is as high
as its letters: "eines" is lower than "Kündigung" in the same type, so the size of the type is told
from which letters a word has.
"""

from __future__ import annotations

import csv
import functools
import os
import shutil
import subprocess
import tempfile
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median
from typing import Any

from base.errors import UsageError
from corpus.loaders.pdf.page import PageParts, parts_of
from corpus.loaders.pdf.ruling import Drawing
from corpus.loaders.pdf.words import Word

ADVICE = "install OCR with 'apt-get install tesseract-ocr tesseract-ocr-deu'."
DOTS_PER_INCH = 300
SECONDS = 150
_LANGUAGES = ("deu", "eng")
_LEAST_CONFIDENCE = 20.0
"""Of 100: of words below it Tesseract is unsure."""
_STRAY = frozenset(".,;:'`´‘’“”„\"|_~*^·•°«»<>\\")
"""Signs that stains are read as; a dash, a currency, a percent sign may well stand by itself."""
_TINY = 2
_CAPITAL = 0.72
"""Height of a capital, in parts of the type's size; about the same in all common fonts."""
_ABOVE = {
    **dict.fromkeys("acegmnopqrsuvwxyz", 0.53),
    **dict.fromkeys("ÄÖÜ", 0.92),
    **dict.fromkeys("-–—=~+", 0.45),
    **dict.fromkeys(".,;:…_", 0.12),
}
_BELOW = {**dict.fromkeys("gjpqy", 0.21), **dict.fromkeys(",;()[]Q§", 0.12)}
_SAME_TYPE = 0.1
"""Sizes that differ by less cannot be told apart in a picture."""


@functools.cache
def languages() -> str:
    """What Tesseract can read of German and English, as its option has it; empty without it."""
    program = shutil.which("tesseract")
    if program is None:
        return ""
    done = subprocess.run(
        [program, "--list-langs"], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    known = set(done.stdout.split())
    return "+".join(language for language in _LANGUAGES if language in known)


def is_there() -> bool:
    """Whether pictures can be read."""
    return bool(languages())


def read_page(page: Any, number: int) -> PageParts:
    """What OCR reads on a pypdfium2 page."""
    width, height = page.get_size()
    bitmap = page.render(scale=DOTS_PER_INCH / 72, grayscale=True)
    picture = bitmap.to_pil()
    try:
        return read_picture(picture, number, width, height)
    finally:
        bitmap.close()


def read_picture(picture: Any, number: int, width: float, height: float) -> PageParts:
    """What OCR reads in a Pillow picture that is ``width`` by ``height`` points."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.png"
        picture.save(file, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
        rows = _rows(file)
    scale_x, scale_y = width / picture.width, height / picture.height
    words = [word for row in rows if (word := _word(row, scale_x, scale_y)) is not None]
    _hide_noise(words)
    visible = [word for word in words if not word.hidden]
    if not visible:
        words = []
    _part(words)
    _size(visible)
    _level(words, rows, scale_x, scale_y)
    return parts_of(words, Drawing(), number, width, height)


def _rows(file: Path) -> list[dict[str, str]]:
    program = shutil.which("tesseract") or "tesseract"
    try:
        done = subprocess.run(
            [program, str(file), "stdout", "-l", languages(), "--psm", "3", "tsv"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            # Its threads wait for one another so busily that one alone is as fast.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"OCR of a page took longer than {SECONDS} s.") from None
    if done.returncode != 0:
        raise UsageError(f"OCR failed: {done.stderr.strip()[-200:]}")
    reader = csv.DictReader(done.stdout.split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row for row in reader if row.get("level") in {"4", "5"}]


def _word(row: dict[str, str], scale_x: float, scale_y: float) -> Word | None:
    text = (row["text"] or "").strip()
    if row["level"] != "5" or not text:
        return None
    left, width = int(row["left"]) * scale_x, int(row["width"]) * scale_x
    top, height = int(row["top"]) * scale_y, int(row["height"]) * scale_y
    step = width / len(text)
    lefts = [left + step * place for place in range(len(text))]
    rights = [left + step * (place + 1) for place in range(len(text))]
    order = int(row["block_num"]) * 10**6 + int(row["par_num"]) * 10**5
    order += int(row["line_num"]) * 1000 + int(row["word_num"])
    word = Word(text, lefts, rights, top, top + height, order, spaced=int(row["word_num"]) > 1)
    word.unsure = float(row["conf"]) < _LEAST_CONFIDENCE
    return word


def _hide_noise(words: list[Word]) -> None:
    """Mark what stains were read as: stray punctuation, lines of nothing but tiny unsure words."""
    for _, line in groupby(words, key=lambda word: word.order // 1000):
        read = list(line)
        is_noise = all(word.unsure and _is_tiny(word.text) for word in read)
        for word in read:
            if is_noise or (word.unsure and _STRAY.issuperset(word.text)):
                word.hidden = "noise"


def _is_tiny(text: str) -> bool:
    return sum(map(str.isalnum, text)) <= _TINY and not any(map(str.isdigit, text))


def _part(words: list[Word]) -> None:
    """End a word where the next of its line begins: boxes of neighbours sometimes overlap."""
    for word, after in pairwise(words):
        is_neighbour = word.order // 1000 == after.order // 1000
        if is_neighbour and word.left < after.left < word.right:
            step = (after.left - word.left) / len(word.text)
            word.lefts = [word.left + step * place for place in range(len(word.text))]
            word.rights = [*word.lefts[1:], after.left]
            word.right = after.left


def _size(words: list[Word]) -> None:
    """Give the words the height of a capital of their type; close to the page's usual one, that."""
    for word in words:
        word.height *= _CAPITAL / _extent(word.text)
    letters = [word.height for word in words for _ in word.text]
    usual = median(letters) if letters else 0.0
    for word in words:
        if abs(word.height - usual) < _SAME_TYPE * usual:
            word.height = usual


def _extent(text: str) -> float:
    """How far a word reaches above and below its baseline, in parts of the type's size."""
    above = max(_ABOVE.get(letter, _CAPITAL) for letter in text)
    below = max(_BELOW.get(letter, 0.0) for letter in text)
    return above + below


def _level(words: list[Word], rows: list[dict[str, str]], scale_x: float, scale_y: float) -> None:
    """Give the words of a line its top and bottom: their own boxes are as high as their letters."""
    del scale_x
    lines = {
        int(row["block_num"]) * 1000 + int(row["par_num"]) * 100 + int(row["line_num"]): (
            int(row["top"]) * scale_y,
            (int(row["top"]) + int(row["height"])) * scale_y,
        )
        for row in rows
        if row["level"] == "4"
    }
    for word in words:
        key = word.order // 10**6 * 1000 + word.order % 10**6 // 10**5 * 100
        key += word.order % 10**5 // 1000
        if key in lines:
            word.top, word.bottom = lines[key]
