"""Groups of spans as sentences.

In: a group, the question's language. Out: the text of a statement, the spans it cites. Nothing can
fail.

Nothing is put into words that a source does not have: the sentence in which the answer stands is
itself the statement where it is short and in the question's language, else the answer's words and
the sentence behind them as a quotation. A wrong sentence that looks proven is the worst fault there
is, and a quotation cannot be one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.document import Language
from qa.dialogue.question_parts import QuestionKind
from qa.pipeline.extract import FoundSpan
from qa.pipeline.group import AnswerGroup, Grouping
from qa.proof.render import render_in
from qa.proof.values import find_values

SHORT = 180
"""Characters up to which a sentence is an answer by itself."""
LONGEST = 420
"""Characters of a quotation; a longer one is cut round the answer."""

_QUOTES: dict[Language, tuple[str, str]] = {"de": ("„", "“"), "en": ("“", "”")}
_ORIGINAL: dict[tuple[Language, Language], str] = {
    ("de", "en"): "im Original englisch",
    ("en", "de"): "German in the original",
}
_DISAGREE: dict[Language, str] = {
    "de": "Die Quellen machen verschiedene Angaben.",
    "en": "The sources disagree.",
}
_FOUND: dict[Language, str] = {
    "de": "Eine Zahl nennt keine Quelle. Gefunden wurde dies; es muss nicht alles sein.",
    "en": "No source states a number. This was found; there may be more.",
}
_MORE: dict[Language, str] = {
    "de": "Gefunden wurde dies; es muss nicht alles sein.",
    "en": "This was found; there may be more.",
}
# What leans on the sentence before it cannot stand alone.
_LEANS = frozenset(
    """
    er sie es dies diese dieser dieses das dabei damit dafür dort dazu seine ihre ihr sein deren
    dessen daher deshalb dennoch jedoch zudem außerdem hier denn he she it they this that these
    those his her their its there then however therefore also such both
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)


@dataclass(frozen=True)
class Statement:
    """A sentence of an answer and what it rests on."""

    text: str
    spans: tuple[FoundSpan, ...]
    """What it cites, in the order of its markers."""
    quoted: bool
    """Whether its words are the source's own."""


def compose(
    grouping: Grouping, language: Language, kind: QuestionKind
) -> tuple[str, list[Statement]]:
    """What stands before the statements ("" where nothing does), and the statements."""
    if grouping.disagree:
        sides = sorted(grouping.groups, key=lambda side: side.best.stored.date or "", reverse=True)
        return _DISAGREE[language], [_side(side, language) for side in sides]
    group = grouping.groups[0]
    if kind == "count" and not find_values(group.best.text, group.best.language).quantities:
        # What was found may not be all there is, so it is shown and not counted.
        statements = [
            Statement(_quote(span, language), (span,), quoted=True) for span in group.spans
        ]
        return _FOUND[language], statements
    if group.is_list:
        several = len(group.readings) > 1
        return _MORE[language] if several else "", [_item(span, language) for span in group.spans]
    return "", [_alone(group, language)]


def _alone(group: AnswerGroup, language: Language) -> Statement:
    """The statement of the only group."""
    span = group.best
    sentence = span.context
    if span.language == language and len(sentence) <= SHORT and not _leans(sentence):
        return Statement(_closed(sentence), group.spans, quoted=True)
    return Statement(_answer_and_quote(span, language), group.spans, quoted=True)


def _side(group: AnswerGroup, language: Language) -> Statement:
    """The statement of one of several groups that disagree."""
    span = group.best
    facts = ", ".join(
        fact for fact in (span.stored.source or span.stored.title, span.stored.date) if fact
    )
    text = f"{render_in(span.text, span.language, language)} ({facts}): {_quote(span, language)}"
    return Statement(text, group.spans, quoted=True)


def _item(span: FoundSpan, language: Language) -> Statement:
    text = render_in(span.text, span.language, language)
    return Statement(
        text if span.language == language else f"{text} ({_ORIGINAL[language, span.language]})",
        (span,),
        quoted=True,
    )


def _answer_and_quote(span: FoundSpan, language: Language) -> str:
    quote = _quote(span, language)
    words = render_in(span.text, span.language, language)
    if len(span.text) > 0.85 * len(span.context):
        return quote
    return f"{words}: {quote}"


def _quote(span: FoundSpan, language: Language) -> str:
    opening, closing = _QUOTES[language]
    note = "" if span.language == language else f" ({_ORIGINAL[language, span.language]})"
    return f"{opening}{_cut(span)}{closing}{note}"


def _cut(span: FoundSpan) -> str:
    sentence = span.context
    if len(sentence) <= LONGEST:
        return sentence
    at = sentence.find(span.text)
    begin = max(0, at - (LONGEST - len(span.text)) // 2) if at >= 0 else 0
    begin = sentence.rfind(" ", 0, begin) + 1 if begin else 0
    end = min(len(sentence), begin + max(LONGEST, len(span.text)))
    end = sentence.find(" ", end) if end < len(sentence) else end
    end = len(sentence) if end < 0 else end
    return ("… " if begin else "") + sentence[begin:end] + (" …" if end < len(sentence) else "")


def _leans(sentence: str) -> bool:
    first = re.match(r"\W*(\w+)", sentence)
    return first is None or first[1].lower() in _LEANS


def _closed(sentence: str) -> str:
    return (
        sentence if sentence.rstrip().endswith((".", "!", "?", "“", "”", '"')) else f"{sentence}."
    )
