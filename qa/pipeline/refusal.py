"""What is said where the documents do not hold the answer.

In: a language, how many passages were read. Out: one sentence or two. Nothing can fail.
"""

from __future__ import annotations

from corpus.document import Language

REFUSAL: dict[Language, str] = {
    "de": "Dazu steht in den Dokumenten nichts.",
    "en": "The documents say nothing about this.",
}
"""How a refusal begins."""

UNSURE: dict[Language, str] = {
    "de": "Dazu steht in den Dokumenten nichts, was die Frage sicher beantwortet.",
    "en": "The documents say nothing that surely answers this.",
}
"""How it begins where something was found that is too unsure to be said."""

_READ: dict[Language, tuple[str, str]] = {
    "de": ("Gelesen wurde {count} Stelle.", "Gelesen wurden {count} Stellen."),
    "en": ("{count} passage was read.", "{count} passages were read."),
}


def refusal_text(language: Language, passages: int, *, unsure: bool = False) -> str:
    """The refusal, and how many passages were read for it; ``unsure``: for words were found."""
    if not passages:
        return REFUSAL[language]
    singular, plural = _READ[language]
    refusal = UNSURE if unsure else REFUSAL
    return f"{refusal[language]} {(singular if passages == 1 else plural).format(count=passages)}"


def missing_part_text(part: str, language: Language) -> str:
    """That one of several questions was not found."""
    if language == "de":
        return f"Zu „{part}“ steht in den Dokumenten nichts."
    return f"The documents say nothing about “{part}”"
