"""The page against the real server: what the stand-in promises is what the server does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from api_samples import GOOD, QUESTION, served
from fakes import ScriptedEngine

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

expect = pytest.importorskip("playwright.sync_api", reason="pip install playwright").expect
pytestmark = pytest.mark.browser
Open = tuple["Page", ScriptedEngine]


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """The page of a server over four documents; no script may raise."""
    raised: list[str] = []
    with served(tmp_path) as (url, _, engine):
        context = chromium.new_context(locale="de-DE", reduced_motion="reduce")
        page = context.new_page()
        page.on("pageerror", lambda error: raised.append(str(error)))
        page.on("console", lambda line: raised.append(line.text) if line.type == "error" else None)
        page.goto(url)
        page.locator("#main h1").wait_for()
        yield page, engine
        context.close()
    assert raised == []


def ask(page: Page, question: str) -> None:
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".turn:last-child[data-state='done']").wait_for()


def test_a_question_its_source_and_feedback(opened: Open) -> None:
    page, _ = opened
    ask(page, QUESTION)
    expect(page.locator(".turn")).to_contain_text(GOOD.split(" für")[0])
    page.keyboard.press("1")
    mark = page.locator(".source mark").first
    mark.wait_for()
    assert mark.inner_text() in GOOD
    page.locator("[data-verdict='right']").click()
    page.evaluate("location.hash = '#/history'")
    page.get_by_text(QUESTION).first.wait_for()


def test_a_refusal_shows_what_came_nearest(opened: Open) -> None:
    page, engine = opened
    engine.script.yes_log_odds = -9.0
    ask(page, QUESTION)
    expect(page.locator(".turn")).to_contain_text("Dazu steht in den Dokumenten nichts")


def test_a_document_is_added_and_listed(opened: Open) -> None:
    page, _ = opened
    page.evaluate("location.hash = '#/documents'")
    page.locator("input[type=file]").wait_for(state="attached")
    text = "# Hafenfest\n\nDas Hafenfest in Rostock beginnt am Freitag um zehn Uhr.\n"
    file: Any = {"name": "hafen.md", "mimeType": "text/markdown", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text("Hafenfest", exact=True).first.wait_for()
