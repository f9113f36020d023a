"""Words of a text as terms of the lexical index.

In: text and its language. Out: stems in order of appearance, function words left out. The
same function serves passages and questions, so that both meet in the same form. Nothing can
fail; a text of function words alone yields no terms.

Stemming is Snowball's (Porter, 2001; package ``snowballstemmer``).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

from corpus.document import Language

_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")
_SNOWBALL = {"de": "german", "en": "english"}


@cache
def _word_list(name: str) -> frozenset[str]:
    data = tomllib.loads((Path(__file__).parent / "function_words.toml").read_text("utf-8"))
    return frozenset(str(data[name]).split())


def function_words(language: Language) -> frozenset[str]:
    """Words that carry no topic: articles, pronouns, prepositions, auxiliaries, question words."""
    return _word_list(language)


def question_words() -> frozenset[str]:
    """German and English words by which a question asks for something rather than yes or no."""
    return _word_list("questions")


@cache
def _stemmer(language: Language) -> Callable[[str], str]:
    import snowballstemmer

    stem: Callable[[str], str] = snowballstemmer.stemmer(_SNOWBALL[language]).stemWord
    return cache(stem)


def words(text: str) -> list[str]:
    """Lower-case words and numbers of ``text``; "14,3" stays one word."""
    # Files from some systems write "ü" as two characters, which is another word to an index.
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def stems(text: str, language: Language) -> list[str]:
    """Terms of ``text``. Separators inside numbers become ``x`` so that a term is one token.

    The full-text tokenizer would otherwise split "14,3" and match every 14 and every 3.
    """
    skip = function_words(language)
    stem = _stemmer(language)
    return [re.sub(r"[.,]", "x", stem(word)) for word in words(text) if word not in skip]
