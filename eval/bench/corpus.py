"""How well and how fast the corpus's own steps work, on the development sets.

In: the folder of the development sets (``python -m eval.bench.corpus ../shared/eval``). Out: a
report on standard output: sentence boundaries of every segmentation library that is installed
and of ours, accuracy of the language, share of real text taken for furniture. What can fail: a
set that is not there, with the error of ``open``; a library that is not installed is left out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corpus.document import Language
from corpus.language import detect
from corpus.regions import plain_regions
from corpus.sentences import split

Ends = Callable[[str, Language], list[int]]
LANGUAGES: tuple[Language, ...] = ("de", "en")

QUESTIONS: tuple[tuple[str, str, Language], ...] = (
    ("xquad/questions_de", "question", "de"),
    ("xquad/questions_en", "question", "en"),
    ("germanquad/questions_de", "question", "de"),
    ("germanquad/questions_de_perturbed", "question", "de"),
    ("legalquad_de/questions_de", "question", "de"),
    ("squad2/xquad_linked_unanswerable_en", "question", "en"),
    ("xquad/documents_de", "text", "de"),
    ("xquad/documents_en", "text", "en"),
    ("germanquad/documents_de", "text", "de"),
    ("legalquad_de/documents_de", "text", "de"),
)


def read_rows(root: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of one set."""
    with (root / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def ends_of(text: str, sentences: list[str]) -> list[int]:
    """Return where each of ``sentences`` ends in ``text``; changed sentences are skipped."""
    ends: list[int] = []
    last = 0
    for sentence in filter(None, map(str.strip, sentences)):
        start = text.find(sentence, last)
        if start >= 0:
            last = start + len(sentence)
            ends.append(last)
    return ends


def candidates() -> Iterator[tuple[str, Ends]]:
    """Yield each segmentation that can be measured here."""
    yield "belegt", lambda text, language: [span.end for span in split(text, language)]
    for name, make in (("sentencex", _sentencex), ("syntok", _syntok), ("pysbd", _pysbd)):
        try:
            yield name, make()
        except ImportError:
            print(f"{name:10} is not installed")


def _sentencex() -> Ends:
    import sentencex  # type: ignore[import-untyped]

    return lambda text, language: ends_of(text, list(sentencex.segment(language, text)))


def _syntok() -> Ends:
    from syntok import segmenter  # type: ignore[import-not-found,import-untyped,unused-ignore]

    def ends(text: str, language: Language) -> list[int]:
        del language
        found = (sentence for part in segmenter.process(text) for sentence in part)
        return [sentence[-1].offset + len(sentence[-1].value) for sentence in found]

    return ends


def _pysbd() -> Ends:
    import pysbd  # type: ignore[import-not-found,import-untyped,unused-ignore]

    made = {language: pysbd.Segmenter(language=language, clean=False) for language in LANGUAGES}
    return lambda text, language: ends_of(text, made[language].segment(text))


def report_sentences(root: Path) -> None:
    """Print precision, recall and F1 of the boundaries within each text, and the speed."""
    for name, ends in candidates():
        for language in LANGUAGES:
            texts = {
                row["id"]: row["text"] for row in read_rows(root, f"xquad/documents_{language}")
            }
            right = found = wanted = 0
            start = time.perf_counter()
            for row in read_rows(root, f"xquad/sentence_breaks_{language}"):
                gold = {end for _, end in row["sentence_offsets"][:-1]}
                ours = set(ends(texts[row["doc_id"]], language)[:-1])
                right, found = right + len(gold & ours), found + len(ours)
                wanted += len(gold)
            speed = sum(map(len, texts.values())) / (time.perf_counter() - start) / 1e6
            precision, recall = right / found, right / wanted
            f1 = 2 * precision * recall / (precision + recall)
            print(
                f"{name:10} {language} precision {precision:.4f} recall {recall:.4f} "
                f"F1 {f1:.4f} {speed:.2f} MB/s"
            )


def report_language(root: Path) -> None:
    """Print how often the language is right, and the time for one text."""
    for name, field, language in QUESTIONS:
        rows = read_rows(root, name)
        start = time.perf_counter()
        right = sum(detect(row[field]) == language for row in rows)
        each = (time.perf_counter() - start) / len(rows) * 1000
        print(f"{name:38} {right / len(rows):.4f} of {len(rows)}, {each:.2f} ms each")


def report_furniture(root: Path) -> None:
    """Print the share of characters of real text that is taken for furniture."""
    for name, field, _ in QUESTIONS:
        if field == "text":
            texts = [row["text"] for row in read_rows(root, name)]
            hit = sum(
                region.end - region.start
                for text in texts
                for region in plain_regions(text)
                if region.role == "furniture"
            )
            print(f"{name:38} {hit} of {sum(map(len, texts))} characters")


def main() -> None:
    """Report on the sets in the folder given as the first argument."""
    root = Path(sys.argv[1])
    print("sentence boundaries")
    report_sentences(root)
    print("language")
    detect("warm up")
    report_language(root)
    print("furniture in real text")
    report_furniture(root)


if __name__ == "__main__":
    main()
