"""A stand-in for a Doccano server from which `goldwire pull` reads recorded projects over HTTP.

It speaks Doccano's own API only: a client has to export projects, as from a server that goldwire did not start.
"""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

NOT_FOUND = 404


class FakeProject(msgspec.Struct, frozen=True, kw_only=True):
    """A project: its id, its description (which ends with goldwire's mark), and the lines of its exports."""

    id: int
    description: str
    project_type: str = "SequenceLabeling"
    guideline: str = "Version: 1.0"
    lines: tuple[str, ...] = ()
    confirmed_lines: tuple[str, ...] = ()
    label_types: dict[str, dict[str, int]] = {}  # ids by name, by the last part of their address
    annotators: tuple[str, ...] = ()  # user names

    def export(self, *, approved: bool) -> bytes:
        """Return the ZIP archive that Doccano exports: all lines, or those of examples ticked as done."""
        lines = self.confirmed_lines if approved else self.lines
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("all.jsonl", "".join(f"{line}\n" for line in lines))
        return data.getvalue()


def answer(projects: dict[int, FakeProject], method: str, url: str, body: bytes) -> tuple[int, str, bytes]:
    """Return status, content type and body of the answer to a request."""
    address = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    parts = address.path.strip("/").split("/")[1:]  # below v1/
    value: Any = None
    if parts == ["auth", "login"]:
        value = {"key": "token"}
    elif parts == ["me"]:
        value = {"username": "admin"}
    elif parts == ["health"]:
        value = {}
    elif parts == ["projects"]:
        rows = [msgspec.to_builtins(project) | {"name": f"project {id}"} for id, project in projects.items()]
        value = {"count": len(rows), "results": rows}
    elif parts[:2] == ["tasks", "status"]:
        value = {"ready": True, "error": None, "result": parts[2]}
    elif parts[0] == "projects" and parts[-1].endswith("-types"):
        stored = projects[int(parts[1])].label_types.get(parts[-1], {})
        value = [{"id": number, "text": text} for text, number in stored.items()]
    elif parts[0] == "projects" and parts[2:] == ["members"]:
        value = [
            {"id": number, "user": number, "role": 1, "username": name, "rolename": "annotator"}
            for number, name in enumerate(projects[int(parts[1])].annotators, 1)
        ]
    elif parts[0] == "projects" and parts[2:] == ["examples"]:
        value = {"count": len(projects[int(parts[1])].lines), "results": []}
    elif parts[0] == "projects" and parts[2:] == ["download"] and method == "POST":
        value = {"task_id": "approved" if json.loads(body)["exportApproved"] else "all"}
    elif parts[0] == "projects" and parts[2:] == ["download"]:
        data = projects[int(parts[1])].export(approved=query["taskId"] == "approved")
        return 200, "application/zip", data
    if value is None:
        return NOT_FOUND, "application/json", b'{"detail": "Not found."}'
    return 200, "application/json", json.dumps(value).encode()


@contextmanager
def serve(projects: list[FakeProject]) -> Iterator[str]:
    """Serve the projects and yield the address of the server."""
    by_id = {project.id: project for project in projects}

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, content_type, data = answer(by_id, self.command, self.path, body)
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
