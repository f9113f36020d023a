"""``belegt index sync``: a corpus kept in step with folders.

In: parsed arguments. Out: what was done, or with ``--dry-run`` would be, as text or JSON; a line on
standard error for each file or folder that could not be read; an exit code. What can fail: see
:mod:`index.sync`; ``--watch`` without watchfiles names the command that installs it.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from base.errors import UsageError
from base.settings import Settings, load_settings
from corpus.store import CorpusStore
from index.build import Indexer
from index.encoder import load_encoder
from index.sync import Syncer, SyncReport
from qa.cli.index_commands import tell


def sync(args: argparse.Namespace) -> int:
    """Bring the corpus in step with folders, once or, with ``--watch``, until interrupted."""
    settings = load_settings(corpus=args.corpus, index=args.index)
    if not args.dry_run:
        print("belegt: Loading the encoder ...", file=sys.stderr)
    with CorpusStore.open(settings.corpus, create=not args.dry_run) as store:
        indexer = None if args.dry_run else Indexer(store, load_encoder(settings), settings)
        syncer = Syncer(store, indexer)
        report = _once(args, syncer, settings)
        if args.watch and not args.dry_run:
            _watch(args, syncer, settings)
    looked_at = report.files or report.removed
    return 0 if looked_at or not report.refused else UsageError.exit_code


def _once(args: argparse.Namespace, syncer: Syncer, settings: Settings) -> SyncReport:
    with tqdm(unit="file", desc="Reading", disable=None, file=sys.stderr) as bar:
        report = syncer.sync(
            args.folders,
            dry_run=args.dry_run,
            allow_empty=args.allow_empty,
            on_file=lambda _: bar.update(),
            on_passages=lambda _: bar.set_postfix_str("encoding passages", refresh=True),
        )
    tell(report)
    if args.json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=2))
        return report
    if args.dry_run:
        for verb in ("added", "replaced", "moved", "removed"):
            for name in getattr(report, verb):
                print(f"{verb:<9} {name}")
    would = "Would be: " if args.dry_run else ""
    print(
        f"{would}{len(report.added)} added, {len(report.replaced)} replaced, "
        f"{len(report.moved)} moved, {len(report.removed)} removed, "
        f"{len(report.unchanged)} unchanged, {len(report.refused)} refused in "
        f"'{settings.corpus}'."
    )
    return report


def _watch(args: argparse.Namespace, syncer: Syncer, settings: Settings) -> None:
    try:
        from watchfiles import watch
    except ImportError:
        raise UsageError(
            "--watch needs watchfiles; install it with 'pip install belegt[watch]'."
        ) from None
    print("belegt: Watching; Ctrl-C ends it.", file=sys.stderr)
    folders = [Path(folder) for folder in args.folders]
    for _ in watch(*folders, raise_interrupt=False):
        try:
            _once(args, syncer, settings)
        except UsageError as error:
            # The folder may come back; what came from it stays meanwhile.
            print(f"belegt: {error}", file=sys.stderr)
