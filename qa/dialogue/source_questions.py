"""Questions that ask what the sources say of a thing, and whether they agree.

In: a question and its language. Out: the question about the thing itself; the same one where it
speaks of no sources. Nothing can fail.

"Do the sources agree on the price?" is answered by what each source says of the price, and an
answer shows every side that differs. Asked as it stands, it would be looked for as a statement
about sources, of which no source speaks.
"""

from __future__ import annotations

import re

from corpus.document import Language
from qa.dialogue.question_parts import ASKING

_SOURCES: dict[Language, str] = {
    "de": (
        r"(?:(?:die|den|der|alle|allen|unsere|unseren|meine|meinen|diese|diesen|beide|beiden|zwei"
        r"|drei|verschiedenen?|unterschiedlichen?|vorliegenden?|vorhandenen?|gefundenen?) ){0,2}"
        r"(?:quellen|texten?|dokumenten?|artikeln?|berichten?|medienberichten?|unterlagen"
        r"|zeitungen|meldungen|angaben)"
    ),
    "en": (
        r"(?:(?:the|all|our|my|these|both|two|three|various|different|available|of) ){0,3}"
        r"(?:sources|texts|documents|articles|reports|papers|newspapers|files|records|accounts)"
    ),
}
"""Words for all that was read; "laut den Berichten der Polizei" names one source."""
_OF_DE = r"(?:über|bei|beim|in|hinsichtlich|bezüglich|zu|zum|zur|für)"
_OF_EN = r"(?:on|about|over|regarding|concerning|for|of|in|as to)"

_AGREEMENT: dict[Language, tuple[re.Pattern[str], ...]] = {
    "de": tuple(
        re.compile(pattern.replace("{S}", _SOURCES["de"]).replace("{of}", _OF_DE), re.IGNORECASE)
        for pattern in (
            r"(?:sind|waren) sich {S} (?P<of>{of}) (?P<thing>.+) einig",
            r"(?:sind|waren) sich {S} (?:darin |darüber )?(?:un)?einig"
            r"(?: (?P<of>{of}|darüber|darin))?,? (?P<thing>.+)",
            r"(?:widersprechen|unterscheiden) sich {S} (?P<of>{of}|darüber|darin),? (?P<thing>.+)",
            r"stimmen {S} (?P<of>{of}) (?P<thing>.+) überein",
            r"gibt es (?:widersprüchliche|unterschiedliche|verschiedene|abweichende) "
            r"(?:angaben|aussagen|zahlen|werte|daten) (?P<of>{of}|darüber),? (?P<thing>.+)",
            r"machen {S} (?:die )?(?:gleichen|selben|dieselben|unterschiedliche|verschiedene"
            r"|widersprüchliche) angaben (?P<of>{of}|darüber),? (?P<thing>.+)",
        )
    ),
    "en": tuple(
        re.compile(pattern.replace("{S}", _SOURCES["en"]).replace("{of}", _OF_EN), re.IGNORECASE)
        for pattern in (
            r"(?:do|did) {S} (?:agree|disagree|differ|conflict|contradict (?:each other|one another"
            r"|themselves)|say the same(?: thing)?)(?: (?P<of>{of}))? (?P<thing>.+)",
            r"(?:are|were) {S} (?:agreed|consistent|unanimous|in agreement|in conflict|at odds)"
            r"(?: (?P<of>{of}))? (?P<thing>.+)",
            r"(?:do|did) {S} give (?:the same|different|differing|conflicting|contradictory) "
            r"(?:figures|numbers|values|amounts|dates|accounts) (?P<of>{of}) (?P<thing>.+)",
            r"are there (?:conflicting|contradictory|different|differing) (?:figures|numbers|values"
            r"|amounts|dates|accounts|statements|reports) (?P<of>{of}) (?P<thing>.+)",
        )
    ),
}
"""Questions whether sources agree on a thing."""

_STATED: dict[Language, re.Pattern[str]] = {
    "de": re.compile(
        r"welche (?:[a-zäöüß]+n )?(?P<noun>beträge|summen|preise|werte|zahlen|schätzungen|daten"
        r"|jahre|termine|zeitpunkte|namen) (?:nennen|geben|liefern|enthalten|berichten) "
        rf"{_SOURCES['de']} (?:an )?(?P<of>{_OF_DE}) (?P<thing>.+)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"(?:which|what) (?:[a-z]+ )?(?P<noun>amounts|sums|prices|values|figures|numbers|estimates"
        r"|dates|years|days|names) (?:do|did) "
        rf"{_SOURCES['en']} (?:give|state|name|report|mention|cite|contain|quote) (?P<of>{_OF_EN}) "
        r"(?P<thing>.+)",
        re.IGNORECASE,
    ),
}
"""Questions what sorts of values sources give for a thing."""

_ACCORDING: dict[Language, re.Pattern[str]] = {
    "de": re.compile(
        rf"(?:^|,? )(?:laut|gemäß|nach) {_SOURCES['de']}\b(?! (?:des|der|von|vom|aus)\b),?",
        re.IGNORECASE,
    ),
    "en": re.compile(
        rf"(?:^|,? )according to {_SOURCES['en']}\b(?! (?:of|by|from|in)\b),?", re.IGNORECASE
    ),
}
_AND_WHAT: dict[Language, re.Pattern[str]] = {
    "de": re.compile(r",? und (?:welche|was|wie) "),
    "en": re.compile(r",? and (?:what|which|how) "),
}
_THEY: dict[Language, str] = {"de": "sie", "en": "they"}
"""Who gives what is asked for in a second question, which the sides answer."""

_WHEN: dict[Language, re.Pattern[str]] = {
    "de": re.compile(
        r"(?:datum|jahr|tag|termin|zeitpunkt|beginn|ende|gründung|start|eröffnung"
        r"|veröffentlichung|jahre|daten|termine|zeitpunkte)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"(?:dates?|years?|days?|time|start|beginning|end|founding|foundation|opening|release"
        r"|launch)\b",
        re.IGNORECASE,
    ),
}
"""What is asked for with "when"; in German the end of the word will do."""
_WHO: dict[Language, str] = {"de": "namen", "en": "names"}
_HOW_MUCH: dict[Language, re.Pattern[str]] = {
    "de": re.compile(
        r"(?:betrag|summe|preis|umsatz|gewinn|verlust|wert|bewertung|anteil|zahl|höhe"
        r"|kosten|budget|gehalt|lohn|strafe|bußgeld|miete|gebühr|größe|gewicht|fläche|menge|quote"
        r"|alter|dauer|einkommen|vergütung|auflage|kapazität|investition|beteiligung|schulden"
        r"|beträge|summen|preise|werte|zahlen|schätzungen)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"(?:amounts?|sums?|prices?|revenues?|turnover|profits?|loss|losses|values?|valuations?"
        r"|shares?|stakes?|numbers?|figures|costs?|budget|salary|wages?|fines?|rent|fees?|size"
        r"|weight|area|rate|percentage|duration|population|headcount|investment|capacity|total"
        r"|income|earnings|estimates)\b",
        re.IGNORECASE,
    ),
}
_NEUTER = frozenset(
    ("gehalt", "alter", "gewicht", "budget", "einkommen", "bußgeld", "datum", "jahr", "ende")
)
_NOT_A_THING: dict[Language, frozenset[str]] = {
    "de": frozenset(("dass", "daß", "ob")),
    "en": frozenset(("that", "whether", "if")),
}
"""What a claim begins with, which is no thing to ask for."""


def about_the_thing(question: str, language: Language) -> str:
    """``question``, or where it asks what sources say of a thing, the one about the thing."""
    words = " ".join(question.split())
    rest, sources = _ACCORDING[language].subn("", words, count=1)
    rest = rest.lstrip(" :,")
    asked = rest.rstrip("?. ")
    for second in list(_AND_WHAT[language].finditer(asked))[-1:]:
        if _THEY[language] in asked[second.end() :].split():
            asked = asked[: second.start()]
    for pattern in _AGREEMENT[language]:
        if match := pattern.fullmatch(asked):
            return _question(match["thing"], match["of"] or "", "", language) or question
    if match := _STATED[language].fullmatch(asked):
        return _question(match["thing"], match["of"], match["noun"], language) or question
    return rest[:1].upper() + rest[1:] if rest and sources else question


def _question(thing: str, before: str, noun: str, language: Language) -> str | None:
    """The question for ``thing``; ``noun``: what sort of values is asked for."""
    if language == "de":
        thing = _with_article(thing, before)
    first, *others = thing.split()
    rest = " ".join(others)
    if first.lower() in _NOT_A_THING[language] or not rest:
        return None
    if first.lower() in ASKING[language]:
        amount = noun and _HOW_MUCH[language].fullmatch(noun) and language == "en"
        lead = "How much" if amount and first.lower() == "what" else first[:1].upper() + first[1:]
        return f"{lead} {rest}?"
    if noun.lower() == "zahlen" and first.lower() == "die":
        return f"Wie viele {rest} gab es?"
    return f"{_lead_of(noun or _head(thing, language), language)} {thing}?"


def _lead_of(head: str, language: Language) -> str:
    """How a question for ``head`` begins."""
    if head.lower() == _WHO[language]:
        return {"de": "Wer ist", "en": "Who is"}[language]
    # What is looked for is the last word of the head: "the release price" is a price.
    found = [
        (match.start(), lead)
        for pattern, lead in (
            (_HOW_MUCH[language], {"de": "Wie hoch ist", "en": "How much is"}[language]),
            (_WHEN[language], {"de": "Wann war", "en": "When was"}[language]),
        )
        for match in pattern.finditer(head)
    ]
    return max(found)[1] if found else {"de": "Was ist", "en": "What is"}[language]


def _head(thing: str, language: Language) -> str:
    """The words of ``thing`` up to what is said of it; in German its first noun."""
    words = thing.split()
    if language == "de":
        nouns = [word for word in words if word[:1].isupper()]
        return nouns[0] if nouns else words[-1]
    prepositions = ("of", "for", "in", "on", "at", "by", "from", "to", "with", "between")
    end = next((at for at, word in enumerate(words) if word.lower() in prepositions), len(words))
    return " ".join(words[:end])


def _with_article(thing: str, before: str) -> str:
    """A German thing with the article that it has as a subject."""
    first, *others = thing.split()
    nouns = (word for word in [first, *others] if word[:1].isupper())
    masculine = "das" if next(nouns, "").lower().endswith(tuple(_NEUTER)) else "der"
    contracted = {"zum": masculine, "beim": masculine, "zur": "die"}.get(before.lower())
    if contracted:
        return f"{contracted} {thing}"
    articles = {
        "den": "der" if before.lower() in ("über", "für") else "die",
        "dem": masculine,
        "der": "die",
        "einen": "ein",
        "einem": "ein",
        "einer": "eine",
    }
    return " ".join([articles.get(first.lower(), first), *others])
