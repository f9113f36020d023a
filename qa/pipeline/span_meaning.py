"""What the words of a span mean in their sentence.

In: a span. Out: its values as its sentence bounds them, whether its sentence denies them, whether
they say by themselves what they say there. Nothing can fail.

A reader may find "100" where the text says "mehr als 100 Mitarbeiter", and "erlaubt" where it says
"nicht erlaubt"; cut out, the words would say another thing than their source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from corpus.document import Language
from qa.pipeline.extract import FoundSpan
from qa.proof import lexicon
from qa.proof.analysis import analyse
from qa.proof.clauses import clauses_of
from qa.proof.dates import Date
from qa.proof.quantities import Quantity
from qa.proof.tokens import Token, tokens
from qa.proof.values import Value, Values, find_values

_DENY = frozenset(
    """
    nicht nie niemals kein keine keinen keinem keiner keines weder not never no nor neither cannot
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)
"""Words that turn a statement into its opposite; "ohne" and "kaum" leave part of it."""
_NEAR = 2
"""Words that may stand between a denial and the value it denies ("nicht für 5 Euro")."""
_BEFORE, _BEHIND = 4, 2
"""Words before and behind a value that may bound it ("nicht mehr als", "oder älter")."""
_UNREAL = frozenset(("plan", "future", "possible", "would", "attempt", "claim"))
"""Markers of what is not told as a fact."""


@lru_cache(maxsize=512)
def values_in(text: str, language: Language) -> Values:
    """The values of ``text``, kept for texts that are asked for again."""
    return find_values(text, language)


def stated_values(span: FoundSpan) -> Values:
    """The values that the span touches, as its sentence has them."""
    start, end = span.place
    every = values_in(span.context, span.language)

    def touched(value: Value) -> bool:
        return value.start < end and start < value.end

    return Values(
        tuple(filter(touched, every.quantities)),
        tuple(filter(touched, every.dates)),
        tuple(filter(touched, every.clocks)),
    )


def words_beside(span: FoundSpan) -> str:
    """The span's words less those of its values."""
    start, end = span.place
    text = span.context
    for value in stated_values(span).all():
        text = text[: value.start] + " " * (value.end - value.start) + text[value.end :]
    return text[start:end]


def is_denied(span: FoundSpan) -> bool:
    """Whether the sentence denies the span: its values if it has any, else its words."""
    start, end = span.place
    found, marked = _marked(span.context, "negation")
    deniers = [at for at in marked if found[at].lower in _DENY or found[at].lower.endswith("n't")]
    inside = [at for at, token in enumerate(found) if token.start < end and start < token.end]
    values = stated_values(span).all()
    if values:
        first = min(value.first for value in values)
        return any(0 < first - at <= 1 + _NEAR for at in deniers)
    clauses = clauses_of(found)
    reached = {clauses[at] for at in inside if found[at].kind == "word"}
    return sum(clauses[at] in reached for at in deniers) % 2 == 1


def is_planned(span: FoundSpan) -> bool:
    """Whether the sentence tells of a plan."""
    return any(marker.name == "plan" for marker in analyse(span.context, span.language).modality)


def has_preliminary_words(text: str) -> bool:
    """Whether a text speaks of a time before a thing was settled ("zunächst", "in talks")."""
    return bool(lexicon.marked([token.lower for token in tokens(text)], "stages"))


def tells_amount(span: FoundSpan) -> bool:
    """Whether its words tell how much without a number ("none", "most", "free of charge")."""
    said = analyse(span.text, span.language)
    if said.quantities or said.negations:
        return True
    return bool(lexicon.marked([token.lower for token in tokens(span.text)], "amounts"))


def words_alone(span: FoundSpan, *, quoted: bool = False) -> str | None:
    """Words that say by themselves what the span says in its sentence; None where none do.

    They are the span's, with the rest of its values and what bounds them. ``quoted``: the sentence
    stands behind them, and tells whether they are planned or said to be so.
    """
    start, end = span.place
    text = span.context
    values = stated_values(span).all()
    start = min([start, *(value.start for value in values)])
    end = max([end, *(value.end for value in values)])
    if _is_turned(text, start, end, quoted=quoted):
        return None
    wanted = [_meaning(value) for value in values]
    found = tokens(text)
    begins = [start, *(token.start for token in reversed(found) if token.start < start)]
    ends = [end, *(token.end for token in found if token.end > end)]
    for last in ends[: _BEHIND + 1]:
        for first in begins[: _BEFORE + 1]:
            words = text[first:last]
            if [_meaning(value) for value in values_in(words, span.language).all()] == wanted:
                return words
    return None


def _is_turned(text: str, start: int, end: int, *, quoted: bool) -> bool:
    """Whether words outside ``text[start:end]`` deny its clauses or tell them not as fact."""
    found, denials = _marked(text, "negation")
    _, unreal = _marked(text, "modality", _UNREAL)
    clauses = clauses_of(found)
    reached = {
        clauses[at] for at, token in enumerate(found) if token.start < end and start < token.end
    }
    turning = denials if quoted else [*denials, *unreal]
    outside = [at for at in turning if not start <= found[at].start < end]
    first = min((at for at, token in enumerate(found) if token.end > start), default=0)
    # "nicht aber die Schweiz": the conjunction begins a clause, and the denial reaches over it.
    near = any(0 < first - at <= 1 + _NEAR for at in denials)
    return near or any(clauses[at] in reached for at in outside)


def _marked(
    text: str, section: str, names: Iterable[str] = ("negation",)
) -> tuple[Sequence[Token], list[int]]:
    """The tokens of ``text`` and the places of its markers of such names."""
    found = tokens(text)
    words = ["not" if token.lower.endswith("n't") else token.lower for token in found]
    # German "werden" is mostly the passive.
    return found, [
        first
        for first, _, name in lexicon.marked(words, section)
        if name in names and words[first] not in ("wird", "werden")
    ]


def _meaning(value: Value) -> tuple[object, ...]:
    """What a value says, its place left out."""
    if isinstance(value, Quantity):
        upper = None if value.upper is None else value.upper.values
        return value.amounts(), value.bound, value.dimension, upper
    if isinstance(value, Date):
        return tuple(sorted(value.said().items())), value.relation, value.swapped
    return (value.minutes,)


def concepts_in(text: str, language: Language) -> set[str]:
    """What the words may stand for, those that the lexicon has as they are written."""
    words = [token.lower for token in tokens(text)]
    return {name for word in words for name in lexicon.concepts_of(word, language)}
