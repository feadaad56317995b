"""What was pushed where: `.goldwire/ledger/<batch>.json`, a note for this machine, never in git.

The server is the truth; the ledger only tells "deleted on the server" from "never pushed".
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from goldwire import jsonl
from goldwire.layout import Workspace

__all__ = ["Ledger", "Pushed", "ledger_path", "read_ledger", "write_ledger"]


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator's project, complete on the server when this was written."""

    annotator: str
    project: int
    name: str
    tasks: int
    guidelines_version: str
    schema_version: str


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """A batch's projects on a server, by annotator."""

    batch: str
    server: str
    projects: tuple[Pushed, ...]


def ledger_path(workspace: Workspace, batch: str) -> Path:
    """Where the ledger of a batch is."""
    return workspace.private / "ledger" / f"{batch}.json"


def read_ledger(workspace: Workspace, batch: str) -> Ledger | None:
    """The ledger of a batch, or None where it was never pushed from here."""
    path = ledger_path(workspace, batch)
    return jsonl.read_document(path, Ledger) if path.exists() else None


def write_ledger(workspace: Workspace, ledger: Ledger) -> None:
    """Write it whole."""
    jsonl.write_document(ledger_path(workspace, ledger.batch), ledger)
