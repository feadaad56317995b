"""Ledger of pushed and pulled rows: notes of this machine in `.goldwire/ledger/`, never in git.

The server is the truth. The notes only distinguish "deleted on the server" from "never pushed", and "unchanged since
the last push or pull" from "new".
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from goldwire.doccano.lost_work import Receipt
from goldwire.doccano.project import page_url
from goldwire.errors import GoldwireError
from goldwire.records import Task
from goldwire.workspace import jsonl
from goldwire.workspace.layout import Workspace

__all__ = [
    "Ledger",
    "PullRecord",
    "PulledProject",
    "PushedProject",
    "digest",
    "digest_files",
    "last_pull",
    "ledger_path",
    "read_ledger",
    "read_pulls",
    "write_ledger",
    "write_pulls",
]


class PushedProject(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator's project, complete on the server when this was written.

    `plan` is the digest of the project plan, and `rows` that of the rows that the server then held (see
    `ProjectState`); None if the server does not say. `prelabelled` says whether the tasks started with pre-labels, and
    `label_types` are the ids of the project's label types by name. `created` is when the project was created.
    """

    annotator: str
    project: int
    name: str
    tasks: int
    guidelines_version: str
    schema_version: str
    plan: str | None = None
    rows: str | None = None
    prelabelled: bool = False
    label_types: dict[str, int] = {}
    created: str = ""


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """The projects of a batch on a server; `inputs` is the digest of the plan and the articles that were pushed."""

    batch: str
    server: str
    projects: tuple[PushedProject, ...]
    inputs: str | None = None

    def of(self, server: str, annotator: str) -> PushedProject | None:
        """Return the project of `annotator` on `server`, if one was pushed."""
        if self.server != server:
            return None
        return next((project for project in self.projects if project.annotator == annotator), None)

    def article_urls(self, tasks: Iterable[Task]) -> dict[tuple[str, str], str]:
        """Return the URL of the first task of each (annotator, article id); `tasks` are those of the plan, in order."""
        planned = list(tasks)
        urls: dict[tuple[str, str], str] = {}
        for project in self.projects:
            assigned = [task for task in planned if project.annotator in task.annotators]
            for page, task in enumerate(assigned, 1):
                urls.setdefault(
                    (project.annotator, task.article_id), page_url(self.server, project.project, page, task.kind)
                )
        return urls


class PulledProject(msgspec.Struct, frozen=True, kw_only=True):
    """Notes of the last pull of one annotator's project for the next one.

    From the digests it knows that the layers are current: `rows` and `work` are the server's (see `ProjectState`), and
    None if there was a finding or the server has no digests; `inputs` is the digest of plan, schema and articles;
    `export` and `layers` are those of the written files. `confirmed_per_day` counts ticks by ISO date. `ticked_at` has
    the time of each tick (UTC) by task id: from these `agree` computes minutes per task and per label.

    From `created`, when the project was created, it knows another project. `receipt`, with `newest` (the highest ids of
    a span, relation and comment), takes the place of the server's receipt on a server that stores none.
    """

    annotator: str
    project: int
    rows: str | None
    work: str | None
    inputs: str
    export: str
    layers: str
    tasks: int
    done: int
    started: int
    confirmed_per_day: dict[str, int] = {}
    ticked_at: dict[str, str] = {}
    created: str = ""
    receipt: Receipt | None = None
    newest: tuple[int, int, int] = (0, 0, 0)


class PullRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The last pull of a batch from a server; `annotators` are all annotators of the plan, which `inputs` digests."""

    batch: str
    server: str
    projects: tuple[PulledProject, ...]
    inputs: str | None = None
    annotators: tuple[str, ...] = ()


def digest(*parts: bytes) -> str:
    """Return the SHA-256 of `parts`, each with its length, in hexadecimal."""
    total = hashlib.sha256()
    for part in parts:
        total.update(b"%d\0" % len(part))
        total.update(part)
    return total.hexdigest()


def digest_files(paths: Iterable[Path]) -> str:
    """Return the same digest of the files that exist, without reading a whole file into memory."""
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
    """Return the path of a batch's ledger."""
    return workspace.private / "ledger" / f"{batch}.json"


def _pulls_path(workspace: Workspace, batch: str) -> Path:
    return workspace.private / "ledger" / f"{batch}.pulls.json"


def read_ledger(workspace: Workspace, batch: str) -> Ledger | None:
    """Read the ledger of a batch; return None if it was never pushed from here, or the ledger is unreadable."""
    try:
        return jsonl.read_document(ledger_path(workspace, batch), Ledger)
    except GoldwireError:
        return None


def last_pull(workspace: Workspace, batch: str) -> PullRecord:
    """Read the record of the last pull; return an empty one if there is none or it is unreadable."""
    try:
        return jsonl.read_document(_pulls_path(workspace, batch), PullRecord)
    except GoldwireError:
        return PullRecord(batch=batch, server="", projects=())


def read_pulls(workspace: Workspace, batch: str, server: str) -> dict[str, PulledProject]:
    """Return the last pull from `server`, by annotator; empty if the last pull was from another server."""
    record = last_pull(workspace, batch)
    return {project.annotator: project for project in record.projects} if record.server == server else {}


def write_ledger(workspace: Workspace, ledger: Ledger) -> None:
    """Write the ledger of a batch."""
    jsonl.write_document(ledger_path(workspace, ledger.batch), ledger)


def write_pulls(workspace: Workspace, record: PullRecord) -> None:
    """Write the record of the last pull."""
    jsonl.write_document(_pulls_path(workspace, record.batch), record)
