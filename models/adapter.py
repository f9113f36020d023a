"""The adapter (LoRA) that makes a model answer in belegt's own forms.

In: settings, the digest of the LLM. Out: a GGUF file and its digest, or None. What can fail: a path
that names no file, a file of the manifest that is not here or not what it was (one sentence each).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from base.errors import UsageError
from base.settings import Settings
from models.manifest import load_manifest

FOLDER = Path(__file__).with_name("adapters")
"""Where the adapters of the manifest lie."""
NONE, DEFAULT = "none", "default"
"""Values of BELEGT_ADAPTER that are no path."""


class AdapterFile(BaseModel):
    """A file that fits one model."""

    model_config = ConfigDict(frozen=True)

    file: Path
    """GGUF with ``general.type`` adapter."""
    digest: str
    """SHA-256 of the file."""


def chosen_adapter(settings: Settings, llm_digest: str) -> AdapterFile | None:
    """The adapter that settings name: a file, that of the manifest for this LLM, or none."""
    if settings.adapter == NONE:
        return None
    if settings.adapter != DEFAULT:
        file = Path(settings.adapter).expanduser()
        if not file.is_file():
            raise UsageError(
                f"There is no adapter '{file}'; set BELEGT_ADAPTER to a GGUF file, or to 'none'."
            )
        return AdapterFile(file=file, digest=_digest(file))
    known = next((one for one in load_manifest().adapter if one.llm_sha256 == llm_digest), None)
    if known is None:
        return None
    file = FOLDER / known.file
    if not file.is_file() or _digest(file) != known.sha256:
        raise UsageError(
            f"The adapter '{file}' is missing or is not the one of the manifest; install belegt "
            "again, or set BELEGT_ADAPTER to 'none'."
        )
    return AdapterFile(file=file, digest=known.sha256)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
