"""No guessing of passwords: after ten wrong ones within a minute, that user at that address waits.

As an authentication backend, so that it holds for every way to sign in; others, and the same user elsewhere, sign in
as ever. All workers count in one small file.
"""

import hashlib
import math
import sqlite3
import time

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse

FAILURES = 10
WITHIN = 60.0  # seconds


class ThrottleBackend:
    """The first backend to be asked: refuses while there were too many failures, else leaves it to the next."""

    def authenticate(self, request, username=None, **_credentials):
        """None, which means `ask the next backend`, or PermissionDenied, which ends it."""
        wait = _wait(_key(request, username))
        if wait:
            _plain(request).goldwire_wait = wait
            raise PermissionDenied

    def get_user(self, _key):
        """No user comes from here."""


class ThrottleMiddleware:
    """Says 429 and for how long, where the backend refused."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """The view's own answer would be `wrong password`."""
        request.goldwire_wait = 0.0
        response = self.get_response(request)
        if not request.goldwire_wait:
            return response
        seconds = math.ceil(request.goldwire_wait)
        detail = f"goldwire: too many wrong passwords, try again in {seconds} s"
        return JsonResponse({"detail": detail}, status=429, headers={"Retry-After": str(seconds)})


def _failed(credentials, request=None, **_signal):
    if request is None or getattr(_plain(request), "goldwire_wait", 0.0):
        return  # what is refused does not prolong the wait
    with _file() as file:
        now = time.time()
        file.execute("DELETE FROM failure WHERE at < ?", (now - WITHIN,))
        file.execute("INSERT INTO failure VALUES (?, ?)", (_key(request, credentials.get("username")), now))


user_login_failed.connect(_failed, dispatch_uid="goldwire")


def _wait(key):
    """Seconds until the tenth last failure is a minute old; 0 where there were fewer."""
    with _file() as file:
        rows = file.execute(
            "SELECT at FROM failure WHERE key = ? AND at > ? ORDER BY at DESC LIMIT ?",
            (key, time.time() - WITHIN, FAILURES),
        ).fetchall()
    return max(0.0, rows[-1][0] + WITHIN - time.time()) if len(rows) == FAILURES else 0.0


def _key(request, username):
    address = _plain(request).META.get("REMOTE_ADDR", "") if request is not None else ""
    return hashlib.sha256(f"{address}\0{(username or '').casefold()}".encode("utf-8", "replace")).hexdigest()


def _plain(request):
    """Django's request inside the REST framework's."""
    return getattr(request, "_request", request)


class _file:  # noqa: N801
    """The file of failures, opened for one transaction."""

    def __enter__(self):
        self.connection = sqlite3.connect(settings.GOLDWIRE_HOME / "failures.sqlite3", timeout=30)
        self.connection.execute("CREATE TABLE IF NOT EXISTS failure (key TEXT, at REAL)")
        return self.connection

    def __exit__(self, *error):
        with self.connection:
            pass
        self.connection.close()
