"""A chat completions server on 127.0.0.1, for what a paid model does: answer, refuse, break off, be busy or slow.

Requests are checked, and answers and errors written, as the protocol has them
(https://platform.openai.com/docs/api-reference/chat/create).
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-4f1d"
MODEL = "test-model-2026-01-01"

Reply = tuple[int, dict[str, str], Any]
"""Status, headers, and the JSON value of the body; a body of bytes is sent as it is."""


def completion(content: str | None, *, finish_reason: str = "stop", refusal: str | None = None) -> Reply:
    """Return a chat completion object."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_767_225_600,
        "model": MODEL,
        "system_fingerprint": "fp_44709d6fcb",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": refusal},
                "logprobs": None,
                "finish_reason": finish_reason,
            }
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050},
    }
    return 200, {}, body


def error(status: int, code: str, message: str, **headers: str) -> Reply:
    """Return an error object."""
    kind = "invalid_request_error" if status < 429 else "server_error"
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, names, {"error": {"message": message, "type": kind, "param": None, "code": code}}


def slow(seconds: float, reply: Reply) -> Callable[[], Reply]:
    """Return an answer that is sent late."""

    def wait() -> Reply:
        time.sleep(seconds)
        return reply

    return wait


class FakeChat:
    """`respond` gives the answer to a request; the entries of `script` are used up first, one per request."""

    def __init__(self, url: str) -> None:
        self.endpoint = f"{url}/v1"
        self.requests: list[dict[str, Any]] = []
        self.script: list[Reply | Callable[[], Reply]] = []
        self.respond: Callable[[dict[str, Any]], Reply] = lambda request: completion('{"spans": [], "stances": []}')
        self.key: str | None = None
        self.lock = threading.Lock()

    def reply(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if path != "/v1/chat/completions":
            return error(404, "unknown_url", f"Invalid URL (POST {path})")
        if self.key is not None and headers.get("authorization") != f"Bearer {self.key}":
            sent = headers.get("authorization", "").removeprefix("Bearer ")
            return error(401, "invalid_api_key", f"Incorrect API key provided: {sent}.")
        request = json.loads(body)
        problem = _problem(request)
        with self.lock:
            self.requests.append(request)
            scripted = self.script.pop(0) if self.script else None
        if problem is not None:
            return error(400, "invalid_value", problem)
        if scripted is None:
            return self.respond(request)
        return scripted() if callable(scripted) else scripted


def _problem(request: dict[str, Any]) -> str | None:
    """Return what the protocol does not allow in a request."""
    if not isinstance(request.get("model"), str):
        return "you must provide a model parameter"
    messages = request.get("messages")
    if not messages or any(set(m) != {"role", "content"} or not isinstance(m["content"], str) for m in messages):
        return "invalid type for 'messages'"
    if any(message["role"] not in ("system", "user", "assistant") for message in messages):
        return "invalid role in 'messages'"
    form = request.get("response_format")
    if form is not None:
        schema = form.get("json_schema", {})
        if form.get("type") != "json_schema" or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", schema.get("name", "")):
            return "invalid 'response_format'"
        return _strict_problem(schema["schema"]) if schema.get("strict") else None
    return None


def _strict_problem(schema: dict[str, Any]) -> str | None:
    """Return what strict decoding does not allow: every object lists all its properties as required, and no others."""
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False or schema.get("required") != list(schema["properties"]):
            return "invalid schema for 'response_format': additionalProperties must be false, and all required"
        return next(filter(None, map(_strict_problem, schema["properties"].values())), None)
    return _strict_problem(schema["items"]) if schema.get("type") == "array" else None


@contextmanager
def serve() -> Iterator[FakeChat]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra, value = fake_chat.reply(self.path, headers, body)
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            try:
                self.send_response(status)
                for name, text in {"content-type": "application/json", **extra}.items():
                    self.send_header(name, text)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass  # the client did not wait for a slow answer

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake_chat = FakeChat(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake_chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
