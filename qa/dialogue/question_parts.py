"""What a question asks for: how many things at once, a list, a count.

In: a question and its language. Out: its parts, each a question of its own, and its kind. Nothing
can fail; a question that is not certainly several stays one.
"""

from __future__ import annotations

import re
from typing import Literal

from corpus.document import Language
from qa.dialogue.shared_predicate import is_phrase_alone, split_predicate

QuestionKind = Literal["list", "count", "plain"]

ASKING: dict[Language, frozenset[str]] = {
    "de": frozenset(
        """
        wer wen wem wessen was wo wohin woher wann warum weshalb wieso wie welche welcher welches
        welchen welchem wieviel wieviele wozu womit worauf worin wofür wodurch
        """.split()  # noqa: SIM905 - a list of quoted words is harder to read
    ),
    "en": frozenset(("who", "whom", "whose", "what", "where", "when", "why", "how", "which")),
}
"""Words that ask."""
_PREPOSITIONS: dict[Language, frozenset[str]] = {
    "de": frozenset(
        """
        an auf aus bei bis für gegen in mit nach seit über um unter von vor zu ab
        """.split()  # noqa: SIM905 - a list of quoted words is harder to read
    ),
    "en": frozenset(("at", "by", "for", "from", "in", "into", "of", "on", "since", "to", "with")),
}
_JOINS: dict[Language, re.Pattern[str]] = {
    "de": re.compile(r",? (?:und|sowie) "),
    "en": re.compile(r",? and "),
}
_FEWEST_WORDS = 3
"""A part with fewer words leans on the other ("Wer und wann?")."""
_TOPIC = 8
"""Words of a topic at most."""
_PLURAL: dict[Language, re.Pattern[str]] = {
    # Nouns have a capital, so that a later one is not taken for the verb.
    "de": re.compile(
        r"[Ww]elche (?:[a-zäöüß]+en )?(?![\w-]+(?:ion|ung)\b)[\w-]+(?:en|er|e|n|s) "
        r"(?:(?:[\w-]+ ){0,2}?"
        r"(?:sind|waren|haben|hatten|werden|wurden|müssen|muss|können|gibt|gehören)"
        r"|[a-zäöüß]+en)\b"
    ),
    # Before a verb of content the noun stands right behind the question word, else "Which company
    # owns the firm?" would have the form of "Which new contracts end?".
    "en": re.compile(
        r"(?:which|what) (?:[\w-]+ )?{noun} (?:are|were|have|had|do|did|must|can)\b"
        r"|which {noun} [a-z]+\b"
        r"|what (?:are|were) the {noun}\b".replace(
            "{noun}", r"(?!(?:is|was|has|does|this|its|makes|happens)\b)[\w-]+[^\W_sui]s"
        ),
        re.IGNORECASE,
    ),
}
_COUNT: dict[Language, tuple[str, ...]] = {"de": ("wie viele ", "wieviele "), "en": ("how many ",)}


def split_question(question: str, language: Language) -> list[str]:
    """The questions that stand in ``question``, in order; itself alone where it is one."""
    parts = [part for part in _sentences(question) for part in _clauses(part, language)]
    return parts if len(parts) > 1 else [question]


def last_question(text: str, language: Language) -> str:
    """The last of several sentences that asks with a question word; the first where none does.

    A follow-up carries the questions before it, of which it may be of another kind; "Und 2024?"
    asks what was asked before.
    """
    sentences = [part.strip() for part in re.split(r"(?<=\?)\s+", text) if part.strip()]
    asking = [
        sentence
        for sentence in sentences
        if {word.strip(",;?").lower() for word in sentence.split()[:3]} & ASKING[language]
    ]
    return _without_topic((asking[-1:] or sentences[:1] or [text])[0], language)


def _without_topic(question: str, language: Language) -> str:
    """``question`` less what stands before a colon and names what it is about ("Nord: wann")."""
    topic, colon, rest = question.partition(": ")
    short = len(topic.split()) <= _TOPIC
    return rest.strip() if colon and short and _asks(rest, language) else question


def question_kind(question: str, language: Language) -> QuestionKind:
    """Whether ``question`` asks for a count or for all of several things."""
    words = " ".join(last_question(question, language).split())
    if words.lower().startswith(_COUNT[language]):
        return "count"
    return "list" if _PLURAL[language].match(words) else "plain"


def _sentences(question: str) -> list[str]:
    """The sentences that end with a question mark; all of it where one does not."""
    parts = [part.strip() for part in question.split("?") if part.strip()]
    if len(parts) < 2 or not question.rstrip().endswith("?"):
        return [question]
    if any(len(part.split()) < _FEWEST_WORDS for part in parts):
        return [question]
    return [f"{part}?" for part in parts]


def _clauses(question: str, language: Language) -> list[str]:
    """Halves that are joined by "and" and each begin like a question."""
    for match in _JOINS[language].finditer(question):
        first, second = question[: match.start()], question[match.end() :]
        long_enough = min(len(first.split()), len(second.split())) >= _FEWEST_WORDS
        whole = long_enough and not is_phrase_alone(second, language)
        if whole and _asks(first, language) and _asks(second, language):
            rest = second[0].upper() + second[1:]
            return [*_clauses(f"{first.rstrip(' ,;')}?", language), *_clauses(rest, language)]
    return split_predicate(question, language) or [question]


def _asks(clause: str, language: Language) -> bool:
    words = [word.strip(",;").lower() for word in clause.split()[:2]]
    if not words:
        return False
    if words[0] in ASKING[language]:
        return True
    return words[0] in _PREPOSITIONS[language] and words[-1] in ASKING[language]
