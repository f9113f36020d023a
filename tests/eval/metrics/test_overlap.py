from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import SHARED

from corpus.document import Language
from eval.metrics.agreement import LabelledClaim, agreement, compare_judges
from eval.metrics.overlap import THRESHOLD, OverlapJudge, new_words_held

ATTRIBUTION = SHARED / "eval" / "attribution" / "attributionbench_test500.jsonl"
XQUAD = SHARED / "eval" / "xquad"
TRIED = [step / 20 for step in range(1, 21)]
FOLDS = 10


@pytest.mark.parametrize(
    ("premise", "claim", "question", "expected"),
    [
        ("Die Stadt baute 1998 eine Brücke.", "Sie baute die Brücke 1998.", "", True),
        ("Die Stadt baute 1998 eine Brücke.", "Sie baute die Brücke 1999.", "", False),
        ("Die Stadt baute eine Brücke.", "Die Stadt baute einen Tunnel.", "", False),
        # The number stands in the question: it need not be proven again.
        ("Er gewann das Rennen.", "Er gewann 1998 das Rennen.", "Wer gewann 1998?", True),
        # What is asked is new, and missing.
        ("Der Turm steht.", "Der Turm ist 20 Meter hoch.", "Wie hoch ist der Turm?", False),
        ("Der Turm steht.", "Der Turm heißt Karl.", "Wie heißt der Turm?", False),
        ("Der Turm heißt Karl.", "Der Turm heißt Karl.", "Wie heißt der Turm?", True),
        ("", "Der Turm heißt Karl.", "", False),
        ("Der Turm heißt Karl.", "", "", False),
    ],
)
def test_support_in_one_language(premise: str, claim: str, question: str, expected: bool) -> None:
    for written in ("de", None):
        assert OverlapJudge().supports(premise, claim, question, "de", written) is expected


@pytest.mark.parametrize(
    ("premise", "claim", "expected"),
    [
        ("Meta zahlte 14,3 Milliarden Dollar.", "The price was 14.3 billion.", True),
        ("Meta zahlte 14,3 Millionen Dollar.", "The price was 14.3 billion.", False),
        ("Der Preis ging an Einstein.", "It was given to Einstein.", True),
        ("Der Preis ging an Curie.", "It was given to Einstein.", False),
    ],
)
def test_between_languages_names_and_numbers_decide(
    premise: str, claim: str, expected: bool
) -> None:
    assert OverlapJudge().supports(premise, claim, "", "en", "de") is expected


@given(st.lists(st.sampled_from(["Berg", "Fluss", "Haus", "12"]), min_size=1).map(" ".join))
def test_a_text_supports_itself(text: str) -> None:
    judge = OverlapJudge()
    if text.strip("12 "):
        assert judge.supports(text, text, "", "de", "de")
        assert judge.supports(f"Vorher. {text}", text, "", "de", "de")


def claims() -> list[LabelledClaim]:
    if not ATTRIBUTION.is_file():
        pytest.skip("the claims are not on this machine")
    return [
        LabelledClaim(
            claim=row["claim"],
            references=tuple(row["references"]),
            question=row["question"],
            supported=row["label"] == "attributable",
        )
        for row in map(json.loads, ATTRIBUTION.read_text("utf-8").splitlines())
    ]


def verdicts(found: list[LabelledClaim]) -> dict[float, list[bool]]:
    """By threshold; words are compared once."""
    numbers = OverlapJudge(threshold=0.0)
    agreed, shares = [], []
    for one in found:
        premise = "\n".join(one.references)
        agreed.append(numbers.supports(premise, one.claim, one.question, "en", "en"))
        shares.append(new_words_held(premise, one.claim, one.question, "en", "en"))
    return {
        threshold: [
            right and share >= threshold for right, share in zip(agreed, shares, strict=True)
        ]
        for threshold in TRIED
    }


def test_cross_validation_chooses_the_threshold() -> None:
    found = claims()
    random.Random(0).shuffle(found)
    labels = [one.supported for one in found]
    tried = verdicts(found)
    held_out = list(labels)
    for fold in range(FOLDS):
        others = [place for place in range(len(found)) if place % FOLDS != fold]
        wanted = [labels[place] for place in others]

        def macro(
            threshold: float, others: list[int] = others, wanted: list[bool] = wanted
        ) -> float:
            return compare_judges([tried[threshold][place] for place in others], wanted).macro_f1

        chosen = max(TRIED, key=macro)
        assert chosen == THRESHOLD
        held_out[fold::FOLDS] = tried[chosen][fold::FOLDS]
    result = compare_judges(held_out, labels)
    assert result.accuracy == pytest.approx(0.70, abs=0.01)
    assert result.macro_f1 == pytest.approx(0.70, abs=0.01)
    assert agreement(OverlapJudge(), found) == result


def sentences(language: Language) -> dict[str, list[str]]:
    def rows(name: str) -> list[dict[str, object]]:
        file = XQUAD / f"{name}_{language}.jsonl"
        if not file.is_file():
            pytest.skip("XQuAD is not on this machine")
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()]

    texts = {row["id"]: str(row["text"]) for row in rows("documents")}
    return {
        str(row["doc_id"]): [texts[row["doc_id"]][start:end] for start, end in spans]
        for row in rows("sentence_breaks")
        if isinstance(spans := row["sentence_offsets"], list)
    }


def test_translations_are_told_from_other_sentences() -> None:
    german, english = sentences("de"), sentences("en")
    draw = random.Random(0)
    said, labels = [], []
    judge = OverlapJudge()
    for name, written in german.items():
        if len(written) != len(english[name]) or len(written) < 2:
            continue
        for place in range(len(written)):
            other = draw.choice([one for one in range(len(written)) if one != place])
            for premise, supported in ((place, True), (other, False)):
                labels += [supported] * 2
                said += [
                    judge.supports(written[premise], english[name][place], "", "en", "de"),
                    judge.supports(english[name][premise], written[place], "", "de", "en"),
                ]
    assert len(labels) == 1544
    assert compare_judges(said, labels).accuracy == pytest.approx(0.79, abs=0.01)


def test_agreement_by_hand() -> None:
    found = compare_judges([True, True, False, False], [True, False, False, False])
    assert found.accuracy == 0.75
    assert found.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found.count == 4
    assert compare_judges([], []).macro_f1 == 0.0
    assert compare_judges([True], [True]).macro_f1 == 0.5
