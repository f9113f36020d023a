"""A server for tests that kill it: ``python kill_server.py FOLDER PORT_FILE``.

The folders ``tests`` and the one above it are to be in PYTHONPATH.

It is the real application over the corpus in FOLDER, with a hashing encoder that takes its time;
it writes its port to PORT_FILE once it listens.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn
from fakes import HashingEncoder, ScriptedEngine

from base.settings import Settings
from index.encoder import Vectors
from qa.api.app import create_app
from qa.api.app_state import Service
from qa.api.middleware.secured import secure
from qa.api.storage.keys import Access
from qa.cli.serve import listen

PAUSE_S = 0.004


class SlowEncoder(HashingEncoder):
    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        for _ in texts:
            time.sleep(PAUSE_S)
        return super().encode_passages(texts, progress)


def main() -> None:
    folder, port_file = Path(sys.argv[1]), Path(sys.argv[2])
    settings = Settings(cache=folder / "cache", corpus=folder / "corpus", requests_per_minute=10**6)
    settings.corpus.mkdir(parents=True, exist_ok=True)
    service = Service(settings, lambda _: (SlowEncoder(), ScriptedEngine()))
    access = Access(settings.corpus, loopback=True)
    app = secure(create_app(service, access), access, settings)
    service.start()
    with listen("127.0.0.1", 0) as place:
        part = port_file.with_suffix(".part")
        part.write_text(str(place.getsockname()[1]), encoding="utf-8")
        part.replace(port_file)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[place])


if __name__ == "__main__":
    main()
