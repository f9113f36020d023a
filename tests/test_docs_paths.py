"""docs/architecture.md and docs/engine.md name files and what is in them; here that is checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from base.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("architecture.md", "engine.md")
PATH = re.compile(r"\b(?:[a-z_0-9]+/)+[a-z_0-9]*(?:\.(?:py|js|json|toml|md))?")
"""A path from the root, in backticks or in a picture; a folder ends with a slash."""
NAMED = re.compile(r"`([^`\s]+\.py)` \(([^)]*)\)")
"""A file, and in brackets what it defines."""
DEFINED = r"(?m)^\s*(?:async )?(?:def|class) {name}\b|^{name}\s*="


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def paths_of(text: str) -> list[str]:
    """What is named in backticks or in a picture, fences and quotation marks left out."""
    quoted = re.findall(r"`([^`\s]+/[^`\s]*)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    drawn = [
        path
        for fence in re.findall(r"```mermaid.*?```", text, re.DOTALL)
        for path in PATH.findall(fence)
    ]
    files = [path for path in drawn if "." in path]
    return [*quoted, *files]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_exists(name: str) -> None:
    paths = paths_of(text_of(name))
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []
    bare = re.findall(r"`([^`/\s]+\.py)`", text_of(name))
    assert bare == [], "a path is written from the root"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text_of(name))
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_file_is_said_to_define_is_there(name: str) -> None:
    for path, names in NAMED.findall(text_of(name)):
        for defined in re.findall(r"`(\w+)`", names):
            source = (ROOT / path).read_text("utf-8")
            assert re.search(DEFINED.format(name=defined), source), f"{path}: {defined}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_settings_go_by_their_names(name: str) -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    assert set(re.findall(r"BELEGT_[A-Z_]+", text_of(name))) - known == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_readme_leads_there(name: str) -> None:
    assert f"(docs/{name})" in (ROOT / "README.md").read_text("utf-8")
