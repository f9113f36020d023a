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

expect = pytest.importorskip("playwright.sync_api", reason="pip install playwright").expect
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


def rows(page: Page) -> int:
    return page.locator(".row").count()


def test_only_rows_in_sight_are_in_the_document(page: Page, tmp_path: Path) -> None:
    write_report([made_run(1000)], tmp_path / "r.html")
    assert (tmp_path / "r.html").stat().st_size < 5_000_000
    page.goto((tmp_path / "r.html").as_uri())
    expect(page.locator("#count")).to_have_text("1,000 questions")
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
    expect(page.locator("#count")).to_have_text(f"{len(wrong)} of 200 questions")
    page.locator("#pair").select_option("de-en")
    wrong = [one for one in wrong if one.record.question.pair == "de-en"]
    expect(page.locator("#count")).to_have_text(f"{len(wrong)} of 200 questions")
    page.locator("#kind").select_option("conflict")
    wrong = [one for one in wrong if one.record.question.kind == "conflict"]
    expect(page.locator("#count")).to_have_text(f"{len(wrong)} of 200 questions")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#count")).to_have_text("200 questions")


def test_words_are_found_without_their_accents(page: Page, tmp_path: Path) -> None:
    scored = [scored_question("q1", text="Wer kam über Brügge?"), scored_question("q2")]
    write_report([(summary_of(scored), scored)], tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    page.locator("#words").fill("BRUGGE wer")
    expect(page.locator("#count")).to_have_text("1 of 2 questions")
    page.locator("#words").fill("nirgends")
    expect(page.locator("#list")).to_contain_text("No question passes these filters.")
    expect(page.locator("#detail")).to_have_text("")


def test_two_runs_and_what_changed(page: Page, tmp_path: Path) -> None:
    first = [scored_question("q1", "right"), scored_question("q2", "wrong")]
    second = [scored_question("q1", "wrong"), scored_question("q2", "wrong")]
    runs = [(summary_of(first), first), (summary_of(second, "plain"), second)]
    write_report(runs, tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    page.locator("[data-change='worse']").click()
    expect(page.locator("#count")).to_have_text("1 of 2 questions")
    expect(page.locator("#detail .reply")).to_have_count(2)
    page.locator("#change").select_option("")
    page.locator("#run").select_option("0")
    page.locator("#verdicts button[value='right']").click()
    expect(page.locator("#count")).to_have_text("1 of 2 questions")
    page.locator("#run").select_option("1")
    expect(page.locator("#count")).to_have_text("0 of 2 questions")


def test_it_can_be_read_without_a_mouse(page: Page, tmp_path: Path) -> None:
    write_report([made_run(50)], tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    page.keyboard.press("/")
    expect(page.locator(":focus")).to_have_attribute("id", "words")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[aria-selected='true']")
    expect(chosen).to_have_attribute("aria-posinset", "2")
    expect(page.locator("#list")).to_have_attribute("aria-activedescendant", "row-1")
    page.keyboard.press("End")
    expect(chosen).to_have_attribute("aria-posinset", "50")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("id", "detail")
    expect(page.locator("#detail")).to_contain_text("harbour-0049")
    page.keyboard.press("Escape")
    expect(page.locator(":focus")).to_have_attribute("id", "list")


def test_a_citation_leads_to_its_quote(page: Page, tmp_path: Path) -> None:
    scored = [scored_question("q1", answer="Es geschah 1143. [1] Sonst nichts. [7]")]
    write_report([(summary_of(scored), scored)], tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    page.get_by_role("button", name="[1]").click()
    expect(page.locator(":focus")).to_contain_text("Es geschah 1143.")
    expect(page.locator(".cite")).to_have_count(1)
    expect(page.locator(".answer")).to_contain_text("[7]")


def test_markup_in_texts_is_shown_and_never_runs(page: Page, tmp_path: Path) -> None:
    scored = [scored_question("q1", text=HOSTILE, evidence=HOSTILE, answer=f"{HOSTILE} [1]")]
    write_report([(summary_of(scored), scored)], tmp_path / "r.html")
    page.goto((tmp_path / "r.html").as_uri())
    detail = page.locator("#detail")
    expect(detail).to_contain_text("[1]")
    assert detail.inner_text().count("<script>window.hit=1</script>") == 4
    expect(detail.locator("script, img")).to_have_count(0)
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
