"""What the OpenAPI document shows beside the schemas: a body for each operation.

In: an OpenAPI document. Out: the same with an example in every body that had none. Nothing can
fail: an operation that is not there is passed over, and a test holds the examples against their
schemas.
"""

from __future__ import annotations

from typing import Any

_MOMENT = "2025-06-13T09:30:00.000000+00:00"
_ID = "0f8fad5bd9cb469fa16570867728950e"
_DOCUMENT = "vertrag-1a2b3c4d"
_QUESTION = "Wie viel zahlte Meta für 49 Prozent von Scale AI?"
_QUOTE = "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI."
_MODELS = {"encoder": "multilingual-e5-small", "llm": "qwen2.5-coder-1.5b-instruct"}
_PLACE = {"title": "Der Vertrag", "date": "2025-06-13", "source": "Reuters"}
_SPAN = {"start": 0, "end": len(_QUOTE)}
_CITATION = {
    "marker": 1,
    "document_id": _DOCUMENT,
    "path": "upload/vertrag.md",
    **_PLACE,
    **_SPAN,
    "quote": _QUOTE,
    "support": [[12, 35]],
}
_ANSWER = {
    "id": _ID,
    "question": _QUESTION,
    "language": "de",
    "status": "answered",
    "text": f"{_QUOTE} [1]",
    "citations": [_CITATION],
    "confidence": 0.94,
    "timings": {
        "retrieval_ms": 9.1,
        "evidence_ms": 6.0,
        "prefill_ms": 310.0,
        "first_token_ms": 352.4,
        "decode_ms": 480.2,
        "total_ms": 841.9,
        "prompt_tokens": 412,
        "evaluated_tokens": 268,
        "output_tokens": 24,
    },
    "models": _MODELS,
    "draft": _QUOTE,
    "nearest": [],
    "conflicts": [],
}
_KEY = {
    "id": "3f9c1b2a",
    "name": "anna",
    "role": "editor",
    "created": _MOMENT,
    "last_used": None,
    "revoked": None,
}
_MODEL = {"id": "belegt", "object": "model", "created": 0, "owned_by": "belegt"}
_COMPLETION = {
    "id": f"chatcmpl-{_ID}",
    "object": "chat.completion",
    "created": 1749807000,
    "model": "belegt",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": f"{_QUOTE} [1]",
                "refusal": None,
                "citations": [_CITATION],
                "belegt": {
                    "answer_id": _ID,
                    "status": "answered",
                    "language": "de",
                    "confidence": 0.94,
                    "nearest": [],
                    "conflicts": [],
                },
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 412,
        "completion_tokens": 24,
        "total_tokens": 436,
        "prompt_tokens_details": {"cached_tokens": 144},
    },
}
_PARTICULARS = _COMPLETION["choices"][0]["message"]["belegt"]  # type: ignore[index]
_MESSAGE = {
    "id": f"msg_{_ID}",
    "type": "message",
    "role": "assistant",
    "model": "belegt",
    "content": [
        {
            "type": "text",
            "text": _QUOTE,
            "citations": [
                {
                    "type": "char_location",
                    "cited_text": _QUOTE,
                    "document_index": 0,
                    "document_title": "Der Vertrag",
                    "start_char_index": 0,
                    "end_char_index": len(_QUOTE),
                    "file_id": _DOCUMENT,
                }
            ],
        }
    ],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 268,
        "output_tokens": 24,
        "cache_read_input_tokens": 144,
        "cache_creation_input_tokens": 0,
    },
    "belegt": _PARTICULARS,
}
_RESPONSE = {
    "id": f"resp_{_ID}",
    "object": "response",
    "created_at": 1749807000,
    "status": "completed",
    "model": "belegt",
    "output": [
        {
            "id": f"msg_{_ID}",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [
                {
                    "type": "output_text",
                    "text": f"{_QUOTE} [1]",
                    "annotations": [
                        {
                            "type": "file_citation",
                            "file_id": _DOCUMENT,
                            "filename": "Der Vertrag",
                            "index": len(_QUOTE) + 1,
                            "marker": 1,
                            **_SPAN,
                            "quote": _QUOTE,
                        }
                    ],
                    "logprobs": [],
                }
            ],
        }
    ],
    "usage": {
        "input_tokens": 412,
        "input_tokens_details": {"cached_tokens": 144, "cache_write_tokens": 0},
        "output_tokens": 24,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 436,
    },
    "belegt": _PARTICULARS,
}
_REPORT = "<!doctype html><title>xquad</title>"
REQUESTS: dict[str, Any] = {
    "POST /v1/chat/completions": {
        "model": "belegt",
        "messages": [{"role": "user", "content": _QUESTION}],
    },
    "POST /v1/messages": {
        "model": "belegt",
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": _QUESTION}],
    },
    "POST /v1/responses": {"model": "belegt", "input": _QUESTION},
    "POST /v1/documents": {"files": ["vertrag.md"]},
    "POST /v1/prove": {
        "pairs": [{"quote": _QUOTE, "statement": "Meta zahlte 14,8 Milliarden Dollar."}]
    },
}
"""By operation; those of the other bodies stand at their fields."""

ANSWERS: dict[str, Any] = {
    "POST /v1/ask": _ANSWER,
    "POST /v1/conversations/{conversation_id}/ask": _ANSWER,
    "POST /v1/search": {
        "language": "de",
        "passages": [
            {
                "document_id": _DOCUMENT,
                **_PLACE,
                "language": "de",
                **_SPAN,
                "text": _QUOTE,
                "score": 0.91,
            }
        ],
        "took_ms": 9.3,
    },
    "POST /v1/prove": {
        "proofs": [
            {
                "supported": False,
                "score": 0.05,
                "reasons": ["value: 14,8 Milliarden Dollar (absent)"],
            }
        ]
    },
    "GET /v1/info": {
        "version": "1.0.0",
        "models": _MODELS,
        "documents": 12,
        "passages": 96,
        "languages": ["de", "en"],
        "sources": ["Reuters"],
        "role": "admin",
        "writable": True,
        "limits": {"question_characters": 4000, "upload_bytes": 67108864, "upload_files": 50},
        "evaluation": True,
    },
    "GET /v1/conversations/{conversation_id}": {
        "id": _ID,
        "title": _QUESTION,
        "created": _MOMENT,
        "updated": _MOMENT,
        "turns": [{"id": _ID, "created": _MOMENT, "question": _QUESTION, "answer": _ANSWER}],
    },
    "GET /v1/documents/{document_id}/span": {
        "before": "",
        "quote": _QUOTE,
        "after": " Der Vertrag wurde im Juni 2025 unterschrieben.",
        **_PLACE,
        **_SPAN,
    },
    "GET /v1/feedback/export": '{"id": "…", "question": "…", "answers": ["…"]}\n',
    "GET /v1/reviews/agreement": {"answers": 40, "agreement": 0.9, "kappa": 0.78},
    "POST /v1/reviews/{answer_id}": {
        "reviewer": "anna",
        "verdict": "badly_cited",
        "comment": None,
        "created": _MOMENT,
    },
    "POST /v1/chat/completions": _COMPLETION,
    "POST /v1/messages": _MESSAGE,
    "POST /v1/responses": _RESPONSE,
    "GET /v1/models": {"object": "list", "data": [_MODEL]},
    "GET /v1/models/{model}": _MODEL,
    "GET /healthz": {"status": "ok"},
    "GET /readyz": {"status": "ready", "checks": {"models": "ok", "index": "ok", "engine": "ok"}},
    "GET /metrics": 'belegt_answers_total{status="answered"} 12.0\n',
    "GET /v1/keys": {"items": [_KEY]},
    "POST /v1/keys": {**_KEY, "key": "belegt_…"},
    "GET /v1/evaluations": {
        "items": [
            {
                "name": "2025-06-13-xquad",
                "set": "xquad",
                "system": "belegt",
                "questions": 200,
                "answered": 200,
                "started": _MOMENT,
                "ended": _MOMENT,
            }
        ]
    },
    "GET /v1/evaluations/{name}/report": _REPORT,
    "POST /v1/evaluations/{name}/ticket": {"url": "/reports/…"},
    "GET /reports/{ticket}": _REPORT,
}


def add_examples(document: dict[str, Any]) -> None:
    """Put the examples into an OpenAPI document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            _show(operation.get("requestBody", {}), REQUESTS.get(name))
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    _show(answer, ANSWERS.get(name))


def _show(body: dict[str, Any], example: Any) -> None:
    """Events have examples of their own."""
    if example is None:
        return
    for media in body.get("content", {}).values():
        if "itemSchema" not in media:
            media.setdefault("example", example)
