"""L2: tasks ask what can be answered, and layers answer what was asked."""

from __future__ import annotations

from collections.abc import Iterator

from goldwire.checks.snapshot import Snapshot
from goldwire.checks.workspace_files import batch_of
from goldwire.records import Finding, Task

__all__ = ["CHECKS"]


def tasks(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield what is wrong with a task: its window, its target, those it is asked of."""
    articles = {entry.record.id: entry.record for entry in snapshot.articles}
    for entry in snapshot.tasks:
        article = articles.get(entry.record.article_id)
        # A task on another text is said to be stale: its window is of that text.
        known = article is not None and article.text_sha256 == entry.record.text_sha256
        for code, message in _faults(entry.record, len(article.text) if known and article is not None else None):
            yield entry.finding(code, entry.record.id, message)


def _faults(task: Task, length: int | None) -> Iterator[tuple[str, str]]:
    start, end = task.window
    if length is not None and not 0 <= start < end <= length:
        yield "task-window", f"[{start}, {end}) in a text of {length} code points"
    first, last = task.context or task.window
    if length is not None and not (0 <= first <= start and end <= last <= length) and task.context:
        yield "task-window", f"shows [{first}, {last}) for [{start}, {end}) in a text of {length} code points"
    if (task.kind == "stance") != bool(task.target):
        yield "task-target", f"a task of kind {task.kind!r} with target {task.target!r}"
    if not task.annotators or len(set(task.annotators)) < len(task.annotators):
        yield "task-annotators", f"asked of {', '.join(task.annotators) or 'nobody'}"


def windows(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each span outside what its annotator was shown."""
    lengths = {entry.record.id: len(entry.record.text) for entry in snapshot.articles}
    shown: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for entry in snapshot.tasks:
        task = entry.record
        shown.setdefault((batch_of(entry.file), task.article_id), []).append(task.window)
    for layer in snapshot.layers if snapshot.tasks.whole else ():
        of_article = shown.get((batch_of(layer.file), layer.record.article_id))
        length = lengths.get(layer.record.article_id, 0)
        for span in layer.record.spans if of_article else ():
            if 0 <= span.start < span.end <= length and not any(
                start <= span.start and span.end <= end for start, end in of_article or ()
            ):
                bounds = ", ".join(f"[{start}, {end})" for start, end in of_article or ())
                yield layer.finding(
                    "span-outside-window", span.id, f"[{span.start}, {span.end}), the task shows {bounds}"
                )


CHECKS = (tasks, windows)
