"""The pictures of the README: ``make screenshots``.

In: the sample corpus, the real server and the real models. Out: ``docs/images/*.png``. What can
fail: no Chromium, no playwright, a server that does not come up; the error says which.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
QUESTION = "Wie viel zahlt Meta für die Beteiligung an Scale AI?"
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 400, "height": 760}


@contextmanager
def serving(corpus: str) -> Iterator[str]:
    """The address of the real server over the sample corpus."""
    program = str(Path(sys.executable).with_name("belegt"))
    environment = {**os.environ, "BELEGT_CORPUS": corpus}
    subprocess.run(
        [program, "index", "add", "corpus/documents"], env=environment, check=True, cwd=ROOT
    )
    child = subprocess.Popen(
        [program, "serve", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert child.stderr is not None
        lines = iter(child.stderr.readline, "")
        found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines)
        url = next(match[0] for match in found if match)
        wait_until_ready(url)
        yield url
    finally:
        child.terminate()
        child.wait()


def wait_until_ready(url: str) -> None:
    """Until the models are loaded."""
    for _ in range(120):
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/readyz", timeout=10).is_success:
                return
        time.sleep(1)
    sys.exit(f"The server at {url} is not ready after two minutes.")


def take(
    browser: Browser, url: str, name: str, size: dict[str, int], scheme: str = "light"
) -> None:
    """Ask in a fresh window, open the first source, keep a picture."""
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="de-DE",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    if name == "page-documents":
        page.evaluate("location.hash = '#/documents'")
        page.locator("input[type=file]").wait_for(state="attached")
        page.wait_for_timeout(500)
    else:
        page.locator("#question").fill(QUESTION)
        page.keyboard.press("Enter")
        page.locator(".turn:last-child[data-state='done']").wait_for(timeout=120_000)
        if size == WIDE:
            page.keyboard.press("1")
            page.locator(".source mark").first.wait_for()
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()


def main() -> None:
    """Take all pictures."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("There is no Chromium; install it with: apt-get install chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(folder) as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program)
        take(browser, url, "page-answer", WIDE)
        take(browser, url, "page-dark", WIDE, "dark")
        take(browser, url, "page-documents", WIDE)
        take(browser, url, "page-phone", NARROW)
        browser.close()


if __name__ == "__main__":
    main()
