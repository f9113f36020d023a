"""Citations as plain text.

In: an answer. Out: its text with a footnote for each marker, or, from such a text, what was said
without them. Nothing can fail.
"""

from __future__ import annotations

import re

from qa.pipeline.answer import Answer, Citation

_RULE = "\n\n---\n"
_MARKER = re.compile(r"\s*\[\d{1,4}\]")


def footnotes(answer: Answer) -> str:
    """What stands below the text: a rule and one line for each citation; "" without any."""
    if not answer.citations:
        return ""
    return _RULE + "\n".join(_line(one) for one in answer.citations)


def without_footnotes(text: str) -> str:
    """The text of an earlier answer as it was said, markers and footnotes left out."""
    return _MARKER.sub("", text.split(_RULE, maxsplit=1)[0]).strip()


def _line(citation: Citation) -> str:
    facts = [citation.title, citation.date, citation.source]
    head = ", ".join(" ".join(fact.split()) for fact in facts if fact)
    return f'[{citation.marker}] {head}: "{" ".join(citation.quote.split())}"'
