"""A clear refusal of input that Doccano's views do not expect and answer with an error 500.

JSON that is nested a thousand deep ends in a RecursionError, and a number beyond the database's range in an
OverflowError (SQLite) or a DataError (PostgreSQL).
"""

from django.db import DataError
from django.http import JsonResponse


class InputMiddleware:
    """Answer 400 if the view failed because of such input."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, _request, error):
        """Return the answer, or None for any other exception."""
        if isinstance(error, RecursionError):
            return _refuse("the body is nested too deeply")
        if isinstance(error, (OverflowError, DataError)):
            return _refuse("a value is out of range")
        return None


def _refuse(detail):
    return JsonResponse({"detail": f"goldwire: {detail}"}, status=400)
