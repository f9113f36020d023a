"""Texts with questions, from sets that are on disk, split by document.

In: the folders of the training data and of the evaluation sets' development halves. Out: texts with
their questions and answers, those to train on apart from those to choose by. What can fail: a set
that is absent (it is left out and named).

Of the evaluation sets two documents of three are trained on, by a hash of the document's id, and
the third is for choosing; a passage never stands on both sides, in neither language.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from models.forms import Language

_LONGEST = 800
"""Characters of a text; longer ones are cut to whole sentences round the answers."""


@dataclass(frozen=True)
class TextQuestion:
    """A question of a text."""

    language: Language
    question: str
    spans: tuple[str, ...]
    """Exact words of the text that answer it; none: the text does not hold the answer."""


@dataclass
class ReadingText:
    """A text with its questions."""

    id: str
    source: str
    language: Language
    title: str
    text: str
    asked: list[TextQuestion] = field(default_factory=list)


def is_held(document: str, of: int = 3) -> bool:
    """Whether a document is kept for choosing, as one of so many is."""
    return hashlib.sha256(document.encode()).digest()[0] % of == 0


def sentences_of(text: str) -> list[tuple[int, int]]:
    """First character and end of each sentence or line, about."""
    ends = [match.end() for match in re.finditer(r"[.!?] (?=[A-ZÄÖÜ„\"])|\n+", text)]
    return list(zip([0, *ends], [*ends, len(text)], strict=True))


def longer_words(text: str) -> list[str]:
    """Its words of more than three letters in lower case, in order."""
    return [word for word in re.findall(r"\w+", text.lower()) if len(word) > 3]


def lines(file: Path) -> Iterator[dict[str, object]]:
    """The objects of a JSON Lines file."""
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def xquad(folder: Path) -> list[ReadingText]:
    """Each paragraph in German and in English, with the questions of both languages."""
    texts: dict[tuple[str, str], ReadingText] = {}
    for language in ("de", "en"):
        for row in lines(folder / f"documents_{language}.jsonl"):
            texts[str(row["id"]), language] = ReadingText(
                str(row["id"]),
                "XQuAD",
                language,
                str(row["title"]),
                str(row["text"]),
            )
    questions = {
        language: {str(row["id"]): row for row in lines(folder / f"questions_{language}.jsonl")}
        for language in ("de", "en")
    }
    for (document, language), text in texts.items():
        for asked_in in ("de", "en"):
            for number, row in questions[asked_in].items():
                answer = questions[language].get(number)
                if row["doc_id"] != document or answer is None:
                    continue
                span = str(answer["answers"][0])  # type: ignore[index]
                if span in text.text:
                    text.asked.append(TextQuestion(asked_in, str(row["question"]).strip(), (span,)))
    return list(texts.values())


def germanquad(folder: Path) -> list[ReadingText]:
    """Passages of German Wikipedia; of the answers the shortest that is no fragment."""
    texts = {
        str(row["id"]): ReadingText(
            str(row["id"]), "GermanQuAD", "de", str(row["title"]), str(row["text"])
        )
        for row in lines(folder / "documents_de.jsonl")
    }
    for row in lines(folder / "questions_de.jsonl"):
        text = texts[str(row["doc_id"])]
        answers = sorted((str(answer).strip() for answer in row["answers"]), key=len)  # type: ignore[attr-defined]
        answer = answers[len(answers) // 2]
        if answer and answer in text.text:
            text.asked.append(TextQuestion("de", str(row["question"]), (answer,)))
    return [_shortened(text) for text in texts.values() if text.asked]


def omos_qa(folder: Path, language: Language) -> list[ReadingText]:
    """Pages of towns; the answers are whole sentences, often several."""
    other = "en" if language == "de" else "de"
    pages = {str(row["id"]): row for row in lines(folder / f"documents_{language}.jsonl")}
    texts = []
    for file, asked_in in (
        (f"questions_{language}.jsonl", language),
        (f"questions_{other}_over_{language}.jsonl", other),
    ):
        for row in lines(folder / file):
            page = pages[str(row["doc_id"])]
            spans = tuple(str(answer).strip() for answer in row["answers"])[:4]  # type: ignore[attr-defined]
            text = str(page["text"])
            if row.get("is_impossible") or not spans or not all(span in text for span in spans):
                continue
            texts.append(
                ReadingText(
                    str(row["doc_id"]),
                    "OMoS-QA",
                    language,
                    str(page["title"]),
                    _window(text, spans),
                    [TextQuestion(asked_in, str(row["question"]), spans)],  # type: ignore[arg-type]
                )
            )
    merged: dict[tuple[str, str], ReadingText] = {}
    for made in texts:
        merged.setdefault((made.id, made.text), made).asked.extend(
            made.asked if merged[made.id, made.text] is not made else []
        )
    return [made for made in merged.values() if len(made.text) <= 1.6 * _LONGEST]


def reading_set(file: Path, source: str) -> list[ReadingText]:
    """One of the training sets with spans: rows grouped by their text."""
    texts: dict[str, ReadingText] = {}
    languages: dict[str, set[str]] = defaultdict(set)
    for row in lines(file):
        context = str(row["context"])
        language = str(row.get("context_lang", row["lang"]))
        text = texts.setdefault(
            context,
            ReadingText(str(row["id"]), source, language, str(row.get("title", "")), context),  # type: ignore[arg-type]
        )
        languages[context].add(language)
        answers = [str(answer).strip() for answer in row["answers"]]  # type: ignore[attr-defined]
        if row.get("is_impossible"):
            text.asked.append(TextQuestion(row["lang"], str(row["question"]), ()))  # type: ignore[arg-type]
        elif row.get("answer_start") is not None and answers and answers[0] in context:
            span = answers[0].strip(" ,;")
            text.asked.append(TextQuestion(row["lang"], str(row["question"]), (span,)))  # type: ignore[arg-type]
    return [_shortened(text) for text in texts.values() if text.asked]


def _shortened(text: ReadingText) -> ReadingText:
    if len(text.text) <= _LONGEST:
        return text
    spans = [span for asked in text.asked for span in asked.spans][:2]
    text.text = (
        _window(text.text, spans) if spans else text.text[:_LONGEST].rsplit(". ", 1)[0] + "."
    )
    text.asked = [asked for asked in text.asked if all(span in text.text for span in asked.spans)]
    return text


def _window(text: str, spans: list[str] | tuple[str, ...]) -> str:
    """At most so many characters round ``spans``, cut at the ends of sentences or lines."""
    if len(text) <= _LONGEST:
        return text
    begin = min(text.index(span) for span in spans)
    end = max(text.index(span) + len(span) for span in spans)
    free = max(0, _LONGEST - (end - begin))
    start = max(0, begin - free // 2)
    stop = min(len(text), end + free - (begin - start))
    cut = max(text.rfind("\n", 0, start + 1), text.rfind(". ", 0, start + 1) + 1, 0)
    start = cut if start - cut < 300 else start
    ends = [at for at in (text.find("\n", stop), text.find(". ", stop) + 1) if at > 0]
    stop = min(min(ends, default=len(text)), stop + 200)
    return text[start:stop].strip()
