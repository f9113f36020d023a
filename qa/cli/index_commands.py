"""``belegt index``: add, remove, list, status, rebuild, read.

In: parsed arguments. Out: text or JSON on standard output, progress on standard error, an exit
code. What can fail: what the corpus and the indexer raise. A file that cannot be read costs one
line and not the others; if no file could be read the exit code is 2.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict

from base.errors import UsageError
from base.progress import count_bar
from base.settings import Settings, load_settings
from corpus.cache_folder import kept_bytes, kept_count, sweep
from corpus.folders import summary, walk
from corpus.store import CorpusStore
from index.build import AddReport, Indexer, stored_encoder
from index.dense import LOCAL, StaleIndexError
from index.encoder import load_encoder
from index.faiss_index import FaissIndex


def add(args: argparse.Namespace) -> int:
    """Add files; prints what became of each."""
    settings = load_settings(corpus=args.corpus, index=args.index)
    found = walk(args.paths)
    if not found.files:
        for sentence in found.unreadable.values():
            print(f"belegt: {sentence}", file=sys.stderr)
        named = ", ".join(f"'{path}'" for path in args.paths)
        left_out = found.left_out_summary()
        raise UsageError(
            f"There is no file of a known format in {named}; nothing was added"
            + (f" ({left_out})." if left_out else ".")
        )
    print("belegt: Loading the encoder ...", file=sys.stderr)
    encoder = load_encoder(settings)
    with (
        CorpusStore.open(settings.corpus, create=True) as store,
        count_bar("Adding", len(found.files), "files") as bar,
    ):
        report = Indexer(store, encoder, settings).add(
            found,
            lambda _: bar.update(),
            lambda _: bar.set_postfix_str("encoding passages", refresh=sys.stderr.isatty()),
        )
    tell(report)
    if args.json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        print(
            f"{len(report.added)} added, {len(report.replaced)} replaced, "
            f"{len(report.unchanged)} unchanged, {len(report.refused)} refused "
            f"in '{settings.corpus}'."
        )
    stored = len(report.added) + len(report.replaced) + len(report.unchanged)
    return 0 if stored else UsageError.exit_code


def tell(report: AddReport) -> None:
    """What was refused, odd or left out, a line each, on standard error."""
    for refused in report.refused:
        print(f"belegt: {refused.reason}", file=sys.stderr)
    for warning in report.warnings:
        print(f"belegt: {warning}", file=sys.stderr)
    for copy in report.copies:
        print(f"belegt: '{copy.id}' is a {copy.kind} of '{copy.of}'.", file=sys.stderr)
    left_out = summary(Counter(report.left_out))
    if left_out:
        print(f"belegt: {left_out}.", file=sys.stderr)


def remove(args: argparse.Namespace) -> int:
    """Forget one document."""
    settings = load_settings(corpus=args.corpus, index=args.index)
    with CorpusStore.open(settings.corpus) as store:
        store.document(args.id)
        Indexer(store, load_encoder(settings), settings).remove(args.id)
    print(json.dumps({"removed": args.id}) if args.json else f"Removed '{args.id}'.")
    return 0


def list_documents(args: argparse.Namespace) -> int:
    """Print every document."""
    settings = load_settings(corpus=args.corpus, index=args.index)
    with CorpusStore.open(settings.corpus) as store:
        infos = store.documents()
    if args.json:
        print(json.dumps([asdict(info) for info in infos], ensure_ascii=False, indent=2))
        return 0
    for info in infos:
        facts = " · ".join(fact for fact in (info.date, info.source, info.language) if fact)
        print(f"{info.id}\n    {info.title} · {facts} · {info.passages} passages\n    {info.path}")
    return 0


def status(args: argparse.Namespace) -> int:
    """Print how the corpus and its index stand."""
    settings = load_settings(corpus=args.corpus, index=args.index)
    found = facts(settings)
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:<12} {value}")
    return 0


def rebuild(args: argparse.Namespace) -> int:
    """Make passages, terms and vectors again with the present encoder and settings."""
    settings = load_settings(corpus=args.corpus, index=args.index)
    with CorpusStore.open(settings.corpus) as store:
        store.require_writable()
        encoder = load_encoder(settings)
        with count_bar("Encoding", None, "passages") as bar:
            count = Indexer(store, encoder, settings).rebuild(bar.update)
        passages = store.passage_count()
    done = {"documents": count, "passages": passages}
    text = f"Rebuilt {count} documents, {passages} passages in '{settings.corpus}'."
    print(json.dumps(done) if args.json else text)
    return 0


def read(args: argparse.Namespace) -> int:
    """Have the language model read all passages, as a server does while nobody asks."""
    settings = load_settings(corpus=args.corpus, index=args.index)
    if settings.keep_passages == "never" or not settings.kept_passages_mb:
        raise UsageError(
            "BELEGT_KEEP_PASSAGES is never or BELEGT_KEPT_PASSAGES_MB is 0, so that nothing that "
            "is read is kept; unset them."
        )
    from qa.cli.tune_command import measure_reader
    from qa.pipeline.cache_warmer import has_room, prompts, reading_count
    from qa.pipeline.session import open_engine

    with CorpusStore.open(settings.corpus) as store:
        sweep(store.folder, (one.id for one in store.documents()))
        count, kept = reading_count(store), 0
        measure_reader(settings, explain=False)
        engine = open_engine(settings)
        engine.prepare_prefill()
        try:
            with count_bar("Reading", count, "passages") as bar:
                for prompt in prompts(store, engine):
                    if not all(engine.is_cached(prompt)) and not (
                        has_room(store, settings) and engine.cache(prompt, background=False)
                    ):
                        break
                    kept += 1
                    bar.update()
        finally:
            engine.close()
    text = f"Read {kept} of {count} passages in '{settings.corpus}' (once for each language)."
    if kept < count:
        text += (
            f" The rest found no place: the limit is {settings.kept_passages_mb} MB "
            "(BELEGT_KEPT_PASSAGES_MB), the disk is full, or this engine keeps nothing."
        )
    print(json.dumps({"read": kept, "of": count}) if args.json else text)
    return 0


def facts(settings: Settings) -> dict[str, object]:
    """State of the corpus of ``settings`` without loading a model; ``exists`` may be False."""
    folder = settings.corpus
    try:
        store = CorpusStore.open(folder)
    except UsageError as error:
        return {"corpus": str(folder), "exists": False, "detail": str(error)}
    with store:
        encoder = stored_encoder(store)
        try:
            if encoder is not None and settings.index == LOCAL:
                FaissIndex.open(store, encoder.dimension, settings.exact_passages)
            dense = "current" if settings.index == LOCAL else settings.index
        except StaleIndexError as error:
            dense = f"will be made again: {error}"
        return {
            "corpus": str(folder),
            "exists": True,
            "documents": len(store.documents()),
            "passages": store.passage_count(),
            "generation": store.generation,
            "encoder": None if encoder is None else encoder.model,
            "dense": dense,
            "readings": kept_count(folder),
            "kept_mb": round(kept_bytes(folder) / 2**20, 1),
            "writable": store.writable,
        }
