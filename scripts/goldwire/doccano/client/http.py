"""One guarded HTTP session: every request, doccano-client's too, has a time limit, retries and a checked answer.

doccano-client sends through `requests` with no timeout and no retry, and takes a web page for an answer: `guard`
replaces the one method of its session that all its calls go through.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from goldwire.errors import GoldwireError, ServerError

__all__ = ["AwayError", "DroppedError", "Http", "RefusedError", "guard"]

CONNECT, READ = 5.0, 120.0  # seconds; an in-process import of 1,000 rows with labels takes up to 3
PAUSES = (0.2, 0.8, 2.0)  # seconds before each further try
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
_TRANSIENT = frozenset({500, 502, 503, 504})
_PAGE = 500  # rows asked for at once: Doccano's own default is 5


class RefusedError(ServerError):
    """The server understood and said no; `status` is the HTTP status."""

    def __init__(self, message: str, *, status: int, location: object, hint: str | None = None) -> None:
        self.status = status
        super().__init__(message, location=location, hint=hint)


class DroppedError(ServerError):
    """The connection broke or the server failed: what was asked may have happened or not. Look before asking again."""


class AwayError(DroppedError):
    """Nobody listens there: nothing was sent."""


class Http(msgspec.Struct, frozen=True):
    """What doccano-client has no call for, over its own session. Paths are below `<base>/v1/`."""

    base: str
    session: Any  # requests.Session, guarded

    def get(self, path: str, **params: object) -> Any:
        """The JSON at `path`."""
        return self._json("GET", path, params=params)

    def post(self, path: str, body: object = None, **params: object) -> Any:
        """Send JSON, return JSON."""
        return self._json("POST", path, json=body, params=params)

    def patch(self, path: str, body: object) -> Any:
        """Change what `body` names, return the whole."""
        return self._json("PATCH", path, json=body)

    def delete(self, path: str, body: object = None) -> None:
        """Delete what is at `path`."""
        self.send("DELETE", path, json=body)

    def pages(self, path: str, **params: object) -> Iterator[Any]:
        """Every row of a paged list, by offset: the `next` address may name a host that only a proxy knows."""
        offset = 0
        while True:
            page = self.get(path, limit=_PAGE, offset=offset, **params)
            yield from page["results"]
            offset += len(page["results"])
            if not page["results"] or offset >= page["count"]:
                return

    def send(self, method: str, path: str, **options: Any) -> Any:
        """One guarded request; the response."""
        return self.session.request(method, f"{self.base}/v1/{path}", **options)

    def _json(self, method: str, path: str, **options: Any) -> Any:
        response = self.send(method, path, **options)
        try:
            return response.json()
        except ValueError:
            raise ServerError(
                "answers something that is not JSON", location=_place(response.url), hint="is this a Doccano server?"
            ) from None


def guard(session: Any, *, base: str | None = None, renew: Callable[[], bool] | None = None) -> None:
    """Replace `session.request`, which stays as `session.unguarded`.

    Whatever is asked of another address than `base` is asked there: a server behind a proxy gives its own name for the
    next page of a list, which doccano-client follows with the token.

    `renew` is asked, once a request, when the server refuses: did it sign in again? Doccano keeps one token a person,
    drops it when that person signs out in a browser, and then says 403, as it does where something is not allowed.
    """
    requested = session.request

    def plain(method: str, url: str, **options: Any) -> Any:
        # Said of each request, since of the session REQUESTS_CA_BUNDLE would come first.
        own = {"verify": session.verify} if isinstance(session.verify, str) else {}
        return requested(method, url if base is None else _at_home(url, base), **own | options)

    def request(method: str, url: str, **options: Any) -> Any:
        # A redirect would turn a POST into a GET of something else, and take the token along.
        options = {"timeout": (CONNECT, READ)} | options | {"allow_redirects": False}
        response = _tried(plain, method.upper(), url, options)
        if response.status_code in {401, 403} and renew is not None and renew():
            response = _tried(plain, method.upper(), url, options)
        _refuse(response)
        return response

    session.request, session.unguarded = request, plain


def _at_home(url: str, base: str) -> str:
    """`url` at `base`. doccano-client puts the address of a next page that is not below it behind it, whole."""
    address, mark, query = url.partition("?")
    _, found, path = address.rpartition("/v1/")
    if not found:
        raise ServerError(f"asks for {_place(url)}", location=base, hint="is this a Doccano server?")
    return f"{base}/v1/{path}{mark}{query}"


def _tried(plain: Callable[..., Any], method: str, url: str, options: dict[str, Any]) -> Any:
    """Send until there is an answer; a write that may have reached the server is not sent twice."""
    failure: OSError | None = None
    unsent = False
    for pause in (*PAUSES, 0.0):
        failure, unsent, response = None, False, None
        try:
            response = plain(method, url, **options)
        except ServerError:  # an OSError too, but final
            raise
        except OSError as error:  # requests' exceptions are OSErrors
            failure, unsent = error, _never_sent(error)
        if response is not None and response.status_code not in _TRANSIENT:
            return response
        if _timed_out(failure) or not (unsent or method in _REPEATABLE):
            break
        time.sleep(pause)
    if failure is None:
        raise DroppedError("the server fails at this", location=_place(url), hint="see the server's log, then repeat")
    raise _unreachable(failure, url, unsent=unsent) from None


def _never_sent(error: OSError) -> bool:
    import requests

    # requests wraps urllib3's MaxRetryError, whose reason is a NewConnectionError where nobody listens.
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or type(reason).__name__ == "NewConnectionError"


def _timed_out(error: OSError | None) -> bool:
    """A server that has not answered in time is not asked again: it is still at it."""
    import requests

    return isinstance(error, requests.Timeout)


def _unreachable(error: OSError, url: str, *, unsent: bool) -> GoldwireError:
    import requests

    hint = "start it (`goldwire server start`) or mend GOLDWIRE_DOCCANO_URL"
    if isinstance(error, requests.exceptions.SSLError):
        return ServerError(
            "its certificate is not trusted",
            location=_place(url),
            hint="name your authority's file in GOLDWIRE_DOCCANO_CA",
        )
    if unsent:
        return AwayError("no server answers here", location=_place(url), hint=hint)
    if _timed_out(error):
        return DroppedError("the server does not answer in time", location=_place(url), hint="look at it, then repeat")
    if isinstance(error, requests.ConnectionError):
        return DroppedError("the connection broke", location=_place(url), hint="repeat the command")
    return ServerError(f"cannot be asked ({type(error).__name__})", location=_place(url), hint=hint)


def _refuse(response: Any) -> None:
    """Raise for every answer that is not the data asked for."""
    status, place = response.status_code, _place(response.url)
    kind = response.headers.get("content-type", "")
    if 300 <= status < 400:
        there = _place(response.headers.get("location", "elsewhere"))
        raise RefusedError(
            f"sends on to {there}", status=status, location=place, hint="put that address in GOLDWIRE_DOCCANO_URL"
        )
    if status >= 400:
        raise RefusedError(_reason(response), status=status, location=place, hint=_WAYS_OUT.get(status))
    if kind.startswith("text/html"):
        # Doccano answers every address it does not know with its own page and status 200.
        raise RefusedError(
            "answers a web page where data is expected", status=404, location=place, hint="is this a Doccano server?"
        )


_WAYS_OUT = {
    401: "sign in again: check GOLDWIRE_DOCCANO_USERNAME and GOLDWIRE_DOCCANO_PASSWORD, or GOLDWIRE_DOCCANO_TOKEN",
    403: "use an account that may do this (an administrator's)",
    413: "the server takes smaller files: raise its limit",
    429: "too many tries: wait a minute",
    507: "make room on the server's disk, then repeat",
}


def _reason(response: Any) -> str:
    """The server's own words, cut short; it never repeats what was sent, so no password is in them."""
    kind = response.headers.get("content-type", "")
    words = response.text[:300] if kind.startswith(("application/json", "text/plain")) else response.reason
    return f"refuses with {response.status_code}: {words}"


def _place(url: object) -> str:
    """An address without its query, which may hold more than an error message should."""
    return str(url).split("?", 1)[0]
