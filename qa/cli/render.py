"""Answers for people at a terminal.

In: an answer and what the terminal can do. Out: text. Nothing can fail; where colours are not
wanted (a pipe, NO_COLOR) the supporting words stand between asterisks.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from corpus.document import Language
from qa.pipeline.answer import Answer, Citation

_LABELS: dict[Language, tuple[str, str]] = {
    "de": ("Quellen", "Am nächsten kommen (beantworten die Frage nicht)"),
    "en": ("Sources", "Nearest passages (they do not answer the question)"),
}
# Control characters in a document could move the cursor or recolour the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class TerminalStyle:
    """``live``: the terminal shows words that may be taken back; ``colour``: it marks words."""

    live: bool
    colour: bool
    width: int = 80

    @classmethod
    def of(cls, stream: TextIO) -> TerminalStyle:
        """What ``stream`` can do; NO_COLOR (no-color.org: set, and not empty) is respected."""
        terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        colour = terminal and not os.environ.get("NO_COLOR")
        return cls(terminal, colour, shutil.get_terminal_size().columns)

    def strong(self, text: str) -> str:
        """Bold, or between asterisks."""
        return f"\x1b[1m{text}\x1b[0m" if self.colour else f"*{text}*"

    def dim(self, text: str) -> str:
        """Not yet certain."""
        return f"\x1b[2m{text}\x1b[0m" if self.colour else text

    def erase(self, text: str) -> str:
        """Take back ``text``, which may have wrapped over several lines."""
        above = (len(text) - 1) // max(self.width, 1)
        return "\r" + "\x1b[1A" * above + "\x1b[J"


def render_sources(answer: Answer, style: TerminalStyle) -> str:
    """The list under an answer: what is cited, or what came nearest."""
    cited, nearest = _LABELS[answer.language]
    if answer.citations:
        blocks = [_source(one, style, f"[{one.marker}]") for one in answer.citations]
        return "\n".join([f"\n{cited}:", *blocks])
    if answer.nearest:
        blocks = [_source(one, style, " - ") for one in answer.nearest]
        return "\n".join([f"\n{nearest}:", *blocks])
    return ""


def _source(citation: Citation, style: TerminalStyle, label: str) -> str:
    facts = [citation.title, citation.date, citation.source]
    head = " · ".join(_clean(fact) for fact in facts if fact)
    marks = ("„", "“")
    quote = _mark(citation.quote, citation.support, style)
    path = " · ".join([_clean(citation.path), *place_words(citation)])
    return f"{label} {head}\n    {marks[0]}{quote}{marks[1]}\n    {path}"


def place_words(citation: Citation) -> list[str]:
    """Where a citation stands in its file, in few words that both languages share."""
    words = []
    if citation.page is not None:
        words.append(f"S./p. {citation.page}")
    if citation.slide is not None:
        words.append(f"Folie/slide {citation.slide}")
    if citation.cell is not None:
        words.append(
            _clean(f"{citation.sheet}!{citation.cell}" if citation.sheet else citation.cell)
        )
    return words


def _mark(quote: str, spans: Sequence[tuple[int, int]], style: TerminalStyle) -> str:
    parts, last = [], 0
    for start, end in _join(quote, spans):
        parts += [_clean(quote[last:start]), style.strong(_clean(quote[start:end]))]
        last = end
    return "".join([*parts, _clean(quote[last:])])


def _join(quote: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans with only white space between them, as one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and not quote[result[-1][1] : start].strip():
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _clean(text: str) -> str:
    return _CONTROL.sub("", text.replace("\n", " ").replace("\r", " "))


def render_timings(answer: Answer) -> str:
    """One line: where the time went."""
    times = answer.timings
    first = "-" if times.first_token_ms is None else f"{times.first_token_ms / 1000:.2f} s"
    return (
        f"\nretrieval {times.retrieval_ms:.0f} ms, evidence {times.evidence_ms:.0f} ms, "
        f"prefill {times.prefill_ms / 1000:.2f} s ({times.evaluated_tokens} of "
        f"{times.prompt_tokens} tokens computed), first token {first}, "
        f"total {times.total_ms / 1000:.2f} s, {times.output_tokens} tokens out, "
        f"confidence {answer.confidence:.2f}, {answer.models.llm}, {answer.models.encoder}"
    )
