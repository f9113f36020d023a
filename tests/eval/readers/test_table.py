from __future__ import annotations

from pathlib import Path

import pytest

from base.errors import UsageError
from eval.readers import SetSource, table


def write(folder: Path, text: str, encoding: str = "utf-8") -> SetSource:
    path = folder / "asked.csv"
    path.write_bytes(text.encode(encoding))
    return SetSource(path, "asked.csv")


def test_rows_become_questions(tmp_path: Path) -> None:
    source = write(
        tmp_path,
        "question,answer,source,kind,language\n"
        '"Who, then?",Wang | Alexandr Wang,a.md,plain,en\n'
        "\n"
        "Wie viel?,,b.md|c.md,number,de\n"
        "Wo ist das?,,,,\n",
    )
    first, second, third = (found.question for found in table.questions(source))
    assert (first.id, first.text, first.language) == ("asked-1", "Who, then?", "en")
    assert (first.answers, first.relevant) == (("Wang", "Alexandr Wang"), {"a.md": 1})
    assert (second.answers, second.relevant, second.kind) == ((), {"b.md": 1, "c.md": 1}, "number")
    assert second.answerable
    assert (third.answerable, third.language, third.kind) == (False, "de", "plain")


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-8")])
def test_what_spreadsheets_save(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = [["ID", "Question", "Answer", "Source"], ["7", "Größe?", '"1,5\nMeter"', "a.md"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (found,) = table.questions(write(tmp_path, text, encoding))
    assert (found.question.id, found.question.text) == ("7", "Größe?")
    assert found.question.answers == ("1,5\nMeter",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("question,source\n", "line 1: the column 'answer' is missing"),
        ("question,answer,source,knid\n", "line 1: the column 'knid' is not known; known are"),
        ("question,answer,source,source\n", "line 1: the column 'source' is there twice"),
        ("question,answer,source\na?,b\n", "line 2: the row has 2 cells, the first row 3"),
        ('question,answer,source\n"a\n?",b,c\na?,b,c,d\n', "line 4: the row has 4 cells"),
        ("question,answer,source\n ,b,c\n", "line 2: the question is blank"),
        ('question,answer,source\na?,"b,c\n', "line 2: the row cannot be read as CSV"),
        ("question,answer,source,language\na?,b,c,fr\n", "line 2: the language is 'fr'"),
    ],
)
def test_faulty_tables(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        list(table.questions(write(tmp_path, text)))
    assert f"asked.csv', {said}" in str(caught.value)


def test_an_encoding_of_old_spreadsheets_is_named(tmp_path: Path) -> None:
    source = write(tmp_path, "question,answer,source\nGröße?,b,c\n", "cp1252")
    with pytest.raises(UsageError, match="line 2: byte 3 of the line is not UTF-8; save"):
        list(table.questions(source))
