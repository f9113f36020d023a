"""Who does what to whom, as far as order, case, voice and prepositions tell.

In: two analyses and how the words of one rest on the other. Out: pairs of noun groups that have
changed places. Nothing can fail; where the roles cannot be told nothing is reported.

A noun group is named by its last word. Its role is the label of the preposition before it
("from", "than" ...), "agent" or "patient" by order round the verb, turned round in the passive;
German articles that show case go before order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from qa.proof import lexicon
from qa.proof.alignment import Alignment
from qa.proof.analysis import Analysis
from qa.proof.clauses import is_passive
from qa.proof.words import ContentWord

_ACCUSATIVE = frozenset(
    [
        "den",
        "einen",
        "keinen",
        "seinen",
        "ihren",
        "meinen",
        "unseren",
        "diesen",
        "jenen",
        "welchen",
        "jeden",
    ]
)
_DATIVE = frozenset(["dem", "einem", "keinem", "seinem", "ihrem", "diesem"])
_GENITIVE = frozenset(["des", "eines", "seines", "ihres", "dieses"])
_NOMINATIVE = frozenset(["der"])
_DETERMINERS = frozenset(
    [
        "der",
        "die",
        "das",
        "den",
        "dem",
        "des",
        "ein",
        "eine",
        "einen",
        "einem",
        "einer",
        "eines",
        "seine",
        "seinen",
        "seinem",
        "seiner",
        "seines",
        "sein",
        "ihre",
        "ihren",
        "ihrem",
        "ihrer",
        "ihres",
        "ihr",
        "dieser",
        "diese",
        "dieses",
        "diesen",
        "diesem",
        "the",
        "a",
        "an",
        "his",
        "her",
        "its",
        "their",
        "this",
        "that",
        "these",
        "those",
        "some",
        "all",
        "both",
        "alle",
        "beide",
        "beiden",
    ]
)
_PRONOUNS = frozenset(
    ["er", "sie", "es", "wir", "ich", "man", "he", "she", "it", "they", "we", "i"]
)
_JOINS = frozenset(["und", "and", "or", "oder", "&", "sowie"])
# "most of the windows" are windows.
_SHARES = frozenset(
    [
        "most",
        "all",
        "some",
        "many",
        "one",
        "two",
        "three",
        "half",
        "each",
        "none",
        "several",
        "any",
        "part",
        "meisten",
        "alle",
        "einige",
        "viele",
        "hälfte",
        "drittel",
        "viertel",
        "mehrheit",
        "großteil",
        "teil",
        "majority",
    ]
)
_MOST_BETWEEN = 3


@dataclass(frozen=True)
class Group:
    """A noun group."""

    words: tuple[ContentWord, ...]
    roles: frozenset[str]
    """What it may be: "agent", "patient", or labels of prepositions."""
    chunk: int
    subject: bool = False
    """Whether the verb of its clause is told of it."""

    @property
    def head(self) -> ContentWord:
        """The word that names it."""
        return self.words[-1]


@lru_cache(maxsize=512)
def groups_of(text: Analysis) -> tuple[Group, ...]:
    """The noun groups of a text with their roles."""
    result: list[Group] = []
    for chunk in sorted(set(text.chunks)):
        members = [word for word in text.words if text.chunks[word.place] == chunk]
        runs = _runs([word for word in members if word.pos != "verb"], text)
        passive = is_passive(text.chunk_pairs(chunk), text.language)
        result += _with_roles(runs, text, chunk, passive=passive)
    return tuple(result)


def _runs(words: list[ContentWord], text: Analysis) -> list[list[ContentWord]]:
    """Adjacent words that make one group; of German ones only those with a noun in it."""
    runs: list[list[ContentWord]] = []
    for word in words:
        glued = runs and runs[-1][-1].place == word.place - 1
        if glued and not (text.language == "de" and _begins_group(runs[-1][-1], word)):
            runs[-1].append(word)
        else:
            runs.append([word])
    nominal = ("noun", "name")
    if text.language == "de":
        return [run for run in runs if any(word.pos in nominal for word in run)]
    return [
        run for run in runs if any(word.pos in nominal for word in run) or _has_article(run, text)
    ]


def _begins_group(before: ContentWord, word: ContentWord) -> bool:
    """Whether an adjective behind a noun opens the next group."""
    return before.pos in ("noun", "name") and word.pos == "other"


def _has_article(run: list[ContentWord], text: Analysis) -> bool:
    place = run[0].place
    return place > 0 and text.tokens[place - 1].lower in _DETERMINERS


def _with_roles(
    runs: list[list[ContentWord]], text: Analysis, chunk: int, *, passive: bool
) -> list[Group]:
    groups: list[Group] = []
    bare: list[tuple[int, str]] = []
    last_end, last_bare = -5, False
    for run in runs:
        place = run[0].place
        labels, case = _before(text, place)
        begins = place - 1 if place and text.tokens[place - 1].lower in _DETERMINERS else place
        joined = begins > 0 and text.tokens[begins - 1].lower in _JOINS and last_end == begins - 1
        possessive = text.tokens[run[0].place].lower.endswith("'s") and len(run) > 1
        if possessive:
            groups.append(Group((run[0],), frozenset(["of"]), chunk))
        members = tuple(run[1:] if possessive else run)
        if joined and groups:
            groups.append(Group(members, groups[-1].roles, chunk))
            if last_bare and bare:
                bare.append((len(groups) - 1, "joined"))
        elif labels:
            if passive and "by" in labels:
                labels = frozenset(["agent"])
            groups.append(Group(members, labels, chunk))
            last_bare = False
        elif case == "genitive" or (last_end == begins and case in ("genitive", "der")):
            groups.append(Group(members, frozenset(["of"]), chunk))
        else:
            groups.append(Group(members, frozenset(), chunk))
            bare.append((len(groups) - 1, case))
            last_bare = True
        last_end = run[-1].place + 1
    if _is_relative(text, chunk):
        either = frozenset(["agent", "patient"])
        for at, _ in bare:
            groups[at] = replace(groups[at], roles=either)
        return groups
    return _ordered(
        groups,
        bare,
        passive=passive,
        spoken_for=_has_pronoun(text, chunk)
        or (bool(bare) and not passive and _subject_left_out(text, chunk, groups[bare[0][0]])),
    )


def _is_relative(text: Analysis, chunk: int) -> bool:
    """Whether a clause begins with a relative pronoun, which stands for its subject or object."""
    members = [
        token.lower
        for token, place in zip(text.tokens, text.chunks, strict=True)
        if place == chunk and token.kind == "word"
    ]
    if not members:
        return False
    if text.language == "en":
        return bool({"which", "who", "whom", "that", "whose"} & set(members[:2]))
    behind = [word for word in text.words if text.chunks[word.place] == chunk]
    ends = bool(behind) and behind[-1].pos == "verb" and behind[-1].lower == members[-1]
    return chunk > 0 and members[0] in lexicon.relative_pronouns() and ends


def _subject_left_out(text: Analysis, chunk: int, first: Group) -> bool:
    """Whether a clause takes the subject of the one before ("..., but convicted his deputy")."""
    verbs = [word for word in text.words if word.pos == "verb" and text.chunks[word.place] == chunk]
    if not verbs or verbs[0].place > first.words[0].place:
        return False
    if text.language == "en":
        return not verbs[0].lower.endswith("ing")
    places = [
        at
        for at, place in enumerate(text.chunks)
        if place == chunk
        and text.tokens[at].kind == "word"
        and text.tokens[at].lower not in ("und", "aber", "sondern", "doch", "oder")
    ]
    return chunk > 0 and places[0] == verbs[0].place


def _has_pronoun(text: Analysis, chunk: int) -> bool:
    return any(
        token.lower in _PRONOUNS
        for token, place in zip(text.tokens, text.chunks, strict=True)
        if place == chunk
    )


def _before(text: Analysis, place: int) -> tuple[frozenset[str], str]:
    """Labels of the preposition before a group, and the case that its article shows."""
    case = ""
    for back in range(1, _MOST_BETWEEN + 1):
        if place - back < 0:
            break
        token = text.tokens[place - back]
        word = token.lower
        if word in _DETERMINERS and not (word == "an" and text.language == "de"):
            if word in _ACCUSATIVE:
                case = "accusative"
            elif word in _DATIVE:
                case = "dative"
            elif word in _GENITIVE:
                case = "genitive"
            elif word in _NOMINATIVE:
                case = "der"
            continue
        if word in lexicon.breaks() and _has_verb(text, text.chunks[place]):
            break
        labels = lexicon.preposition_labels().get(word)
        if (
            word in ("of", "von", "der")
            and place - back > 0
            and (text.tokens[place - back - 1].lower in _SHARES)
        ):
            break
        if labels and text.chunks[place - back] == text.chunks[place]:
            return labels - {"of"} if case == "accusative" else labels, case
        break
    return frozenset(), case


def _has_verb(text: Analysis, chunk: int) -> bool:
    return any(word.pos == "verb" and text.chunks[word.place] == chunk for word in text.words)


def _ordered(
    groups: list[Group], bare: list[tuple[int, str]], *, passive: bool, spoken_for: bool
) -> list[Group]:
    """The roles of groups without a preposition: by case where it shows, else by order."""
    subject, rest = ("patient", "agent") if passive else ("agent", "patient")
    firm = next((at for at, case in bare if case == "accusative"), None)
    first = not spoken_for
    previous, leads = subject, False
    for at, case in bare:
        before, leads = leads, False
        if case == "joined":
            role, leads = previous, before
        elif case == "accusative":
            role = "patient"
        elif case == "dative":
            role = "to"
        elif first or (firm is not None and case != "accusative"):
            role, first, leads = subject, False, True
        else:
            role = rest if not passive else "other"
        previous = role
        group = groups[at]
        groups[at] = Group(group.words, frozenset([role]), group.chunk, leads)
    return groups


@dataclass(frozen=True)
class _PlacedGroup:
    stated: Group
    held: tuple[Group, ...]


def swapped(
    stated: Analysis, held: Analysis, alignment: Alignment
) -> list[tuple[ContentWord, ContentWord]]:
    """Pairs of words of the statement whose noun groups have changed places."""
    placed = _placed(stated, held, alignment)
    result = []
    for at, one in enumerate(placed):
        for two in placed[at + 1 :]:
            if _disjoint(one, two) and _changed(one, two):
                result.append((one.stated.head, two.stated.head))
    return result


def _placed(stated: Analysis, held: Analysis, alignment: Alignment) -> list[_PlacedGroup]:
    """Groups of the statement with the groups of the quotation that hold their words."""
    by_place = {word.place: group for group in groups_of(held) for word in group.words}
    carried = {link.stated.place: link.held for link in alignment.links}
    result = []
    for group in groups_of(stated):
        found: dict[int, Group] = {}
        hits: dict[int, int] = {}
        for word in group.words:
            if word.pos == "other" and len(group.words) > 1 and word is not group.head:
                continue
            for source in carried.get(word.place, ()):
                if source.place in by_place:
                    begins = by_place[source.place].words[0].place
                    found[begins] = by_place[source.place]
                    hits[begins] = hits.get(begins, 0) + 1
        most = max(hits.values(), default=0)
        best = tuple(found[begins] for begins in found if hits[begins] == most)
        if best:
            result.append(_PlacedGroup(group, best))
    return result


def _disjoint(one: _PlacedGroup, two: _PlacedGroup) -> bool:
    places = {group.words[0].place for group in one.held}
    return not places & {group.words[0].place for group in two.held}


def _changed(one: _PlacedGroup, two: _PlacedGroup) -> bool:
    """Whether each has the other's role in every place of the quotation."""
    verdicts = []
    pairs = [(first, second) for first in one.held for second in two.held]
    together = [(first, second) for first, second in pairs if first.chunk == second.chunk]
    for first, second in together or pairs:
        straight = first.roles & one.stated.roles or second.roles & two.stated.roles
        crossed = first.roles & two.stated.roles and second.roles & one.stated.roles
        kept = first.roles & second.roles
        verdicts.append(bool(crossed and not straight and not kept))
    return bool(verdicts) and all(verdicts)


def of_another(
    stated: Analysis, held: Analysis, alignment: Alignment, values: Sequence[tuple[int, int]]
) -> list[tuple[ContentWord, ContentWord]]:
    """Noun groups of which the statement tells what the quotation tells of another in their role.

    ``values``: places of the statement's values with their places in the quotation.
    """
    placed = _placed(stated, held, alignment)
    used = {group.words[0].place for one in placed for group in one.held}
    anchors = _anchors(stated, alignment, values)
    verbs = {word.place for word in stated.words if word.pos == "verb"}
    result = []
    for one in placed:
        own = {held.clauses[group.head.place] for group in one.held}
        # A clause without a verb takes that of the clause before ("der nach Kiel später").
        takes = not any(
            word.pos == "verb" and held.clauses[word.place] in own for word in held.words
        )
        clauses = {
            held.clauses[there]
            for here, theres in anchors.items()
            if stated.clauses[here] == stated.clauses[one.stated.head.place]
            and len(theres) == 1
            and not (takes and here in verbs)
            for there in theres
        }
        for clause in clauses - own:
            rival = _rival(one, held, clause, used) or _antecedent(one, held, clause)
            if rival is not None:
                result.append((one.stated.head, rival))
                break
    return result


def _anchors(
    stated: Analysis, alignment: Alignment, values: Sequence[tuple[int, int]]
) -> dict[int, set[int]]:
    """What is told of noun groups: verbs, adjectives and values, by their places in both texts."""
    anchors: dict[int, set[int]] = {}
    for link in alignment.links:
        if link.stated.pos in ("verb", "other"):
            anchors.setdefault(link.stated.place, set()).update(word.place for word in link.held)
    for here, there in values:
        anchors.setdefault(here, set()).add(there)
    del stated
    return anchors


def _rival(one: _PlacedGroup, held: Analysis, clause: int, used: set[int]) -> ContentWord | None:
    """A group of ``clause`` in the role that ``one`` has, which the statement leaves out."""
    wanted = one.stated.roles & frozenset().union(*(group.roles for group in one.held))
    if one.stated.subject:
        wanted = one.stated.roles
    for group in groups_of(held):
        if held.clauses[group.head.place] != clause or group.words[0].place in used:
            continue
        alike = group.roles == one.stated.roles or (len(wanted) == 1 and group.roles == wanted)
        names = (group.head.pos == "name") >= (one.stated.head.pos == "name")
        if (
            alike
            and (names or group.subject)
            and (
                not one.stated.subject
                or group.subject
                or one.stated.roles == frozenset(["patient"])
            )
        ):
            return group.head
    return None


def _antecedent(one: _PlacedGroup, held: Analysis, clause: int) -> ContentWord | None:
    """What a relative clause is told of, where the statement tells it of somebody else."""
    chunk = next(held.chunks[at] for at, place in enumerate(held.clauses) if place == clause)
    if not one.stated.subject or not _is_subject_relative(held, chunk):
        return None
    before = [group for group in groups_of(held) if held.chunks[group.head.place] < chunk]
    if not before or any(group.words[0].place == before[-1].words[0].place for group in one.held):
        return None
    return before[-1].head


def _is_subject_relative(text: Analysis, chunk: int) -> bool:
    """Whether the relative pronoun that begins a clause is its subject."""
    places = [
        at
        for at, place in enumerate(text.chunks)
        if place == chunk and text.tokens[at].kind == "word"
    ]
    if not places or not _is_relative(text, chunk):
        return False
    if text.tokens[places[0]].lower not in ("who", "which", "that", "der", "die", "das"):
        return False
    groups = [group for group in groups_of(text) if group.chunk == chunk]
    verbs = [
        word.place for word in text.words if word.pos == "verb" and text.chunks[word.place] == chunk
    ]
    if text.language == "en":
        return bool(verbs) and not any(
            group.words[0].place < verbs[0] and len(group.roles) == 2 for group in groups
        )
    return not any(len(group.roles) == 2 for group in groups) or any(
        token.lower in ("es", "ihn", "sie", "sich")
        for token in text.tokens[places[0] + 1 : places[-1]]
    )


def converse_kept(
    stated: Analysis, held: Analysis, alignment: Alignment
) -> list[tuple[ContentWord, ContentWord]]:
    """Converses ("kaufen" for "verkaufen") of which both texts name the same subject."""
    result = []
    placed = _placed(stated, held, alignment)
    for word, source in alignment.converses:
        same = [
            group
            for one in placed
            if one.stated.subject and one.stated.chunk == stated.chunks[word.place]
            for group in one.held
            if group.subject and group.chunk == held.chunks[source.place]
        ]
        others = [one for one in placed if one.stated.subject]
        if same or not others:
            result.append((word, source))
    return result
