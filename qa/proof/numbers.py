"""Numbers as numbers, in German and English.

In: text. Out: each number with the values it may stand for, sign and unit of scale taken in. Two
numbers agree where one value is common: "14,3 Milliarden" and "14.3 billion" do, "14,3 Millionen"
does not. Nothing can fail; text without numbers yields none.

"1.500" is fifteen hundred in German and one and a half in English, and writers mix the two, so a
number carries every reading its digits allow. A German "Billion" is a million millions. A bare "m"
is a million only behind a currency ("€5m"): "300 m" is a distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.document import Language
from qa.proof.number_words import SpelledNumber, read_number
from qa.proof.tokens import Token, scan, tokens

_SCALES: dict[Language, dict[str, int]] = {
    "de": {
        "tausend": 3, "tsd": 3, "million": 6, "millionen": 6, "mio": 6, "milliarde": 9,
        "milliarden": 9, "mrd": 9, "billion": 12, "billionen": 12, "bio": 12, "billiarde": 15,
        "billiarden": 15, "thousand": 3, "billions": 9, "hundert": 2, "dutzend": 0,
    },
    "en": {
        "thousand": 3, "million": 6, "millions": 6, "mn": 6, "mln": 6, "billion": 9,
        "billions": 9, "bn": 9, "trillion": 12, "trillions": 12, "tn": 12, "hundred": 2,
        "millionen": 6, "milliarde": 9, "milliarden": 9, "mio": 6, "mrd": 9, "dozen": 0,
    },
}  # fmt: skip
# These are scales only behind a currency; elsewhere they are metres and identifiers.
_CURRENCY_SCALES = {"k": 3, "m": 6, "b": 9}
_CURRENCY_SIGNS = frozenset("€$£¥")
_CURRENCY_WORDS = frozenset(["usd", "eur", "gbp", "chf", "us"])
_CURRENCY_NAMES = frozenset(["euro", "euros", "dollar", "dollars", "pounds", "francs", "kroner"])
_STOPPED = frozenset(["tsd", "mio", "mrd", "bio"])
_MINUS = frozenset(["-", "−", "–", "‐", "‑"])
_DOZENS = frozenset(["dutzend", "dozen"])
_HUNDREDS = frozenset(["hundert", "hundred"])
# Endings of figures that belong to the number: "14th", "1990er" is the dates' business.
_ORDINAL_ENDINGS = frozenset(["st", "nd", "rd", "th", "ten", "te", "ter", "tes"])
_VULGAR = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.3333333333", "⅔": "0.6666666667"}

# How each language writes a scale; the singular belongs to exactly one.
_NAMES: dict[Language, dict[int, tuple[str, str]]] = {
    "de": {
        6: ("Million", "Millionen"),
        9: ("Milliarde", "Milliarden"),
        12: ("Billion", "Billionen"),
    },
    "en": {6: ("million", "million"), 9: ("billion", "billion"), 12: ("trillion", "trillion")},
}


@dataclass(frozen=True)
class Number:
    """A number in a text: its span in characters, its possible values, and its parts."""

    start: int
    end: int
    values: frozenset[Decimal]
    """What it may stand for, sign and scale taken in."""
    mantissas: frozenset[Decimal]
    """What its digits or words may stand for by themselves, without the sign."""
    exponent: int
    """The power of ten of its scale; 0 where it has none."""
    scale_start: int | None = None
    """Character at which the scale's word begins."""
    ordinal: bool = False
    """Whether it counts a place in an order."""
    fraction: bool = False
    """Whether it is a share of a whole, written in words."""
    literal: str = ""
    """Its digits as written; empty for words."""
    first: int = 0
    """Number of its first token in the text."""
    last: int = 0
    """Number of the token behind it."""
    preferred: Decimal = Decimal(0)
    """The value that the language's own way of writing gives its digits."""

    def agrees(self, other: Number) -> bool:
        """Whether both may stand for one value."""
        return not self.values.isdisjoint(other.values)


def readings(digits: str) -> frozenset[Decimal]:
    """Every value that a run of digits and separators may have in either language.

    None for a run that is no number, as "12.06.2025" or "1.2.3".
    """
    plain = digits
    for mark in ("'", "’", "\u00a0", "\u202f", "\u2009"):
        plain = plain.replace(mark, "")
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return frozenset({Decimal(plain)})
    head, _, tail = plain.rpartition(marks[-1])
    parts = head.replace(",", ".").split(".")
    threes = all(len(part) == 3 for part in parts[1:]) and (len(parts) == 1 or len(parts[0]) <= 3)
    if len(marks) > 1 and (not threes or len(set(marks[:-1])) > 1):
        return frozenset()
    result = set()
    if len(tail) == 3 and len(set(marks)) == 1:
        result.add(Decimal("".join(parts) + tail))
    if len(marks) == 1 or marks[-1] != marks[0]:
        result.add(Decimal(f"{''.join(parts)}.{tail}"))
    return frozenset(result)


def find(text: str, language: Language) -> list[Number]:
    """All numbers of ``text`` in order, digits and words, with sign and unit of scale."""
    return find_in(tokens(text), language)


def find_in(found: Sequence[Token], language: Language) -> list[Number]:
    """All numbers of a text's tokens in order."""
    return [number for _, number in scan(found, lambda place: _at(found, place, language))]


def _at(found: Sequence[Token], place: int, language: Language) -> Number | None:
    token = found[place]
    if token.kind == "digits":
        return _of_digits(found, place, language)
    if token.text in _VULGAR:
        value = Decimal(_VULGAR[token.text])
        return _made(found, place, place + 1, frozenset({value}), language, fraction=True)
    return _of_words(found, place, language) if token.kind == "word" else None


def _of_digits(found: Sequence[Token], place: int, language: Language) -> Number | None:
    token = found[place]
    values = readings(token.text)
    if not values or _is_part(found, place):
        return None
    last = place + 1
    ordinal = False
    if last < len(found) and not found[last].spaced:
        following = found[last]
        if following.lower in _ORDINAL_ENDINGS:
            ordinal, last = True, last + 1
        elif following.text in _VULGAR:
            values = frozenset(value + Decimal(_VULGAR[following.text]) for value in values)
            last += 1
        elif following.kind == "word" and not _may_be_attached(following):
            return None
    return _made(found, place, last, values, language, ordinal=ordinal, literal=token.text)


def _is_part(found: Sequence[Token], place: int) -> bool:
    """Whether the digits go on a word or another run of digits ("v1.2", "1.2.3")."""
    if place == 0 or found[place].spaced:
        return False
    before = found[place - 1]
    if before.kind == "word":
        return before.lower not in _CURRENCY_WORDS
    return (
        before.text in {".", ",", "_"}
        and place > 1
        and found[place - 2].kind != "sign"
        and (not before.spaced)
    )


def _may_be_attached(token: Token) -> bool:
    """Whether letters right behind digits are a unit or a scale rather than part of a name."""
    return token.lower in _ATTACHED or token.text.lower().startswith(
        ("jährig", "fach", "mal", "köpfig")
    )


_ATTACHED = frozenset(
    """
    k m b bn mn tn mio mrd km cm mm nm kg g mg t l ml cl h min s ms w kw mw gw tw kwh mwh
    gwh twh wh v kv a ma ha hz khz mhz ghz kb mb gb tb pb am pm uhr er ers eur euro usd
    millionen million milliarden milliarde billion prozent
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)


def _of_words(found: Sequence[Token], place: int, language: Language) -> Number | None:
    if place and not found[place].spaced and found[place - 1].kind == "digits":
        return None
    words = []
    spots = []
    for at in range(place, min(place + 12, len(found))):
        token = found[at]
        if token.kind == "word":
            words.append(token.lower)
            spots.append(at)
        elif token.text != "-" or token.spaced:
            break
    found_reading = read_number(words, language)
    half_scale = _half_of_scale(words, language)
    if half_scale:
        last = spots[half_scale - 1] + 1
        return _made(found, place, last, frozenset({Decimal("0.5")}), language)
    if found_reading is not None:
        of_scale = _behind_of_a(words, spots, found_reading, language)
        last = of_scale or spots[found_reading.words - 1] + 1
        return _made(
            found,
            place,
            last,
            frozenset({found_reading.value}),
            language,
            ordinal=found_reading.ordinal,
            fraction=found_reading.fraction and not of_scale,
        )
    if (
        words[0] in ("ein", "eine", "einer", "einem", "einen", "a", "an", "one")
        and len(words) > 1
        and _scale(words[1], language, currency=False) is not None
    ):
        if words[1] in _HUNDREDS:
            return _made(found, place, spots[1] + 1, frozenset({Decimal(100)}), language)
        return _made(found, place, spots[0] + 1, frozenset({Decimal(1)}), language)
    return None


def _behind_of_a(
    words: Sequence[str], spots: Sequence[int], share: SpelledNumber, language: Language
) -> int:
    """The place behind "of a" where a share of a scale is told: "three quarters of a million"."""
    behind = words[share.words :]
    if not share.fraction or len(behind) < 3:
        return 0
    joining = 2 if list(behind[:2]) == ["of", "a"] else int(behind[0] in ("einer", "eines"))
    if joining and _scale(behind[joining], language, currency=False) is not None:
        return spots[share.words + joining - 1] + 1
    return 0


def _half_of_scale(words: Sequence[str], language: Language) -> int:
    """How many words of "half a million" or "eine halbe Million" stand before the scale."""
    if language == "en" and words[:2] == ["half", "a"] and len(words) > 2:
        return 2 if _scale(words[2], language, currency=False) is not None else 0
    halves = ("halbe", "halben", "half")
    if len(words) > 2 and words[0] in ("eine", "einer", "a") and words[1] in halves:
        return 2 if _scale(words[2], language, currency=False) is not None else 0
    return 0


def is_scale(word: str) -> bool:
    """Whether a word in lower case is a unit of scale in either language ("Mio", "billion")."""
    return any(word in scales for scales in _SCALES.values())


def _scale(word: str, language: Language, *, currency: bool) -> int | None:
    """The power of ten that a word stands for; ``None`` where it is no scale."""
    exponent = _SCALES[language].get(word)
    if exponent is None and currency:
        exponent = _CURRENCY_SCALES.get(word)
    return exponent


def _made(
    found: Sequence[Token],
    place: int,
    last: int,
    mantissas: frozenset[Decimal],
    language: Language,
    *,
    ordinal: bool = False,
    fraction: bool = False,
    literal: str = "",
) -> Number:
    start, exponent, scale_start, factor = found[place].start, 0, None, 1
    end = found[last - 1].end
    after = last
    if after < len(found) and found[after].text == "-" and not found[after].spaced:
        after += 1
    if after < len(found) and found[after].kind == "word" and not ordinal:
        word = found[after]
        known = _scale(word.lower, language, currency=_beside_currency(found, place, after + 1))
        if known is not None and not (word.lower in _HUNDREDS and not literal):
            exponent, scale_start, end, last = known, word.start, word.end, after + 1
            factor = 12 if word.lower in _DOZENS else 1
            stop = found[last] if last < len(found) else None
            if word.lower in _STOPPED and stop and stop.text == "." and not stop.spaced:
                ends = last + 1 == len(found)
                end, last = (end, last) if ends else (stop.end, last + 1)
    sign, start, first = _signed(found, place, start)
    values = frozenset((value.scaleb(exponent) * factor * sign).normalize() for value in mantissas)
    usual = max(mantissas) if ("." in literal) == (language == "de") else min(mantissas)
    preferred = (usual.scaleb(exponent) * factor * sign).normalize()
    return Number(
        start,
        end,
        values,
        mantissas,
        exponent,
        scale_start,
        ordinal,
        fraction,
        literal,
        first,
        last,
        preferred,
    )


def _beside_currency(found: Sequence[Token], place: int, behind: int) -> bool:
    """Whether a currency stands right before the number at ``place``, or at ``behind``."""
    if behind < len(found) and found[behind].lower in _CURRENCY_WORDS | _CURRENCY_NAMES:
        return True
    if place == 0:
        return False
    before = found[place - 1]
    return before.text in _CURRENCY_SIGNS or before.lower in _CURRENCY_WORDS


def _signed(found: Sequence[Token], place: int, start: int) -> tuple[int, int, int]:
    """The sign before a number (1 or -1), and where the number begins with it."""
    if place == 0:
        return 1, start, place
    before = found[place - 1]
    if before.lower == "minus":
        return -1, before.start, place - 1
    glued = before.text in _MINUS and not found[place].spaced
    opens = (
        place == 1
        or (before.spaced and found[place - 2].kind != "digits")
        or (found[place - 2].text in "([:")
    )
    return (-1, before.start, place - 1) if glued and opens else (1, start, place)


def missing(claim: Sequence[Number], sources: Sequence[Number]) -> list[Number]:
    """Numbers of ``claim`` that agree with none of ``sources``."""
    return [number for number in claim if not any(number.agrees(source) for source in sources)]


def mend_scales(text: str, language: Language, sources: Sequence[Number]) -> str:
    """``text`` with a wrong unit of scale put right where the sources leave no doubt.

    Small models copy the digits and miss the word: "14,3 Millionen" for 14,3 Milliarden. Only a
    number whose digits occur in the sources with exactly one other scale is changed.
    """
    for number in reversed(find(text, language)):
        if number.scale_start is None or any(number.agrees(source) for source in sources):
            continue
        scales = {
            source.exponent
            for source in sources
            if not number.mantissas.isdisjoint(source.mantissas)
        }
        if len(scales) == 1 and (names := _NAMES[language].get(next(iter(scales)))):
            name = names[0] if number.mantissas == {Decimal(1)} else names[1]
            # An abbreviation's stop at the end of a sentence is the sentence's stop as well.
            ends = text[: number.end].endswith(".") and not text[number.end :].strip()
            text = text[: number.scale_start] + name + "." * ends + text[number.end :]
    return text
