"""How often a token of an answer differs because others were answered at the same time.

In: how many development questions. Out: tokens that differ of all that were compared, and how near
the two were (wanted: fewer than 1 in 1,000). What can fail: a missing model (one sentence).

    python -m eval.bench.ties [--questions 16] [--together 8]

belegt's own prompts with their evidence, greedy answers of at most ``_TOKENS`` tokens by the
default model, written as ``belegt serve`` does: each question alone, then as many as are told at
once. Exit code 1 above the limit.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tqdm import tqdm

from base.errors import BelegtError, UsageError
from base.settings import Settings, load_settings
from corpus.store import CorpusStore
from eval.bench.comparison import TokenComparison, token_pieces
from eval.bench.material import Corpus, material
from eval.bench.prompts import prompt_of
from eval.bench.worker import prepare
from eval.systems.belegt import PREPARED_S
from qa.engine.local.llama import LlamaEngine, load_engine
from qa.engine.protocol import Piece, Segment
from qa.pipeline.session import open_retriever

LIMIT = 1 / 1000
_TOKENS = 48


def main() -> int:
    """Measure, report; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.ties")
    parser.add_argument("--questions", type=int, default=16, metavar="N")
    parser.add_argument("--together", type=int, default=8, metavar="N")
    args = parser.parse_args()
    try:
        if args.questions < 1 or args.together < 1:
            raise UsageError("--questions and --together must be 1 or more.")
        # What is measured is computing, so nothing may come from an earlier prompt.
        settings = load_settings(kept_cells=0).of_server()
        settings = settings.model_copy(update={"requests": max(settings.requests, args.together)})
        found = ties(material(settings)[0], settings, args.questions, args.together)
    except BelegtError as error:
        print(f"belegt: {error}", file=sys.stderr)
        return error.exit_code
    gaps = ", ".join(f"{gap:.3f}" for gap in sorted(found.gaps))
    print(
        f"{len(found.gaps)} of {found.tokens} tokens differ ({1000 * found.rate:.2f} in 1,000); "
        f"log-probabilities of the two, apart by nats: {gaps or 'none'}."
    )
    return 1 if found.rate >= LIMIT else 0


def ties(corpus: Corpus, settings: Settings, count: int, together: int) -> TokenComparison:
    """``count`` questions, alone and ``together`` at once."""
    prepare(corpus.set, corpus.pair, corpus.folder, settings, corpus.folder.with_suffix(".log"))
    with CorpusStore.open(corpus.folder) as store:
        retriever = open_retriever(store, settings)
        engine = load_engine(settings)
        engine.prepare_prefill(PREPARED_S)
        try:
            prompts = [
                prompt_of(one, retriever, engine, settings) for one in corpus.questions[:count]
            ]
            return compare_ties(engine, prompts, together)
        finally:
            engine.close()


def compare_ties(
    engine: LlamaEngine, prompts: Sequence[list[Segment]], together: int
) -> TokenComparison:
    """Each prompt's answer alone against the one given while others were."""
    alone = [_answer(engine, one) for one in tqdm(prompts, desc="alone", disable=None)]
    with ThreadPoolExecutor(together) as pool:
        among = list(pool.map(lambda one: _answer(engine, one), prompts))
    found = TokenComparison()
    for one, other in zip(alone, among, strict=True):
        found.add(one, other)
    return found


def _answer(engine: LlamaEngine, prompt: list[Segment]) -> list[Piece]:
    with engine.prefill(prompt) as session:
        return token_pieces(session.generate(_TOKENS, ("\n",)))


if __name__ == "__main__":
    sys.exit(main())
