"""Questions for yes or no, made of questions for a value or a name and of the answers to them.

In: a question, an answer to it or a wrong one, the language. Out: the question whether that is so,
or None where its form is not one of those below. Nothing can fail.

"Wer gründete Riva?" with "Anna Berg" becomes "Gründete Anna Berg Riva?", "When was Riva founded?"
with "1998" becomes "Was Riva founded in 1998?". The sentence that answers the one answers the
other, whether the answer is then yes or no.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

from models.forms import Language
from models.training.reading_sets import ReadingText, TextQuestion, lines, sentences_of

_LONGEST_ANSWER = 60
"""Characters; longer ones are clauses, with which no such question is built."""
_AUXILIARIES = frozenset(
    [
        "is", "are", "was", "were", "did", "does", "do", "has", "have", "had", "can", "could",
        "will", "would", "should",
    ]
)  # fmt: skip
_TO_BE = frozenset(["is", "are", "was", "were"])
_PREPOSITIONS = frozenset(
    [
        "in", "on", "at", "since", "from", "by", "before", "after", "until", "during", "near",
        "im", "am", "an", "auf", "seit", "von", "vor", "nach", "bis", "ab", "bei", "zu", "zum",
        "zur", "um", "während", "gegen", "unter", "über",
    ]
)  # fmt: skip
_OPENINGS_DE = ("seit wann", "bis wann", "wann", "wohin", "woher", "wo")
_LAST_VERB = re.compile(r"(?:ge|be|ver|er|ent)\w+(?:t|en)|\w+iert|\w+(?:[^g]e|el|er)n")
"""A participle or an infinitive at a German question's end."""


def yes_no_words(question: str, answer: str, language: Language) -> str | None:
    """``question`` as one for yes or no, about ``answer``."""
    words, answer = question.strip().rstrip("?").split(), answer.strip(" .,;\n")
    if len(words) < 3 or not answer.split() or len(answer) > _LONGEST_ANSWER:
        return None
    made = (_german if language == "de" else _english)(words, answer)
    if made is None:
        return None
    return f"{made[:1].upper()}{made[1:]}?"


def _german(words: Sequence[str], answer: str) -> str | None:
    lowered = [word.lower() for word in words]
    for opening in _OPENINGS_DE:
        size = len(opening.split())
        if " ".join(lowered[:size]) == opening and len(words) > size + 1:
            place = answer
            if not _has_preposition(answer):
                before = "in" if opening == "wo" else "im Jahr" if _is_year(answer) else ""
                place = f"{before} {answer}".strip()
            return _ended(words[size:], place)
    if lowered[0] == "wie":
        return _of_how(words, lowered, answer)
    if lowered[0] == "wer" or (lowered[0] == "was" and lowered[1] in ("ist", "war", "sind")):
        return " ".join([words[1], answer, *words[2:]])
    if lowered[:2] == ["in", "welchem"] and len(words) > 5:
        return _ended(words[3:], answer if _has_preposition(answer) else f"in {answer}")
    return None


def _of_how(words: Sequence[str], lowered: Sequence[str], answer: str) -> str | None:
    """Of a German question that begins with "wie"."""
    if lowered[1] == "viele" and len(words) > 4 and words[3][:1].islower():
        return " ".join([words[3], _counted(answer, words[2]), *words[4:]])
    if lowered[1] in ("heißt", "hieß", "heißen"):
        return " ".join([*words[1:], answer])
    if lowered[2] in ("ist", "war", "sind", "waren") and len(words) > 3:
        return " ".join([*words[2:], answer, *(words[1:2] if answer[:1].isdigit() else ())])
    return None


def _english(words: Sequence[str], answer: str) -> str | None:
    lowered = [word.lower() for word in words]
    first, second, rest = lowered[0], lowered[1], " ".join(words[2:])
    if first in ("when", "where") and second in _AUXILIARIES:
        before = "" if _has_preposition(answer) else "in"
        return " ".join(filter(None, [second, rest, before, answer]))
    if first in ("who", "what") and second in _TO_BE:
        return f"{second} {answer} {rest}"
    if first == "who":
        return f"was it {answer} who {second} {rest}"
    if first == "what" and second in _AUXILIARIES:
        return f"{second} {rest} {answer}"
    if lowered[:2] == ["how", "many"]:
        for at, word in enumerate(lowered[3:8], 3):
            if word in _AUXILIARIES:
                counted = _counted(answer, " ".join(words[2:at]))
                return " ".join([word, *words[at + 1 :], counted])
    return None


def _ended(words: Sequence[str], place: str) -> str:
    """``words`` with ``place`` at their end, before a verb that ends them."""
    if len(words) > 2 and words[-1][:1].islower() and _LAST_VERB.fullmatch(words[-1]):
        return " ".join([*words[:-1], place, words[-1]])
    return " ".join([*words, place])


def _counted(answer: str, counted: str) -> str:
    return answer if " " in answer else f"{answer} {counted}"


def _has_preposition(answer: str) -> bool:
    return answer.split(maxsplit=1)[0].lower() in _PREPOSITIONS


def _is_year(answer: str) -> bool:
    return len(answer) == 4 and answer.isdigit()


def is_other_like(answer: str, right: str) -> bool:
    """Whether it is another answer, and begins with a digit if ``right`` does."""
    return answer != right and answer[:1].isdigit() == right[:1].isdigit()


def as_yes_no(
    question: TextQuestion, text: ReadingText, chance: random.Random
) -> TextQuestion | None:
    """``question`` for yes or no, half of the time with another answer of the text; what answers it
    is the sentence that answers ``question``.
    """
    if not question.spans:
        return None
    right = question.spans[0]
    others = [
        span for other in text.asked for span in other.spans[:1] if is_other_like(span, right)
    ]
    said = chance.choice(others) if others and chance.random() < 0.5 else right
    made = yes_no_words(question.question, said, question.language)
    if made is None:
        return None
    containing = [
        text.text[low:high] for low, high in sentences_of(text.text) if right in text.text[low:high]
    ]
    if len(containing) != 1:
        return None
    return TextQuestion(question.language, made, (containing[0].strip(),))


def condaqa(file: Path) -> list[ReadingText]:
    """Questions of CondaQA on what a negated sentence implies (Ravichander et al. 2022, "CondaQA",
    arXiv:2211.00295), each answered by the one sentence that has the word of negation.
    """
    texts: dict[str, ReadingText] = {}
    for row in lines(file):
        context, cue = str(row["context"]), str(row["cue"])
        negated = [
            context[low:high].strip()
            for low, high in sentences_of(context)
            if re.search(rf"\b{re.escape(cue)}\b", context[low:high], re.IGNORECASE)
        ]
        if len(negated) != 1 or row["answers"][:1] not in (["YES"], ["NO"]):  # type: ignore[index]
            continue
        text = texts.setdefault(
            context, ReadingText(str(row["id"]), "CondaQA", "en", str(row["title"]), context)
        )
        text.asked.append(TextQuestion("en", str(row["question"]), (negated[0],)))
    return list(texts.values())
