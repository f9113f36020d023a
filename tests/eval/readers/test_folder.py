from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from eval.readers import SetAbsentError, SetSource, folder


def test_documents_are_called_by_their_path(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.md").write_text("# Hunde\n\nDer Hund schläft unter dem Tisch.\n")
    (tmp_path / "b" / "c.txt").write_text("The dog sleeps under the table.\n")
    documents = [found.document for found in folder.documents(SetSource(tmp_path, "x"))]
    assert [(one.id, one.language) for one in documents] == [("a.md", "de"), ("b/c.txt", "en")]
    assert documents[0].title == "Hunde"
    stated = folder.documents(SetSource(tmp_path, "x", "de"))
    assert {found.document.language for found in stated} == {"de"}


def test_one_file_is_a_folder_of_one(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Ein Satz.\n")
    (found,) = folder.documents(SetSource(tmp_path / "a.md", "x"))
    assert found.document.id == "a.md"


def test_an_absent_folder(tmp_path: Path) -> None:
    with pytest.raises(SetAbsentError, match="not on this machine"):
        list(folder.documents(SetSource(tmp_path / "none", "x")))


def test_a_file_of_several_documents_names_each(tmp_path: Path) -> None:
    (tmp_path / "post").mkdir()
    with zipfile.ZipFile(tmp_path / "post" / "a.zip", "w") as archive:
        archive.writestr("x/b.md", "Der Hund schläft unter dem Tisch.\n")
        archive.writestr("c.txt", "The dog sleeps under the table.\n")
    found = [found.document.id for found in folder.documents(SetSource(tmp_path, "x"))]
    assert found == ["post/a.zip!/c.txt", "post/a.zip!/x/b.md"]
