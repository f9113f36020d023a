"""What sort of thing a question asks for, and what it says of it.

In: a question that stands alone, its language. Out: its kind, the sort of its answer, the names and
years it gives. Nothing can fail; a question of no certain sort is of none.

A side of a disagreement and an item of a list must be of the sort that is asked for, about the
names and of the year that the question gives (:mod:`qa.pipeline.same_thing`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal

from corpus.document import Language
from qa.dialogue.measures import Measure, measure_of
from qa.dialogue.question_parts import ASKING, QuestionKind, last_question, question_kind
from qa.dialogue.question_words import QuestionWords

Sort = Literal["number", "date", "person", "place", "reason", "yes_no", "any"]

OF_VALUES: frozenset[Sort] = frozenset(("number", "date", "person", "place"))
"""Sorts of which two sources may give different ones."""

_MEASURES: dict[Language, str] = {
    "de": (
        "betrag|summe|preis|kaufpreis|umsatz|jahresumsatz|gewinn|verlust|wert|bewertung|anteil"
        "|anzahl|zahl|höhe|kosten|budget|gehalt|lohn|strafe|bußgeld|miete|gebühr|beitrag|größe"
        "|gewicht|länge|breite|tiefe|fläche|menge|quote|prozentsatz|alter|temperatur"
        "|geschwindigkeit|dauer|einkommen|verdienst|vergütung|bezahlung"
        "|einwohnerzahl|mitarbeiterzahl|auflage|kapazität|volumen|auftragsvolumen"
    ),
    "en": (
        "amount|sum|price|revenue|turnover|profit|loss|value|valuation|share|stake|number|height"
        "|cost|costs|budget|salary|wage|fine|rent|fee|size|weight|length|width|depth|area|quantity"
        "|rate|percentage|age|temperature|speed|duration|population|headcount|capacity"
        "|total|proportion|distance|figure|pay|income|earnings|volume"
    ),
}
"""Nouns whose answer is a number with its unit."""

_SORTS: dict[Language, tuple[tuple[Sort, re.Pattern[str]], ...]] = {
    "de": (
        ("date", re.compile(r"wann\b|(?:um )?wie ?viel uhr\b|welche[mnrs]? (?:jahr|tag|monat)\b")),
        (
            "number",
            re.compile(
                r"wie ?viele?\b|was kostete?n?\b"
                r"|wie (?:alt|hoch|groß|teuer|schwer|schnell|weit|tief|breit|oft|häufig)\b"
                rf"|welche[mnrs]? (?:[a-zäöüß]+e[nrsm]? )?(?:{_MEASURES['de']})\b"
                rf"|was (?:ist|war) (?:der|die|das) (?:{_MEASURES['de']})\b"
            ),
        ),
        (
            "person",
            re.compile(r"(?:wer|wen|wem|wessen|welche[mnrs]? (?:person(?:en)?|menschen|leute))\b"),
        ),
        ("place", re.compile(r"(?:wo|wohin|woher)\b|welche[mnrs]? (?:stadt|ort|land|staat)\b")),
        ("reason", re.compile(r"(?:warum|weshalb|wieso)\b|welche[mn]? gr(?:u|ü)nde?n?\b")),
        (
            "yes_no",
            re.compile(
                r"(?:ist|sind|war|waren|hat|haben|hatte|hatten|wird|werden|wurde|wurden|kann|können"
                r"|konnte|konnten|darf|dürfen|durfte|durften|muss|müssen|musste|mussten|soll|sollen"
                r"|sollte|sollten|will|wollen|wollte|wollten|gibt es|gab es|gilt|galt|stimmt es)\b"
            ),
        ),
    ),
    "en": (
        ("date", re.compile(r"when\b|(?:what|which) (?:time|date|day|month|year)\b")),
        (
            "number",
            re.compile(
                r"how (?:old|much|many|high|large|big|expensive|heavy|fast|far|deep|wide|tall)\b"
                r"|how often\b"
                rf"|(?:what|which) (?:[a-z]+ )?(?:{_MEASURES['en']})\b"
                rf"|what(?:['’]s| is| was) the (?:[a-z]+ )?(?:{_MEASURES['en']})\b"
            ),
        ),
        ("person", re.compile(r"(?:who|whom|whose|(?:which|what) (?:people|persons?))\b")),
        ("place", re.compile(r"where\b|(?:what|which) (?:city|town|country|state|place)\b")),
        ("reason", re.compile(r"why\b|(?:what|which) reasons?\b")),
        (
            "yes_no",
            re.compile(
                r"(?:is|are|was|were|do|does|did|has|have|had|can|could|may|must|will|would|should"
                r"|shall)\b"
            ),
        ),
    ),
}
_SENTENCE_END = re.compile(r"(?<=[.!])\s+(?=[A-ZÄÖÜ])")
_FOR_SOMETHING: dict[Language, re.Pattern[str]] = {
    "de": re.compile(r"(?:kann|können|kannst|könnt|könnten|könntest) (?:sie|du|ihr) (?:mir|uns)\b"),
    "en": re.compile(
        r"(?:can|could|would|will) you (?:please )?(?:give|tell|show|name|list|find)\b|may \d"
    ),
}
"""What begins like a question for yes or no and asks for something to be told."""
_TELLING: dict[Language, frozenset[str]] = {
    "de": frozenset(
        """
        sagen sag sagt sagte nennen nennt erklären erklärt verraten mitteilen wissen weißt wisst
        bekannt klar herausfinden zeigen zeigt erläutern beschreiben angeben steht hervor
        """.split()  # noqa: SIM905 - a list of quoted words is harder to read
    ),
    "en": frozenset(
        """
        tell say said explain know known clear show find describe state stated mention mentioned
        give name list
        """.split()  # noqa: SIM905 - a list of quoted words is harder to read
    ),
}
"""Words by which a question for yes or no asks for what stands behind its question word: "Can you
tell me when it opened?" asks when, "May I put it where it gets wet?" does not ask where."""
_LEADS: dict[Language, re.Pattern[str]] = {
    "de": re.compile(
        r"^(?:(?:und|aber|also|in|im|an|am|seit|bis|ab|um|für|auf|zu|von|vor|mit|zum) )+"
    ),
    "en": re.compile(r"^(?:(?:and|but|so|in|on|at|since|until|by|for|from|of|to|with) )+"),
}


@dataclass(frozen=True)
class Asked:
    """What is known of what a question asks for."""

    question: str = ""
    language: Language = "de"
    kind: QuestionKind = "plain"
    sort: Sort = "any"
    names: tuple[tuple[str, ...], ...] = ()
    """The names it gives, each as its words."""
    years: frozenset[int] = frozenset()
    """The years it gives."""
    measure: Measure | None = None
    """What the number it asks for is measured in; None where it does not say."""


ANYTHING = Asked()
"""Of a question of which nothing is known."""


@lru_cache(maxsize=256)
def asked_of(question: str, language: Language) -> Asked:
    """What ``question`` asks for."""
    wording = QuestionWords(question, language)
    return Asked(
        question=question,
        language=language,
        kind=question_kind(question, language),
        sort=question_sort(question, language),
        names=_names(wording),
        years=_years(question, language),
        measure=measure_of(_from_question_word(question, language), language),
    )


def with_topic(question: str, before: str, language: Language) -> str | None:
    """``question`` headed by the names of the one ``before`` it; None where that gives none."""
    names = [" ".join(name) for name in asked_of(before, language).names]
    return f"{', '.join(names)}: {question}" if names else None


def question_sort(question: str, language: Language) -> Sort:
    """Whether ``question`` asks for a number, a date or time, a person, a place, a reason, for yes
    or no; "any" for all else.
    """
    words = _from_question_word(question, language).lower()
    sort = _sort_of(words, language)
    if sort == "any" and len(sentences := _SENTENCE_END.split(question.strip())) > 1:
        # "I have a dog. May he come along?" asks in its last sentence.
        return question_sort(sentences[-1], language)
    if sort == "yes_no":
        # "Can you tell me when it opened?" asks when.
        others = [word.strip(",") for word in words.split()]
        asking = [at for at, word in enumerate(others) if at and word in ASKING[language]]
        if asking and not _TELLING[language].isdisjoint(others[: asking[0]]):
            return _sort_of(" ".join(others[asking[0] :]), language)
        # "Can you give me the price?" asks for the price.
        return "any" if _FOR_SOMETHING[language].match(words) else sort
    if (
        sort == "any"
        and QuestionWords(last_question(question, language), language).begins_with_verb
    ):
        return "yes_no"
    return sort


def _sort_of(words: str, language: Language) -> Sort:
    return next((sort for sort, pattern in _SORTS[language] if pattern.match(words)), "any")


def _from_question_word(question: str, language: Language) -> str:
    """The last question, less what leads up to its question word."""
    words = " ".join(last_question(question, language).split())
    leads = _LEADS[language].match(words.lower())
    return words[leads.end() :] if leads else words


def _names(wording: QuestionWords) -> tuple[tuple[str, ...], ...]:
    """Names, those of words side by side as one."""
    runs = groupby(enumerate(wording.name_places), key=lambda pair: pair[1] - pair[0])
    return tuple(tuple(wording.tokens[at].text for _, at in run) for _, run in runs)


def _years(question: str, language: Language) -> frozenset[int]:
    """The years of the last sentence that gives any: "Und 2024?" asks for another one."""
    for sentence in reversed(question.split("?")):
        if years := QuestionWords(sentence, language).years():
            return frozenset(int(year) for year in years)
    return frozenset()


def is_named(text: str, name: tuple[str, ...]) -> bool:
    """Whether ``text`` has a word of ``name`` as a word of its own, inflected or not; of a compound
    with an abbreviation ("ORMOND-Studie") the abbreviation will do.
    """
    telling = [word for word in name if len(word) > 2] or list(name)
    telling += [word.partition("-")[0] for word in telling if _is_abbreviated(word)]
    return any(
        re.search(rf"(?<!\w){re.escape(word)}(?:['’]?s|es|n|er)?(?!\w)", text, re.IGNORECASE)
        for word in telling
    )


def _is_abbreviated(word: str) -> bool:
    first, hyphen, _ = word.partition("-")
    return bool(hyphen) and len(first) > 2 and first.isupper()
