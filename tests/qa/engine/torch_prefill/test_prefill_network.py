from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from gguf_models import KV_WIDTH, LAYERS, VOCABULARY, write_gguf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.engine.torch_prefill.kv_cache import KVCache
from qa.engine.torch_prefill.network import Network, NetworkInput
from qa.engine.torch_prefill.weights import load_network, unpack

TOKENS = [(at * 17 + 3) % VOCABULARY for at in range(40)]


@pytest.fixture(scope="module", params=["llama", "qwen2"])
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Network:
    folder = tmp_path_factory.mktemp("network")
    file = write_gguf(folder / "model.gguf", request.param, head=request.param == "qwen2")
    return load_network(file, folder / "w", unpack(file, folder / "w", "bfloat16", TOKENS))


def read(network: Network, *chunks: list[int], room: int = 0) -> KVCache:
    kv_cache = KVCache(network.architecture, room or sum(map(len, chunks)))
    for chunk in chunks:
        if chunk:
            network.forward([NetworkInput(kv_cache, chunk)])
    return kv_cache


def near(one: KVCache, other: KVCache) -> bool:
    assert one.length == other.length
    pairs = ((one.keys, other.keys), (one.values, other.values))
    end = one.length
    return all(
        float((a[:, :, :end] - b[:, :, :end]).norm() / a[:, :, :end].norm()) < 0.01
        for a, b in pairs
    )


@given(st.lists(st.integers(1, 39), max_size=4, unique=True).map(sorted))
@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_chunks_give_what_the_whole_gives(network: Network, cuts: list[int]) -> None:
    bounds = [0, *cuts, len(TOKENS)]
    chunks = [TOKENS[a:b] for a, b in pairwise(bounds)]
    assert near(read(network, TOKENS), read(network, *chunks))


def test_prompts_beside_each_other_do_not_mix(network: Network) -> None:
    prompts = [TOKENS[:9], TOKENS[5:30], TOKENS[20:]]
    alone = [read(network, one) for one in prompts]
    kv_caches = [KVCache(network.architecture, 40) for _ in prompts]
    network.forward(
        [NetworkInput(kv_cache, one[:4]) for kv_cache, one in zip(kv_caches, prompts, strict=True)]
    )
    network.forward(
        [NetworkInput(kv_cache, one[4:]) for kv_cache, one in zip(kv_caches, prompts, strict=True)]
    )
    assert all(near(*pair) for pair in zip(alone, kv_caches, strict=True))
    assert not near(alone[0], read(network, TOKENS[1:10]))


def test_a_past_goes_out_and_comes_back(network: Network) -> None:
    whole = read(network, TOKENS)
    keys, values = whole.rows(0)
    assert keys.shape == values.shape == (LAYERS, len(TOKENS), KV_WIDTH)
    assert keys.dtype == torch.float16
    half = KVCache(network.architecture, 40)
    half.fill(keys[:, :20], values[:, :20])
    network.forward([NetworkInput(half, TOKENS[20:])])
    assert near(whole, half)
    assert half.rows(30)[0].shape == (LAYERS, 10, KV_WIDTH)


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return float((one - other).norm() / other.norm()) < 0.02


def logits(network: Network, *chunks: list[int]) -> torch.Tensor:
    """After each token of the last chunk."""
    kv_cache = read(network, *chunks[:-1], room=sum(map(len, chunks)))
    (found,) = network.forward([NetworkInput(kv_cache, chunks[-1], wanted=len(chunks[-1]))])
    return found.logits


@given(st.integers(1, 39))
@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_logits_are_the_same_in_chunks_of_any_size(network: Network, cut: int) -> None:
    whole = logits(network, TOKENS)
    assert whole.shape == (len(TOKENS), VOCABULARY)
    assert close(logits(network, TOKENS[:cut], TOKENS[cut:]), whole[cut:])
    kv_cache = KVCache(network.architecture, 40)
    (found,) = network.forward([NetworkInput(kv_cache, TOKENS, wanted=cut)])
    assert close(found.logits, whole[-cut:])


@pytest.mark.parametrize("size", [1, 3, 8])
def test_answers_by_few_tokens_are_those_by_many(network: Network, size: int) -> None:
    kv_cache = read(network, TOKENS[:16], room=40)
    found = [
        network.forward([NetworkInput(kv_cache, TOKENS[at : at + size], wanted=size)])[0].logits
        for at in range(16, 40, size)
    ]
    assert close(torch.cat(found), logits(network, TOKENS[:16], TOKENS[16:]))


def test_only_what_is_wanted_of_several_is_given(network: Network) -> None:
    kv_caches = [KVCache(network.architecture, 40) for _ in range(3)]
    new = [
        NetworkInput(kv_caches[0], TOKENS[:9], 2),
        NetworkInput(kv_caches[1], TOKENS),
        NetworkInput(kv_caches[2], TOKENS[5:], 1),
    ]
    first, second, third = network.forward(new)
    assert close(first.logits, logits(network, TOKENS[:9])[-2:])
    assert not len(second.logits)
    assert close(third.logits, logits(network, TOKENS[5:])[-1:])
    assert near(kv_caches[1], read(network, TOKENS))


@pytest.mark.parametrize("held", [0, 6, 12, 20])
def test_a_branch_is_read_as_if_nothing_stood_beside_it(network: Network, held: int) -> None:
    at, branch = 15, [7, 8, 9, 10]
    trunk, beside = read(network, TOKENS[:held], room=50), KVCache(network.architecture, 50)
    found, _ = network.forward(
        [NetworkInput(trunk, TOKENS[held:30], 1, at, branch), NetworkInput(beside, TOKENS[20:], 1)]
    )
    assert near(trunk, read(network, TOKENS[:30]))
    assert near(beside, read(network, TOKENS[20:]))
    assert close(found.logits, logits(network, TOKENS[:30])[-1:])
    assert found.beside is not None
    assert close(found.beside, logits(network, TOKENS[:at], branch)[-1])
    trunk.branch_off(at, len(branch))
    assert near(trunk, read(network, TOKENS[:at], branch))
