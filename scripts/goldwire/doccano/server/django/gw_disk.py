"""A disk that is full is told as such: without this it is an error 500 like any other, with the reason in the log."""

import errno

from django.db import OperationalError
from django.http import JsonResponse

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAID = ("disk is full", "disk I/O error", "No space left", "could not extend file")  # by SQLite and PostgreSQL


class DiskMiddleware:
    """Answers 507 where the view could not write."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, _request, error):
        """None where it is something else."""
        if not _is_full(error):
            return None
        return JsonResponse({"detail": f"goldwire: the server cannot write to its disk ({error})"}, status=507)


def _is_full(error):
    if isinstance(error, OSError):
        return error.errno in _FULL
    return isinstance(error, OperationalError) and any(said in str(error) for said in _SAID)
