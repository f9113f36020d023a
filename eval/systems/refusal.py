"""Whether a reply says that the sources do not hold the answer.

In: the statements of a system that says so in words only. Out: yes or no. Nothing can fail.

What counts: the first sentence refuses, and no later sentence that does not refuse carries a
marker ("The sources do not say. It was probably in June." is a refusal, "The sources do not say
when; X did it [1]. Y paid [2]." is an answer). A refusal is one of the usual ways in which a model
says so in German or English, whatever the language of the question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eval.record import Statement

EMPTY_RESPONSE = "Empty Response"
"""What LlamaIndex says when it found nothing (``BaseSynthesizer``)."""

_EN_SOURCES = (
    r"(?:sources?|passages?|context|excerpts?"
    r"|(?:provided|given|available|above) (?:information|documents?|texts?))"
)
_EN_NOT = r"(?:do|does|did|can)(?:es)?(?: not|n['’]t)|cannot"
_EN_SAY = (
    r"(?:contain|provide|mention|state|specify|say|give|address|answer|indicate|include|offer"
    r"|discuss|hold|have|tell|cover|explain|describe|reveal|disclose|list)"
)
_EN_GIVEN = r"(?:mentioned|stated|specified|provided|given|contained|included|available|found)"
_DE_SOURCES = (
    r"(?:Quellen?|Textstellen?|Passagen?|Auszügen?|Kontext"
    r"|(?:angegebenen|vorliegenden|bereitgestellten|gegebenen|verfügbaren|genannten)"
    r" (?:Texten?|Dokumenten?|Informationen))"
)
_DE_SAY = (
    r"(?:enthalten|enthält|erwähnen|erwähnt|nennen|nennt|geben|gibt|liefern|liefert|machen|macht"
    r"|sagen|sagt|beantworten|beantwortet|bieten|bietet|beinhalten|beinhaltet)"
)
_DE_NOT = r"(?:nicht|nichts|keine[nrsm]?|kein)"
_DE_GIVEN = r"(?:enthalten|erwähnt|genannt|angegeben|gefunden|zu finden|vorhanden|beschrieben)"

_REFUSALS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_EN_SOURCES}\b[^.;]{{0,40}}\b(?:{_EN_NOT})\b[^.;]{{0,20}}\b{_EN_SAY}\b",
        rf"\bnone of the\b[^.;]{{0,30}}\b{_EN_SOURCES}\b",
        rf"\bno (?:source|information|mention|answer)\b[^.;]{{0,80}}\b{_EN_SOURCES}\b",
        rf"\b{_EN_SOURCES}\b[^.;]{{0,20}}\b{_EN_SAY}s? no (?:information|answer|mention)\b",
        rf"\bnot\b[^.;]{{0,20}}\b{_EN_GIVEN}\b[^.;]{{0,20}}\b{_EN_SOURCES}\b",
        r"\bI (?:do not|don['’]t|cannot|can['’]t) (?:know|answer|find|determine|provide)\b",
        rf"\b{_DE_SOURCES}\b[^.;]{{0,40}}\b{_DE_SAY}\b[^.;]{{0,80}}\b{_DE_NOT}\b",
        rf"\bkeine der\b[^.;]{{0,30}}\b{_DE_SOURCES}\b",
        rf"\b{_DE_NOT}\b[^.;]{{0,60}}\bin (?:den|der|dem|keiner der)\b[^.;]{{0,30}}"
        rf"\b{_DE_SOURCES}\b",
        rf"\bin (?:den|der|dem)\b[^.;]{{0,30}}\b{_DE_SOURCES}\b[^.;]{{0,80}}\b{_DE_NOT}\b"
        rf"(?:[^.;]{{0,30}}\b{_DE_GIVEN}\b)?[^.;]{{0,10}}$",
        r"\bIch (?:weiß|kann)\b[^.;]{0,40}\bnicht\b",
        rf"^{EMPTY_RESPONSE}$",
    )
)


def is_refusal(statements: Sequence[Statement]) -> bool:
    """Whether the reply is a refusal; one without any sentence is."""
    if not statements:
        return True
    return _refuses(statements[0]) and not any(
        one.markers and not _refuses(one) for one in statements[1:]
    )


def _refuses(statement: Statement) -> bool:
    text = statement.text.strip().rstrip(".!")
    return any(pattern.search(text) for pattern in _REFUSALS)
