"""Whether two spans name different persons, places or things for one question.

In: two spans, what is asked for. Out: yes or no. Nothing can fail.

Names that differ are told as sides only where that is certain enough: both are names and nothing
else, in one language or of persons, share no word but a title, neither is the other's initials, the
question gives a name that both passages have, and neither passage holds the other's name, for then
it keeps the two apart ("Droege succeeds Wang"; "Berlin, Germany").
"""

from __future__ import annotations

import re

from qa.dialogue.asked import Asked, is_named
from qa.pipeline.extract import FoundSpan
from qa.pipeline.same_thing import whole_text

_LONGEST = 5
"""Words of a name at most."""
_WORD = re.compile(r"[^\W_][\w'’.-]*")
_TITLES = frozenset(
    [
        "professor", "professorin", "prof", "dr", "doctor", "doktor", "herr", "frau", "mr", "mrs",
        "ms", "sir", "dame", "lord", "lady", "dipl", "ing", "mag", "minister", "ministerin",
        "präsident", "präsidentin", "president", "chancellor", "kanzler", "kanzlerin", "judge",
        "richter", "richterin", "captain", "general", "colonel", "bishop", "bischof",
    ]
)  # fmt: skip
"""What two persons may have in common before their names."""
_SMALL = frozenset(
    [
        "von", "van", "der", "den", "de", "di", "da", "du", "del", "dos", "of", "the", "and",
        "und", "for", "für", "zu", "zum", "zur", "bin", "al", "el", "la", "le",
    ]
)  # fmt: skip


def are_different_names(first: FoundSpan, second: FoundSpan, asked: Asked) -> bool:
    """Whether the two name different ones as answers to the same question."""
    # A person is called the same in every language, a place is not.
    comparable = first.language == second.language or asked.sort == "person"
    if not (comparable and _is_name(first, asked) and _is_name(second, asked)):
        return False
    here, there = _words(first.text), _words(second.text)
    if {word.lower() for word in here} & {word.lower() for word in there} - _SMALL:
        return False
    if _initials(here) == "".join(there) or _initials(there) == "".join(here):
        return False
    texts = whole_text(first.shown), whole_text(second.shown)
    if is_named(texts[1], tuple(here)) or is_named(texts[0], tuple(there)):
        return False
    return any(all(is_named(text, name) for text in texts) for name in asked.names)


def _is_name(span: FoundSpan, asked: Asked) -> bool:
    """Whether the span is a name and nothing else.

    In German every noun is written like one, so only answers to who and where are.
    """
    if span.language == "de" and asked.sort not in ("person", "place"):
        return False
    words = _words(span.text)
    telling = [word for word in words if word not in _SMALL]
    if not telling or len(words) > _LONGEST or any(character in span.text for character in ",;:"):
        return False
    return all(word[0].isupper() for word in telling)


def _words(text: str) -> list[str]:
    """The words of a name, titles left out."""
    words = [word.rstrip(".") for word in _WORD.findall(text)]
    return [word for word in words if word.lower() not in _TITLES]


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words if word not in _SMALL)
