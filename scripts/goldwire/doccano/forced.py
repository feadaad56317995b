"""What `push --force` takes from the server: saved as the server exports it first, and only then deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from goldwire import atomic
from goldwire.doccano import project
from goldwire.doccano.ledger import digest
from goldwire.doccano.read import read
from goldwire.doccano.session import Session
from goldwire.experts import is_expert
from goldwire.layout import Workspace

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


def unplanned(session: Session, workspace: Workspace, batch: str, planned: Iterable[str]) -> tuple[Unplanned, ...]:
    """Projects of this batch on the server that belong to nobody who is `planned`; an expert's is none."""
    known = set(planned)
    ours = re.compile(re.escape(project.mark(workspace.settings.name, batch, "")[:-1]) + r"([^/\]]+)\]")
    found = []
    for one in session.http.pages("projects", q=f"/{batch}/"):
        marked = ours.search(str(one["description"]).rstrip()[-200:])
        if marked is None or marked[1] in known or is_expert(marked[1]):
            continue
        reading = read(session, one["id"])
        found.append(
            Unplanned(
                annotator=marked[1],
                project=one["id"],
                address=f"{session.url}/projects/{one['id']}",
                rows=len(reading.rows),
                worked=sum(row.worked_on or row.id in reading.confirmed for row in reading.rows),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.annotator, one.project)))


def remove(session: Session, workspace: Workspace, batch: str, one: Unplanned) -> str:
    """Save the project's export, then delete the project; where it was saved."""
    saved = saver(workspace, batch, one.annotator)(read(session, one.project).data())
    session.client.delete_project(one.project)
    return saved
