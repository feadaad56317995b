"""Wait for the server's background jobs (imports and exports), which nobody works on where its worker is down."""

from __future__ import annotations

import time
from typing import Any

from goldwire.doccano.http import DroppedError
from goldwire.doccano.session import Session
from goldwire.errors import GoldwireError

__all__ = ["require_worker", "wait"]

_SUSPECT = 8.0  # seconds of silence after which the worker's health is asked for (which takes the server 3 more)
_LIMIT = 1800.0  # seconds: 100,000 labels take the server 38 to export
_SLOWEST = 0.5  # seconds between two looks


def wait(session: Session, job: str, what: str) -> Any:
    """Return the result of background job `job`, looking often at first; `what` names it in errors.

    A server whose worker is down gives a GoldwireError within 15 s: nothing in Doccano itself says so, it only waits.
    """
    started, pause, healthy = time.monotonic(), 0.02, False
    while True:
        status = session.http.get(f"tasks/status/{job}")
        if status["ready"]:
            if status["error"]:
                raise DroppedError(f"{what} failed: {status['error'].get('text', '')[:200]}", place=session.url)
            return status["result"]
        waited = time.monotonic() - started
        if waited > _SUSPECT and not healthy:
            require_worker(session, what)
            healthy = True
        if waited > _LIMIT:
            raise GoldwireError(f"{what} is not done after {_LIMIT / 60:.0f} minutes", place=session.url)
        time.sleep(pause)
        pause = min(pause * 1.5, _SLOWEST)


def require_worker(session: Session, what: str = "this") -> None:
    """Ask the server whether its worker is up; a server that does not tell (a proxy hides the page) is believed.

    The health page answers 500 where any part is ill, so it is asked around the guard, which would retry that.
    """
    import requests

    url = f"{session.http.base}/v1/health/"
    try:
        answer = requests.get(url, params={"format": "json"}, timeout=(5, 6)).json()
    except (OSError, ValueError):
        answer = None
    if not isinstance(answer, dict):
        return
    ill = [str(state) for name, state in answer.items() if "celery" in name.lower() and _ill(str(state))]
    if ill:
        raise GoldwireError(
            f"the server's task worker is down, so {what} would wait for ever",
            place=session.url,
            way_out="start it (`goldwire server start`, or `doccano task` where the server runs), then repeat",
        )


def _ill(state: str) -> bool:
    return state.strip().lower() not in {"ok", "working"}
