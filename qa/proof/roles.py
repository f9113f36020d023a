"""Who does what to whom, as far as order, case, voice and prepositions tell.

In: two analyses and how the words of one rest on the other. Out: pairs of noun groups that have
changed places. Nothing can fail; where the roles cannot be told nothing is reported.

A noun group is named by its last word. Its role is the label of the preposition before it
("from", "than" ...), "agent" or "patient" by order round the verb, turned round in the passive;
German articles that show case go before order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from qa.proof import lexicon
from qa.proof.alignment import Alignment
from qa.proof.analysis import Analysis
from qa.proof.clauses import is_passive
from qa.proof.words import Word

_ACCUSATIVE = frozenset("den einen keinen seinen ihren meinen unseren diesen jenen welchen jeden".split())
_DATIVE = frozenset("dem einem keinem seinem ihrem diesem".split())
_GENITIVE = frozenset("des eines seines ihres dieses".split())
_NOMINATIVE = frozenset(["der"])
_DETERMINERS = frozenset(
    "der die das den dem des ein eine einen einem einer eines seine seinen seinem seiner seines sein "
    "ihre ihren ihrem ihrer ihres ihr dieser diese dieses diesen diesem the a an his her its their "
    "this that these those some all both alle beide beiden".split()
)
_JOINS = frozenset(["und", "and", "or", "oder", "&", "sowie"])
_MOST_BETWEEN = 3


@dataclass(frozen=True)
class Group:
    """A noun group."""

    words: tuple[Word, ...]
    roles: frozenset[str]
    """What it may be: "agent", "patient", or labels of prepositions."""
    chunk: int

    @property
    def head(self) -> Word:
        """The word that names it."""
        return self.words[-1]


@lru_cache(maxsize=512)
def groups_of(text: Analysis) -> tuple[Group, ...]:
    """The noun groups of a text with their roles."""
    result: list[Group] = []
    for chunk in sorted(set(text.chunks)):
        members = [word for word in text.words if text.chunks[word.place] == chunk]
        runs = _runs([word for word in members if word.sort != "verb"], text)
        passive = is_passive(text.chunk_pairs(chunk), text.language)
        result += _with_roles(runs, text, chunk, passive=passive)
    return tuple(result)


def _runs(words: list[Word], text: Analysis) -> list[list[Word]]:
    """Adjacent words that make one group; of German ones only those with a noun in it."""
    runs: list[list[Word]] = []
    for word in words:
        glued = runs and runs[-1][-1].place == word.place - 1
        if glued and not (text.language == "de" and _begins_group(runs[-1][-1], word)):
            runs[-1].append(word)
        else:
            runs.append([word])
    nominal = ("noun", "name")
    if text.language == "de":
        return [run for run in runs if any(word.sort in nominal for word in run)]
    return [run for run in runs if any(word.sort in nominal for word in run) or _has_article(run, text)]


def _begins_group(before: Word, word: Word) -> bool:
    """Whether an adjective behind a noun opens the next group."""
    return before.sort in ("noun", "name") and word.sort == "other"


def _has_article(run: list[Word], text: Analysis) -> bool:
    place = run[0].place
    return place > 0 and text.tokens[place - 1].lower in _DETERMINERS


def _with_roles(
    runs: list[list[Word]], text: Analysis, chunk: int, *, passive: bool
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
            run = run[1:]
        if joined and groups:
            groups.append(Group(tuple(run), groups[-1].roles, chunk))
            if last_bare and bare:
                bare.append((len(groups) - 1, "joined"))
        elif labels:
            if passive and "by" in labels:
                labels = frozenset(["agent"])
            groups.append(Group(tuple(run), labels, chunk))
            last_bare = False
        elif case == "genitive" or (last_end == begins and case in ("genitive", "der")):
            groups.append(Group(tuple(run), frozenset(["of"]), chunk))
        else:
            groups.append(Group(tuple(run), frozenset(), chunk))
            bare.append((len(groups) - 1, case))
            last_bare = True
        last_end = run[-1].place + 1
    return _ordered(groups, bare, passive=passive)


def _before(text: Analysis, place: int) -> tuple[frozenset[str], str]:
    """Labels of the preposition before a group, and the case that its article shows."""
    case = ""
    for back in range(1, _MOST_BETWEEN + 1):
        if place - back < 0:
            break
        token = text.tokens[place - back]
        word = token.lower
        if word in _DETERMINERS:
            if word in _ACCUSATIVE:
                case = "accusative"
            elif word in _DATIVE:
                case = "dative"
            elif word in _GENITIVE:
                case = "genitive"
            elif word in _NOMINATIVE:
                case = "der"
            continue
        labels = lexicon.preposition_labels().get(word)
        if labels and text.chunks[place - back] == text.chunks[place]:
            return labels - {"of"} if case == "accusative" else labels, case
        break
    return frozenset(), case


def _ordered(
    groups: list[Group], bare: list[tuple[int, str]], *, passive: bool
) -> list[Group]:
    """The roles of groups without a preposition: by case where it shows, else by order."""
    subject, rest = ("patient", "agent") if passive else ("agent", "patient")
    firm = next((at for at, case in bare if case == "accusative"), None)
    first = True
    previous = subject
    for at, case in bare:
        if case == "joined":
            role = previous
        elif case == "accusative":
            role = "patient"
        elif case == "dative":
            role = "to"
        elif first or (firm is not None and case != "accusative"):
            role, first = subject, False
        else:
            role = rest if not passive else "other"
        previous = role
        group = groups[at]
        groups[at] = Group(group.words, frozenset([role]), group.chunk)
    return groups


@dataclass(frozen=True)
class _Placed:
    stated: Group
    held: tuple[Group, ...]


def swapped(stated: Analysis, held: Analysis, alignment: Alignment) -> list[tuple[Word, Word]]:
    """Pairs of words of the statement whose noun groups have changed places."""
    placed = _placed(stated, held, alignment)
    result = []
    for at, one in enumerate(placed):
        for two in placed[at + 1 :]:
            if _disjoint(one, two) and _changed(one, two):
                result.append((one.stated.head, two.stated.head))
    return result


def _placed(stated: Analysis, held: Analysis, alignment: Alignment) -> list[_Placed]:
    """Groups of the statement with the groups of the quotation that hold their words."""
    by_place = {word.place: group for group in groups_of(held) for word in group.words}
    carried = {link.stated.place: link.held for link in alignment.links}
    result = []
    for group in groups_of(stated):
        found: dict[int, Group] = {}
        for word in group.words:
            if word.sort == "other" and len(group.words) > 1 and word is not group.head:
                continue
            for source in carried.get(word.place, ()):
                if source.place in by_place:
                    found[by_place[source.place].words[0].place] = by_place[source.place]
        if found:
            result.append(_Placed(group, tuple(found.values())))
    return result


def _disjoint(one: _Placed, two: _Placed) -> bool:
    places = {group.words[0].place for group in one.held}
    return not places & {group.words[0].place for group in two.held}


def _changed(one: _Placed, two: _Placed) -> bool:
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
