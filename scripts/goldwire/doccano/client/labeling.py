"""Enter a layer through the server's own API, signed in as its annotator, as the browser would.

The demo and the tests use it; and it moves work that was done elsewhere to the server.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from goldwire.doccano import conversion
from goldwire.doccano.client.session import Session
from goldwire.errors import ServerError
from goldwire.records import AnnotationLayer, Article, Task

__all__ = ["Desk", "enter", "open_desk"]


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """An annotator's project, opened: its examples by task id, its label types' ids by name, the voice label.

    Where targets are asked about by name it has no spans, and `relations` are the categories.
    """

    session: Session
    project: int
    examples: dict[str, int]
    spans: dict[str, int]
    relations: dict[str, int]
    voice: str


def open_desk(session: Session, project: int, *, voice: str) -> Desk:
    """Ask once for what every entry needs; of copies of a task the oldest counts."""
    rows = sorted(session.http.pages(f"projects/{project}/examples"), key=lambda row: -row["id"])
    spans = {label.text: label.id for label in session.client.list_label_types(project, "span")}
    stances = session.client.list_label_types(project, "relation" if spans else "category")
    return Desk(
        session=session,
        project=project,
        examples={str(row["meta"].get("gw_task_id")): row["id"] for row in rows},
        spans=spans,
        relations={label.text: label.id for label in stances},
        voice=voice,
    )


def enter(desk: Desk, layer: AnnotationLayer, task: Task, article: Article) -> None:
    """Enter the spans, relations and comments of `layer` that its task lacks, and tick it done where it is confirmed.

    Repeatable: what is there already is not entered again, and a confirmation, which the server toggles, is looked
    at first. Nothing is ever removed. A task or a label that the project does not have is a GoldwireError.
    """
    labels = conversion.outgoing(layer, task, article, desk.voice)
    named = sorted(
        {one.stance for one in layer.stances if one.target_name is not None and one.target_name == task.target}
    )
    _refuse_unknown(desk, task, labels, named)
    _mark(desk, desk.examples[task.id], labels)
    _choose(desk, desk.examples[task.id], named)
    _say(desk, desk.examples[task.id], layer.comments)
    path = f"projects/{desk.project}/examples/{desk.examples[task.id]}/states"
    if layer.confirmed and not desk.session.http.get(path)["count"]:
        desk.session.http.post(path)


def _mark(desk: Desk, example: int, labels: conversion.Outgoing) -> None:
    if not labels.spans:
        return
    client, project = desk.session.client, desk.project
    have = {(s.start_offset, s.end_offset, s.label): s.id for s in client.list_spans(project, example)}
    ids = []
    for start, end, label in labels.spans:
        place = (start, end, desk.spans[label])
        if place not in have:
            have[place] = client.create_span(project, example, *place).id
        ids.append(have[place])
    drawn = {(r.from_id, r.to_id, r.type) for r in client.list_relations(project, example)}
    for holder, target, stance in labels.relations:
        relation = (ids[holder], ids[target], desk.relations[stance])
        if relation not in drawn:
            client.create_relation(project, example, *relation)
            drawn.add(relation)


def _choose(desk: Desk, example: int, stances: Sequence[str]) -> None:
    chosen = {one.label for one in desk.session.client.list_categories(desk.project, example)} if stances else set()
    for stance in stances:
        if desk.relations[stance] not in chosen:
            desk.session.client.create_category(desk.project, example, desk.relations[stance])


def _say(desk: Desk, example: int, comments: tuple[str, ...]) -> None:
    if comments:
        path = f"projects/{desk.project}/comments"
        said = {comment["text"] for comment in desk.session.http.pages(path, example=example)}
        for text in comments:
            if text not in said:
                desk.session.http.post(path, {"text": text}, example=example)


def _refuse_unknown(desk: Desk, task: Task, labels: conversion.Outgoing, named: Sequence[str]) -> None:
    place, hint = f"{desk.session.url}/projects/{desk.project}", "`goldwire push` brings what is missing"
    if task.id not in desk.examples:
        raise ServerError(f"no task {task.id!r} here", location=place, hint=hint)
    unknown = {label for _, _, label in labels.spans} - desk.spans.keys()
    unknown |= {*(stance for _, _, stance in labels.relations), *named} - desk.relations.keys()
    if unknown:
        raise ServerError(f"no label {min(unknown)!r} here", location=place, hint=hint)
