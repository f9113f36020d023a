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

_READ: dict[Language, tuple[str, str]] = {
    "de": ("Gelesen wurde {count} Stelle.", "Gelesen wurden {count} Stellen."),
    "en": ("{count} passage was read.", "{count} passages were read."),
}


def refusal_text(language: Language, passages: int) -> str:
    """The refusal, and how many passages were read for it."""
    if not passages:
        return REFUSAL[language]
    singular, plural = _READ[language]
    return f"{REFUSAL[language]} {(singular if passages == 1 else plural).format(count=passages)}"


def missing_part_text(part: str, language: Language) -> str:
    """That one of several questions was not found."""
    if language == "de":
        return f"Zu „{part}“ steht in den Dokumenten nichts."
    return f"The documents say nothing about “{part}”"
