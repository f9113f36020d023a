from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import BelegtError
from qa.engine.remote.reply import (
    BELOW_LISTED,
    PLAIN_WORD,
    ReplyToken,
    ServerChoice,
    chances,
    mean_log_probability,
    reply,
    word_chances,
)

YES_NO = [["ja", "Ja"], ["nein", "Nein"]]


def listed(**tokens: float | None) -> list[ReplyToken]:
    return [ReplyToken(token=token, logprob=value) for token, value in tokens.items()]


def test_spellings_of_one_alternative_are_added() -> None:
    found = chances(listed(ja=-1.0, Ja=-1.0, nein=-2.0), YES_NO)
    assert found == pytest.approx([math.log(2) - 1.0, -2.0])


@pytest.mark.parametrize("token", ["N", "Ne", " Nein", "nein\n"])
def test_a_token_may_be_the_beginning_of_a_spelling(token: str) -> None:
    found = chances(
        [ReplyToken(token=token, logprob=-0.5), ReplyToken(token="Ja", logprob=-3.0)], YES_NO
    )
    assert found == pytest.approx([-3.0, -0.5])


def test_a_beginning_of_both_counts_for_none() -> None:
    found = chances(listed(n=-0.1, no=-1.0, never=-2.0), [["no"], ["never"]])
    assert found == pytest.approx([-1.0, -2.0])


def test_what_is_not_listed_is_less_likely_than_all_that_is() -> None:
    found = chances(listed(Ja=-0.1, Die=-4.0), YES_NO)
    assert found == pytest.approx([-0.1, -4.0 - BELOW_LISTED])
    found = chances(listed(Das=-0.1, Die=-4.0), YES_NO)
    assert found == pytest.approx([-4.0 - BELOW_LISTED] * 2)


@pytest.mark.parametrize("tokens", [{}, {"Ja": None}, {"Ja": -math.inf}, {"Ja": math.nan}])
def test_no_probabilities_are_known(tokens: dict[str, float | None]) -> None:
    assert chances(listed(**tokens), YES_NO) is None


@given(st.dictionaries(st.text(max_size=4), st.floats(-100, 1), min_size=1, max_size=20))
def test_any_list_gives_log_probabilities(tokens: dict[str, float]) -> None:
    found = chances([ReplyToken(token=one, logprob=value) for one, value in tokens.items()], YES_NO)
    assert found is not None
    assert all(math.isfinite(one) for one in found)


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("Ja", PLAIN_WORD),
        (" „ja“.", PLAIN_WORD),
        ("**JA**, das steht dort", PLAIN_WORD),
        ("Nein.", -PLAIN_WORD),
        ("Neinsager", 0.0),
        ("Das ist nein", 0.0),
        ("", 0.0),
        ("…", 0.0),
    ],
)
def test_a_plain_word(text: str, stated: float) -> None:
    yes, no = word_chances(text, YES_NO)
    assert yes - no == pytest.approx(stated)
    assert math.exp(yes) + math.exp(no) == pytest.approx(1.0)


def test_tokens_that_came_together_have_their_mean() -> None:
    logprobs = {"content": [{"token": "a", "logprob": -1.0}, {"token": "b", "logprob": -3.0}]}
    choice = ServerChoice.model_validate({"delta": {"content": "ab"}, "logprobs": logprobs})
    assert mean_log_probability(choice.chosen) == pytest.approx(-2.0)
    assert mean_log_probability([]) == 0.0


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ({}, r"no chat completion \(choices"),
        ({"choices": "x"}, r"no chat completion \(choices"),
        ({"choices": [7]}, r"no chat completion \(choices\.0"),
        ({"choices": [{"delta": {"content": 7}}]}, r"\(choices\.0\.delta\.content"),
        ({"choices": [{"logprobs": {"content": [1]}}]}, r"\(choices\.0\.logprobs\.content\.0"),
        ({"error": {"message": "out of\nmemory."}}, "with an error: out of memory"),
        ({"error": "bad"}, "with an error: bad"),
    ],
)
def test_what_is_no_reply(found: dict[str, object], sentence: str) -> None:
    with pytest.raises(BelegtError, match=sentence) as failed:
        reply(found)
    assert "\n" not in str(failed.value)


def test_a_reply_without_choices_says_nothing() -> None:
    assert reply({"choices": [], "usage": {"prompt_tokens": 7}}).choice.text == ""
