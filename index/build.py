"""Documents into a corpus, and the dense index that follows from it.

In: paths of files or folders. Out: a report of what was added, replaced, left as it was, and
what could not be read and why. One document is one transaction, so whatever interrupts a run
leaves whole documents; running it again goes on with the rest. What can fail: a corpus that
cannot be written, or that another encoder built.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from base.errors import BelegtError, UsageError
from base.settings import Settings
from corpus.copies import signature
from corpus.document import Document, Passage, Span
from corpus.folders import Walk, walk
from corpus.loaders import digest, load_documents, printable
from corpus.passages import build_passages
from corpus.store import CorpusStore, Prepared, Vectors
from index.dense import LOCAL, DenseIndex, StaleIndexError
from index.encoder import Encoder, EncoderDescription
from index.faiss_index import EXACT_PASSAGES, META, FaissIndex, forget_files
from index.terms import stems

_ENCODER = "encoder"

# Documents are encoded together until so many passages wait: long enough to sort by length
# (which halves the time), short enough that little is lost when a run is interrupted.
_TOGETHER = 128


@dataclass(frozen=True)
class RefusedFile:
    """A file that could not be read, and one sentence why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Duplicate:
    """A document that says what another in the corpus says."""

    id: str
    """The document that was stored now."""
    of: str
    """The one that was there."""
    kind: str
    """``copy``, word for word, or ``near-copy``."""


@dataclass
class AddReport:
    """What ``Indexer.add`` did, as document ids."""

    added: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """One sentence for each thing that was odd in a file that was taken."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many files of folders no loader knows, by suffix."""
    copies: list[Duplicate] = field(default_factory=list)
    """Documents that say what others say; together they are one piece of evidence."""


def stored_encoder(store: CorpusStore) -> EncoderDescription | None:
    """The encoder that built ``store``'s vectors, or None for an empty corpus."""
    text = store.meta(_ENCODER)
    return None if text is None else EncoderDescription.model_validate_json(text)


def check_encoder(store: CorpusStore, encoder: Encoder) -> None:
    """Raise UsageError where ``store`` was built by another encoder than ``encoder``."""
    stored, present = stored_encoder(store), encoder.describe()
    if stored is not None and stored != present:
        raise UsageError(
            f"The index in '{store.folder}' was built by encoder '{stored.model}' "
            f"({stored.digest[:12]}), now '{present.model}' ({present.digest[:12]}) is set; "
            f"run 'belegt index rebuild --corpus {store.folder}' or set BELEGT_ENCODER back."
        )


def passage_text(document: Document, passage: Passage) -> str:
    """What is embedded and searched of a passage: its text as it reads, below its headings.

    Title and headings say what a passage is about when its own words do not; only this text
    carries them, never the quoted one. A heading that begins the passage is not repeated.
    """
    readings = [reading.text for reading in passage.readings()]
    headings = passage.headings()
    above = [document.title, *(headings[0] if headings else ())]
    said = dict.fromkeys(words for words in above if words and words != readings[0])
    lines = " ".join(readings) if passage.contexts else passage.text
    return "\n".join((" › ".join(said) or document.title, lines))


def passage_terms(document: Document, passage: Passage) -> str:
    """The terms of a passage, as the lexical index has them."""
    return " ".join(stems(passage_text(document, passage), document.language))


def open_dense(
    store: CorpusStore,
    encoder: EncoderDescription,
    settings: Settings | None = None,
    *,
    after: DenseIndex | None = None,
) -> tuple[DenseIndex, str | None]:
    """The dense index of the present state of ``store``, as ``settings`` name it.

    Returns the index and, where something derived was missing or damaged and had to be made
    again, the reason. ``after``: an index of an earlier state, of which it takes what it can.
    """
    if after is not None:
        with contextlib.suppress(StaleIndexError):
            return after.followed(store), None
    if settings is not None and settings.index != LOCAL:
        from index.milvus_index import MilvusIndex

        token = settings.index_token.get_secret_value() if settings.index_token else ""
        return MilvusIndex.open(store, encoder.dimension, settings.index, token), None
    exact = EXACT_PASSAGES if settings is None else settings.exact_passages
    try:
        return FaissIndex.open(store, encoder.dimension, exact), None
    except StaleIndexError as error:
        if not store.writable:
            return FaissIndex.in_memory(store, encoder.dimension), str(error)
        forget_files(store)
        index = FaissIndex.open(store, encoder.dimension, exact)
        index.save()
        return index.followed(store), str(error)


class Indexer:
    """Adds to, removes from and rebuilds one corpus."""

    def __init__(self, store: CorpusStore, encoder: Encoder, settings: Settings) -> None:
        self._store = store
        self._encoder = encoder
        self._settings = settings
        self._dense: DenseIndex | None = None

    def add(
        self,
        paths: Iterable[Path] | Walk,
        on_document: Callable[[str], None] | None = None,
        on_passages: Callable[[int], None] | None = None,
    ) -> AddReport:
        """Add every readable file of ``paths`` (folders in whole); see :class:`AddReport`.

        ``on_document`` gets each path that is done with, ``on_passages`` numbers of passages
        as they are encoded.
        """
        found = paths if isinstance(paths, Walk) else walk(paths)
        report = AddReport(left_out=dict(found.left_out))
        report.refused += [
            RefusedFile(printable(folder), reason) for folder, reason in found.unreadable.items()
        ]
        return self.store_documents(self._loaded(found, report, on_document), report, on_passages)

    def add_documents(
        self, documents: Iterable[Document], on_passages: Callable[[int], None] | None = None
    ) -> AddReport:
        """Add documents that are already in memory (evaluation sets, an API).

        What ``on_passages`` raises ends it; documents that are not whole yet are not stored.
        """
        report = AddReport()
        return self.store_documents(self._changed(documents, report), report, on_passages)

    def store_documents(
        self,
        documents: Iterable[Document],
        report: AddReport,
        on_passages: Callable[[int], None] | None,
        in_transaction: Callable[[Document], None] | None = None,
    ) -> AddReport:
        """Store ``documents``; ``in_transaction`` is called as each is stored, as one with it."""
        check_encoder(self._store, self._encoder)
        waiting: list[Document] = []
        pending = 0
        try:
            for document in documents:
                waiting.append(document)
                pending += len(document.text) // 500 + 1
                if pending >= _TOGETHER:
                    self._store_all(waiting, report, on_passages, in_transaction)
                    waiting, pending = [], 0
            self._store_all(waiting, report, on_passages, in_transaction)
        finally:
            self._save_dense()
        return report

    def _loaded(
        self, found: Walk, report: AddReport, on_document: Callable[[str], None] | None
    ) -> Iterator[Document]:
        for file in found.files:
            try:
                documents = load_documents(file.path)
            except UsageError as error:
                report.refused.append(RefusedFile(printable(file.path), str(error)))
            else:
                yield from self._changed(documents, report)
            if on_document is not None:
                on_document(str(file.path))

    def _changed(self, documents: Iterable[Document], report: AddReport) -> Iterator[Document]:
        for document in documents:
            report.warnings += document.warnings
            if self._store.digest(document.id) == digest(document):
                report.unchanged.append(document.id)
            else:
                yield document

    def remove(self, document_id: str) -> None:
        """Forget a document; UsageError if there is none of that id."""
        check_encoder(self._store, self._encoder)
        if not self._store.remove(document_id):
            self._store.document(document_id)
        self._save_dense()

    def reindex(self, document_id: str, on_passages: Callable[[int], None] | None = None) -> None:
        """Make one document's passages, terms and vectors again from its stored text.

        UsageError if there is none of that id.
        """
        check_encoder(self._store, self._encoder)
        with self._store.transaction():
            self._store.put(self._again(document_id, on_passages))
        self._save_dense()

    def rebuild(self, on_passages: Callable[[int], None] | None = None) -> int:
        """Make all passages, terms and vectors again with the present encoder and settings.

        One transaction: an interrupted rebuild leaves the old index. Returns the documents.
        """
        infos = self._store.documents()
        with self._store.transaction():
            self._set_encoder()
            # Its files may hold vectors of another length.
            self._store.set_meta(META, "")
            for info in infos:
                self._store.put(self._again(info.id, on_passages))
        self._dense = None
        self._save_dense()
        return len(infos)

    def _again(self, document_id: str, on_passages: Callable[[int], None] | None) -> Prepared:
        stored = self._store.document(document_id)
        known = self._store.digest(document_id) or digest(stored)
        return self._prepare([stored], [known], on_passages)[0]

    def _store_all(
        self,
        documents: list[Document],
        report: AddReport,
        on_passages: Callable[[int], None] | None,
        in_transaction: Callable[[Document], None] | None = None,
    ) -> None:
        digests = [digest(document) for document in documents]
        for prepared in self._prepare(documents, digests, on_passages):
            name = prepared.document.id
            if not prepared.passages:
                report.refused.append(
                    RefusedFile(
                        prepared.document.path,
                        f"'{prepared.document.path}' holds no sentence that could be evidence; "
                        "it was left out.",
                    )
                )
                continue
            known = self._store.digest(name)
            with self._store.transaction():
                self._set_encoder()
                self._store.put(prepared)
                if in_transaction is not None:
                    in_transaction(prepared.document)
            if prepared.signature is not None:
                report.copies += [
                    Duplicate(name, copy.document_id, copy.kind)
                    for copy in self._store.copies_of(name, prepared.signature)
                ]
            (report.added if known is None else report.replaced).append(name)

    def _prepare(
        self,
        documents: Sequence[Document],
        digests: Sequence[str],
        on_passages: Callable[[int], None] | None,
    ) -> list[Prepared]:
        settings = self._settings
        cut = [
            build_passages(
                document,
                self._encoder.count_tokens,
                settings.passage_tokens,
                settings.passage_overlap,
            )
            for document in documents
        ]
        texts = [
            passage_text(document, passage)
            for document, passages in zip(documents, cut, strict=True)
            for passage in passages
        ]
        of_sentences = self._sentence_vectors(cut, on_passages)
        vectors = self._encoder.encode_passages(texts, on_passages)
        result, first = [], 0
        for document, known, passages in zip(documents, digests, cut, strict=True):
            last = first + len(passages)
            result.append(
                Prepared(
                    document=document,
                    digest=known,
                    passages=passages,
                    terms=[" ".join(stems(text, document.language)) for text in texts[first:last]],
                    vectors=np.asarray(vectors[first:last], dtype=np.float32),
                    sentence_vectors=of_sentences[first:last],
                    signature=signature(document.text),
                )
            )
            first = last
        return result

    def _sentence_vectors(
        self, cut: Sequence[Sequence[Passage]], on_passages: Callable[[int], None] | None
    ) -> list[Vectors]:
        """For each passage float32 (sentences, dimension).

        Made here, because to encode the sentences of a question's passages takes longer than to
        find them (docs/measurements-history.md, "Evidence"). Passages overlap; each sentence is
        encoded once.
        """
        texts: dict[tuple[str, Span], str] = {}
        for passage in (one for passages in cut for one in passages):
            for span, reading in zip(passage.sentences, passage.readings(), strict=True):
                texts[passage.document_id, span] = reading.text
        # Whoever wants to end this is asked meanwhile; what counts as done are passages.
        none_done = None if on_passages is None else lambda _: on_passages(0)
        vectors = self._encoder.encode_passages(list(texts.values()), none_done)
        place = {key: at for at, key in enumerate(texts)}
        return [
            vectors[[place[passage.document_id, span] for span in passage.sentences]]
            for passages in cut
            for passage in passages
        ]

    def _set_encoder(self) -> None:
        self._store.set_meta(_ENCODER, self._encoder.describe().model_dump_json())

    def save(self) -> None:
        """Have the dense index follow what was stored."""
        self._save_dense()

    def _save_dense(self) -> None:
        if self._store.passage_count() == 0 and stored_encoder(self._store) is None:
            return
        try:
            index, _ = open_dense(
                self._store, self._encoder.describe(), self._settings, after=self._dense
            )
            index.save()
            self._dense = index
        except OSError as error:
            raise BelegtError(
                f"The dense index in '{self._store.folder}' could not be saved "
                f"({error.strerror}); the documents are stored, free some space and ask again."
            ) from error
