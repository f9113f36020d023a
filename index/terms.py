"""Words of a text as terms of the lexical index.

In: text and its language. Out: stems in order of appearance, function words left out. The
same function serves passages and questions, so that both meet in the same form. Nothing can
fail; a text of function words alone yields no terms.

Stemming is Snowball's (Porter, 2001; package ``snowballstemmer``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from corpus.document import Language
from corpus.normal_form import normalized

# "C++" and "C#" are other words than "C"; ".NET" is one besides its letters.
_WORD = re.compile(r"[^\W\d_]+(?:\+\+|#)(?![^\W_])|[^\W_]+(?:[.,][0-9]+)*")
_DOTTED = re.compile(r"(?<![\w.])\.[^\W\d_]{2,}(?!\w)")
_IN_TERMS = str.maketrans({".": "x", ",": "x", "+": "xplus", "#": "xsharp"})
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
    """Lower-case words and numbers of ``text``; "14,3", "c++" and "c#" stay one word.

    A word with a dot before it (".net") is given twice, with and without.
    """
    plain = normalized(text).lower()
    dotted = {match.start() + 1 for match in _DOTTED.finditer(plain)}
    found: list[str] = []
    for match in _WORD.finditer(plain):
        if match.start() in dotted:
            found.append(f".{match[0]}")
        found.append(match[0])
    return found


def stems(text: str, language: Language) -> list[str]:
    """Terms of ``text``. Signs inside words become letters so that a term is one token.

    The full-text tokenizer would otherwise split "14,3" and match every 14 and every 3.
    """
    skip = function_words(language)
    return [term_of(word, language) for word in words(text) if word not in skip]


def term_of(word: str, language: Language) -> str:
    """The term of one lower-case word."""
    return _stemmer(language)(word).translate(_IN_TERMS)
