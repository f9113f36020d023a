"""Whether a quotation proves a statement, as far as code can tell.

In: a statement and a quotation, each with its language; nothing that the question said is taken
for granted. Out: reasons against it, and numbers for what code cannot decide. Nothing can fail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from corpus.document import Language
from qa.proof import polarity
from qa.proof.alignment import Alignment, align, counts
from qa.proof.analysis import Analysis, analyse
from qa.proof.arithmetic import derived, holds_multiple, multiple_of
from qa.proof.bindings import (
    crossed,
    misled,
    neighbour_swapped,
    scores_turned,
    unpaired,
)
from qa.proof.bounds import Bound, bound_before
from qa.proof.dates import Date
from qa.proof.follows import Match, match_values
from qa.proof.other_forms import is_told_otherwise
from qa.proof.pairs import disordered
from qa.proof.roles import converse_kept, of_another, swapped
from qa.proof.words import ContentWord

_LONG = 12


@dataclass(frozen=True)
class StatementCheck:
    """What code makes of a statement and a quotation."""

    supported_by_code: bool | None
    """False where a reason speaks against it, True where all of it stands there, else None."""
    reasons: list[str] = field(default_factory=list)
    """What speaks against it, each in the form "sort: what"."""
    features: dict[str, float] = field(default_factory=dict)
    """Numbers for a score (:data:`FEATURES`)."""


FEATURES = (
    "same_language", "coverage", "missing", "missing_names", "missing_nouns", "missing_verbs",
    "missing_others", "concepts", "derived", "cognates", "opposites", "converses", "order",
    "values", "bad_values", "about_values", "worked_out", "negation", "quantity_words",
    "modality_added",
    "modality_lost", "can_lost", "tense", "prepositions", "degree", "swapped", "crossed", "misled",
    "length", "quote_length", "cosine",
)  # fmt: skip


def check_statement(
    statement: str,
    statement_language: Language,
    quote: str,
    quote_language: Language,
    *,
    question: str | None = None,
    cosine: float | None = None,
) -> StatementCheck:
    """Hold ``statement`` against ``quote``.

    ``question`` excuses nothing; it is taken so that callers need not leave it out. ``cosine``: of
    the encoder's vectors of both, where somebody has it.
    """
    del question
    stated, held = analyse(statement, statement_language), analyse(quote, quote_language)
    alignment = align(stated, held)
    matches = match_values(stated.values, held.values)
    reasons, features = _judged(stated, held, alignment, matches)
    features["cosine"] = 0.0 if cosine is None else cosine
    if reasons:
        return StatementCheck(False, reasons, features)
    whole = not any(counts(word) for word in alignment.missing) and alignment.coverage > 0.9
    return StatementCheck(True if whole and stated.words else None, [], features)


def _judged(
    stated: Analysis, held: Analysis, alignment: Alignment, matches: list[Match]
) -> tuple[list[str], dict[str, float]]:
    reasons: list[str] = []
    bad, worked = _values(stated, held, alignment, matches, reasons)
    missing = [word for word in alignment.missing if counts(word)]
    resolved = polarity.resolved_opposites(stated, held, alignment)
    if not converse_kept(stated, held, alignment):
        resolved |= {word.place for word, _ in alignment.converses}
    missing = [word for word in missing if word.place not in resolved]
    if named := _multiple(stated):
        multiple, bound = named
        known = multiple_of(held.lowers) == multiple
        if not known and holds_multiple(multiple, bound, held.values, _either_way(stated)):
            missing = [word for word in missing if multiple_of([word.lower]) is None]
        elif not known:
            reasons.append("value: the multiple does not follow")
    features: dict[str, float] = {
        "same_language": float(stated.language == held.language),
        "values": float(len(matches)),
        "bad_values": float(bad),
        "about_values": float(
            sum(match.grade in ("about", "within", "pieced") for match in matches)
        ),
        "worked_out": float(worked),
    }
    features |= _word_features(stated, held, alignment, missing)
    features |= _relation_features(stated, held, alignment, matches, reasons)
    names = [word.text for word in missing if word.pos == "name"]
    if names:
        reasons.append(f"name: {', '.join(names)} is not in the quotation")
    return reasons, features


def _multiple(stated: Analysis) -> tuple[Decimal, Bound] | None:
    """The multiple it names and what bounds it, outside its values: "half of them" is a share."""
    taken = stated.values.places()
    for place, word in enumerate(stated.lowers):
        if place not in taken and (multiple := multiple_of([word])) is not None:
            return multiple, bound_before(stated.tokens, place)
    return None


def _either_way(stated: Analysis) -> bool:
    """Whether a multiple compares two things rather than tells of a change in time."""
    return bool({"doppelt", "twice", "dreimal", "half", "halb", "double"} & set(stated.lowers))


def _values(
    stated: Analysis,
    held: Analysis,
    alignment: Alignment,
    matches: list[Match],
    reasons: list[str],
) -> tuple[int, int]:
    """How many values follow from nothing, and how many were worked out."""
    bad = worked = 0
    here, there = set(stated.lowers), set(held.lowers)
    for match in matches:
        if match.follows:
            continue
        if (
            match.reason in ("absent", "date part", "scale", "unit", "bound")
            and derived(match.value, held.values, here, there)
            and not _told_of_another(match, held, alignment)
        ):
            worked += 1
            continue
        if is_told_otherwise(match, stated, held):
            continue
        bad += 1
        written = stated.text[match.value.start : match.value.end]
        nearest = "" if match.held is None else held.text[match.held.start : match.held.end]
        told = f", the quotation has {nearest}" if nearest else ""
        reasons.append(f"value: {written} ({match.reason}{told})")
    return bad, worked


def _told_of_another(match: Match, held: Analysis, alignment: Alignment) -> bool:
    """Whether a year was worked out though the clause that carries the verb has its own."""
    if not isinstance(match.value, Date):
        return False
    verbs = {
        held.clauses[word.place]
        for link in alignment.links
        for word in link.held
        if link.stated.pos == "verb" and word.pos == "verb"
    }
    dated = {held.clauses[date.first] for date in held.values.dates}
    spans = {
        held.clauses[span.first] for span in held.values.quantities if span.dimension == "months"
    }
    return bool(verbs) and verbs <= dated - spans


def _word_features(
    stated: Analysis, held: Analysis, alignment: Alignment, missing: list[ContentWord]
) -> dict[str, float]:
    hows = [link.grade.how for link in alignment.links]
    total = max(len(alignment.links), 1)
    sorts = [word.pos for word in missing]
    return {
        "coverage": 1 - len(missing) / total,
        "missing": float(min(len(missing), 6)),
        "missing_names": float(min(sorts.count("name"), 3)),
        "missing_nouns": float(min(sorts.count("noun"), 3)),
        "missing_verbs": float(min(sorts.count("verb"), 3)),
        "missing_others": float(min(sorts.count("other"), 3)),
        "concepts": hows.count("concept") / total,
        "derived": (hows.count("derived") + hows.count("part")) / total,
        "cognates": hows.count("cognate") / total,
        "order": _order(alignment),
        "length": min(len(stated.words) / _LONG, 2.0),
        "quote_length": min(len(held.words) / (3 * _LONG), 3.0),
    }


def _order(alignment: Alignment) -> float:
    """Kendall's tau of where the statement's words stand in the quotation; 1 for the same order."""
    places = [link.held[0].place for link in alignment.links if len(link.held) == 1]
    pairs = [(one, two) for at, one in enumerate(places) for two in places[at + 1 :] if one != two]
    if not pairs:
        return 1.0
    return sum(1 if one < two else -1 for one, two in pairs) / len(pairs)


def _relation_features(
    stated: Analysis,
    held: Analysis,
    alignment: Alignment,
    matches: list[Match],
    reasons: list[str],
) -> dict[str, float]:
    denied = polarity.negation(stated, held, alignment)
    denied += polarity.denied_values(stated, held, matches)
    counted = polarity.quantity_words(stated, held, alignment)
    modal = polarity.modality(stated, held, alignment)
    tense = polarity.tense(stated, held, alignment)
    before = polarity.prepositions(stated, held, alignment)
    degree = polarity.degrees(stated, held, alignment)
    if polarity.one_of(stated, held):
        degree = [*degree, "one of several"]
    turned = _turned(stated, held, alignment)
    turned += of_another(stated, held, alignment, _places(matches))
    apart = crossed(stated, held, alignment, matches)
    apart += disordered(stated, held, alignment, matches)
    apart += unpaired(stated, held, matches)
    astray = [*misled(stated, held, matches), *neighbour_swapped(stated, held, matches)]
    if not alignment.converses:
        astray += scores_turned(stated, held)
    added = [name for name in modal if name.startswith("+")]
    lost = [
        name for name in modal if name.startswith("-") and name[1:] not in ("can", "may", "must")
    ]
    loosened = [name for name in modal if name.startswith("-") and name not in lost]
    for sort, found in (
        ("negation", denied),
        ("quantity word", counted),
        ("plan told as fact", lost),
        ("fact told as plan", added),
        ("preposition", before),
        ("degree", degree),
        ("roles", [f"{one.text} / {two.text}" for one, two in turned]),
        ("another value", [" / ".join(pair) for pair in apart] + astray),
    ):
        if found:
            reasons.append(f"{sort}: {', '.join(dict.fromkeys(found))}")
    if tense:
        reasons.append("tense: the statement tells of another time")
    return {
        "opposites": float(min(len(alignment.opposites), 2)),
        "converses": float(min(len(alignment.converses), 2)),
        "negation": float(min(len(denied), 3)),
        "quantity_words": float(min(len(counted), 2)),
        "modality_added": float(min(len(added), 2)),
        "modality_lost": float(min(len(lost), 2)),
        "can_lost": float(min(len(loosened), 2)),
        "tense": float(tense),
        "prepositions": float(min(len(before), 2)),
        "degree": float(min(len(degree), 2)),
        "swapped": float(min(len(turned), 2)),
        "crossed": float(min(len(apart), 3)),
        "misled": float(min(len(astray), 2)),
    }


def _turned(
    stated: Analysis, held: Analysis, alignment: Alignment
) -> list[tuple[ContentWord, ContentWord]]:
    """Noun groups that changed places; behind a converse ("verkaufen" for "kaufen") they must."""
    if alignment.converses:
        return converse_kept(stated, held, alignment)
    return swapped(stated, held, alignment)


def _places(matches: list[Match]) -> list[tuple[int, int]]:
    """Where the statement's values stand, and where in the quotation."""
    return [
        (match.value.first, match.candidates[0].first)
        for match in matches
        if len(match.candidates) == 1
    ]
