"""A GGUF file of a model hub, found by its name there and pinned by the hub's own digest.

In: ``hf:OWNER/REPO/FILE[@REVISION]``. Out: an entry for a person's own manifest: size, SHA-256 and
the commit, as the hub states them now. What can fail, each one sentence: a name that is none, an
unknown repository, revision or file, a file without a digest, no network. ``HF_ENDPOINT``,
``HF_TOKEN`` and ``HF_HUB_OFFLINE`` work as everywhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from base.errors import BelegtError, UsageError
from models.manifest import HubSource, ModelEntry

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

PREFIX = "hf:"
_FORM = f"{PREFIX}OWNER/REPO/FILE.gguf[@REVISION]"
_PART = r"[A-Za-z0-9][A-Za-z0-9._\-]{0,95}"
_NAME = re.compile(
    rf"({_PART})/({_PART})/((?:{_PART}/){{0,8}}{_PART})(?:@([A-Za-z0-9._/\-]{{1,200}}))?"
)
_SPLIT = re.compile(r"-0*1-of-0*([1-9]\d*)\.gguf$", re.IGNORECASE)


@dataclass(frozen=True)
class HubFile:
    """One file of a hub; ``revision`` is a branch, a tag or a commit."""

    repository: str
    file: str
    revision: str

    @classmethod
    def parse(cls, name: str) -> HubFile:
        """The file that ``name`` means; UsageError where it is no such name."""
        found = _NAME.fullmatch(name.removeprefix(PREFIX))
        if found is None or not name.startswith(PREFIX) or ".." in name:
            raise UsageError(f"'{name}' is no file of a hub; write {_FORM}.")
        owner, repository, file, revision = found.groups()
        if not file.lower().endswith(".gguf"):
            raise UsageError(f"'{file}' is no GGUF file, which belegt needs; write {_FORM}.")
        if _SPLIT.search(file):
            raise UsageError(f"'{file}' is one part of several; choose a model that is one file.")
        return cls(f"{owner}/{repository}", file, revision or "main")


def entry_of(wanted: HubFile) -> ModelEntry:
    """The entry of ``wanted`` as the hub states it now, pinned to the present commit."""
    facts = _facts(wanted)
    sibling = next((one for one in facts.siblings or () if one.rfilename == wanted.file), None)
    if sibling is None:
        there = [one.rfilename for one in facts.siblings or () if one.rfilename.endswith(".gguf")]
        known = ", ".join(there[:20]) or "no GGUF file at all"
        raise UsageError(f"{wanted.repository} has no file '{wanted.file}'; it has {known}.")
    if sibling.lfs is None or not facts.sha:
        raise BelegtError(
            f"The hub states no SHA-256 of '{wanted.file}' in {wanted.repository}; it is not taken."
        )
    card = facts.card_data
    return ModelEntry(
        name=model_name(wanted.file),
        kind="llm",
        use=f"of {wanted.repository}",
        file=wanted.file.rpartition("/")[2],
        size=sibling.lfs.size,
        sha256=sibling.lfs.sha256,
        licence=str(card.get("license") or "not stated") if card else "not stated",
        sources=(
            HubSource(
                kind="hub", repository=wanted.repository, file=wanted.file, revision=facts.sha
            ),
        ),
    )


def model_name(file: str) -> str:
    """What a file is called here: its stem in the letters that names have."""
    stem = file.rpartition("/")[2][: -len(".gguf")].lower()
    return re.sub(r"[^a-z0-9._-]", "-", stem)


def _facts(wanted: HubFile) -> ModelInfo:
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    from models.hub import endpoint

    if constants.HF_HUB_OFFLINE:
        raise BelegtError("HF_HUB_OFFLINE is set; unset it to ask the hub.")
    try:
        return HfApi(endpoint=endpoint()).model_info(
            wanted.repository, revision=wanted.revision, files_metadata=True
        )
    except RevisionNotFoundError as error:
        raise UsageError(
            f"The repository {wanted.repository} has no revision '{wanted.revision}'."
        ) from error
    except RepositoryNotFoundError as error:
        raise UsageError(
            f"The hub has no repository {wanted.repository}, or none that may be read; HF_TOKEN "
            "names who asks."
        ) from error
    except Exception as error:
        raise BelegtError(
            f"The hub cannot be asked for {wanted.repository} ({type(error).__name__}); check the "
            "network, or HF_ENDPOINT."
        ) from error
