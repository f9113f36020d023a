"""A server for the page's tests: it follows the API with canned answers and no model.

In: HTTP requests of the page. Out: what the real server would answer, with the same security
headers. A question about "Preis" or "price" is answered with sources that disagree, one with
"Pizza" is refused, one with "langsam" streams until it is stopped, one with "kaputt" fails on the
way; anything else is about Alexandr Wang. The documents are the sample corpus and a hostile one.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from corpus.document import Document
from corpus.loaders import load_file
from qa.api.page import INDEX, page_files

SAMPLES = Path(__file__).parents[4] / "corpus" / "documents"
HOSTILE = "<script>window.hit=1</script><img src=x onerror='window.hit=1'>"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
Body = dict[str, Any]
Event = tuple[str, Body]


def sample_documents() -> dict[str, Document]:
    found = [load_file(path) for path in sorted(SAMPLES.glob("*.md"))]
    named = {
        Path(one.path).stem: one.model_copy(
            update={"id": Path(one.path).stem, "path": f"corpus/documents/{Path(one.path).name}"}
        )
        for one in found
    }
    named["hostile"] = Document(
        id="hostile",
        title=f"Titel {HOSTILE}",
        source=HOSTILE,
        date="2025-01-02",
        language="de",
        text=f"Vorher 😀. Der Satz {HOSTILE} steht da. Nachher.",
        path="hostile.txt",
    )
    return named


def cited(document: Document, marker: int, start: str, end: str, support: str = "") -> Body:
    """A citation of what stands from ``start`` to ``end`` in the document, ``support`` in it."""
    first = document.text.index(start)
    last = document.text.index(end, first) + len(end)
    quote = document.text[first:last]
    begin = quote.index(support)
    return {
        "marker": marker,
        "document_id": document.id,
        "path": document.path,
        "title": document.title,
        "date": document.date,
        "source": document.source,
        "start": first,
        "end": last,
        "quote": quote,
        "support": [[begin, begin + len(support)]] if support else [],
    }


def answered(question: str, text: str, citations: list[Body], **more: Any) -> Body:
    return {
        "id": f"answer-{abs(hash(question)) % 10**8}",
        "question": question,
        "language": "de",
        "status": "answered" if citations else "not_found",
        "text": text,
        "citations": citations,
        "nearest": [],
        "confidence": 0.93,
        "timings": {"total_ms": 4630.0},
        "models": {"encoder": "e5", "llm": "tiny"},
        "draft": "",
        "conflicts": [],
        **more,
    }


class StandIn(ThreadingHTTPServer):
    """One server with a state of its own; ``key`` set means that requests must carry it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.documents = sample_documents()
        self.conversations: dict[str, Body] = {}
        self.received: list[tuple[str, str, Any]] = []
        self.broken_streams = threading.Event()
        self.key: str | None = None
        self.role = "admin"
        self.evaluations = [
            {
                "name": "2026-07-14-sample",
                "set": "sample",
                "system": "belegt",
                "questions": 40,
                "started": "2026-07-14T09:30:00Z",
                "figures": {"right": 0.93, "wrongly_refused": 0.05, "wrongly_answered": 0.02},
            },
            {
                "name": "2026-07-14-plain",
                "set": "sample",
                "system": "plain",
                "questions": 40,
                "started": "2026-07-14T10:05:00Z",
                "figures": {"right": 0.65, "wrongly_refused": 0.2, "wrongly_answered": 0.15},
            },
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def sent(self, method: str, path: str) -> list[Any]:
        """The bodies of what the page has sent so."""
        return [body for way, where, body in self.received if (way, where) == (method, path)]

    def answer(self, question: str) -> Body:
        if "Pizza" in question:
            return self._refused(question)
        if re.search("Preis|price", question):
            return self._disputed(question)
        if "feindlich" in question:
            hostile = cited(self.documents["hostile"], 1, "Der Satz", "steht da.", HOSTILE)
            return answered(question, f"Es steht da: {HOSTILE} [1] [7]", [hostile])
        wang = self.documents["09-wang-wechsel-verwaltungsrat"]
        first = cited(wang, 1, "Seinen Posten", "behielt er.", "seinen Sitz im Verwaltungsrat")
        second = cited(wang, 2, "Alexandr Wang, 28", "für Meta.", "arbeitet künftig für Meta")
        text = (
            "Alexandr Wang gab den Posten als CEO auf und behielt seinen Sitz im Verwaltungsrat "
            "von Scale AI. [1] Er arbeitet künftig für Meta. [2]"
        )
        return answered(question, text, [first, second])

    def _refused(self, question: str) -> Body:
        near = cited(self.documents["06-bloomberg-revenue-900-million"], 1, "", ".")
        return answered(
            question, "Dazu steht in den Dokumenten nichts.", [], nearest=[near], confidence=0.62
        )

    def _disputed(self, question: str) -> Body:
        first = cited(
            self.documents["01-einstieg-14-3-milliarden"],
            1,
            "Eine Chronik, die",
            "13. Juni 2025.",
            "14,3 Milliarden US-Dollar",
        )
        second = cited(
            self.documents["02-price-14-8-billion"],
            2,
            "A news report",
            "in return.",
            "14.8 billion US dollars",
        )
        text = (
            "Eine Chronik beziffert den Betrag auf 14,3 Milliarden US-Dollar. [1] Ein anderer "
            "Bericht nennt 14,8 Milliarden US-Dollar für 49 Prozent. [2]"
        )
        values = [
            {"value": "14,3 Milliarden US-Dollar", "date": "2025-10-23", "source": "Chronik"},
            {"value": "14,8 Milliarden US-Dollar", "date": None, "source": None},
        ]
        for marker, value in enumerate(values, start=1):
            value["marker"] = marker
        topic = "Kaufpreis der Beteiligung an Scale AI"
        conflicts = [{"topic": topic, "values": values}]
        return answered(question, text, [first, second], conflicts=conflicts, confidence=0.78)

    def stream(self, question: str) -> Iterator[Event]:
        answer = self.answer(question)
        yield "retrieved", {"passages": 5, "sentences": 9, "evidence": []}
        if "langsam" in question:
            for number in range(3000):
                yield "token", {"text": f"Wort {number} "}
                time.sleep(0.02)
        if answer["status"] == "answered":
            yield "token", {"text": "Unbelegtes, das "}
            yield "retracted", {"text": "Unbelegtes, das "}
        for sentence in re.findall(r".+?\[\d\](?=\s|$)", answer["text"]):
            for word in sentence.split():
                yield "token", {"text": f"{word} "}
            if "kaputt" in question:
                yield "error", {"status": 503, "title": "Unavailable", "detail": "Shutting down."}
                return
            markers = [int(one) for one in re.findall(r"\[(\d)\]", sentence)]
            yield "sentence", {"text": sentence, "markers": markers}
            for citation in answer["citations"]:
                if citation["marker"] in markers:
                    yield "citation", citation
        yield "done", {"answer": answer}


class Handler(BaseHTTPRequestHandler):
    """Routes by pattern, first match wins."""

    server: StandIn
    protocol_version = "HTTP/1.1"
    _files = page_files()

    def do_GET(self) -> None:
        self._route("GET")

    def do_POST(self) -> None:
        self._route("POST")

    def do_DELETE(self) -> None:
        self._route("DELETE")

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - its name there
        """Tests read ``received`` instead."""

    def _route(self, method: str) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        is_json = self.headers.get("Content-Type") == "application/json"
        self.body = json.loads(raw) if is_json else raw.decode(errors="replace")
        if path == "/" or path.startswith("/static/"):
            self._file(INDEX if path == "/" else path.removeprefix("/static/"))
            return
        self.server.received.append((method, path, self.body))
        key = self.server.key
        # A tab of its own can send no header; a ticket stands for it.
        is_let_in = self.headers.get("Authorization") == f"Bearer {key}" or "ticket" in self.query
        if key and not is_let_in:
            self._problem(401, "A key is needed.")
            return
        for way, pattern, action in ROUTES:
            found = re.fullmatch(pattern, path)
            if way == method and found:
                action(self, *found.groups())
                return
        self._problem(404, f"Nothing is at {path}.")

    def _file(self, name: str) -> None:
        found = self._files.get(name)
        if found is None:
            self._problem(404, "No such file.")
            return
        self._send(200, found.content, found.media_type, found.headers())

    def _send(
        self, status: int, content: bytes, media_type: str, more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        headers = {"Content-Type": media_type, "Content-Length": str(len(content)), **(more or {})}
        headers |= {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def json(self, content: Any, status: int = 200) -> None:
        self._send(status, json.dumps(content).encode(), "application/json")

    def _problem(self, status: int, detail: str) -> None:
        content = json.dumps({"title": "Problem", "status": status, "detail": detail})
        self._send(status, content.encode(), "application/problem+json", {"Retry-After": "3"})

    def events(self, events: Iterator[Event]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for kind, data in events:
                text = f": still here\n\nevent: {kind}\ndata: {json.dumps(data)}\n\n"
                self.wfile.write(text.encode())
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.server.broken_streams.set()

    def info(self) -> None:
        documents = self.server.documents.values()
        self.json(
            {
                "version": "0",
                "documents": len(documents),
                "passages": 2 * len(documents),
                "languages": ["de", "en"],
                "sources": sorted({one.source for one in documents if one.source}),
                "role": self.server.role,
                "writable": True,
                "limits": {"question_characters": 2000},
                "evaluation": True,
            }
        )

    def ask(self, conversation_id: str) -> None:
        question = self.body["question"]
        if "voll" in question:
            self._problem(429, "The queue is full.")
            return
        conversation = self.server.conversations[conversation_id]
        conversation["turns"].append(
            {"id": "t", "question": question, "answer": self.server.answer(question)}
        )
        self.events(self.server.stream(question))

    def begin(self) -> None:
        number = str(len(self.server.conversations) + 1)
        made = {"id": number, "title": self.body["title"], "turns": []}
        self.server.conversations[number] = made
        self.json(made, 201)

    def conversations(self) -> None:
        items = [
            {**one, "turns": len(one["turns"]), "updated": "2026-07-14T16:20:00Z"}
            for one in reversed(self.server.conversations.values())
        ]
        self.json({"items": items[: int(self.query["limit"])], "next": None})

    def conversation(self, number: str) -> None:
        self.json(self.server.conversations[number])

    def forget(self, number: str) -> None:
        del self.server.conversations[number]
        self._send(204, b"", "application/json")

    def list_documents(self) -> None:
        words = self.query.get("q", "").lower()
        found = [
            one
            for one in self.server.documents.values()
            if words in f"{one.title} {one.text}".lower()
            and self.query.get("language", one.language) == one.language
            and self.query.get("source", one.source) == one.source
            and self.query.get("since", "") <= (one.date or "")
        ]
        first = int(self.query.get("cursor", 0))
        page = [self._about(one) for one in found[first : first + 10]]
        rest = str(first + 10) if len(found) > first + 10 else None
        self.json({"items": page, "next": rest, "total": len(found)})

    def _about(self, document: Document) -> Body:
        about = document.model_dump(include={"id", "title", "source", "date", "language", "path"})
        size = len(document.text)
        return about | {"passages": 2, "characters": size, "added": 0, "etag": f"e{size}"}

    def document(self, name: str) -> None:
        if name not in self.server.documents:
            self._problem(404, f"There is no document {name}.")
            return
        found = self.server.documents[name]
        self.json(self._about(found) | {"text": found.text})

    def span(self, name: str) -> None:
        found = self.server.documents[name]
        start, end = int(self.query["start"]), int(self.query["end"])
        context = int(self.query["context"])
        self.json(
            {
                "before": found.text[max(0, start - context) : start],
                "quote": found.text[start:end],
                "after": found.text[end : end + context],
            }
        )

    def discard(self, name: str) -> None:
        if self.headers.get("If-Match") != f'"e{len(self.server.documents[name].text)}"':
            self._problem(412, "The document is another by now.")
            return
        del self.server.documents[name]
        self._send(204, b"", "application/json")

    def upload(self) -> None:
        names = re.findall(r'filename="([^"]+)"', self.body)
        if any(name.endswith(".exe") for name in names):
            self._problem(415, "A program is no document.")
            return
        files = [{"name": name, "state": "waiting"} for name in names]
        self.json({"id": ",".join(names), "kind": "add", "state": "waiting", "files": files}, 202)

    def reindex(self, _name: str = "") -> None:
        self.json({"id": "again", "kind": "reindex", "state": "waiting", "files": []}, 202)

    def job_events(self, number: str) -> None:
        kind = "reindex" if number == "again" else "add"
        job = {"id": number, "kind": kind, "passages": 0}
        files: list[Body] = [{"name": name, "state": "waiting"} for name in number.split(",")]

        def progress() -> Iterator[Event]:
            for file in files if kind == "add" else []:
                file["state"] = "refused" if file["name"].endswith(".bin") else "added"
                if file["state"] == "refused":
                    file["reason"] = "This is no text."
                yield "progress", {**job, "state": "running", "files": files}
            yield "done", {**job, "state": "done", "files": files if kind == "add" else []}

        self.events(progress())

    def feedback(self) -> None:
        self.json({}, 201)

    def reviews(self) -> None:
        first = self.server.answer("Welcher Preis wurde gezahlt?")
        second = self.server.answer("Wo gibt es Pizza?")
        said = [{"verdict": "badly_cited", "comment": "Die zweite Quelle nennt keinen Tag."}]
        items = [
            {"answer": first | {"id": "a1"}, "feedback": said, "verdicts": []},
            {"answer": second | {"id": "a2"}, "feedback": [], "verdicts": [{}], "own": "right"},
        ]
        self.json({"items": items, "next": None})

    def agreement(self) -> None:
        self.json({"answers": 24, "kappa": 0.72, "agreement": 0.88})

    def judge(self, _number: str) -> None:
        self.json({}, 201)

    def evaluations(self) -> None:
        self.json({"items": self.server.evaluations})

    def ticket(self, name: str) -> None:
        self.json({"url": f"/v1/evaluations/{name}/report?ticket=once"}, 201)

    def report(self, _name: str) -> None:
        self._send(200, b"<!doctype html><title>Report</title>", "text/html; charset=utf-8")


Action = Callable[..., None]
ROUTES: list[tuple[str, str, Action]] = [
    ("GET", "/v1/info", Handler.info),
    ("POST", "/v1/conversations", Handler.begin),
    ("GET", "/v1/conversations", Handler.conversations),
    ("GET", "/v1/conversations/([^/]+)", Handler.conversation),
    ("DELETE", "/v1/conversations/([^/]+)", Handler.forget),
    ("POST", "/v1/conversations/([^/]+)/ask", Handler.ask),
    ("GET", "/v1/documents", Handler.list_documents),
    ("POST", "/v1/documents", Handler.upload),
    ("POST", "/v1/documents/reindex", Handler.reindex),
    ("GET", "/v1/documents/([^/]+)", Handler.document),
    ("DELETE", "/v1/documents/([^/]+)", Handler.discard),
    ("GET", "/v1/documents/([^/]+)/span", Handler.span),
    ("POST", "/v1/documents/([^/]+)/reindex", Handler.reindex),
    ("GET", "/v1/jobs/([^/]+)/events", Handler.job_events),
    ("POST", "/v1/feedback", Handler.feedback),
    ("GET", "/v1/reviews", Handler.reviews),
    ("GET", "/v1/reviews/agreement", Handler.agreement),
    ("POST", "/v1/reviews/([^/]+)", Handler.judge),
    ("GET", "/v1/evaluations", Handler.evaluations),
    ("POST", "/v1/evaluations/([^/]+)/ticket", Handler.ticket),
    ("GET", "/v1/evaluations/([^/]+)/report", Handler.report),
]
