"""Health checks of a server: a real sign-in and, if it has a task worker, a real task."""

from __future__ import annotations

import http.client
import json
from typing import Any

from goldwire.doccano import credentials

__all__ = ["signs_in", "tasks_work"]

HOST = "127.0.0.1"
TIMEOUT = 10.0  # seconds: an idle server answers a sign-in in 0.3


def signs_in(port: int, password: str) -> bool:
    """Whether the server at `port` gives the administrator a token."""
    return _token(port, password) is not None


def tasks_work(port: int, password: str) -> bool:
    """Whether a task that is queued now is done within 10 s."""
    token = _token(port, password)
    if token is None:
        return False
    headers = {"Authorization": f"Token {token}", "Accept": "application/json"}
    answer = _request(port, "GET", "/v1/health/", headers=headers, timeout=2 * TIMEOUT)
    parts = {} if answer is None else answer[1]
    celery = [state for name, state in parts.items() if "Celery" in name]
    return bool(celery) and all(state == "OK" for state in celery)


def _token(port: int, password: str) -> str | None:
    body = json.dumps({"username": credentials.ADMIN, "password": password})
    answer = _request(port, "POST", "/v1/auth/login/", body=body, headers={"Content-Type": "application/json"})
    return None if answer is None or answer[0] != 200 else answer[1].get("key")


def _request(
    port: int, method: str, path: str, *, body: str | None = None, headers: dict[str, str], timeout: float | None = None
) -> tuple[int, dict[str, Any]] | None:
    """Return status and JSON of the answer; None if there is none."""
    # http.client ignores proxies, which other clients would use even for a loopback address.
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout or TIMEOUT)
    try:
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return (response.status, answer) if isinstance(answer, dict) else None
