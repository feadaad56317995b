"""One guarded HTTP session: every request, also doccano-client's, has a time limit, retries and a checked answer.

doccano-client sends through `requests` without a timeout or a retry, and accepts a web page as an answer:
`guard_session` replaces the one method of its session that all its calls use.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from goldwire.errors import ServerError

__all__ = ["ConnectionLostError", "Http", "RequestRefusedError", "ServerUnreachableError", "guard_session"]

CONNECT, READ = 5.0, 120.0  # timeouts in seconds; an in-process import of 1,000 rows with labels takes up to 3
PAUSES = (0.2, 0.8, 2.0)  # seconds before each retry
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
_TRANSIENT = frozenset({500, 502, 503, 504})
_PAGE = 500  # rows per request: Doccano's own default is 5


class RequestRefusedError(ServerError):
    """The server understood the request and refused it; `status` is the HTTP status."""

    def __init__(self, message: str, *, status: int, location: object, hint: str | None = None) -> None:
        self.status = status
        super().__init__(message, location=location, hint=hint)


class ConnectionLostError(ServerError):
    """The connection broke or the server failed, and may or may not have carried out the request.

    Check before you repeat it.
    """


class ServerUnreachableError(ConnectionLostError):
    """Nothing listens at the address: nothing was sent."""


class Http(msgspec.Struct, frozen=True):
    """The requests that doccano-client has no call for, over its own session. Paths are below `<base>/v1/`."""

    base: str
    session: Any  # requests.Session, guarded

    def get(self, path: str, **params: object) -> Any:
        """Return the JSON at `path`."""
        return self._json("GET", path, params=params)

    def post(self, path: str, body: object = None, **params: object) -> Any:
        """Send JSON and return the JSON answer."""
        return self._json("POST", path, json=body, params=params)

    def patch(self, path: str, body: object) -> Any:
        """Change the fields in `body` and return the whole object."""
        return self._json("PATCH", path, json=body)

    def delete(self, path: str, body: object = None) -> None:
        """Delete the object at `path`."""
        self.send("DELETE", path, json=body)

    def pages(self, path: str, **params: object) -> Iterator[Any]:
        """Yield every row of a paged list, by offset: the `next` URL may name a host that only a proxy knows."""
        offset = 0
        while True:
            page = self.get(path, limit=_PAGE, offset=offset, **params)
            yield from page["results"]
            offset += len(page["results"])
            if not page["results"] or offset >= page["count"]:
                return

    def send(self, method: str, path: str, **options: Any) -> Any:
        """Send one guarded request and return the response."""
        return self.session.request(method, f"{self.base}/v1/{path}", **options)

    def _json(self, method: str, path: str, **options: Any) -> Any:
        response = self.send(method, path, **options)
        try:
            return response.json()
        except ValueError:
            raise ServerError(
                "answers something that is not JSON",
                location=_without_query(response.url),
                hint="is this a Doccano server?",
            ) from None


def guard_session(session: Any, *, base: str | None = None, renew: Callable[[], bool] | None = None) -> None:
    """Replace `session.request`; the original stays as `session.unguarded`.

    Parameters
    ----------
    session
        A `requests.Session`.
    base
        The server's address. Requests to other addresses are sent to it instead: a server behind a proxy uses its own
        name in the `next` URL of a list, which doccano-client follows with the token.
    renew
        A function that is called once per request that the server refuses, and that returns whether it signed in
        again. Doccano keeps one token per account, drops it when that person signs out in a browser, and then answers
        403, the same as for a forbidden request.
    """
    original = session.request

    def unguarded(method: str, url: str, **options: Any) -> Any:
        # `verify` is an option of each request, because REQUESTS_CA_BUNDLE overrides that of the session.
        certificates = {"verify": session.verify} if isinstance(session.verify, str) else {}
        return original(method, url if base is None else _at_base(url, base), **certificates | options)

    def request(method: str, url: str, **options: Any) -> Any:
        # A redirect would turn a POST into a GET of another address, and send the token there.
        options = {"timeout": (CONNECT, READ)} | options | {"allow_redirects": False}
        response = _send_with_retries(unguarded, method.upper(), url, options)
        if response.status_code in {401, 403} and renew is not None and renew():
            response = _send_with_retries(unguarded, method.upper(), url, options)
        _raise_unless_data(response)
        return response

    session.request, session.unguarded = request, unguarded


def _at_base(url: str, base: str) -> str:
    """Return `url` on the server at `base`. doccano-client appends a `next` URL of another server to `base` whole."""
    address, mark, query = url.partition("?")
    _, separator, path = address.rpartition("/v1/")
    if not separator:
        raise ServerError(
            f"the address answers with a request for {_without_query(url)}",
            location=base,
            hint="is this a Doccano server?",
        )
    return f"{base}/v1/{path}{mark}{query}"


def _send_with_retries(send: Callable[..., Any], method: str, url: str, options: dict[str, Any]) -> Any:
    """Send until there is an answer; do not repeat a write that may have reached the server."""
    failure: OSError | None = None
    unsent = False
    for pause in (*PAUSES, 0.0):
        failure, unsent, response = None, False, None
        try:
            response = send(method, url, **options)
        except OSError as error:  # the base class of requests' exceptions
            failure, unsent = error, _was_never_sent(error)
        if response is not None and response.status_code not in _TRANSIENT:
            return response
        if _timed_out(failure) or not (unsent or method in _REPEATABLE):
            break
        time.sleep(pause)
    if failure is None:
        raise ConnectionLostError(
            "the server fails at this request",
            location=_without_query(url),
            hint="see the server's log, then run the command again",
        )
    raise _connection_error(failure, url, unsent=unsent) from None


def _was_never_sent(error: OSError) -> bool:
    import requests

    # requests wraps urllib3's MaxRetryError, whose reason is a NewConnectionError if nothing listens, or, derived from
    # it, a NameResolutionError if there is no such host.
    reason = getattr(error.args[0], "reason", None) if error.args else None
    names = {kind.__name__ for kind in type(reason).__mro__}
    return isinstance(error, requests.ConnectTimeout) or "NewConnectionError" in names


def _timed_out(error: OSError | None) -> bool:
    """Whether the server did not answer in time: it is still working on the request, so do not repeat it."""
    import requests

    return isinstance(error, requests.Timeout)


def _connection_error(error: OSError, url: str, *, unsent: bool) -> ServerError:
    import requests

    location, hint = _without_query(url), "start it (`goldwire server start`) or correct GOLDWIRE_DOCCANO_URL"
    if isinstance(error, requests.exceptions.SSLError):
        return ServerError(
            "its certificate is not trusted",
            location=location,
            hint="name your authority's file in GOLDWIRE_DOCCANO_CA",
        )
    if unsent:
        return ServerUnreachableError("no server answers here", location=location, hint=hint)
    if _timed_out(error):
        return ConnectionLostError(
            "the server does not answer in time", location=location, hint="check the server, then run the command again"
        )
    if isinstance(error, requests.ConnectionError):
        return ConnectionLostError("the connection broke", location=location, hint="run the command again")
    return ServerError(f"the request failed ({type(error).__name__})", location=location, hint=hint)


def _raise_unless_data(response: Any) -> None:
    """Raise RequestRefusedError for every answer that is not the requested data."""
    status, location = response.status_code, _without_query(response.url)
    content_type = response.headers.get("content-type", "")
    if 300 <= status < 400:
        target = _without_query(response.headers.get("location", "another address"))
        raise RequestRefusedError(
            f"redirects to {target}", status=status, location=location, hint="set GOLDWIRE_DOCCANO_URL to that address"
        )
    if status >= 400:
        raise RequestRefusedError(_reason(response), status=status, location=location, hint=_HINTS.get(status))
    if content_type.startswith("text/html"):
        # Doccano answers every address that it does not know with its own page and status 200.
        raise RequestRefusedError(
            "answers with a web page instead of data",
            status=404,
            location=location,
            hint="is this a Doccano server?",
        )


_HINTS = {
    401: "sign in again: check GOLDWIRE_DOCCANO_USERNAME and GOLDWIRE_DOCCANO_PASSWORD, or GOLDWIRE_DOCCANO_TOKEN",
    403: "use an account with permission to do this (an administrator's)",
    413: "the server accepts only smaller files: raise its limit",
    429: "too many attempts: wait a minute",
    507: "free space on the server's disk, then run the command again",
}


def _reason(response: Any) -> str:
    """Return the server's own message, shortened. It never repeats the request, so it contains no password."""
    content_type = response.headers.get("content-type", "")
    is_text = content_type.startswith(("application/json", "text/plain"))
    return f"refuses with {response.status_code}: {response.text[:300] if is_text else response.reason}"


def _without_query(url: object) -> str:
    """Return a URL without its query, which may contain more than an error message should."""
    return str(url).split("?", 1)[0]
