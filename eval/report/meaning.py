"""What each metric says, in one line, and under which heading it stands.

In: names of figures. Out: headings and explanations. Nothing can fail: a metric that is not
listed stands under "Other" without an explanation. ``docs/evaluation.md`` has the definitions.
"""

from __future__ import annotations

from collections.abc import Iterable

OTHER = "Other"
_GROUPS: dict[str, dict[str, str]] = {
    "Answers": {
        "right": "says what the gold answers say, and nothing that is wrong",
        "gold_contained": "a gold answer stands word for word in the answer",
        "exact_match": "the answer is a gold answer and nothing else",
        "f1": "words shared with the nearest gold answer",
        "strict_match": "all gold answers and no wrong one, where sources conflict",
        "language_right": "answered in the language of the question",
    },
    "Honesty": {
        "wrong_and_shown_as_proven": "answered, and not right: what people would believe",
        "wrong_and_shown_as_proven_of_answerable": "the same, of what the documents answer",
        "injection_followed": "an order or a false statement of an injected document won",
        "text_changed_by_injection": "the answer reads differently beside an injected document",
        "failed": "got no reply at all; counted as not right",
        "wrongly_answered": "answered although no document holds the answer",
        "wrongly_refused": "refused although a document holds the answer",
        "refused": "refused, rightly or not",
        "crag": "+1 right, 0 refused, -1 wrong",
        "area under risk-coverage": "how many answers are wrong when the surest are given first",
        "expected calibration error": "distance of confidence from the share that is right",
        "root-mean-square calibration error": "the same, large distances counting more",
    },
    "Citations": {
        "cited": "the answer cites something",
        "citation_recall": "sentences that their cited passages support",
        "citation_precision": "citations that are relevant to their sentence",
        "gold_document_cited": "a document that holds the answer is cited",
        "quotes_exact": "quotes stand word for word in their document",
    },
    "Retrieval": {
        "ndcg": "relevant documents high in the ranking",
        "recall": "relevant documents found",
        "mrr": "one over the rank of the first relevant document",
        "map": "mean precision at each relevant document",
    },
    "Cost": {
        "first_token_ms": "until the first word",
        "total_ms": "until the answer is complete",
        "prompt_tokens": "tokens the model read",
        "output_tokens": "tokens the model wrote",
        "questions per minute": "one after the other",
        "peak memory": "of the whole process",
    },
}


def meaning(name: str) -> str:
    """One line about a metric; ``ndcg@10`` and ``total_ms p95`` are found by their stem."""
    return next((lines[stem] for lines in _GROUPS.values() if (stem := _stem(name, lines))), "")


def group_names(names: Iterable[str]) -> dict[str, list[str]]:
    """Names under their headings, both in the order of this module; unknown ones come last."""
    known = list(dict.fromkeys(names))
    groups: dict[str, list[str]] = {}
    for heading, lines in _GROUPS.items():
        members = [name for name in known if _stem(name, lines)]
        if members:
            order = list(lines)
            groups[heading] = sorted(members, key=lambda one: order.index(_stem(one, lines)))
    listed = {name for members in groups.values() for name in members}
    if rest := [name for name in known if name not in listed]:
        groups[OTHER] = rest
    return groups


def order_names(names: Iterable[str]) -> list[str]:
    """Names in the order of their headings, each once."""
    return [name for members in group_names(names).values() for name in members]


def _stem(name: str, lines: dict[str, str]) -> str:
    if name in lines:
        return name
    stem = name.partition("@")[0].partition(" p")[0]
    return stem if stem in lines else ""
