"""A page that takes seconds to make, served at once: it is made again in the background when it is too old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["PageCache"]

T = TypeVar("T")


class PageCache(Generic[T]):
    """The last page that a function made, which one thread at a time makes again.

    Requests never wait, with one exception: all wait for the first page if there is none to begin with.

    Parameters
    ----------
    make : callable
        Makes the page. It must not raise.
    max_age : float
        Seconds after which a request has the page made again.
    first : optional
        A page to begin with.
    """

    def __init__(self, make: Callable[[], T], *, max_age: float, first: T | None = None) -> None:
        self._make, self._max_age = make, max_age
        self._page, self._made_at = first, time.monotonic()
        self._is_making = False
        self._changed = threading.Condition()

    def get(self) -> T:
        """Return the page; have it made in the background if it is older than `max_age`."""
        with self._changed:
            is_old = self._page is None or time.monotonic() - self._made_at > self._max_age
            if is_old and not self._is_making:
                self._is_making = True
                threading.Thread(target=self._renew, daemon=True).start()
            while self._page is None:
                self._changed.wait()
            return self._page

    def _renew(self) -> None:
        page = self._make()
        with self._changed:
            self._page, self._made_at, self._is_making = page, time.monotonic(), False
            self._changed.notify_all()
