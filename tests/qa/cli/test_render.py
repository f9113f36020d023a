from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.cli.render import TerminalStyle, render_sources, render_timings
from qa.pipeline.answer import Answer, Citation, ModelNames, Timings

PLAIN = TerminalStyle(live=False, colour=False)
COLOUR = TerminalStyle(live=True, colour=True)


def cite(quote: str, support: list[tuple[int, int]], **facts: str | None) -> Citation:
    known = {"title": "Der Anteil", "date": "2025-06-13", "source": "Reuters", "path": "/tmp/a.txt"}
    return Citation(
        marker=1,
        document_id="a",
        start=0,
        end=len(quote),
        quote=quote,
        support=support,
        **(known | facts),  # type: ignore[arg-type]
    )


def answer(*cited: Citation, language: Language = "de", found: bool = True) -> Answer:
    return Answer(
        question="Was?",
        language=language,
        status="answered" if found else "not_found",
        text="Das. [1]" if found else "Nichts.",
        citations=list(cited) if found else [],
        confidence=0.5,
        timings=Timings(),
        models=ModelNames(encoder="e", llm="l"),
        nearest=[] if found else list(cited),
    )


def test_a_source_shows_title_date_outlet_quote_and_path() -> None:
    text = render_sources(answer(cite("Meta zahlte 14,3 Milliarden.", [(0, 4), (12, 27)])), PLAIN)
    assert text.splitlines()[1:] == [
        "Quellen:",
        "[1] Der Anteil · 2025-06-13 · Reuters",
        "    „*Meta* zahlte *14,3 Milliarden*.“",
        "    /tmp/a.txt",
    ]


def test_what_is_not_known_is_left_out() -> None:
    text = render_sources(answer(cite("Ja.", [], date=None, source=None)), PLAIN)
    assert "[1] Der Anteil\n" in text


def test_neighbouring_words_are_marked_as_one() -> None:
    assert "*Meta zahlte* viel" in render_sources(
        answer(cite("Meta zahlte viel", [(5, 11), (0, 4)])), PLAIN
    )


def test_colours_only_where_they_are_wanted() -> None:
    one = answer(cite("Meta zahlte", [(0, 4)]))
    assert "\x1b[1mMeta\x1b[0m" in render_sources(one, COLOUR)
    assert "\x1b" not in render_sources(one, PLAIN)


def test_nearest_passages_are_said_not_to_answer() -> None:
    german = answer(cite("x", []), found=False)
    assert "beantworten die Frage nicht" in render_sources(german, PLAIN)
    english = answer(cite("x", []), language="en", found=False)
    assert "do not answer" in render_sources(english, PLAIN)
    assert render_sources(answer(found=False), PLAIN) == ""


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.lists(st.integers(0, 40), max_size=6))
def test_no_document_can_move_the_cursor_or_lose_its_words(text: str, edges: list[int]) -> None:
    hostile = f"\x1b[2J{text}\x9b1m\r"
    within = sorted(min(edge, len(hostile)) for edge in edges)
    spans = [(a, b) for a, b in zip(within[::2], within[1::2], strict=False) if a < b]
    one = cite(hostile, spans, title=hostile, source=hostile, path=hostile)
    shown = render_sources(answer(one), PLAIN)
    assert not any(ord(char) < 32 and char not in "\n\t" for char in shown)
    assert not any(127 <= ord(char) < 160 for char in shown)
    assert len(shown.split("\n")) == 5
    quote = shown.split("\n")[3]
    assert [char for char in quote if char.isalnum()] == [c for c in hostile if c.isalnum()]


def test_a_title_of_several_lines_stays_on_its_line() -> None:
    shown = render_sources(answer(cite("Ja.", [], title="Eins\n[2] Falsch", path="x")), PLAIN)
    assert "\n[2]" not in shown


def test_a_pipe_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = TerminalStyle.of(io.StringIO())
    assert (pipe.live, pipe.colour) == (False, False)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert TerminalStyle.of(Terminal()).colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert not TerminalStyle.of(Terminal()).colour
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not TerminalStyle.of(Terminal()).live


@pytest.mark.parametrize(("length", "lines"), [(1, 0), (10, 0), (11, 1), (25, 2)])
def test_wrapped_words_are_erased_too(length: int, lines: int) -> None:
    assert TerminalStyle(True, True, width=10).erase("x" * length).count("\x1b[1A") == lines


def test_timings_are_one_line() -> None:
    one = answer()
    assert len(render_timings(one).strip().splitlines()) == 1
    assert "first token -" in render_timings(one)
