"""The report in a real browser: filters, keys, and that nothing foreign runs or is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_runs import made_run, scored_question, summary_of

from eval.report import write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
HOSTILE = "</script><script>window.hit=1</script><img src=x onerror='window.hit=1'><!-- <script>"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Fails the test where the page asked for anything, or its script raised."""
    opened = chromium.new_page(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    raised: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: raised.append(str(error)))
    opened.on("console", lambda line: raised.append(line.text) if line.type == "error" else None)
    yield opened
    opened.close()
    assert raised == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1


def count(page: Page) -> str:
    return page.locator("#count").inner_text()


def rows(page: Page) -> int:
    return page.locator(".row").count()


def test_only_rows_in_sight_are_in_the_document(page: Page, tmp_path: Path) -> None:
    write_report([made_run(1000)], tmp_path / "r.html")
    assert (tmp_path / "r.html").stat().st_size < 5_000_000
    page.goto((tmp_path / "r.html").as_uri())
    assert count(page) == "1,000 questions"
    assert 0 < rows(page) < 40
    page.locator("#list").evaluate("list => { list.scrollTop = list.scrollHeight }")
    page.locator("#row-999").wait_for()
    assert rows(page) < 40


def test_filters_work_together(page: Page, tmp_path: Path) -> None:
    summary, scored = made_run(200)
    write_report([(summary, scored)], tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    page.locator("#verdicts button[value='wrong']").click()
    wrong = [one for one in scored if one.verdict == "wrong"]
    assert count(page) == f"{len(wrong)} of 200 questions"
    page.locator("#pair").select_option("de-en")
    wrong = [one for one in wrong if one.record.question.pair == "de-en"]
    assert count(page) == f"{len(wrong)} of 200 questions"
    page.locator("#kind").select_option("conflict")
    wrong = [one for one in wrong if one.record.question.kind == "conflict"]
    assert count(page) == f"{len(wrong)} of 200 questions"
    page.get_by_role("button", name="Show all").click()
    page.wait_for_function("document.getElementById('count').value === '200 questions'")


def test_words_are_found_without_their_accents(page: Page, tmp_path: Path) -> None:
    scored = [scored_question("q1", text="Wer kam über Brügge?"), scored_question("q2")]
    write_report([(summary_of(scored), scored)], tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    page.locator("#words").fill("BRUGGE wer")
    assert count(page) == "1 of 2 questions"
    page.locator("#words").fill("nirgends")
    assert "No question passes these filters." in page.locator("#list").inner_text()
    assert page.locator("#detail").inner_text() == ""


def test_two_runs_and_what_changed(page: Page, tmp_path: Path) -> None:
    first = [scored_question("q1", "right"), scored_question("q2", "wrong")]
    second = [scored_question("q1", "wrong"), scored_question("q2", "wrong")]
    runs = [(summary_of(first), first), (summary_of(second, "plain"), second)]
    write_report(runs, tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    page.locator("[data-change='worse']").click()
    page.wait_for_function("document.getElementById('count').value === '1 of 2 questions'")
    assert page.locator("#detail .reply").count() == 2
    page.locator("#change").select_option("")
    page.locator("#run").select_option("0")
    page.locator("#verdicts button[value='right']").click()
    assert count(page) == "1 of 2 questions"
    page.locator("#run").select_option("1")
    assert count(page) == "0 of 2 questions"


def test_it_can_be_read_without_a_mouse(page: Page, tmp_path: Path) -> None:
    write_report([made_run(50)], tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "words"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[aria-selected='true']")
    assert chosen.get_attribute("aria-posinset") == "2"
    assert page.locator("#list").get_attribute("aria-activedescendant") == "row-1"
    page.keyboard.press("End")
    assert chosen.get_attribute("aria-posinset") == "50"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "detail"
    assert "harbour-0049" in page.locator("#detail").inner_text()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "list"


def test_a_citation_leads_to_its_quote(page: Page, tmp_path: Path) -> None:
    scored = [scored_question("q1", answer="Es geschah 1143. [1] Sonst nichts. [7]")]
    write_report([(summary_of(scored), scored)], tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    page.get_by_role("button", name="[1]").click()
    assert "Es geschah 1143." in page.locator(":focus").inner_text()
    assert page.locator(".cite").count() == 1
    assert "[7]" in page.locator(".answer").inner_text()


def test_markup_in_texts_is_shown_and_never_runs(page: Page, tmp_path: Path) -> None:
    scored = [scored_question("q1", text=HOSTILE, evidence=HOSTILE, answer=f"{HOSTILE} [1]")]
    write_report([(summary_of(scored), scored)], tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    detail = page.locator("#detail")
    assert detail.inner_text().count("<script>window.hit=1</script>") == 4
    assert detail.locator("script, img").count() == 0
    assert page.evaluate("window.hit") is None


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_narrow_and_wide_pages(
    chromium: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    write_report([made_run(40, 1), made_run(40, 2, name="plain")], tmp_path / "r.html")
    opened = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    opened.goto((tmp_path / "r.html").as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    ground = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground.strip("rgb()").split(","))) < 380) == (scheme == "dark")
    opened.close()
