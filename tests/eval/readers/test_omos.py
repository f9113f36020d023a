from __future__ import annotations

import json
from pathlib import Path

import pytest

from base.errors import UsageError
from eval.readers import SetSource, omos


def write(folder: Path, *, page: str = "omos-altstadt-1") -> SetSource:
    pages, asked = folder / "pages.jsonl", folder / "questions.jsonl"
    names = ("omos-altstadt-1", "omos-altstadt-2", "omos-neustadt-1")
    rows = [{"id": name, "title": name, "text": "Hier steht etwas."} for name in names]
    pages.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    usual = {"question": "Was steht hier?", "doc_id": page, "city": "Altstadt"}
    questions = [
        {"id": "q1", "answers": ["Hier steht etwas."], "is_impossible": False} | usual,
        {"id": "q2", "answers": [], "is_impossible": True} | usual,
    ]
    asked.write_text("".join(json.dumps(row) + "\n" for row in questions), "utf-8")
    return SetSource(asked, "questions", "de", originals=pages)


def test_each_question_has_the_pages_of_its_town(tmp_path: Path) -> None:
    (found,) = omos.questions(write(tmp_path))
    assert found.question.within == ("omos-altstadt-1", "omos-altstadt-2")
    assert found.question.answers_are == "sentences"
    assert found.question.gold_documents == {"omos-altstadt-1"}


def test_a_town_without_pages_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 1: no page is of the town of 'omos-seestadt-9'"):
        list(omos.questions(write(tmp_path, page="omos-seestadt-9")))
