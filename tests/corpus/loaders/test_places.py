"""A citation's rectangles, read again from the file by another library, hold the quote."""

from __future__ import annotations

import io
import random

import pdfplumber
import pytest
from made_pdfs import made_pdf

from corpus.loaded import LoadedDocument
from corpus.loaders.assemble import lay_out
from corpus.loaders.pdf.loader import PdfLoader

SPANS = 40


def plain(text: str) -> str:
    """Without what the text has beyond the page: blanks, marks of cells and notes.

    Bullets too: pdfplumber cannot decode that of the standard fonts ("(cid:127)").
    """
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
    text = text.replace("(cid:127)", "").translate(raised)
    return "".join(letter for letter in text if letter not in " \n|[]•\xa0")


@pytest.mark.parametrize("seed", range(6))
def test_random_spans_are_found_again_where_they_are_said_to_stand(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    made = made_pdf(seed, pages=2)
    file = tmp_path_factory.mktemp("places") / "a.pdf"
    file.write_bytes(made.content)
    loaded: LoadedDocument = PdfLoader().load(file)[0]
    text, _, places = lay_out(loaded.blocks)
    chooser = random.Random(seed)
    with pdfplumber.open(io.BytesIO(made.content)) as document:
        characters = [page.chars for page in document.pages]
    for _ in range(SPANS):
        start = chooser.randrange(len(text) - 2)
        end = min(len(text), start + chooser.randrange(1, 120))
        if text[start:end].count("[") != text[start:end].count("]"):
            continue
        read = ""
        for spot in places.provenance(text, start, end).pages:
            for left, top, right, bottom in spot.rectangles:
                inside = [
                    letter
                    for letter in characters[spot.page - 1]
                    if left <= (letter["x0"] + letter["x1"]) / 2 <= right
                    and top <= (letter["top"] + letter["bottom"]) / 2 <= bottom
                ]
                inside.sort(key=lambda letter: letter["x0"])
                read += "".join(letter["text"] for letter in inside)
        assert plain(read) == plain(text[start:end])
