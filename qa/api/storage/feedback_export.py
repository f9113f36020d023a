"""Judged answers as questions of an evaluation.

In: what a service keeps, and its corpus. Out: questions in belegt's JSON Lines format
(docs/evaluation.md), and with the documents and a set file a whole question set. What can fail: a
file that cannot be written, and no answer with a known verdict, each one sentence.

The verdict on an answer is known if reviewers settled it (:mod:`qa.api.storage.feedback`), or,
where fewer than two have judged, if everybody who said something, person or reviewer, says the same
and a person has. Then

- *right*, answered: the documents of its citations are relevant;
- *right*, not found: no document answers the question;
- *wrong*, *badly cited*, *missing* with a passage that a person gave: its document is relevant,
  and a passage as short as an answer is the answer. A longer one is not, for no answer would
  repeat it word for word.

Anything else says nothing about what is right and is left out, and so is what no longer stands in
the corpus as it was cited.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from base.errors import BelegtError, UsageError
from corpus.filters import Filters
from corpus.store import CorpusStore
from qa.api.storage.feedback import FeedbackVerdict, feedback_of, reviews_of, settle_verdict
from qa.pipeline.answer import Answer

ANSWER_WORDS = 12
"""A passage of at most so many words can be an answer."""
Row = dict[str, Any]


def export_questions(connection: sqlite3.Connection, store: CorpusStore) -> Iterator[Row]:
    """A row for each answer that says what is right, the oldest first."""
    rows = connection.execute(
        "SELECT number, conversation_id, filters, answer FROM answers WHERE "
        "EXISTS (SELECT 1 FROM feedback WHERE answer_id = answers.id) OR "
        "EXISTS (SELECT 1 FROM verdicts WHERE answer_id = answers.id) ORDER BY number"
    )
    for number, conversation_id, filters, text in rows.fetchall():
        answer = Answer.model_validate_json(text)
        verdict = known_verdict(
            [one.verdict for one in feedback_of(connection, answer.id)],
            [one.verdict for one in reviews_of(connection, answer.id)],
        )
        gold = None if verdict is None else _gold(connection, store, answer, verdict)
        searched = _searched_documents(store, Filters.model_validate_json(filters))
        if gold is None or searched is None:
            continue
        before = _before(connection, conversation_id, number)
        row: Row = {"id": answer.id, "question": answer.question, "language": answer.language}
        row |= gold | {"note": f"verdict: {verdict}"}
        row |= {key: one for key, one in (("within", searched), ("before", before)) if one}
        yield row


def known_verdict(
    feedback: list[FeedbackVerdict], reviews: list[FeedbackVerdict]
) -> FeedbackVerdict | None:
    """The verdict that holds, or None; see the module."""
    if len(reviews) > 1:
        return settle_verdict(reviews)
    said = {*feedback, *reviews}
    return said.pop() if feedback and len(said) == 1 else None


def _gold(
    connection: sqlite3.Connection, store: CorpusStore, answer: Answer, verdict: FeedbackVerdict
) -> Row | None:
    if verdict != "right":
        return _gold_passage(connection, store, answer.id)
    if answer.status == "not_found":
        return {"answerable": False, "kind": "unanswerable"}
    cited = [
        one.document_id
        for one in answer.citations
        if _stands(store, one.document_id, one.start, one.quote)
    ]
    return {"relevant": list(dict.fromkeys(cited))} if cited else None


def _gold_passage(connection: sqlite3.Connection, store: CorpusStore, answer_id: str) -> Row | None:
    """From the newest passage that still stands where it did."""
    rows = connection.execute(
        "SELECT document_id, start, quote FROM feedback WHERE answer_id = ? "
        "AND verdict <> 'right' AND document_id IS NOT NULL ORDER BY created DESC",
        (answer_id,),
    )
    for document_id, start, quote in rows:
        if _stands(store, document_id, start, quote):
            said = quote.strip()
            is_short = 0 < len(said.split()) <= ANSWER_WORDS
            place = start + quote.index(said)
            answer = {"answers": [said], "answer_start": place} if is_short else {}
            return {"doc_id": document_id, **answer}
    return None


def _stands(store: CorpusStore, document_id: str, start: int, quote: str) -> bool:
    if store.digest(document_id) is None:
        return False
    return store.document(document_id).text.startswith(quote, start)


def _searched_documents(store: CorpusStore, filters: Filters) -> list[str] | None:
    """Ids of the documents that were looked at, [] for all; None if none of them is left."""
    if filters == Filters():
        return []
    return [one.id for one in store.listed(filters)] or None


def _before(connection: sqlite3.Connection, conversation_id: str | None, number: int) -> list[str]:
    if conversation_id is None:
        return []
    rows = connection.execute(
        "SELECT json_extract(answer, '$.question') FROM answers "
        "WHERE conversation_id = ? AND number < ? ORDER BY number",
        (conversation_id, number),
    )
    return [text for (text,) in rows]


def export(connection: sqlite3.Connection, store: CorpusStore, file: Path) -> int:
    """Write the questions to ``file``; how many.

    ``NAME.jsonl`` gets the questions alone. ``NAME.toml`` is a whole set, which 'belegt eval run'
    takes: ``NAME-questions.jsonl`` and ``NAME-documents.jsonl``, all documents of the corpus, come
    to lie beside it.
    """
    if file.suffix not in (".toml", ".jsonl"):
        raise UsageError(
            f"'{file}' is neither a .toml nor a .jsonl file; name FILE.toml for a whole set, "
            "FILE.jsonl for questions alone."
        )
    rows = list(export_questions(connection, store))
    if not rows:
        raise UsageError(
            f"No answer in '{store.folder}' has a known verdict yet; nothing was exported."
        )
    if file.suffix == ".jsonl":
        _write(file, _lines(rows))
        return len(rows)
    asked = file.with_name(f"{file.stem}-questions.jsonl")
    held = file.with_name(f"{file.stem}-documents.jsonl")
    _write(asked, _lines(rows))
    _write(held, _lines(_documents(store)))
    _write(file, [_set_file(file.stem, asked.name, held.name)])
    return len(rows)


def _documents(store: CorpusStore) -> Iterator[Row]:
    for info in store.documents():
        one = store.document(info.id)
        yield {
            key: value
            for key in ("id", "title", "text", "date", "source", "language")
            if (value := getattr(one, key)) is not None
        }


def _set_file(stem: str, asked: str, held: str) -> str:
    name = "".join(one if one.isascii() and one.isalnum() else "-" for one in stem).lower()
    return (
        f'name = "{name.strip("-") or "feedback"}"\n'
        'description = "Questions that people asked, with what they said of the answers"\n\n'
        f'[[documents]]\nformat = "belegt"\npath = {json.dumps(held)}\n\n'
        f'[[questions]]\nformat = "belegt"\npath = {json.dumps(asked)}\n'
    )


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write(file: Path, lines: Iterable[str]) -> None:
    """Whole or not at all; one line is in memory at a time."""
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            stream.writelines(lines)
        part.replace(file)
    except OSError as error:
        raise BelegtError(
            f"'{file}' cannot be written ({error.strerror}); name another file."
        ) from error
    finally:
        part.unlink(missing_ok=True)
