from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa.engine.decode.lookup import MOST, USUALLY_RIGHT, PromptLookup


def flat(room: int) -> list[float]:
    """Rows that cost nothing: a draft is as long as there is room."""
    return [1.0] * (room + 1)


TOKENS = st.lists(st.integers(0, 4), max_size=40)


def test_what_followed_before_is_drafted() -> None:
    assert PromptLookup([1, 2, 3, 4, 5, 6, 9, 1, 2]).draft(flat(3)) == [3, 4, 5]
    assert PromptLookup([1, 2, 3, 1, 2, 4, 9, 1, 2]).draft(flat(1)) == [4], "the latest occurrence"
    assert PromptLookup([7, 1, 2, 3, 8, 1, 2, 4, 7, 1, 2]).draft(flat(1)) == [3], (
        "the longest match"
    )
    assert PromptLookup([1, 2, 3, 4, 2]).draft(flat(3)) == [3, 4, 2]
    assert PromptLookup([1, 2, 3, 4]).draft(flat(3)) == []
    assert PromptLookup([]).draft(flat(3)) == []
    assert PromptLookup([1, 1, 1, 1]).draft(flat(3)) == [1]


@given(TOKENS, st.integers(0, 12))
def test_a_draft_is_a_copy_of_what_followed_the_longest_match(tokens: list[int], room: int) -> None:
    draft = PromptLookup(tokens).draft(flat(room))
    assert len(draft) <= min(room, MOST)
    if not draft:
        return
    longest = next(
        size
        for size in range(len(USUALLY_RIGHT), 0, -1)
        if any(tokens[at : at + size] == tokens[-size:] for at in range(len(tokens) - size))
    )
    places = [
        at + longest
        for at in range(len(tokens) - longest)
        if tokens[at : at + longest] == tokens[-longest:]
    ]
    assert draft == tokens[places[-1] : places[-1] + len(draft)]


@given(TOKENS, TOKENS)
def test_appending_is_beginning_with_more(one: list[int], two: list[int]) -> None:
    grown = PromptLookup(one)
    for token in two:
        grown.append(token)
    assert grown.draft(flat(MOST)) == PromptLookup([*one, *two]).draft(flat(MOST))


def test_drafts_stop_where_they_are_refused_and_come_back_where_they_are_not() -> None:
    lookup = PromptLookup([*range(1, MOST + 4), 1, 2])
    costs = [1.0 + 0.4 * rows for rows in range(MOST + 1)]
    lengths = []
    for _ in range(40):
        draft = lookup.draft(costs)
        lengths.append(len(draft))
        lookup.judge(len(draft), 0)
    assert lengths[0] > 0
    assert lengths.count(0) > 20
    assert 1 in lengths[-10:], "it tries again now and then"
    for _ in range(60):
        draft = lookup.draft(costs)
        lookup.judge(len(draft), len(draft))
    assert len(lookup.draft(costs)) == MOST
    assert lookup.draft(costs[:3]) == [3, 4]
    assert lookup.draft(costs[:1]) == []


def test_dear_rows_make_short_drafts() -> None:
    """Steps of 1, 2, 4 and 8 rows on a processor with AMX, and on one without."""
    tokens = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]
    cheap = [1.0, 1.6, 1.7, 1.8, 2.0, 2.1, 2.3, 2.4]
    dear = [1.0, 1.8, 2.3, 2.7, 3.3, 4.0, 5.0, 6.0]
    for lookup, costs in ((PromptLookup(tokens), cheap), (PromptLookup(tokens), dear)):
        for _ in range(30):
            lookup.judge(4, 4)
        drafted = len(lookup.draft(costs))
        assert (drafted >= 7) if costs is cheap else (2 <= drafted <= 4)
    lookup = PromptLookup(tokens)
    for _ in range(10):
        lookup.judge(2, 1)
    assert lookup.draft(dear) == []


def test_the_longer_the_match_the_longer_the_draft() -> None:
    costs = [1.0 + 0.3 * rows for rows in range(MOST + 1)]
    once = list(range(1, 30))
    short, long = PromptLookup([*once, 1]), PromptLookup([*once, *once[:6]])
    assert len(short.draft(costs)) < len(long.draft(costs))
    for _ in range(20):
        short.judge(len(short.draft(costs)), 0)
    assert len(short.draft(costs)) <= 1
    short.append(2)
    assert len(short.draft(costs)) > 1, "of a run of two nothing was wrong yet"
