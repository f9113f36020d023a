"""belegt's two models in LlamaIndex's own classes.

In: settings. Out: an embedding and an LLM of LlamaIndex, over the same folder and the same GGUF
file that belegt uses. What can fail: a package of the extra ``peers`` or a model is not here, a
GGUF file without a chat template; each one sentence. :mod:`eval.systems.llamaindex` says where
LlamaIndex documents what is set here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from base.errors import UsageError
from base.settings import Settings
from eval.systems.weights import MAX_TOKENS, TEMPERATURE, llama_options, model_path

_PACKAGES = ("llama_index.core", "llama_index.llms.llama_cpp", "llama_index.embeddings.huggingface")


def require_packages() -> None:
    """Raise UsageError where a package of the extra is not installed; imports none of them."""
    for package in _PACKAGES:
        try:
            found = find_spec(package) is not None
        except ModuleNotFoundError:
            found = False
        if not found:
            raise UsageError(
                f"System 'llamaindex' needs the package '{package}', which is not installed; "
                "run: pip install 'belegt[peers]'"
            )


@dataclass(frozen=True)
class LoadedModel:
    """A LlamaIndex ``LLM`` and the tokens of a text in the model's own count."""

    llm: Any
    tokens: Callable[[str], list[int]]


def load_embedding(settings: Settings) -> Any:
    """belegt's encoder as LlamaIndex loads it: same folder, number format and prefixes."""
    from index.encoder import prefixes_of
    from models.native.hardware import detect_hardware, encoder_dtype

    folder = model_path(settings.encoder, settings)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    require_packages()
    import torch
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    question, passage = prefixes_of(folder, Path(settings.encoder).name)
    return HuggingFaceEmbedding(
        model_name=str(folder),
        query_instruction=question or None,
        text_instruction=passage or None,
        cache_folder=str(settings.cache),
        model_kwargs={"dtype": getattr(torch, encoder_dtype(settings, detect_hardware()))},
        local_files_only=True,
    )


def load_model(settings: Settings) -> LoadedModel:
    """belegt's language model in LlamaIndex's class for llama.cpp."""
    file = model_path(settings.llm, settings)
    require_packages()
    from llama_index.llms.llama_cpp import LlamaCPP

    template = _ChatTemplate()
    llm = LlamaCPP(
        model_path=str(file),
        temperature=TEMPERATURE,
        max_new_tokens=MAX_TOKENS,
        context_window=settings.context_tokens,
        model_kwargs=llama_options(settings),
        messages_to_prompt=template.of_messages,
        completion_to_prompt=template.of_completion,
        verbose=False,
    )
    # The class offers no other way to the model's template and tokenizer.
    llama = llm._model
    template.read(llama)
    return LoadedModel(
        llm, lambda text: list(llama.tokenize(text.encode(), add_bos=False, special=True))
    )


class _ChatTemplate:
    """The chat template of a GGUF file, as LlamaIndex's LLM classes want it: two functions."""

    _render: Callable[..., Any]

    def read(self, llama: Any) -> None:
        """Take the template and its special tokens from the loaded model."""
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        template = llama.metadata.get("tokenizer.chat_template")
        if template is None:
            raise UsageError(
                f"The model '{llama.model_path}' has no chat template; "
                "take an instruction-tuned GGUF file."
            )
        special = {
            name: llama.detokenize([token], special=True).decode() if token >= 0 else ""
            for name, token in (
                ("bos_token", llama.token_bos()),
                ("eos_token", llama.token_eos()),
            )
        }
        self._render = Jinja2ChatFormatter(template=template, **special)

    def of_messages(self, messages: Sequence[Any]) -> str:
        """A prompt up to where the assistant speaks."""
        chat = [{"role": one.role.value, "content": one.content} for one in messages]
        return str(self._render(messages=chat).prompt)

    def of_completion(self, completion: str) -> str:
        """The same of one message by the user."""
        chat = [{"role": "user", "content": completion}]
        return str(self._render(messages=chat).prompt)
