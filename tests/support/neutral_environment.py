"""The environment variables of the tests: none changes the output of a command, or sends its requests elsewhere."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["neutralize_environment"]

_OUTPUT = ("COLUMNS", "LINES", "FORCE_COLOR", "PY_COLORS", "NO_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS")
_TIME = ("TZ", "SOURCE_DATE_EPOCH")
_ACCOUNTS = ("HF_TOKEN", "HF_ENDPOINT", "OPENAI_API_KEY", "GOLDWIRE_ROOT", "GOLDWIRE_PASSPHRASE")
_SERVER = tuple(f"GOLDWIRE_DOCCANO_{name}" for name in ("URL", "USERNAME", "PASSWORD", "TOKEN", "CA", "INSECURE"))
_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")  # that of a hook of git that runs the tests
_FOLDERS = ("HF_HOME", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
_LOOPBACK = "127.0.0.1,localhost"


def neutralize_environment() -> None:
    """Remove what a test must not depend on, also for the processes that it starts.

    Proxies stay, for tests that install packages, but requests to this machine do not go through them.
    """
    for name in (*_OUTPUT, *_TIME, *_ACCOUNTS, *_SERVER, *_REPOSITORY):
        os.environ.pop(name, None)
    for name in ("NO_PROXY", "no_proxy"):
        if _LOOPBACK not in os.environ.get(name, ""):
            os.environ[name] = ",".join(filter(None, (os.environ.get(name), _LOOPBACK)))
    for name in _FOLDERS:
        if name in os.environ and not _is_writable(Path(os.environ[name])):
            del os.environ[name]
    if not _is_writable(Path(os.environ.get("HOME", os.devnull))):
        os.environ["HOME"] = tempfile.mkdtemp(prefix="goldwire-home-")


def _is_writable(folder: Path) -> bool:
    """Whether files can be created in a folder, or in the nearest above it that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)
