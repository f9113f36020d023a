"""What a person writes first: one script that loads everything, then answers one question.

In: a JSON file with the paths of the encoder, the GGUF file, the FAISS index and the passages, and
the words of the prompt. Out: the answer on standard output, token by token. What can fail: any of
its files, with Python's own error.

Nothing of belegt is imported here, so that the time from the start of the process is that of the
libraries: they are imported one after the other, then loaded one after the other. The model is set
as plain's is (:mod:`eval.systems.weights`), which is faster than the binding's defaults.

    python eval/bench/naive.py CONFIGURATION
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    """Answer the question of the configuration."""
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))

    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(given["encoder"], local_files_only=True)

    import faiss

    index = faiss.read_index(given["index"])
    passages = json.loads(Path(given["passages"]).read_text(encoding="utf-8"))

    from llama_cpp import Llama

    model = Llama(given["model"], verbose=False, **given["options"])

    vector = encoder.encode(
        [f"query: {given['question']}"], normalize_embeddings=True, show_progress_bar=False
    )
    _, found = index.search(vector, given["top_k"])
    blocks = [f"[{n}] {passages[at]}" for n, at in enumerate(found[0], 1)]
    text = "\n\n".join([given["sources"], *blocks, f"{given['asked']} {given['question']}"])
    chunks = model.create_chat_completion(
        messages=[
            {"role": "system", "content": given["system"]},
            {"role": "user", "content": text},
        ],
        stream=True,
        temperature=0.0,
        max_tokens=256,
    )
    for chunk in chunks:
        print(chunk["choices"][0]["delta"].get("content") or "", end="", flush=True)


if __name__ == "__main__":
    main()
