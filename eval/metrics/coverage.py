"""Whether an answer covers a gold sentence of its document.

In: what an answer says and quotes, and gold sentences, as sets like OMoS-QA have them. Out: yes or
no. Nothing can fail.

The sentences are too long to stand in an answer word for word, and across languages they cannot;
the quotations that an answer cites are in the language of the document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from eval.metrics.text import normalise

HELD = 0.8
"""Share of a gold sentence's words that one statement or one quotation must hold."""
_FEWEST = 3
"""Shorter sentences are headings and the like; they count only where nothing else is gold."""


def covers(texts: Iterable[str], sentences: Sequence[str]) -> bool:
    """Whether one of ``texts`` holds a share of ``HELD`` of the words of one of ``sentences``.

    Or lies within one of them and is at least half of it.
    """
    gold = [_words(sentence) for sentence in sentences]
    wanted = [words for words in gold if words.total() >= _FEWEST] or gold
    return any(_covers(_words(text), words) for text in texts for words in wanted)


def _covers(said: Counter[str], wanted: Counter[str]) -> bool:
    shared = (said & wanted).total()
    if not shared:
        return False
    if shared >= HELD * wanted.total():
        return True
    return shared == said.total() and 2 * shared >= wanted.total() and shared >= _FEWEST


def _words(text: str) -> Counter[str]:
    return Counter(normalise(text).split())
