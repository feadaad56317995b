"""Back up what is not in git: the server's data, its secrets and goldwire's notes, encrypted with a passphrase."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

import goldwire
from goldwire.doccano.server import backup
from goldwire.doccano.server.encryption import encrypt_folder
from goldwire.errors import ConflictError, MissingFileError
from goldwire.workspace import atomic, private_files
from goldwire.workspace.layout import Workspace

__all__ = ["BackupReport", "remove_scratch", "run", "scratch_folder"]

_SCRATCH = "backup"


class BackupReport(msgspec.Struct, frozen=True, kw_only=True):
    """A backup: its file, its size in bytes, and the kind of database in it."""

    file: str
    size: int
    database: str

    def to_text(self) -> str:
        """Return the report for people."""
        text = (
            f"{self.file}: {self.size / 1e6:.1f} MB, encrypted; it holds the {self.database} database and all secrets"
        )
        return f"{text}\nkeep the passphrase in another place: without it, nobody can read the backup"


def run(workspace: Workspace, *, file: Path, passphrase: str) -> BackupReport:
    """Write an encrypted backup of the workspace's own server to `file`; the server may be running.

    What is in git is not in it.

    Raises
    ------
    ConflictError
        If `file` exists.
    """
    if file.exists():
        remove_scratch(workspace)
        atomic.remove_leftover(file)
        raise ConflictError("exists already", location=file, hint="name another file")
    if not file.parent.is_dir():
        raise MissingFileError("no such folder", location=file.parent, hint="create the folder, or choose another")
    with scratch_folder(workspace) as scratch:
        folder = private_files.private_dir(scratch / "snapshot")
        manifest = backup.take_snapshot(
            workspace.private,
            folder,
            workspace=workspace.settings.name,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            version=goldwire.__version__,
        )
        encrypt_folder(folder, file.absolute(), passphrase)
    return BackupReport(file=str(file), size=file.stat().st_size, database=manifest.database)


def remove_scratch(workspace: Workspace) -> None:
    """Remove the unencrypted data of a command that was killed after its work."""
    atomic.remove_leftover(workspace.private / _SCRATCH)


def scratch_folder(workspace: Workspace) -> AbstractContextManager[Path]:
    """Return a new private folder for unencrypted data, in the place of what a killed command has left."""
    return atomic.scratch_folder(private_files.private_dir(workspace.private) / _SCRATCH)
