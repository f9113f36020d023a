"""The seam that loaders fill: helpers, separators, and what a block may not be."""

from __future__ import annotations

import pytest

from corpus.loaded import (
    Block,
    LoadedDocument,
    Place,
    Run,
    link_runs,
    separator,
    struck,
    subscript,
    superscript,
    table_row,
    text_block,
)


def test_an_empty_cell_keeps_its_column() -> None:
    row = table_row(["Bonn", "", "64", ""], table=1)
    assert row is not None
    assert row.text == "Bonn |  | 64"
    assert [row.text[start:end] for start, end in row.cells] == ["Bonn", "", "64", ""]


def test_a_row_may_begin_with_empty_cells() -> None:
    row = table_row(["", "", "2023"], table=1, header=True)
    assert row is not None
    assert row.role == "table_header"
    assert row.text[slice(*row.cells[2])] == "2023"
    LoadedDocument((row,)).check()


def test_a_row_of_empty_cells_is_none() -> None:
    assert table_row(["", " "], table=1) is None


def test_cells_keep_their_places() -> None:
    places = [Place(sheet="Lager", cell="A2"), Place(sheet="Lager", cell="B2")]
    row = table_row(["Köln", "12"], places, table=1)
    assert row is not None
    assert [run.place.cell for run in row.runs if run.place] == ["A2", "B2"]


@pytest.mark.parametrize(
    ("raised", "written"),
    [("6", "⁶"), ("-3", "⁻³"), ("n+1", "ⁿ⁺¹"), ("th", "^th"), ("a b", "^(a b)"), (" ", " ")],
)
def test_raised_text(raised: str, written: str) -> None:
    assert superscript(raised) == written


def test_lowered_and_struck_text() -> None:
    assert subscript("2") == "₂"
    assert subscript("max") == "_max"
    assert struck("180 Euro") == "~~180 Euro~~"


@pytest.mark.parametrize(
    ("words", "address", "text"),
    [
        ("Portal", "https://portal.example.org/saal", "Portal (https://portal.example.org/saal)"),
        ("Büro", "mailto:saal@example.org?subject=x", "Büro (saal@example.org)"),
        ("saal@example.org", "mailto:saal@example.org", "saal@example.org"),
        ("https://example.org", "https://example.org/", "https://example.org"),
        ("Kapitel 2", "#kapitel-2", "Kapitel 2"),
        ("", "https://example.org/a", "https://example.org/a"),
    ],
)
def test_the_address_of_a_link_is_part_of_the_text(words: str, address: str, text: str) -> None:
    assert "".join(run.text for run in link_runs(words, address)) == text


def test_a_line_that_is_cut_off_counts() -> None:
    block = text_block("\n\n Halle 3 \n", place=Place(line=5))
    assert block.text == "Halle 3"
    assert block.runs[0].place == Place(line=7)


def test_separators() -> None:
    row = Block("table_row", (Run("a"),), table=1)
    other = Block("table_row", (Run("b"),), table=2)
    item = Block("list_item", (Run("- a"),), table=3, level=1)
    deeper = Block("list_item", (Run("- b"),), table=3, level=2)
    assert separator(None, row) == ""
    assert separator(row, row) == "\n"
    assert separator(row, other) == "\n\n"
    assert separator(item, deeper) == "\n  "
    assert separator(row, Block("paragraph", (Run("c"),), before="\n \n")) == "\n \n"


@pytest.mark.parametrize(
    "block",
    [
        Block("paragraph", ()),
        Block("paragraph", (Run(" a"),)),
        Block("furniture", (Run("Seite 3"),)),
        Block("table_row", (Run("a"),), cells=((0, 2),)),
        Block("table_row", (Run("a"),), cells=((0, 1),), headers=("x", "y")),
        Block("paragraph", (Run("a"),), cells=((0, 1),)),
        Block("paragraph", (Run("ab", edges=(1.0, 2.0)),)),
        Block("paragraph", (Run("a"),), before="\nx"),
    ],
)
def test_a_block_that_contradicts_itself_is_told(block: Block) -> None:
    with pytest.raises(ValueError, match="block 1 of 1"):
        LoadedDocument((block,)).check()
