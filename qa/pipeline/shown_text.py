"""A passage as the reader sees it, and the way back to the stored text.

In: a stored passage. Out: its heading and its text in one line each, the stretches of the text in
which an answer may lie, and for any stretch the sentences it stands in. Nothing can fail.

A heading or a question of the text is never an answer by itself; what stands below it is. So both
are shown, and left out of the stretches from which an answer may be taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus.cache_folder import kept_folder
from corpus.document import Span
from corpus.readings import Reading
from corpus.store import StoredPassage
from models import forms
from qa.engine.protocol import Segment

_HEADING_CHARACTERS = 160
"""Of a title or a heading path, however long it is, so much is shown."""


@dataclass(frozen=True)
class ShownSentence:
    """A sentence of the shown text."""

    start: int
    """First character in the shown text."""
    end: int
    """Behind its last character."""
    place: int
    """Its number in the passage."""
    stored: Span
    """Its span in the document's text."""
    reading: Reading
    """What is shown of it."""
    can_answer: bool
    """False for headings and questions."""


@dataclass(frozen=True)
class ShownText:
    """A passage as the reader sees it."""

    stored: StoredPassage
    heading: str
    """Title, outlet, date and heading path, in one line."""
    text: str
    """All sentences, a blank between two of them."""
    sentences: tuple[ShownSentence, ...]

    @property
    def answer_ranges(self) -> tuple[tuple[int, int], ...]:
        """The stretches of ``text`` from which an answer may be taken, neighbours joined."""
        ranges: list[tuple[int, int]] = []
        for sentence in self.sentences:
            if not sentence.can_answer:
                continue
            if ranges and sentence.start <= ranges[-1][1] + 1:
                ranges[-1] = ranges[-1][0], sentence.end
            else:
                ranges.append((sentence.start, sentence.end))
        return tuple(ranges)

    def sentences_of(self, start: int, end: int) -> list[ShownSentence]:
        """The sentences that ``text[start:end]`` touches, in order."""
        return [
            sentence for sentence in self.sentences if sentence.start < end and start < sentence.end
        ]

    def segment(self, corpus: Path) -> Segment:
        """The passage as part of a prompt, the same for every question.

        What the model makes of it may be kept in the corpus's folder ``corpus``.
        """
        text = forms.headed_text(self.heading, self.text)
        return Segment(text, kept_in=kept_folder(corpus, self.stored.passage.document_id))


def show(stored: StoredPassage) -> ShownText:
    """``stored`` as the reader sees it."""
    passage = stored.passage
    readings, headings = passage.readings(), passage.headings()
    parts: list[str] = []
    sentences: list[ShownSentence] = []
    length = 0
    for place, (span, reading) in enumerate(zip(passage.sentences, readings, strict=True)):
        text = reading.text
        below = headings[place + 1] if place + 1 < len(headings) else ()
        is_heading = bool(below) and " ".join(below[-1].split()) == text.strip(" #")
        sentences.append(
            ShownSentence(
                start=length,
                end=length + len(text),
                place=place,
                stored=span,
                reading=reading,
                can_answer=not is_heading and not text.rstrip().endswith("?"),
            )
        )
        parts.append(text)
        length += len(text) + 1
    return ShownText(stored, _heading(stored, headings), " ".join(parts), tuple(sentences))


def _heading(stored: StoredPassage, headings: list[tuple[str, ...]]) -> str:
    facts = ", ".join(fact for fact in (stored.source, stored.date) if fact)
    title = _clipped(stored.title)
    above = [part for part in (headings[0] if headings else ()) if part != stored.title]
    path = _clipped(" › ".join(above))
    head = f"{title} ({facts})" if facts else title
    return " › ".join(part for part in (head, path) if part)


def _clipped(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= _HEADING_CHARACTERS:
        return text
    return text[: _HEADING_CHARACTERS - 1].rstrip() + "…"
