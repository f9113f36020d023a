"""A text and its tails in one row of tokens."""

from __future__ import annotations

from models import forms
from models.training.packing import Tail, TextExamples, pack, token_counts


def characters(text: str, control: bool) -> list[int]:
    """A character a token; whether control tokens are known makes no difference."""
    del control
    return [ord(character) for character in text]


EXAMPLES = TextExamples(
    "Title",
    "A text.",
    (
        Tail("extract", "en", "Who?", "A text"),
        Tail("prove", "de", "Ein Text.", forms.YES["de"]),
    ),
    "made",
)


def test_each_tail_sees_the_text_and_itself() -> None:
    packed = pack(EXAMPLES, characters)
    length = packed.text_length
    tokens = packed.tokens.tolist()
    text = "".join(map(chr, tokens[:length]))
    assert text.endswith("Title\nA text.")
    begin = tokens.index(ord("\n"), length)
    second = length + (packed.positions[length:] == length).nonzero()[1].item()
    assert begin == length
    assert packed.positions[second] == length
    assert packed.visible[second, :length].all()
    assert not packed.visible[second, length:second].any()
    assert not packed.visible[length - 1, length:].any()
    assert (packed.visible.diagonal()).all()


def test_what_is_predicted_is_the_answer_and_its_end() -> None:
    packed = pack(EXAMPLES, characters)
    for rows, targets, answer in zip(packed.rows, packed.targets, ("A text", "ja"), strict=True):
        assert "".join(map(chr, targets)) == f"{answer}<|im_end|>"
        tokens = packed.tokens[packed.text_length :].tolist()
        # A row predicts the token behind it; the first stands at the end of the prompt.
        behind = [tokens[row + 1] for row in rows[:-1]]
        assert behind == targets[:-1]
        assert chr(tokens[rows[0]]) == "\n"


def test_tokens_are_counted_apart() -> None:
    packed = pack(EXAMPLES, characters)
    texts, tails = token_counts([packed, packed])
    assert texts == 2 * packed.text_length
    assert texts + tails == 2 * len(packed.tokens)


def test_a_checked_answer_stands_behind_its_question() -> None:
    tail = Tail("check", "de", "Wer?", forms.NO["de"], proposed="Ein  Text")
    packed = pack(TextExamples("", "Ein Text.", (tail,), "made"), characters)
    asked = "".join(map(chr, packed.tokens[packed.text_length :].tolist()))
    before, between, _ = forms.check_tail("de", trained=True)
    assert asked.startswith(f"{before}Wer?{between}Ein Text<|im_end|>")
    assert "".join(map(chr, packed.targets[0])) == "nein<|im_end|>"
