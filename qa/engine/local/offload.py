"""As many layers on the GPU as fit.

In: how to open a model with a number of layers on the GPU. Out: it, open. What can fail: a model
that does not open without a GPU either. There is no telling beforehand what fits: other programs
use the same memory, and the library's own buffers depend on the model.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

from base.errors import BelegtError
from models.native.library import native_library
from qa.engine.local.binding import Binding

ALL = -1
_IS_GPU = 1  # of ggml_backend_dev_type


def open_fitting(open_with: Callable[[int], Binding], wanted: int) -> Binding:
    """What ``open_with`` gives for ``wanted`` layers, or for the most that fit if that fails."""
    if wanted == 0 or not native_library().llama_supports_gpu_offload():
        return open_with(wanted)
    try:
        return open_with(wanted)
    except BelegtError:
        # What is wrong with the file itself is raised here.
        plain = open_with(0)
    most = plain.layers if wanted == ALL else min(wanted, plain.layers)
    plain.close()
    for layers in fewer_layers(most):
        try:
            return open_with(layers)
        except BelegtError:
            continue
    return open_with(0)


def fewer_layers(most: int) -> list[int]:
    """What is tried below ``most`` layers, in that order; 0 is not among them."""
    return [layers for eighths in range(7, 0, -1) if (layers := most * eighths // 8)]


def gpu_memory() -> dict[str, tuple[int, int]]:
    """Bytes free and in all of each GPU, by number and description, as the library sees them."""
    ggml = ctypes.CDLL(str(Path(native_library().__file__).parent / "lib" / "libggml.so"))
    for name, result in (
        ("ggml_backend_dev_count", ctypes.c_size_t),
        ("ggml_backend_dev_get", ctypes.c_void_p),
        ("ggml_backend_dev_description", ctypes.c_char_p),
    ):
        getattr(ggml, name).restype = result
    found = {}
    for number in range(ggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(ggml.ggml_backend_dev_get(ctypes.c_size_t(number)))
        if ggml.ggml_backend_dev_type(device) == _IS_GPU:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            name = ggml.ggml_backend_dev_description(device).decode("utf-8", "replace")
            found[f"{number}: {name}"] = (free.value, total.value)
    return found
