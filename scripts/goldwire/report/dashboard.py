"""The status of a batch as a web page that renews itself without losing the reader's place, and a server for it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from math import isnan
from typing import NamedTuple, Protocol

import msgspec
from markupsafe import Markup

from goldwire.errors import GoldwireError, ServerError
from goldwire.quantities import quantity
from goldwire.records import Agreement
from goldwire.report.page_cache import PageCache
from goldwire.report.pages import environment, group_measures
from goldwire.report.phrasing import interval, number

__all__ = ["open_board", "render"]

HOST = "127.0.0.1"
_BACKLOG = 128  # connections that wait: with the default of 5, some of eight tabs at once waited a second
REFRESH = 20
"""Seconds between two refreshes, and two readings: 30 annotators with 2,000 tasks each take 5 to 10 s to read."""

_IDLE = 3  # days without a tick
_NO_ESTIMATE = "The time left is estimated from one hour of work on."


class WorkTime(Protocol):
    """Working time of an annotator, such as a `WorkTime` of `doccano.work_time`."""

    @property
    def minutes(self) -> float | None: ...
    @property
    def hours_left(self) -> tuple[float, float] | None: ...


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
    def work(self) -> WorkTime: ...
    @property
    def minutes_per_label(self) -> float | None: ...
    @property
    def gold_check(self) -> Agreement | None: ...
    @property
    def self_agreement(self) -> Agreement | None: ...
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
    def title(self) -> str: ...
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
    def name(self) -> str: ...
    @property
    def read_at(self) -> str: ...
    @property
    def steps(self) -> Sequence[str]: ...
    @property
    def annotators(self) -> Sequence[AnnotatorProgress]: ...
    @property
    def agreement(self) -> Iterable[Agreement]: ...
    @property
    def top_disagreements(self) -> Sequence[FrequentDisagreement]: ...


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator in the table; texts are empty where nothing is known."""

    annotator: str
    address: str | None
    tasks: int
    done: int
    started: int
    left: int
    minutes: str
    minutes_number: float
    per_label: str
    gold_check: str
    self_agreement: str
    per_day: str
    time_left: str
    last_done: str
    idle_days: int
    states: str


class _Totals(msgspec.Struct, frozen=True):
    """Figures of the whole batch."""

    started: int
    untouched: int
    estimate: str


def render(status: BatchStatus) -> str:
    """Render the page, which loads nothing from elsewhere; everything is escaped."""
    today = _day(status.read_at)
    started = sum(progress.started for progress in status.annotators)
    return (
        environment()
        .get_template("status.html.j2")
        .render(
            status=status,
            refresh=REFRESH,
            rows=[_row(progress, today) for progress in status.annotators],
            totals=_Totals(started, status.tasks - status.done - started, _estimate(status.annotators)),
            groups=group_measures(status.agreement),
            script=Markup(_script()),  # noqa: S704 - our own file
        )
    )


def _script() -> str:
    return resources.files("goldwire.report").joinpath("templates", "status.js").read_text(encoding="utf-8")


def _policy() -> str:
    """Return the Content-Security-Policy: no script but the page's own, and requests to its own server only."""
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    return (
        "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'; script-src 'sha256-{digest}'"
    )


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def _row(progress: AnnotatorProgress, today: date | None) -> _Row:
    last = _day(progress.last_done or "")
    idle_days = (today - last).days if today is not None and last is not None else -1
    states = {
        "waiting": progress.left > 0 and not (progress.done or progress.started),
        "working": progress.left > 0 and bool(progress.done or progress.started),
        "idle": progress.left > 0 and idle_days >= _IDLE,
        "finished": progress.left == 0,
    }
    work = progress.work
    return _Row(
        annotator=progress.annotator,
        address=progress.address,
        tasks=progress.tasks,
        done=progress.done,
        started=progress.started,
        left=progress.left,
        minutes="" if work.minutes is None else f"{work.minutes:.1f}",
        minutes_number=work.minutes or 0.0,
        per_label="" if progress.minutes_per_label is None else f"{progress.minutes_per_label:.2f}",
        gold_check=_figure(progress.gold_check),
        self_agreement=_figure(progress.self_agreement),
        per_day="" if progress.per_day is None else f"{progress.per_day:.1f}",
        time_left="" if work.hours_left is None or not progress.left else _hours(*work.hours_left),
        last_done=progress.last_done or "",
        idle_days=idle_days,
        states=" ".join(name for name, holds in states.items() if holds),
    )


def _figure(value: Agreement | None) -> str:
    """Return `.92 [.80, .97]`."""
    if value is None or isnan(value.value):
        return ""
    bounds = interval(value).replace(" to ", ", ")
    return number(value.value) + (f" [{bounds}]" if bounds else "")


def _hours(low: float, high: float) -> str:
    """Return `2 to 3 h`, or `20 to 30 minutes`."""
    if high < 1:
        return f"{60 * low:.0f} to {60 * high:.0f} minutes"
    digits = 1 if high < 5 else 0
    first, last = f"{low:.{digits}f}", f"{high:.{digits}f}"
    return f"{first} h" if first == last else f"{first} to {last} h"


def _estimate(annotators: Iterable[AnnotatorProgress]) -> str:
    """Return a sentence on the work that is left, if the pace of all who have some is known."""
    working = [progress for progress in annotators if progress.left]
    if not working:
        return "Everything is done."
    known = [progress.work.hours_left for progress in working if progress.work.hours_left is not None]
    if not known:
        return _NO_ESTIMATE
    low, high = sum(low for low, _ in known), sum(high for _, high in known)
    rest = len(working) - len(known)
    others = f"; too little is known of {rest} more" if rest else ""
    return f"Work left: {_hours(low, high)} for {quantity(len(known), 'annotator')}{others}."


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
    policy = _policy()
    cache = PageCache(
        lambda: _answer(status), max_age=REFRESH, first=None if first is None else _Answer(200, render(first))
    )

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            names = {f"{HOST}:{self.server.server_port}", f"localhost:{self.server.server_port}"}  # type: ignore[attr-defined]  # an HTTPServer
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
            self.send_header("Content-Security-Policy", policy)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: only the command line prints."""

    try:
        board = ThreadingHTTPServer((HOST, port), Page)
    except OSError:
        raise ServerError(
            f"port {port} is taken", location=HOST, hint="choose another port, or leave out --port"
        ) from None
    board.socket.listen(_BACKLOG)
    return board


def _answer(status: Callable[[], BatchStatus]) -> _Answer:
    """Return the page, or the error that there was."""
    try:
        return _Answer(200, render(status()))
    except GoldwireError as error:
        return _Answer(503, f'<!doctype html><meta http-equiv="refresh" content="5"><p>{escape(str(error))}')
