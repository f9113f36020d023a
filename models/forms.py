"""The forms in which the reader is asked: what stands before a text, and what stands behind it.

In: a language, a question or a statement. Out: texts of a prompt. Nothing can fail. Training and
use share this module, since a reader knows only the forms that it was trained in.

Every form begins alike: a static prefix, then the text that is read. What is asked of the text, its
tail, stands behind it, so that one reading of a text serves every question and every form. The
adapter acts from the tail on (activated LoRA: Greenewald et al. 2025, arXiv:2504.12397), so that
the reading itself is the base model's.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["de", "en"]

SYSTEM = (
    "Du liest einen Text und gibst genau wieder, was darin steht. "
    "You read a text and give exactly what it says."
)
"""The instruction of every form, in both languages, so that one prefix serves both."""

TEXT = "Text: "
"""What stands before the text, at the beginning of the user's words."""

NOTHING = "nothing"
"""What is answered, in either language, where the text does not hold what is asked for: one token,
so
that its probability is that of its first."""

YES: dict[Language, str] = {"de": "ja", "en": "yes"}
"""A statement is proven by the text."""

NO: dict[Language, str] = {"de": "nein", "en": "no"}
"""A statement is not proven by the text."""

SEPARATOR = "\n"
"""What stands between the spans of one answer."""

_EXTRACT: dict[Language, tuple[str, str]] = {
    "de": (
        "\n\nFrage: ",
        "\nNenne nur die Stelle aus dem Text, die genau das beantwortet; sonst: nothing",
    ),
    "en": (
        "\n\nQuestion: ",
        "\nGive only the words of the text that answer exactly this; otherwise: nothing",
    ),
}
_CHECK: dict[Language, tuple[str, str, str]] = {
    "de": (
        "\n\nFrage: ",
        "\nAntwort: ",
        "\nIst das nach dem Text die Antwort auf genau diese Frage? ja oder nein",
    ),
    "en": (
        "\n\nQuestion: ",
        "\nAnswer: ",
        "\nDoes the text give this as the answer to exactly this question? yes or no",
    ),
}
_PROVE: dict[Language, tuple[str, str]] = {
    "de": ("\n\nAussage: ", "\nIst genau das durch den Text belegt? ja oder nein"),
    "en": ("\n\nStatement: ", "\nIs exactly this proven by the text? yes or no"),
}


def extract_tail(language: Language, *, trained: bool) -> tuple[str, str]:
    """What stands before and behind a question of ``language`` whose words are to be found.

    A ``trained`` reader needs no instruction, which saves each question some twenty tokens.
    """
    before, instruction = _EXTRACT[language]
    return before, "" if trained else instruction


def check_tail(language: Language, *, trained: bool) -> tuple[str, str, str]:
    """What stands before a question, between it and the answer that is checked, and behind both."""
    before, between, instruction = _CHECK[language]
    return before, between, "" if trained else instruction


def prove_tail(language: Language, *, trained: bool) -> tuple[str, str]:
    """What stands before and behind a statement of ``language`` that is to be checked."""
    before, instruction = _PROVE[language]
    return before, "" if trained else instruction


def headed_text(heading: str, text: str) -> str:
    """A text as every form shows it: its heading, where it has one, in a line of its own."""
    joined = " ".join(text.split())
    return f"{' '.join(heading.split())}\n{joined}" if heading.strip() else joined
