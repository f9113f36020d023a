from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.engine.remote.event_stream import MalformedEventError, objects


@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=8), max_size=3), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 40),
    st.booleans(),
)
def test_however_the_bytes_are_cut(
    sent: list[dict[str, str]], end: str, size: int, ascii_only: bool
) -> None:
    text = "".join(f"data: {json.dumps(one, ensure_ascii=ascii_only)}{end}{end}" for one in sent)
    data = (text + f"data: [DONE]{end}{end}").encode("utf-8", "surrogatepass")
    pieces = [data[first : first + size] for first in range(0, len(data), size)]
    assert list(objects(pieces)) == [*sent, None]


def test_comments_and_other_fields_are_passed_over() -> None:
    data = b': ping\nevent: message\nid: 7\ndata:{"a": 1}\n\n: pong\n\ndata: [DONE]\n\n'
    assert list(objects([data])) == [{"a": 1}, None]


def test_data_of_several_lines_is_one_event() -> None:
    assert list(objects([b'data: {"a":\ndata: 1}\n\n'])) == [{"a": 1}]


def test_a_last_event_without_its_blank_line_counts() -> None:
    assert list(objects([b'data: {"a": 1}'])) == [{"a": 1}]


def test_nothing_after_done() -> None:
    assert list(objects([b"data: [DONE]\n\ndata: nonsense\n\n"])) == [None]


@pytest.mark.parametrize("data", ["{", "oops", '{"a": 1', "9" * 5000, "[" * 100_000])
def test_what_is_not_json_is_shown_in_short(data: str) -> None:
    with pytest.raises(MalformedEventError, match="is not JSON: '") as failed:
        list(objects([f"data: {data}\n\n".encode()]))
    assert len(str(failed.value)) < 200


@pytest.mark.parametrize("data", ["[]", "7", "null", '"text"'])
def test_what_is_no_object(data: str) -> None:
    with pytest.raises(MalformedEventError, match="no object"):
        list(objects([f"data: {data}\n\n".encode()]))
