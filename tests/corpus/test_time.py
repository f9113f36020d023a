"""No text takes more than its length in time: what doubles may not take four times as long.

Growth is compared, not time: the same kind of text at two lengths, the least of a few runs each.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from growth import grows_at_most

from corpus.contexts import Contexts
from corpus.dates import find_date
from corpus.document import Document
from corpus.loaders import load_file
from corpus.normal_form import normal_form
from corpus.regions import plain_regions
from corpus.sentences import split

SHORT = 8_000
TIMES = 4
MOST_GROWTH = 2.2 * TIMES

PIECES = [
    "<!--", " ", "a ", "\n", "- ", "[", "![", "](", "<", "<a", "|", "| ", "a|b\n", "\t", "a\tb\n",
    "#", "~~", "*a", "_a", "`", ">", "> ", "1. ", "---\n", "a: b\n", ". ", "a. ", "...", "\"", "(",
    "a-\n", "\u00ad", "\u00ad ", "^6", "x^", "&", "&amp", "12.", "1.1.20", ", ", "von ", "date ",
    "a  b\n", "a   \n", "<sup>", "</td>", "<td>", "Seite 1 von 2\n", "\f", "[^1]", "\u0308", "Dr. ",
]  # fmt: skip


def check(work: Callable[[str], object], piece: str) -> None:
    texts = [(head + piece * (length // len(piece)))[:length] for head in ("", "---\n")
             for length in (SHORT, SHORT * TIMES)]  # fmt: skip
    for short, long in (texts[:2], texts[2:]):
        assert grows_at_most(MOST_GROWTH, work, short, long), repr(piece)


def of_text(work: Callable[[str, Document], object]) -> Callable[[str], object]:
    def run(text: str) -> object:
        return work(text, Document(id="a", title="", language="de", text=text, path=""))

    return run


SUPERLINEAR = {("sentences", "<!--"), ("sentences", "`")}

STEPS: dict[str, Callable[[str], object]] = {
    "normal form": normal_form,
    "regions": plain_regions,
    "sentences": lambda text: split(text, "de"),
    "dates": find_date,
    "contexts": of_text(lambda text, document: Contexts(document, plain_regions(text))),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("piece", PIECES)
def test_steps_grow_with_the_text(step: str, piece: str) -> None:
    if (step, piece) in SUPERLINEAR:
        pytest.xfail("sentencex takes eleven times as long for four times the text")
    check(STEPS[step], piece)


@pytest.mark.parametrize("suffix", [".txt", ".md"])
@pytest.mark.parametrize("piece", PIECES)
def test_loaders_grow_with_the_file(tmp_path: Path, suffix: str, piece: str) -> None:
    file = tmp_path / f"a{suffix}"

    def work(text: str) -> object:
        file.write_text(f"Wort {text} Ende", encoding="utf-8")
        return load_file(file)

    check(work, piece)
