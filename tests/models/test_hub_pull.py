"""A stand-in of the hub's protocol, and what is taken from it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import BelegtError, UsageError
from base.settings import load_settings
from models import own_manifest
from models.cli import pull_model, use_model
from models.hub_pull import HubFile, entry_of, model_name
from models.manifest import recommended_readers
from models.store import ModelStore

COMMIT = "c" * 40
BODY = b"GGUF" + bytes(range(256)) * 512
FILE = "q4/Reader-4B.Q4_K_M.gguf"
NAME = f"hf:anna/Reader-GGUF/{FILE}"


@dataclass
class Hub:
    """What the stand-in holds. ``stated``: the SHA-256 that it states of the file."""

    address: str = ""
    body: bytes = BODY
    stated: str | None = hashlib.sha256(BODY).hexdigest()
    asked: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        lfs = {"sha256": self.stated, "size": len(BODY), "pointerSize": 134}
        sibling = {"rfilename": FILE, "size": len(BODY), "blobId": "b" * 40}
        if self.stated is not None:
            sibling["lfs"] = lfs
        return {
            "id": "anna/Reader-GGUF",
            "sha": COMMIT,
            "siblings": [{"rfilename": "README.md", "size": 3, "blobId": "a" * 40}, sibling],
            "cardData": {"license": "apache-2.0"},
        }


@pytest.fixture(autouse=True)
def asked_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client has read HF_HUB_OFFLINE, which other tests and people's machines may set."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    held = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            held.asked.append(path)
            if path in (f"/api/models/anna/Reader-GGUF/revision/{one}" for one in ("main", COMMIT)):
                self.answer(200, json.dumps(held.facts()).encode())
            elif path == f"/anna/Reader-GGUF/resolve/{COMMIT}/{FILE}":
                self.answer(200, held.body)
            elif path.startswith("/api/models/anna/Reader-GGUF/"):
                self.answer(404, b"{}", "RevisionNotFound")
            else:
                self.answer(404, b"{}", "RepoNotFound")

        def answer(self, status: int, body: bytes, code: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            if code:
                self.send_header("X-Error-Code", code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    held.address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("HF_ENDPOINT", held.address)
    yield held
    server.shutdown()
    server.server_close()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BELEGT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("BELEGT_LLM", raising=False)
    return tmp_path / "cache"


def pull(*names: str) -> int:
    from argparse import Namespace

    return pull_model(Namespace(names=list(names), file=None, quiet=True))


def test_a_file_is_pulled_pinned_and_used(
    hub: Hub, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from argparse import Namespace

    assert pull(NAME) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.read_bytes() == BODY
    pinned = ModelStore(cache).manifest.find("reader-4b.q4_k_m")
    assert pinned.sha256 == hashlib.sha256(BODY).hexdigest()
    assert pinned.licence == "apache-2.0"
    assert pinned.sources[0].revision == COMMIT  # type: ignore[union-attr]
    assert ModelStore(cache).verify(pinned.name) == path
    assert load_settings().llm != pinned.name
    assert use_model(Namespace(name=pinned.name)) == 0
    assert load_settings().llm == pinned.name
    assert load_settings(llm="other").llm == "other"
    use_model_again = hub.asked.copy()
    assert pull(pinned.name) == 0
    assert hub.asked == use_model_again


def test_other_bytes_than_the_hub_states_are_not_taken(hub: Hub, cache: Path) -> None:
    hub.body = BODY[:-1] + b"!"
    with pytest.raises(BelegtError, match="SHA-256"):
        pull(NAME)
    with pytest.raises(UsageError, match="not here yet"):
        ModelStore(cache).path("reader-4b.q4_k_m")


def test_the_pin_holds_when_the_hub_moves_on(hub: Hub, cache: Path) -> None:
    assert pull(NAME) == 0
    hub.stated, hub.body = hashlib.sha256(b"new").hexdigest(), b"new"
    assert pull("reader-4b.q4_k_m") == 0
    moved = entry_of(HubFile.parse(NAME))
    added = own_manifest.add(cache, moved)
    assert added.name == f"reader-4b.q4_k_m-{added.sha256[:8]}"
    assert own_manifest.add(cache, moved) == added


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hf:anna/Reader-GGUF/no.gguf", f"has no file 'no.gguf'; it has {FILE}"),
        (f"{NAME}@v9", "has no revision 'v9'"),
        ("hf:anna/Other/a.gguf", "has no repository anna/Other"),
    ],
)
def test_what_the_hub_has_not_is_said(hub: Hub, cache: Path, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        pull(name)


def test_a_file_without_a_digest_is_not_taken(hub: Hub, cache: Path) -> None:
    hub.stated = None
    with pytest.raises(BelegtError, match="states no SHA-256"):
        pull(NAME)


def test_a_hub_that_does_not_answer_is_one_sentence(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(BelegtError, match="cannot be asked"):
        pull(NAME)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hf:anna/Reader-GGUF", "write hf:OWNER"),
        ("hf:anna/../x.gguf", "write hf:OWNER"),
        ("hf:/anna/r/x.gguf", "write hf:OWNER"),
        ("hf:anna/r/x.safetensors", "no GGUF file"),
        ("hf:anna/r/x-00001-of-00002.gguf", "one part of several"),
        ("anna/r/x.gguf", "write hf:OWNER"),
    ],
)
def test_a_name_that_is_none_is_refused(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        HubFile.parse(name)


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        found = HubFile.parse(f"hf:{text}")
    except UsageError:
        return
    assert ".." not in found.file
    assert not found.file.startswith("/")
    assert model_name(found.file)[0] not in ".-"


def test_every_recommended_reader_can_be_named() -> None:
    readers = recommended_readers()
    assert len(readers) >= 4
    for reader in readers:
        assert reader.licence in ("Apache-2.0", "MIT")
        if reader.pull.startswith("hf:"):
            HubFile.parse(reader.pull)
