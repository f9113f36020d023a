"""The adapters (LoRA) that lie with belegt: for the LLM, and for the encoder.

In: settings, the digest of the model. Out: a file and its digest, or None. What can fail: a path
that names no file, a file of the manifest that is not here or not what it was (one sentence each).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from base.errors import UsageError
from base.settings import Settings
from models.manifest import AdapterEntry, CrossEncoderEntry, load_manifest

FOLDER = Path(__file__).with_name("adapters")
"""Where the adapters of the manifest lie."""
NONE, DEFAULT = "none", "default"
"""Values of the settings that are no path."""


class AdapterFile(BaseModel):
    """A file that fits one model."""

    model_config = ConfigDict(frozen=True)

    file: Path
    """For an LLM GGUF with ``general.type`` adapter, for an encoder safetensors."""
    digest: str
    """SHA-256 of the file."""


def chosen_adapter(settings: Settings, llm_digest: str) -> AdapterFile | None:
    """The adapter that settings name: a file, that of the manifest for this LLM, or none."""
    fitting = [known for known in load_manifest().adapter if known.llm_sha256 == llm_digest]
    return _chosen("BELEGT_ADAPTER", settings.adapter, "adapter", fitting)


def chosen_cross_encoder(settings: Settings, encoder_digest: str) -> AdapterFile | None:
    """What makes the encoder a cross-encoder, as settings name it: a file, that of the manifest
    for this encoder, or none.
    """
    known = load_manifest().cross_encoder
    fitting = [entry for entry in known if entry.encoder_sha256 == encoder_digest]
    return _chosen("BELEGT_CROSS_ENCODER", settings.cross_encoder, "cross-encoder", fitting)


def _chosen(
    variable: str, value: str, what: str, fitting: Sequence[AdapterEntry | CrossEncoderEntry]
) -> AdapterFile | None:
    """The file that ``value`` names; ``fitting``: those of the manifest for the model in use."""
    if value == NONE:
        return None
    if value != DEFAULT:
        file = Path(value).expanduser()
        if not file.is_file():
            raise UsageError(
                f"There is no {what} '{file}'; set {variable} to a file, or to 'none'."
            )
        return AdapterFile(file=file, digest=_digest(file))
    if not fitting:
        return None
    file = FOLDER / fitting[0].file
    if not file.is_file() or _digest(file) != fitting[0].sha256:
        raise UsageError(
            f"The {what} '{file}' is missing or is not the one of the manifest; install belegt "
            f"again, or set {variable} to 'none'."
        )
    return AdapterFile(file=file, digest=fitting[0].sha256)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
