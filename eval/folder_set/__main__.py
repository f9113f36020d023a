"""The command: see the package."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from base.errors import BelegtError, UsageError
from eval.folder_set.contents import FILES
from eval.folder_set.questions import rows
from eval.folder_set.writing import content_of

_SET = """\
name = "folder"
description = "A person's folder: 60 files of all kinds, and 40 German and English questions"
licence = "as belegt"

[[documents]]
format = "files"
path = "documents"

[[questions]]
format = "belegt"
path = "questions.jsonl"
"""


def write_set(folder: Path) -> int:
    """Write documents, questions and the set file into ``folder``; returns how many documents.

    Raises UsageError where a library is missing, the folder cannot be written, or its documents
    hold a file that does not belong to the set.
    """
    documents = folder / "documents"
    wanted = {documents / file.path for file in FILES}
    foreign = sorted(path for path in documents.rglob("*") if path.is_file() and path not in wanted)
    if foreign:
        raise UsageError(
            f"'{foreign[0]}' does not belong to the set; name a folder that is new or was made "
            "by this command."
        )
    try:
        for file in FILES:
            path = documents / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content_of(file))
        lines = [json.dumps(row, ensure_ascii=False) for row in rows()]
        (folder / "questions.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        (folder / "set.toml").write_text(_SET, "utf-8")
    except OSError as error:
        raise UsageError(
            f"'{error.filename}' cannot be written ({error.strerror}); name another folder."
        ) from None
    return len(FILES)


def main(arguments: list[str] | None = None) -> int:
    """Write the set into the folder that is named; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.folder_set",
        description='Make the measure "a person\'s folder": documents, questions and a set file.',
    )
    parser.add_argument("folder", type=Path, metavar="OUT", help="where to write; may be new")
    folder: Path = parser.parse_args(arguments).folder
    try:
        count = write_set(folder)
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code
    print(f"{count} files and {len(rows())} questions: belegt eval run {folder}/set.toml --answers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
