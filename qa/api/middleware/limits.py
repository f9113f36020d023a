"""How much one key may ask for.

In: a request whose caller is known. Out: the request handed on, or 429 with ``Retry-After``: a
rate (requests a minute) and a quota (answers a UTC day), each per key, or per address where no
key is needed. Nothing else can fail. Both are kept in memory, so a restart forgets them.
"""

from __future__ import annotations

import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from base.settings import Settings
from qa.api.middleware.refusal import refuse
from qa.api.problems import ProblemError

_MOST_CALLERS = 4096
_DAY_S = 86_400
_CHATS = ("/v1/chat/completions", "/v1/messages", "/v1/responses")
"""Here a chat page may want something that is no answer, which only the body tells."""
_ANSWERS = re.compile(r"/v1/ask|/v1/conversations/[^/]+/ask|" + "|".join(_CHATS))
_REFUSAL, _GIVEN_BACK = "quota_refusal", "quota_given_back"
Clock = Callable[[], float]


class Limits:
    """Middleware: counts the requests of each caller. Paths that need no caller are not counted."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        *,
        clock: Clock = time.monotonic,
        date: Clock = time.time,
    ) -> None:
        """``clock`` and ``date`` in seconds; the latter since 1970 in UTC."""
        self._app = app
        self._rates = RateLimiter(settings.requests_per_minute, clock)
        self._quotas = Quotas(settings.answers_per_day, date)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        who = _who(scope) if scope["type"] == "http" else None
        if who is None:
            await self._app(scope, receive, send)
            return
        wait = self._rates.take(who)
        if wait > 0:
            await refuse(_wait(wait, "requests a minute"), scope, receive, send)
            return
        if scope["method"] != "POST" or _ANSWERS.fullmatch(scope["path"]) is None:
            await self._app(scope, receive, send)
            return
        wait = self._quotas.take(who)
        if wait > 0 and scope["path"] in _CHATS:
            scope["state"][_REFUSAL] = _wait(wait, "answers a day")
            await self._app(scope, receive, send)
        elif wait > 0:
            await refuse(_wait(wait, "answers a day"), scope, receive, send)
        else:
            await self._app(scope, receive, self._counting(who, scope, send))

    def _counting(self, who: str, scope: Scope, send: Send) -> Send:
        """``send`` that gives an answer back to the quota where there was none."""

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start" and (
                message["status"] >= 400 or _GIVEN_BACK in scope["state"]
            ):
                self._quotas.give_back(who)
            await send(message)

        return count


def check_quota(request: Request) -> None:
    """Raise the ProblemError (429) of a caller who has had the day's answers."""
    problem: ProblemError | None = request.scope.get("state", {}).get(_REFUSAL)
    if problem is not None:
        raise problem


def give_back_answer(request: Request) -> None:
    """Have ``request`` not count as an answer."""
    request.scope.setdefault("state", {})[_GIVEN_BACK] = True


@dataclass
class _Bucket:
    tokens: float
    filled: float


class RateLimiter:
    """A token bucket for each caller (RFC 2697 has the idea): a minute's worth may come at once.

    Of more callers than ``most``, those that were quiet longest are forgotten.
    """

    def __init__(self, a_minute: int, clock: Clock, most: int = _MOST_CALLERS) -> None:
        self._size = float(a_minute)
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, who: str) -> float:
        """Take one request; 0, or the seconds after which there is one to take."""
        if not self._size:
            return 0.0
        now = self._clock()
        bucket = self._buckets.setdefault(who, _Bucket(self._size, now))
        self._buckets.move_to_end(who)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        gained = (now - bucket.filled) * self._size / 60
        bucket.tokens = min(self._size, bucket.tokens + gained)
        bucket.filled = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) * 60 / self._size
        bucket.tokens -= 1
        return 0.0


class Quotas:
    """Answers of each caller on the present day; ``most`` callers, as with :class:`RateLimiter`."""

    def __init__(self, a_day: int, date: Clock, most: int = _MOST_CALLERS) -> None:
        self._a_day = a_day
        self._date = date
        self._most = most
        self._day = -1
        self._taken: OrderedDict[str, int] = OrderedDict()

    def take(self, who: str) -> float:
        """Take one answer; 0, or the seconds until the next day."""
        if not self._a_day:
            return 0.0
        day, second = divmod(self._date(), _DAY_S)
        if day != self._day:
            self._day = int(day)
            self._taken.clear()
        taken = self._taken.get(who, 0)
        if taken >= self._a_day:
            return _DAY_S - second
        self._taken[who] = taken + 1
        self._taken.move_to_end(who)
        if len(self._taken) > self._most:
            self._taken.popitem(last=False)
        return 0.0

    def give_back(self, who: str) -> None:
        """Undo one ``take``."""
        if self._taken.get(who, 0) > 0:
            self._taken[who] -= 1


def _who(scope: Scope) -> str | None:
    caller = scope.get("state", {}).get("caller")
    if caller is None:
        return None
    client = scope.get("client")
    return f"key {caller.key_id}" if caller.key_id else f"address {client[0] if client else ''}"


def _wait(seconds: float, of: str) -> ProblemError:
    return ProblemError(
        429,
        f"This is more {of} than a key may have here.",
        headers={"Retry-After": str(math.ceil(seconds))},
    )
