"""What a user can cause, told in one line: the place, what is wrong there, and the way out."""

from __future__ import annotations

import errno
import os

__all__ = ["GoldwireError", "explain"]


class GoldwireError(Exception):
    """Something outside the data is wrong (no server, no such folder, a broken file).

    Printed by the command line as one line, `place: message; hint`, with exit code 2.
    What is wrong *in* the data is never raised: it is a `Finding` (see `goldwire.findings`).
    """

    def __init__(self, message: str, *, location: object = None, hint: str | None = None) -> None:
        self.message = message
        self.location = None if location is None else str(location)
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        line = self.message if self.location is None else f"{self.location}: {self.message}"
        line = line if self.hint is None else f"{line}; {self.hint}"
        return " ".join(line.split())


_HINTS = {
    errno.ENOSPC: "free some space and run the same command again: nothing was half-written",
    errno.EDQUOT: "free some of your quota and run the same command again: nothing was half-written",
    errno.EACCES: "give yourself the permission, or name another --root",
    errno.EPERM: "give yourself the permission, or name another --root",
    errno.EROFS: "the file system is read-only: name another --root",
}

_EXTRAS = {
    "doccano": ("doccano_client", "uv", "requests"),
    "publish": ("huggingface_hub",),
    "report": ("jinja2", "matplotlib"),
    "scale": ("daft", "ray"),
    "audit": ("cleanlab", "crowdkit", "mlcroissant"),
}


def explain(error: Exception) -> str | None:
    """Say in one line what a user can do about `error`; None where it is a fault of goldwire's own."""
    if isinstance(error, GoldwireError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        name = (error.name or "").split(".")[0]
        extra = next((extra for extra, modules in _EXTRAS.items() if name in modules), None)
        if extra is not None:
            return f"this command needs the package {name!r}; install it with: pip install 'goldwire[{extra}]'"
        return None
    if isinstance(error, OSError) and error.errno is not None:
        location = error.filename2 or error.filename
        return str(GoldwireError(os.strerror(error.errno).lower(), location=location, hint=_HINTS.get(error.errno)))
    return None
