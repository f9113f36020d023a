"""The page people use: its files, served by the same process.

In: GET / and GET /static/NAME. Out: the bytes of a file of qa/api/web with its content type and
an ETag, or 304 where the browser has it already. The files are read once, when the router is
made, and a request only looks its name up among them: no path from a request ever reaches the
file system. A name that is not there is 404.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

FOLDER = Path(__file__).parent / "web"
INDEX = "index.html"
# Stated here, not asked of the machine: its table of types may lack or bend them, and with
# nosniff a browser runs no script of the wrong type.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
# The files of one release belong together: the browser asks each time, and 304 costs nothing.
_CACHE = "no-cache"


@dataclass(frozen=True)
class PageFile:
    """One file as it travels."""

    content: bytes
    media_type: str
    etag: str

    def headers(self) -> dict[str, str]:
        """What a browser needs to keep it."""
        return {"ETag": self.etag, "Cache-Control": _CACHE}

    def is_known(self, if_none_match: str | None) -> bool:
        """Whether the browser's If-None-Match names this very content (RFC 9110, 13.1.2)."""
        known = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
        return self.etag in known or "*" in known


def page_files(folder: Path = FOLDER) -> dict[str, PageFile]:
    """Every file of the page by its name within ``folder``, such as ``i18n/de.json``.

    Links are left out, and so is any other kind of file: what is served is what is named here.
    """
    return {
        path.relative_to(folder).as_posix(): _read(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TYPES and path.is_file() and not path.is_symlink()
    }


def _read(path: Path) -> PageFile:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:32]
    return PageFile(content, _TYPES[path.suffix], f'"{digest}"')


def router() -> APIRouter:
    """Routes ``/`` and ``/static/...``; they need no key, for the page is where one is typed in."""
    files = page_files()
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def index(request: Request) -> Response:
        return _answer(files[INDEX], request)

    @routes.api_route("/static/{name:path}", methods=["GET", "HEAD"])
    async def static(name: str, request: Request) -> Response:
        found = files.get(name)
        if found is None:
            raise HTTPException(404, f"The page has no file '{name[:100]}'.")
        return _answer(found, request)

    return routes


def _answer(file: PageFile, request: Request) -> Response:
    if file.is_known(request.headers.get("if-none-match")):
        return Response(status_code=304, headers=file.headers())
    return Response(file.content, media_type=file.media_type, headers=file.headers())
