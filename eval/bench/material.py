"""What the benchmark asks, and over which documents.

In: settings. Out: questions of development sets that no reported figure uses (of XQuAD, German and
English), or those of the sample corpus where the sets are not on this machine; the folders that
hold the corpora from one run to the next. What can fail: what the sets' reader says.

No two questions of a corpus have the same gold document, and none is asked twice of the same
process, so that nothing which a system remembers of one makes another look fast.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from base.settings import Settings
from eval.code import code_digest
from eval.question import Question
from eval.questionset import QuestionSet, find_set

_DEVELOPMENT = "xquad"
_SAMPLE = "sample"
# The sample's other kinds are refused, cross languages, or need an earlier question.
_SAMPLE_KINDS = ("plain", "number")

REPORTED = 100
"""The first questions of a set, after a shuffle by 7, are those that figures are reported of."""


@dataclass(frozen=True)
class Corpus:
    """One corpus and the questions asked of it. ``set`` and ``pair`` name its documents."""

    set: str
    pair: str
    folder: Path
    questions: tuple[Question, ...]


def material(settings: Settings) -> tuple[Corpus, ...]:
    """The corpora, in the order in which they are asked."""
    found = find_set(_DEVELOPMENT)
    if found.present():
        parts = [
            (pair, _development(found, at, pair)) for at, pair in enumerate(("de-de", "en-en"))
        ]
    else:
        found = find_set(_SAMPLE)
        (pair,) = found.default_pairs
        usable = found.questions(pair, len(found.questions(pair)))
        parts = [(pair, [one for one in usable if one.kind in _SAMPLE_KINDS])]
    return tuple(
        Corpus(found.name, pair, _folder(found, pair, settings), _apart(questions))
        for pair, questions in parts
    )


def _development(found: QuestionSet, at: int, pair: str) -> list[Question]:
    """Every other question that is not reported: the set is parallel, the pairs ask different ones.

    The shuffle is the same for both, because the ids are.
    """

    every = found.questions(pair, len(found.questions(pair)))
    return every[REPORTED + at :: 2]


def _apart(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The first question of each gold document."""
    first: dict[frozenset[str], Question] = {}
    for one in questions:
        first.setdefault(one.gold_documents, one)
    return tuple(first.values())


def _folder(found: QuestionSet, pair: str, settings: Settings) -> Path:
    """Of these documents, this encoder and this way of cutting alone."""
    facts = (
        found.digest,
        settings.encoder,
        settings.encoder_dtype,
        settings.passage_tokens,
        settings.passage_overlap,
        code_digest("corpus", "index"),
    )
    digest = hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
    return settings.cache / "eval" / "bench" / f"{found.name}-{pair}-{digest}"
