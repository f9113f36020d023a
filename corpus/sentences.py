"""Sentences of German and English text.

In: a text and its language, or a document with its regions. Out: spans of the text, in order,
non-empty, without white space at their ends, none crossing a block (:mod:`corpus.blocks`) or a
region, none longer than ``MAX_SENTENCE``; only white space lies between them. Nothing can fail.

A heading and a row of a table are one sentence each, code is cut into lines; all other regions are
cut into the sentences of their language.

The boundaries are those of sentencex (the best kept of the libraries measured:
``docs/measurements-history.md``, "Sentence boundaries"), with two corrections, each measured to
help:

* It keeps everything within quotation marks or brackets together. Here a quotation of several
  sentences is several sentences, so that each can be cited; the marks are masked before the
  library sees the text.
* Abbreviations, initials, ordinals and sentences that start with a number are decided by
  the lists of :mod:`corpus.abbreviations`.
"""

from __future__ import annotations

import re

from corpus.abbreviations import (
    BEFORE_NUMBER,
    MAY_BE_FINAL,
    NEVER_FINAL,
    ORDINAL_CUES,
    ORDINAL_NOUNS,
    STARTERS,
)
from corpus.blocks import blocks, strip
from corpus.document import Language, Region, Span

MAX_SENTENCE = 1000

_WHOLE = ("heading", "table_header", "table_row")
_OPENERS = "([{„“\"«»‚‘'›‹"
_CLOSERS = ")]}“”\"»«’‘'‹›"
_OPENER = re.escape(_OPENERS)
_CLOSER = re.escape(_CLOSERS)

# A decision looks this far to each side, so that long blocks cost no more than short ones.
_WINDOW = 120
_SPACE = re.compile(r"\s*")
_MASKED = re.compile(rf"[{_OPENER}{_CLOSER}\n\r\t\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_CLOSED_END = re.compile(rf"(?<![.!?…])([.!?…]+)([{_CLOSER}]+)(?=\s|$)")
# What the library does not offer: a sentence that starts with a number, and text whose line
# breaks were lost ("zurückgewiesen.2. Die Beklagte", "entschieden.Der Senat").
_MORE = re.compile(
    rf"[.!?…][{_CLOSER}]*(?=\s+[{_OPENER}]?\d)"
    r"|(?<=[a-zäöüß]{4})[.!?](?=[A-ZÄÖÜ][a-zäöüß]+\s)"
    r"|(?<=[^\W\d_]{3})[.!?](?=\d{1,3}\.?\s?[A-ZÄÖÜ][a-zäöüß])"
)
_ABBREVIATED = re.compile(
    rf"(?<![^\s{_OPENER}{_CLOSER}])([^\s{_OPENER}{_CLOSER}]+)\.(?=\s+[^\W\d_])"
)
# Footnote marks that stick to the end of a sentence belong to it: "success.[3] He", ".:121 He".
_FOOTNOTE = re.compile(r"(?:\[[^\]\n]{0,40}\]|:[\d,–-]+)+")
_GOES_ON = re.compile(r"[,;:)\]–-]|\.\.|…|\(\d")
_LEFT_WORD = re.compile(r"[^\s()\[\]{}„“”\"«»‚‘/]+$")
_RIGHT_WORD = re.compile(rf"[\s{_OPENER}]*([^\W_]+(?:-[^\W_]+)*)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]")
_ROMAN = re.compile(r"[IVX]+")
_NUMBER = re.compile(r"(?:\d{1,2}\./)?\d{1,3}")
_GLUED_NUMBER = re.compile(r"\S*[^\W\d_]{3}[.!?:]\d{1,3}")  # "zurückgewiesen.2"
_WORDS_BEFORE = re.compile(r"([^\W\d_]+)(?:\s+\d{1,3}\.,?)*(?:\s+(?:und|oder|bis|/))?\s*$")

_CUTS = (re.compile(r";\s"), re.compile(r"\n"), re.compile(r"[,:–|]\s"), re.compile(r"\s"))


def split(text: str, language: Language) -> list[Span]:
    """Return the sentences of ``text``."""
    return [
        sentence
        for block in blocks(text)
        for sentence in _split_block(text, block.start, block.end, language)
    ]


def split_region(text: str, region: Region, language: Language) -> list[Span]:
    """Return the sentences of one region of ``text``."""
    if region.role in _WHOLE:
        return _shorten(text, Span(start=region.start, end=region.end))
    if region.role == "code":
        return _lines(text, region.start, region.end)
    return _split_block(text, region.start, region.end, language)


def _lines(text: str, first: int, last: int) -> list[Span]:
    found: list[Span] = []
    for line in text[first:last].split("\n"):
        span = strip(text, first, first + len(line))
        first += len(line) + 1
        if span is not None:
            found.extend(_shorten(text, span))
    return found


def _split_block(text: str, first: int, last: int, language: Language) -> list[Span]:
    found: list[Span] = []
    piece = text[first:last]
    start = 0
    for end in [*_boundaries(piece, language), len(piece)]:
        span = strip(text, first + start, first + end)
        if span is not None:
            found.extend(_shorten(text, span))
        start = end
    return found


def _boundaries(block: str, language: Language) -> list[int]:
    """Return where sentences end within ``block``, its own end left out."""
    import sentencex  # type: ignore[import-untyped]

    candidates = {found.end() for found in _MORE.finditer(block)}
    final = MAY_BE_FINAL[language]
    candidates |= {
        found.end()
        for found in _ABBREVIATED.finditer(block)
        if len(found[1]) == 1 or found[1].lower() in final
    }
    masked = _mask(block)
    for boundary in sentencex.get_sentence_boundaries(language, masked):
        candidates.add(len(masked[: boundary["end_index"]].rstrip()))
    ends = {_past_footnote(block, candidate) for candidate in candidates}
    return [end for end in sorted(ends) if 0 < end < len(block) and _ends(block, end, language)]


def _mask(block: str) -> str:
    """Hide quotation marks and brackets from the library, every offset staying as it is."""
    swapped = _CLOSED_END.sub(lambda found: found[2] + found[1], block)
    return _MASKED.sub(" ", swapped)


def _past_footnote(block: str, end: int) -> int:
    mark = _FOOTNOTE.match(block, end)
    return mark.end() if mark else end


def _ends(block: str, end: int, language: Language) -> bool:
    """Say whether a sentence ends at ``end``, which is where a terminator was found."""
    after = _SPACE.match(block, end)
    start = after.end() if after else end
    rest = block[start : start + _WINDOW]
    if not rest or _GOES_ON.match(rest) or rest.lstrip(_OPENERS)[:1].islower():
        return False
    if start == end and block[end - 2 : end - 1].isspace() and block[end - 1] == ".":
        return False  # ".NET": a name that begins with a full stop
    left = block[max(0, end - _WINDOW) : end].rstrip().rstrip(_CLOSERS)
    if not left.endswith("."):
        return left.endswith(("!", "?", "…", "]")) or not rest[0].isdigit()
    word_match = _LEFT_WORD.search(left[:-1])
    if word_match is None or left.endswith(".."):
        return True
    word = word_match[0]
    right_match = _RIGHT_WORD.match(rest)
    right = right_match[1] if right_match else ""
    before = left[: word_match.start()]
    return _stop_ends(word, right, before, language)


def _stop_ends(word: str, right: str, before: str, language: Language) -> bool:
    """Decide a full stop by the word it follows and the word after."""
    low = word.lower()
    starts = right.lower() in STARTERS[language] and right[:1].isupper()
    if _GLUED_NUMBER.fullmatch(word):
        return False
    if _NUMBER.fullmatch(word):
        return _number_ends(word, right, before, starts=starts, language=language)
    if low in NEVER_FINAL[language]:
        return False
    if low in BEFORE_NUMBER[language] and (right[:1].isdigit() or _ROMAN.fullmatch(right)):
        return False
    doubtful = low in MAY_BE_FINAL[language] or _INITIALS.fullmatch(word) is not None
    if language == "de":
        doubtful = doubtful or low.endswith("str") or _ROMAN.fullmatch(word) is not None
    return starts or not doubtful


def _number_ends(word: str, right: str, before: str, *, starts: bool, language: Language) -> bool:
    if not before.strip():
        return False  # "1. Die Berufung": the number of a list item goes with its text
    if language == "en":
        return True
    if right.lower() in ORDINAL_NOUNS:
        return False
    if starts or right[:1].isdigit() or int(word.rpartition("/")[2]) > 31:
        return True
    if before.rstrip().endswith(","):
        return False
    cue = _WORDS_BEFORE.search(before)
    return cue is None or cue[1].lower() not in ORDINAL_CUES


def _shorten(text: str, sentence: Span) -> list[Span]:
    """Cut a sentence longer than ``MAX_SENTENCE`` at the best place within the limit."""
    pieces: list[Span] = []
    rest: Span | None = sentence
    while rest is not None and rest.end - rest.start > MAX_SENTENCE:
        cut = _best_cut(text, rest.start)
        piece = strip(text, rest.start, cut)
        if piece is not None:
            pieces.append(piece)
        rest = strip(text, cut, rest.end)
    if rest is not None:
        pieces.append(rest)
    return pieces


def _best_cut(text: str, start: int) -> int:
    low, high = start + MAX_SENTENCE // 2, start + MAX_SENTENCE
    for pattern in _CUTS:
        places = [found.end() for found in pattern.finditer(text, low, high)]
        if places:
            return places[-1]
    return high
