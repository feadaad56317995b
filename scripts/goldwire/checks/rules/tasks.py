"""L2: tasks can be answered as planned, and spans are within the windows of their tasks."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.check import check
from goldwire.checks.rule import Rule
from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.records import Finding, Task

__all__ = ["malformed_tasks", "spans_outside_windows"]

TASK_WINDOW = Rule(
    code="task-window",
    level=2,
    severity="error",
    summary="the window or context of a task is not in the text",
    why="The annotator would see nothing, or another part of the text than was planned.",
    fix="Plan the batch again with `goldwire sample`.",
    example=(
        "annotations/tasks/b01.jsonl:3 b01-0003: L2 span error [task-window] the window [0, 421) in a text of "
        "420 code points"
    ),
)
TASK_TARGET = Rule(
    code="task-target",
    level=2,
    severity="error",
    summary="the target of a task does not fit its kind",
    why="A task about a stance needs one target, and a task about entities has none.",
    fix="Plan the batch again with `goldwire sample`.",
    example=(
        "annotations/tasks/b01.jsonl:3 b01-0003: L2 span error [task-target] a task of kind 'entities' has the "
        "target 'the toll'"
    ),
)
TASK_ANNOTATORS = Rule(
    code="task-annotators",
    level=2,
    severity="error",
    summary="a task is assigned to no annotator, or to the same annotator twice",
    why="It is never answered, or one answer counts as two.",
    fix="Plan the batch again with `goldwire sample`.",
    example="annotations/tasks/b01.jsonl:1 b01-0001: L2 span error [task-annotators] assigned to A1, A2, A2, A3",
)


@check(TASK_WINDOW, TASK_TARGET, TASK_ANNOTATORS)
def malformed_tasks(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield findings about the windows, targets and annotators of tasks."""
    articles = {entry.record.id: entry.record for entry in snapshot.articles}
    for entry in snapshot.tasks:
        article = articles.get(entry.record.article_id)
        # The window of a task with another text belongs to that text; `text-stale` reports it.
        is_current = article is not None and article.text_sha256 == entry.record.text_sha256
        for rule, message in _task_problems(entry.record, len(article.text) if is_current and article else None):
            yield entry.finding(rule, entry.record.id, message)


def _task_problems(task: Task, length: int | None) -> Iterator[tuple[Rule, str]]:
    start, end = task.window
    if length is not None and not 0 <= start < end <= length:
        yield TASK_WINDOW, f"the window [{start}, {end}) in a text of {length} code points"
    if length is not None and task.context is not None:
        first, last = task.context
        if not (0 <= first <= start and end <= last <= length):
            message = f"the context [{first}, {last}) of [{start}, {end}) in a text of {length} code points"
            yield TASK_WINDOW, message
    if (task.kind == "stance") != bool(task.target):
        yield TASK_TARGET, f"a task of kind {task.kind!r} has the target {task.target!r}"
    if not task.annotators or len(set(task.annotators)) < len(task.annotators):
        yield TASK_ANNOTATORS, f"assigned to {', '.join(task.annotators) or 'nobody'}"


SPAN_OUTSIDE_WINDOW = Rule(
    code="span-outside-window",
    level=2,
    severity="warning",
    summary="a span is outside the windows of its tasks",
    why="No task asks about that part of the text, so that other annotators cannot agree with the span.",
    fix="Remove the span, or plan a task for the whole article.",
    example=(
        "annotations/layers/b01/A1.jsonl:1 T8: L2 span warning [span-outside-window] [377, 390) is outside [0, 380)"
    ),
)


@check(SPAN_OUTSIDE_WINDOW)
def spans_outside_windows(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each span that is in none of its article's windows."""
    lengths = {entry.record.id: len(entry.record.text) for entry in snapshot.articles}
    windows: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for entry in snapshot.tasks:
        windows.setdefault((batch_of(entry.file), entry.record.article_id), []).append(entry.record.window)
    for layer in snapshot.layers if snapshot.tasks.is_complete else ():
        of_article = windows.get((batch_of(layer.file), layer.record.article_id), [])
        length = lengths.get(layer.record.article_id, 0)
        for span in layer.record.spans if of_article else ():
            is_span = 0 <= span.start < span.end <= length
            if is_span and not any(start <= span.start and span.end <= end for start, end in of_article):
                bounds = ", ".join(f"[{start}, {end})" for start, end in of_article)
                message = f"[{span.start}, {span.end}) is outside {bounds}"
                yield layer.finding(SPAN_OUTSIDE_WINDOW, span.id, message)
