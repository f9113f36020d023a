"""The command ``belegt`` in process, its two models replaced by those of ``fakes``."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from fakes import HashingEncoder, Script, ScriptedEngine

from base.errors import BelegtError
from base.settings import Settings, load_settings
from corpus.store import DATABASE, CorpusStore, damage_told
from index import build
from models.store import ModelStore
from qa.cli import index_commands
from qa.cli.main import main
from qa.engine.protocol import ClosableEngine
from qa.pipeline import session

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "Wie viele Milliarden Dollar zahlte Meta für Scale AI?"
GOOD = "Meta zahlte 14,3 Milliarden Dollar."
SENTENCE = "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    texts = tmp_path / "texte"
    texts.mkdir()
    (texts / "anteil.md").write_text(
        "---\ntitle: Der Anteil\ndate: 2025-06-13\nsource: Reuters\n---\n"
        "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI. "
        "Der Vertrag wurde im Juni 2025 unterschrieben.\n",
        encoding="utf-8",
    )
    (texts / "layoffs.txt").write_text(
        "Scale AI dismissed 200 employees in July, most of them in labeling.\n", encoding="utf-8"
    )
    return texts


@pytest.fixture(autouse=True)
def models(
    monkeypatch: pytest.MonkeyPatch, encoder: HashingEncoder, engine: ScriptedEngine, folder: Path
) -> None:
    monkeypatch.setattr(index_commands, "load_encoder", lambda _: encoder)
    monkeypatch.setattr(session, "load_encoder", lambda _, **__: encoder)
    monkeypatch.setattr(session, "load_engine", lambda _: engine)
    monkeypatch.setenv("BELEGT_CORPUS", str(folder))
    engine.script = Script(GOOD)


class Shell:
    """Runs a command; ``error`` is what it said on standard error, progress left out."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self.out = ""
        self.error = ""

    def __call__(self, *arguments: str | Path) -> int:
        code = main([str(one) for one in arguments])
        captured = self._capture.readouterr()
        self.out, self.error = captured.out, captured.err
        return code

    def sentences(self) -> list[str]:
        """What was said as errors, each one sentence."""
        assert "Traceback" not in self.error
        lines = [line for line in self.error.splitlines() if line.startswith("belegt: ")]
        return [line for line in lines if not line.endswith("...")]

    def one_sentence(self) -> str:
        """The only thing said; any other line would be a dump."""
        (line,) = self.sentences()
        assert line.endswith(".") or re.search(r"; run: belegt [a-z0-9. -]+$", line)
        others = [
            other
            for other in self.error.splitlines()
            if other.strip() and not other.startswith("belegt: ") and "Adding" not in other
        ]
        assert others == []
        return line


@pytest.fixture
def belegt(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def indexed(belegt: Shell, files: Path, folder: Path) -> Path:
    assert belegt("index", "add", files) == 0
    return folder


def state(folder: Path) -> list[tuple[Any, ...]]:
    """Everything that must not be lost."""
    with sqlite3.connect(folder / DATABASE) as connection:
        return connection.execute("SELECT id, digest, text FROM documents ORDER BY id").fetchall()


# --- what works -----------------------------------------------------------------------------


def test_a_question_and_its_answer(belegt: Shell, indexed: Path) -> None:
    assert belegt("ask", QUESTION) == 0
    assert belegt.out.startswith(f"{SENTENCE} [1]\n")
    assert "[1] Der Anteil · 2025-06-13 · Reuters" in belegt.out
    assert f"„*{SENTENCE}*“" in belegt.out
    assert belegt.error == ""


def test_an_answer_as_json(belegt: Shell, indexed: Path) -> None:
    assert belegt("ask", QUESTION, "--json") == 0
    found = json.loads(belegt.out)
    assert (found["status"], found["question"]) == ("answered", QUESTION)
    (cited,) = found["citations"]
    text = {row[0]: row[2] for row in state(indexed)}[cited["document_id"]]
    assert text[cited["start"] : cited["end"]] == cited["quote"]
    assert Path(cited["path"]).name == "anteil.md"


def test_an_answer_that_is_not_there(belegt: Shell, indexed: Path, engine: ScriptedEngine) -> None:
    engine.script = Script(GOOD, yes_log_odds=-9.0)
    assert belegt("ask", QUESTION) == 3
    assert "Dokumenten nichts" in belegt.out
    assert "beantworten die Frage nicht" in belegt.out
    assert belegt("ask", QUESTION, "--json") == 3
    assert json.loads(belegt.out)["status"] == "not_found"


def test_only_what_comes_after_an_answer_is_prepared_for(
    belegt: Shell, indexed: Path, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_before: list[int] = []

    def prepare(_: float = 0.0) -> bool:
        read_before.append(len(engine.prompts))
        return True

    monkeypatch.setattr(engine, "prepare_prefill", prepare)
    belegt("ask", QUESTION)
    assert read_before == []
    first = len(engine.prompts)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{QUESTION}\n{QUESTION}\n{QUESTION}\n"))
    belegt("ask", "--questions", "-")
    assert len(read_before) == 1
    assert read_before[0] > first


def test_many_questions_in_their_order(
    belegt: Shell, indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [QUESTION, "Wer gründete Zoom im Jahr 1999?", "x" * 20_000, QUESTION]
    text = "\ufeff" + "\n\n".join(asked) + "\n"
    (tmp_path / "fragen.txt").write_text(text, encoding="utf-8")
    assert belegt("ask", "--questions", tmp_path / "fragen.txt", "--json") == 2
    rows = [json.loads(line) for line in belegt.out.splitlines()]
    assert [row["question"] for row in rows] == asked
    assert "20000 characters" in rows[2]["error"]
    assert rows[0]["text"] == rows[3]["text"] == f"{SENTENCE} [1]"
    assert "20000 characters" in belegt.one_sentence()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{QUESTION}\n"))
    assert belegt("ask", "--questions", "-") == 0
    assert belegt.out.startswith(f"*{QUESTION}*")


def test_filters_and_verbosity(belegt: Shell, indexed: Path) -> None:
    assert belegt("ask", QUESTION, "--source", "Reuters", "--verbose") == 0
    assert "first token" in belegt.out
    assert belegt("ask", QUESTION, "--source", "niemand") == 3
    assert belegt("ask", QUESTION, "--since", "2026") == 3
    assert belegt("ask", QUESTION, "--lang", "en", "--doc-lang", "de", "--json") == 0
    assert json.loads(belegt.out)["language"] == "en"


def test_the_life_of_a_corpus(belegt: Shell, indexed: Path, files: Path) -> None:
    assert belegt("index", "add", files, "--json") == 0
    assert len(json.loads(belegt.out)["unchanged"]) == 2
    assert belegt("index", "list", "--json") == 0
    listed = json.loads(belegt.out)
    assert {row["title"] for row in listed} == {"Der Anteil", "layoffs"}
    assert belegt("index", "list") == 0
    assert "2025-06-13 · Reuters · de · 1 passages" in belegt.out
    assert belegt("index", "status", "--json") == 0
    status = json.loads(belegt.out)
    assert (status["documents"], status["dense"], status["encoder"]) == (2, "current", "hashing")
    assert (status["readings"], status["kept_mb"]) == (0, 0.0)
    assert belegt("index", "rebuild", "--json") == 0
    assert json.loads(belegt.out) == {"documents": 2, "passages": 2}
    assert belegt("index", "remove", listed[0]["id"], "--json") == 0
    assert json.loads(belegt.out) == {"removed": listed[0]["id"]}
    assert len(state(indexed)) == 1
    assert belegt("index", "status") == 0
    assert "current" in belegt.out


def test_several_corpora(belegt: Shell, indexed: Path, files: Path, tmp_path: Path) -> None:
    other = tmp_path / "zweiter"
    assert belegt("index", "add", files / "layoffs.txt", "--corpus", other) == 0
    assert len(state(other)) == 1
    assert len(state(indexed)) == 2
    assert belegt("ask", QUESTION, "--corpus", other) == 3


# --- bad use and bad luck -------------------------------------------------------------------


def test_no_documents(belegt: Shell, folder: Path, tmp_path: Path) -> None:
    CorpusStore.open(folder, create=True).close()
    assert belegt("ask", QUESTION) == 2
    assert "is empty; add documents with 'belegt index add" in belegt.one_sentence()
    (tmp_path / "leer").mkdir()
    assert belegt("index", "add", tmp_path / "leer") == 2
    assert "no file of a known format" in belegt.one_sentence()
    assert belegt("index", "list", "--json") == 0
    assert json.loads(belegt.out) == []


@pytest.mark.parametrize(
    "command",
    [["ask", QUESTION], ["index", "list"], ["index", "rebuild"], ["index", "remove", "x"]],
)
def test_a_corpus_that_does_not_exist(belegt: Shell, folder: Path, command: list[str]) -> None:
    assert belegt(*command) == 2
    assert f"no corpus in '{folder}'" in belegt.one_sentence()
    assert "belegt index add" in belegt.error
    assert not folder.exists()


def test_the_state_of_a_corpus_that_does_not_exist(belegt: Shell, folder: Path) -> None:
    assert belegt("index", "status", "--json") == 0
    assert json.loads(belegt.out)["exists"] is False
    assert not folder.exists()


@pytest.mark.parametrize("question", ["", "   "])
def test_an_empty_question(belegt: Shell, indexed: Path, question: str) -> None:
    assert belegt("ask", question) == 2
    assert "question is empty" in belegt.one_sentence()


def test_a_question_of_20000_characters(
    belegt: Shell, indexed: Path, engine: ScriptedEngine
) -> None:
    assert belegt("ask", "Wer? " * 4000) == 2
    assert "19999 characters and at most 4000" in belegt.one_sentence()
    assert engine.prompts == []


@pytest.mark.parametrize("question", ["Wer ist M\udcffller?", "\ud800?"])
def test_a_question_that_is_no_text(belegt: Shell, indexed: Path, question: str) -> None:
    assert belegt("ask", question) == 2
    assert "UTF-8" in belegt.one_sentence()


def test_neither_a_question_nor_a_file_or_both(
    belegt: Shell, indexed: Path, tmp_path: Path
) -> None:
    assert belegt("ask") == 2
    assert "Give one question" in belegt.one_sentence()
    assert belegt("ask", "Wer?", "--questions", "-") == 2
    assert "Give one question" in belegt.one_sentence()
    assert belegt("ask", "--questions", tmp_path / "fehlt.txt") == 2
    assert "fehlt.txt' cannot be read" in belegt.one_sentence()
    (tmp_path / "leer.txt").write_text("\n \n")
    assert belegt("ask", "--questions", tmp_path / "leer.txt") == 2
    assert "no question" in belegt.one_sentence()
    (tmp_path / "latin.txt").write_bytes("Wer ist Müller?".encode("latin-1"))
    assert belegt("ask", "--questions", tmp_path / "latin.txt") == 2
    assert "not UTF-8" in belegt.one_sentence()


@pytest.mark.parametrize("number", ["0", "51", "-1"])
def test_top_k_out_of_bounds(belegt: Shell, indexed: Path, number: str) -> None:
    assert belegt("ask", QUESTION, "--top-k", number) == 2
    assert f"--top-k is {number}; it must be from 1 to 50" in belegt.one_sentence()


def test_a_date_that_is_none(belegt: Shell, indexed: Path) -> None:
    assert belegt("ask", QUESTION, "--since", "13.06.2025") == 2
    assert "'13.06.2025' is not a date; write it as 2025" in belegt.one_sentence()


@pytest.mark.parametrize("arguments", [[], ["ask", "--lang", "fr", "x"], ["nichts"], ["index"]])
def test_bad_arguments_end_with_2(belegt: Shell, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        belegt(*arguments)
    assert ended.value.code == 2


def test_bad_files_cost_themselves_only(
    belegt: Shell, files: Path, folder: Path, tmp_path: Path
) -> None:
    (files / "ungueltig.txt").write_bytes(
        b"Das ist ein Satz mit \xff\xfe\x80 darin, Gr\xc3\xb6\xc3\x9fe."
    )
    (files / "bild.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    (files / "leer.txt").touch()
    assert belegt("index", "add", files, "--json") == 0
    report = json.loads(belegt.out)
    said = belegt.sentences()
    assert any("bild.txt' is damaged" in line for line in said)
    assert any("leer.txt' is empty" in line for line in said)
    assert len(said) == len(report["refused"]) + len(report["warnings"])
    # Invalid UTF-8 is either read with the damage marked or refused, never passed over.
    known = [*report["added"], *(Path(row["path"]).stem for row in report["refused"])]
    assert any(name.startswith("ungueltig") for name in known)
    assert len(known) == 5
    assert belegt("ask", QUESTION) == 0


def test_a_file_name_that_is_no_utf_8(belegt: Shell, files: Path, folder: Path) -> None:
    name = os.fsencode(files) + b"/caf\xe9.txt"
    with open(name, "wb") as stream:  # noqa: PTH123 - a name in bytes
        stream.write(b"Ein Satz steht in dieser Datei.")
    assert belegt("index", "add", files, "--json") == 0
    (refused,) = json.loads(belegt.out)["refused"]
    assert refused["path"].endswith("caf\\udce9.txt")
    assert "is not valid Unicode; rename" in belegt.one_sentence()
    assert len(state(folder)) == 2


def test_only_bad_files(belegt: Shell, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bild.txt").write_bytes(bytes(range(256)) * 20)
    assert belegt("index", "add", tmp_path / "bild.txt") == 2
    assert "binary data" in belegt.one_sentence()
    assert belegt("index", "add", tmp_path / "fehlt.txt") == 2
    assert "does not exist" in belegt.one_sentence()
    assert belegt("index", "status", "--json") == 0


def test_an_index_of_another_encoder(
    belegt: Shell, indexed: Path, files: Path, encoder: HashingEncoder
) -> None:
    other = HashingEncoder(32, name="anderer")
    with CorpusStore.open(indexed) as store:
        store.set_meta("encoder", other.describe().model_dump_json())
    before = state(indexed)
    identity = before[0][0]
    for command in (
        ["ask", QUESTION],
        ["index", "add", str(files)],
        ["index", "remove", identity],
    ):
        assert belegt(*command) == 2
        said = belegt.one_sentence()
        assert "was built by encoder 'anderer'" in said
        assert "belegt index rebuild" in said
    assert state(indexed) == before
    assert belegt("index", "rebuild") == 0
    assert belegt("ask", QUESTION) == 0
    assert state(indexed) == before


@pytest.mark.parametrize("damage", ["deleted", "cut"])
def test_a_dense_index_that_is_gone_or_torn(
    belegt: Shell, indexed: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEGT_EXACT_PASSAGES", "0")
    assert belegt("index", "rebuild") == 0
    before = state(indexed)
    file = next(indexed.glob("dense-*"))
    if damage == "deleted":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])
    assert belegt("index", "status", "--json") == 0
    assert json.loads(belegt.out)["dense"].startswith("will be made again: the file is")
    assert belegt("ask", QUESTION) == 0
    assert "The dense index was made again, because the file is" in belegt.one_sentence()
    assert belegt("ask", QUESTION) == 0
    assert belegt.error == ""
    assert state(indexed) == before


def test_a_database_that_is_gone(belegt: Shell, indexed: Path, files: Path) -> None:
    (indexed / DATABASE).unlink()
    assert belegt("ask", QUESTION) == 2
    assert "no corpus in" in belegt.one_sentence()
    assert belegt("index", "add", files) == 0
    assert belegt("ask", QUESTION) == 0


@pytest.mark.parametrize("keep", [10, 5000, -4096])
def test_a_database_that_is_cut_off(belegt: Shell, indexed: Path, files: Path, keep: int) -> None:
    whole = (indexed / DATABASE).read_bytes()
    (indexed / DATABASE).write_bytes(whole[:keep])
    assert belegt("ask", QUESTION) in (1, 2)
    assert "move it away" in belegt.one_sentence()
    assert belegt("index", "add", files) in (1, 2)
    assert len((indexed / DATABASE).read_bytes()) == len(whole[:keep])


def test_a_read_only_corpus(
    belegt: Shell, indexed: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anywhere, so the answer of the system is replaced.
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    before = (indexed / DATABASE).read_bytes()
    assert belegt("ask", QUESTION) == 0
    identity = state(indexed)[0][0]
    for command in (
        ["index", "add", str(files)],
        ["index", "remove", identity],
        ["index", "rebuild"],
    ):
        assert belegt(*command) == 2
        assert "is read-only; nothing was changed" in belegt.one_sentence()
    assert belegt("ask", QUESTION) == 0
    assert (indexed / DATABASE).read_bytes() == before


def test_a_model_file_that_is_cut_off(
    belegt: Shell, indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qa.engine.local.llama import load_engine

    # The real engine, over a cache whose model lost its second half after it was checked.
    cache = tmp_path / "cache"
    model = ModelStore(cache).manifest.model[0]
    place = cache / "models" / model.name
    place.mkdir(parents=True)
    (place / model.file).write_bytes(b"GGUF" + bytes(1000))
    facts = {"size": model.size, "sha256": model.sha256, "modified_ns": 0}
    record = {
        "model": model.name,
        "source": "test",
        "sha256": model.sha256,
        "conversion": 0,
        "digest": model.sha256,
        "files": {model.file: facts},
    }
    (place / "belegt.json").write_text(json.dumps(record))
    monkeypatch.setattr(session, "load_engine", load_engine)
    monkeypatch.setenv("BELEGT_CACHE", str(cache))
    monkeypatch.setenv("BELEGT_LLM", model.name)
    before = state(indexed)
    assert belegt("ask", QUESTION) in (1, 2)
    said = belegt.one_sentence()
    assert model.name in said
    assert "belegt models pull" in said
    assert state(indexed) == before


def test_a_missing_model_names_the_command(
    belegt: Shell, indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.encoder import load_encoder
    from qa.engine.local.llama import load_engine

    monkeypatch.setenv("BELEGT_CACHE", str(tmp_path / "leer"))
    monkeypatch.setattr(session, "load_engine", load_engine)
    assert belegt("ask", QUESTION) == 2
    assert f"belegt models pull {load_settings().llm}" in belegt.one_sentence()
    monkeypatch.setattr(session, "load_encoder", load_encoder)
    assert belegt("ask", QUESTION) == 2
    assert f"belegt models pull {load_settings().encoder}" in belegt.one_sentence()


def test_interrupted_while_indexing(
    belegt: Shell, files: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_TOGETHER", 1)
    # The first file's two sentences and its passage.
    interrupted = HashingEncoder(interrupt_after=3)
    with monkeypatch.context() as patch:
        patch.setattr(index_commands, "load_encoder", lambda _: interrupted)
        assert belegt("index", "add", files) == 130
    assert "Interrupted; what was finished is kept." in belegt.error
    assert "Traceback" not in belegt.error
    assert len(state(folder)) == 1
    assert belegt("index", "status", "--json") == 0
    assert json.loads(belegt.out)["dense"] == "current"
    assert belegt("index", "add", files, "--json") == 0
    report = json.loads(belegt.out)
    assert (len(report["added"]), len(report["unchanged"])) == (1, 1)
    assert belegt("ask", QUESTION) == 0


SLOW = """
import signal, sys, time
# What is started in the background by a script inherits that Ctrl-C is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv.pop(1))
from fakes import HashingEncoder
from index import build
from qa.cli import index_commands
from qa.cli.main import main
from qa.engine.protocol import ClosableEngine

class Slow(HashingEncoder):
    def encode_passages(self, texts, progress=None):
        result = super().encode_passages(texts, progress)
        print("encoded", flush=True)
        time.sleep(0.2)
        return result

build._TOGETHER = 1
index_commands.load_encoder = lambda _: Slow()
sys.exit(main(sys.argv[1:]))
"""


def test_ctrl_c_while_indexing(belegt: Shell, tmp_path: Path, folder: Path) -> None:
    texts = tmp_path / "viele"
    texts.mkdir()
    for number in range(30):
        (texts / f"{number:02}.txt").write_text(f"Hier steht der Satz {number}.", "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(ROOT / "tests"), "index", "add", str(texts)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    # For each document its sentences and its passages.
    for _ in range(2 * 4):
        assert process.stdout.readline() == "encoded\n"
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Interrupted; what was finished is kept." in error
    assert "Traceback" not in error
    kept = len(state(folder))
    assert 3 <= kept < 30
    assert belegt("index", "status", "--json") == 0
    assert json.loads(belegt.out)["dense"] == "current"
    assert belegt("index", "add", texts, "--json") == 0
    report = json.loads(belegt.out)
    assert (len(report["added"]), len(report["unchanged"])) == (30 - kept, kept)


def test_a_killed_process_loses_only_what_was_open(
    belegt: Shell, tmp_path: Path, folder: Path
) -> None:
    texts = tmp_path / "viele"
    texts.mkdir()
    for number in range(30):
        (texts / f"{number:02}.txt").write_text(f"Hier steht der Satz {number}.", "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(ROOT / "tests"), "index", "add", str(texts)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    # For each document its sentences and its passages.
    for _ in range(2 * 4):
        assert process.stdout.readline() == "encoded\n"
    process.kill()
    process.communicate(timeout=300)
    kept = len(state(folder))
    assert 3 <= kept < 30
    assert belegt("index", "add", texts, "--json") == 0
    assert len(json.loads(belegt.out)["unchanged"]) == kept
    assert belegt("index", "status", "--json") == 0
    assert json.loads(belegt.out)["dense"] == "current"


def test_an_unknown_setting(belegt: Shell, indexed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEGT_TOPK", "3")
    assert belegt("ask", QUESTION) == 2
    assert "Unknown setting BELEGT_TOPK" in belegt.one_sentence()


def test_a_limit_to_memory_reaches_the_engine(
    belegt: Shell, indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[int | None] = []
    load = session.load_engine

    def noting(settings: Settings) -> ClosableEngine:
        limits.append(settings.memory_limit)
        return load(settings)

    monkeypatch.setattr(session, "load_engine", noting)
    assert belegt("ask", QUESTION, "--memory-limit", "4000") == 0
    assert limits == [4000]
    assert belegt("ask", QUESTION, "--memory-limit", "1") == 2
    assert "BELEGT_MEMORY_LIMIT has the value '1'" in belegt.one_sentence()


def test_an_unknown_document(belegt: Shell, indexed: Path) -> None:
    before = state(indexed)
    assert belegt("index", "remove", "fehlt") == 2
    assert "no document 'fehlt'" in belegt.one_sentence()
    assert state(indexed) == before


def test_interrupted_while_asking(
    belegt: Shell, indexed: Path, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qa.cli.ask._show", interrupt)
    assert belegt("ask", QUESTION) == 130
    assert "Interrupted" in belegt.one_sentence()
    assert engine.closed
    assert engine.turns_open == 0


def test_the_engine_is_closed_when_the_corpus_cannot_be_used(
    belegt: Shell, indexed: Path, engine: ScriptedEngine
) -> None:
    with CorpusStore.open(indexed) as store:
        store.set_meta("encoder", HashingEncoder(32).describe().model_dump_json())
    assert belegt("ask", QUESTION) == 2
    assert engine.closed


def test_a_reader_that_has_gone_is_no_error(tmp_path: Path, files: Path, indexed: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "qa.cli.main", "index", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(timeout=300) in (0, 1)


def test_a_database_damaged_in_the_middle_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "corpus.sqlite"
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(20000));")
    connection.close()
    data = bytearray(file.read_bytes())
    data[4096:8192] = b"\xff" * 4096
    file.write_bytes(data)
    with pytest.raises(BelegtError, match="damaged or in use"), damage_told():
        sqlite3.connect(file).execute("SELECT sum(length(x)) FROM t").fetchall()
