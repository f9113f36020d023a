from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from api_samples import made_service
from fakes import HashingEncoder
from filelock import FileLock
from pytest import MonkeyPatch

from base.errors import BelegtError
from qa.api import job_worker
from qa.api.app_state import Service
from qa.api.job_worker import LOCK, JobWorker
from qa.api.problems import ProblemError
from qa.api.storage import jobs
from qa.api.storage.jobs import ATTEMPTS, Job, JobStore, Upload
from qa.api.storage.records import writing
from qa.api.uploads import PREFIX

TEXT = b"Das Haus liegt in Bonn. Dort arbeiten zehn Menschen."
WAIT_S = 300.0


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made, _ = made_service(tmp_path, empty=True)
    yield made
    made.close()


@pytest.fixture
def store(service: Service) -> JobStore:
    return JobStore(service)


def upload(name: str = "a.txt", content: bytes = TEXT) -> Upload:
    return Upload(name, content)


def ended(store: JobStore, job: Job) -> Job:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        found = store.get(job.id)
        if found.is_over:
            return found
        time.sleep(0.01)
    raise AssertionError(f"the job does not end: {found}")


def started(service: Service, store: JobStore) -> JobWorker:
    worker = JobWorker(service, store)
    worker.start()
    return worker


def paths(service: Service) -> list[str]:
    with service.library.reading() as retriever:
        return sorted(one.path for one in retriever.store.documents())


def test_jobs_are_done_in_order(service: Service, store: JobStore) -> None:
    made = [store.add([upload(content=TEXT + b" Nummer %d." % one)], "edda") for one in range(5)]
    worker = started(service, store)
    found = [ended(store, one) for one in made]
    assert [one.files[0].state for one in found] == ["added", *["replaced"] * 4]
    moments = [one.finished or "" for one in found]
    assert moments == sorted(moments)
    assert worker.current_job(found[0].id) == found[0]
    with service.library.reading() as retriever:
        (info,) = retriever.store.documents()
        assert retriever.store.document(info.id).text.endswith("Nummer 4.")


def test_bytes_are_let_go_of_once_the_corpus_has_them(service: Service, store: JobStore) -> None:
    job = store.add([upload(), upload("b.txt", b"\0")], "edda")
    with writing(service) as connection:
        assert connection.execute("SELECT count(content) FROM uploads").fetchone() == (2,)
    started(service, store)
    assert [one.state for one in ended(store, job).files] == ["added", "refused"]
    with writing(service) as connection:
        assert connection.execute("SELECT count(content) FROM uploads").fetchone() == (0,)


def test_what_another_process_left_is_gone_on_with(service: Service, store: JobStore) -> None:
    job = store.add([upload("a.txt"), upload("b.txt"), upload("c.txt")], "edda")
    running = store.begin_next()
    assert running is not None
    assert running.state == "running"
    store.waiting_files(job.id, 1)
    left = service.settings.corpus / f"{PREFIX}xyz"
    left.mkdir()
    (left / "a.txt").write_bytes(TEXT)
    started(service, store)
    assert [one.state for one in ended(store, job).files] == ["added"] * 3
    assert not left.exists()


def test_a_name_twice_in_one_upload_is_replaced(service: Service, store: JobStore) -> None:
    job = store.add([upload(), upload(content=TEXT + b" Mehr steht hier.")], "edda")
    started(service, store)
    assert [one.state for one in ended(store, job).files] == ["added", "replaced"]


def test_a_stopped_job_is_begun_again(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    encode = HashingEncoder.encode_passages

    def slowly(self: HashingEncoder, texts: Sequence[str], progress: Any = None) -> Any:
        begun.set()
        go_on.wait(WAIT_S)
        return encode(self, texts, progress)

    monkeypatch.setattr(HashingEncoder, "encode_passages", slowly)
    service, _ = made_service(tmp_path, empty=True)
    store = JobStore(service)
    job = store.add([upload()], "edda")
    worker = started(service, store)
    assert begun.wait(WAIT_S)
    assert store.get(job.id).state == "running"
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    while not worker.stopping:
        time.sleep(0.01)
    go_on.set()
    stopping.join(WAIT_S)
    assert store.get(job.id).state == "waiting"
    assert paths(service) == []
    service.close()

    service, _ = made_service(tmp_path, empty=True)
    store = JobStore(service)
    started(service, store)
    assert [one.state for one in ended(store, job).files] == ["added"]
    service.close()


def test_a_corpus_that_cannot_be_written_now_costs_nothing(
    service: Service, store: JobStore, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(job_worker, "_LOOK_S", 0.02)
    monkeypatch.setattr(job_worker, "_LONGEST_PAUSE_S", 0.02)
    monkeypatch.setattr(job_worker, "ATTEMPTS", 2)
    failures = iter([BelegtError("the disk is full"), OSError("no space"), sqlite3.Error("locked")])
    writing_now = service.library.writing

    def sometimes() -> Any:
        for failure in failures:
            raise failure
        return writing_now()

    monkeypatch.setattr(service.library, "writing", sometimes)
    job = store.add([upload()], "edda")
    started(service, store)
    assert [one.state for one in ended(store, job).files] == ["added"]
    assert store.get(job.id).reason is None


def test_a_fault_costs_the_file_it_is_about(
    service: Service, store: JobStore, monkeypatch: MonkeyPatch
) -> None:
    encode = HashingEncoder.encode_passages

    def fail(self: HashingEncoder, texts: Sequence[str], progress: Any = None) -> Any:
        if any("Gift" in text for text in texts):
            raise RuntimeError("poison")
        return encode(self, texts, progress)

    monkeypatch.setattr(HashingEncoder, "encode_passages", fail)
    bad = upload("gift.txt", b"Hier ist Gift in diesem Satz.")
    job = store.add([upload("a.txt"), bad, upload("b.txt")], "edda")
    started(service, store)
    found = ended(store, job)
    assert [one.state for one in found.files] == ["added", "refused", "added"]
    assert "server's log" in str(found.files[1].reason)
    assert "poison" not in str(found.files[1].reason)
    assert paths(service) == ["upload/a.txt", "upload/b.txt"]


def test_a_file_that_processes_die_of_is_given_up(service: Service, store: JobStore) -> None:
    job = store.add([upload("gift.txt"), upload("b.txt")], "edda")
    first = store.waiting_files(job.id, 10**9)
    assert [one.name for one in first] == ["gift.txt", "b.txt"]
    for _ in range(ATTEMPTS):
        assert [one.name for one in store.waiting_files(job.id, 10**9)] == ["gift.txt"]
    started(service, store)
    found = ended(store, job)
    assert [one.state for one in found.files] == ["refused", "added"]
    assert "gift.txt" in str(found.files[0].reason)


def test_one_process_works_at_a_time(service: Service, store: JobStore) -> None:
    job = store.add([upload()], "edda")
    with FileLock(service.settings.corpus / LOCK):
        worker = started(service, store)
        time.sleep(0.2)
        assert store.get(job.id).state == "waiting"
        worker.stop()
    started(service, store)
    assert ended(store, job).state == "done"


def test_a_document_deleted_before_it_is_indexed_again(service: Service, store: JobStore) -> None:
    job = store.reindex("weg", "edda")
    assert store.reindex("weg", "emil").id == job.id
    assert store.reindex(None, "emil").id != job.id
    started(service, store)
    found = ended(store, job)
    assert found.state == "failed"
    assert "deleted meanwhile" in str(found.reason)


def test_waiting_jobs_are_bounded(
    service: Service, store: JobStore, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "WAITING", 2)
    store.add([upload()], "edda", "key")
    store.add([upload()], "edda")
    with pytest.raises(ProblemError) as error:
        store.add([upload()], "edda")
    assert error.value.status == 429
    assert "Retry-After" in error.value.headers
    assert store.add([upload()], "edda", "key").state == "waiting"


def test_old_jobs_are_forgotten_with_their_keys(service: Service, store: JobStore) -> None:
    job = store.add([upload()], "edda", "key")
    started(service, store)
    ended(store, job)
    store.recover()
    assert store.get(job.id).state == "done"
    with writing(service) as connection:
        connection.execute("UPDATE jobs SET finished = '2020'")
    store.recover()
    with pytest.raises(ProblemError) as error:
        store.get(job.id)
    assert error.value.status == 404
    assert store.add([upload("b.txt")], "edda", "key").id != job.id


def test_the_same_upload_at_the_same_time_is_one_job(store: JobStore) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(store.add([upload()], "edda", "key").id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
