"""Evidence made of a text, as retrieval would hand it on."""

from __future__ import annotations

from fakes import HashingEncoder
from samples import document

from corpus.document import Language, Passage
from corpus.sentences import split
from corpus.store import StoredPassage
from index.evidence import Evidence, Sentence

ENCODER = HashingEncoder()


def evidence(text: str, language: Language = "de", name: str = "a") -> Evidence:
    """Evidence of all sentences of ``text``."""
    one = document(name, text, language)
    spans = split(text, language)
    passage = Passage(
        document_id=name,
        ordinal=0,
        start=spans[0].start,
        end=spans[-1].end,
        text=text[spans[0].start : spans[-1].end],
        sentences=tuple(spans),
    )
    texts = [text[span.start : span.end] for span in spans]
    vectors = ENCODER.encode_passages(texts)
    return Evidence(
        StoredPassage(1, passage, one.title, None, None, language, one.path),
        tuple(
            Sentence(span, text, 0.0, vector)
            for span, text, vector in zip(spans, texts, vectors, strict=True)
        ),
    )
