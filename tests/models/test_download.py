from __future__ import annotations

from pathlib import Path

import pytest
from model_helpers import PAYLOAD, Site, sha

from base.errors import BelegtError
from base.progress import byte_bar
from models.download import CHUNK, TRIES, download


def fetch(site: Site, target: Path, sha256: str = sha(PAYLOAD)) -> None:
    with byte_bar("test", None, show=False) as bar:
        download(f"{site.address}/file", target, sha256, bar)


def test_a_file_arrives_whole(site: Site, tmp_path: Path) -> None:
    site.files["/file"] = PAYLOAD
    fetch(site, tmp_path / "file.part")
    assert (tmp_path / "file.part").read_bytes() == PAYLOAD


def test_a_connection_that_breaks_is_continued_where_it_broke(site: Site, tmp_path: Path) -> None:
    site.files["/file"], site.cut_after, site.cuts = PAYLOAD, 4 * CHUNK, 2
    fetch(site, tmp_path / "file.part")
    assert (tmp_path / "file.part").read_bytes() == PAYLOAD
    assert [wanted for _, wanted in site.requests][1:] == [
        f"bytes={4 * CHUNK}-",
        f"bytes={8 * CHUNK}-",
    ]


def test_an_interrupted_download_stays_and_the_next_call_goes_on(
    site: Site, tmp_path: Path
) -> None:
    site.files["/file"], site.cut_after, site.cuts = PAYLOAD, CHUNK, 1
    site.silent_after_cuts = TRIES
    target = tmp_path / "file.part"
    with pytest.raises(BelegtError, match=r"/file cannot be fetched"):
        fetch(site, target)
    assert target.stat().st_size == CHUNK
    fetch(site, target)
    assert target.read_bytes() == PAYLOAD
    assert site.requests[-1] == ("/file", f"bytes={CHUNK}-")


def test_a_server_without_ranges_starts_over(site: Site, tmp_path: Path) -> None:
    site.files["/file"], site.ranges = PAYLOAD, False
    (tmp_path / "file.part").write_bytes(PAYLOAD[:1000])
    fetch(site, tmp_path / "file.part")
    assert (tmp_path / "file.part").read_bytes() == PAYLOAD


def test_a_complete_file_is_recognised(site: Site, tmp_path: Path) -> None:
    site.files["/file"] = PAYLOAD
    (tmp_path / "file.part").write_bytes(PAYLOAD)
    fetch(site, tmp_path / "file.part")
    assert (tmp_path / "file.part").read_bytes() == PAYLOAD


def test_a_wrong_beginning_is_fetched_again_from_the_start(site: Site, tmp_path: Path) -> None:
    site.files["/file"] = PAYLOAD
    (tmp_path / "file.part").write_bytes(b"other bytes of an earlier version")
    fetch(site, tmp_path / "file.part")
    assert (tmp_path / "file.part").read_bytes() == PAYLOAD


def test_wrong_content_is_removed_and_named(site: Site, tmp_path: Path) -> None:
    site.files["/file"] = b"something else"
    with pytest.raises(BelegtError, match=f"has the SHA-256 {sha(b'something else')}, expected"):
        fetch(site, tmp_path / "file.part")
    assert not (tmp_path / "file.part").exists()


def test_an_answer_of_the_server_is_final(site: Site, tmp_path: Path) -> None:
    with pytest.raises(BelegtError, match="the server answers 404"):
        fetch(site, tmp_path / "file.part")
    assert len(site.requests) == 1


def test_credentials_are_not_repeated_in_errors(tmp_path: Path) -> None:
    address = "file://user:secret@/nowhere/file?token=secret"
    with byte_bar("test", None, show=False) as bar, pytest.raises(BelegtError) as caught:
        download(address, tmp_path / "file.part", "0" * 64, bar)
    assert "secret" not in str(caught.value)
