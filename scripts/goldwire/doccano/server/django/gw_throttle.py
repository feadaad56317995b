"""A limit on guessed passwords: after ten wrong ones within a minute, that user at that address must wait.

It is an authentication backend, so that it covers every way to sign in. Other users, and the same user at another
address, are not affected. All workers count in one small file.
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
    """The first backend that Django asks: refuse after too many failures, else leave it to the next backend."""

    def authenticate(self, request, username=None, **_credentials):
        """Return None, which means `ask the next backend`, or raise PermissionDenied, which ends the sign-in."""
        wait = _seconds_to_wait(_key(request, username))
        if wait:
            _django_request(request).goldwire_wait = wait
            raise PermissionDenied

    def get_user(self, _key):
        """Return None: no user comes from this backend."""


class ThrottleMiddleware:
    """Answer 429 and how long to wait if the backend refused."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Replace the view's own answer, which would be `wrong password`."""
        request.goldwire_wait = 0.0
        response = self.get_response(request)
        if not request.goldwire_wait:
            return response
        seconds = math.ceil(request.goldwire_wait)
        detail = f"goldwire: too many wrong passwords, try again in {seconds} s"
        return JsonResponse({"detail": detail}, status=429, headers={"Retry-After": str(seconds)})


def _record_failure(credentials, request=None, **_signal):
    if request is None or getattr(_django_request(request), "goldwire_wait", 0.0):
        return  # a refused attempt does not prolong the wait
    with _FailuresFile() as file:
        now = time.time()
        file.execute("DELETE FROM failure WHERE at < ?", (now - WITHIN,))
        file.execute("INSERT INTO failure VALUES (?, ?)", (_key(request, credentials.get("username")), now))


user_login_failed.connect(_record_failure, dispatch_uid="goldwire")


def _seconds_to_wait(key):
    """Return the seconds until the tenth last failure is a minute old; 0 if there were fewer."""
    with _FailuresFile() as file:
        rows = file.execute(
            "SELECT at FROM failure WHERE key = ? AND at > ? ORDER BY at DESC LIMIT ?",
            (key, time.time() - WITHIN, FAILURES),
        ).fetchall()
    return max(0.0, rows[-1][0] + WITHIN - time.time()) if len(rows) == FAILURES else 0.0


def _key(request, username):
    address = _django_request(request).META.get("REMOTE_ADDR", "") if request is not None else ""
    return hashlib.sha256(f"{address}\0{(username or '').casefold()}".encode("utf-8", "replace")).hexdigest()


def _django_request(request):
    """Return Django's request inside the REST framework's."""
    return getattr(request, "_request", request)


class _FailuresFile:
    """The file of failures, opened for one transaction."""

    def __enter__(self):
        self.connection = sqlite3.connect(settings.GOLDWIRE_HOME / "failures.sqlite3", timeout=30)
        self.connection.execute("CREATE TABLE IF NOT EXISTS failure (key TEXT, at REAL)")
        return self.connection

    def __exit__(self, *error):
        with self.connection:
            pass
        self.connection.close()
