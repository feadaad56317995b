"""server.json: what goldwire stores about a server between two commands, including its secrets."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import msgspec

from goldwire.doccano.server.network import Network
from goldwire.doccano.server.processes import Process
from goldwire.workspace import private_files

__all__ = ["FILE", "ServerState", "passwords", "read", "write"]

FILE = "server.json"


class ServerState(msgspec.Struct, frozen=True):
    """The record of a server, which the server itself reads too (see django/gw_settings.py)."""

    secret_key: str = ""
    database: str = ""  # the address, with its password; empty for SQLite
    port: int = 0
    home: str = ""  # where the server was started: if the folder was moved since, the server's files are gone
    token: str = ""  # the administrator's last token
    web: Process | None = None
    worker: Process | None = None
    network: Network = Network()
    credentials_folder: str = "."  # the folder of the passwords, relative to the home


def read(home: Path) -> ServerState:
    """Read the record of the server at `home`; return the defaults if there is none.

    In a copy of a home, leave out the processes: they belong to the original.
    """
    state = private_files.read(home / FILE, ServerState)
    if state.home not in ("", str(home)) and (Path(state.home) / FILE).exists():
        return msgspec.structs.replace(state, web=None, worker=None)
    return state


def passwords(home: Path) -> Path:
    """Return the folder of the passwords of the server at `home`."""
    return (home / read(home).credentials_folder).resolve()


def write(home: Path, /, **changes: Any) -> ServerState:
    """Change fields of the record, and generate the secret key if there is none yet."""

    def change(old: ServerState) -> ServerState:
        changed = msgspec.structs.replace(old, **changes)
        return msgspec.structs.replace(changed, secret_key=changed.secret_key or secrets.token_urlsafe(48))

    return private_files.update(home / FILE, ServerState, change)
