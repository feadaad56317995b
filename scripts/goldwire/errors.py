"""The exceptions of goldwire.

Each is one line for the person who reads it (location, problem, hint) and is also the exception of the standard
library that a caller would expect::

    GoldwireError(Exception)
    ├── ConfigError(ValueError)               an option, a setting or the label schema
    ├── ConflictError(FileExistsError)        it would replace something that differs
    ├── DataError(ValueError)                 what a data file contains
    ├── MissingFileError(FileNotFoundError)   a file or folder, or what a stage has to write first
    ├── MissingPackageError(ImportError)      a Python package or program that is not installed
    └── ServerError(ConnectionError)          Doccano, the Hub or a Ray cluster

Problems *in* a dataset are never raised: `goldwire.check` returns them as findings.
"""

from __future__ import annotations

import errno
import os

import msgspec

__all__ = [
    "DECODE_ERRORS",
    "ConfigError",
    "ConflictError",
    "DataError",
    "GoldwireError",
    "MissingFileError",
    "MissingPackageError",
    "ServerError",
    "decode_problem",
    "describe_error_number",
    "explain",
]


class GoldwireError(Exception):
    """An error that the user can fix. The base class of all of goldwire's exceptions.

    The command line prints it as one line, `goldwire: LOCATION: MESSAGE; hint: HINT`, and exits with code 2.

    Parameters
    ----------
    message : str
        The problem, in one sentence without a full stop.
    location : object, optional
        Where it is: a path, `path:line` or a URL.
    hint : str, optional
        What the user can do about it.

    Examples
    --------
    >>> import goldwire
    >>> error = goldwire.GoldwireError("no articles", location="corpus/articles", hint="run `goldwire ingest`")
    >>> str(error)
    'corpus/articles: no articles; hint: run `goldwire ingest`'
    """

    def __init__(self, message: str, *, location: object = None, hint: str | None = None) -> None:
        self.message = message
        self.location = None if location is None else str(location)
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        line = self.message if self.location is None else f"{self.location}: {self.message}"
        line = line if self.hint is None else f"{line}; hint: {self.hint}"
        return " ".join(line.split())


class ConfigError(GoldwireError, ValueError):
    """An option, a setting, the label schema, the sources or the guidelines are not valid."""


class ConflictError(GoldwireError, FileExistsError):
    """The result would replace something that exists and differs from it."""


class DataError(GoldwireError, ValueError):
    """A data file is damaged, or its content does not allow what was requested."""


class MissingFileError(GoldwireError, FileNotFoundError):
    """A file or folder does not exist, or an earlier stage has not written it yet."""


class MissingPackageError(GoldwireError, ImportError):
    """A Python package or a program that the command needs is not installed."""


class ServerError(GoldwireError, ConnectionError):
    """A server cannot be reached or started, refuses the request, or has unexpected content."""


_HINTS = {
    errno.ENOSPC: "free some space and run the same command again: no file was left half-written",
    errno.EDQUOT: "free some of your quota and run the same command again: no file was left half-written",
    errno.EFBIG: "the file system or the limit of `ulimit -f` allows no larger file: use another folder, or raise it",
    errno.EACCES: "change the permissions, or choose another folder with --root",
    errno.EPERM: "change the permissions, or choose another folder with --root",
    errno.EROFS: "the file system is read-only: choose another folder with --root",
}

_EXTRAS = {
    "doccano": ("platformdirs", "pydantic", "requests", "requests_toolbelt", "uv", "pyrage"),
    "publish": ("huggingface_hub",),
    "report": ("jinja2", "matplotlib"),
    "scale": ("daft", "obstore", "ray"),
    "audit": ("cleanlab", "crowdkit", "mlcroissant"),
    "embeddings": ("model2vec",),
    "formats": ("cassis",),
}


DECODE_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding JSON raises: not JSON or another type, not UTF-8, or nested about 1,000 deep."""


def decode_problem(error: Exception) -> str:
    """Return the message for one of `DECODE_ERRORS`."""
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def describe_error_number(number: int) -> tuple[str, str | None]:
    """Return the problem that an error number of the system stands for, and what a user can do about it."""
    return os.strerror(number).lower(), _HINTS.get(number)


def explain(error: Exception) -> str | None:
    """Return the line that tells a user what to do about `error`, or None if it is a bug in goldwire."""
    if isinstance(error, GoldwireError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        name = (error.name or "").split(".")[0]
        extra = next((extra for extra, modules in _EXTRAS.items() if name in modules), None)
        if extra is not None:
            return str(
                MissingPackageError(
                    f"this command needs the package {name!r}", hint=f"run pip install 'goldwire[{extra}]'"
                )
            )
        return None
    if isinstance(error, MemoryError):
        return str(GoldwireError("not enough memory", hint="close other programs, or process less data at a time"))
    if isinstance(error, OSError) and error.errno is not None:
        location = error.filename2 or error.filename
        problem, hint = describe_error_number(error.errno)
        return str(GoldwireError(problem, location=location, hint=hint))
    return None
