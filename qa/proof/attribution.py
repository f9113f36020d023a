"""Which sentences of the evidence carry a statement, and whether they do.

In: one sentence of an answer, the question, and the evidence that was read. Out: the evidence
sentences to cite, best first, and whether together they support the statement. Nothing can fail;
a statement without support comes back as such and is not shown.

Which sentences are cited is a matter of words: what a statement adds to the question weighs most,
and further sentences are cited as long as they prove a part that the first did not. Whether they
prove the statement is decided by :func:`qa.proof.support.prove` over all of them together; that the
question said something excuses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.document import Language
from index.encoder import Encoder
from index.evidence import Evidence, Sentence
from index.terms import question_words, stems, words
from qa.proof.numbers import Number, find, missing
from qa.proof.support import prove
from qa.proof.words import folded

MOST_CITATIONS = 3

# E5's cosines between any two sentences lie in a narrow band; this maps it to 0..1.
_COSINE_LOW, _COSINE_HIGH = 0.75, 0.95

# Share of a statement's new words that the cited sentences must hold to be its own words.
_FAITHFUL = 0.75


@dataclass(frozen=True)
class Support:
    """The cited sentences, and whether they carry the statement.

    ``faithful``: nearly every new word of it stands in them. Where it does not, the statement is
    a paraphrase by a small model, and the source's own words are the better answer.
    ``same_language``: all that is cited is in the statement's language.
    """

    cited: tuple[tuple[Evidence, Sentence], ...] = ()
    supported: bool = False
    faithful: bool = True
    same_language: bool = True


@dataclass(frozen=True)
class _Candidate:
    evidence: Evidence
    sentence: Sentence
    words: frozenset[str]
    numbers: tuple[Number, ...]
    cosine: float
    same: bool


def attribute(
    statement: str,
    question: str,
    language: Language,
    evidence: Sequence[Evidence],
    encoder: Encoder,
) -> Support:
    """The support of ``statement``, an answer's sentence in ``language``, in ``evidence``."""
    candidates = _candidates(statement, language, evidence, encoder)
    if not candidates:
        return Support()
    asked = _words(question, language)
    said = _words(statement, language)
    given = find(question, language)
    numbers = missing(find(statement, language), given)
    # Asked for something, a statement without a new word names nothing.
    if not said - asked and not numbers and question_words() & set(words(question)):
        return Support()
    # A statement that adds no word of its own ("Yes, ...") is proven by what it repeats.
    fresh = (said - asked) or said
    cited = _cover(candidates, fresh, said - fresh, numbers)
    union = frozenset().union(*(one.words for one in cited))
    share = len(fresh & union) / len(fresh) if fresh else 0.0
    same = all(one.same for one in cited)
    quote = " ".join(one.sentence.text for one in sorted(cited, key=_place))
    proof = prove(quote, statement, cited[0].evidence.stored.language, language)
    return Support(
        cited=tuple((one.evidence, one.sentence) for one in cited),
        supported=proof.supported,
        faithful=not same or share >= _FAITHFUL,
        same_language=same,
    )


def _place(candidate: _Candidate) -> tuple[str, int]:
    """By document, then in the order of the text, as the sentences are read."""
    return candidate.evidence.stored.passage.document_id, candidate.sentence.span.start


def _candidates(
    statement: str, language: Language, evidence: Sequence[Evidence], encoder: Encoder
) -> list[_Candidate]:
    if not any(one.sentences for one in evidence):
        return []
    vector = encoder.encode_passages([statement])[0]
    result = []
    for passage in evidence:
        written = passage.stored.language
        for sentence in passage.sentences:
            raw = float(sentence.vector @ vector)
            scaled = (raw - _COSINE_LOW) / (_COSINE_HIGH - _COSINE_LOW)
            result.append(
                _Candidate(
                    evidence=passage,
                    sentence=sentence,
                    words=_words(sentence.text, written),
                    numbers=tuple(find(sentence.text, written)),
                    cosine=min(max(scaled, 0.0), 1.0),
                    same=written == language,
                )
            )
    return result


def _cover(
    candidates: Sequence[_Candidate],
    fresh: frozenset[str],
    repeated: frozenset[str],
    numbers: Sequence[Number],
) -> list[_Candidate]:
    """The best sentence, then those that prove what is still open (greedy set cover)."""
    chosen: list[_Candidate] = []
    open_words, open_numbers = set(fresh), list(numbers)
    while len(chosen) < MOST_CITATIONS:
        rest = [one for one in candidates if one not in chosen]
        if not rest:
            break
        best = max(rest, key=lambda one: _gain(one, open_words, repeated, open_numbers, fresh))
        left = missing(open_numbers, best.numbers)
        covered = open_words & best.words
        proves = len(left) < len(open_numbers) or len(covered) * 3 >= len(fresh)
        if chosen and not proves:
            break
        chosen.append(best)
        open_words -= covered
        open_numbers = left
        if not open_numbers and len(open_words) * 3 < len(fresh):
            break
    return chosen


def _gain(
    one: _Candidate,
    open_words: set[str],
    repeated: frozenset[str],
    open_numbers: Sequence[Number],
    fresh: frozenset[str],
) -> float:
    share = len(open_words & one.words) / len(fresh) if fresh else 0.0
    topic = len(repeated & one.words) / len(repeated) if repeated else 0.0
    proven = len(open_numbers) - len(missing(open_numbers, one.numbers))
    agreed = proven / len(open_numbers) if open_numbers else 0.0
    shared = share + agreed + 0.4 * topic
    return shared + (0.6 if one.same else 1.2) * one.cosine


def _words(text: str, language: Language) -> frozenset[str]:
    """Stems without accents, so that names agree across languages; numbers are judged apart."""
    found = (folded(stem) for stem in stems(text, language))
    return frozenset(word for word in found if not word[:1].isdigit())


def supporting_words(
    statement: str, language: Language, quote: str, quote_language: Language
) -> list[tuple[int, int]]:
    """Spans of the words and numbers in ``quote`` that also stand in ``statement``."""
    said = _words(statement, language)
    claimed = find(statement, language)
    spans = [
        (number.start, number.end)
        for number in find(quote, quote_language)
        if any(number.agrees(other) for other in claimed)
    ]
    place = 0
    for word in quote.split():
        start = quote.index(word, place)
        place = start + len(word)
        if _words(word, quote_language) & said and not any(
            first < place and start < last for first, last in spans
        ):
            spans.append((start, place))
    return sorted(spans)
