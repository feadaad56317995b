"""A tiny HTTP server for what a real Doccano does not do on demand: break, hang, or answer nonsense."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, str, str]
DROP: Answer = (0, "", "")  # close the connection without an answer


def as_json(value: object, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(value)


class FakeServer:
    """`answers` maps `METHOD /path` (no query) to an answer, or to a function of the number of earlier requests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self.tokens: list[str | None] = []
        self.answers: dict[str, Answer | Callable[[int], Answer]] = {}

    def sign_in_works(self) -> None:
        self.answers["POST /v1/auth/login/"] = as_json({"key": "k1"})
        self.answers["GET /v1/me"] = as_json({"username": "admin"})

    def answer(self, request: str, token: str | None) -> Answer:
        before = self.asked.count(request)
        self.asked.append(request)
        self.tokens.append(token)
        found = self.answers.get(request, (200, "text/html", "<!doctype html>"))
        return found(before) if callable(found) else found


@contextmanager
def serve() -> Iterator[FakeServer]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            request = f"{self.command} {self.path.split('?')[0]}"
            status, kind, body = fake_server.answer(request, self.headers.get("authorization"))
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("content-type", kind)
            if 300 <= status < 400:
                self.send_header("location", body)
            data = body.encode()
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake_server = FakeServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake_server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
