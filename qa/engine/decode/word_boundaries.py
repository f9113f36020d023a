"""Where a quotation may begin and end, so that it does not say something else than its text.

In: a text. Out: the places at which a span may begin and at which it may end. Nothing can fail.

Half a word, half a number ("3" of "14,3", "30" of "10:30"), a number without its sign ("5" of "-5")
and a word without its prefix ("voting" of "non-voting") are not what the text says. Between two
digits a hyphen or dash is a range ("1939-1945"), whose ends are whole.
"""

from __future__ import annotations

import unicodedata

_HYPHENS = frozenset("-\u2010\u2011")
_APOSTROPHES = frozenset("'\u2019")
_SIGNS = frozenset("-+.\u2212\u00b1\u2011\u2012\u2013")
"""Belong to the number that they stand before, where they do not follow a word; ".5" is one."""
_IN_NUMBERS = frozenset(".,:/\u00a0\u202f\u2009") | _APOSTROPHES
_JOINERS = frozenset("_\u00ad\u200c\u200d\u2060\u207a\u207b")
"""Parts of a word or number: underscore, soft hyphen, what joins, the signs of exponents."""


def span_boundaries(text: str) -> tuple[list[int], list[int]]:
    """Characters with which a span may begin, and those before which it may end, both in order.

    A span neither begins nor ends with white space. The end of the text counts as a character.
    """
    in_word = [_is_word(character) for character in text]
    cuts = [at for at in range(len(text) + 1) if _may_cut(text, in_word, at)]
    starts = [at for at in cuts if at < len(text) and not text[at].isspace()]
    ends = [at for at in cuts if at and not text[at - 1].isspace()]
    return starts, ends


def _may_cut(text: str, in_word: list[bool], at: int) -> bool:
    """Whether ``text`` may be cut before its character ``at``."""
    if at in (0, len(text)):
        return True
    before, after = text[at - 1], text[at]
    if in_word[at - 1] and in_word[at]:
        return False
    if unicodedata.category(after)[0] == "M":
        return False
    if _binds(text, in_word, at) or _binds(text, in_word, at - 1):
        return False
    follows_word = at > 1 and in_word[at - 2]
    return before not in _SIGNS or follows_word or not _begins_number(after)


def _binds(text: str, in_word: list[bool], at: int) -> bool:
    """Whether the character ``at`` makes one word or number of its neighbours."""
    if not 0 < at < len(text) - 1 or not (in_word[at - 1] and in_word[at + 1]):
        return False
    if text[at - 1].isdigit() and text[at + 1].isdigit():
        return text[at] in _IN_NUMBERS
    return text[at] in _HYPHENS or text[at] in _APOSTROPHES


def _begins_number(character: str) -> bool:
    return character.isdigit() or unicodedata.category(character) == "Sc"


def _is_word(character: str) -> bool:
    """Whether it is part of a word or number, as combining marks are."""
    return character.isalnum() or unicodedata.category(character)[0] == "M" or character in _JOINERS
