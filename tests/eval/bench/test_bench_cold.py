"""The time to the first word of a process, as a person at a terminal sees it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from base.errors import BelegtError
from eval.bench.cold import seconds_to_text


def timed(script: str, folder: Path) -> float:
    return seconds_to_text([sys.executable, "-c", script], os.environ, folder / "log")


def test_it_counts_to_the_first_word_and_ends_the_process(tmp_path: Path) -> None:
    script = (
        "import time, sys; time.sleep(0.2); print('wort', flush=True); "
        "assert sys.stdout.isatty(); time.sleep(60)"
    )
    started = time.perf_counter()
    found = timed(script, tmp_path)
    assert 0.2 <= found <= time.perf_counter() - started < 60


def test_control_sequences_and_blanks_are_no_words(tmp_path: Path) -> None:
    script = (
        "import time; print('\\x1b[2m \\x1b[0m\\n', end='', flush=True); time.sleep(0.3); "
        "print('wort', flush=True)"
    )
    assert timed(script, tmp_path) >= 0.3


def test_what_it_complains_of_is_in_the_log(tmp_path: Path) -> None:
    with pytest.raises(BelegtError, match="without printing") as raised:
        timed("import sys; sys.exit('broken')", tmp_path)
    assert str(tmp_path / "log") in str(raised.value)
    assert "broken" in (tmp_path / "log").read_text()


def test_nothing_stays_running(tmp_path: Path) -> None:
    file = tmp_path / "process"
    script = (
        f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); "
        "print('wort', flush=True); time.sleep(60)"
    )
    timed(script, tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)
