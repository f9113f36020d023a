"""The page's files as they are served: types, caching, and nothing from outside of the folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from qa.api.page import FOLDER, page_files, router


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.include_router(router())
    return TestClient(app)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/static/style.css", "text/css; charset=utf-8"),
        ("/static/app.js", "text/javascript; charset=utf-8"),
        ("/static/i18n/de.json", "application/json"),
        ("/static/icon.svg", "image/svg+xml"),
    ],
)
def test_files_have_their_type_and_are_sent_once(
    client: TestClient, path: str, media_type: str
) -> None:
    first = client.get(path)
    assert (first.status_code, first.headers["content-type"]) == (200, media_type)
    assert first.headers["cache-control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "../page.py",
        "..%2fpage.py",
        "%2e%2e/%2e%2e/assistant.py",
        "i18n/../../page.py",
        "/etc/passwd",
        "%2Fetc%2Fpasswd",
        "app.js%00.css",
        "i18n",
        "",
        "..\\page.py",
        "C:/x.css",
    ],
)
def test_nothing_outside_of_the_folder_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_links_and_other_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    (tmp_path / "secret.toml").write_text("key")
    (tmp_path / "b.css").symlink_to(tmp_path / "secret.toml")
    assert set(page_files(tmp_path)) == {"a.css"}


def test_both_languages_have_the_same_words() -> None:
    german, english = (
        json.loads((FOLDER / "i18n" / f"{language}.json").read_text()) for language in ("de", "en")
    )
    assert list(german) == list(english)
    for name, text in german.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[name])), name


def test_every_word_that_is_asked_for_is_there() -> None:
    words = json.loads((FOLDER / "i18n" / "en.json").read_text())
    for script in FOLDER.glob("*.js"):
        for name in re.findall(r'say\("([\w.]+)"', script.read_text()):
            assert name in words or f"{name}.other" in words, (script.name, name)


def test_scripts_are_small_explained_and_use_no_markup() -> None:
    for script in FOLDER.glob("*.js"):
        text = script.read_text()
        assert text.startswith("// "), script.name
        assert text.count("\n") < 300, script.name
        for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert sink not in text, (script.name, sink)


def test_the_page_names_no_other_host_and_has_nothing_inline() -> None:
    for path in FOLDER.rglob("*"):
        if path.is_file():
            hosts = set(re.findall(r"https?://([\w.-]+)", path.read_text()))
            assert hosts <= {"www.w3.org"}, path.name
    index = (FOLDER / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", index)
