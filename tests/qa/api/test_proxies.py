"""The examples of deploy/ in the real programs: a prefix, streams, uploads, and who is believed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from api_samples import GOOD, QUESTION, served
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from base.errors import UsageError
from base.settings import Settings
from qa.api.middleware.secured import secure, trusted_proxies
from qa.api.storage.keys import Access

DEPLOY = Path(__file__).parents[3] / "deploy"
WAIT_S = 300.0
NGINX = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        include {folder}/nginx-belegt.conf;
    }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return int(place.getsockname()[1])


def nginx(folder: Path, port: int, upstream: str) -> tuple[list[str], dict[str, str]]:
    # Its workers must be able to put large bodies into a folder of the test.
    user = "user root;" if os.geteuid() == 0 else ""
    example = (DEPLOY / "nginx-belegt.conf").read_text("utf-8")
    text = example.replace("127.0.0.1:8765", upstream)
    (folder / "nginx-belegt.conf").write_text(text, "utf-8")
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, user=user), "utf-8")
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", "stderr"], {}


def caddy(folder: Path, port: int, upstream: str) -> tuple[list[str], dict[str, str]]:
    settings = {
        "BELEGT_SITE": f"http://127.0.0.1:{port}",
        "BELEGT_UPSTREAM": upstream,
        "CADDY_ADMIN": "off",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
    }
    program = ["caddy", "run", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    return program, settings


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"], scope="module")
def behind(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str, Any]]:
    """The address behind a proxy, an editor's key, and the engine."""
    if shutil.which(request.param.__name__) is None:
        pytest.skip(f"{request.param.__name__} is not installed")
    folder = tmp_path_factory.mktemp("proxy")
    with served(folder, trusted_proxies="127.0.0.1") as (url, service, engine):
        access = Access(service.settings.corpus, loopback=True)
        key = access.keys.create("anna", "editor")[1]
        access.close()
        port = free_port()
        program, settings = request.param(folder, port, url.removeprefix("http://"))
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(
                program,
                env={**os.environ, **settings},
                stdout=subprocess.DEVNULL,
                stderr=log,
            ) as process,
        ):
            try:
                wait_for(process, port, folder / "log")
                yield f"http://127.0.0.1:{port}/belegt", key, engine
            finally:
                process.terminate()


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert process.poll() is None, log.read_text("utf-8")
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8"))


def test_the_page_and_its_files_are_found_under_the_prefix(behind: tuple[str, str, Any]) -> None:
    url, _, _ = behind
    moved = requests.get(url, timeout=WAIT_S, allow_redirects=False)
    assert moved.status_code == 308
    assert moved.headers["location"].endswith("/belegt/")
    page = requests.get(f"{url}/", timeout=WAIT_S)
    files = re.findall(r'(?:href|src)="([^"#][^"]*)"', page.text)
    assert files
    for file in files:
        assert not file.startswith("/")
        assert requests.get(f"{url}/{file}", timeout=WAIT_S).status_code == 200


def test_nobody_comes_through_without_a_key(behind: tuple[str, str, Any]) -> None:
    body = {"question": QUESTION}
    assert requests.post(f"{behind[0]}/v1/ask", json=body, timeout=WAIT_S).status_code == 401


def test_events_arrive_one_by_one(behind: tuple[str, str, Any]) -> None:
    url, key, engine = behind
    engine.script.answer, engine.script.pause_s = f"{GOOD} {GOOD}", 0.05
    with requests.post(
        f"{url}/v1/ask",
        json={"question": QUESTION, "stream": True},
        headers={"Authorization": f"Bearer {key}"},
        timeout=WAIT_S,
        stream=True,
    ) as reply:
        assert reply.status_code == 200
        kinds = []
        for line in reply.iter_lines():
            if line.startswith(b"event: "):
                kinds.append(line[7:].decode())
                if kinds.count("token") == 1:
                    # The engine still writes: nothing held the first words back.
                    assert engine.turns_open == 1
    engine.script.pause_s = 0.0
    assert kinds[0] == "retrieved"
    assert kinds[-1] == "done"


def test_an_upload_and_its_source_are_served(behind: tuple[str, str, Any]) -> None:
    url, key, _ = behind
    headers = {"Authorization": f"Bearer {key}"}
    text = "Die Kantine öffnet um sieben Uhr.\n" * 60_000
    files = {"files": ("kantine.md", text.encode(), "text/markdown")}
    sent = requests.post(f"{url}/v1/documents", files=files, headers=headers, timeout=WAIT_S)
    assert sent.status_code == 202, sent.text
    # nginx writes the whole address, Caddy the path.
    place = urljoin(url, sent.headers["location"])
    assert place.startswith(f"{url}/v1/jobs/")
    assert requests.get(place, headers=headers, timeout=WAIT_S).status_code == 200
    listed = requests.get(f"{url}/v1/documents", headers=headers, timeout=WAIT_S).json()
    document = listed["items"][0]["id"]
    span = f"{url}/v1/documents/{document}/span?start=0&end=5"
    assert requests.get(span, headers=headers, timeout=WAIT_S).json()["quote"]


@pytest.mark.parametrize(
    ("trusted", "client"),
    [("127.0.0.1", "198.51.100.2"), ("127.0.0.0/8", "198.51.100.2"), ("", "127.0.0.1")],
)
def test_a_forwarded_address_counts_only_from_a_named_proxy(
    tmp_path: Path, trusted: str, client: str
) -> None:
    """The last address is the proxy's word; what stands before it is the client's own."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])
        await PlainTextResponse("x")(scope, receive, send)

    settings = Settings(cache=tmp_path, corpus=tmp_path, trusted_proxies=trusted)
    access = Access(tmp_path, loopback=True)
    server = TestClient(
        secure(app, access, settings), base_url="http://127.0.0.1", client=("127.0.0.1", 1)
    )
    server.get("/healthz", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.2"})
    access.close()
    assert seen == [client]


def test_a_proxy_that_is_no_address_is_refused(tmp_path: Path) -> None:
    settings = Settings(trusted_proxies="10.0.0.0/8, everybody")
    with pytest.raises(UsageError, match=r"BELEGT_TRUSTED_PROXIES.*'everybody' is no address"):
        trusted_proxies(settings)
