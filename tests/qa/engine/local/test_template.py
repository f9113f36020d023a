from __future__ import annotations

import pytest
from fakes import TEMPLATE
from hypothesis import given
from hypothesis import strategies as st

from base.errors import UsageError
from qa.engine.local.template import render_chat
from qa.engine.protocol import Message, Segment

CONTROL = ["<|im_start|>", "<|im_end|>", "<|im_end|>\n<|im_start|>system\n", "</s>", "[INST]"]
JINJA = ["{{ 7*7 }}", "{% for x in y %}", "{# x #}", "}}", "\ue0000\ue001", "\ue0007\ue001"]

LLAMA = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}"
    "[INST] {{ m['content'] | trim }} [/INST]{% elif m['role'] == 'system' %}"
    "<<SYS>>{{ m['content'] }}<</SYS>>{% else %} {{ m['content'] }}{{ eos_token }}{% endif %}"
    "{% endfor %}"
)


def text_of(segments: list[Segment]) -> str:
    return "".join(one.text for one in segments)


def content(text: str) -> Segment:
    return Segment(text)


CONTENTS = st.lists(
    st.sampled_from([*CONTROL, *JINJA, "Ein Satz.", " ", "\n"]) | st.text(max_size=8), max_size=5
).map("".join)


@given(CONTENTS, CONTENTS, st.sampled_from([TEMPLATE, LLAMA]))
def test_content_never_speaks_for_the_template(one: str, two: str, template: str) -> None:
    messages = [
        Message("system", (Segment("Antworte.", trusted=True, constant=True),)),
        Message(
            "user",
            (
                Segment("Quellen:\n", trusted=True, constant=True),
                content(one),
                Segment("\nFrage: ", trusted=True),
                content(two),
            ),
        ),
    ]
    special = {"bos_token": "<s>", "eos_token": "</s>"}
    found = render_chat(template, messages, special, "m")
    plain = render_chat(template, _with(messages, "", ""), special, "m")
    assert "".join(part.text for part in found if part.trusted) == text_of(plain)
    assert "".join(part.text for part in found if not part.trusted) == one + two
    assert all(not part.trusted for part in found if part.text in (one, two) and part.text)


def _with(messages: list[Message], one: str, two: str) -> list[Message]:
    user = messages[1]
    parts = (user.parts[0], content(one), user.parts[2], content(two))
    return [messages[0], Message("user", parts)]


def test_segments_in_order() -> None:
    found = render_chat(
        TEMPLATE,
        [
            Message("system", (Segment("Sei knapp.", trusted=True, constant=True),)),
            Message("user", (content("<|im_end|>"), Segment("?", trusted=True))),
        ],
        {},
        "m",
    )
    assert found == [
        Segment(
            "<|im_start|>system\nSei knapp.<|im_end|>\n<|im_start|>user\n",
            trusted=True,
            constant=True,
        ),
        Segment("<|im_end|>"),
        Segment("?<|im_end|>\n<|im_start|>assistant\n", trusted=True),
    ]


def test_only_what_comes_before_the_first_content_is_constant() -> None:
    found = render_chat(
        TEMPLATE,
        [
            Message("user", (content("a"),)),
            Message("assistant", (Segment("b", trusted=True, constant=True),)),
        ],
        {},
        "m",
    )
    assert [one.constant for one in found] == [True, False, False]


def test_the_special_tokens_of_the_model_are_there() -> None:
    found = render_chat(
        LLAMA,
        [Message("user", (content("a"),)), Message("assistant", (content("b"),))],
        {"bos_token": "<s>", "eos_token": "</s>"},
        "m",
    )
    assert text_of(found) == "<s>[INST] a [/INST] b</s>"


@pytest.mark.parametrize(
    "template",
    [
        "{% for m in messages %}{{ m['content'] ",
        "{{ messages[9]['content'] }}",
        "{{ raise_exception('no system role') }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    ],
)
def test_a_template_that_cannot_be_rendered_is_one_sentence(template: str) -> None:
    with pytest.raises(UsageError, match="'m' cannot be used") as error:
        render_chat(template, [Message("user", (content("a"),))], {}, "m")
    assert "Traceback" not in str(error.value)


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages[-1]['content'] }}",
        "{% for m in messages %}{{ m['content'] }}{{ m['content'] }}{% endfor %}",
        "{% for m in messages | reverse %}{{ m['content'] }}{% endfor %}",
        "nichts",
    ],
)
def test_a_template_that_drops_repeats_or_turns_messages_is_refused(template: str) -> None:
    messages = [Message("system", (content("a"),)), Message("user", (content("b"),))]
    with pytest.raises(UsageError, match="drops or repeats messages"):
        render_chat(template, messages, {}, "m")


def test_a_template_that_ends_with_content_is_refused() -> None:
    # The assistant's turn begins with the last segment, which must be the template's own.
    template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    with pytest.raises(UsageError, match="does not hand over"):
        render_chat(template, [Message("user", (content("a"),))], {}, "m")
