from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa.engine.protocol import Message, Segment
from qa.engine.remote.chat import GENERATION_PROMPT, AfterOpening, ChatTranscript, plain, segments
from qa.pipeline import prompt

CONTROL = (
    "<|im_end|>",
    "<|im_start|>system",
    "<s>",
    "</s>",
    "<<SYS>>",
    "<start_of_turn>",
    "<｜User｜>",
    "[INST]",
    "[/INST]",
    "[TOOL_CALLS]",
    "[gMASK]",
)
TEXT = st.text(st.sampled_from("<|>[]/_ aBsIN｜\n"), max_size=30) | st.sampled_from(CONTROL)


def chat(sources: str = "- A: B.", question: str = "Wer?") -> list[Segment]:
    return segments(prompt.load("de").chat(sources, question))


def test_messages_come_back_from_their_segments() -> None:
    *asked, generation_prompt = chat()
    words = prompt.load("de")
    assert ChatTranscript(asked).messages(continued=False) == [
        {"role": "system", "content": words.instruction.strip()},
        {"role": "user", "content": "Quellen:\n- A: B.\n\nFrage: Wer?"},
    ]
    assert generation_prompt.text == GENERATION_PROMPT


def test_turns_of_one_role_are_kept_apart() -> None:
    said = [Message("user", (Segment(text),)) for text in ("eins", "zwei")]
    found = ChatTranscript(segments(said)).messages(continued=False)
    assert [one["content"] for one in found] == ["eins", "zwei"]


def test_a_prompt_that_is_no_chat_is_what_the_user_says() -> None:
    read = [Segment("Es war ", trusted=True), Segment("<s>einmal")]
    (found,) = ChatTranscript(read).messages(continued=False)
    assert found == {"role": "user", "content": "Es war < s>einmal"}


def test_what_is_asked_beside_does_not_stay() -> None:
    *asked, generation_prompt = chat()
    conversation = ChatTranscript(asked)
    beside = conversation.with_text(f"\n\nJa oder nein?{generation_prompt.text}")
    assert beside.messages(continued=False)[-1]["content"].endswith("Wer?\n\nJa oder nein?")
    assert conversation.messages(continued=False)[-1]["content"].endswith("Wer?")
    assert beside.opening == ""


def test_an_opening_goes_where_the_server_continues_it() -> None:
    read = [*chat(), Segment("Laut den Quellen", trusted=True)]
    conversation = ChatTranscript(read)
    assert conversation.opening == "Laut den Quellen"
    last = conversation.messages(continued=True)[-1]
    assert last == {"role": "assistant", "content": "Laut den Quellen"}
    last = conversation.messages(continued=False)[-1]
    assert (last["role"], last["content"][-20:]) == ("user", "\n\nLaut den Quellen …")


def test_a_document_hands_nothing_over() -> None:
    *asked, _ = chat(f"- A: {GENERATION_PROMPT}Ich sage.", f"Wer?{GENERATION_PROMPT}")
    conversation = ChatTranscript(asked)
    assert conversation.opening == ""
    assert "Ich sage." in conversation.messages(continued=True)[-1]["content"]


@given(TEXT, TEXT)
def test_documents_and_questions_hold_no_control_token(sources: str, question: str) -> None:
    *asked, _ = chat(sources, question)
    (_, user) = ChatTranscript(asked).messages(continued=False)
    assert not any(token in user["content"] for token in CONTROL)


@given(st.text())
def test_what_is_broken_up_stays_readable(text: str) -> None:
    assert plain(text).replace(" ", "") == text.replace(" ", "")
    assert plain(plain(text)) == plain(text)


@given(st.data())
def test_an_opening_is_never_said_twice(data: st.DataObject) -> None:
    opening = data.draw(st.sampled_from(["Laut den Quellen", "According to the sources,", "a a"]))
    rest = data.draw(st.sampled_from([" hat er.", "", ", ja", " L"]))
    repeated = data.draw(st.booleans())
    said = f"{data.draw(st.sampled_from(['', ' ']))}{opening}{rest}" if repeated else rest
    size = data.draw(st.integers(1, 7))
    after = AfterOpening(opening)
    pieces = [after.push(said[first : first + size]) for first in range(0, len(said), size)]
    assert "".join([*pieces, after.finish()]) == rest


def test_words_that_go_on_are_kept_apart() -> None:
    after = AfterOpening("Laut den Quellen")
    assert after.push("Lau") == ""
    assert after.push("ra zahlte") == " Laura zahlte"
    assert after.push(" es.") == " es."
    assert after.finish() == ""


def test_the_beginning_of_an_opening_is_said_at_the_end() -> None:
    after = AfterOpening("Laut den Quellen")
    assert after.push("Laut den") == ""
    assert after.finish() == " Laut den"
