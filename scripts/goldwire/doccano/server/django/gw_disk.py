"""A clear answer for a full disk, which is otherwise an error 500 like any other, with the reason in the log."""

import errno

from django.db import OperationalError
from django.http import JsonResponse

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Messages of SQLite and PostgreSQL.
_MESSAGES = ("disk is full", "disk I/O error", "No space left", "could not extend file")


class DiskMiddleware:
    """Answer 507 if the view could not write."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, _request, error):
        """Return the answer, or None for any other exception."""
        if not _is_disk_full(error):
            return None
        return JsonResponse({"detail": f"goldwire: the server cannot write to its disk ({error})"}, status=507)


def _is_disk_full(error):
    if isinstance(error, OSError):
        return error.errno in _DISK_FULL
    return isinstance(error, OperationalError) and any(message in str(error) for message in _MESSAGES)
