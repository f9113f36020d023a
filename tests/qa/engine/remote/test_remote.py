"""The engine elsewhere, against a server that says and breaks what it is told to."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from local_server import DONE, event, free_port, make_certificate
from pydantic import SecretStr
from remote_fakes import (
    ChatServer,
    Sent,
    chunk,
    log_odds,
    problem,
    serving,
    streamed,
    whole,
)

from base.errors import BelegtError, UsageError
from base.settings import Settings
from qa.engine.cancellation import Cancellation, RequestCancelledError
from qa.engine.decode.sampling import Sampling
from qa.engine.extraction import Extraction, SpanConstraint
from qa.engine.protocol import Piece, Segment, SpanPrompt
from qa.engine.remote.engine import RemoteEngine, RemotePromptSession
from qa.engine.remote.http import API_KEY, RemoteClient, RemoteServer
from qa.engine.remote.reply import BELOW_LISTED, PLAIN_WORD
from qa.engine.request import DeadlinePassedError, EngineBusyError
from qa.pipeline import prompt
from qa.pipeline.session import open_engine

WORDS = prompt.load("de")
KEY = "sk-s3cret"
PATIENCE_S = 20.0
"""How long a test waits for what should come at once."""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


Start = Callable[..., tuple[ChatServer, RemoteEngine]]


@pytest.fixture
def start(stack: ExitStack) -> Start:
    """A server with these fields, and an engine that asks it."""

    def made(
        answer: Sent | Callable[[dict[str, Any]], Sent] | None = None,
        *,
        silence_s: float = PATIENCE_S,
        settings: dict[str, Any] | None = None,
        **fields: Any,
    ) -> tuple[ChatServer, RemoteEngine]:
        fake = ChatServer(**fields)
        if isinstance(answer, Sent):
            fake.answer = lambda _: answer
        elif answer is not None:
            fake.answer = answer
        stack.enter_context(serving(fake))
        engine = RemoteEngine(Settings(engine=fake.url, **settings or {}), silence_s=silence_s)
        stack.callback(engine.close)
        return fake, engine

    return made


def asked(engine: RemoteEngine, question: str = "Wer?") -> tuple[list[Segment], Segment]:
    *read, generation_prompt = engine.chat(WORDS.chat("- A: B.", question))
    return read, generation_prompt


def say(
    engine: RemoteEngine, limit: int = 20, stop: Sequence[str] = ("\n",), **options: Any
) -> list[Piece]:
    read, generation_prompt = asked(engine)
    with engine.prefill(read) as session:
        session.extend(generation_prompt.text)
        return list(session.generate(limit, stop, **options))


def yes_log_odds(engine: RemoteEngine) -> float:
    read, generation_prompt = asked(engine)
    with engine.prefill(read) as session:
        return log_odds(session, WORDS, generation_prompt.text)


def text(pieces: Sequence[Piece]) -> str:
    return "".join(one.text for one in pieces)


def soon(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


# --- what is asked --------------------------------------------------------------------------


def test_the_check_is_put_after_the_question_and_taken_back(start: Start) -> None:
    fake, engine = start(
        lambda body: streamed(chunk("Ja.")) if body.get("stream") else whole("ja", {"ja": -0.1})
    )
    read, generation_prompt = asked(engine)
    with engine.prefill(read) as session:
        log_odds(session, WORDS, generation_prompt.text)
        assert [one["role"] for one in fake.messages] == ["system", "user"]
        assert fake.messages[1]["content"] == f"Quellen:\n- A: B.\n\nFrage: Wer?\n\n{WORDS.check}"
        sent = fake.asked[-1]
        assert (sent["max_tokens"], sent["logprobs"], sent["top_logprobs"]) == (1, True, 20)
        session.extend(generation_prompt.text)
        assert text(list(session.generate(7, ("\n",)))) == "Ja."
    assert fake.messages[1]["content"] == "Quellen:\n- A: B.\n\nFrage: Wer?"
    sent = fake.asked[-1]
    assert (sent["model"], sent["max_tokens"], sent["stop"]) == ("first", 7, ["\n"])
    assert (sent["stream"], sent["temperature"], sent["logprobs"]) == (True, 0.0, True)


def test_sampling_is_the_servers(start: Start) -> None:
    fake, engine = start()
    say(engine, sampling=Sampling(temperature=0.7, top_p=0.9, seed=3))
    sent = fake.asked[-1]
    assert (sent["temperature"], sent["top_p"], sent["seed"]) == (0.7, 0.9, 3)


def test_the_model_that_was_named_or_the_first(start: Start) -> None:
    _, engine = start()
    assert engine.describe().model == "first"
    fake, engine = start(settings={"engine_model": "second"})
    say(engine)
    assert (engine.describe().model, fake.asked[-1]["model"]) == ("second", "second")


def test_the_folder_of_a_model_is_not_shown(start: Start) -> None:
    listed = Sent([b'{"data": [{"id": "/home/anna/m.gguf"}]}'])
    fake, engine = start(models=listed)
    say(engine)
    assert (engine.describe().model, fake.asked[-1]["model"]) == ("m.gguf", "/home/anna/m.gguf")


def test_the_key_is_sent_and_shown_nowhere(start: Start) -> None:
    refusal = problem(500, f"your key {KEY} is odd")
    fake, engine = start(refusal, settings={"engine_api_key": SecretStr(KEY)})
    with pytest.raises(BelegtError) as failed:
        say(engine)
    assert fake.keys == [f"Bearer {KEY}"] * 2
    assert KEY not in f"{failed.value} {engine.server!r} {engine.describe()}"


def test_without_a_key_none_is_sent(start: Start) -> None:
    fake, engine = start()
    say(engine)
    assert fake.keys == [None, None]


@pytest.mark.parametrize(
    ("owner", "last"),
    [
        ("llamacpp", {"role": "assistant", "content": "Laut den Quellen"}),
        (
            "openai",
            {"role": "user", "content": "Quellen:\n- A: B.\n\nFrage: Wer?\n\nLaut den Quellen …"},
        ),
    ],
)
@pytest.mark.parametrize("said", ["Laut den Quellen hat er es.", " hat er es."])
def test_an_answer_that_was_begun_goes_on(
    start: Start, owner: str, last: dict[str, str], said: str
) -> None:
    models = Sent([json.dumps({"data": [{"id": "m", "owned_by": owner}]}).encode()])
    fake, engine = start(streamed(*(chunk(sign) for sign in said)), models=models)
    read, generation_prompt = asked(engine)
    with engine.prefill(
        [*read, generation_prompt, Segment("Laut den Quellen", trusted=True)]
    ) as session:
        assert text(list(session.generate(40, ("\n",)))) == " hat er es."
    assert fake.messages[-1] == last


# --- what is answered -----------------------------------------------------------------------


def test_pieces_and_how_likely_they_are(start: Start) -> None:
    _, engine = start(streamed(chunk("", None), chunk("Ja", -0.5), chunk(".", -0.1)))
    assert say(engine) == [Piece("Ja", -0.5, 1), Piece(".", -0.1, 1)]


def test_stop_strings_hold_although_the_server_ignores_them(start: Start) -> None:
    _, engine = start(streamed(chunk("Ja, E"), chunk("N"), chunk("DE und mehr"), chunk("viel")))
    pieces = say(engine, stop=("ENDE",))
    assert [one.text for one in pieces] == ["Ja, ", "", ""]


def test_what_was_held_back_comes_at_the_end(start: Start) -> None:
    _, engine = start(streamed(chunk("Ja, E"), chunk("N")))
    assert say(engine, stop=("ENDE",))[-1] == Piece("EN", 0.0, 0)


def test_a_limit_holds_although_the_server_ignores_it(start: Start) -> None:
    _, engine = start(streamed(*(chunk("a") for _ in range(9))))
    assert text(say(engine, 4)) == "aaaa"


@pytest.mark.parametrize("finish", ["length", "stop"])
def test_an_answer_that_was_cut_is_known_as_such(start: Start, finish: str) -> None:
    # Two tokens in each piece, which cannot be seen.
    _, engine = start(streamed(chunk("Ja und"), chunk(" nein und"), finish=finish))
    counted = sum(one.tokens for one in say(engine, 4))
    assert counted == (4 if finish == "length" else 2)


def test_half_a_character_does_no_harm(start: Start) -> None:
    _, engine = start(streamed(chunk("gut \ud83d"), chunk(" so")))
    assert text(say(engine)).startswith("gut \ufffd")


def test_a_server_that_streams_nothing(start: Start) -> None:
    _, engine = start(whole("Ja."))
    assert text(say(engine)) == "Ja."


def test_tokens_are_the_servers_where_it_counts_them(start: Start) -> None:
    usage = {"prompt_tokens": 50, "prompt_tokens_details": {"cached_tokens": 30}}
    probed = whole("ja", {"ja": -0.1}, usage={"prompt_tokens": 60})
    end = event({"choices": [], "usage": usage})
    answered = Sent([chunk("Ja.", finish="stop"), end, DONE], kind="text/event-stream")
    _, engine = start(lambda body: answered if body.get("stream") else probed)
    read, generation_prompt = asked(engine)
    with engine.prefill(read) as session:
        estimated = session.prompt_tokens
        log_odds(session, WORDS, generation_prompt.text)
        assert (session.prompt_tokens, session.evaluated_tokens) == (60, 60)
        session.extend(generation_prompt.text)
        list(session.generate(9, ()))
        assert (session.prompt_tokens, session.evaluated_tokens) == (50, 80)
    assert 0 < estimated < len(WORDS.instruction)


def test_tokens_of_texts_are_estimated(start: Start) -> None:
    _, engine = start()
    assert engine.count_tokens(["", "a", "abcd", "abcde"]) == [0, 1, 1, 2]


# --- probabilities --------------------------------------------------------------------------


def test_log_odds_of_yes_and_no(start: Start) -> None:
    _, engine = start(whole("Nein", {"Nein": -0.2, " ja": -3.0, "Die": -4.0}))
    assert yes_log_odds(engine) == pytest.approx(-2.8)


def test_an_alternative_that_is_not_listed(start: Start) -> None:
    _, engine = start(whole("Ja", {"Ja": -0.1, "Die": -6.0}))
    assert yes_log_odds(engine) == pytest.approx(5.9 + BELOW_LISTED)


REFUSALS = [
    whole("ja"),
    problem(400, "'logprobs' is not supported by this model"),
    problem(422, [{"loc": ["body", "top_logprobs"], "msg": "extra"}]),
    problem(500, "logprobs is not supported for models created with logits_all=False"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=["missing", "400", "422", "500"])
@pytest.mark.parametrize("word", ["Ja.", "Nein."])
def test_without_probabilities_the_plain_word_counts(
    start: Start, capsys: pytest.CaptureFixture[str], refusal: Sent, word: str
) -> None:
    def answer(body: dict[str, Any]) -> Sent:
        if "logprobs" in body:
            return refusal
        return streamed(chunk("Meta.")) if body.get("stream") else whole(word)

    fake, engine = start(answer)
    assert yes_log_odds(engine) == pytest.approx(PLAIN_WORD if word == "Ja." else -PLAIN_WORD)
    assert yes_log_odds(engine) != 0.0
    assert text(say(engine)) == "Meta."
    assert len([body for body in fake.asked if "logprobs" in body]) == 1
    assert capsys.readouterr().err.count("gives no log-probabilities") == 1


def test_a_stream_that_is_refused_for_its_probabilities(start: Start) -> None:
    _, engine = start(
        lambda body: REFUSALS[1] if "logprobs" in body else streamed(chunk("Ja"), chunk("."))
    )
    assert say(engine) == [Piece("Ja", 0.0, 1), Piece(".", 0.0, 1)]


def test_an_empty_reply_says_nothing_about_the_server(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    _, engine = start(whole(""))
    assert yes_log_odds(engine) == 0.0
    assert engine.tells_chances
    assert capsys.readouterr().err == ""


# --- ends -----------------------------------------------------------------------------------


def test_closing_the_iterator_closes_the_connection(start: Start) -> None:
    fake, engine = start(streamed(chunk("Ja"), chunk("nein"), held=threading.Event()))
    read, _ = asked(engine)
    with engine.prefill(read) as session:
        pieces = session.generate(9, ())
        assert next(pieces).text == "Ja"
        assert not fake.gone.is_set()
        pieces.close()  # type: ignore[attr-defined]
        assert fake.gone.wait(PATIENCE_S)


def probing(session: RemotePromptSession) -> object:
    return log_odds(session, WORDS, "")


def generating(session: RemotePromptSession) -> object:
    return list(session.generate(9, ()))


@pytest.fixture(params=["http", "https"])
def certificate(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path | None:
    """That of a server, trusted by this machine, where it has one."""
    if request.param == "http":
        return None
    made = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


@pytest.mark.parametrize("work", [probing, generating])
@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("pieces", [1, 2])
def test_cancelled_from_another_thread(
    start: Start,
    work: Callable[[RemotePromptSession], object],
    kind: str,
    pieces: int,
    certificate: Path | None,
) -> None:
    """While the server has said nothing yet, and in the middle of what it says."""
    sent = Sent([chunk("Ja")] * pieces, kind=kind, held=threading.Event())
    # A silence that ends by itself would be too late.
    fake, engine = start(sent, silence_s=9 * PATIENCE_S, certificate=certificate)
    cancellation = Cancellation()

    def run() -> None:
        with engine.prefill(asked(engine)[0], cancellation=cancellation) as session:
            work(session)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        assert soon(lambda: bool(fake.asked))
        cancellation.cancel()
        with pytest.raises(RequestCancelledError):
            running.result(PATIENCE_S)
        assert fake.gone.wait(PATIENCE_S)
    with pytest.raises(RequestCancelledError), engine.prefill([], cancellation=cancellation):
        pass


def test_cancelled_before_keys_are_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.engine.remote.http.CONNECT_S", 9 * PATIENCE_S)
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:
        server = RemoteServer(f"https://127.0.0.1:{listening.getsockname()[1]}/v1")
        cancellation = Cancellation()
        client = RemoteClient(server, cancellation=cancellation)
        with cancellation.calling(client.end):
            running = pool.submit(client.get, "/models")
            with listening.accept()[0] as connection:
                assert connection.recv(1)
                cancellation.cancel()
                assert soon(running.done)
        with pytest.raises(RequestCancelledError):
            running.result()


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_deadline(start: Start, pieces: int) -> None:
    fake, engine = start(Sent([chunk("Ja")] * pieces, held=threading.Event()))
    with engine.prefill(asked(engine)[0], deadline=time.monotonic() + 0.3) as session:
        with pytest.raises(DeadlinePassedError, match="longer than it was allowed"):
            generating(session)
        assert fake.gone.wait(PATIENCE_S)
        with pytest.raises(DeadlinePassedError):
            probing(session)


def test_many_threads_get_their_own_answers(start: Start) -> None:
    def answer(body: dict[str, Any]) -> Sent:
        said = body["messages"][-1]["content"].rpartition("Frage: ")[2]
        return streamed(*(chunk(sign) for sign in said))

    _, engine = start(answer)

    def ask(number: int) -> str:
        with engine.prefill(asked(engine, f"Frage {number}?")[0]) as session:
            return text(list(session.generate(40, ())))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(40))) == [f"Frage {number}?" for number in range(40)]


# --- what goes wrong ------------------------------------------------------------------------


def sentence(failed: pytest.ExceptionInfo[BelegtError]) -> str:
    said = str(failed.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


def test_a_server_that_falls_silent(start: Start) -> None:
    _, engine = start(streamed(chunk("Ja"), held=threading.Event()), silence_s=0.2)
    with pytest.raises(BelegtError, match=r"said nothing for 0\.2 s") as failed:
        say(engine)
    assert sentence(failed)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (streamed(chunk("Ja"), finish=None), "ended its reply before it was complete"),
        (streamed(chunk("Ja"), DONE, finish=None), "ended its reply before it was complete"),
        (streamed(finish=None), "ended its reply before it was complete"),
        (streamed(chunk("Ja"), event({"error": {"message": "out of memory"}})), "out of memory"),
        (streamed(chunk("Ja"), event("{oops")), "not JSON: '{oops'"),
        (streamed(chunk("Ja"), event([1])), "no object"),
        (streamed(event({"choices": 7})), "no chat completion"),
        (Sent([b"<html>"], kind="text/html"), "does not answer as an OpenAI-compatible server"),
        (Sent([b""], kind="text/plain"), "does not answer as an OpenAI-compatible server"),
        (Sent([b'{"answer": 42}']), "no chat completion"),
        (Sent([b'{"choices'], cut=True), r"was lost before the reply was complete"),
        (problem(401, "bad key"), f"HTTP 401 Unauthorized: bad key; set {API_KEY}"),
        (problem(403, ""), f"HTTP 403 Forbidden.*set {API_KEY}"),
        (problem(404, "model 'x' not found"), "HTTP 404 Not Found: model 'x' not found"),
        (problem(400, "5000 tokens exceed the context"), "5000 tokens exceed the context"),
        (Sent([b"<html>no</html>"], 502), r"HTTP 502 Bad Gateway\.$"),
        (Sent([], 307), "HTTP 307 Temporary Redirect"),
        (problem(500, "a\x1b[31m\nb " + "x" * 900), r"a \[31m b x{100,200}\.$"),
    ],
)
@pytest.mark.parametrize("work", [probing, generating])
def test_one_sentence_for_each_failure(
    start: Start, sent: Sent, expected: str, work: Callable[[RemotePromptSession], object]
) -> None:
    streams = sent.kind == "text/event-stream"
    if streams and work is probing:
        expected = "does not answer as an OpenAI-compatible server"
    _, engine = start(sent)
    with (
        pytest.raises(BelegtError, match=expected) as failed,
        engine.prefill(asked(engine)[0]) as session,
    ):
        work(session)
    assert sentence(failed)


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_with_too_much_to_do(start: Start, status: int) -> None:
    _, engine = start(problem(status, "Loading model"))
    with pytest.raises(EngineBusyError, match="Loading model; try again") as failed:
        say(engine)
    assert sentence(failed)


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (Sent([b"oops"]), "does not answer as an OpenAI-compatible server"),
        (Sent([b"[1]"]), "does not answer as an OpenAI-compatible server"),
        (Sent([b'{"models": []}']), "ends in /v1"),
        (Sent([b'{"data": ["x"]}']), "ends in /v1"),
        (Sent([b'{"data": []}']), "lists no model"),
        (problem(404, "Not Found"), "HTTP 404.*ends in /v1"),
        (Sent([], 301), "HTTP 301.*ends in /v1"),
        (problem(401, "who are you"), f"who are you; set {API_KEY}"),
    ],
)
def test_a_server_of_another_kind(stack: ExitStack, models: Sent, expected: str) -> None:
    fake = stack.enter_context(serving(ChatServer(models=models)))
    with pytest.raises(BelegtError, match=expected) as failed:
        RemoteEngine(Settings(engine=fake.url))
    assert sentence(failed)


def test_a_model_that_is_not_there(start: Start) -> None:
    with pytest.raises(UsageError, match=r"no model 'x'.*one of first, second") as failed:
        start(settings={"engine_model": "x"})
    assert sentence(failed)


def test_nobody_there() -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    with pytest.raises(BelegtError, match=rf"No server answers at '{url}' \(Connection refused\)"):
        RemoteEngine(Settings(engine=url))
    with pytest.raises(BelegtError, match="No server answers"):
        RemoteEngine(Settings(engine=f"http://{'a' * 70}.invalid/v1"))


def test_another_protocol(stack: ExitStack) -> None:
    fake = stack.enter_context(serving(ChatServer()))
    with pytest.raises(BelegtError, match="No server answers at 'https:") as failed:
        RemoteEngine(Settings(engine=fake.url.replace("http:", "https:")))
    assert sentence(failed)


def test_a_certificate_that_nobody_trusts(stack: ExitStack, tmp_path: Path) -> None:
    fake = stack.enter_context(serving(ChatServer(certificate=make_certificate(tmp_path))))
    with pytest.raises(BelegtError, match=r"No server answers .* verify failed") as failed:
        RemoteEngine(Settings(engine=fake.url))
    assert sentence(failed)


def test_a_server_that_speaks_no_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:

        def greet() -> None:
            with listening.accept()[0] as connection:
                connection.sendall(b"220 mail.example ESMTP\r\n")
                connection.recv(1000)

        greeted = pool.submit(greet)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        with pytest.raises(BelegtError, match="was lost before the reply was complete") as failed:
            RemoteEngine(Settings(engine=url))
        assert sentence(failed)
        greeted.result(PATIENCE_S)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080/v1",
        "file:///etc/passwd",
        "http://",
        "http://host:99999/v1",
        "http://host:0/v1",
        "http://ho st/v1",
        "http://host/v1?key=x",
        "http://host/v1#x",
        "http://host/v1\r\nX: y",
        "https://bücher.example/v1",
        "remote",
        "",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(UsageError, match=r"name 'local' or an address .*--engine"):
        RemoteEngine(Settings(engine=url))


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(UsageError) as failed:
        RemoteEngine(Settings(engine="http://anna:s3cret@host/v1"))
    assert "s3cret" not in sentence(failed)


@pytest.mark.parametrize("key", ["a\nb", "schlüssel"])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(UsageError, match=API_KEY) as failed:
        RemoteEngine(Settings(engine="http://host/v1", engine_api_key=SecretStr(key)))
    assert key not in sentence(failed)


def test_the_engine_that_settings_name(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    fake, _ = start()
    made = open_engine(Settings(engine=f"{fake.url}/"))
    assert isinstance(made, RemoteEngine)
    assert made.server.url == fake.url
    monkeypatch.setattr("qa.pipeline.session.load_engine", lambda _: "here")
    assert open_engine(Settings()) == "here"


# --- words of passages ----------------------------------------------------------------------


def extracted(engine: RemoteEngine, text: str) -> Extraction:
    asks = [SpanPrompt(engine.chat(WORDS.chat(text, "Wer?")), SpanConstraint(text, "nothing"))]
    ((number, found),) = engine.extract_all(asks)
    assert number == 0
    return found


def test_words_of_a_passage_are_found_in_it(start: Start) -> None:
    fake, engine = start(whole('"meta".', {"meta": -0.5}, usage={"prompt_tokens": 70}))
    found = extracted(engine, "Es war Meta.")
    assert [(span.start, span.end) for span in found.spans] == [(7, 11)]
    assert (found.starts, found.prompt_tokens) == (-0.5, 70)
    assert "stream" not in fake.asked[-1]
    assert not extracted(engine, "Es war Google.").spans


def test_words_of_a_passage_without_probabilities(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    _, engine = start(
        lambda body: problem(400, "logprobs: no") if body.get("logprobs") else whole("Meta")
    )
    assert extracted(engine, "Es war Meta.").spans
    assert "no log-probabilities" in capsys.readouterr().err


def test_yes_and_no_of_each_prompt(start: Start) -> None:
    def answer(body: dict[str, Any]) -> Sent:
        right = "Meta" in str(body["messages"])
        return whole("yes", {"yes": -0.1 if right else -2.0, "no": -2.0 if right else -0.1})

    _, engine = start(answer)
    prompts = [engine.chat(WORDS.chat(text, "Wer?")) for text in ("Meta", "Google")]
    assert engine.score_yes_no(prompts, ["yes"], ["no"]) == pytest.approx([1.9, -1.9])
