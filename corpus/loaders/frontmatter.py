"""Front matter: the YAML block between two lines ``---`` at the top of a file.

In: the text of a file. Out: a :class:`FrontMatter`: its fields, all as strings (``2025-06`` stays
what was written), the text below, and a warning for each field that could not be taken as it
stands. Nothing can fail: notes are written by people and by programs that fill in templates, and a
field that no parser takes is no reason to leave a note out.

What is YAML is read as YAML; nested fields get names with dots ("projekt.name"). What is not is
read line by line, each "key: value" by itself, and each line that stands for anything else is
told. Any other text between rules is just text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_RULE = re.compile(r"---[ \t]*")
_END = re.compile(r"(?:---|\.\.\.)[ \t]*")
_KEY = re.compile(r"(?P<key>[^\W\d][\w .-]{0,80}):(?:\s(?P<value>.*))?")
_TEMPLATE = re.compile(r"\{\{|\}\}|<%|%>")
_MOST_LINES = 500
_DEEPEST = 5


@dataclass(frozen=True)
class FrontMatter:
    """What stands above the text of a note."""

    fields: dict[str, str]
    """Names in lower case and values, empty ones left out."""
    body: str
    """The text below."""
    lines: int = 0
    """How many lines of the file stand above ``body``."""
    warnings: tuple[str, ...] = field(default=())
    """For each odd field a part of a sentence: "the field 'up' is ..."."""


def split_front_matter(text: str) -> FrontMatter:
    """The front matter of ``text``; without one, no fields and all of the text."""
    lines = text.split("\n", _MOST_LINES + 1)
    if not _RULE.fullmatch(lines[0]):
        return FrontMatter({}, text)
    end = next((at for at, line in enumerate(lines[1:], 1) if _END.fullmatch(line)), None)
    if end is None or not _begins_with_a_key(lines[1:end]):
        return FrontMatter({}, text)
    below = end + 1
    while below < len(lines) and not lines[below]:
        below += 1
    fields, warnings = _fields(lines[1:end])
    return FrontMatter(
        fields={key: value for key, value in fields.items() if value},
        body="\n".join(lines[below:]),
        lines=below,
        warnings=tuple(warnings),
    )


def _begins_with_a_key(lines: list[str]) -> bool:
    told = (line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return _KEY.fullmatch(next(told, "").strip()) is not None


def _fields(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    parsed = _yaml("\n".join(lines))
    if parsed is None:
        return _line_by_line(lines)
    fields: dict[str, str] = {}
    warnings: list[str] = []
    for key, value in parsed.items():
        _take(str(key).strip().lower(), value, fields, warnings)
    return fields, warnings


def _yaml(source: str) -> dict[object, object] | None:
    """The mapping that ``source`` is as YAML; None if it is none."""
    import yaml

    if _TEMPLATE.search(source):
        return None
    try:
        # A few aliases can stand for billions of values.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(source, yaml.BaseLoader)):
            return None
        # The base loader makes no objects and leaves every value the string it was.
        found = yaml.load(source, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _take(
    key: str, value: object, fields: dict[str, str], warnings: list[str], depth: int = 1
) -> None:
    """Enter a value under its name; what is nested under names with dots, and told."""
    if isinstance(value, dict) and depth < _DEEPEST:
        names = [(f"{key}.{str(name).strip().lower()}", inner) for name, inner in value.items()]
        if depth == 1:
            listed = ", ".join(f"'{name}'" for name, _ in names)
            warnings.append(f"the field '{key}' is nested; it was taken as {listed}")
        for name, inner in names:
            _take(name, inner, fields, warnings, depth + 1)
        return
    fields[key] = _valid(", ".join(filter(None, _leaves(value))))
    if isinstance(value, list) and any(not isinstance(item, str) for item in value):
        warnings.append(f"the field '{key}' is nested; it was taken as '{fields[key]}'")
    if "\ufffd" in fields[key]:
        warnings.append(f"the field '{key}' has characters that are not valid Unicode")


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield f"{name}: {' '.join(_leaves(item))}"


def _valid(value: str) -> str:
    """``value`` without halves of surrogate pairs, which escapes in YAML can make."""
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _line_by_line(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """The lines "key: value", each by itself."""
    fields: dict[str, str] = {}
    warnings: list[str] = []
    key = ""
    for line in lines:
        stripped = line.strip()
        found = _KEY.fullmatch(stripped)
        if found and not line[:1].isspace():
            key = found["key"].strip().lower()
            value = (found["value"] or "").strip()
            fields[key] = _unquoted(value)
            if _yaml(stripped) is None:
                warnings.append(
                    f"the field '{key}' has the value '{value}', which is no YAML; it was taken "
                    "as it stands"
                )
        elif stripped.startswith("- ") and key:
            fields[key] = ", ".join(filter(None, (fields[key], _unquoted(stripped[2:].strip()))))
        elif stripped and not stripped.startswith("#"):
            warnings.append(f"the line '{stripped[:60]}' is no 'key: value' and was left out")
    return fields, warnings


def _unquoted(value: str) -> str:
    for mark in ("'", '"'):
        if len(value) > 1 and value[0] == value[-1] == mark:
            return value[1:-1]
    return value
