"""The parts of a workspace that are not in git: the server's data, its secrets, and goldwire's own notes.

A snapshot is a folder::

    manifest.json                     what it is, and of which goldwire
    passwords.json, annotators.toml   accounts
    ledger/                           what was pushed and pulled
    server/server.json                secret key, database, network settings
    server/db.sqlite3                 the database, or of PostgreSQL: server/database.dump
    server/media/                     what people uploaded
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from goldwire.doccano import credentials
from goldwire.doccano.accounts import PEOPLE_FILE
from goldwire.doccano.server import state as states
from goldwire.errors import ConfigError, ConflictError, DataError, MissingFileError, MissingPackageError, ServerError
from goldwire.workspace import private_files

__all__ = ["Manifest", "read_manifest", "restore_snapshot", "take_snapshot"]

_DATABASE, _DUMP = "db.sqlite3", "database.dump"
_WRITE_ERRORS = ("SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_SHMSIZE")
_EXPORTS = ".zip"  # Doccano's exports, which it never deletes
_NOTES = (credentials.FILE, PEOPLE_FILE)  # copied after the database: each account in it has its password


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Description of a snapshot. `workspace` is the name in its settings; `created` is in UTC."""

    format: Literal["goldwire-backup-1"] = "goldwire-backup-1"
    goldwire: str
    workspace: str
    created: str
    database: Literal["sqlite", "postgresql"]


def take_snapshot(private: Path, folder: Path, *, workspace: str, created: str, version: str) -> Manifest:
    """Copy everything from the private folder of a workspace into the empty `folder`; the server may be running.

    Raises
    ------
    MissingFileError
        If the workspace has no server.
    ServerError
        If the database cannot be read.
    """
    home, target = private / "server", private_files.private_dir(folder / "server")
    if not (home / states.FILE).exists():
        raise MissingFileError(
            "this workspace has no server of its own", location=private.parent, hint="run `goldwire server start`"
        )
    state = states.read(home)
    if state.database:
        _dump(state.database, target / _DUMP)
    else:
        _copy_database(home / _DATABASE, target / _DATABASE)
    if (home / "media").is_dir():
        shutil.copytree(home / "media", target / "media", ignore=shutil.ignore_patterns(f"*{_EXPORTS}"))
    if (private / "ledger").is_dir():
        shutil.copytree(private / "ledger", folder / "ledger")
    for name in _NOTES:
        if (private / name).exists():
            shutil.copyfile(private / name, folder / name)
    # Without the processes and the last token, which belong to this machine.
    stored = states.ServerState(
        secret_key=state.secret_key,
        database=state.database,
        port=state.port,
        network=state.network,
        credentials_folder=state.credentials_folder,
    )
    (target / states.FILE).write_bytes(msgspec.json.encode(stored))
    manifest = Manifest(
        goldwire=version,
        workspace=workspace,
        created=created,
        database="postgresql" if state.database else "sqlite",
    )
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a snapshot."""
    try:
        return msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        raise DataError("not a backup of this version of goldwire", location=folder, hint="update goldwire") from None


def restore_snapshot(folder: Path, private: Path, *, database: str | None = None) -> None:
    """Move a snapshot into the private folder of a workspace that has no server.

    Parameters
    ----------
    folder
        The snapshot.
    private
        The private folder of the workspace.
    database
        The address of the empty PostgreSQL database to fill. Default: that of the snapshot.

    Raises
    ------
    ConflictError
        If the workspace has a server already, or if the PostgreSQL database is not empty.
    """
    home, source = private / "server", folder / "server"
    if home.exists():
        raise ConflictError("this workspace has a server", location=home, hint="move this folder away first")
    dump = source / _DUMP
    if dump.exists():
        state = msgspec.json.decode((source / states.FILE).read_bytes(), type=states.ServerState)
        address = database or state.database
        _load(dump, address)
        dump.unlink()
        changed = msgspec.structs.replace(state, database=address)
        (source / states.FILE).write_bytes(msgspec.json.encode(changed))
    elif database is not None:
        raise ConfigError("this backup is of SQLite, which needs no database", hint="leave out --database")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    for name in (*_NOTES, "ledger"):
        if (folder / name).exists():
            _replace(folder / name, private / name)
    source.rename(home)  # last: the workspace has a server only if all of it is there


def _replace(source: Path, target: Path) -> None:
    """Move a file or folder to `target`; what is there stays beside it."""
    if target.exists() and not _is_equal(source, target):  # equal: of a restore that was killed
        former = _free_name(target)
        try:
            os.link(target, former)  # so that the file is there at any moment
        except FileExistsError:
            pass
        except OSError:
            target.rename(former)
    if target.is_dir():
        shutil.rmtree(target)
    source.replace(target)


def _free_name(target: Path) -> Path:
    """Return the name of a copy of `target`: that of an equal one, or one that nothing has."""
    former, number = target.with_name(f"{target.name}.before-restore"), 1
    while former.exists() and not _is_equal(target, former):
        number += 1
        former = target.with_name(f"{target.name}.before-restore-{number}")
    return former


def _is_equal(first: Path, second: Path) -> bool:
    """Whether two files, or all files in two folders, have the same content."""
    if first.is_dir() != second.is_dir():
        return False
    return _contents(first) == _contents(second)


def _contents(path: Path) -> dict[str, bytes]:
    files = (file for file in (path, *path.rglob("*")) if file.is_file())
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def _copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database as of one moment, while others write to it."""
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as present,
            closing(sqlite3.connect(target)) as copy,
        ):
            present.backup(copy)
            problem = copy.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_FULL":  # of the copy: the database is only read
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from None
        if name in _WRITE_ERRORS:
            hint = "free some space or quota, or raise the limit of `ulimit -f`, and run the same command again"
            problem = f"the copy of the database cannot be written ({error})"
            raise ServerError(problem, location=target, hint=hint) from None
        raise ServerError(f"the database cannot be copied ({error})", location=source) from None
    if problem != "ok":
        raise ServerError(f"the database is damaged ({problem})", location=source)


def _dump(address: str, path: Path) -> None:
    """Dump a PostgreSQL database as of one moment."""
    with path.open("xb") as output:
        path.chmod(0o600)
        _run("pg_dump", address, "--format=custom", "--no-owner", "--no-privileges", output=output)


def _load(dump: Path, address: str) -> None:
    """Fill an empty PostgreSQL database, as a whole or not at all."""
    count = "SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'"
    if _run("psql", address, "--no-psqlrc", "--tuples-only", "--command", count).strip() != "0":
        raise ConflictError("the database is not empty", hint="name an empty one with --database")
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run("pg_restore", address, *options, "--dbname", _connection(address)["PGDATABASE"], str(dump))


def _run(program: str, address: str, *arguments: str, output: BinaryIO | int = subprocess.PIPE) -> str:
    """Run a program of PostgreSQL and return its output; others cannot read the password in its environment."""
    executable = shutil.which(program)
    if executable is None:
        raise MissingPackageError(f"no {program} on this machine", hint="install the client of PostgreSQL")
    run = subprocess.run(
        [executable, "--no-password", *arguments],
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"} | _connection(address),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
    )
    if run.returncode:
        lines = run.stderr.decode("utf-8", "replace").strip().splitlines() or ["no output"]
        raise ServerError(f"{program} failed: {lines[-1][:300]}", hint="check the database's address and its server")
    return (run.stdout or b"").decode("utf-8", "replace")


def _connection(address: str) -> dict[str, str]:
    """Return the environment variables by which PostgreSQL's programs connect."""
    parts, query = urlsplit(address), dict(parse_qsl(urlsplit(address).query))
    variables = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": query.get("sslmode", ""),
    }
    return {name: value for name, value in variables.items() if value}
