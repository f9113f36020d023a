"""Prove that the native library runs on this processor; started as a process of its own.

In: ``MODEL THREADS`` as arguments, the library on ``PYTHONPATH``. Out: one line of JSON with what
the library uses and how fast it was. What can fail: anything, even a segmentation fault, which
is why it is a process of its own; a library that computes nonsense ends with exit code 1.

It imports nothing of belegt, so that it can run against a wheel that is not installed yet.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

PROMPT_TOKENS = 400
DECODED_TOKENS = 16
AGREEMENT = 0.97
"""Correlation of the next token's logits between the path for long prompts (where AMX is) and
the path for single tokens; they round differently but must mean the same."""
TEXT = (
    "The harbour master wrote down every ship that came in that year, its cargo and the day it "
    "left. In autumn the fog lay on the water until noon, and the lighthouse keeper counted bells "
    "instead of sails. Am Abend verglichen sie ihre Listen und stritten über jede Zahl. "
)


def main(model: str, threads: int) -> int:
    """Read a long prompt two ways, compare, decode a little and print what was measured."""
    import llama_cpp
    import numpy as np

    library: Any = llama_cpp
    llm = library.Llama(
        model_path=model,
        n_ctx=1024,
        n_threads=threads,
        n_threads_batch=threads,
        n_gpu_layers=-1,
        flash_attn=True,
        verbose=False,
    )

    def logits() -> Any:
        pointer = library.llama_get_logits_ith(llm.ctx, -1)
        return np.ctypeslib.as_array(pointer, (llm.n_vocab(),)).astype(np.float64)

    tokens = llm.tokenize((TEXT * 40).encode())[:PROMPT_TOKENS]
    start = time.perf_counter()
    llm.eval(tokens)
    prefill = time.perf_counter() - start
    together = logits()
    llm.reset()
    llm.eval(tokens[:-1])
    llm.eval(tokens[-1:])
    apart = logits()
    agreement = float(np.corrcoef(together, apart)[0, 1])
    if not agreement >= AGREEMENT:  # also true for a value that is not a number
        print(f"logits of the two paths correlate at {agreement:.3f}", file=sys.stderr)
        return 1
    start = time.perf_counter()
    for _ in range(DECODED_TOKENS):
        llm.eval([int(logits().argmax())])
    decode = time.perf_counter() - start
    facts = {
        "system_info": library.llama_print_system_info().decode(),
        "gpu_offload": bool(library.llama_supports_gpu_offload()),
        "agreement": round(agreement, 4),
        "prefill_tokens_per_s": round(len(tokens) / prefill, 1),
        "decode_tokens_per_s": round(DECODED_TOKENS / decode, 1),
    }
    print(json.dumps(facts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
