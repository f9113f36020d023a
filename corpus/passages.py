"""Passages: the runs of whole sentences that are retrieved.

In: a document, a function that counts tokens, a budget. Out: passages in order, whose text and
sentence offsets are exact (``Passage.check``), holding every sentence that is not boilerplate.
A passage stays within the budget unless it is one sentence longer than the budget. What
``count_tokens`` raises is passed on; nothing else can fail.

Borders follow the text: boilerplate ends a passage (it would otherwise stand inside the quoted
text), a heading starts one and goes with the text that follows it, a paragraph starts one when
the passage before is half full. Only where a paragraph is cut in the middle does the next
passage repeat the last sentences of the one before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from corpus.blocks import blocks, is_heading
from corpus.cleaning import boilerplate_spans
from corpus.document import Document, Passage, Span
from corpus.sentences import split

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True)
class _Sentence:
    span: Span
    tokens: int


@dataclass
class _Paragraph:
    """A block with its sentences; headings before it are held in ``headings``."""

    sentences: list[_Sentence]
    headings: list[_Sentence] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        return sum(sentence.tokens for sentence in self.headings + self.sentences)


def build(
    document: Document, count_tokens: CountTokens, budget: int, overlap: int
) -> list[Passage]:
    """Return the passages of ``document``; ``overlap`` is a number of sentences."""
    passages: list[Passage] = []
    for section in _sections(document, count_tokens):
        packer = _Packer(budget, overlap)
        for paragraph in section:
            packer.add(paragraph)
        for sentences in packer.finish():
            start, end = sentences[0].span.start, sentences[-1].span.end
            passages.append(
                Passage(
                    document_id=document.id,
                    ordinal=len(passages),
                    start=start,
                    end=end,
                    text=document.text[start:end],
                    sentences=tuple(sentence.span for sentence in sentences),
                )
            )
    return passages


class _Packer:
    """Fills passages with the paragraphs of one section, which holds no boilerplate."""

    def __init__(self, budget: int, overlap: int) -> None:
        self.budget = budget
        self.overlap = overlap
        self._done: list[list[_Sentence]] = []
        self._open: list[_Sentence] = []
        self._size = 0

    def add(self, paragraph: _Paragraph) -> None:
        if self._starts_anew(paragraph):
            self._close()
        for heading in paragraph.headings:
            self._append(heading, fresh=0)
        for fresh, sentence in enumerate(paragraph.sentences):
            self._append(sentence, fresh)

    def finish(self) -> list[list[_Sentence]]:
        self._close()
        return self._done

    def _starts_anew(self, paragraph: _Paragraph) -> bool:
        if paragraph.headings and 4 * self._size >= self.budget:
            return True
        if 2 * self._size > self.budget:
            return True
        if self._size + paragraph.tokens <= self.budget:
            return False
        # Does not fit: a very short passage is filled up, any other stays as it is if the
        # paragraph can then stand unbroken.
        return 4 * self._size > self.budget and paragraph.tokens <= self.budget

    def _append(self, sentence: _Sentence, fresh: int) -> None:
        """Append a sentence; ``fresh`` of its paragraph came before it."""
        if self._open and self._size + sentence.tokens > self.budget:
            repeated = self._open[-min(self.overlap, fresh) :] if self.overlap and fresh else []
            self._close()
            while repeated and _size(repeated) + sentence.tokens > self.budget:
                repeated = repeated[1:]
            self._open, self._size = list(repeated), _size(repeated)
        self._open.append(sentence)
        self._size += sentence.tokens

    def _close(self) -> None:
        if self._open:
            self._done.append(self._open)
        self._open, self._size = [], 0


def _size(sentences: list[_Sentence]) -> int:
    return sum(sentence.tokens for sentence in sentences)


def _sections(document: Document, count_tokens: CountTokens) -> list[list[_Paragraph]]:
    """Return runs of paragraphs between which boilerplate was left out."""
    text = document.text
    boilerplate = {span.start for span in boilerplate_spans(text, document.language)}
    spans = split(text, document.language)
    sizes = _count(text, spans, count_tokens)
    sentences = [_Sentence(span, tokens) for span, tokens in zip(spans, sizes, strict=True)]
    starts = [span.start for span in spans]
    sections: list[list[_Paragraph]] = [[]]
    headings: list[_Sentence] = []
    for block in blocks(text):
        if block.start in boilerplate:
            _add_lone(headings, sections[-1])
            headings = []
            sections.append([])
            continue
        first, last = bisect_right(starts, block.start - 1), bisect_right(starts, block.end - 1)
        own = sentences[first:last]
        if is_heading(text[block.start : block.end]) and len(own) == 1:
            headings += own
        else:
            sections[-1].append(_Paragraph(own, headings))
            headings = []
    _add_lone(headings, sections[-1])
    return sections


def _add_lone(headings: list[_Sentence], section: list[_Paragraph]) -> None:
    """Keep headings that no text follows, as paragraphs of their own."""
    section.extend(_Paragraph([heading]) for heading in headings)


def _count(text: str, spans: list[Span], count_tokens: CountTokens) -> list[int]:
    """Count each sentence with the white space that follows it, so that sums hold for runs."""
    if not spans:
        return []
    ends = [span.start for span in spans[1:]] + [spans[-1].end]
    return count_tokens([text[span.start : end] for span, end in zip(spans, ends, strict=True)])
