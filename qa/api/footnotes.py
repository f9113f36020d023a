"""Citations as plain text.

In: citations. Out: a footnote for each, or, from a text with such, what was said without them.
Nothing can fail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.pipeline.answer import Citation

_RULE = "\n\n---\n"
_MARKER = re.compile(r"\s*\[\d{1,4}\]")


def footnotes(citations: Sequence[Citation]) -> str:
    """What stands below a text: a rule and one line for each citation; "" without any."""
    if not citations:
        return ""
    return _RULE + "\n".join(_line(citation) for citation in citations)


def without_footnotes(text: str) -> str:
    """The text of an earlier answer as it was said, markers and footnotes left out."""
    return _MARKER.sub("", text.split(_RULE, maxsplit=1)[0]).strip()


def _line(citation: Citation) -> str:
    facts = [citation.title, citation.date, citation.source]
    head = ", ".join(" ".join(fact.split()) for fact in facts if fact)
    return f'[{citation.marker}] {head}: "{" ".join(citation.quote.split())}"'
