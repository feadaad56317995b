"""A target that is asked about by name: one text, one category. Pure: records in, records out."""

from __future__ import annotations

import json

from goldwire.doccano.conversion import Problem, Row, shown
from goldwire.records import Article, StanceLabel, Task, text_digest
from goldwire.workspace.label_schema import Schema

__all__ = ["incoming", "row_line"]


def row_line(task: Task, article: Article) -> bytes:
    """The line that imports `task`, as `convert.row_line` makes that of entities: ASCII only, the same keys always."""
    text = shown(task, article)
    row: dict[str, object] = {
        "text": text,
        "label": [],
        "gw_task_id": task.id,
        "gw_article_id": task.article_id,
        "gw_text_sha256": text_digest(text),
        "gw_target": task.target,
    }
    return json.dumps(row, ensure_ascii=True).encode("ascii") + b"\n"


def incoming(
    row: Row, task: Task, article: Article, schema: Schema, *, confirmed: bool
) -> tuple[tuple[StanceLabel, ...], tuple[Problem, ...]]:
    """The article's own stance to the task's target, as a row has it; none where the row cannot be trusted."""
    if not row.says(shown(task, article)):
        return (), (Problem("server-text-edited", "the text on the server is not the article's"),)
    unknown = [label for label in row.chosen if label not in schema.stance_labels]
    if unknown:
        return (), (Problem("server-label-unknown", f"the schema has no stance {unknown[0]!r}"),)
    if confirmed and not row.chosen:
        message = f"ticked done without a stance to {task.target!r}, and is not counted as done"
        return (), (Problem("server-stance-missing", message, dropped=True),)
    return tuple(
        StanceLabel(id=f"R{number}", holder=None, target_name=task.target, stance=label)
        for number, label in enumerate(row.chosen, 1)
    ), ()
