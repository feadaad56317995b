"""Run uv to install packages that must not share goldwire's own environment, and explain its errors in one line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from goldwire.errors import MissingPackageError

__all__ = ["run"]

# These variables would direct uv to another environment.
_IGNORED_VARIABLES = frozenset({"VIRTUAL_ENV", "UV_PYTHON", "PYTHONPATH", "PYTHONHOME"})

_ERRORS = (
    (("no space left", "quota exceeded", "os error 28"), "the disk is full", "free 1 GB and run the command again"),
    (("permission denied", "read-only file system"), "no permission to write", "name your own folder in {variable}"),
    (
        ("dns error", "error sending request", "could not connect", "failed to fetch", "network", "timed out"),
        "the package index is unreachable",
        "the download happens once, on first use: connect to the network and run the command again",
    ),
    (("hash mismatch",), "a package differs from the locked one", "do not use this index"),
)
"""Parts of uv's messages, and the message and hint for each."""


def run(*arguments: str, location: str, variable: str) -> None:
    """Run uv with `arguments`.

    Parameters
    ----------
    arguments
        The command of uv and its options.
    location
        What is installed, for the error message.
    variable
        The environment variable that names another folder to install into, for the hint.

    Raises
    ------
    MissingPackageError
        If there is no uv, or it fails: without network, on a full disk, in a folder that cannot be written.
    """
    variables = {key: value for key, value in os.environ.items() if key not in _IGNORED_VARIABLES}
    # In the root folder, no project's own [tool.uv] table can change what is installed.
    completed = subprocess.run(
        [_find_uv(location), *arguments],
        cwd=Path(os.sep),
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if completed.returncode:
        raise _explain(completed.stderr, arguments, location, variable)


def _find_uv(location: str) -> str:
    try:
        import uv

        return os.fspath(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        path = shutil.which("uv")
    if path is None:
        raise MissingPackageError("no uv to install it", location=location, hint="pip install 'goldwire[doccano]'")
    return path


def _explain(output: str, arguments: tuple[str, ...], location: str, variable: str) -> MissingPackageError:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    detail = lines[-1] if lines else f"uv {arguments[0]} failed without output"
    for fragments, message, hint in _ERRORS:
        if any(fragment in output.lower() for fragment in fragments):
            return MissingPackageError(f"{message} ({detail})", location=location, hint=hint.format(variable=variable))
    return MissingPackageError(" ".join(lines[-3:]) or detail, location=location, hint="run the command again")
