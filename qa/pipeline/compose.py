"""Groups of spans as sentences.

In: a group, the question's language. Out: the text of a statement, the spans it cites. Nothing can
fail.

Nothing is put into words that a source does not have: the sentence in which the answer stands is
itself the statement where it is short and in the question's language, else the answer's words and
the sentence behind them as a quotation. Words are set before a quotation, or into a list, only
where they say by themselves what they say in their sentence. A wrong sentence that looks proven is
the worst fault there is, and a quotation cannot be one.
"""

from __future__ import annotations

from dataclasses import dataclass

from corpus.document import Language
from qa.dialogue.question_parts import QuestionKind
from qa.pipeline.extract import FoundSpan
from qa.pipeline.group import AnswerGroup, Grouping, states_number
from qa.pipeline.quotation import in_original, leans, quote, with_antecedent
from qa.pipeline.span_meaning import stated_values, words_alone, words_beside
from qa.proof.render import render_in

SHORT = 180
"""Characters up to which a sentence is an answer by itself."""

_DISAGREE: dict[Language, str] = {
    "de": "Die Quellen machen verschiedene Angaben.",
    "en": "The sources disagree.",
}
_OTHER_NAMES: dict[Language, str] = {
    "de": "Die Quellen nennen Verschiedene.",
    "en": "The sources name different ones.",
}
_OTHER_TIMES: dict[Language, str] = {
    "de": "Die Angaben gelten für verschiedene Zeiten.",
    "en": "What is stated is of different times.",
}
_FOUND: dict[Language, str] = {
    "de": "Eine Zahl wurde nicht gefunden. Gefunden wurde dies; es muss nicht alles sein.",
    "en": "No number was found. This was found; there may be more.",
}
_MORE: dict[Language, str] = {
    "de": "Gefunden wurde dies; es muss nicht alles sein.",
    "en": "This was found; there may be more.",
}
_WHOLE = 0.85
"""Words that are so much of their sentence are not said twice."""


@dataclass(frozen=True)
class Statement:
    """A sentence of an answer and what it rests on."""

    text: str
    spans: tuple[FoundSpan, ...]
    """What it cites, in the order of its markers."""
    quoted: bool
    """Whether its words are the source's own."""


def compose(
    grouping: Grouping, language: Language, kind: QuestionKind
) -> tuple[str, list[Statement]]:
    """What stands before the statements ("" where nothing does), and the statements."""
    if len(grouping.groups) > 1:
        sides = sorted(grouping.groups, key=lambda side: side.best.stored.date or "", reverse=True)
        return _introduction(grouping)[language], [_side(side, language) for side in sides]
    group = grouping.groups[0]
    if kind == "count" and not any(states_number(span) for span in group.spans):
        # What was found may not be all there is, so it is shown and not counted.
        return _FOUND[language], _quotes(group.spans, language)
    if group.is_list:
        several = len(group.readings) > 1
        return _MORE[language] if several else "", _items(group.spans, language)
    return "", [_alone(group, language)]


def _introduction(grouping: Grouping) -> dict[Language, str]:
    """What stands before several sides."""
    if not grouping.disagree:
        return _OTHER_TIMES
    values = any(stated_values(side.best).all() for side in grouping.groups)
    return _DISAGREE if values else _OTHER_NAMES


def _alone(group: AnswerGroup, language: Language) -> Statement:
    """The statement of the only group."""
    span, *others = group.spans
    sentence = span.context
    if span.language == language and len(sentence) <= SHORT and not leans(sentence, language):
        return Statement(_closed(sentence), group.spans, quoted=True)
    words = None if _is_whole(span) else _words(span, language)
    span = with_antecedent(span)
    quotation = quote(span, language)
    text = quotation if words is None or _is_whole(span) else f"{words}: {quotation}"
    return Statement(text, (span, *others), quoted=True)


def _side(group: AnswerGroup, language: Language) -> Statement:
    """The statement of one of several groups that disagree."""
    span, *others = group.spans
    words = _words(span, language)
    span = with_antecedent(span)
    facts = ", ".join(
        fact for fact in (span.stored.source or span.stored.title, span.stored.date) if fact
    )
    lead = f"{words} ({facts})" if words else facts
    return Statement(f"{lead}: {quote(span, language)}", (span, *others), quoted=True)


def _items(spans: tuple[FoundSpan, ...], language: Language) -> list[Statement]:
    """The items of a list, as words where all of a sentence's items can stand so, else quoted."""
    statements: list[Statement] = []
    for together in _by_sentence(spans):
        words = [_words(span, language, quoted=False) for span in together]
        if all(words) and not any(_is_bare_number(span) for span in together):
            statements += [
                Statement(in_original(str(word), span.language, language), (span,), quoted=True)
                for word, span in zip(words, together, strict=True)
            ]
        else:
            statements += _quotes(together, language)
    return statements


def _is_bare_number(span: FoundSpan) -> bool:
    """Whether the span is a number, which alone does not say of what it is."""
    return states_number(span) and not words_beside(span).strip(" .,;:()")


def _quotes(spans: tuple[FoundSpan, ...], language: Language) -> list[Statement]:
    """The sentences of ``spans`` as quotations, each once."""
    return [
        Statement(quote(with_antecedent(together[0]), language), _leaning(together), quoted=True)
        for together in _by_sentence(spans)
    ]


def _leaning(spans: tuple[FoundSpan, ...]) -> tuple[FoundSpan, ...]:
    return tuple(with_antecedent(span) for span in spans)


def _by_sentence(spans: tuple[FoundSpan, ...]) -> list[tuple[FoundSpan, ...]]:
    """The spans that stand in one sentence together, in order."""
    together: dict[object, list[FoundSpan]] = {}
    for span in spans:
        passage = span.stored.passage
        first, last = span.sentences[0].stored, span.sentences[-1].stored
        together.setdefault((passage.document_id, first.start, last.end), []).append(span)
    return [tuple(members) for members in together.values()]


def _is_whole(span: FoundSpan) -> bool:
    """Whether the words are nearly all of their sentence."""
    return len(span.text) > _WHOLE * len(span.context)


def _words(span: FoundSpan, language: Language, *, quoted: bool = True) -> str | None:
    """The span's words as the question's language writes them, where they can stand alone."""
    words = words_alone(span, quoted=quoted)
    return None if words is None else render_in(words, span.language, language)


def _closed(sentence: str) -> str:
    return (
        sentence if sentence.rstrip().endswith((".", "!", "?", "“", "”", '"')) else f"{sentence}."
    )
