"""Health checks of a server: a real sign-in and, if it has a task worker, a real task."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any

from goldwire.doccano import credentials
from goldwire.doccano.server.network import Network

__all__ = ["signs_in", "tasks_work"]

TIMEOUT = 10.0  # seconds: an idle server answers a sign-in in 0.3


def signs_in(network: Network, port: int, password: str) -> bool:
    """Whether the server at `port` gives the administrator a token."""
    return _token(network, port, password) is not None


def tasks_work(network: Network, port: int, password: str) -> bool:
    """Whether a task that is queued now is done within 10 s."""
    token = _token(network, port, password)
    if token is None:
        return False
    headers = {"Authorization": f"Token {token}", "Accept": "application/json"}
    answer = _request(network, port, "GET", "/v1/health/", headers=headers, timeout=2 * TIMEOUT)
    parts = {} if answer is None else answer[1]
    celery = [state for name, state in parts.items() if "Celery" in name]
    return bool(celery) and all(state == "OK" for state in celery)


def _token(network: Network, port: int, password: str) -> str | None:
    body = json.dumps({"username": credentials.ADMIN, "password": password})
    headers = {"Content-Type": "application/json"}
    answer = _request(network, port, "POST", "/v1/auth/login/", body=body, headers=headers)
    return None if answer is None or answer[0] != 200 else answer[1].get("key")


def _request(
    network: Network,
    port: int,
    method: str,
    path: str,
    *,
    body: str | None = None,
    headers: dict[str, str],
    timeout: float | None = None,
) -> tuple[int, dict[str, Any]] | None:
    """Return status and JSON of the answer; None if there is none."""
    connection = _connection(network, port, timeout or TIMEOUT)
    try:
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return (response.status, answer) if isinstance(answer, dict) else None


def _connection(network: Network, port: int, timeout: float) -> http.client.HTTPConnection:
    """Return a connection to the server; with TLS, one that accepts its own certificate only, under any name."""
    # http.client ignores proxies, which other clients would use even for a loopback address.
    if not network.tls_cert:
        return http.client.HTTPConnection(network.connect_host, port, timeout=timeout)
    context = ssl.create_default_context(cadata=network.certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return http.client.HTTPSConnection(network.connect_host, port, timeout=timeout, context=context)
