"""A server that is not there, or stops in the middle; ``tests/qa/api`` asks real ones."""

from __future__ import annotations

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from local_server import listening

from base.errors import BelegtError
from qa.api.server_client import ServedAssistant
from qa.api.server_discovery import Running

TOKEN = b'event: token\ndata: {"text": "Ja"}\n\n'


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"", r"stopped answering \(the answer ended early\); ask again"),
        (b": ping\n\n", "the answer ended early"),
        (
            b'event: error\ndata: {"detail": "The model has broken."}\n\n',
            r"^The model has broken\.$",
        ),
        (b"event: done\ndata: {}", "the answer ended early"),
    ],
)
def test_a_server_that_stops_in_the_middle(said: bytes, expected: str) -> None:
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            asked.append(self.headers["Authorization"])
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(TOKEN + said)

    with listening(Handler) as url:
        running = Running(url=url, token="key", pid=1, behaviour="")
        events = ServedAssistant(running).stream("Wer? \ud83d")
        assert next(events).text == "Ja"  # type: ignore[union-attr]
        with pytest.raises(BelegtError, match=expected):
            list(events)
    assert asked[0]["question"] == "Wer? \ud83d"
    assert asked[1] == "Bearer key"


def test_where_no_server_is_announced_none_is_asked_for(tmp_path: Path) -> None:
    """Nor is the library loaded that would ask."""
    code = (
        "import sys; from pathlib import Path; from base.settings import Settings\n"
        "import qa.cli.ask, qa.pipeline.session\n"
        "found = qa.cli.ask.find_server(Settings(corpus=Path(sys.argv[1])))\n"
        "print(found, [name for name in ('httpx', 'requests') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None []"
