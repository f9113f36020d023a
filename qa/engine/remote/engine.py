"""Any OpenAI-compatible server as the engine: llama-server, vLLM, a service on the internet.

In: its address up to ``/v1`` (``--engine``, BELEGT_ENGINE), its key (BELEGT_ENGINE_API_KEY), a
model where it serves several (BELEGT_ENGINE_MODEL). Out: an :class:`~qa.engine.protocol.Engine`.
What can fail, each one sentence: what :mod:`qa.engine.remote.http` tells, a model that is not
there, a prompt that is longer than the server's context.

Only ``/models`` and ``/chat/completions`` are used. What is different from the engine in process:

- The server chooses the chat template, so messages are sent, see :mod:`qa.engine.remote.chat`.
- A probe is a completion of one token with the probabilities of the likeliest. Where a server
  gives none, its plain yes or no is taken (``PLAIN_WORD``), and every token counts as certain, so
  that an unsure answer is not noticed; standard error says so once.
- Words of a passage are said freely and looked for in it; what does not stand there is dropped.
- Forged markers are not prevented while the model writes; the assistant takes them out.
- Tokens of a text are estimated; those of a prompt are the server's own count where it gives one.
- A model that thinks aloud before it answers is of no use here: nothing it thinks is shown, and
  the probe meets its thoughts.
"""

from __future__ import annotations

import contextlib
import math
import re
import socket
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from base.errors import BelegtError, UsageError
from base.settings import Settings
from qa.engine.cancellation import Cancellation
from qa.engine.decode.sampling import Sampling
from qa.engine.decode.text_stream import TextStream
from qa.engine.extraction import Extraction
from qa.engine.protocol import (
    EngineDescription,
    Lookahead,
    Message,
    Piece,
    Segment,
    SpanPrompt,
)
from qa.engine.remote.alignment import aligned
from qa.engine.remote.chat import AfterOpening, ChatTranscript, segments
from qa.engine.remote.event_stream import MalformedEventError
from qa.engine.remote.http import SILENCE_S, RemoteClient, RemoteServer, ServerRefusedError
from qa.engine.remote.reply import (
    ReplyToken,
    ServerChoice,
    ServerReply,
    ServerUsage,
    chances,
    mean_log_probability,
    models,
    reply,
    word_chances,
)

CHARACTERS_PER_TOKEN = 4.0
"""Between German (3.4) and English (4.7): sentences of the sample corpus, the default model."""
# The most that OpenAI's API and vLLM's default allow.
_LISTED = 20
# Tokens of a yes or no with whatever quotation marks stand before it.
_WORD_TOKENS = 8
_COMPLETIONS = "/chat/completions"
# What llama.cpp's server says of its models; it goes on with a last message of the assistant's.
_CONTINUES = "llamacpp"
_UNKNOWN_PARAMETER = re.compile("log[ _-]?prob", re.IGNORECASE)


_CONNECTS_IN_S = 0.5
"""Half of what a program waits that asks whether the server is ready."""


class RemoteEngine:
    """A model that a server runs. Safe to call from many threads."""

    def __init__(self, settings: Settings, *, silence_s: float = SILENCE_S) -> None:
        key = settings.engine_api_key
        secret = key.get_secret_value() if key is not None else None
        self.server = RemoteServer(settings.engine.rstrip("/"), secret or None, silence_s)
        self.model, owner = self._choose(settings.engine_model or None)
        self.continues = owner == _CONTINUES
        self._lock = threading.Lock()
        self._tells_chances = True

    def _choose(self, wanted: str | None) -> tuple[str, str | None]:
        """The model to ask, and who the server says owns it."""
        url = self.server.url
        listed = {
            model.id: model.owned_by
            for model in models(RemoteClient(self.server).get("/models"), url).data
        }
        if not listed:
            raise BelegtError(f"The server at '{url}' lists no model; load one there.")
        if wanted is not None and wanted not in listed:
            raise UsageError(
                f"The server at '{url}' has no model '{wanted}'; set BELEGT_ENGINE_MODEL to one "
                f"of {', '.join(listed)}."
            )
        chosen = wanted or next(iter(listed))
        return chosen, listed[chosen]

    def describe(self) -> EngineDescription:
        """Which model runs; how it does is not told: digest empty, counts 0."""
        # A server may name a model by the file it lies in, which is nobody else's concern.
        name = Path(self.model).name if self.model.startswith("/") else self.model
        return EngineDescription(model=name, digest="", threads=0, gpu_layers=0, context_tokens=0)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, estimated from its length."""
        return [estimate(len(text)) for text in texts]

    def chat(self, messages: Sequence[Message]) -> list[Segment]:
        """Segments of a chat, the last of which hands over to the assistant."""
        return segments(messages)

    @contextlib.contextmanager
    def prefill(
        self,
        prompt: Sequence[Segment],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        ahead: Lookahead | None = None,  # noqa: ARG002 - a probe is a request of its own
        adapter: bool = False,  # noqa: ARG002 - which the server may have, or not
    ) -> Iterator[RemotePromptSession]:
        """A prompt for the server, which reads it with the first request of the session."""
        cancellation = cancellation or Cancellation()
        cancellation.check()
        client = RemoteClient(self.server, deadline=deadline, cancellation=cancellation)
        with cancellation.calling(client.end):
            yield RemotePromptSession(self, client, ChatTranscript(prompt))

    def extract_all(
        self,
        prompts: Sequence[SpanPrompt],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        adapter: bool = False,  # noqa: ARG002 - as above
    ) -> Iterator[tuple[int, Extraction]]:
        """Words of passages: said freely, one prompt after the other, and found in the text."""
        for number, one in enumerate(prompts):
            with self.prefill(one.prompt, deadline=deadline, cancellation=cancellation) as session:
                found = aligned(session.complete(one.constraint.limit), one.constraint)
                yield (
                    number,
                    replace(
                        found,
                        prompt_tokens=session.prompt_tokens,
                        evaluated_tokens=session.evaluated_tokens,
                    ),
                )

    def score_yes_no(
        self,
        prompts: Sequence[Sequence[Segment]],
        yes: Sequence[str],
        no: Sequence[str],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        adapter: bool = False,  # noqa: ARG002 - as above
    ) -> list[float]:
        """Log-odds of yes against no, one prompt after the other."""
        scores = []
        for prompt in prompts:
            with self.prefill(prompt, deadline=deadline, cancellation=cancellation) as session:
                affirmed, denied = session.probe("", (yes, no))
                scores.append(affirmed - denied)
        return scores

    @property
    def tells_chances(self) -> bool:
        """Whether the server gives log-probabilities, as far as is known."""
        return self._tells_chances

    def without_chances(self) -> None:
        """The server turned out to give no log-probabilities; says so, once."""
        with self._lock:
            known, self._tells_chances = self._tells_chances, False
        if known:
            print(
                f"belegt: The server at '{self.server.url}' gives no log-probabilities, so its "
                "plain yes or no decides whether to answer, and unsure answers are not noticed.",
                file=sys.stderr,
            )

    def is_cached(self, prompt: Sequence[Segment]) -> list[bool]:
        """None: what another server has read is its own affair."""
        return [False for one in prompt if one.kept_in is not None]

    def cache(self, prompt: Sequence[Segment], *, background: bool = True) -> bool:  # noqa: ARG002
        """Never: what a server keeps is its own."""
        return False

    def prepare_prefill(self, seconds: float = 0.0) -> bool:  # noqa: ARG002 - nothing to wait for
        """Settled: the other server reads prompts."""
        return True

    def occupancy(self) -> None:
        """Its server does not tell."""

    def failure(self) -> str | None:
        """Why its server cannot answer: it takes no connection. None while it does."""
        place = urlsplit(self.server.url)
        port = place.port or (443 if place.scheme == "https" else 80)
        try:
            socket.create_connection((place.hostname or "", port), _CONNECTS_IN_S).close()
        except OSError as error:
            reason = error.strerror or error
            return f"The engine at '{self.server.url}' cannot be reached ({reason})."
        return None

    def close(self) -> None:
        """Nothing is held between sessions."""


class RemotePromptSession:
    """A prompt at the server; see :class:`~qa.engine.protocol.PromptSession`."""

    def __init__(
        self, engine: RemoteEngine, client: RemoteClient, conversation: ChatTranscript
    ) -> None:
        self._engine = engine
        self._client = client
        self._conversation = conversation
        self.prompt_tokens = estimate(conversation.characters)
        self.evaluated_tokens = 0

    def extend(self, text: str) -> None:
        """Put trusted text after what was read; the server reads it with the next request."""
        self._conversation.extend(text)

    def probe(self, text: str, alternatives: Sequence[Sequence[str]]) -> list[float]:
        """Log-probabilities of what may follow ``text``; see the protocol."""
        asked = self._conversation.with_text(text)
        if self._engine.tells_chances:
            found = chances(self._likeliest_tokens(asked), alternatives)
            if found is not None:
                return found
        answer = self._ask(asked, {"max_tokens": _WORD_TOKENS})
        return word_chances(answer.choice.text, alternatives)

    def _likeliest_tokens(self, asked: ChatTranscript) -> Sequence[ReplyToken]:
        """The likeliest first tokens; none where the server gives no probabilities."""
        choice = self._with_chances(asked, {"max_tokens": 1, "top_logprobs": _LISTED})
        if choice is None:
            return ()
        if choice.chosen:
            return choice.chosen[0].top_logprobs or choice.chosen[:1]
        # A reply that ends before it begins has no token whose probability could be missing.
        if choice.text:
            self._engine.without_chances()
        return ()

    def _with_chances(self, asked: ChatTranscript, more: dict[str, Any]) -> ServerChoice | None:
        """A reply with log-probabilities; None where the server refuses to give any."""
        try:
            return self._ask(asked, more | {"logprobs": True}).choice
        except ServerRefusedError as error:
            if not _UNKNOWN_PARAMETER.search(error.words):
                raise
            self._engine.without_chances()
            return None

    def complete(self, limit: int) -> list[Piece]:
        """A continuation of at most ``limit`` tokens, all at once.

        Not as a stream: a server that gives no log-probabilities may notice too late to refuse.
        """
        choice = None
        if self._engine.tells_chances:
            more = {"max_tokens": limit, "top_logprobs": 1}
            choice = self._with_chances(self._conversation, more)
        if choice is None:
            choice = self._ask(self._conversation, {"max_tokens": limit}).choice
        # Tokens are shown as text that need not make up the whole.
        chances = [mean_log_probability([token]) for token in choice.chosen]
        if not chances:
            return [Piece(choice.text, 0.0, estimate(len(choice.text)))]
        return [Piece(choice.text if not at else "", one) for at, one in enumerate(chances)]

    def _ask(self, asked: ChatTranscript, more: dict[str, Any]) -> ServerReply:
        answer = reply(self._client.post(_COMPLETIONS, self._body(asked) | more))
        self._count(asked, answer.usage)
        return answer

    def generate(
        self, limit: int, stop: Sequence[str], sampling: Sampling | None = None
    ) -> Iterator[Piece]:
        """A continuation; closing the iterator closes the connection."""
        body = self._body(self._conversation) | _sampling_parameters(sampling or Sampling())
        body |= {"max_tokens": limit, "stream": True, "stream_options": {"include_usage": True}}
        if stop:
            body["stop"] = list(stop)
        stream, after = TextStream(stop), AfterOpening(self._conversation.opening)
        said, finish, usage = 0, None, None
        with contextlib.closing(self._replies(body)) as replies:
            for one in replies:
                choice, usage = one.choice, one.usage or usage
                finish = choice.finish_reason or finish
                tokens = len(choice.chosen) or int(bool(choice.text))
                if not tokens:
                    continue
                if said + tokens > limit:
                    break
                said += tokens
                text = stream.push(_bytes(after.push(choice.text)))
                yield Piece(text, mean_log_probability(choice.chosen), tokens)
                if stream.stopped:
                    break
        self._count(self._conversation, usage)
        rest = stream.push(_bytes(after.finish())) + stream.finish()
        # Several tokens in a chunk were counted as one; an answer cut short must be known as such.
        missing = max(limit - said, 0) if finish == "length" else 0
        if rest or missing:
            yield Piece(rest, 0.0, missing)

    def _replies(self, body: dict[str, Any]) -> Generator[ServerReply, None, None]:
        """The chunks of a reply, with log-probabilities where the server gives them."""
        if self._engine.tells_chances:
            try:
                # Some servers give those of the chosen tokens only where others are wanted too.
                yield from self._stream(body | {"logprobs": True, "top_logprobs": 1})
            except ServerRefusedError as error:
                if not _UNKNOWN_PARAMETER.search(error.words):
                    raise
                self._engine.without_chances()
            else:
                return
        yield from self._stream(body)

    def _stream(self, body: dict[str, Any]) -> Iterator[ServerReply]:
        finished = False
        try:
            with contextlib.closing(self._client.stream(_COMPLETIONS, body)) as objects:
                # The mark of the end proves nothing: llama-cpp-python's server also sends it to
                # whoever it drops in favour of the next request.
                for found in (one for one in objects if one is not None):
                    one = reply(found)
                    finished = finished or one.choice.finish_reason is not None
                    yield one
        except MalformedEventError as error:
            raise BelegtError(f"{error} Check that it is an OpenAI-compatible server.") from error
        if not finished:
            raise BelegtError(
                f"The server at '{self._engine.server.url}' ended its reply before it was "
                "complete; ask again."
            )

    def _body(self, asked: ChatTranscript) -> dict[str, Any]:
        return {
            "model": self._engine.model,
            "messages": asked.messages(continued=self._engine.continues),
            "temperature": 0.0,
        }

    def _count(self, asked: ChatTranscript, usage: ServerUsage | None) -> None:
        if usage is not None and usage.prompt_tokens:
            self.prompt_tokens = usage.prompt_tokens
            self.evaluated_tokens += usage.evaluated_tokens
        else:
            self.prompt_tokens = estimate(asked.characters)
            self.evaluated_tokens += self.prompt_tokens


def estimate(characters: int) -> int:
    """Tokens of so many characters."""
    return math.ceil(characters / CHARACTERS_PER_TOKEN)


def _sampling_parameters(sampling: Sampling) -> dict[str, Any]:
    if sampling.greedy:
        return {"temperature": 0.0}
    return {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "seed": sampling.seed,
    }


def _bytes(text: str) -> bytes:
    """Half a character, which JSON can carry, comes out as U+FFFD."""
    return text.encode("utf-8", "surrogatepass")
