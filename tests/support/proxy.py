"""A reverse proxy in front of a real Doccano: TLS with a private authority, a path, and another host name.

The proxy hides the pages that only goldwire's own server has. Lists come in pages of two rows, and the URL of the next
page names the host `elsewhere`, as from a server that knows itself by another name.
"""

from __future__ import annotations

import http.client
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

PREFIX = "/labels"
_PASSED = ("content-type", "authorization", "accept", "cookie", "x-csrftoken")


class Proxy(NamedTuple):
    """The proxy's address, the certificate to trust, and the requests that it received (`METHOD path`)."""

    url: str
    authority: Path
    asked: list[str]


def certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """Write a self-signed certificate, for 127.0.0.1 or for `names`, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate")
    key, made = folder / "key.pem", folder / "authority.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(made), "-days", "2", "-subj", "/CN=goldwire test"),
            *("-addext", f"subjectAltName={','.join(names) or 'IP:127.0.0.1'}"),
        ],
        check=True,
        capture_output=True,
    )
    return made, key


@contextmanager
def behind(server: str, folder: Path, elsewhere: str) -> Iterator[Proxy]:
    """Serve the Doccano at `server` below https://127.0.0.1:PORT/labels/."""
    made, key = certificate(folder)
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append(f"{self.command} {self.path.split('?')[0]}")
            path = self.path.removeprefix(PREFIX)
            if path == self.path or "/goldwire" in path:
                self.answer(404, "application/json", b'{"detail": "Not found."}')
                return
            if self.command == "GET" and "limit" not in parse_qs(urlsplit(path).query):
                path += f"{'&' if '?' in path else '?'}limit=2"
            inner = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
            headers = {name: value for name in _PASSED if (value := self.headers.get(name))}
            inner.request(self.command, path, body or None, headers)
            found = inner.getresponse()
            data = found.read().replace(server.encode(), elsewhere.encode())
            self.answer(found.status, found.headers.get("content-type") or "text/plain", data)
            inner.close()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def answer(self, status: int, kind: str, data: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    outer = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    outer.socket = context.wrap_socket(outer.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=outer.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Proxy(f"https://127.0.0.1:{outer.server_port}{PREFIX}", made, asked)
    finally:
        outer.shutdown()
        outer.server_close()
        thread.join()
