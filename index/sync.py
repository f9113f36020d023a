"""A corpus kept in step with folders.

In: folders, and the corpus that holds their documents. Out: a :class:`SyncReport`: what is new,
changed, moved, gone, and what could not be read. What can fail: a corpus that cannot be written; a
folder that holds nothing although documents came from it, which is far more often a disk that is
not mounted than a wish (:class:`~base.errors.UsageError` unless ``allow_empty``).

A file is told by its path relative to the folder that was named, and by the digest of its bytes,
which is only computed where size or time of change differ from what was stored. A file that is gone
while another of the same digest is new was moved: its document keeps its id and all that was
computed from it. What lies in a folder that cannot be read is left as it is.

Each file is one transaction, together with the note of its state, so whatever interrupts a run, the
next one goes on from there and ends where an undisturbed one would have.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from base.errors import UsageError
from corpus.document import Document
from corpus.folder_state import FileState, FolderState
from corpus.folders import SourceFile, Walk, walk
from corpus.loaders import digest, load_documents, printable
from corpus.loaders.assemble import INNER
from corpus.store import CorpusStore
from index.build import AddReport, Indexer, RefusedFile

_PIECE = 1 << 20


@dataclass
class SyncReport(AddReport):
    """What a sync did, or would do; the lists of :class:`AddReport` hold ids of documents."""

    moved: list[str] = field(default_factory=list)
    """Documents whose file has another path now."""
    removed: list[str] = field(default_factory=list)
    """Documents whose file is gone."""
    files: int = 0
    """Files that were looked at."""


@dataclass
class _Plan:
    """What is to be done with one folder."""

    root: Path
    unchanged: list[FileState] = field(default_factory=list)
    touched: list[tuple[SourceFile, str]] = field(default_factory=list)
    """Files with another size or time but the bytes that were stored."""
    moved: list[tuple[FileState, SourceFile, str]] = field(default_factory=list)
    to_read: list[tuple[SourceFile, str]] = field(default_factory=list)
    """New and changed files with the digests of their bytes."""
    gone: list[FileState] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)


class Syncer:
    """Brings one corpus in step with folders."""

    def __init__(self, store: CorpusStore, indexer: Indexer | None) -> None:
        """``indexer`` may be None where nothing but a dry run is wanted."""
        self._store = store
        self._indexer = indexer
        self._state = FolderState(store)

    def sync(
        self,
        folders: Sequence[Path],
        *,
        dry_run: bool = False,
        allow_empty: bool = False,
        on_file: Callable[[str], None] | None = None,
        on_passages: Callable[[int], None] | None = None,
    ) -> SyncReport:
        """Bring the corpus in step with ``folders``; with ``dry_run`` only tell what would be.

        ``on_file`` gets the path of each file that was read, ``on_passages`` numbers of passages
        as they are encoded.
        """
        report = SyncReport()
        plans = [self._plan(folder, report, allow_empty=allow_empty) for folder in folders]
        for plan in plans:
            report.refused += plan.refused
            report.unchanged += [state.document_id for state in plan.unchanged if state.document_id]
            if dry_run:
                self._tell(plan, report)
            else:
                self._carry_out(plan, report, on_file, on_passages)
        return report

    def _plan(self, folder: Path, report: SyncReport, *, allow_empty: bool) -> _Plan:
        root = Path(folder).resolve()
        stored = self._state.of(root)
        found = walk([root]) if root.is_dir() else Walk()
        if stored and not found.files and not allow_empty:
            raise UsageError(
                f"The folder '{printable(root)}' is missing or empty, but {len(stored)} files came "
                "from it; is its disk mounted? Nothing was removed; '--allow-empty' removes them."
            )
        if not root.is_dir() and not stored:
            raise UsageError(f"The folder '{printable(root)}' does not exist; check its spelling.")
        report.files += len(found.files)
        for kind, count in found.left_out.items():
            report.left_out[kind] = report.left_out.get(kind, 0) + count
        plan = _Plan(root)
        plan.refused += [
            RefusedFile(printable(path), reason) for path, reason in found.unreadable.items()
        ]
        self._compare(plan, found, stored)
        return plan

    def _compare(self, plan: _Plan, found: Walk, stored: list[FileState]) -> None:
        known: dict[str, list[FileState]] = {}
        for state in stored:
            known.setdefault(state.path, []).append(state)
        fresh: list[tuple[SourceFile, str]] = []
        for file in found.files:
            before = known.pop(file.relative, None)
            if before and _is_same(before[0], file):
                plan.unchanged += before
                continue
            try:
                now = file_digest(file.path)
            except OSError as error:
                reason = f"cannot be read ({error.strerror}); check its permissions."
                where = printable(file.path)
                plan.refused.append(RefusedFile(where, f"The file '{where}' {reason}"))
                continue
            if before is None:
                fresh.append((file, now))
            elif before[0].digest == now and before[0].document_id:
                plan.touched.append((file, now))
                plan.unchanged += before
            else:
                plan.to_read.append((file, now))
        gone = [
            state
            for states in known.values()
            for state in states
            if not _lies_in(plan.root / state.path, found.unreadable)
        ]
        self._match_moves(plan, fresh, gone)

    def _match_moves(
        self, plan: _Plan, fresh: list[tuple[SourceFile, str]], gone: list[FileState]
    ) -> None:
        """A file that is gone and one that is new with the same bytes are one that was moved."""
        waiting: dict[str, list[FileState]] = {}
        for state in gone + self._state.of_lost_roots(plan.root):
            if state.document_id:
                waiting.setdefault(state.digest, []).append(state)
        taken: set[tuple[str, str, str]] = set()
        for file, now in fresh:
            states = waiting.get(now, [])
            # Of several the one of the same name, else the first.
            name = Path(file.relative).name
            best = next((state for state in states if Path(state.path).name == name), None)
            found = best or (states[0] if states else None)
            if found is None:
                plan.to_read.append((file, now))
                continue
            for same in [other for other in states if other.path == found.path]:
                states.remove(same)
                taken.add((same.root, same.path, same.name))
                plan.moved.append((same, file, now))
        plan.gone = [state for state in gone if (state.root, state.path, state.name) not in taken]

    def _tell(self, plan: _Plan, report: SyncReport) -> None:
        for file, _ in plan.to_read:
            known = self._state.known(plan.root, file.relative)
            (report.replaced if known else report.added).append(printable(file.path))
        report.moved += [state.document_id for state, _, _ in plan.moved if state.document_id]
        report.removed += [state.document_id for state in plan.gone if state.document_id]

    def _carry_out(
        self,
        plan: _Plan,
        report: SyncReport,
        on_file: Callable[[str], None] | None,
        on_passages: Callable[[int], None] | None,
    ) -> None:
        if self._indexer is None:
            raise ValueError("only a dry run needs no indexer")
        with self._store.transaction() if plan.touched else contextlib.nullcontext():
            for file, now in plan.touched:
                self._state.touch(plan.root, file, now)
        for state, file, now in plan.moved:
            self._state.move(state, plan.root, file, now)
            if state.document_id:
                report.moved.append(state.document_id)
        reader = _FileReader(self._store, self._state, plan, report, on_file)
        self._indexer.store_documents(reader.documents(), report, on_passages, reader.note)
        for state in plan.gone:
            self._state.forget(state)
            if state.document_id:
                report.removed.append(state.document_id)
        self._indexer.save()


class _FileReader:
    """Reads the new and changed files of a plan, and notes what became of each."""

    def __init__(
        self,
        store: CorpusStore,
        state: FolderState,
        plan: _Plan,
        report: SyncReport,
        on_file: Callable[[str], None] | None,
    ) -> None:
        self._store = store
        self._state = state
        self._plan = plan
        self._report = report
        self._on_file = on_file
        self._reading: dict[str, tuple[SourceFile, str, str]] = {}

    def documents(self) -> Iterator[Document]:
        """The documents that have to be stored."""
        moved = [(file, now) for _, file, now in self._plan.moved]
        for file, now in [*dict.fromkeys(moved), *self._plan.to_read]:
            yield from self._of_file(file, now)
            if self._on_file is not None:
                self._on_file(str(file.path))

    def _of_file(self, file: SourceFile, now: str) -> Iterator[Document]:
        before = {
            state.name: state for state in self._state.of_file(self._plan.root, file.relative)
        }
        try:
            documents = load_documents(file.path)
        except UsageError as error:
            self._report.refused.append(RefusedFile(printable(file.path), str(error)))
            documents = []
        names = {_name(document) for document in documents}
        for name, state in before.items():
            if name not in names:
                self._state.forget(state)
                if state.document_id:
                    self._report.removed.append(state.document_id)
        for document in documents:
            name = _name(document)
            known = before.get(name)
            document_id = known.document_id if known else None
            kept = document.model_copy(update={"id": document_id or self._state.free_id(document)})
            self._report.warnings += kept.warnings
            if self._store.digest(kept.id) == digest(kept):
                if kept.id not in self._report.moved:
                    self._report.unchanged.append(kept.id)
                self._state.put(self._plan.root, file, name, now, kept.id)
            else:
                self._reading[kept.id] = (file, name, now)
                yield kept

    def note(self, document: Document) -> None:
        """A document is being stored: note the state of its file in the same transaction."""
        file, name, now = self._reading.pop(document.id)
        self._state.put(self._plan.root, file, name, now, document.id)


def _name(document: Document) -> str:
    """The name of a document within its file."""
    return document.path.partition(INNER)[2]


def _is_same(state: FileState, file: SourceFile) -> bool:
    return (
        state.document_id is not None
        and file.size >= 0
        and (state.size, state.modified) == (file.size, file.modified)
    )


def _lies_in(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes; OSError if it cannot be read."""
    told = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            told.update(piece)
    return told.hexdigest()
