"""The native library: whether it is here, made for this processor, and loads.

In: what belegt noted when it built the library, or the library's own report from a process of its
own. Out: the module ``llama_cpp``, or how it stands. What can fail: a library that is missing, does
not load, or uses instructions that this processor lacks, which would end the process without a
word at the first prompt; each one sentence.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Collection
from importlib.util import find_spec
from typing import Any

from pydantic import BaseModel, ConfigDict

from base.errors import BelegtError
from models.native.advice import LIBRARY_NAMES, REBUILD, used_features
from models.native.build import installed_build
from models.native.hardware import processor_features

TIMEOUT_S = 60
ASK_LIBRARY = """
import json, llama_cpp
print(json.dumps({"version": llama_cpp.__version__,
                  "system_info": llama_cpp.llama_print_system_info().decode(),
                  "gpu_offload": bool(llama_cpp.llama_supports_gpu_offload())}))
"""
INSTRUCTIONS = {
    **LIBRARY_NAMES,
    "avx": "AVX",
    "bmi2": "BMI2",
    "avx_vnni": "AVX_VNNI",
    "avx512vbmi": "AVX512_VBMI",
    "amx_int8": "AMX_INT8",
}
"""Features of the processor without which a library that names them dies (SIGILL)."""


class LibraryState(BaseModel):
    """The native library as it answers in a process of its own."""

    model_config = ConfigDict(frozen=True)

    version: str | None = None
    system_info: str = ""
    gpu_offload: bool = False
    error: str | None = None


def ask_library() -> LibraryState:
    """Import the library in a child process, so that a broken one breaks only that."""
    try:
        answer = subprocess.run(
            [sys.executable, "-c", ASK_LIBRARY],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return LibraryState(error=f"no answer in {TIMEOUT_S} s")
    if answer.returncode < 0:
        return LibraryState(error=f"it died of {signal.Signals(-answer.returncode).name}")
    if answer.returncode != 0:
        last = (answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"])[-1]
        return LibraryState(error=last)
    return LibraryState.model_validate(json.loads(answer.stdout.strip().splitlines()[-1]))


def native_library() -> Any:
    """The module ``llama_cpp``; raises BelegtError where it would not run.

    A build by belegt is checked by its record, in about a millisecond; of any other the library
    itself is asked, in half a second.
    """
    if find_spec("llama_cpp") is None:
        raise BelegtError(f"The native library llama-cpp-python is not installed; {REBUILD}")
    build = installed_build()
    state = LibraryState(system_info=build.proof.system_info) if build else ask_library()
    if state.error:
        raise _broken(state.error)
    if lacking := lacking_features(state.system_info, processor_features()):
        raise BelegtError(
            f"The native library was built for another processor: it uses {', '.join(lacking)}, "
            f"which this one lacks; {REBUILD}"
        )
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise _broken(str(error).partition("\n")[0]) from error
    return llama_cpp


def lacking_features(system_info: str, features: Collection[str]) -> list[str]:
    """What the library uses, by its own report, that a processor of ``features`` lacks."""
    used = used_features(system_info)
    return [name for flag, name in INSTRUCTIONS.items() if name in used and flag not in features]


def _broken(reason: str) -> BelegtError:
    return BelegtError(f"The native library does not load ({reason}); {REBUILD}")
