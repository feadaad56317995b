"""Wait for the server's background jobs (imports and exports), which nobody works on where its worker is down."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from goldwire.doccano.client.http import DroppedError
from goldwire.doccano.client.session import Session
from goldwire.errors import ServerError

__all__ = ["require_worker", "wait"]

_SUSPECT = 8.0  # seconds of silence after which the worker's health is asked for (which takes the server 3 more)
_LIMIT = 1800.0  # seconds: 100,000 labels take the server 38 to export
_BRIEF = 6.0  # seconds that the health page has by then: so the bad news comes within 15
_SLOWEST = 0.5  # seconds between two looks
_PASSED = 3  # times that the worker did what was queued after a job before that is taken for lost


def wait(
    session: Session, job: str, what: str, *, expected: float = 0.0, lost: Callable[[], bool] | None = None
) -> Any:
    """Return the result of background job `job`, looking often at first; `what` names it in errors.

    A server whose worker is down gives a GoldwireError 8 to 15 s after the `expected` seconds: nothing in Doccano
    itself says so, it only waits. A worker of one process that is busy with this very job looks down too, hence
    `expected`.

    What a killed worker had taken stays as it is for ever on a server that others run: its status tells "not ready" of
    it as of what runs and of what waits behind others. Where the worker keeps doing what was queued later, `lost` says
    whether the job may be given up, as a `DroppedError`; without it, half an hour has to pass.
    """
    started, pause, ask_at, passed = time.monotonic(), 0.02, expected + _SUSPECT, 0
    while True:
        status = session.http.get(f"tasks/status/{job}")
        if status["ready"]:
            if status["error"]:
                words = str(status["error"].get("text", ""))[:200]
                raise DroppedError(f"{what} failed on the server: {words}", location=session.url)
            return status["result"]
        waited = time.monotonic() - started
        if waited > ask_at:
            passed += require_worker(session, what, patience=_BRIEF)
            ask_at = waited + max(expected, _SUSPECT)
            if passed >= _PASSED and lost is not None and lost():
                raise DroppedError(f"{what} was lost by the server's task worker", location=session.url)
        if waited > _LIMIT:
            raise ServerError(f"{what} is not done after {_LIMIT / 60:.0f} minutes", location=session.url)
        time.sleep(pause)
        pause = min(pause * 1.5, _SLOWEST)


def require_worker(session: Session, what: str, *, patience: float = 12.0) -> bool:
    """Ask the server whether its worker is up; a server that does not tell (a proxy hides the page) is believed.

    True where the worker has just done a task that was queued for this. The health page answers 500 where any part is
    ill, so it is asked around the guard, which would retry that.
    """
    import requests

    try:
        answer = session.http.session.unguarded(
            "GET", f"{session.url}/v1/health/", params={"format": "json"}, timeout=(5, patience), allow_redirects=False
        ).json()
    except requests.Timeout:
        answer = {"celery": "no answer"}
    except (OSError, ValueError):
        return False
    parts = answer.items() if isinstance(answer, dict) else ()
    states = [str(state) for name, state in parts if "celery" in name.lower()]
    if any(map(_ill, states)):
        raise ServerError(
            f"the server's task worker is down, so {what} would wait for ever",
            location=session.url,
            hint="start it (`goldwire server start`, or `doccano task` where the server runs), then repeat",
        )
    return bool(states) and all(state in _WELL for state in states)


_WELL = ("OK", "working")  # in the words of either generation of the page


def _ill(state: str) -> bool:
    """Whether a task was queued and nobody took it. Anything else does not say so.

    A server that runs its tasks itself answers "Unknown error" when asked by several at once: 31 of 40 times by six.
    """
    return any(word in state.lower() for word in ("timeout", "revoked", "no worker", "no answer"))
