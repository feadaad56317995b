"""What was pushed where and what was pulled: notes for this machine in `.goldwire/ledger/`, never in git.

The server is the truth; the notes only tell "deleted on the server" from "never pushed", and "as it was" from "new".
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from goldwire.errors import GoldwireError
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace

__all__ = [
    "Ledger",
    "Pulled",
    "Pulls",
    "Pushed",
    "digest",
    "digest_files",
    "last_pull",
    "ledger_path",
    "read_ledger",
    "read_pulls",
    "write_ledger",
    "write_pulls",
]


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator's project, complete on the server when this was written.

    `plan` digests what was wanted and `rows` what the server then held (see `look`); None where it does not say.
    `began` tells whether the tasks began with pre-labels.
    """

    annotator: str
    project: int
    name: str
    tasks: int
    guidelines_version: str
    schema_version: str
    plan: str | None = None
    rows: str | None = None
    began: bool = False


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """A batch's projects on a server, by annotator; `inputs` digests the plan and the articles that were pushed."""

    batch: str
    server: str
    projects: tuple[Pushed, ...]
    inputs: str | None = None

    def of(self, server: str, annotator: str) -> Pushed | None:
        """What was pushed for `annotator` to `server`."""
        if self.server != server:
            return None
        return next((one for one in self.projects if one.annotator == annotator), None)


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator's layers, without a finding, and all that they were made of: `rows` and `work` as in `look`.

    `inputs` digests plan, schema and articles, `export` and `layers` the files that were written; `days` counts ticks
    by ISO date.
    """

    annotator: str
    project: int
    rows: str
    work: str
    inputs: str
    export: str
    layers: str
    tasks: int
    done: int
    started: int
    days: dict[str, int] = {}


class Pulls(msgspec.Struct, frozen=True, kw_only=True):
    """A batch's pulls from a server, by annotator; `annotators` are all that the plan, one of the `inputs`, asks."""

    batch: str
    server: str
    pulls: tuple[Pulled, ...]
    inputs: str | None = None
    annotators: tuple[str, ...] = ()


def digest(*parts: bytes) -> str:
    """SHA-256 of `parts`, each with its length, hexadecimal."""
    total = hashlib.sha256()
    for part in parts:
        total.update(b"%d\0" % len(part))
        total.update(part)
    return total.hexdigest()


def digest_files(paths: Iterable[Path]) -> str:
    """The same of the files that are there, however big."""
    total = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                total.update(b"%d\0" % os.fstat(file.fileno()).st_size)
                while part := file.read(1 << 20):
                    total.update(part)
        except FileNotFoundError:
            continue
    return total.hexdigest()


def ledger_path(workspace: Workspace, batch: str) -> Path:
    """Where the ledger of a batch is."""
    return workspace.private / "ledger" / f"{batch}.json"


def _pulls_path(workspace: Workspace, batch: str) -> Path:
    return workspace.private / "ledger" / f"{batch}.pulls.json"


def read_ledger(workspace: Workspace, batch: str) -> Ledger | None:
    """The ledger of a batch, or None where it was never pushed from here."""
    path = ledger_path(workspace, batch)
    return jsonl.read_document(path, Ledger) if path.exists() else None


def last_pull(workspace: Workspace, batch: str) -> Pulls:
    """The note of the last pull; an empty one where there is none, or it is unreadable."""
    try:
        return jsonl.read_document(_pulls_path(workspace, batch), Pulls)
    except GoldwireError:
        return Pulls(batch=batch, server="", pulls=())


def read_pulls(workspace: Workspace, batch: str, server: str) -> dict[str, Pulled]:
    """What was last pulled from `server`, by annotator; nothing where the last pull was from another."""
    pulls = last_pull(workspace, batch)
    return {one.annotator: one for one in pulls.pulls} if pulls.server == server else {}


def write_ledger(workspace: Workspace, ledger: Ledger) -> None:
    """Write it whole."""
    jsonl.write_document(ledger_path(workspace, ledger.batch), ledger)


def write_pulls(workspace: Workspace, pulls: Pulls) -> None:
    """Write it whole."""
    jsonl.write_document(_pulls_path(workspace, pulls.batch), pulls)
