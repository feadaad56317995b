"""Restore a backup into a workspace that has no server."""

from __future__ import annotations

from pathlib import Path

import msgspec

from goldwire.doccano.server import backup
from goldwire.doccano.server.encryption import decrypt_folder
from goldwire.errors import ConflictError, MissingFileError
from goldwire.stages.backup import remove_scratch, scratch_folder
from goldwire.workspace import private_files
from goldwire.workspace.layout import Workspace

__all__ = ["RestoreReport", "run"]


class RestoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a restore: the manifest of the backup, and whether it is of a workspace with another name."""

    file: str
    manifest: backup.Manifest
    is_other_workspace: bool

    def to_text(self) -> str:
        """Return the report for people."""
        text = f"restored the {self.manifest.database} database and the secrets of {self.manifest.created}"
        if self.is_other_workspace:
            text += (
                f"\nthe backup is of a workspace named {self.manifest.workspace!r}: its projects belong to that name"
            )
        return f"{text}\nnext: `goldwire server start`, then `goldwire pull` for each batch"


def run(workspace: Workspace, *, file: Path, passphrase: str, database: str | None = None) -> RestoreReport:
    """Restore the backup in `file`; nothing is changed unless all of it can be.

    Parameters
    ----------
    workspace
        A workspace without a server of its own.
    file
        What `goldwire backup` wrote.
    passphrase
        Its passphrase.
    database
        The address of an empty PostgreSQL database to fill. Default: the one that the backup is of.
    """
    if not file.is_file():
        raise MissingFileError("no such file", location=file, hint="name a file that `goldwire backup` wrote")
    home = workspace.private / "server"
    if home.exists():
        remove_scratch(workspace)
        hint = "stop the server and move this folder away first"
        raise ConflictError("this workspace has a server", location=home, hint=hint)
    with workspace.lock(), scratch_folder(workspace) as scratch:
        folder = private_files.private_dir(scratch / "snapshot")
        decrypt_folder(file, folder, passphrase)
        manifest = backup.read_manifest(folder)
        backup.restore_snapshot(folder, workspace.private, database=database)
    return RestoreReport(
        file=str(file), manifest=manifest, is_other_workspace=manifest.workspace != workspace.settings.name
    )
