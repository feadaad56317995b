"""Deletion of unplanned work on the server by `push --force`, after a backup of its export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from goldwire.doccano.client.project_reader import read_project
from goldwire.doccano.client.session import Session
from goldwire.doccano.ledger import digest
from goldwire.doccano.project import Project
from goldwire.records import is_expert
from goldwire.workspace import atomic
from goldwire.workspace.layout import Workspace

__all__ = ["FOLDER", "UnplannedProject", "backup_writer", "remove_project", "unplanned_projects"]

FOLDER = "forced"
"""The folder of the backups, below annotations/exports/<batch>/."""


class UnplannedProject(msgspec.Struct, frozen=True, kw_only=True):
    """The project of an annotator who no longer has tasks in the batch; `worked` counts rows with work in them."""

    annotator: str
    project: int
    address: str
    rows: int
    worked: int


def backup_writer(workspace: Workspace, batch: str, annotator: str) -> Callable[[bytes], str]:
    """Return a function that saves an export and returns its path.

    The file is named by its content, so that saving the same export again writes nothing.
    """

    def save(data: bytes) -> str:
        path = workspace.exports / batch / FOLDER / f"{annotator}-{digest(data)[:12]}.jsonl"
        atomic.write_bytes(path, data)
        return workspace.relative(path)

    return save


def unplanned_projects(
    session: Session, projects: Mapping[str, tuple[Project, ...]], planned: Iterable[str]
) -> tuple[UnplannedProject, ...]:
    """Return a batch's projects whose annotator is not in `planned`, except the experts' projects."""
    assigned = frozenset(planned)
    numbered_projects = sorted(
        (annotator, project.id)
        for annotator, projects_of_annotator in projects.items()
        for project in projects_of_annotator
    )
    return tuple(
        _describe(session, annotator, number)
        for annotator, number in numbered_projects
        if annotator not in assigned and not is_expert(annotator)
    )


def _describe(session: Session, annotator: str, number: int) -> UnplannedProject:
    export = read_project(session, number)
    return UnplannedProject(
        annotator=annotator,
        project=number,
        address=f"{session.url}/projects/{number}",
        rows=len(export.rows),
        worked=sum(row.worked_on or row.id in export.confirmed for row in export.rows),
    )


def remove_project(session: Session, workspace: Workspace, batch: str, unplanned: UnplannedProject) -> str:
    """Save the project's export, then delete the project; return the path of the export."""
    path = backup_writer(workspace, batch, unplanned.annotator)(read_project(session, unplanned.project).data())
    session.client.delete_project(unplanned.project)
    return path
