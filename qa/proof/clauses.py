"""Clauses of a text, their voice and tense, as far as words tell without a parser.

In: the tokens of a text. Out: the clause of each token, whether a clause is in the passive, and
its tenses. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.document import Language
from qa.proof import lexicon
from qa.proof.tokens import Token

_SIGNS = frozenset(",;:()–—.!?")
_PASSIVE_DE = frozenset(["wird", "werden", "wurde", "wurden", "worden", "werde", "würde"])
_BE = frozenset(["is", "are", "was", "were", "been", "be", "being", "gets", "got"])
_PAST = frozenset(
    [
        "war",
        "waren",
        "warst",
        "hatte",
        "hatten",
        "wurde",
        "wurden",
        "gab",
        "was",
        "were",
        "had",
        "did",
        "wasn't",
        "weren't",
        "didn't",
        "hadn't",
    ]
)
_PRESENT = frozenset(
    [
        "ist",
        "sind",
        "hat",
        "haben",
        "wird",
        "werden",
        "gibt",
        "kann",
        "können",
        "muss",
        "müssen",
        "darf",
        "dürfen",
        "bin",
        "seid",
        "is",
        "are",
        "has",
        "have",
        "does",
        "do",
        "can",
        "must",
        "isn't",
        "aren't",
        "hasn't",
        "haven't",
        "doesn't",
        "don't",
    ]
)
_FUTURE_EN = frozenset(["will", "shall", "won't"])


def clauses_of(found: Sequence[Token]) -> list[int]:
    """The number of each token's clause; a sign or a conjunction begins the next one."""
    result = []
    clause = 0
    for place, token in enumerate(found):
        begins = token.text in _SIGNS and not _inside_number(found, place)
        begins = begins or (token.kind == "word" and token.lower in lexicon.breaks())
        clause += begins
        result.append(clause)
    return result


def chunks_of(found: Sequence[Token]) -> list[int]:
    """As :func:`clauses_of`, but "und" and "and" join, as they do between nouns."""
    result = []
    chunk = 0
    for place, token in enumerate(found):
        joins = token.lower in ("und", "and", "or", "oder", "bzw", "beziehungsweise")
        begins = token.text in _SIGNS and not _inside_number(found, place)
        if not joins and token.kind == "word" and token.lower in lexicon.breaks():
            begins = True
        chunk += begins
        result.append(chunk)
    return result


def _inside_number(found: Sequence[Token], place: int) -> bool:
    """Whether a sign stands between digits or ends an abbreviation within a sentence."""
    if found[place].text in "–—":
        return False
    after = found[place + 1] if place + 1 < len(found) else None
    before = found[place - 1] if place else None
    if before is None or after is None:
        return False
    if found[place].text == ":" and before.kind == "digits" and after.kind == "digits":
        return True
    if found[place].text != ".":
        return False
    return before.kind == "digits" or not after.capital or len(before.text) <= 3


def is_passive(words: Sequence[tuple[str, str]], language: Language) -> bool:
    """Whether a clause of (word, lemma) pairs in lower case is in the passive."""
    if language == "de":
        helper = any(word in _PASSIVE_DE for word, _ in words)
        return helper and any(_is_german_participle(word, lemma) for word, lemma in words)
    for place, (word, _) in enumerate(words):
        if word in _BE:
            following = words[place + 1 : place + 4]
            if any(_is_english_participle(other, lemma) for other, lemma in following):
                return True
    return False


def _is_german_participle(word: str, lemma: str) -> bool:
    if word == lemma or not lemma.endswith("n") or word in _PASSIVE_DE:
        return False
    if word.endswith(("te", "ten", "test")) and "ge" not in word[:5]:
        return False
    return word.endswith(("t", "en", "an"))


def _is_english_participle(word: str, lemma: str) -> bool:
    if word.endswith("ing") or word in _BE:
        return False
    return word != lemma and word.endswith(("ed", "en", "n", "t", "d", "ung", "ade", "old", "orn"))


def german_tense(word: str, lemma: str) -> str:
    """Tense of a finite German verb ("past", "present"), "" where its form does not tell."""
    if not lemma.endswith("n") or word == lemma:
        return ""
    stem = lemma[:-2] if lemma.endswith("en") else lemma[:-1]
    if word.startswith(stem):
        rest = word[len(stem) :]
        if rest in ("te", "ten", "ete", "eten", "tet"):
            return "past"
        return "present" if rest in ("t", "et", "e", "st") else ""
    if word.startswith("ge") or "ge" in word[2:6] or len(word) < 3:
        return ""
    if word.endswith(("te", "ten")):
        return "past"
    return _strong_tense(word, stem)


def _strong_tense(word: str, stem: str) -> str:
    changed = next(
        (at for at, (one, two) in enumerate(zip(word, stem, strict=False)) if one != two), None
    )
    if changed is None:
        return ""
    if word[changed] in "äöü":
        return "present" if word.endswith("t") else ""
    if word[changed] == "i" and stem[changed] in "e":
        return "present" if word.endswith("t") else ""
    return "" if word.endswith("en") else "past"


def english_tense(word: str, lemma: str) -> str:
    """Tense of an English verb form, "" where its form does not tell."""
    if word == lemma or word.endswith("ing"):
        return ""
    if word.endswith("s"):
        return "present"
    return "past"


def tenses(words: Sequence[tuple[str, str]], language: Language) -> set[str]:
    """The tenses that the finite verbs of a clause show: "past", "present", "future"."""
    found = set()
    lowers = [word for word, _ in words]
    for place, (word, _) in enumerate(words):
        if word in _PAST:
            found.add("past")
        elif word in _PRESENT:
            found |= _auxiliary_tense(words, place, language)
        elif language == "en" and word in _FUTURE_EN:
            found.add("future")
    if found:
        return found
    for word, lemma in words:
        tense = german_tense(word, lemma) if language == "de" else english_tense(word, lemma)
        if tense and lemma not in ("", word):
            found.add(tense)
    return found if lowers else set()


def _auxiliary_tense(  # noqa: PLR0911 - a table of forms
    words: Sequence[tuple[str, str]], place: int, language: Language
) -> set[str]:
    word = words[place][0]
    others = [pair for at, pair in enumerate(words) if at != place]
    if language == "de":
        participle = any(_is_german_participle(*pair) and pair[0] not in _PAST for pair in others)
        if word in ("hat", "haben") and participle:
            return {"past"}
        if word in ("ist", "sind") and participle:
            return {"past", "present"}
        if word in ("wird", "werden"):
            last, lemma = words[-1]
            if last == lemma and last.endswith("n") and place != len(words) - 1:
                return {"future"}
            return {"present"} if participle else {"present", "future"}
        return {"present"}
    if word in ("has", "have"):
        participle = any(_is_english_participle(*pair) for pair in others)
        return {"past", "present"} if participle else {"present"}
    return {"present"}
