from __future__ import annotations

import re

import pytest
from found_spans import reading

from qa.dialogue.asked import Asked
from qa.pipeline.group import NO_GROUPS, group


def test_equal_values_support_each_other_whatever_their_writing() -> None:
    grouping = group(
        [
            reading("Meta zahlte 14,3 Milliarden Dollar.", "14,3 Milliarden Dollar", name="a"),
            reading(
                "Meta paid $14.3 billion.", "$14.3 billion", language="en", name="b", log_odds=3.0
            ),
        ],
        {},
    )
    assert len(grouping.groups) == 1
    assert len(grouping.groups[0].spans) == 2
    assert not grouping.disagree


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("14,3 Milliarden Dollar", "14,8 Milliarden Dollar"),
        ("14,3 Milliarden Dollar", "rund 15 Milliarden Dollar"),
        ("12.06.2025", "13. Juni 2025"),
        ("9 Uhr", "10:30 Uhr"),
    ],
)
def test_different_values_of_one_kind_disagree(first: str, second: str) -> None:
    grouping = group(
        [
            reading(f"Genannt wird {first}.", first, name="a"),
            reading(f"Genannt wird {second}.", second, name="b"),
        ],
        {},
    )
    assert grouping.disagree
    assert [side.best.text for side in grouping.groups] == [first, second]


def test_a_doubtful_other_value_is_no_side() -> None:
    grouping = group(
        [
            reading("Es kostet 5 Euro.", "5 Euro", name="a"),
            reading("Es kostet 7 Euro.", "7 Euro", name="b", log_odds=-1.0),
        ],
        {},
    )
    assert not grouping.disagree


def test_another_clause_is_no_disagreement() -> None:
    grouping = group(
        [
            reading("Sie half der Stadt mit Geld.", "half der Stadt mit Geld", name="a"),
            reading("Er baute ein Haus.", "baute ein Haus", name="b"),
        ],
        {},
    )
    assert len(grouping.groups) == 1


def test_a_copy_counts_once() -> None:
    grouping = group(
        [
            reading("Es kostet 5 Euro.", "5 Euro", name="a"),
            reading("Es kostet 5 Euro.", "5 Euro", name="b"),
        ],
        {"a": "a", "b": "a"},
    )
    assert len(grouping.groups[0].readings) == 1


def test_several_spans_of_a_passage_are_a_list() -> None:
    grouping = group([reading("Nötig sind Pass und Foto.", "Pass", "Foto")], {})
    assert grouping.groups[0].is_list
    assert [span.text for span in grouping.groups[0].spans] == ["Pass", "Foto"]


def test_what_is_asked_for_in_full_is_taken_from_every_passage_once() -> None:
    grouping = group(
        [
            reading("Der Vertrag mit Nordbau endet.", "Nordbau", name="a"),
            reading("Der Vertrag mit Südbau endet.", "Südbau", name="b"),
            reading("Auch Nordbau endet.", "Nordbau", name="c"),
        ],
        {},
        Asked(kind="list"),
    )
    assert [span.text for span in grouping.groups[0].spans] == ["Nordbau", "Südbau"]


def test_without_an_answer_there_is_no_group() -> None:
    assert group([reading("Nichts davon.")], {}) is NO_GROUPS


NUMBER = Asked(kind="plain", sort="number")


def test_a_value_of_another_sort_is_no_answer() -> None:
    found = reading("Am 3. Juni 2025 zahlte Meta.", "3. Juni 2025")
    assert group([found], {}, NUMBER) is NO_GROUPS
    assert group([found], {}, Asked(sort="date")).groups


def test_a_stated_number_answers_a_count_and_not_what_was_found_beside_it() -> None:
    grouping = group(
        [
            reading("Der Vertrag mit Nordbau endet.", "Nordbau", name="a"),
            reading("Drei Verträge enden.", "Drei Verträge", name="b", log_odds=2.0),
        ],
        {},
        Asked(kind="count", sort="number"),
    )
    assert [side.best.text for side in grouping.groups] == ["Drei Verträge"]


def test_the_year_that_is_asked_for_goes_before_another() -> None:
    asked = Asked(sort="number", years=frozenset({2024}))
    other = reading("2023 waren es 5 Euro.", "5 Euro", name="a", log_odds=5.0)
    wanted = reading("2024 waren es 7 Euro.", "7 Euro", name="b")
    grouping = group([other, wanted], {}, asked)
    assert [side.best.text for side in grouping.groups] == ["7 Euro"]
    # Where no source has the year, what there is stays and says its own.
    assert group([other], {}, asked).groups


def test_equal_numbers_of_different_things_are_two_items() -> None:
    grouping = group(
        [
            reading("Bestellt sind 12 Stühle.", "12 Stühle", name="a"),
            reading("Bestellt sind 12 Tische.", "12 Tische", name="b"),
        ],
        {},
        Asked(kind="list"),
    )
    assert [span.text for span in grouping.groups[0].spans] == ["12 Stühle", "12 Tische"]


@pytest.mark.parametrize(
    ("before", "settled"),
    [
        (
            "Ursprünglich sollte die Halle 5 Millionen Euro kosten.",
            "Die Halle kostete 6 Millionen Euro.",
        ),
        (
            "In den Verhandlungen um die Halle ging es um 5 Millionen Euro.",
            "Aus der Halle wurden 6 Millionen Euro.",
        ),
        (
            "Talks on the hall were about 5 million euros.",
            "The price of the hall was 6 million euros.",
        ),
        ("The hall was initially put at 5 million euros.", "The hall came to 6 million euros."),
    ],
)
@pytest.mark.parametrize("likelier", ["before", "settled"])
def test_what_was_first_thought_does_not_contradict_what_came_of_it(
    before: str, settled: str, likelier: str
) -> None:
    language = "en" if "million " in before else "de"
    amounts = [re.search(r"\d \S+ [Ee]uro?s?", text)[0] for text in (before, settled)]  # type: ignore[index]
    readings = [
        reading(text, amount, language=language, name=name, log_odds=5.0 if at else 4.0)
        for name, text, amount, at in (
            ("a", before, amounts[0], likelier == "before"),
            ("b", settled, amounts[1], likelier == "settled"),
        )
    ]
    assert [side.best.text for side in group(readings, {}).groups] == [amounts[1]]
    asked = Asked(question="Wie viel war es zunächst?", sort="number")
    assert len(group(readings, {}, asked).groups) == 2
    assert len(group(readings[:1], {}).groups) == 1


@pytest.mark.parametrize(("document", "sides"), [("a", 1), ("b", 2)])
def test_one_text_that_gives_two_values_does_not_contradict_itself(
    document: str, sides: int
) -> None:
    first = reading("Die Halle kostete 6 Millionen Euro.", "6 Millionen Euro", name="a")
    other = reading("Die Halle kostete 5 Millionen Euro.", "5 Millionen Euro", name=document)
    assert len(group([first, other], {}).groups) == sides
