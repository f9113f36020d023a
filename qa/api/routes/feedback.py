"""Feedback and reviews: ``/v1/feedback``, ``/v1/reviews``.

In: verdicts in JSON. Out: what was kept, the queue of reviewers, how far they agree, and questions
for an evaluation as JSON Lines. What can fail, as problem details: an unknown answer (404), a
passage that is none (422), a verdict that can no longer be changed (409).
"""

from __future__ import annotations

import json

from fastapi import APIRouter, Depends, Request, Response

from qa.api.app_state import Service
from qa.api.middleware.access import caller_of, require
from qa.api.problems import document_problems
from qa.api.schemas import Identifier
from qa.api.storage.feedback import (
    Agreement,
    Feedback,
    FeedbackGiven,
    Judgements,
    Review,
    ReviewPage,
    VerdictGiven,
)
from qa.api.storage.feedback_export import export_questions
from qa.api.storage.records import Cursor, Limit, open_connection

JSON_LINES = "application/x-ndjson"
_EDITOR = [Depends(require("editor"))]


def router(service: Service) -> APIRouter:
    """The routes over what ``service`` keeps."""
    routes = APIRouter(tags=["Feedback"], prefix="/v1")
    judgements = Judgements(service)

    @routes.post(
        "/feedback",
        status_code=201,
        responses=document_problems(404),
        summary="Judge an answer you got",
    )
    def give(body: FeedbackGiven, request: Request) -> Feedback:
        return judgements.give(body, caller_of(request))

    @routes.get(
        "/feedback/export",
        dependencies=_EDITOR,
        response_class=Response,
        responses={
            200: {
                "content": {JSON_LINES: {"schema": {"type": "string"}}},
                "description": "Questions of answers whose verdict is known, one a line.",
            }
        },
        summary="Questions for an evaluation",
    )
    def export() -> Response:
        with open_connection(service) as connection, service.library.reading() as retriever:
            lines = [
                json.dumps(one, ensure_ascii=False) + "\n"
                for one in export_questions(connection, retriever.store)
            ]
        headers = {"Content-Disposition": 'attachment; filename="feedback.jsonl"'}
        return Response("".join(lines), media_type=JSON_LINES, headers=headers)

    @routes.get("/reviews", dependencies=_EDITOR, summary="Answers that reviewers should look at")
    def queue(request: Request, limit: Limit = 20, cursor: Cursor = None) -> ReviewPage:
        return judgements.queue(caller_of(request).name, limit, cursor)

    @routes.get("/reviews/agreement", dependencies=_EDITOR, summary="How far two reviewers agree")
    def agreement() -> Agreement:
        return judgements.agreement()

    @routes.post(
        "/reviews/{answer_id}",
        status_code=201,
        dependencies=_EDITOR,
        responses=document_problems(404, 409),
        summary="Give a verdict",
    )
    def review(answer_id: Identifier, body: VerdictGiven, request: Request) -> Review:
        return judgements.review(answer_id, body, caller_of(request).name)

    return routes
