"""Questions that ask two things of one predicate: "When and where was it built?".

In: a question, its language. Out: one question for each question phrase, or nothing where the
question has not this form or cannot be told in two. Nothing can fail.

"Wer gründete Riva und in welchem Jahr?" becomes "Wer gründete Riva?" and "In welchem Jahr gründete
man Riva?": read as a whole it is answered by half, and the second phrase alone asks nothing.
"""

from __future__ import annotations

import re

from corpus.document import Language

_PHRASE: dict[Language, str] = {
    "de": (
        r"(?:(?:ab|an|aus|bei|bis|durch|für|in|mit|nach|seit|um|von|vor|zu) )?"
        r"(?:welche[mnrs]? (?:jahr|monat|tag|ort|stadt|land|preis|grund|uhrzeit|datum)"
        r"|wer|wen|wem|was|wo|wohin|woher|wann|warum|weshalb|wieso"
        r"|wie(?: (?:oft|lange|viel|hoch|teuer))?)"
    ),
    "en": (
        r"(?:(?:at|by|for|from|in|into|of|on|since|to|until|with) )?"
        r"(?:(?:which|what) (?:year|month|day|time|date|place|city|town|country|price|reason)"
        r"|whom?|what|when|where|why|how(?: (?:often|long|much|high|far))?)"
    ),
}
_AND: dict[Language, str] = {"de": "und", "en": "and"}
_BESIDE: dict[Language, re.Pattern[str]] = {
    language: re.compile(rf"({phrase}),? {_AND[language]} ({phrase}) (\S.*)", re.IGNORECASE)
    for language, phrase in _PHRASE.items()
}
"""Both phrases before the predicate."""
_BEHIND: dict[Language, re.Pattern[str]] = {
    language: re.compile(rf"({phrase}) (\S.*?),? {_AND[language]} ({phrase})", re.IGNORECASE)
    for language, phrase in _PHRASE.items()
}
"""The second phrase behind the predicate."""
_ALONE: dict[Language, re.Pattern[str]] = {
    language: re.compile(phrase, re.IGNORECASE) for language, phrase in _PHRASE.items()
}
_SUBJECTS: dict[Language, str] = {"de": "wer", "en": "who"}
"""The phrase for a person who acts, in whose place another one leaves the predicate without one."""
_AUXILIARY = re.compile(
    r"(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|must|may)\b",
    re.IGNORECASE,
)
_REGULAR_PAST = re.compile(r"[a-z]+ed", re.IGNORECASE)
_TO_BE = frozenset(("ist", "sind", "war", "waren", "wird", "wurde", "werden", "wurden"))
_MOST_WORDS = 60
"""Of longer ones nobody asks two things so."""


def split_predicate(question: str, language: Language) -> list[str] | None:
    """The two questions that share a predicate in ``question``, each whole; else None."""
    words = question.split()
    if len(words) > _MOST_WORDS or not question.rstrip().endswith("?"):
        return None
    text = " ".join(words).rstrip("? ")
    if beside := _BESIDE[language].fullmatch(text):
        first, second, predicate = beside.groups()
    elif behind := _BEHIND[language].fullmatch(text):
        first, predicate, second = behind.groups()
    else:
        return None
    if first.lower() == second.lower():
        return None
    acting = {phrase for phrase in (first, second) if phrase.lower() == _SUBJECTS[language]}
    made = [
        _ask(phrase, predicate, language, alone=bool(acting) and phrase not in acting)
        for phrase in (first, second)
    ]
    return [f"{whole[0].upper()}{whole[1:]}?" for whole in made if whole] if all(made) else None


def is_phrase_alone(clause: str, language: Language) -> bool:
    """Whether ``clause`` is a question phrase without a predicate ("in which year?")."""
    return _ALONE[language].fullmatch(clause.rstrip("? ")) is not None


def _ask(phrase: str, predicate: str, language: Language, *, alone: bool) -> str | None:
    """``phrase`` asked of ``predicate``; ``alone``: of one that lacks who acts."""
    verb, _, rest = predicate.partition(" ")
    if not alone:
        # "When founded Riva?" is no question; "Who founded Riva?" is one.
        asks = language == "de" or phrase.lower() == "who" or _AUXILIARY.match(predicate)
        return f"{phrase} {predicate}" if asks else None
    if not rest:
        return None
    if language == "de":
        return f"{phrase} {verb} {'jemand' if verb.lower() in _TO_BE else 'man'} {rest}"
    if _AUXILIARY.match(verb):
        return f"{phrase} {verb} somebody {rest}"
    if _REGULAR_PAST.fullmatch(verb):
        return f"{phrase} was {rest} {verb}"
    return f"{phrase} was it that somebody {predicate}"
