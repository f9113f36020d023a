"""Spans as the reader would find them, without a reader."""

from __future__ import annotations

import re

from corpus.document import Document, Language
from corpus.passages import build_passages
from corpus.store import StoredPassage
from index.fusion import ScoreParts
from index.retriever import Retrieved
from qa.engine.extraction import ExtractedSpan, Extraction
from qa.pipeline.extract import PassageReading, make_reading
from qa.pipeline.shown_text import ShownText, show


def stored(
    text: str,
    language: Language = "de",
    *,
    name: str = "a",
    title: str = "Bericht",
    source: str | None = None,
    date: str | None = None,
) -> StoredPassage:
    """The first passage of a document of that text."""
    document = Document(
        id=name, title=title, source=source, date=date, language=language, text=text, path=name
    )
    passage = build_passages(document, lambda texts: [len(part.split()) for part in texts], 400, 0)[
        0
    ]
    return StoredPassage(1, passage, title, source, date, language, name)


def shown(text: str, language: Language = "de", **facts: str) -> ShownText:
    return show(stored(text, language, **facts))


def reading(
    text: str,
    *answers: str,
    language: Language = "de",
    log_odds: float = 4.0,
    score: float = 1.0,
    question: str = "",
    **facts: str,
) -> PassageReading:
    """What the reader would make of ``text`` that found ``answers`` there."""
    passage = stored(text, language, **facts)
    view = show(passage)
    spans = []
    for answer in answers:
        places = tuple(
            (found.start(), found.end()) for found in re.finditer(re.escape(answer), view.text)
        )
        spans.append(ExtractedSpan(*places[0], places, -0.1, -0.1, 3))
    extraction = Extraction(
        spans=tuple(spans),
        nothing=-log_odds,
        starts=0.0,
        margin=2.0,
        log_probability=-0.1,
        complete=True,
    )
    retrieved = Retrieved(passage, score, ScoreParts(0.9, 3.0, 1.0, 0.5))
    return make_reading(retrieved, view, extraction, question)
