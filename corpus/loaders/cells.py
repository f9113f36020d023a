"""Names and headers of cells: what the loaders of tables share.

In: rows of texts. Out: names such as "B7", and whether a row reads like a header. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Sequence

_LOOKED_AT = 20


def cell_name(column: int, row: int) -> str:
    """The spreadsheet's name of a cell, both counted from 0: (1, 6) is "B7"."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def is_header(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether ``row`` names the columns of the rows ``below``.

    It does where it has at least two names, no name twice, no value such as a number or date, and
    something stands below. A year alone may be a name ("2023") unless it is one below as well.
    """
    names = [cell.strip() for cell in row if cell.strip()]
    if len(names) < 2 or len(set(names)) < len(names) or not below:
        return False
    for column, cell in enumerate(row):
        name = cell.strip()
        if not _is_value(name):
            continue
        rows = [other[column].strip() for other in below[:_LOOKED_AT] if column < len(other)]
        if not _is_year(name) or any(_is_year(value) for value in rows):
            return False
    return True


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit() and text[:2] in {"18", "19", "20"}


def _is_value(text: str) -> bool:
    """Whether a text is a number, an amount, a date or a time rather than a name."""
    if not any(character.isdigit() for character in text):
        return False
    letters = sum(character.isalpha() for character in text)
    digits = sum(character.isdigit() for character in text)
    return letters <= 3 and digits >= letters
