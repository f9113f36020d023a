"""False statements made of true ones, by the smallest change that makes them false.

In: a true statement, its language, a source of chance, names of the same text. Out: statements that
the sentence does not prove, each with the kind of its change. Nothing can fail; a statement that no
rule fits gives none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise

from models.forms import Language

Change = tuple[str, str]
"""The kind of a change, and the changed statement."""

_NUMBER = re.compile(r"(?<![\w.,])\d{1,4}(?:[.,]\d{1,3}){0,2}(?![\w])")
_NAME = re.compile(r"(?<![\w-])[A-ZÄÖÜ][\w'’-]+(?: [A-ZÄÖÜ][\w'’-]+){0,3}")

_PAIRS: dict[Language, tuple[tuple[str, str, str], ...]] = {
    "de": (
        ("quantity", "alle", "einige"), ("quantity", "alle", "nur wenige"),
        ("quantity", "viele", "wenige"), ("quantity", "einige", "alle"),
        ("quantity", "mehrere", "keine"), ("quantity", "die meisten", "alle"),
        ("quantity", "teilweise", "vollständig"), ("quantity", "oft", "nie"),
        ("quantity", "manchmal", "immer"), ("quantity", "häufig", "selten"),
        ("comparison", "mehr als", "weniger als"), ("comparison", "mindestens", "höchstens"),
        ("comparison", "über", "unter"), ("comparison", "größer", "kleiner"),
        ("comparison", "größte", "kleinste"), ("comparison", "größten", "kleinsten"),
        ("comparison", "höher", "niedriger"), ("comparison", "höchste", "niedrigste"),
        ("comparison", "älteste", "jüngste"), ("comparison", "besser", "schlechter"),
        ("comparison", "länger", "kürzer"), ("comparison", "mehr", "weniger"),
        ("comparison", "früher", "später"), ("comparison", "bis zu", "mehr als"),
        ("time", "vor", "nach"), ("time", "nach", "vor"), ("time", "erste", "letzte"),
        ("time", "ersten", "letzten"), ("time", "seit", "bis"), ("time", "Beginn", "Ende"),
        ("time", "Anfang", "Ende"), ("time", "zuerst", "zuletzt"),
        ("opposite", "gewann", "verlor"), ("opposite", "stieg", "sank"),
        ("opposite", "gestiegen", "gesunken"), ("opposite", "begann", "endete"),
        ("opposite", "gegründet", "aufgelöst"), ("opposite", "eröffnet", "geschlossen"),
        ("opposite", "erlaubt", "verboten"), ("opposite", "möglich", "unmöglich"),
        ("opposite", "öffentlich", "privat"), ("opposite", "positiv", "negativ"),
        ("opposite", "nördlich", "südlich"), ("opposite", "Norden", "Süden"),
        ("opposite", "östlich", "westlich"), ("opposite", "Osten", "Westen"),
        ("opposite", "innerhalb", "außerhalb"), ("opposite", "gemeinsam", "getrennt"),
        ("opposite", "zunahm", "abnahm"), ("opposite", "angenommen", "abgelehnt"),
        ("opposite", "hoch", "niedrig"), ("opposite", "stark", "schwach"),
        ("opposite", "groß", "klein"), ("opposite", "kalt", "warm"),
        ("opposite", "mit", "ohne"), ("opposite", "gut", "schlecht"),
        ("opposite", "einfach", "schwierig"), ("opposite", "bekannt", "unbekannt"),
        ("opposite", "Vorteil", "Nachteil"), ("opposite", "Sieg", "Niederlage"),
        ("opposite", "links", "rechts"), ("opposite", "verkaufte", "kaufte"),
    ),
    "en": (
        ("quantity", "all", "some"), ("quantity", "all", "few"), ("quantity", "many", "few"),
        ("quantity", "most", "all"), ("quantity", "some", "all"), ("quantity", "several", "no"),
        ("quantity", "partially", "completely"), ("quantity", "often", "never"),
        ("quantity", "usually", "always"), ("quantity", "frequently", "rarely"),
        ("quantity", "both", "neither"), ("quantity", "only", "mainly"),
        ("comparison", "more than", "less than"), ("comparison", "at least", "at most"),
        ("comparison", "over", "under"), ("comparison", "larger", "smaller"),
        ("comparison", "largest", "smallest"), ("comparison", "higher", "lower"),
        ("comparison", "highest", "lowest"), ("comparison", "oldest", "youngest"),
        ("comparison", "better", "worse"), ("comparison", "longer", "shorter"),
        ("comparison", "more", "less"), ("comparison", "up to", "more than"),
        ("time", "before", "after"), ("time", "after", "before"), ("time", "first", "last"),
        ("time", "since", "until"), ("time", "beginning", "end"), ("time", "early", "late"),
        ("time", "earlier", "later"),
        ("opposite", "won", "lost"), ("opposite", "rose", "fell"),
        ("opposite", "increased", "decreased"), ("opposite", "began", "ended"),
        ("opposite", "founded", "dissolved"), ("opposite", "opened", "closed"),
        ("opposite", "allowed", "forbidden"), ("opposite", "possible", "impossible"),
        ("opposite", "public", "private"), ("opposite", "positive", "negative"),
        ("opposite", "north", "south"), ("opposite", "northern", "southern"),
        ("opposite", "east", "west"), ("opposite", "eastern", "western"),
        ("opposite", "inside", "outside"), ("opposite", "accepted", "rejected"),
        ("opposite", "high", "low"), ("opposite", "strong", "weak"),
        ("opposite", "large", "small"), ("opposite", "cold", "warm"),
        ("opposite", "with", "without"), ("opposite", "good", "bad"),
        ("opposite", "successful", "unsuccessful"), ("opposite", "known", "unknown"),
        ("opposite", "support", "oppose"), ("opposite", "supported", "opposed"),
        ("opposite", "bought", "sold"), ("opposite", "victory", "defeat"),
        ("opposite", "joined", "left"), ("opposite", "major", "minor"),
    ),
}  # fmt: skip

_NEGATIONS: dict[Language, tuple[tuple[str, str], ...]] = {
    "de": (
        (" ist ", " ist nicht "), (" sind ", " sind nicht "), (" war ", " war nicht "),
        (" waren ", " waren nicht "), (" wurde ", " wurde nicht "),
        (" wurden ", " wurden nicht "), (" hat ", " hat nicht "), (" kann ", " kann nicht "),
        (" können ", " können nicht "), (" nicht ", " "), (" kein ", " ein "),
        (" keine ", " eine "), (" wird ", " wird nicht "), (" einen ", " keinen "),
    ),
    "en": (
        (" is ", " is not "), (" are ", " are not "), (" was ", " was not "),
        (" were ", " were not "), (" can ", " cannot "), (" will ", " will not "),
        (" not ", " "), (" has been ", " has not been "), (" had ", " had not "),
        (" could ", " could not "), (" would ", " would not "), (" may ", " may not "),
    ),
}  # fmt: skip

# A statement that makes a fact of what the text only plans, expects or holds possible.
_PLANS: dict[Language, tuple[tuple[str, str], ...]] = {
    "de": (
        (" könnte ", " wird "), (" könnten ", " werden "), (" soll ", " wird "),
        (" sollte ", " wird "), (" sollten ", " werden "), (" kann ", " muss "),
        (" möglicherweise ", " sicher "), (" wahrscheinlich ", " sicher "),
        (" vermutlich ", " nachweislich "), (" will ", " muss "), (" dürfen ", " müssen "),
    ),
    "en": (
        (" may be ", " is "), (" might be ", " is "), (" could be ", " is "),
        (" may have ", " did have "), (" can be ", " must be "), (" should ", " must "),
        (" may ", " must "), (" probably ", " certainly "), (" possibly ", " certainly "),
        (" planned to ", " managed to "), (" tried to ", " managed to "), (" could ", " did "),
    ),
}  # fmt: skip


def falsifications(
    statement: str, language: Language, chance: random.Random, names: list[str]
) -> list[Change]:
    """Changed statements, in no particular order; at most one of each rule."""
    changes: list[Change] = []
    rules: tuple[Callable[[], Change | None], ...] = (
        lambda: _changed_number(statement, chance),
        lambda: _swapped_numbers(statement),
        lambda: _swapped_names(statement, chance),
        lambda: _other_name(statement, chance, names),
        lambda: _replaced("negation", statement, _NEGATIONS[language], chance),
        lambda: _replaced("plan", statement, _PLANS[language], chance),
        lambda: _paired(statement, language, chance),
    )
    for rule in rules:
        change = rule()
        if change is not None and change[1] != statement:
            changes.append(change)
    return changes


def names_of(text: str) -> list[str]:
    """Runs of capitalised words that do not begin a sentence."""
    names = []
    for match in _NAME.finditer(text):
        before = text[: match.start()].rstrip()
        if before and before[-1] not in '.!?:„"“(' and len(match[0]) > 3:
            names.append(match[0])
    return list(dict.fromkeys(names))


def _changed_number(statement: str, chance: random.Random) -> Change | None:
    numbers = list(_NUMBER.finditer(statement))
    if not numbers:
        return None
    match = chance.choice(numbers)
    digits = [at for at in range(*match.span()) if statement[at].isdigit()]
    at = chance.choice(digits[-2:])
    digit = chance.choice([d for d in "123456789" if d != statement[at]])
    return "value", statement[:at] + digit + statement[at + 1 :]


def _swapped_numbers(statement: str) -> Change | None:
    numbers = list(_NUMBER.finditer(statement))
    if len(numbers) < 2 or numbers[0][0] == numbers[1][0]:
        return None
    return "other value", _swap(statement, numbers[0].span(), numbers[1].span())


def _swapped_names(statement: str, chance: random.Random) -> Change | None:
    names = [match for match in _NAME.finditer(statement) if len(match[0]) > 3]
    pairs = [
        (first, second)
        for first, second in pairwise(names)
        if first[0] != second[0]
        and not re.search(
            r"^\W*$|\b(und|and|or|oder|sowie)\b", statement[first.end() : second.start()]
        )
    ]
    if not pairs:
        return None
    first, second = chance.choice(pairs)
    return "roles", _swap(statement, first.span(), second.span())


def _other_name(statement: str, chance: random.Random, names: list[str]) -> Change | None:
    here = [match for match in _NAME.finditer(statement) if match[0] in names]
    others = [name for name in names if name not in statement]
    if not here or not others:
        return None
    match = chance.choice(here)
    return "other name", statement[: match.start()] + chance.choice(others) + statement[
        match.end() :
    ]


def _replaced(
    kind: str, statement: str, pairs: tuple[tuple[str, str], ...], chance: random.Random
) -> Change | None:
    fitting = [pair for pair in pairs if pair[0] in statement]
    if not fitting:
        return None
    before, behind = chance.choice(fitting)
    return kind, statement.replace(before, behind, 1)


def _paired(statement: str, language: Language, chance: random.Random) -> Change | None:
    fitting = []
    for kind, first, second in _PAIRS[language]:
        for before, behind in ((first, second), (second, first)):
            match = re.search(rf"(?<!\w){re.escape(before)}(?!\w)", statement)
            if match is not None:
                fitting.append((kind, match.span(), behind))
    if not fitting:
        return None
    kind, (begin, end), behind = chance.choice(fitting)
    return kind, statement[:begin] + behind + statement[end:]


def _swap(text: str, first: tuple[int, int], second: tuple[int, int]) -> str:
    return (
        text[: first[0]]
        + text[second[0] : second[1]]
        + text[first[1] : second[0]]
        + text[first[0] : first[1]]
        + text[second[1] :]
    )
