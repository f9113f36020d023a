"""The sentence of a span as a quotation.

In: a span, the question's language. Out: its sentence between marks, cut where it is very long,
with the sentence before it where it leans on that. Nothing can fail.
"""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.document import Language
from index.terms import function_words
from qa.dialogue.question_words import word_lists
from qa.pipeline.extract import FoundSpan
from qa.proof import lexicon
from qa.proof.tokens import tokens

LONGEST = 420
"""Characters of a quotation; a longer one is cut round the answer."""

_MARKS: dict[Language, tuple[str, str]] = {"de": ("„", "“"), "en": ("“", "”")}
_ORIGINAL: dict[tuple[Language, Language], str] = {
    ("de", "en"): "im Original englisch",
    ("en", "de"): "German in the original",
}
# What leans on the sentence before it cannot stand alone.
_LEADS = frozenset(
    """
    dies diese dieser dieses das dabei damit dafür dort dazu deren dessen daher deshalb dennoch
    jedoch zudem außerdem hier denn this that these those there then however therefore also such
    both
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)
_PRONOUNS = frozenset(
    """
    er sie es ihn ihm sein seine seinen seinem seiner seines ihr ihre ihren ihrem ihrer ihres
    he she it they him them his her its their
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)


def in_original(text: str, written: Language, language: Language) -> str:
    """``text`` with a note where it is of another language than the answer."""
    return text if written == language else f"{text} ({_ORIGINAL[language, written]})"


def quote(span: FoundSpan, language: Language) -> str:
    """The span's sentences as they stand, between quotation marks."""
    opening, closing = _MARKS[language]
    return in_original(f"{opening}{_cut(span)}{closing}", span.language, language)


def with_antecedent(span: FoundSpan) -> FoundSpan:
    """``span`` with the sentence before its own, where that one names what this one leaves out."""
    place = span.sentences[0].place
    if not place or not leans(span.context, span.language):
        return span
    before = span.shown.sentences[place - 1]
    own = span.sentences[-1].end - before.start
    if not before.can_answer or own > LONGEST or before.reading.text.strip() == "":
        return span
    return replace(span, sentences=(before, *span.sentences))


def leans(sentence: str, language: Language) -> bool:
    """Whether a sentence points at what only the one before it can name."""
    found = [token for token in tokens(sentence) if token.kind == "word"]
    if not found or found[0].lower in _LEADS | _PRONOUNS:
        return True
    passed = function_words(language) | word_lists(language).calendar
    for at, token in enumerate(found):
        polite = language == "de" and at > 0 and token.capital
        if token.lower in _PRONOUNS and not polite:
            return True
        # A noun before the pronoun may be what it stands for.
        if token.lower not in passed and (token.capital or language == "en"):
            return False
    return False


def _cut(span: FoundSpan) -> str:
    sentence = span.context
    start, stop = span.place
    if len(sentence) <= LONGEST:
        return sentence
    begin = max(0, start - (LONGEST - len(span.text)) // 2)
    begin = sentence.rfind(" ", 0, begin) + 1 if begin else 0
    end = min(len(sentence), max(begin + LONGEST, stop))
    end = sentence.find(" ", end) if end < len(sentence) else end
    end = len(sentence) if end < 0 else end
    # What is denied, planned or on a condition is so by words that may stand far away.
    if _turns(sentence[:begin]):
        begin = 0
    if _turns(sentence[end:]):
        end = len(sentence)
    return ("… " if begin else "") + sentence[begin:end] + (" …" if end < len(sentence) else "")


def _turns(text: str) -> bool:
    """Whether ``text`` holds words that deny or hedge what stands elsewhere in its sentence."""
    words = re.findall(r"[^\W\d_]+(?:['’]\w+)?", text.lower())
    words = ["not" if word.endswith(("n't", "n’t")) else word for word in words]
    passive = frozenset(("wird", "werden"))
    hedges = [
        first
        for first, _, name in lexicon.marked(words, "modality")
        if name in ("plan", "future", "possible", "would", "claim", "attempt")
        and words[first] not in passive
    ]
    return bool(hedges or lexicon.marked(words, "negation"))
