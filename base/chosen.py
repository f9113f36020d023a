"""Which language model answers where no setting says so.

In: a cache folder. Out: the name that ``belegt models use`` wrote there, or the default's. What can
fail: a file that cannot be read or written, a UsageError that names it.
"""

from __future__ import annotations

from pathlib import Path

from base.errors import UsageError
from base.files import write_text

DEFAULT_LLM = "qwen2.5-coder-1.5b-instruct"
_FILE = "chosen-llm.txt"


def chosen_llm(cache: Path) -> str:
    """The name of the chosen language model."""
    file = cache / "models" / _FILE
    try:
        return file.read_text("utf-8").strip() or DEFAULT_LLM
    except FileNotFoundError:
        return DEFAULT_LLM
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The file '{file}', which says which model answers, cannot be read; remove it, or set "
            "BELEGT_LLM."
        ) from error


def choose(cache: Path, name: str) -> None:
    """Have ``name`` answer from now on."""
    file = cache / "models" / _FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, f"{name}\n")
    except OSError as error:
        raise UsageError(
            f"The file '{file}' cannot be written ({error.strerror}); set BELEGT_LLM={name}."
        ) from error
