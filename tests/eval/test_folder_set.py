"""A person's folder, as made: every file is read as it is, every answer stands where it is said to.

Nothing here asks a model. What only OCR reads is left out where Tesseract is not installed.
"""

from __future__ import annotations

import builtins
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.document import Document
from corpus.loaders import ocr
from eval.folder_set.__main__ import main
from eval.folder_set.contents import FILES
from eval.folder_set.parts import FolderFile, Item, Paragraph, Table, pieces
from eval.metrics.text import PARTS, says_gold
from eval.questionset import find_set
from eval.readers import SetSource, folder
from eval.readers.belegt import questions as read_questions

for _library in ("docx", "odfdo", "reportlab"):
    pytest.importorskip(_library)

READ_BY_OCR = frozenset(
    file.path for file in FILES if file.is_scanned or file.suffix in {".png", ".jpg"}
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("folder")
    assert main([str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def documents(made: Path) -> dict[str, Document]:
    """What belegt reads of each file, by id."""
    base = made / "documents"
    found: dict[str, Document] = {}
    for file in FILES:
        if file.path not in READ_BY_OCR or ocr.is_there():
            source = SetSource((base / file.path), file.path)
            for read in folder.documents(source):
                prefix = file.path.removesuffix(file.name)
                found[prefix + read.document.id] = read.document
    return found


def asked(made: Path) -> list[dict[str, Any]]:
    lines = (made / "questions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def inner_files(files: tuple[FolderFile, ...]) -> Iterator[FolderFile]:
    for file in files:
        yield file
        yield from inner_files(file.inner)


def test_sixty_files_of_all_kinds(made: Path) -> None:
    paths = [path for path in (made / "documents").rglob("*") if path.is_file()]
    assert len(paths) == len(FILES) == 60
    kinds = Counter(path.suffix for path in paths)
    assert set(kinds) == {
        ".pdf", ".png", ".docx", ".odt", ".rtf", ".pptx", ".odp", ".xlsx", ".ods", ".csv", ".tsv",
        ".html", ".mhtml", ".eml", ".mbox", ".epub", ".json", ".jsonl", ".py", ".ics", ".log",
        ".zip", ".txt", ".md",
    }  # fmt: skip
    assert sum(file.is_scanned for file in FILES) == 2
    assert sum(file.columns == 2 for file in FILES) == 2
    assert {file.language for file in FILES} == {"de", "en"}
    assert len([file for file in FILES if "/" in file.path]) > 50


def test_every_file_is_read_without_a_warning(documents: dict[str, Document]) -> None:
    read = {name.partition("!/")[0] for name in documents}
    missed = {file.path for file in FILES} - read
    assert missed <= (frozenset() if ocr.is_there() else READ_BY_OCR)
    assert {name: one.warnings for name, one in documents.items() if one.warnings} == {}
    stated = {file.path: file.language for file in FILES if not file.inner}
    told = {name: one.language for name, one in documents.items() if name in stated}
    assert told == {name: stated[name] for name in told}


def test_forty_questions_of_both_languages(made: Path) -> None:
    rows = asked(made)
    assert Counter(row["language"] for row in rows) == {"de": 20, "en": 20}
    kinds = Counter(row["kind"] for row in rows)
    assert (kinds["across languages"], kinds["unanswerable"], kinds["disagreement"]) == (10, 4, 2)
    assert set(kinds) > {"table", "mail", "slides", "PDF", "scan"}
    assert len({row["question"] for row in rows}) == 40
    for row in rows:
        assert bool(row["answers"]) == bool(row["relevant"]) == row["answerable"]
    assert len(list(read_questions(SetSource(made / "questions.jsonl", "questions.jsonl")))) == 40


def test_each_gold_answer_stands_in_what_is_read_of_its_document(
    made: Path, documents: dict[str, Document]
) -> None:
    for row in asked(made):
        if not row["answerable"] or (not ocr.is_there() and READ_BY_OCR & set(row["relevant"])):
            continue
        held = [documents[name] for name in row["relevant"]]
        languages = {one.language for one in held}
        assert (languages != {row["language"]}) == (row["kind"] == "across languages"), row["id"]
        if row["kind"] == "disagreement":
            sides = row["answers"][0].split(PARTS)
            for side, document in zip(sides, held, strict=True):
                others = [one for one in sides if one != side]
                assert says_gold(document.text, [side], document.language), row["id"]
                assert not says_gold(document.text, others, document.language), row["id"]
            continue
        for document in held:
            assert says_gold(document.text, row["answers"], document.language), row["id"]
            assert len(document.text) > 4 * len(row["answers"][0]), row["id"]


@pytest.mark.skipif(not ocr.is_there(), reason="a set is checked against all of its documents")
def test_the_set_is_one_that_a_run_takes(made: Path) -> None:
    found = find_set(made / "set.toml")
    assert found.default_pairs == ("any-any",)
    assert len(found.questions()) == 40


def test_the_same_bytes_each_time(made: Path, tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    paths = [path for path in made.rglob("*") if path.is_file()]
    differing = [
        path.name
        for path in paths
        if path.read_bytes() != (tmp_path / path.relative_to(made)).read_bytes()
    ]
    assert differing == []


def test_a_library_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.partition(".")[0] == "odfdo":
            raise ModuleNotFoundError("No module named 'odfdo'", name="odfdo")
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main([str(tmp_path)]) == 2
    assert "'odfdo' is not installed; install what it is made by" in capsys.readouterr().err


def test_a_folder_with_other_files_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "mine.txt").write_text("Mein Text.")
    assert main([str(tmp_path)]) == 2
    assert "does not belong to the set" in capsys.readouterr().err


def test_the_markup() -> None:
    found = list(
        pieces(
            "# Titel\n\nAm\n14. Mai, \\\nein Tag\n\n"
            "1. eins am\n14. Mai\n2. zwei\n\n| a | |\n|  | b |"
        )
    )
    assert found[1:] == [
        Paragraph("Am 14. Mai,\nein Tag"),
        Item("eins am 14. Mai", "1."),
        Item("zwei", "2."),
        Table((("a", ""), ("", "b"))),
    ]


def test_no_two_inner_files_of_a_file_share_a_name() -> None:
    for file in inner_files(FILES):
        names = [inner.path for inner in file.inner]
        assert len(set(names)) == len(names), file.path
