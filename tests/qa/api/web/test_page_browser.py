"""The page in a real browser: every view in both languages, keys, accessibility, hostile texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from stand_in import HOSTILE, StandIn

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api", reason="pip install playwright").expect
pytestmark = pytest.mark.browser
Visit = Callable[..., "Page"]
VIEWS = {
    "ask": ("Was möchten Sie wissen?", "What would you like to know?"),
    "documents": ("Dokumente", "Documents"),
    "documents/09-wang-wechsel-verwaltungsrat": (
        "Alexandr Wang geht zu Meta und bleibt im Verwaltungsrat von Scale AI",
    )
    * 2,
    "evaluation": ("Auswertung", "Evaluation"),
    "review": ("Prüfung", "Review"),
    "history": ("Verlauf", "History"),
}
WANG = "Wer bleibt im Verwaltungsrat?"


def ask(page: Page, question: str) -> None:
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".turn:last-child[data-state='done'], .turn:last-child .warning").wait_for()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_there_in_both_languages(visit: Visit, view: str, language: str) -> None:
    page = visit(view, language=language)
    expect(page.locator("#main h1")).to_have_text(VIEWS[view][language == "en"])
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("body")).not_to_contain_text("undefined")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Visit, scheme: str, language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(language=language, color_scheme=scheme)
    found = violations(axe, page)
    ask(page, "Welcher Preis wurde gezahlt?")
    page.keyboard.press("1")
    page.locator(".source mark").wait_for()
    page.locator("[data-verdict='wrong']").click()
    found += violations(axe, page)
    ask(page, "Wo gibt es Pizza?")
    found += violations(axe, page)
    page.keyboard.press("?")
    page.locator("dialog").wait_for()
    found += violations(axe, page)
    page.keyboard.press("Escape")
    for view in list(VIEWS)[1:]:
        page.evaluate(f"location.hash = '#/{view}'")
        title = VIEWS[view][language == "en"]
        page.locator(f".stage:not([aria-busy]) h1:text-is('{title}')").wait_for()
        found += violations(axe, page)
    assert found == []


def violations(axe: Any, page: Page) -> list[str]:
    result = axe.run(page).response["violations"]
    return [
        f"{page.url} {one['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
        for one in result
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_an_answer_streams_and_unsupported_words_leave(visit: Visit) -> None:
    page = visit()
    ask(page, WANG)
    expect(page.locator(".answer")).to_contain_text("behielt seinen Sitz im Verwaltungsrat")
    expect(page.locator(".answer")).not_to_contain_text("Unbelegtes")
    expect(page.locator(".answer .cite")).to_have_text(["1", "2"])
    expect(page.locator(".confidence")).to_contain_text("sehr sicher")
    expect(page.locator("#live")).to_contain_text("Er arbeitet künftig für Meta.")
    expect(page.locator("#live")).not_to_contain_text("[2]")
    expect(page.locator(".sources li")).to_have_count(2)


def test_ask_open_and_close_without_a_mouse(visit: Visit) -> None:
    page = visit()
    expect(page.locator(":focus")).to_have_attribute("id", "question")
    page.keyboard.type(WANG)
    page.keyboard.press("Enter")
    page.locator("[data-state='done']").wait_for()
    page.keyboard.press("1")
    source = page.locator(".source")
    source.locator("mark strong").wait_for()
    expect(source.locator("mark strong")).to_have_text("seinen Sitz im Verwaltungsrat")
    expect(source.locator("mark")).to_have_text(re.compile("^Seinen Posten als CEO gab Wang auf"))
    expect(source.locator("header")).to_contain_text("Juni 2025")
    expect(source).to_contain_text("Doppelrolle")
    page.keyboard.press("2")
    page.locator(".source[aria-label^='Quelle 2']").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator(".source")).to_have_count(0)
    expect(page.locator(":focus")).to_have_attribute("data-marker", "2")
    page.keyboard.press("/")
    expect(page.locator(":focus")).to_have_attribute("id", "question")
    page.keyboard.type("1?n")
    expect(page.locator("#question")).to_have_value("1?n")


def test_single_keys_can_be_switched_off(visit: Visit) -> None:
    page = visit()
    ask(page, WANG)
    page.keyboard.press("?")
    page.locator("dialog input[type=checkbox]").uncheck()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    page.keyboard.press("1")
    page.keyboard.press("?")
    expect(page.locator(".source, dialog")).to_have_count(0)


def test_sources_that_disagree_stand_in_a_table(visit: Visit) -> None:
    page = visit(language="en")
    ask(page, "What price was paid?")
    table = page.locator("table.conflict")
    expect(table.locator("caption")).to_contain_text("The sources disagree.")
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(table.locator("tbody th").nth(1)).to_have_text("14,8 Milliarden US-Dollar")
    expect(table).to_contain_text("October 23, 2025")
    table.locator(".cite").nth(1).click()
    page.locator(".source mark", has_text="14.8 billion US dollars").wait_for()


def test_a_refusal_names_the_nearest_passages(visit: Visit) -> None:
    page = visit()
    ask(page, "Wo gibt es Pizza?")
    expect(page.locator(".refusal")).to_have_text("Dazu steht in den Dokumenten nichts.")
    expect(page.locator(".confidence")).to_contain_text("enthalten die Antwort nicht: eher sicher")
    expect(page.locator("[aria-label^='Mit Quellen kopieren']")).to_have_count(0)
    page.locator(".nearest .title").click()
    page.locator(".source mark").wait_for()


def test_an_answer_can_be_stopped_and_the_server_hears_it(visit: Visit, server: StandIn) -> None:
    page = visit()
    page.locator("#question").fill("Eine langsam beantwortete Frage")
    page.keyboard.press("Enter")
    page.locator(".pending", has_text="Wort 3").wait_for()
    page.get_by_role("button", name="Anhalten").click()
    page.locator("[data-state='stopped']").wait_for()
    expect(page.locator(".rest")).to_contain_text("unvollständig")
    assert server.broken_streams.wait(10)
    expect(page.get_by_role("button", name="Fragen", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Was, wenn die Schlange voll ist?", "Versuchen Sie es in 3 Sekunden noch einmal."),
        ("Was, wenn es kaputt geht?", "Der Server ist noch nicht bereit."),
    ],
)
def test_a_failure_is_said_in_plain_words(visit: Visit, question: str, sentence: str) -> None:
    page = visit()
    ask(page, question)
    expect(page.locator(".turn .warning")).to_contain_text(sentence)
    expect(page.get_by_role("button", name="Noch einmal fragen")).to_be_visible()


def test_options_are_sent_and_shown(visit: Visit, server: StandIn) -> None:
    page = visit()
    page.locator(".options summary").click()
    page.get_by_label("Sprache der Antwort").select_option("en")
    page.get_by_label("Dokumente seit").fill("2025-06-01")
    page.get_by_label("Quelle", exact=True).fill("Reuters")
    page.get_by_label("Sprache der Dokumente").select_option("de")
    ask(page, WANG)
    assert server.sent("POST", "/v1/conversations/1/ask") == [
        {
            "question": WANG,
            "language": "en",
            "filters": {"since": "2025-06-01", "sources": ["Reuters"], "languages": ["de"]},
            "stream": True,
        }
    ]
    expect(page.locator(".options .tag")).to_have_count(4)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Text", "\n\n[1] Alexandr Wang geht zu Meta"),
        ("Markdown", "Scale AI.[^1] Er arbeitet künftig für Meta.[^2]\n\n[^1]: *Alexandr Wang"),
        ("BibTeX", "  howpublished = {belegt sample corpus},\n  year = {2025},\n  month = {6},"),
    ],
)
def test_an_answer_is_copied_with_its_citations(visit: Visit, name: str, expected: str) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    ask(page, WANG)
    page.get_by_role("button", name=f"Mit Quellen kopieren als {name}").click()
    page.locator("button.done").wait_for()
    assert expected in page.evaluate("navigator.clipboard.readText()")


def test_without_a_clipboard_the_text_is_shown(visit: Visit) -> None:
    page = visit()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    ask(page, WANG)
    page.get_by_role("button", name="Mit Quellen kopieren als Text").click()
    copied = page.locator("dialog textarea")
    expect(copied).to_have_value(re.compile(r"\[2\] Alexandr Wang"))


def test_follow_ups_stay_in_a_conversation_that_can_be_reopened_and_deleted(
    visit: Visit, server: StandIn
) -> None:
    page = visit()
    ask(page, WANG)
    ask(page, "Wo gibt es Pizza?")
    expect(page.locator(".turn")).to_have_count(2)
    assert list(server.conversations) == ["1"]
    page.get_by_role("button", name="Neues Gespräch").click()
    expect(page.locator(".turn")).to_have_count(0)
    page.locator(".recent a", has_text=WANG).wait_for()
    page.goto(f"{server.url}/#/history")
    page.get_by_role("link", name=WANG).click()
    page.locator(".turn").nth(1).wait_for()
    page.locator("[data-marker='1']").first.click()
    page.locator(".source mark").wait_for()
    page.goto(f"{server.url}/#/history")
    page.get_by_role("button", name="Gespräch löschen").click()
    page.locator("dialog").get_by_role("button", name="Löschen").click()
    page.get_by_text("Noch keine Gespräche.").wait_for()
    assert server.conversations == {}


def test_a_verdict_can_name_the_right_passage(visit: Visit, server: StandIn) -> None:
    page = visit()
    ask(page, "Etwas feindlich gemeintes")
    page.locator(".cite").click()
    page.locator(".source mark").wait_for()
    page.locator("[data-verdict='badly_cited']").click()
    page.evaluate("""() => {
      const text = document.querySelector('.source .text').lastChild;
      document.getSelection().setBaseAndExtent(text, 1, text, 9);
    }""")
    page.locator(".feedback q", has_text="Nachher").wait_for()
    page.get_by_label("Anmerkung").fill("dort")
    page.get_by_role("button", name="Senden", exact=True).click()
    page.locator(".thanks").wait_for()
    (sent,) = server.sent("POST", "/v1/feedback")
    span = sent.pop("passage")
    text = server.documents["hostile"].text
    assert text[span["start"] : span["end"]] == "Nachher."
    assert sent["verdict"] == "badly_cited"
    assert sent["comment"] == "dort"


@pytest.mark.parametrize("view", ["documents", "documents/hostile?start=12&end=90", "ask"])
def test_markup_in_documents_is_shown_and_never_runs(
    visit: Visit, server: StandIn, view: str
) -> None:
    server.conversations["1"] = {"id": "1", "title": HOSTILE, "turns": []}
    page = visit(view)
    if view == "ask":
        page.locator(".recent a").wait_for()
        ask(page, f"feindlich {HOSTILE}")
        page.locator(".cite").click()
        page.locator(".source mark").wait_for()
        expect(page.locator(".source mark")).to_contain_text(HOSTILE)
        expect(page.locator(".answer")).to_contain_text("[7]")
    elif view == "documents":
        page.get_by_label("Suchen").fill("Titel <script>")
        page.locator(".lead:text-is('1 Dokument')").wait_for()
    expect(page.locator("#main")).to_contain_text(HOSTILE)
    expect(page.locator("#main script, #main img")).to_have_count(0)
    assert page.evaluate("window.hit") is None


def test_documents_are_found_read_and_deleted(visit: Visit, server: StandIn) -> None:
    page = visit("documents")
    expect(page.locator(".entry")).to_have_count(10)
    page.get_by_role("button", name="Mehr anzeigen").click()
    page.locator(".entry").nth(19).wait_for()
    page.get_by_label("Sprache").select_option("en")
    page.get_by_label("Suchen").fill("14.8 billion")
    page.locator(".lead:text-is('1 Dokument')").wait_for()
    page.get_by_role("button", name="Löschen: One account").click()
    page.locator("dialog").get_by_role("button", name="Abbrechen").click()
    assert "02-price-14-8-billion" in server.documents
    page.get_by_role("button", name="Löschen: One account").click()
    page.locator("dialog").get_by_role("button", name="Löschen").click()
    page.get_by_text("Kein Dokument entspricht diesen Filtern.").wait_for()
    assert "02-price-14-8-billion" not in server.documents


def test_files_are_added_and_each_says_what_became_of_it(visit: Visit) -> None:
    page = visit("documents")
    files = [{"name": name, "mimeType": "text/plain", "buffer": b"x"} for name in ("a.md", "b.bin")]
    page.locator("#files").set_input_files(files)
    job = page.locator(".job[data-state='done']")
    job.wait_for()
    expect(job.locator("li")).to_have_text(
        ["a.md\nhinzugefügt", "b.bin\nabgelehnt\nThis is no text."], use_inner_text=True
    )
    page.locator("#files").set_input_files([files[0] | {"name": "virus.exe"}])
    page.locator(".jobs .warning").wait_for()
    expect(page.locator(".jobs .warning")).to_contain_text("Diese Art von Datei")


def test_files_can_be_dropped_and_all_indexed_again(visit: Visit, server: StandIn) -> None:
    page = visit("documents", language="en")
    dropped = page.evaluate_handle("""() => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "c.md"));
      return data;
    }""")
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    page.locator(".job[data-state='done']", has_text="c.md").wait_for()
    page.get_by_role("button", name="Index all again").click()
    page.locator("dialog").get_by_role("button", name="Index again").click()
    page.locator(".job h2", has_text="Done").wait_for()
    assert server.sent("POST", "/v1/documents/reindex") == [""]


def test_a_reader_is_offered_no_changes(visit: Visit, server: StandIn) -> None:
    server.role = "reader"
    page = visit("documents")
    page.locator(".entry").first.wait_for()
    expect(page.locator(".drop, .entry button")).to_have_count(0)


def test_reviewers_judge_and_see_how_far_they_agree(visit: Visit, server: StandIn) -> None:
    page = visit("review", language="en")
    page.locator(".agreement .figure").wait_for()
    expect(page.locator(".agreement .figure")).to_have_text("0.72")
    expect(page.locator(".agreement")).to_contain_text("substantial agreement")
    case = page.locator(".case").first
    expect(case).to_contain_text("Die zweite Quelle nennt keinen Tag.")
    expect(page.locator(".case [aria-pressed='true']")).to_have_text(["Right"])
    case.get_by_label("Comment").fill("so")
    case.get_by_role("button", name="Badly cited").click()
    case.get_by_text("Your verdict is stored.").wait_for()
    assert server.sent("POST", "/v1/reviews/a1") == [{"verdict": "badly_cited", "comment": "so"}]


@pytest.mark.parametrize("key", [None, "secret"])
def test_reports_open_in_a_tab_of_their_own(visit: Visit, server: StandIn, key: str | None) -> None:
    server.key = key
    page = visit("evaluation")
    if key:
        page.locator("dialog input").fill(key)
        page.keyboard.press("Enter")
    with page.context.expect_page() as opened:
        page.get_by_text("Bericht öffnen").first.click()
    opened.value.wait_for_url("**/report*")
    expect(opened.value).to_have_title("Report")
    assert ("ticket=once" in opened.value.url) == bool(key)


def test_a_key_is_asked_for_and_kept_in_this_tab_only(visit: Visit, server: StandIn) -> None:
    server.key = "right"
    page = visit("documents")
    expect(page.locator("dialog")).to_have_count(1)
    page.locator("dialog input").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("Dieser Schlüssel gilt nicht.").wait_for()
    page.locator("dialog input").fill("right")
    page.keyboard.press("Enter")
    page.locator(".entry").first.wait_for()
    assert page.evaluate("sessionStorage.getItem('belegt.key')") == "right"
    assert "right" not in page.evaluate("JSON.stringify(localStorage)")
    page.reload()
    page.locator(".entry").first.wait_for()
    expect(page.locator("dialog")).to_have_count(0)


def test_without_a_key_the_page_says_so(visit: Visit, server: StandIn) -> None:
    server.key = "right"
    page = visit("ask")
    page.get_by_role("button", name="Abbrechen").click()
    page.get_by_text("Ohne gültigen Schlüssel geht das nicht.").wait_for()


def test_language_and_colours_stay_as_chosen(visit: Visit) -> None:
    page = visit(language="de", color_scheme="light")
    ask(page, WANG)
    page.get_by_role("button", name="Switch to English").click()
    page.locator("nav a", has_text="Review").wait_for()
    expect(page.locator(".confidence")).to_contain_text("very sure")
    page.get_by_role("button", name="Colours").click()
    page.get_by_role("button", name="Colours").click()
    page.reload()
    page.locator("nav a", has_text="Review").wait_for()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, ground.strip("rgb()").split(","))) < 150
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_links_keys_and_the_skip_link_lead_on(visit: Visit) -> None:
    page = visit("history")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("id", "skip")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("id", "main")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.locator(".stage:not([aria-busy])", has_text="Dokumente").wait_for()
    expect(page).to_have_title("Dokumente – belegt")
    expect(page.locator("[aria-current]")).to_have_text("Dokumente")


def test_a_document_that_is_gone_and_a_dead_server(visit: Visit, server: StandIn) -> None:
    page = visit("documents/nowhere")
    expect(page.locator("[role=alert]")).to_contain_text("Das gibt es hier nicht")
    page.route("**/v1/**", lambda route: route.abort())
    page.get_by_role("button", name="Noch einmal versuchen").click()
    page.get_by_text("Der Server antwortet nicht.").wait_for()


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
def test_nothing_is_wider_than_the_screen(visit: Visit, width: int) -> None:
    page = visit(width=width)
    ask(page, "Welcher Preis wurde gezahlt?")
    page.keyboard.press("1")
    page.locator(".source mark").wait_for()
    source, answer = (page.locator(name).bounding_box() for name in (".source", ".answer"))
    assert source is not None
    assert answer is not None
    is_beside = source["x"] > answer["x"] + answer["width"]
    assert is_beside == (width >= 1280)
    assert is_beside or source["y"] > answer["y"] + answer["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for view in list(VIEWS)[1:]:
        page.evaluate(f"location.hash = '#/{view}'")
        page.locator(f".stage:not([aria-busy]) h1:text-is('{VIEWS[view][0]}')").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view


def test_the_first_view_is_light(visit: Visit, server: StandIn) -> None:
    page = visit()
    page.locator("#question").wait_for()
    entries = page.evaluate("""JSON.stringify(
      [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .map(({name, transferSize}) => [name, transferSize]))""")
    sizes = dict(json.loads(entries))
    assert f"{server.url}/static/ask.js" in sizes
    assert sum(sizes.values()) < 150_000
    assert not any("documents.js" in name for name in sizes)
