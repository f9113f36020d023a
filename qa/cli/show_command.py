"""``belegt index show``: one document as it is stored, and what was marked in it.

In: parsed arguments. Out: the document's facts, its furniture and hidden text with the reason for
each, its copies; with ``--text`` its text, as text or JSON. What can fail: an id that no document
has.
"""

from __future__ import annotations

import argparse
import json

from base.settings import load_settings
from corpus.copies import signature
from corpus.document import Document
from corpus.provenance import place_of
from corpus.regions import regions_of
from corpus.store import CorpusStore

_MARKED = ("furniture", "hidden")


def run(args: argparse.Namespace) -> int:
    """Print one document."""
    settings = load_settings(corpus=args.corpus)
    with CorpusStore.open(settings.corpus) as store:
        document = store.document(args.id)
        copies = store.copies_of(document.id, signature(document.text))
    marked = _marked(document)
    alike = [{"id": copy.document_id, "kind": copy.kind} for copy in copies]
    if args.json:
        facts = document.model_dump(exclude=None if args.text else {"text"})
        print(
            json.dumps({**facts, "marked": marked, "copies": alike}, ensure_ascii=False, indent=2)
        )
        return 0
    shown = " · ".join(fact for fact in (document.date, document.source, document.language) if fact)
    print(f"{document.title} · {shown} · {len(document.text)} characters\n{document.path}")
    for name, value in document.metadata.items():
        print(f"  {name}: {value}")
    for copy in alike:
        print(f"  {copy['kind']} of {copy['id']}")
    print(f"\n{len(marked)} parts are marked: furniture ranks lower, hidden text is no evidence.")
    for part in marked:
        where = f" (line {part['line']})" if part["line"] else ""
        print(f"  {part['role']}, {part['reason']}{where}: {part['text']}")
    if args.text:
        print(f"\n{document.text}")
    return 0


def _marked(document: Document) -> list[dict[str, object]]:
    parts: list[dict[str, object]] = []
    for region in regions_of(document):
        if region.role in _MARKED:
            lines = place_of(document, region.start, region.end).lines
            parts.append(
                {
                    "role": region.role,
                    "reason": region.reason,
                    "line": lines[0] if lines else None,
                    "start": region.start,
                    "end": region.end,
                    "text": document.text[region.start : region.end],
                }
            )
    return parts
