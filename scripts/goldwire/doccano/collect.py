"""From a project's rows to an annotator's layers, and to what is wrong with them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from goldwire.doccano.convert import Problem, Row, incoming, shown
from goldwire.doccano.reconcile import compare
from goldwire.records import AnnotationLayer, Article, Task, text_digest
from goldwire.schema import Schema

__all__ = ["Asked", "Collected", "Trouble", "collect"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What one annotator was asked in one batch, and under which rules."""

    batch: str
    annotator: str
    tasks: tuple[Task, ...]
    articles: Mapping[str, Article]
    schema: Schema
    guidelines_version: str


class Trouble(msgspec.Struct, frozen=True):
    """A problem, the task it is in, and the row: None where the server has none."""

    task: str
    row: Row | None
    problem: Problem


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """Layers by article id; `kept` counts those of an earlier pull that stand."""

    layers: tuple[AnnotationLayer, ...]
    kept: int
    troubles: tuple[Trouble, ...]


def collect(
    asked: Asked, rows: Sequence[Row], confirmed: frozenset[int], former: Mapping[str, AnnotationLayer]
) -> Collected:
    """Make a layer of every task that was worked on or ticked done; nothing said is no layer.

    Where anything in a row cannot be trusted the layer in `former` (by article id) stands. A layer that says just
    what the former said keeps the former's versions: it was made under those guidelines.
    """
    troubles = _stale(asked)
    stale = {trouble.task for trouble in troubles}
    tasks = [task for task in asked.tasks if task.id not in stale]
    found = compare(rows, tasks, {t.id: shown(t, asked.articles[t.article_id]) for t in tasks}, confirmed)
    troubles += [Trouble(task_id, row, problem) for task_id, row, problem in found.problems]
    troubles += [
        Trouble(name, None, Problem("server-task-missing", "the server has no such task")) for name in found.missing
    ]
    layers: list[AnnotationLayer] = []
    spoilt = {trouble.task for trouble in troubles}
    for task in tasks:
        row = found.kept.get(task.id)
        if row is None or task.id in spoilt or not (row.worked_on or row.id in confirmed):
            continue
        layer, problems = _layer(asked, task, row, confirmed=row.id in confirmed)
        if problems:
            troubles += [Trouble(task.id, row, problem) for problem in problems]
        else:
            layers.append(_unless_same(layer, former.get(task.article_id)))
    article_of = {task.id: task.article_id for task in asked.tasks}
    kept = [former[name] for name in sorted({article_of[t.task] for t in troubles}) if name in former]
    troubles += [
        Trouble(asked.batch, row, Problem("server-example-unknown", "has labels but is no task of this batch"))
        for row in found.strangers
        if row.worked_on and row.gw_task_id not in stale
    ]
    return Collected(
        layers=tuple(sorted((*layers, *kept), key=lambda layer: layer.article_id)),
        kept=len(kept),
        troubles=tuple(troubles),
    )


def _stale(asked: Asked) -> list[Trouble]:
    """Tasks whose article is gone or says something else than when it was planned."""
    troubles = []
    for task in asked.tasks:
        article = asked.articles.get(task.article_id)
        if article is None or text_digest(article.text) != task.text_sha256:
            what = "is gone" if article is None else "has changed"
            message = f"the text of {task.article_id} {what} since the batch was planned"
            troubles.append(Trouble(task.id, None, Problem("task-text-changed", message)))
    return troubles


def _layer(asked: Asked, task: Task, row: Row, *, confirmed: bool) -> tuple[AnnotationLayer, tuple[Problem, ...]]:
    article = asked.articles[task.article_id]
    spans, stances, problems = incoming(row, task, article, asked.schema)
    layer = AnnotationLayer(
        article_id=article.id,
        text_sha256=article.text_sha256,
        batch=asked.batch,
        annotator=asked.annotator,
        guidelines_version=asked.guidelines_version,
        schema_version=asked.schema.version,
        confirmed=confirmed,
        spans=spans,
        stances=stances,
        comments=tuple(comment.comment for comment in sorted(row.comments, key=lambda comment: comment.id)),
    )
    return layer, problems


def _unless_same(layer: AnnotationLayer, former: AnnotationLayer | None) -> AnnotationLayer:
    if former is None:
        return layer
    dated = msgspec.structs.replace(
        layer, guidelines_version=former.guidelines_version, schema_version=former.schema_version
    )
    return former if dated == former else layer
