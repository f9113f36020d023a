"""Statements held against quotations: ``POST /v1/prove``.

In: pairs of quotation and statement in JSON. Out: for each whether the quotation proves the
statement, how likely, and why not. What can fail, as problem details: too many or too long texts
(422), models that are being loaded (503), too many questions at a time (429).
"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from corpus.document import Language
from qa.api.app_state import Service
from qa.proof.entailment import ReaderEntailment
from qa.proof.support import Pair, prove_pairs

_MOST_PAIRS = 100
_MOST_CHARACTERS = 20_000


class PairGiven(BaseModel):
    """A quotation and what it is to prove."""

    model_config = ConfigDict(extra="forbid")

    quote: str = Field(
        min_length=1, max_length=_MOST_CHARACTERS, description="The exact words of a source."
    )
    statement: str = Field(
        min_length=1, max_length=_MOST_CHARACTERS, description="What they are to prove."
    )
    quote_language: Language | None = Field(None, description="Found where not given.")
    statement_language: Language | None = Field(None, description="Found where not given.")


class ProveRequest(BaseModel):
    """Pairs to prove."""

    model_config = ConfigDict(extra="forbid")

    pairs: list[PairGiven] = Field(min_length=1, max_length=_MOST_PAIRS)


class ProofMade(BaseModel):
    """Whether a quotation proves a statement."""

    supported: bool = Field(description="Whether it proves all that the statement says.")
    score: float = Field(ge=0, le=1, description="Probability that people would say so.")
    reasons: list[str] = Field(
        description='Why not, each as "sort: what"; empty where it is supported.'
    )


class ProveResult(BaseModel):
    """One proof for each pair, in order."""

    proofs: list[ProofMade]


def router(service: Service) -> APIRouter:
    """The route; the reader of ``service`` is asked, its corpus is not."""
    routes = APIRouter(tags=["Questions"])

    @routes.post("/v1/prove", summary="Hold statements against quotations")
    def prove(body: ProveRequest) -> ProveResult:
        pairs = [Pair.model_validate(pair.model_dump()) for pair in body.pairs]
        proofs = prove_pairs(pairs, scorer=ReaderEntailment(service.require_loaded().engine))
        return ProveResult(
            proofs=[
                ProofMade(supported=proof.supported, score=proof.score, reasons=proof.reasons)
                for proof in proofs
            ]
        )

    return routes
