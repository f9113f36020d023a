"""What the number that a question asks for is measured in.

In: a question and its language. Out: money, time, a share of a whole, an age, or None where the
question does not say. Nothing can fail.

"How much did they pay?" is not answered by "61,500 devices", nor "How many years?" by an amount.
"""

from __future__ import annotations

import re
from typing import Literal

from corpus.document import Language

Measure = Literal["money", "time", "share", "age"]

_WORD = re.compile(r"[^\W\d_]+")
_OF_MONEY: dict[Language, frozenset[str]] = {
    "de": frozenset(
        """
        geld euro dollar pfund franken zahlte zahlten zahlt zahlen gezahlt bezahlte bezahlten
        bezahlt bezahlen kostet kosten kostete kosteten gekostet verdient verdiente verdienen
        ausgegeben ausgeben ausgab investierte investiert investieren spendete gespendet bot
        geboten überwies überwiesen teuer umsatz jahresumsatz gewinn preis kaufpreis budget
        gehalt jahresgehalt lohn bußgeld geldbuße geldstrafe miete gebühr honorar schulden
        schmerzensgeld entschädigung förderung zuschuss
        """.split()  # noqa: SIM905 - a list of quoted words is harder to read
    ),
    "en": frozenset(
        """
        money euros dollars pounds pay pays paid cost costs spend spends spent earn earns earned
        invest invested donate donated expensive revenue turnover profit price salary wage budget
        fine rent fee debt damages compensation subsidy funding worth
        """.split()  # noqa: SIM905 - a list of quoted words is harder to read
    ),
}
_ASKS_AMOUNT: dict[Language, re.Pattern[str]] = {
    "de": re.compile(r"(?:wie ?viel|wie (?:hoch|teuer)|was|welche[mnrs]?)\b"),
    "en": re.compile(r"(?:how (?:much|high|large|big|expensive)|what|which)\b"),
}
_ASKS_TIME: dict[Language, re.Pattern[str]] = {
    "de": re.compile(r"(?:wie ?viele (?:jahre|monate|wochen|tage|stunden|minuten|sekunden)\b)"),
    "en": re.compile(r"(?:how many (?:years|months|weeks|days|hours|minutes|seconds)\b)"),
}
_ASKS_SHARE: dict[Language, re.Pattern[str]] = {
    "de": re.compile(r"(?:wie ?viel prozent|welche[mnr]? (?:prozentsatz|anteil))\b"),
    "en": re.compile(r"(?:(?:what|which) (?:percentage|proportion|share)|how many percent)\b"),
}


_ASKS_AGE: dict[Language, re.Pattern[str]] = {
    "de": re.compile(r"(?:wie alt|(?:welche[mns]|was ist das) alter)\b"),
    "en": re.compile(r"(?:how old|(?:what|which|what is the) age)\b"),
}


def measure_of(question: str, language: Language) -> Measure | None:
    """What the answer to ``question``, from its question word on, is measured in."""
    # "Welche Zahlen" asks for figures and not for payments.
    question = question.replace("Zahlen", "").lower()
    if _ASKS_TIME[language].match(question):
        return "time"
    if _ASKS_SHARE[language].match(question):
        return "share"
    if _ASKS_AGE[language].match(question):
        return "age"
    if not _ASKS_AMOUNT[language].match(question):
        return None
    # "wie viele Euro" asks for money, "wie viele Leute zahlten" does not.
    if re.match(r"wie ?viele\b|how many\b", question):
        return None
    words = set(_WORD.findall(question))
    return "money" if words & _OF_MONEY[language] else None
