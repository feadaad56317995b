"""What `push --force` takes from the server: saved as the server exports it first, and only then deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from goldwire.doccano import project
from goldwire.doccano.client.project_reader import read
from goldwire.doccano.client.session import Session
from goldwire.doccano.ledger import digest
from goldwire.records import is_expert
from goldwire.workspace import atomic
from goldwire.workspace.layout import Workspace

__all__ = ["Unplanned", "remove", "saver", "unplanned"]

FOLDER = "forced"


class Unplanned(msgspec.Struct, frozen=True, kw_only=True):
    """The project of an annotator whom the batch no longer asks anything; `worked` counts rows with work in them."""

    annotator: str
    project: int
    address: str
    rows: int
    worked: int


def saver(workspace: Workspace, batch: str, annotator: str) -> Callable[[bytes], str]:
    """A function that saves an export, named by its content so that twice is once, and says where."""

    def save(data: bytes) -> str:
        path = workspace.exports / batch / FOLDER / f"{annotator}-{digest(data)[:12]}.jsonl"
        atomic.write_bytes(path, data)
        return workspace.relative(path)

    return save


def unplanned(
    session: Session, there: Mapping[str, tuple[project.Project, ...]], planned: Iterable[str]
) -> tuple[Unplanned, ...]:
    """Those of a batch's projects, by annotator, that belong to nobody who is `planned`; an expert's is none."""
    known = set(planned)
    others = [(name, one.id) for name, projects in there.items() for one in projects]
    return tuple(
        _unplanned(session, name, number)
        for name, number in sorted(others)
        if name not in known and not is_expert(name)
    )


def _unplanned(session: Session, annotator: str, number: int) -> Unplanned:
    reading = read(session, number)
    return Unplanned(
        annotator=annotator,
        project=number,
        address=f"{session.url}/projects/{number}",
        rows=len(reading.rows),
        worked=sum(row.worked_on or row.id in reading.confirmed for row in reading.rows),
    )


def remove(session: Session, workspace: Workspace, batch: str, one: Unplanned) -> str:
    """Save the project's export, then delete the project; where it was saved."""
    saved = saver(workspace, batch, one.annotator)(read(session, one.project).data())
    session.client.delete_project(one.project)
    return saved
