"""JSON and JSON Lines files.

In: a file with one JSON value, or one in each line. Out: one document. A list of flat objects is
a table with its keys as columns, a list of plain values a list, any other value a line "key:
value" whose heading path are the keys above it, so that nothing stands without its name. Each
value has its JSON path (``$.orders[2].price``) as its place. What can fail, as UsageError with
line and column: text that is no JSON; nesting deeper than ``DEEPEST``.

Numbers stay written as they are in the file (1.50 stays "1.50"); null is written "null".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from base.errors import UsageError
from corpus.loaded import Block, LoadedDocument, Place, Run, table_row
from corpus.loaders.decode import read_text
from corpus.loaders.pieces import block_of

DEEPEST = 200
_WIDEST = 60


class JsonLoader:
    """Loads JSON and JSON Lines."""

    media_types = ("application/json", "application/jsonl")
    suffixes = (".json", ".jsonl", ".ndjson", ".geojson")

    def load(self, path: Path) -> Sequence[LoadedDocument]:
        """The one document in the file at ``path``."""
        text = read_text(path).text
        try:
            value, kind = parsed(text)
        except json.JSONDecodeError as error:
            raise UsageError(
                f"The file '{path}' is not valid JSON (line {error.lineno}, column {error.colno}: "
                f"{error.msg}); mend it or name it .txt."
            ) from None
        except RecursionError:
            raise UsageError(
                f"The file '{path}' nests its values deeper than {DEEPEST}; flatten it."
            ) from None
        blocks = tuple(_Writer(path).blocks(value))
        if not blocks:
            raise UsageError(f"The file '{path}' holds no value; leave it out.")
        return [LoadedDocument(blocks=blocks, media_type=kind, title=_title(value))]


def parsed(text: str) -> tuple[Any, str]:
    """The value in ``text`` and its media type; JSONDecodeError where it has neither form."""
    try:
        return _value(text), "application/json"
    except json.JSONDecodeError as error:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2:
            raise
        values = []
        for number, line in lines:
            try:
                values.append(_value(line))
            except json.JSONDecodeError as inner:
                if number == lines[0][0]:
                    raise error from None
                inner.lineno = number
                raise
        return values, "application/jsonl"


def _value(text: str) -> Any:
    return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


def _title(value: Any) -> str:
    title = value.get("title") if isinstance(value, dict) else None
    return title if isinstance(title, str) else ""


def _is_plain(value: Any) -> bool:
    return not isinstance(value, (dict, list))


def _text(value: Any) -> str:
    # str() also makes a plain text of a _Number.
    return str(value) if isinstance(value, str) else json.dumps(value)


class _Writer:
    """Turns a value into blocks, outer values first."""

    def __init__(self, path: Path) -> None:
        self._file = path
        self._tables = 0

    def blocks(self, value: Any, path: str = "$", names: tuple[str, ...] = ()) -> Iterator[Block]:
        """The blocks of ``value``, which ``names`` lead to."""
        if len(names) > DEEPEST:
            raise UsageError(
                f"The file '{self._file}' nests its values deeper than {DEEPEST}; flatten it."
            )
        if _is_plain(value):
            yield from self._line(value, path, names)
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from self.blocks(inner, f"{path}.{key}", (*names, key))
        elif _is_table(value):
            yield from self._table(value, path, names)
        elif all(map(_is_plain, value)):
            yield from self._list(value, path, names)
        else:
            for number, inner in enumerate(value):
                yield from self.blocks(inner, f"{path}[{number}]", (*names, str(number + 1)))

    def _line(self, value: Any, path: str, names: tuple[str, ...]) -> Iterator[Block]:
        place = Place(part=path)
        runs = [Run(f"{_label(names)}: ", place)] if names else []
        block = block_of("paragraph", [*runs, Run(_text(value) or '""', place)], path=names[:-1])
        if block is not None:
            yield block

    def _list(self, values: list[Any], path: str, names: tuple[str, ...]) -> Iterator[Block]:
        self._tables += 1
        facts = {"level": 1, "table": self._tables, "path": names}
        for number, value in enumerate(values):
            place = Place(part=f"{path}[{number}]")
            block = block_of("list_item", [Run("- "), Run(_text(value) or '""', place)], **facts)
            if block is not None:
                yield block

    def _table(
        self, rows: list[Mapping[str, Any]], path: str, names: tuple[str, ...]
    ) -> Iterator[Block]:
        self._tables += 1
        table = self._tables
        if names:
            facts = {"table": table, "path": names[:-1]}
            caption = block_of("caption", [Run(_label(names), Place(part=path))], **facts)
            if caption is not None:
                yield caption
        columns = list(dict.fromkeys(key for row in rows for key in row))
        places: list[Place | None] = [Place(part=path)] * len(columns)
        header = table_row(columns, places, header=True, table=table)
        if header is not None:
            yield header
        for number, row in enumerate(rows):
            cells = [_text(row[column]) if column in row else "" for column in columns]
            inner = [Place(part=f"{path}[{number}].{column}") for column in columns]
            built = table_row(cells, inner, table=table)
            if built is not None:
                yield built


def _label(names: tuple[str, ...]) -> str:
    return names[-1].strip() or "value"


def _is_table(value: list[Any]) -> bool:
    """Whether a list holds objects of plain values with much the same keys."""
    if len(value) < 2 or not all(isinstance(row, dict) and row for row in value):
        return False
    if not all(all(map(_is_plain, row.values())) for row in value):
        return False
    keys = {key for row in value for key in row}
    shared = sum(len(row) for row in value) / (len(keys) * len(value))
    return len(keys) <= _WIDEST and shared >= 0.5 and all(key.strip() for key in keys)
