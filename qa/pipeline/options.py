"""How a question is to be answered.

In: nothing but values. Out: one value that travels with a question. Nothing can fail. Importing it
is light, so that a question can be handed to a running server at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.document import Language
from corpus.filters import Filters
from qa.dialogue.query_rewriting import Exchange
from qa.engine.cancellation import Cancellation

if TYPE_CHECKING:
    from qa.engine.decode.sampling import Sampling


@dataclass(frozen=True)
class AskOptions:
    """How a question is to be answered, where it is not as usual.

    ``before``: earlier questions and answers of the conversation, the oldest first. ``sampling``:
    greedy unless told. ``answer_tokens``: at most so many, within the setting. ``stop``: the model
    ends before any of these. ``instruction``: said to the model after belegt's own. ``deadline``:
    in ``time.monotonic``. ``cancellation``: ends the work from another thread.
    """

    language: Language | None = None
    top_k: int | None = None
    filters: Filters | None = None
    before: tuple[Exchange, ...] = ()
    sampling: Sampling | None = None
    answer_tokens: int | None = None
    stop: tuple[str, ...] = ()
    instruction: str = ""
    deadline: float | None = None
    cancellation: Cancellation | None = None
    at_most_wrong: float | None = None
    """Share of all questions that may be answered wrongly; None: what the settings say."""


DEFAULT_OPTIONS = AskOptions()
