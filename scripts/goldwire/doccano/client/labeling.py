"""Submitting a layer through the server's own API, signed in as its annotator, as the browser does.

The demo and the tests use it, and so does the adjudication project to show the labels on which the annotators agree.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from goldwire.doccano import conversion
from goldwire.doccano.client.session import Session
from goldwire.errors import ServerError
from goldwire.records import AnnotationLayer, Article, Task

__all__ = ["AnnotatorSession", "open_session", "submit_layer"]


class AnnotatorSession(msgspec.Struct, frozen=True, kw_only=True):
    """An annotator's project, ready for labels.

    `examples` are the ids of examples by task id, `spans` and `relations` the ids of label types by name. In a project
    of kind `stance`, there are no spans, and `relations` are the categories.
    """

    session: Session
    project: int
    examples: dict[str, int]
    spans: dict[str, int]
    relations: dict[str, int]
    voice: str


def open_session(session: Session, project: int, *, voice: str) -> AnnotatorSession:
    """Request once what every submission needs. If a task has copies, the oldest counts."""
    newest_first = sorted(session.http.pages(f"projects/{project}/examples"), key=lambda example: -example["id"])
    spans = {label.text: label.id for label in session.client.list_label_types(project, "span")}
    stances = session.client.list_label_types(project, "relation" if spans else "category")
    return AnnotatorSession(
        session=session,
        project=project,
        examples={str(example["meta"].get("gw_task_id")): example["id"] for example in newest_first},
        spans=spans,
        relations={label.text: label.id for label in stances},
        voice=voice,
    )


def submit_layer(annotator: AnnotatorSession, layer: AnnotationLayer, task: Task, article: Article) -> None:
    """Create the spans, relations and comments of `layer` that its task lacks; tick it done if the layer is confirmed.

    Repeatable: labels that exist are not created again, and a tick, which the server toggles, is checked first.
    Nothing is ever removed. A task or a label that the project does not have raises ServerError.
    """
    labels = conversion.to_doccano(layer, task, article, annotator.voice)
    categories = sorted(
        {
            stance.stance
            for stance in layer.stances
            if stance.target_name is not None and stance.target_name == task.target
        }
    )
    _require_known(annotator, task, labels, categories)
    example = annotator.examples[task.id]
    _create_spans_and_relations(annotator, example, labels)
    _create_categories(annotator, example, categories)
    _post_comments(annotator, example, layer.comments)
    path = f"projects/{annotator.project}/examples/{example}/states"
    if layer.confirmed and not annotator.session.http.get(path)["count"]:
        annotator.session.http.post(path)


def _create_spans_and_relations(annotator: AnnotatorSession, example: int, labels: conversion.DoccanoLabels) -> None:
    if not labels.spans:
        return
    client, project = annotator.session.client, annotator.project
    span_ids = {(s.start_offset, s.end_offset, s.label): s.id for s in client.list_spans(project, example)}
    ids = []
    for start, end, label in labels.spans:
        span = (start, end, annotator.spans[label])
        if span not in span_ids:
            span_ids[span] = client.create_span(project, example, *span).id
        ids.append(span_ids[span])
    existing = {(r.from_id, r.to_id, r.type) for r in client.list_relations(project, example)}
    for holder, target, stance in labels.relations:
        relation = (ids[holder], ids[target], annotator.relations[stance])
        if relation not in existing:
            client.create_relation(project, example, *relation)
            existing.add(relation)


def _create_categories(annotator: AnnotatorSession, example: int, categories: Sequence[str]) -> None:
    if categories:
        client, project = annotator.session.client, annotator.project
        existing = {category.label for category in client.list_categories(project, example)}
        for category in categories:
            if annotator.relations[category] not in existing:
                client.create_category(project, example, annotator.relations[category])


def _post_comments(annotator: AnnotatorSession, example: int, comments: tuple[str, ...]) -> None:
    if comments:
        path = f"projects/{annotator.project}/comments"
        existing = {comment["text"] for comment in annotator.session.http.pages(path, example=example)}
        for text in comments:
            if text not in existing:
                annotator.session.http.post(path, {"text": text}, example=example)


def _require_known(
    annotator: AnnotatorSession, task: Task, labels: conversion.DoccanoLabels, categories: Sequence[str]
) -> None:
    """Raise ServerError if the project lacks the task or one of the labels."""
    location = f"{annotator.session.url}/projects/{annotator.project}"
    hint = "`goldwire push` adds what is missing"
    if task.id not in annotator.examples:
        raise ServerError(f"the project has no task {task.id!r}", location=location, hint=hint)
    unknown = {label for _, _, label in labels.spans} - annotator.spans.keys()
    unknown |= {*(stance for _, _, stance in labels.relations), *categories} - annotator.relations.keys()
    if unknown:
        raise ServerError(f"the project has no label {min(unknown)!r}", location=location, hint=hint)
