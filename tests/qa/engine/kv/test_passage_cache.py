from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from qa.engine.kv.passage_cache import KVBlock, PassageKVCache
from qa.engine.kv.rotary import Rotary

START = [1, 2, 3]
TOKENS = [7, 8, 9, 10]
ROTARY = Rotary(base=10_000.0, head_size=8, neighbours=False)
LIMIT = 1 << 20


def rows(count: int = len(TOKENS), seed: int = 1) -> KVBlock:
    dice = np.random.default_rng(seed)
    shape = (2, count, 16)
    return KVBlock(
        dice.normal(size=shape).astype(np.float16), dice.normal(size=shape).astype(np.float16)
    )


def made(facts: str = "model", limit: int = LIMIT) -> PassageKVCache:
    return PassageKVCache(ROTARY, facts, limit)


def test_what_was_kept_comes_back_turned_to_its_place(tmp_path: Path) -> None:
    passages, kept = made(), rows()
    assert passages.save(tmp_path / "a", START, TOKENS, kept)
    same = made().load(tmp_path / "a", START, TOKENS, len(START))
    assert same is not None
    assert (same.keys == kept.keys).all()
    assert (same.values == kept.values).all()
    further = passages.load(tmp_path / "a", START, TOKENS, len(START) + 50)
    assert further is not None
    assert (further.keys == ROTARY.rotate(kept.keys, 50)).all()
    assert (further.values == kept.values).all()


def test_another_start_passage_or_model_has_nothing(tmp_path: Path) -> None:
    made().save(tmp_path, START, TOKENS, rows())
    assert made().has(tmp_path, START, TOKENS)
    assert not made().has(tmp_path, [*START, 4], TOKENS)
    assert not made().has(tmp_path, START, TOKENS[:-1])
    assert not made("another").has(tmp_path, START, TOKENS)
    assert made("another").load(tmp_path, START, TOKENS, 3) is None


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"something else altogether"])
def test_a_damaged_file_is_as_good_as_none_and_goes(tmp_path: Path, damage: bytes) -> None:
    made().save(tmp_path, START, TOKENS, rows())
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert made().load(tmp_path, START, TOKENS, 3) is None
    assert not file.exists()


def test_a_file_cut_short_is_as_good_as_none(tmp_path: Path) -> None:
    made().save(tmp_path, START, TOKENS, rows())
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-40])
    assert made().load(tmp_path, START, TOKENS, 3) is None


def test_only_its_owner_may_look(tmp_path: Path) -> None:
    made().save(tmp_path / "document", START, TOKENS, rows())
    assert stat.S_IMODE((tmp_path / "document").stat().st_mode) == 0o700


def test_all_passages_of_a_corpus_stay_within_the_limit(tmp_path: Path) -> None:
    each = 2 * rows().keys.nbytes + 128
    passages = made(limit=3 * each)
    for number in range(10):
        assert passages.save(tmp_path / f"{number}", START, [*TOKENS[:-1], 100 + number], rows())
    left = list(tmp_path.glob("*/*"))
    assert len(left) == 3
    assert passages.has(tmp_path / "9", START, [*TOKENS[:-1], 109])


def test_nothing_is_kept_where_nothing_may_be_or_can_be(tmp_path: Path) -> None:
    assert not made(limit=0).save(tmp_path / "a", START, TOKENS, rows())
    unknown = PassageKVCache(None, "model", LIMIT)
    assert not unknown.save(tmp_path / "a", START, TOKENS, rows())
    assert unknown.load(tmp_path / "a", START, TOKENS, 3) is None
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    assert not made().save(blocked / "a", START, TOKENS, rows())
    assert list(tmp_path.iterdir()) == [blocked]


def test_a_model_that_turns_its_keys_otherwise_is_left_alone(tmp_path: Path) -> None:
    passages = made()
    again = [7, 8, 7, 8]
    assert not passages.save(tmp_path, START, again, rows())
    assert not passages.usable
