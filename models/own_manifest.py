"""The models that a person added, beside those that ship.

In: a cache folder and entries. Out: ``<cache>/models/own.json``, and the manifest of both. What can
fail: a file that is no such list (BelegtError), a folder that cannot be written (OSError).
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from base.errors import BelegtError
from base.files import write_text
from models.manifest import Manifest, ModelEntry, load_manifest

FILE = "own.json"


def with_own(shipped: Manifest, cache: Path) -> Manifest:
    """The models that ship, then those that were added; a shipped name is never replaced."""
    own = [model for model in _own(cache).model if not shipped.knows(model.name)]
    return Manifest(model=(*shipped.model, *own))


def add(cache: Path, model: ModelEntry) -> ModelEntry:
    """Pin ``model``; one of the same bytes stays as it is, one of others gets another name."""
    known = with_own(load_manifest(), cache)
    for present in known.model:
        if present.sha256 == model.sha256:
            return present
    if known.knows(model.name):
        model = model.model_copy(update={"name": f"{model.name}-{model.sha256[:8]}"})
    added = Manifest(model=(*_own(cache).model, model))
    file = cache / "models" / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, added.model_dump_json(indent=2) + "\n")
    return model


def _own(cache: Path) -> Manifest:
    file = cache / "models" / FILE
    try:
        return Manifest.model_validate_json(file.read_text("utf-8"))
    except FileNotFoundError:
        return Manifest(model=())
    except (OSError, ValidationError) as error:
        raise BelegtError(
            f"The list of your own models '{file}' cannot be read; remove it and pull them again."
        ) from error
