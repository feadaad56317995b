"""server.json: what goldwire keeps of a server between two commands, its secrets among it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import msgspec

from goldwire.doccano.server.processes import Process
from goldwire.workspace import private_files

__all__ = ["Kept", "read", "write"]

FILE = "server.json"


class Kept(msgspec.Struct, frozen=True):
    """A server's own record, which the server itself reads too (see django/gw_settings.py)."""

    secret_key: str = ""
    database: str = ""  # the address, with its password; empty for SQLite
    port: int = 0
    home: str = ""  # where it was started: a folder that was moved since has its files no longer
    token: str = ""  # of its administrator, as it was last given
    web: Process | None = None
    worker: Process | None = None


def read(home: Path) -> Kept:
    """What is kept of the server of `home`; the defaults where nothing is.

    In a copy of a home the original's processes are left out: they are not the copy's to end.
    """
    found = private_files.read(home / FILE, Kept)
    if found.home not in ("", str(home)) and (Path(found.home) / FILE).exists():
        return msgspec.structs.replace(found, web=None, worker=None)
    return found


def write(home: Path, /, **changes: Any) -> Kept:
    """Change fields, and make the secret key where there is none yet."""

    def change(old: Kept) -> Kept:
        changed = msgspec.structs.replace(old, **changes)
        return msgspec.structs.replace(changed, secret_key=changed.secret_key or secrets.token_urlsafe(48))

    return private_files.update(home / FILE, Kept, change)
