"""Names that differ as answers to one question."""

from __future__ import annotations

import pytest
from found_spans import reading

from qa.dialogue.asked import asked_of
from qa.pipeline.compose import compose
from qa.pipeline.different_names import are_different_names
from qa.pipeline.extract import FoundSpan
from qa.pipeline.group import group

LEADS = asked_of("Wer leitet Nordbau?", "de")
BORN = asked_of("Where was Ada Brandt born?", "en")


def span(text: str, answer: str, **facts: str) -> FoundSpan:
    return reading(text, answer, **facts).spans[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        ("Frau Kern leitet Nordbau.", "Frau Kern"),
        ("Nordbau wird von Eva Lind geleitet.", "Eva Lind"),
    ],
)
def test_other_persons_in_the_same_place_are_different(other: str, answer: str) -> None:
    best = span("Nordbau wird von Karl Mohn geleitet.", "Karl Mohn")
    assert are_different_names(best, span(other, answer), LEADS)


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        ("Herr Mohn leitet Nordbau.", "Herr Mohn"),
        ("Eva Lind leitet Südbau.", "Eva Lind"),
        ("Nordbau leitet Eva Lind, die auf Karl Mohn folgt.", "Eva Lind"),
        ("Nordbau leitet ein Rat aus dreien.", "ein Rat aus dreien"),
        ("Nordbau leiten Eva Lind, Jan Roth.", "Eva Lind, Jan Roth"),
    ],
    ids=["one person", "another firm", "both named", "no name", "several"],
)
def test_what_is_not_certainly_another_one(other: str, answer: str) -> None:
    best = span("Nordbau wird von Karl Mohn geleitet.", "Karl Mohn")
    assert not are_different_names(best, span(other, answer), LEADS)


def test_a_german_noun_is_no_name() -> None:
    asked = asked_of("Was baut Nordbau?", "de")
    assert not are_different_names(
        span("Nordbau baut Brücken.", "Brücken"), span("Nordbau baut Häuser.", "Häuser"), asked
    )


def test_initials_are_the_name() -> None:
    asked = asked_of("Who funds the Elmo project?", "en")
    short = span("The Elmo project is funded by the UN.", "UN", language="en")
    whole = span("United Nations money funds the Elmo project.", "United Nations", language="en")
    other = span("The Elmo project is funded by Clara Berg.", "Clara Berg", language="en")
    assert not are_different_names(short, whole, asked)
    assert are_different_names(short, other, asked)


def test_sources_that_name_different_places_stand_side_by_side() -> None:
    facts = {"language": "en"}
    found = [
        reading("Ada Brandt was born in Oslo.", "Oslo", name="a", date="2020-01-01", **facts),  # type: ignore[arg-type]
        reading("Born in Turku, Ada Brandt …", "Turku", name="b", date="2024-01-01", **facts),  # type: ignore[arg-type]
    ]
    grouping = group(found, {}, BORN)
    assert grouping.disagree
    introduction, statements = compose(grouping, "en", "plain")
    assert introduction == "The sources name different ones."
    assert [statement.spans[0].text for statement in statements] == ["Turku", "Oslo"]


@pytest.mark.parametrize(
    "former",
    [
        "Der ehemalige Chef Karl Mohn lobte Nordbau.",
        "Karl Mohn trat zurück, wie Nordbau sagt.",
        "Bei Nordbau wurde sein Vorgänger Karl Mohn verabschiedet.",
        "Karl Mohn, der früher Nordbau führte, steht heute einem Amt vor.",
        "Karl Mohn, who formerly led Nordbau, now heads an office.",
    ],
)
def test_who_was_it_before_does_not_answer_who_is_it_now(former: str) -> None:
    before = reading(former, "Karl Mohn", name="a", log_odds=5.0)
    now = reading("Eva Lind führt Nordbau.", "Eva Lind", name="b", log_odds=3.0)
    assert [side.best.text for side in group([before, now], {}, LEADS).groups] == ["Eva Lind"]
    # Nor where nobody else is named: a refusal is better.
    assert not group([before], {}, LEADS).groups
    asked = asked_of("Wer leitete Nordbau?", "de")
    assert group([before, now], {}, asked).groups[0].best.text == "Karl Mohn"
    asked = asked_of("Wer ist der ehemalige Chef von Nordbau?", "de")
    assert group([before], {}, asked).groups[0].best.text == "Karl Mohn"
