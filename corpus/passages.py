"""Passages: the runs of whole sentences that are retrieved.

In: a document, a function that counts tokens, a budget. Out: passages in order, whose text and
sentence offsets are exact (``Passage.check``), holding every sentence that can be seen; only hidden
text is in none. A passage stays within the budget unless it is one sentence longer than the
budget. What ``count_tokens`` raises is passed on; nothing else can fail.

Borders follow the text: a heading starts a passage and goes with the text that follows it, a
paragraph starts one when the passage before is half full. A list with the line that introduces it
("Einzureichen sind:") and a table with its caption count as one paragraph, so that they stay
together where they fit. Only where a paragraph is cut in the middle does the next passage repeat
the last sentences of the one before. Furniture (:mod:`corpus.cleaning`) makes passages of its own,
so that it stands in no other's quoted text and ranks by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from corpus.contexts import Contexts
from corpus.document import Document, Passage, PassageRole, Region, SentenceContext, Span
from corpus.regions import regions_of
from corpus.sentences import split_region

CountTokens = Callable[[Sequence[str]], list[int]]
_BARE = SentenceContext()
_INTRODUCES = (":", ":*", ":**")


@dataclass(frozen=True)
class _Sentence:
    span: Span
    tokens: int
    region: int


@dataclass
class _Paragraph:
    """Regions that belong together; headings before them are held in ``headings``."""

    sentences: list[_Sentence]
    headings: list[_Sentence] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        return sum(sentence.tokens for sentence in self.headings + self.sentences)


def build_passages(
    document: Document, count_tokens: CountTokens, budget: int, overlap: int
) -> list[Passage]:
    """Return the passages of ``document``; ``overlap`` is a number of sentences."""
    regions = regions_of(document)
    contexts = Contexts(document, regions)
    passages: list[Passage] = []
    for role, section in _sections(document, regions, count_tokens):
        packer = _Packer(budget, overlap)
        for paragraph in section:
            packer.add(paragraph)
        for sentences in packer.finish():
            start, end = sentences[0].span.start, sentences[-1].span.end
            found = tuple(contexts.of(sentence.region, sentence.span) for sentence in sentences)
            passages.append(
                Passage(
                    document_id=document.id,
                    ordinal=len(passages),
                    start=start,
                    end=end,
                    text=document.text[start:end],
                    sentences=tuple(sentence.span for sentence in sentences),
                    role=role,
                    contexts=found if any(context != _BARE for context in found) else (),
                )
            )
    return passages


class _Packer:
    """Fills passages with the paragraphs of one section."""

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


def _sections(
    document: Document, regions: Sequence[Region], count_tokens: CountTokens
) -> list[tuple[PassageRole, list[_Paragraph]]]:
    """Return runs of paragraphs between which furniture or hidden text stands, with their role."""
    sentences = _sentences(document, regions, count_tokens)
    sections: list[tuple[PassageRole, list[_Paragraph]]] = []
    headings: list[_Sentence] = []
    last: Region | None = None
    for region, own in zip(regions, sentences, strict=True):
        role: PassageRole = "furniture" if region.role == "furniture" else "text"
        hidden = region.role == "hidden"
        if sections and (hidden or role != sections[-1][0]):
            _add_lone(headings, sections[-1][1])
            headings = []
        if hidden:
            sections.append((role, []))
            last = None
            continue
        if not sections or role != sections[-1][0]:
            sections.append((role, []))
        if region.role == "heading" and len(own) == 1:
            headings += own
        elif headings or not _belongs(document.text, region, last):
            sections[-1][1].append(_Paragraph(own, headings))
            headings = []
        else:
            sections[-1][1][-1].sentences.extend(own)
        last = region
    if sections:
        _add_lone(headings, sections[-1][1])
    return sections


def _belongs(text: str, region: Region, last: Region | None) -> bool:
    """Whether a region is of one paragraph with the region before it."""
    if last is None or region.role == "furniture" or last.role in ("furniture", "heading"):
        return False
    if region.table is not None and region.table == last.table:
        return True
    introduces = last.role == "paragraph" and text[last.start : last.end].endswith(_INTRODUCES)
    return introduces and region.role in ("list_item", "table_header", "table_row", "caption")


def _add_lone(headings: list[_Sentence], section: list[_Paragraph]) -> None:
    """Keep headings that no text follows, as paragraphs of their own."""
    section.extend(_Paragraph([heading]) for heading in headings)


def _sentences(
    document: Document, regions: Sequence[Region], count_tokens: CountTokens
) -> list[list[_Sentence]]:
    """The sentences of each region, counted with the white space that follows them.

    So sums hold for runs of them.
    """
    text = document.text
    spans = [split_region(text, region, document.language) for region in regions]
    flat = [span for own in spans for span in own]
    if not flat:
        return [[] for _ in regions]
    ends = [span.start for span in flat[1:]] + [flat[-1].end]
    counts = iter(
        count_tokens([text[span.start : end] for span, end in zip(flat, ends, strict=True)])
    )
    return [
        [_Sentence(span, next(counts), number) for span in own] for number, own in enumerate(spans)
    ]
