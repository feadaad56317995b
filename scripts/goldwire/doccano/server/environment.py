"""Doccano's own Python environment, created by uv from a hash-locked list that ships with goldwire.

Doccano pins 119 packages, many of them old: a separate environment keeps them away from the toolkit's own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from goldwire.doccano import uv_command
from goldwire.errors import ConfigError, MissingFileError, MissingPackageError
from goldwire.progress import activity
from goldwire.workspace import private_files

__all__ = ["VARIABLE", "backend", "default_folder", "ensure", "is_ready"]

VARIABLE = "GOLDWIRE_DOCCANO_ENV"
"""The environment variable that names one folder for all workspaces. Otherwise each takes 525 MB."""

SERVED = Path(__file__).parent / "django"
"""The code that runs in Doccano's own Python; goldwire never imports it."""

_LOCKS = {"3.11": "requirements-py311.txt", "3.12": "requirements-py312.txt", "3.13": "requirements-py312.txt"}
_STAMP = "goldwire.stamp"


def default_folder(folder: Path) -> Path:
    """Return the folder of environments for a workspace whose private folder is `folder`."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser().resolve() if named else folder / "doccano-env"


def ensure(folder: Path, *, python: Path | None = None) -> Path:
    """Create Doccano's environment under `folder`, or find it there, and return its Python.

    It is created for the Python that runs goldwire (or for `python`), in a folder named after its version, so that two
    versions can share `folder`. An incomplete environment has no stamp and is created again; simultaneous callers wait
    for each other.
    """
    base = python or Path(getattr(sys, "_base_executable", sys.executable))
    version = f"{sys.version_info[0]}.{sys.version_info[1]}" if python is None else _version(python)
    lock = _lock(version)
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    environment = folder.resolve() / f"py{version.replace('.', '')}"
    with private_files.file_lock(folder.resolve() / f".{environment.name}.lock"):
        if not _is_complete(environment, digest):
            with activity("installing Doccano"):
                _create(environment, base, lock)
            (environment / _STAMP).write_text(digest, encoding="ascii")
    return environment / "bin" / "python"


def is_ready(folder: Path) -> bool | None:
    """Whether the environment under `folder` is the one that `ensure` would return; None if there is none."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    environment = folder.resolve() / f"py{version.replace('.', '')}"
    if not environment.exists():
        return None
    return _is_complete(environment, hashlib.sha256(_lock(version).read_bytes()).hexdigest())


def backend(python: Path) -> Path:
    """Return the folder of Doccano's own code in the environment of `python`."""
    environment = python.parent.parent
    folder = next(environment.glob("lib/python3*/site-packages/backend"), None)
    if folder is None:
        raise MissingFileError("no Doccano in this environment", location=environment, hint="remove the folder")
    return folder


def _version(python: Path) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        run = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigError(f"this Python does not run: {error}", location=python) from None
    return run.stdout.strip()


def _lock(version: str) -> Path:
    if version not in _LOCKS:
        raise MissingPackageError(
            f"Doccano 1.8.4 does not run on Python {version}", hint=f"use Python {', '.join(sorted(_LOCKS))}"
        )
    return SERVED / _LOCKS[version]


def _is_complete(environment: Path, digest: str) -> bool:
    try:
        stamp = (environment / _STAMP).read_text(encoding="ascii")
    except OSError:
        return False
    # The link breaks when the Python that the environment was created from is removed.
    return stamp == digest and (environment / "bin" / "python").exists()


def _create(environment: Path, base: Path, lock: Path) -> None:
    shutil.rmtree(environment, ignore_errors=True)
    environment.parent.mkdir(parents=True, exist_ok=True)
    # With --quiet the last line is the error message to show. The caller writes the stamp last, so that an
    # interrupted installation is repeated. A finished folder cannot be renamed into place: its scripts hold absolute
    # paths.
    _uv("venv", "--quiet", "--no-project", "--python", str(base), str(environment))
    python = environment / "bin" / "python"
    # The lock is complete, and for 3.12 and later it exceeds Doccano's own bounds, which --no-deps ignores.
    _uv("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python", str(python), "-r", str(lock))
    _try_import(python)


def _try_import(python: Path) -> None:
    """Raise MissingPackageError if Doccano does not import on this machine.

    It also leaves the byte code that a start needs: the first start then takes 5 s instead of 9, while compiling all
    20,000 files would take 10.
    """
    code = "import django, config.celery; django.setup(); import config.urls, gunicorn.app.wsgiapp, psycopg2"
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings.production", "PATH": os.environ.get("PATH", "")}
    run = subprocess.run(
        [python, "-W", "ignore", "-c", code], cwd=backend(python), env=variables, capture_output=True, text=True
    )
    if run.returncode:
        reason = run.stderr.strip().splitlines()[-1:] or ["no output"]
        raise MissingPackageError(
            f"Doccano does not start here ({reason[0]})", location=python, hint="remove its folder"
        )


def _uv(*arguments: str) -> None:
    uv_command.run(*arguments, location="Doccano's environment", variable=VARIABLE)
