"""The weights that all systems share, and how llama.cpp is set for the peers.

In: settings. Out: digests for the record, and options of ``llama_cpp.Llama``. What can fail: a
model that is not here (one sentence with the command that fetches it).

The options are what the libraries' own documentation advises:

* ``n_threads``: the physical cores (llama.cpp, ``docs/development/
  token_generation_performance_tips.md``); the binding's default is half of what the operating
  system counts. ``n_threads_batch`` likewise, for reading the prompt.
* ``flash_attn``: off in the binding by default; on, as it is for belegt.
* ``n_gpu_layers``: all (-1), where the build has a GPU (llama-cpp-python's README).
* ``temperature`` 0, so that a run can be repeated; ``max_tokens`` 256, LlamaIndex's default
  (``DEFAULT_NUM_OUTPUTS``), for both peers alike.
"""

from __future__ import annotations

from pathlib import Path

from base.settings import Settings

TEMPERATURE = 0.0
MAX_TOKENS = 256
FLASH_ATTENTION = True


def model_digests(settings: Settings) -> dict[str, str]:
    """Role to 'name digest', of the encoder and the language model."""
    from models.store import ModelStore

    store = ModelStore(settings.cache)
    named = {"encoder": settings.encoder, "llm": settings.llm}
    return {role: f"{Path(name).name} {store.digest(name)}" for role, name in named.items()}


def model_path(name: str, settings: Settings) -> Path:
    """Where the model lies that the settings call ``name``."""
    from models.store import ModelStore

    return ModelStore(settings.cache).path(name)


def llama_options(settings: Settings) -> dict[str, object]:
    """Options of ``llama_cpp.Llama`` beside the model and the size of its context."""
    from models.native.hardware import usable_cores

    threads = settings.threads or usable_cores()
    return {
        "n_threads": threads,
        "n_threads_batch": threads,
        "n_gpu_layers": settings.gpu_layers,
        "flash_attn": FLASH_ATTENTION,
    }


def llama_settings(settings: Settings) -> dict[str, str | int | float | bool | None]:
    """The same for the record: as set, not as this machine makes of it."""
    return {
        "temperature": TEMPERATURE,
        "max_tokens": MAX_TOKENS,
        "context_tokens": settings.context_tokens,
        "threads": settings.threads,
        "gpu_layers": settings.gpu_layers,
        "flash_attention": FLASH_ATTENTION,
    }
