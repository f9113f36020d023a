from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from eval.metrics.citation import citation_scores
from eval.question import Question
from eval.record import Cited, Cost, QuestionRecord, Reply, Statement


class NeedsWords:
    """Supports a claim where every word of it stands in the premise; counts its calls."""

    name = "words"

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str, Language, Language | None]] = []

    def supports(
        self,
        premise: str,
        claim: str,
        question: str,
        language: Language,
        premise_language: Language | None,
    ) -> bool:
        self.calls.append((premise, claim, question, language, premise_language))
        return set(claim.split()) <= set(premise.split())


def record(
    statements: list[tuple[str, tuple[int, ...]]],
    quotes: dict[int, str],
    language: Language | None = "de",
) -> QuestionRecord:
    return QuestionRecord(
        question=Question(id="1", text="Frage?", language="en", answerable=True),
        reply=Reply(
            status="answered",
            text=" ".join(text for text, _ in statements),
            statements=tuple(Statement(text=text, markers=marks) for text, marks in statements),
            citations=tuple(
                Cited(marker=marker, document_id=f"d{marker}", title=f"T{marker}", quote=quote)
                for marker, quote in quotes.items()
            ),
            cost=Cost(total_ms=1),
        ),
        reply_language=language,
    )


def scores(
    statements: list[tuple[str, tuple[int, ...]]], quotes: dict[int, str]
) -> tuple[float, float]:
    found = citation_scores(record(statements, quotes), NeedsWords(), {})
    assert set(found) == {"citation_recall", "citation_precision"}
    return found["citation_recall"], found["citation_precision"]


@pytest.mark.parametrize(
    ("statements", "recall", "precision"),
    [
        ([("a", (1,))], 1.0, 1.0),
        ([("a", ())], 0.0, 0.0),
        ([("z", (1,))], 0.0, 0.0),
        # Both are needed; one is enough alone; the third adds nothing.
        ([("a b", (1, 2))], 1.0, 1.0),
        ([("a", (1, 2))], 1.0, 0.5),
        ([("a b", (1, 2, 3))], 1.0, 2 / 3),
        # Each of two is irrelevant on its own terms: 1 and 4 both hold "a".
        ([("a b", (1, 2, 4))], 1.0, 1 / 3),
        # None of an unsupported sentence's citations is relevant, though 1 holds half.
        ([("a z", (1, 2)), ("b", (2,))], 0.5, 1 / 3),
        ([("a", (1,)), ("b", ())], 0.5, 1.0),
        # A marker that stands for nothing fails its sentence and counts nowhere else.
        ([("a", (1, 9)), ("b", (2,))], 0.5, 1.0),
        # The fourth citation is not looked at.
        ([("a b c", (1, 2, 4, 3))], 0.0, 0.0),
    ],
)
def test_citations_by_hand(
    statements: list[tuple[str, tuple[int, ...]]], recall: float, precision: float
) -> None:
    found = scores(statements, {1: "a", 2: "b", 3: "c", 4: "a"})
    assert found == (pytest.approx(recall), pytest.approx(precision))


def test_the_judge_reads_titles_and_languages() -> None:
    judge = NeedsWords()
    languages: dict[str, Language] = {"d1": "de", "d2": "en"}
    citation_scores(record([("x", (1, 2)), ("y", (2,))], {1: "a", 2: "b"}), judge, languages)
    assert judge.calls == [
        ("Title: T1\na\nTitle: T2\nb", "x", "Frage?", "de", None),
        ("Title: T2\nb", "y", "Frage?", "de", "en"),
    ]
    judge.calls.clear()
    citation_scores(record([("x", (1,))], {1: "a"}, language=None), judge, {})
    assert judge.calls == [("Title: T1\na", "x", "Frage?", "en", None)]


def test_without_a_reply_or_statements_there_is_no_score() -> None:
    assert citation_scores(record([], {}), NeedsWords(), {}) == {}
    silent = QuestionRecord(question=Question(id="1", text="?", language="de", answerable=True))
    assert citation_scores(silent, NeedsWords(), {}) == {}


STATEMENTS = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(" ".join),
        st.lists(st.integers(1, 5), max_size=4).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


@given(STATEMENTS)
def test_both_are_shares_and_precision_needs_recall(
    statements: list[tuple[str, tuple[int, ...]]],
) -> None:
    recall, precision = scores(statements, {1: "a", 2: "b", 3: "c", 4: "a b"})
    assert 0.0 <= recall <= 1.0
    assert 0.0 <= precision <= 1.0
    # A supported sentence may have no relevant citation (each can be spared), never the reverse.
    assert recall > 0 or precision == 0
