"""The status of a batch as a web page that refreshes itself, and a local server for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Protocol

from goldwire.agreement.descriptions import describe
from goldwire.errors import GoldwireError, ServerError
from goldwire.records import Agreement
from goldwire.report.page_cache import PageCache

__all__ = ["open_board", "render"]

HOST = "127.0.0.1"
_BACKLOG = 128  # connections that wait: with the default of 5, some of eight tabs at once waited a second
REFRESH = 20
"""Seconds between two refreshes, and two readings: 30 annotators with 2,000 tasks each take 6 to 10 s to read."""

_STYLE = """
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8884}
td.n{text-align:right;font-variant-numeric:tabular-nums}progress{width:100%;height:1rem}small{color:#777}
"""


class AnnotatorProgress(Protocol):
    """Progress of one annotator, such as an `AnnotatorStatus` of `stages.status`."""

    @property
    def annotator(self) -> str: ...
    @property
    def tasks(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def started(self) -> int: ...
    @property
    def left(self) -> int: ...
    @property
    def per_day(self) -> float | None: ...
    @property
    def days_left(self) -> int | None: ...
    @property
    def last_done(self) -> str | None: ...
    @property
    def address(self) -> str | None: ...


class FrequentDisagreement(Protocol):
    """A label on which annotators disagree often, such as a `TopDisagreement` of `stages.status`."""

    @property
    def label(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def article_id(self) -> str: ...
    @property
    def address(self) -> str | None: ...


class BatchStatus(Protocol):
    """Progress and agreement of a batch, such as a `StatusReport` of `stages.status`."""

    @property
    def batch(self) -> str: ...
    @property
    def server(self) -> str: ...
    @property
    def done(self) -> int: ...
    @property
    def tasks(self) -> int: ...
    @property
    def annotators(self) -> Iterable[AnnotatorProgress]: ...
    @property
    def agreement(self) -> Iterable[Agreement]: ...
    @property
    def top_disagreements(self) -> Iterable[FrequentDisagreement]: ...


def render(status: BatchStatus) -> str:
    """Render the page: plain HTML that loads nothing from elsewhere, with everything escaped."""
    rows = "".join(_row(progress) for progress in status.annotators)
    values = "".join(f"<li>{escape(describe(value))}</li>" for value in status.agreement)
    disagreements = "".join(
        f"<li>{_link(top.label, top.address)}: {top.count} times, for example in {escape(top.article_id)}</li>"
        for top in status.top_disagreements
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{REFRESH}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{escape(status.batch)}: {status.done} of {status.tasks}</title><style>{_STYLE}</style></head><body>
<h1>{escape(status.batch)}: {status.done} of {status.tasks} done</h1>
<p><progress max="{max(status.tasks, 1)}" value="{status.done}"></progress></p>
<table><thead><tr><th>Annotator</th><th></th><th>Done</th><th>Started</th><th>Left</th><th>Per working day</th>
<th>Working days left</th><th>Last done</th></tr></thead><tbody>{rows}</tbody></table>
<h2>Agreement so far</h2><ul>{values or "<li>No article is done by two annotators yet.</li>"}</ul>
<h2>Most frequent disagreements</h2><ul>{disagreements or "<li>None yet.</li>"}</ul>
<p><small>Progress is read from the server every {REFRESH} s; agreement is that of the last pull.
{_link("Doccano", status.server)}</small></p>
</body></html>
"""


def _row(progress: AnnotatorProgress) -> str:
    pace = "" if progress.per_day is None else f"{progress.per_day:.1f}"
    days = "" if progress.days_left is None else str(progress.days_left)
    numbers = (progress.done, progress.started, progress.left, pace, days)
    cells = "".join(f'<td class="n">{value}</td>' for value in numbers)
    bar = f'<progress max="{max(progress.tasks, 1)}" value="{progress.done}"></progress>'
    name = _link(progress.annotator, progress.address)
    return f"<tr><td>{name}</td><td>{bar}</td>{cells}<td>{escape(progress.last_done or '')}</td></tr>"


def _link(text: str, address: str | None) -> str:
    # Only addresses that open a page: a `javascript:` address would run with one click.
    if address is None or not address.startswith(("http://", "https://")):
        return escape(text)
    return f'<a href="{escape(address)}" rel="noreferrer">{escape(text)}</a>'


class _Answer(NamedTuple):
    """Status and body of an answer."""

    code: int
    body: str


def open_board(
    status: Callable[[], BatchStatus], *, port: int = 0, first: BatchStatus | None = None
) -> ThreadingHTTPServer:
    """Return a server of the page at 127.0.0.1 that does not serve yet.

    Parameters
    ----------
    status : callable
        Reads the status of the batch. It is called at most once per `REFRESH` seconds, however many tabs are open.
    port : int
        0: a free one.
    first : BatchStatus, optional
        A status to begin with, so that the first page does not wait either.

    Raises
    ------
    ServerError
        The port is in use.

    Notes
    -----
    Requests with another host name are refused, so that no other web page can read this one through DNS rebinding.
    """
    cache = PageCache(
        lambda: _answer(status), max_age=REFRESH, first=None if first is None else _Answer(200, render(first))
    )

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            names = {f"{HOST}:{self.server.server_port}", f"localhost:{self.server.server_port}"}  # type: ignore[attr-defined]
            if self.headers.get("Host") not in names:
                self._send(_Answer(403, "forbidden host name"))
            elif self.path != "/":
                self._send(_Answer(404, "no such page"))
            else:
                self._send(cache.get())

        def _send(self, answer: _Answer) -> None:
            data = answer.body.encode("utf-8", "replace")
            self.send_response(answer.code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: only the command line prints."""

    try:
        board = ThreadingHTTPServer((HOST, port), Page)
    except OSError:
        raise ServerError(f"port {port} is taken", location=HOST, hint="name another, or none") from None
    board.socket.listen(_BACKLOG)
    return board


def _answer(status: Callable[[], BatchStatus]) -> _Answer:
    """Return the page, or the error that there was."""
    try:
        return _Answer(200, render(status()))
    except GoldwireError as error:
        return _Answer(503, f'<!doctype html><meta http-equiv="refresh" content="5"><p>{escape(str(error))}')
