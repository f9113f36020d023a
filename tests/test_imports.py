"""What an import costs; which way imports run is checked by import-linter (pyproject.toml)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("base", "models", "corpus", "index", "qa", "eval")
HEAVY = (
    "charset_normalizer",
    "faiss",
    "httpx",
    "huggingface_hub",
    "jinja2",
    "lingua",
    "llama_cpp",
    "numpy",
    "pydantic",
    "sentence_transformers",
    "sqlite3",
    "torch",
    "tqdm",
    "transformers",
    "yaml",
)


def printed(code: str, *arguments: str) -> str:
    """The last line that ``code`` prints in a process of its own."""
    # `make coverage` measures children as well, for which it loads some of what is looked for.
    environment = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    return done.stdout.splitlines()[-1]


def test_the_command_line_loads_nothing_heavy() -> None:
    code = f"import sys, qa.cli.main; print([n for n in {HEAVY!r} if n in sys.modules])"
    assert printed(code) == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["index", "add", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from qa.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        f"except SystemExit as e: print(e.code, [n for n in {HEAVY!r} if n in sys.modules])"
    )
    assert printed(code, *arguments) == "0 []"


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_does_no_work(package: str) -> None:
    """No model, no network library and no thread of PyTorch for a mere import."""
    modules = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in sorted((ROOT / package).rglob("*.py"))
        if file.name not in ("__main__.py", "__init__.py")
    ]
    names = ("torch", "faiss", "llama_cpp", "sentence_transformers", "lingua")
    code = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"print([n for n in {names!r} if n in sys.modules])"
    )
    assert printed(code) == "[]"
