"""``belegt index check`` and ``belegt index move``.

In: parsed arguments. Out: text or JSON on standard output, an exit code: of a check 0 where
nothing is wrong or all of it was mended, else 1. What can fail: what the corpus and the index
raise.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from base.errors import BelegtError, UsageError
from base.settings import Settings, load_settings
from corpus.store import CorpusStore
from index.build import open_dense, stored_encoder
from index.check import Checker
from index.dense import LOCAL
from index.encoder import load_encoder


def check(args: argparse.Namespace) -> int:
    """Verify all that a corpus holds; with ``--repair``, make what is derived again."""
    settings = load_settings(corpus=args.corpus, index=args.index)
    with CorpusStore.open(settings.corpus) as store:
        if args.repair and not store.writable:
            raise UsageError(
                f"The corpus folder '{settings.corpus}' is read-only; nothing was changed."
            )
        checker = Checker(store, settings, lambda: load_encoder(settings))
        report = checker.run(repair=args.repair)
        left = report.faults
        if args.repair and left:
            left = Checker(store, settings, lambda: load_encoder(settings)).run().faults
    if args.json:
        print(json.dumps({**asdict(report), "left": left}, ensure_ascii=False, indent=2))
    else:
        print("\n".join(report.faults + [f"Made again: {one}." for one in report.repaired]))
        print(
            f"Checked {report.documents} documents, {report.passages} passages in "
            f"'{settings.corpus}': {len(report.faults)} faults, {len(left)} left."
        )
    return BelegtError.exit_code if left else 0


def move(args: argparse.Namespace) -> int:
    """Have another index take in the whole corpus."""
    settings = load_settings(corpus=args.corpus, index=args.to)
    with CorpusStore.open(settings.corpus) as store:
        if not store.writable:
            raise UsageError(
                f"The corpus folder '{settings.corpus}' is read-only; nothing was changed."
            )
        encoder = stored_encoder(store)
        if encoder is None:
            raise UsageError(f"The corpus in '{settings.corpus}' is empty; add documents first.")
        dense, _ = open_dense(store, encoder, settings)
        dense.save()
        count, wanted = dense.count(), store.passage_count()
        if count != wanted:
            raise BelegtError(
                f"The index '{args.to}' has {count} passages, the corpus {wanted}; run the "
                "command again, or 'belegt index check'."
            )
        dense.close()
        if settings.index == LOCAL:
            _drop_collection(store, encoder.dimension, load_settings(corpus=args.corpus))
    setting = "unset BELEGT_INDEX" if settings.index == LOCAL else f"set BELEGT_INDEX={args.to}"
    text = f"The index '{args.to}' has all {count} passages; {setting} to search there."
    print(json.dumps({"index": args.to, "passages": count}) if args.json else text)
    return 0


def _drop_collection(store: CorpusStore, dimension: int, settings: Settings) -> None:
    """Remove what a Milvus holds of this corpus, which nobody keeps current any more."""
    from index.milvus_index import MilvusIndex, recorded_address

    address = recorded_address(store)
    if address is None:
        return
    token = settings.index_token.get_secret_value() if settings.index_token else ""
    index = MilvusIndex(store, dimension, address, token)
    index.drop()
    index.close()
