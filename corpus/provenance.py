"""Where a quotation stands in the original, for a citation to name.

In: a document and a span of its text. Out: a :class:`corpus.places.Provenance`. Nothing can fail:
of a document whose places are not known (text that was added without a file, a corpus of an older
belegt) only the headings are.
"""

from __future__ import annotations

from bisect import bisect_right

from corpus.document import Document
from corpus.places import Provenance
from corpus.regions import heading_paths, regions_of


def place_of(document: Document, start: int, end: int) -> Provenance:
    """Where the span ``start`` to ``end`` of ``document``'s text stands."""
    headings = headings_of(document, start)
    if document.places is None:
        return Provenance(headings=headings)
    return document.places.provenance(document.text, start, end, headings)


def headings_of(document: Document, at: int) -> tuple[str, ...]:
    """The headings above the character at ``at``, outermost first."""
    regions = regions_of(document)
    number = bisect_right([region.start for region in regions], at) - 1
    return heading_paths(document.text, regions)[number] if number >= 0 else ()
