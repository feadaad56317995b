"""Waiting for the server's background jobs (imports and exports), which never end if its task worker is down."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from goldwire.doccano.client.http import ConnectionLostError
from goldwire.doccano.client.session import Session
from goldwire.errors import ServerError

__all__ = ["require_worker", "wait"]

_HEALTH_CHECK_AFTER = 8.0  # seconds without a result before asking for the worker's health, which takes 3 more
_LIMIT = 1800.0  # seconds: the server exports 100,000 labels in 38
_HEALTH_TIMEOUT = 6.0  # seconds for the health page during a wait, so that a dead worker is reported within 15
_MAX_PAUSE = 0.5  # seconds between two requests for the status
_OVERTAKEN = 3  # health checks that a worker must pass, all queued after the job, before the job may count as lost


def wait(
    session: Session,
    job: str,
    description: str,
    *,
    expected: float = 0.0,
    is_lost: Callable[[], bool] | None = None,
) -> Any:
    """Return the result of a background job, polling often at first.

    Parameters
    ----------
    session
        The signed-in session.
    job
        The id of the job.
    description
        What the job is, for error messages.
    expected
        Seconds that the job may take before the worker's health is checked. A worker with one process looks dead while
        it runs this very job.
    is_lost
        Called when the worker keeps finishing jobs that were queued later: whether this job can be given up. A job
        that a killed worker had taken stays "not ready" forever on a server that others run, the same as a job that
        runs or waits. Default: wait for half an hour.

    Raises
    ------
    ServerError
        If the worker is down, 8 to 15 s after the `expected` time, or after half an hour.
    ConnectionLostError
        If the job failed or was lost. It may have had an effect.
    """
    started, pause, check_at, passed = time.monotonic(), 0.02, expected + _HEALTH_CHECK_AFTER, 0
    while True:
        status = session.http.get(f"tasks/status/{job}")
        if status["ready"]:
            if status["error"]:
                message = str(status["error"].get("text", ""))[:200]
                raise ConnectionLostError(f"{description} failed on the server: {message}", location=session.url)
            return status["result"]
        waited = time.monotonic() - started
        if waited > check_at:
            passed += require_worker(session, description, timeout=_HEALTH_TIMEOUT)
            check_at = waited + max(expected, _HEALTH_CHECK_AFTER)
            if passed >= _OVERTAKEN and is_lost is not None and is_lost():
                raise ConnectionLostError(f"the server's task worker lost {description}", location=session.url)
        if waited > _LIMIT:
            raise ServerError(f"{description} is not done after {_LIMIT / 60:.0f} minutes", location=session.url)
        time.sleep(pause)
        pause = min(pause * 1.5, _MAX_PAUSE)


def require_worker(session: Session, description: str, *, timeout: float = 12.0) -> bool:
    """Raise ServerError if the server says that its task worker is down.

    Return True if the worker has just finished a task that was queued for this check, and False if the server does not
    say (a proxy may hide the page). The health page answers 500 if any part fails, so the request bypasses the guard,
    which would repeat it.
    """
    import requests

    try:
        answer = session.http.session.unguarded(
            "GET",
            f"{session.http.base}/v1/health/",
            params={"format": "json"},
            timeout=(5, timeout),
            allow_redirects=False,
        ).json()
    except requests.Timeout:
        answer = {"celery": "no answer"}
    except (OSError, ValueError):
        return False
    parts = answer.items() if isinstance(answer, dict) else ()
    states = [str(state) for name, state in parts if "celery" in name.lower()]
    if any(map(_is_down, states)):
        raise ServerError(
            f"the server's task worker is down, so {description} would never end",
            location=session.url,
            hint="start it (`goldwire server start`, or `doccano task` on the server), then run the command again",
        )
    return bool(states) and all(state in _HEALTHY for state in states)


_HEALTHY = ("OK", "working")  # as both versions of the page word it


def _is_down(state: str) -> bool:
    """Whether a task was queued and no worker took it. Other messages do not mean that.

    A server that runs its tasks itself answers "Unknown error" to several requests at once: 31 of 40 times to six.
    """
    return any(word in state.lower() for word in ("timeout", "revoked", "no worker", "no answer"))
