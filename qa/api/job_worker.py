"""The thread that works through jobs.

In: jobs that wait in the service's database. Out: a corpus that holds their documents, and jobs
that say what became of each file. What can fail: a file that cannot be read, which is refused with
a sentence; a corpus that cannot be written now, for which the job waits and is tried again; a
fault in belegt itself, which the log has and which costs that file or that job only.

However the process ends, no acknowledged file is lost: its bytes stay in the service's database
until the corpus, on the disk, has the document. What was in work then is begun again, and adding
a document that is there already changes nothing. Of several processes over one corpus one works,
the one that has the lock on ``jobs.lock``, which a dead process loses.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from base.errors import BelegtError, UsageError
from corpus.document import Document
from corpus.loaders.assemble import INNER
from index.build import AddReport
from qa.api.app_state import Service
from qa.api.originals import keep_original
from qa.api.problems import RETRY_S, ProblemError
from qa.api.storage.jobs import ATTEMPTS, Job, JobFile, JobFileState, JobStore, WaitingFile
from qa.api.uploads import PREFIX, documents_of

LOCK = "jobs.lock"
_LOOK_S = 1.0
"""So often jobs are looked for that another process took in."""
_LONGEST_PAUSE_S = 60.0
_TOGETHER = 64_000
"""Bytes of files that are indexed together: about as much as the indexer encodes at once."""
_logger = logging.getLogger("belegt.api")


# What is wrong with the disk or with who else writes, not with a document.
_ELSEWHERE = (BelegtError, ProblemError, OSError, sqlite3.Error)


class _JobStoppedError(Exception):
    """The worker is to end."""


class JobWorker:
    """Works through the jobs of one service, one at a time, in the order they came."""

    def __init__(self, service: Service, jobs: JobStore) -> None:
        self._service = service
        self._jobs = jobs
        self._changing = threading.Lock()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._job_id: str | None = None
        self._encoded = 0

    def start(self) -> None:
        """Begin, as soon as the models are there; ends when the service is closed."""
        self._thread = threading.Thread(target=self._run, name="belegt-jobs", daemon=True)
        self._thread.start()
        self._service.on_close(self.stop)

    def stop(self) -> None:
        """End, in the middle of a document if need be; it is begun again next time."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def stopping(self) -> bool:
        """Whether it ends or has ended, or the server is about to."""
        return self._stop.is_set() or self._service.leaving.is_set()

    def wake(self) -> None:
        """Say that there is a new job."""
        self._wake.set()

    def current_job(self, job_id: str) -> Job:
        """The job of that id with the passages that were encoded a moment ago."""
        job = self._jobs.get(job_id)
        if self._job_id != job_id or job.is_over:
            return job
        return job.model_copy(update={"passages": job.passages + self._encoded})

    @contextlib.contextmanager
    def changing(self, wait_s: float) -> Iterator[None]:
        """The turn to change the corpus, between two steps of a job; ProblemError (503) if none
        comes.

        Without a limit, requests would pile up behind a long job until no thread is left.
        """
        if not self._changing.acquire(timeout=wait_s):
            raise ProblemError(
                503,
                "Documents are being indexed; try again in a moment.",
                headers={"Retry-After": str(RETRY_S)},
            )
        try:
            yield
        finally:
            self._changing.release()

    def _run(self) -> None:
        with contextlib.suppress(_JobStoppedError):
            self._await_models()
            lock = FileLock(self._service.settings.corpus / LOCK)
            while True:
                try:
                    lock.acquire(timeout=0)
                    break
                except Timeout:
                    self._pause(_LOOK_S)
                except OSError as error:
                    # Such a corpus takes no documents, so nothing will have to be done.
                    _logger.warning("the corpus folder cannot be written: %s", error)
                    return
            try:
                self._work()
            finally:
                lock.release()

    def _await_models(self) -> None:
        while True:
            try:
                self._service.require_loaded()
            except ProblemError:
                self._pause(_LOOK_S / 10)
            else:
                return

    def _work(self) -> None:
        pause = _LOOK_S
        is_new = True
        while True:
            try:
                if is_new:
                    self._recover()
                    is_new = False
                while (job := self._jobs.begin_next()) is not None:
                    self._do(job)
                    pause = _LOOK_S
            except _ELSEWHERE as error:
                # Nothing is lost by waiting.
                _logger.warning("jobs have to wait: %s", error)
                is_new = True
                self._pause(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
            else:
                self._wake.wait(_LOOK_S)
                self._wake.clear()
            if self._stop.is_set():
                raise _JobStoppedError

    def _pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise _JobStoppedError

    def _recover(self) -> None:
        self._jobs.recover()
        for left in self._service.settings.corpus.glob(f"{PREFIX}*"):
            shutil.rmtree(left)

    def _do(self, job: Job) -> None:
        self._job_id, self._encoded = job.id, 0
        try:
            if job.kind == "add":
                self._add(job)
            else:
                self._reindex(job)
        except (_JobStoppedError, *_ELSEWHERE) as error:
            reason = None if isinstance(error, _JobStoppedError) else f"Waiting: {error}"
            self._jobs.put_back(job.id, reason)
            raise
        except Exception:
            _logger.exception("job %s failed", job.id)
            self._jobs.finish(job.id, failure="An error in belegt; the server's log says more.")
        finally:
            self._job_id = None

    def _add(self, job: Job) -> None:
        folder = self._service.settings.corpus
        while files := self._jobs.waiting_files(job.id, _TOGETHER):
            settled, documents = _read(files, folder)
            settled |= self._put(documents)
            for file in files:
                if settled[file.place].state in {"added", "replaced"}:
                    first = documents[file.place][0]
                    keep_original(folder, first.id, file.name, file.content)
            passages, self._encoded = self._encoded, 0
            self._jobs.settle(job.id, settled, passages)
        self._jobs.finish(job.id)

    def _put(self, documents: dict[int, list[Document]]) -> dict[int, JobFile]:
        """Have the corpus hold ``documents``; one that it cannot take costs no other."""
        if not documents:
            return {}
        try:
            with self._changing, self._service.library.writing() as (store, indexer):
                store.make_durable()
                every = [document for several in documents.values() for document in several]
                report = indexer.add_documents(every, self._count)
        except (_JobStoppedError, *_ELSEWHERE):
            raise
        except Exception:
            _logger.exception("uploaded documents could not be indexed")
            if len(documents) > 1:
                alone = (self._put({place: several}) for place, several in documents.items())
                return {place: file for found in alone for place, file in found.items()}
            return {place: _odd(_name(several[0])) for place, several in documents.items()}
        return {place: _outcome(several, report) for place, several in documents.items()}

    def _reindex(self, job: Job) -> None:
        failure = None
        with self._changing, self._service.library.writing() as (store, indexer):
            if job.document_id is None:
                indexer.rebuild(self._count)
            elif store.digest(job.document_id) is None:
                failure = f"The document '{job.document_id}' was deleted meanwhile."
            else:
                indexer.reindex(job.document_id, self._count)
        self._jobs.finish(job.id, self._encoded, failure)

    def _count(self, passages: int) -> None:
        """Passages of the present step were encoded; ends it where the worker is to end."""
        self._encoded += passages
        if self._stop.is_set():
            raise _JobStoppedError


def _read(
    files: list[WaitingFile], folder: Path
) -> tuple[dict[int, JobFile], dict[int, list[Document]]]:
    """Files that are refused, and the documents of the others, by place."""
    refused: dict[int, JobFile] = {}
    documents: dict[int, list[Document]] = {}
    for file in files:
        try:
            _check_attempts(file)
            documents[file.place] = documents_of(file.name, file.content, folder)
        except UsageError as error:
            refused[file.place] = JobFile(name=file.name, state="refused", reason=str(error))
        except _ELSEWHERE:
            raise
        except Exception:
            _logger.exception("an uploaded file could not be read")
            refused[file.place] = _odd(file.name)
    return refused, documents


def _check_attempts(file: WaitingFile) -> None:
    """A file that a process dies of must not take every later process with it."""
    if file.attempts >= ATTEMPTS:
        raise UsageError(
            f"belegt ended {file.attempts} times while it read '{file.name}'; split the file or "
            "leave it out."
        )


def _odd(name: str) -> JobFile:
    reason = f"The file '{name}' could not be taken in; the server's log says more."
    return JobFile(name=name, state="refused", reason=reason)


def _name(document: Document) -> str:
    """The name of the upload that a document came from."""
    return document.path.removeprefix("upload/").partition(INNER)[0]


def _outcome(documents: list[Document], report: AddReport) -> JobFile:
    """What became of a file: of several documents in it, what became of the first that is kept."""
    name = _name(documents[0])
    refused = {file.path: file.reason for file in report.refused}
    kept = [document for document in documents if document.path not in refused]
    if not kept:
        return JobFile(name=name, state="refused", reason=refused[documents[0].path])
    state: JobFileState = "replaced"
    if kept[0].id in report.unchanged:
        state = "unchanged"
    elif kept[0].id in report.added:
        state = "added"
    told = [*kept[0].warnings, *_copies(kept[0], report)]
    return JobFile(name=name, state=state, document_id=kept[0].id, reason=" ".join(told) or None)


def _copies(document: Document, report: AddReport) -> list[str]:
    return [
        f"It is a {copy.kind} of '{copy.of}'." for copy in report.copies if copy.id == document.id
    ]
