"""The second look at the sides of a disagreement."""

from __future__ import annotations

from pathlib import Path

from fakes import Script, ScriptedEngine
from found_spans import reading

from models import forms
from models.training.packing import Tail, TextExamples, pack
from qa.dialogue.asked import asked_of
from qa.pipeline.check import check_sides
from qa.pipeline.extract import ExtractRequest
from qa.pipeline.group import group

QUESTION = "Wie viel zahlte Meta?"
REQUEST = ExtractRequest(QUESTION, "de", Path("corpus"), trained=True)
FOUND = [
    reading("Meta zahlte 14,3 Milliarden Dollar.", "14,3 Milliarden Dollar", name="a"),
    reading("Meta zahlte 14,8 Milliarden Dollar.", "14,8 Milliarden Dollar", name="b"),
]
BOTH = [span for found in FOUND for span in found.spans]


def says(**odds: float) -> ScriptedEngine:
    """An engine that says yes to answers as these say ("v143" for "14,3")."""
    by_text = {f"{name[1:3]},{name[3:]}": value for name, value in odds.items()}

    def score(prompt: str) -> float:
        proposed = prompt.split(forms.check_tail("de", trained=True)[1])[1]
        return next(value for text, value in by_text.items() if text in proposed)

    return ScriptedEngine(Script(yes_no=score))


def test_the_reader_sees_passage_question_and_answer_as_it_was_trained_to() -> None:
    engine = says(v143=2.0)
    (checked,) = check_sides(engine, REQUEST, FOUND[:1], FOUND[0].spans)
    assert checked.check == 2.0
    asked = "".join(segment.text for segment in engine.prompts[0])
    tail = Tail("check", "de", QUESTION, "ja", proposed="14,3 Milliarden Dollar")
    examples = TextExamples("Bericht", "Meta zahlte 14,3 Milliarden Dollar.", (tail,), "made")
    packed = pack(examples, lambda text, _: [ord(character) for character in text])
    trained = "".join(map(chr, packed.tokens.tolist()))
    begin = trained.index(forms.TEXT)
    end = trained.index("<|im_end|>", begin)
    assert trained[begin:end] in asked


def test_looked_at_are_the_sides_once() -> None:
    first, second = check_sides(says(v143=2.0), REQUEST, FOUND, FOUND[0].spans)
    assert (first.check, second.check) == (2.0, None)
    # An engine that has nothing to say would fail.
    assert check_sides(says(), REQUEST, [first, second], first.spans) == [first, second]
    assert check_sides(says(), REQUEST, FOUND, ()) == FOUND


def test_a_side_that_the_reader_refutes_is_none() -> None:
    asked = asked_of(QUESTION, "de")
    checked = check_sides(says(v143=2.0, v148=-2.0), REQUEST, FOUND, BOTH)
    assert [side.best.text for side in group(checked, {}, asked).groups] == [
        "14,3 Milliarden Dollar"
    ]
    checked = check_sides(says(v143=2.0, v148=0.5), REQUEST, FOUND, BOTH)
    assert group(checked, {}, asked).disagree


def test_the_likeliest_answer_stays_for_the_confidence_to_judge() -> None:
    checked = check_sides(says(v143=-3.0, v148=-3.0), REQUEST, FOUND, BOTH)
    assert len(group(checked, {}, asked_of(QUESTION, "de")).groups) == 1
