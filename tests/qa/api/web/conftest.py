"""A browser, a stand-in server, and a page that fails the test where a script raises."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from stand_in import StandIn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def visit(chromium: Browser, server: StandIn) -> Iterator[Callable[..., Page]]:
    """Opens a view; nothing foreign may be asked for and no script may raise."""
    contexts: list[Any] = []
    raised: list[str] = []
    asked: list[str] = []

    def opened(view: str = "ask", *, language: str = "de", width: int = 1280, **more: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            locale={"de": "de-DE", "en": "en-US"}[language],
            reduced_motion="reduce",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: raised.append(str(error)))
        page.on("console", lambda line: raised.append(line.text) if is_fault(line) else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{server.url}/#/{view}")
        page.locator(".stage:not([aria-busy]), dialog").first.wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert raised == []
    assert [url for url in asked if not url.startswith((server.url, "blob:", "data:"))] == []


def is_fault(line: Any) -> bool:
    """Chromium reports refused requests as errors; tests of refusals want them."""
    return line.type == "error" and not line.text.startswith("Failed to load resource")
