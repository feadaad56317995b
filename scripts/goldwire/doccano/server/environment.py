"""Doccano's own Python environment, made by uv from a hash-locked list that ships with goldwire.

Doccano pins 119 packages, many of them old: in an environment of their own they touch nothing of the toolkit's.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from goldwire.errors import ConfigError, GoldwireError, MissingFileError, MissingPackageError
from goldwire.workspace import private_files

__all__ = ["VARIABLE", "backend", "default_folder", "ensure"]

VARIABLE = "GOLDWIRE_DOCCANO_ENV"
"""The environment variable that names one folder for all workspaces (525 MB each otherwise)."""

SERVED = Path(__file__).parent / "django"
"""What runs in Doccano's own Python: never imported here."""

_LOCKS = {"3.11": "requirements-py311.txt", "3.12": "requirements-py312.txt", "3.13": "requirements-py312.txt"}
_STAMP = "goldwire.stamp"


def default_folder(folder: Path) -> Path:
    """Where environments live for a workspace whose private folder is `folder`."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser().resolve() if named else folder / "doccano-env"


def ensure(folder: Path, *, python: Path | None = None) -> Path:
    """Make Doccano's environment under `folder`, or find it there, and return its Python.

    It is made for the Python that runs goldwire (or `python`), in a folder named for its version, so that two versions
    share `folder` without making each other's again. A half-made one has no stamp and is made afresh; two callers at
    once wait for each other.
    """
    base = python or Path(getattr(sys, "_base_executable", sys.executable))
    version = f"{sys.version_info[0]}.{sys.version_info[1]}" if python is None else _version(python)
    lock = _lock(version)
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    place = folder.resolve() / f"py{version.replace('.', '')}"
    found = place / "bin" / "python"
    with private_files.file_lock(folder.resolve() / f".{place.name}.lock"):
        if not _is_whole(place, digest):
            _make(place, base, lock)
            (place / _STAMP).write_text(digest, encoding="ascii")
    return found


def backend(python: Path) -> Path:
    """The folder of Doccano's own code in the environment of `python`."""
    found = next(python.parent.parent.glob("lib/python3*/site-packages/backend"), None)
    if found is None:
        raise MissingFileError(
            "no Doccano in this environment", location=python.parent.parent, hint="remove the folder"
        )
    return found


def _version(python: Path) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigError(f"not a Python that runs: {error}", location=python) from None
    return done.stdout.strip()


def _lock(version: str) -> Path:
    if version not in _LOCKS:
        raise MissingPackageError(
            f"Doccano 1.8.4 does not run on Python {version}", hint=f"use Python {', '.join(sorted(_LOCKS))}"
        )
    return SERVED / _LOCKS[version]


def _is_whole(place: Path, digest: str) -> bool:
    try:
        stamp = (place / _STAMP).read_text(encoding="ascii")
    except OSError:
        return False
    # The link breaks when the Python that it was made from is removed.
    return stamp == digest and (place / "bin" / "python").exists()


def _make(place: Path, base: Path, lock: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    # Quietly: the last line is what a person reads when it fails. The stamp comes last, so that what is cut off here
    # is made afresh; scripts hold absolute paths, so that renaming a finished folder into place would break them.
    _uv("venv", "--quiet", "--no-project", "--python", str(base), str(place))
    target = ("--python", str(place / "bin" / "python"))
    # The lock is complete, and for 3.12 and later it goes beyond Doccano's own bounds: those are not asked again.
    _uv("pip", "install", "--quiet", "--no-deps", "--require-hashes", *target, "-r", str(lock))
    _try(place / "bin" / "python")


def _try(python: Path) -> None:
    # Finds out now what does not import on this machine, and leaves the byte code of just what a start needs: the
    # first one takes 5 s instead of 9, and compiling all 20,000 files would take 10.
    code = "import django, config.celery; django.setup(); import config.urls, gunicorn.app.wsgiapp, psycopg2"
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.production", "PATH": os.environ.get("PATH", "")}
    done = subprocess.run(
        [python, "-W", "ignore", "-c", code], cwd=backend(python), env=environment, capture_output=True, text=True
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or ["it ended without a word"]
        raise MissingPackageError(f"Doccano does not start here ({said[0]})", location=python, hint="remove its folder")


def _uv(*arguments: str) -> None:
    # What would point uv at another environment.
    astray = ("VIRTUAL_ENV", "UV_PYTHON", "PYTHONPATH", "PYTHONHOME")
    environment = {key: value for key, value in os.environ.items() if key not in astray}
    # From /, where no project's own [tool.uv] table can bend what is installed.
    done = subprocess.run(
        [_find_uv(), *arguments], cwd="/", env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        raise _fault(done.stderr, arguments)


def _find_uv() -> str:
    try:
        import uv

        return os.fspath(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise MissingPackageError("no uv, which makes Doccano's environment", hint="pip install 'goldwire[doccano]'")
    return found


_FAULTS = (
    (("no space left", "quota exceeded", "os error 28"), "the disk is full", "free 1 GB and run it again"),
    (("permission denied", "read-only file system"), "may not be written", f"name a folder of yours in {VARIABLE}"),
    (
        ("dns error", "error sending request", "could not connect", "failed to fetch", "network", "timed out"),
        "the package index is out of reach",
        "Doccano is fetched once, on first use: connect and run it again",
    ),
    (("hash mismatch",), "a package is not the one that was locked", "do not use this index"),
)


def _fault(said: str, arguments: tuple[str, ...]) -> GoldwireError:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    detail = lines[-1] if lines else f"uv {arguments[0]} failed without a word"
    for signs, message, hint in _FAULTS:
        if any(sign in said.lower() for sign in signs):
            return MissingPackageError(f"{message} ({detail})", location="Doccano's environment", hint=hint)
    return MissingPackageError(" ".join(lines[-3:]) or detail, location="Doccano's environment", hint="run it again")
