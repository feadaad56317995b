"""The status of a batch as one page that refreshes itself, and the server for it, on this machine only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from goldwire.errors import GoldwireError, ServerError

__all__ = ["open_board", "render"]

HOST = "127.0.0.1"
REFRESH = 20
"""Seconds between two looks: a look at 10,000 tasks takes the server 0.2."""

_STYLE = """
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8884}
td.n{text-align:right;font-variant-numeric:tabular-nums}progress{width:100%;height:1rem}small{color:#777}
"""


def render(report: Any) -> str:
    """The page of a `StatusReport` (of `stages.status`): plain HTML, nothing from elsewhere, everything escaped."""
    rows = "".join(_row(one) for one in report.annotators)
    values = "".join(f"<li>{escape(line)}</li>" for line in report.agreement_lines())
    differing = "".join(
        f"<li>{_link(each.label, each.address)}: {each.count} times, as in {escape(each.article_id)}</li>"
        for each in report.top_disagreements
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{REFRESH}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{escape(report.batch)}: {report.done} of {report.tasks}</title><style>{_STYLE}</style></head><body>
<h1>{escape(report.batch)}: {report.done} of {report.tasks} done</h1>
<p><progress max="{max(report.tasks, 1)}" value="{report.done}"></progress></p>
<table><thead><tr><th>Annotator</th><th></th><th>Done</th><th>Started</th><th>Left</th><th>A day</th><th>Days to go</th>
<th>Last</th></tr></thead><tbody>{rows}</tbody></table>
<h2>Agreement so far</h2><ul>{values or "<li>Nothing yet that two have done.</li>"}</ul>
<h2>Differed on most</h2><ul>{differing or "<li>Nothing yet.</li>"}</ul>
<p><small>Done and left are as of now, agreement as last pulled. {_link("Doccano", report.server)}</small></p>
</body></html>
"""


def _row(one: Any) -> str:
    pace = "" if one.per_day is None else f"{one.per_day:.1f}"
    days = "" if one.days_left is None else str(one.days_left)
    numbers = "".join(f'<td class="n">{value}</td>' for value in (one.done, one.started, one.left, pace, days))
    bar = f'<progress max="{max(one.tasks, 1)}" value="{one.done}"></progress>'
    last = escape(one.last_done or "")
    return f"<tr><td>{_link(one.annotator, one.address)}</td><td>{bar}</td>{numbers}<td>{last}</td></tr>"


def _link(text: str, address: str | None) -> str:
    # Only what opens a page: an address that runs something would do so with one click.
    if address is None or not address.startswith(("http://", "https://")):
        return escape(text)
    return f'<a href="{escape(address)}" rel="noreferrer">{escape(text)}</a>'


def open_board(report: Callable[[], Any], *, port: int = 0) -> ThreadingHTTPServer:
    """A server of the page at 127.0.0.1 (`port` 0: a free one), each time from a fresh `report()`; not yet serving.

    Requests by another host name are refused, so that no page elsewhere reads it through a name of its own.
    """
    lock = threading.Lock()  # one look at a time, however many tabs are open

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            names = {f"{HOST}:{self.server.server_port}", f"localhost:{self.server.server_port}"}  # type: ignore[attr-defined]
            if self.headers.get("Host") not in names:
                self._answer(403, "by another name")
            elif self.path != "/":
                self._answer(404, "no such page")
            else:
                try:
                    with lock:
                        self._answer(200, render(report()))
                except GoldwireError as error:
                    self._answer(503, f'<!doctype html><meta http-equiv="refresh" content="5"><p>{escape(str(error))}')

        def _answer(self, status: int, body: str) -> None:
            data = body.encode("utf-8", "replace")
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: only the command line prints."""

    try:
        return ThreadingHTTPServer((HOST, port), Page)
    except OSError:
        raise ServerError(f"port {port} is taken", location=HOST, hint="name another, or none") from None
