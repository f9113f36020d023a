"""What a statement denies, counts, plans or tells of another time than the quotation.

In: two analyses and how the words of one rest on the other. Out: reasons, each a sort and what it
is about. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qa.proof import lexicon
from qa.proof.alignment import Alignment, Link
from qa.proof.analysis import Analysis, Marker
from qa.proof.clauses import tenses
from qa.proof.follows import Match
from qa.proof.values import Value
from qa.proof.words import ContentWord

# What follows from what: from "alle" follow "die meisten", "viele" and "einige".
_FOLLOWS: dict[str, frozenset[str]] = {
    "all": frozenset(["all", "almost_all", "most", "many", "some", "both"]),
    "almost_all": frozenset(["almost_all", "most", "many", "some"]),
    "most": frozenset(["most", "many", "some"]),
    "many": frozenset(["many", "some"]),
    "some": frozenset(["some"]),
    "few": frozenset(["few", "some"]),
    "not_all": frozenset(["not_all"]),
    "only": frozenset(["only"]),
    "both": frozenset(["both", "all"]),
}
_PARTIAL = frozenset(["some", "few", "most", "many", "almost_all", "not_all"])
_ALIKE_MODALS = [
    frozenset(["plan", "future"]), frozenset(["possible", "would"]), frozenset(["can", "may"]),
    frozenset(["must", "should"]), frozenset(["plan", "must"]), frozenset(["possible", "can"]),
    frozenset(["possible", "may"]),
]  # fmt: skip
_UNREAL = frozenset(["plan", "future", "possible", "should", "would", "attempt"])


def scope(text: Analysis, marker: Marker) -> set[int]:
    """The places that a denial reaches: what follows in its clause, else the whole clause."""
    clause = text.clauses[marker.first]
    after = {
        word.place
        for word in text.words
        if word.place >= marker.last and text.clauses[word.place] == clause
    }
    values = {
        value.first
        for value in text.values.all()
        if value.first >= marker.last and text.clauses[value.first] == clause
    }
    reached = after | values
    verbs = {
        word.place
        for word in text.words
        if text.clauses[word.place] == clause and word.pos == "verb"
    }
    contrast = _contrasted(text, clause)
    if reached:
        return reached if contrast else reached | verbs
    return {word.place for word in text.words if text.clauses[word.place] == clause}


def _contrasted(text: Analysis, clause: int) -> bool:
    """Whether "sondern" or "but" takes back a denial right behind the clause."""
    following = [
        token.lower
        for token, place in zip(text.tokens, text.clauses, strict=True)
        if clause < place <= clause + 2
    ]
    return bool(
        {"sondern", "but", "instead", "rather"}
        & set(following[:2] + following[-1:] if following else [])
    )


def denied(text: Analysis) -> set[int]:
    """The places of a text that an odd number of denials reaches."""
    result: set[int] = set()
    for marker in text.negations:
        result ^= scope(text, marker)
    return result


def negation(stated: Analysis, held: Analysis, alignment: Alignment) -> list[str]:
    """Words that one text denies and the other does not, opposites taken into account."""
    here, there = denied(stated), denied(held)
    reasons: list[str] = []
    # What a denial reaches besides the verb depends on the order of words, which translation and
    # the passive change; so the verb decides, then adjectives, then nouns.
    for sorts in (("verb",), ("other",), ("noun", "name")):
        links = [link for link in alignment.links if link.held and link.stated.pos in sorts]
        if sorts[0] == "noun" and any(
            link.held and link.stated.pos in ("verb", "other") for link in alignment.links
        ):
            links = [link for link in links if _directly_denied(stated, held, link)]
        touched = [
            link
            for link in links
            if link.stated.place in here or any(word.place in there for word in link.held)
        ]
        if touched:
            reasons += [
                link.stated.text
                for link in touched
                if (link.stated.place in here) not in {word.place in there for word in link.held}
            ]
            break
    for word, source in alignment.opposites:
        if (word.place in here) == (source.place in there):
            reasons.append(f"{word.text} / {source.text}")
    opposed = alignment.opposites or alignment.converses
    if stated.negations and not held.negations and not opposed and not reasons:
        reasons.append(stated.tokens[stated.negations[0].first].text)
    return reasons


def denied_values(stated: Analysis, held: Analysis, matches: Sequence[Match]) -> list[str]:
    """Values right behind a denial in one text only ("every day except Sunday")."""
    return [
        stated.text[match.value.start : match.value.end]
        for match in matches
        if match.candidates
        and _value_denied(stated, match.value)
        not in {_value_denied(held, value) for value in match.candidates}
    ]


def _value_denied(text: Analysis, value: Value) -> bool:
    return any(marker.last in (value.first, value.first - 1) for marker in text.negations)


def _directly_denied(stated: Analysis, held: Analysis, link: Link) -> bool:
    """Whether a denial stands right before a noun in either text ("kein Mitglied", "not A")."""
    return _denier_before(stated, link.stated) or any(
        _denier_before(held, word) for word in link.held
    )


def _denier_before(text: Analysis, word: ContentWord) -> bool:
    return any(marker.last in (word.place, word.place - 1) for marker in text.negations)


def resolved_opposites(stated: Analysis, held: Analysis, alignment: Alignment) -> set[int]:
    """Places of statement's words whose opposite stands denied in the quotation, or reverse."""
    here, there = denied(stated), denied(held)
    return {
        word.place
        for word, source in alignment.opposites
        if (word.place in here) != (source.place in there)
    }


def quantity_words(stated: Analysis, held: Analysis, alignment: Alignment) -> list[str]:
    """Quantity words that the quotation does not bear out, or that the statement leaves out."""
    names = {marker.name for marker in held.quantities}
    proven = {name for known in names for name in _FOLLOWS[known]}
    reasons = []
    for marker in stated.quantities:
        if marker.name in proven or (marker.name in ("some", "many") and "few" not in names):
            continue
        if marker.name == "both" and (
            _coordinated(held) or "zwei" in held.lowers or "two" in held.lowers
        ):
            continue
        if marker.name == "few" and "only" in names:
            continue
        reasons.append(_written(stated, marker))
    said = {name for marker in stated.quantities for name in _FOLLOWS[marker.name]} | {
        marker.name for marker in stated.quantities
    }
    for marker in held.quantities:
        if marker.name in _PARTIAL and marker.name not in said and not stated.values.quantities:
            noun = next(
                (
                    word
                    for word in held.words
                    if word.place >= marker.last and word.place <= marker.last + 3
                ),
                None,
            )
            carried = noun is not None and any(noun in link.held for link in alignment.links)
            if carried and not set(said & (_PARTIAL | {"all"})):
                reasons.append(_written(held, marker))
    for marker in stated.quantities:
        if marker.name == "all" and names & _PARTIAL and "all" not in names:
            reasons.append(_written(stated, marker))
    return reasons


def _coordinated(text: Analysis) -> bool:
    return bool({"und", "and", "sowie"} & set(text.lowers))


def _written(text: Analysis, marker: Marker) -> str:
    return " ".join(token.text for token in text.tokens[marker.first : marker.last])


def _carrying_clauses(held: Analysis, alignment: Alignment) -> set[int]:
    """The clauses of the quotation that carry the statement's verbs, else most of its words."""
    verbs: set[int] = set()
    counts: dict[int, int] = {}
    for link in alignment.links:
        for word in link.held:
            if word.pos == "verb" and link.stated.pos == "verb":
                verbs.add(held.clauses[word.place])
            if len(link.held) == 1:
                counts[held.clauses[word.place]] = counts.get(held.clauses[word.place], 0) + 1
    if verbs:
        return verbs
    most = max(counts.values(), default=0)
    return {clause for clause, count in counts.items() if count == most}


def _modal_names(text: Analysis, clauses: Iterable[int]) -> set[str]:
    chunks = {text.chunks[at] for at, clause in enumerate(text.clauses) if clause in set(clauses)}
    return {marker.name for marker in text.modality if text.chunks[marker.first] in chunks}


def modality(stated: Analysis, held: Analysis, alignment: Alignment) -> list[str]:
    """Plans and possibilities told as facts, and the reverse."""
    clauses = _carrying_clauses(held, alignment)
    there = _modal_names(held, clauses) | {
        "future" for clause in clauses if "future" in tenses(held.pairs(clause), held.language)
    }
    own = set(stated.clauses)
    here = {marker.name for marker in stated.modality} | {
        "future" for clause in own if "future" in tenses(stated.pairs(clause), stated.language)
    }
    reasons = []
    for name in sorted(here - {"claim", "can"}):
        permitted_only = name == "must" and any(marker.name == "only" for marker in held.quantities)
        if not _alike(name, there) and not permitted_only:
            reasons.append(f"+{name}")
    for name in sorted(there & (_UNREAL | {"must", "can", "may"})):
        if not _alike(name, here):
            # What somebody can or must do is not thereby done; a rule is often told without "muss".
            reasons.append(f"-{name}")
    return reasons


def _alike(name: str, names: set[str]) -> bool:
    if name in names:
        return True
    return any(name in pair and pair & names for pair in _ALIKE_MODALS)


def tense(stated: Analysis, held: Analysis, alignment: Alignment) -> bool:
    """Whether a statement tells of another time than the clauses that carry it."""
    if stated.modality and held.modality:
        return False
    verbs = [
        (link.stated, word)
        for link in alignment.links
        for word in link.held
        if link.stated.pos == "verb" and word.pos == "verb"
    ]
    if verbs:
        here = _tenses(stated, {stated.clauses[word.place] for word, _ in verbs})
        there = _tenses(held, {held.clauses[word.place] for _, word in verbs})
        return bool(here and there and not here & there)
    clauses = _carrying_clauses(held, alignment)
    if _has_verb(stated, set(stated.clauses)) or _has_verb(held, clauses):
        return False
    here, there = _tenses(stated, set(stated.clauses)), _tenses(held, clauses)
    return bool(here and there and not here & there)


def _has_verb(text: Analysis, clauses: set[int]) -> bool:
    """Whether a clause has another verb than "sein" and "be"."""
    return any(word.pos == "verb" and text.clauses[word.place] in clauses for word in text.words)


def _tenses(text: Analysis, clauses: set[int]) -> set[str]:
    found: set[str] = set()
    for clause in clauses:
        found |= tenses(text.pairs(clause), text.language)
    return found


def prepositions(stated: Analysis, held: Analysis, alignment: Alignment) -> list[str]:
    """Words before which the statement has the opposite preposition ("vor" for "nach")."""
    reasons = []
    for link in alignment.links:
        if link.stated.pos not in ("noun", "name", "other") or not link.held:
            continue
        said = _label_before(stated, link.stated)
        if not said:
            continue
        found = [_label_before(held, word) for word in link.held]
        if all(labels and _opposed(said, labels) for labels in found):
            reasons.append(link.stated.text)
    return reasons


def _label_before(text: Analysis, word: ContentWord) -> frozenset[str]:
    labels = lexicon.preposition_labels()
    for back in range(1, 4):
        place = word.place - back
        if place < 0 or text.clauses[place] != text.clauses[word.place]:
            break
        token = text.tokens[place]
        if token.lower in labels and not (back == 1 and token.lower in ("der", "des")):
            return frozenset() if token.lower in ("an", "ans", "am") else labels[token.lower]
        if token.kind != "word" or any(
            other.place == place and other.pos == "verb" for other in text.words
        ):
            break
    return frozenset()


def _opposed(one: frozenset[str], two: frozenset[str]) -> bool:
    if one & two:
        return False
    return any(
        frozenset((first, second)) in lexicon.opposed_labels() for first in one for second in two
    )


def one_of(stated: Analysis, held: Analysis) -> bool:
    """Whether "one of the largest" has become "the largest", or a rank has been lost."""
    phrases = [phrase for phrase in lexicon.phrases("degree") if phrase]
    return (
        _holds(held.lowers, phrases) and not _holds(stated.lowers, phrases) and _superlative(stated)
    )


def _holds(words: Sequence[str], phrases: Sequence[tuple[str, ...]]) -> bool:
    return any(
        tuple(words[place : place + len(phrase)]) == phrase
        for phrase in phrases
        for place in range(len(words))
    )


def _superlative(text: Analysis) -> bool:
    return any(_degree(word) == 2 for word in text.words)


def _degree(word: ContentWord) -> int:
    """2 for a superlative, 1 for a comparative, 0 for neither."""
    lower = word.lower
    if lower == word.lemma:
        return 0
    if lower.endswith(("ste", "sten", "ster", "stes", "stem", "est")) and len(lower) > 4:
        return 2
    adjective = not word.lemma.endswith("n") and word.pos == "other"
    return (
        1
        if adjective
        and lower.startswith(word.lemma[:2])
        and lower.endswith(("er", "ere", "eren", "erer", "eres"))
        and not lower.endswith(word.lemma + "er")
        else 0
    )


def degrees(stated: Analysis, held: Analysis, alignment: Alignment) -> list[str]:
    """Superlatives of the statement that are none in the quotation."""
    del stated, held
    return [
        link.stated.text
        for link in alignment.links
        if link.held and _degree(link.stated) == 2 and all(_degree(word) < 2 for word in link.held)
    ]
