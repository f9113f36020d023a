"""Front matter: the YAML block between two lines ``---`` at the top of a file.

In: the text of a file. Out: its fields, all as strings (``2025-06`` stays what was written), and
the text below. What can fail, each a :class:`~base.errors.UsageError` naming the file: a
block that is meant as front matter (its first line is ``key: ...``) but is no YAML, or holds
more than plain values and lists of them. Any other text between rules is just text.
"""

from __future__ import annotations

import re
from pathlib import Path

from base.errors import UsageError

_BLOCK = re.compile(r"---[ \t]*\n(?P<yaml>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n+|\Z)")
_KEY = re.compile(r"(?:\s*(?:#.*)?\n)*[^\W\d][\w .-]*:(?:\s|$)")


def split_front_matter(text: str, path: Path) -> tuple[dict[str, str], str]:
    """Return the fields of ``text`` (keys in lower case) and the text without them."""
    block = _BLOCK.match(text)
    if block is None or not _KEY.match(block["yaml"]):
        return {}, text
    fields = {
        str(key).strip().lower(): _plain(str(key), value, path)
        for key, value in _parse(block["yaml"], path).items()
    }
    return {key: value for key, value in fields.items() if value}, text[block.end() :]


def _parse(source: str, path: Path) -> dict[object, object]:
    import yaml

    try:
        # The base loader makes no objects and leaves every value the string it was.
        found = yaml.load(source, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise UsageError(
            f"The front matter of '{path}' is not valid YAML{where}; put values that have a "
            "colon or quotation marks in quotation marks."
        ) from None
    if not isinstance(found, dict):
        raise UsageError(f"The front matter of '{path}' has no 'key: value' lines; add or drop it.")
    return found


def _plain(key: str, value: object, path: Path) -> str:
    values = value if isinstance(value, list) else [value]
    plain = [item.strip() for item in values if isinstance(item, str)]
    if len(plain) < len(values):
        raise UsageError(
            f"The field '{key}' in the front matter of '{path}' is nested; "
            "use a plain value or a list of plain values."
        )
    return ", ".join(plain)
