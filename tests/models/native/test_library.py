from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from base.errors import BelegtError
from models.native import library
from models.native.library import LibraryState, ask_library, lacking_features, native_library

USES = "CPU : AVX2 = 1 | AVX512 = 1 | AMX_INT8 = 1 | FMA = 0 | "


def builds(monkeypatch: pytest.MonkeyPatch, system_info: str | None) -> None:
    found = None
    if system_info is not None:
        found = SimpleNamespace(proof=SimpleNamespace(system_info=system_info))
    monkeypatch.setattr(library, "installed_build", lambda: found)


def test_what_a_library_uses_is_held_against_the_processor() -> None:
    assert lacking_features(USES, ("avx2", "avx512f", "amx_int8")) == []
    assert lacking_features(USES, ("avx2",)) == ["AVX512", "AMX_INT8"]
    assert lacking_features("", ()) == []


@pytest.mark.parametrize("by_belegt", [True, False])
def test_a_library_for_another_processor_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, *, by_belegt: bool
) -> None:
    builds(monkeypatch, USES if by_belegt else None)
    monkeypatch.setattr(library, "ask_library", lambda: LibraryState(system_info=USES))
    monkeypatch.setattr(library, "processor_features", lambda: ("avx2",))
    with pytest.raises(
        BelegtError,
        match=r"built for another processor: it uses AVX512, AMX_INT8, .*; run: make native$",
    ):
        native_library()


def test_a_library_that_dies_at_once_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    builds(monkeypatch, None)
    monkeypatch.setattr(library, "ASK_LIBRARY", "import os; os.kill(os.getpid(), 4)")
    assert ask_library().error == "it died of SIGILL"
    with pytest.raises(BelegtError, match=r"does not load \(it died of SIGILL\); run: make native"):
        native_library()


def test_a_library_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "find_spec", lambda _: None)
    with pytest.raises(BelegtError, match="not installed; run: make native"):
        native_library()


def test_a_library_that_does_not_load_is_one_sentence(tmp_path: Path) -> None:
    """A module of its name that fails as the binding does without its shared object."""
    (tmp_path / "llama_cpp.py").write_text("raise FileNotFoundError('no libllama.so\\nsearched')")
    code = (
        "from models.native import library\nlibrary.installed_build = lambda: None\n"
        "library.ask_library = library.LibraryState\n"
        "try: library.native_library()\n"
        "except library.BelegtError as error: print(error)"
    )
    root = Path(library.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    assert done.stdout == ("The native library does not load (no libllama.so); run: make native\n")
