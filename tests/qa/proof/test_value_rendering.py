from __future__ import annotations

import pytest

from corpus.document import Language
from qa.proof.render import render_in


@pytest.mark.parametrize(
    ("text", "written", "rendered"),
    [
        ("14,3 Milliarden US-Dollar", "de", "14.3 billion US dollars"),
        ("about 15 billion dollars", "en", "rund 15 Milliarden Dollar"),
        ("13. Juni 2025", "de", "13 June 2025"),
        ("March 3, 2027", "en", "3. März 2027"),
        ("1,200 m²", "en", "1.200 m²"),
        ("rund 49 Prozent", "de", "about 49 percent"),
    ],
)
def test_a_value_is_written_as_the_other_language_writes_it(
    text: str, written: Language, rendered: str
) -> None:
    assert render_in(text, written, "en" if written == "de" else "de") == rendered


@pytest.mark.parametrize("text", ["Berlin", "49 Prozent der Anteile", "im Jahr 1943", "1.2.3 Euro"])
def test_what_is_not_known_for_certain_stays_as_it_is(text: str) -> None:
    assert render_in(text, "de", "en") == text


def test_the_same_language_changes_nothing() -> None:
    assert render_in("14,3 Milliarden", "de", "de") == "14,3 Milliarden"
