"""What is asked in an evaluation, and what counts as right.

In: the fields of one question, as a reader of some format found them. Out: a frozen, checked
value. What can fail: a field of the wrong kind (pydantic's error, which the readers turn into one
sentence with file and line).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from corpus.document import Language


class Question(BaseModel):
    """A question, its gold answers and the documents that hold them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    language: Language
    answerable: bool = Field(True, description="Whether the documents hold an answer.")
    answers: tuple[str, ...] = Field(
        (), description="Gold answers; empty: none are known. ' && ' joins parts that all count."
    )
    needed: Literal["any", "all"] = Field(
        "any", description="'all': a right answer names every gold answer (conflicts)."
    )
    wrong_answers: tuple[str, ...] = Field((), description="What a right answer must not say.")
    relevant: dict[str, int] = Field(
        default_factory=dict, description="Grade by document id; 0 is not relevant."
    )
    within: tuple[str, ...] = Field((), description="Search these documents only; empty: all.")
    before: tuple[str, ...] = Field((), description="Earlier questions of the conversation.")
    answers_are: Literal["phrases", "sentences"] = Field(
        "phrases",
        description="'sentences': gold answers are whole sentences of the gold document, and a "
        "right answer covers one of them.",
    )
    without_injection: str | None = Field(
        None,
        description="Id of the same question over the same documents without the injected one.",
    )
    kind: str = Field("plain", description="A slice of its own in comparisons.")
    document_language: Language | None = Field(None, description="Of the documents searched.")

    @property
    def gold_documents(self) -> frozenset[str]:
        """Ids of the documents that hold the answer."""
        return frozenset(name for name, grade in self.relevant.items() if grade > 0)

    @property
    def pair(self) -> str:
        """Language of the question and of the documents, such as ``de-en``."""
        return f"{self.language}-{self.document_language or 'any'}"
