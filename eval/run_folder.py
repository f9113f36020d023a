"""The folder of a run: ``run.json`` and ``answers.jsonl``.

In: what the run is (:class:`~eval.record.RunInfo`) and its records, one by one. Out: files that
a killed process leaves in a state from which the next one goes on: every line but the last is
whole, and a torn last line is dropped. What can fail: a folder that holds a run of something
else, a line that is not a record, a folder that cannot be written; each one sentence.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from base.errors import BelegtError, UsageError
from eval.record import QuestionRecord, RunInfo

INFO, ANSWERS = "run.json", "answers.jsonl"
# What may differ between the processes that make one run together.
_MAY_DIFFER = {"started", "ended", "peak_memory_mb", "machine", "commit", "prefill"}


class RunFolder:
    """One run on disk; open for writing in one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def info(self) -> RunInfo:
        """What was run; raises UsageError where ``folder`` is not a run."""
        file = self.folder / INFO
        if not file.is_file():
            raise UsageError(
                f"'{self.folder}' is not a run: it has no {INFO}; give a folder that "
                "'belegt eval run' made."
            )
        try:
            return RunInfo.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise UsageError(
                f"'{file}' is not the description of a run ({error.errors()[0]['msg']}); "
                "run it again into another folder."
            ) from None

    def records(self) -> list[QuestionRecord]:
        """The last whole record of each question, in the order in which they were first made."""
        file = self.folder / ANSWERS
        found = _read(file) if file.is_file() else iter(())
        return list({(one.question.pair, one.question.id): one for one in found}.values())

    def begin(self, info: RunInfo) -> RunInfo:
        """Write ``info``, or take up the run that is there if it is the same one.

        Returns what ``run.json`` says from now on. Raises UsageError if it is another run.
        """
        if not (self.folder / INFO).is_file():
            if (self.folder / ANSWERS).exists():
                raise UsageError(
                    f"'{self.folder}' has {ANSWERS} and no {INFO}, so nobody knows what was asked; "
                    "give another --out."
                )
            self._write_info(info)
            return info
        present = self.info()
        for name in RunInfo.model_fields.keys() - _MAY_DIFFER:
            if getattr(present, name) != getattr(info, name):
                raise UsageError(
                    f"'{self.folder}' holds a run with another {name.replace('_', ' ')} "
                    f"({_short(getattr(present, name))}, now {_short(getattr(info, name))}); "
                    "give another --out."
                )
        return present

    def finish(self, info: RunInfo) -> None:
        """Replace ``run.json``, when all questions are done."""
        self._write_info(info)

    @contextmanager
    def appending(self) -> Iterator[IO[bytes]]:
        """``answers.jsonl``, opened for lines to come, after a torn last line has been cut off.

        Raises BelegtError while another process writes the same run.
        """
        with (self.folder / ANSWERS).open("ab") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BelegtError(
                    f"Another process is writing the run '{self.folder}'; wait for it or give "
                    "another --out."
                ) from None
            cut_torn_line(self.folder / ANSWERS)
            yield stream

    def _write_info(self, info: RunInfo) -> None:
        temporary = self.folder / f"{INFO}.partial"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary.write_text(info.model_dump_json(indent=2) + "\n", encoding="utf-8")
            temporary.replace(self.folder / INFO)
        except OSError as error:
            raise UsageError(
                f"The run cannot be written to '{self.folder}' ({error.strerror}); "
                "give another --out."
            ) from error


def append(stream: IO[bytes], record: QuestionRecord) -> None:
    """Write one line and hand it to the operating system, which outlives this process."""
    stream.write(record.model_dump_json().encode() + b"\n")
    stream.flush()


def _read(file: Path) -> Iterator[QuestionRecord]:
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if not line.endswith(b"\n"):
                return
            try:
                yield QuestionRecord.model_validate_json(line)
            except ValidationError as error:
                raise UsageError(
                    f"'{file}', line {number} is not a record of a run "
                    f"({error.errors()[0]['msg']}); remove the line and run again."
                ) from None


def cut_torn_line(file: Path) -> None:
    """Drop what follows the last line break: it was not written to its end."""
    data = file.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(file, whole)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
