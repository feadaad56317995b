"""A planned batch with its articles, and the reasons why an article cannot be pushed."""

from __future__ import annotations

import msgspec

from goldwire.doccano import conversion
from goldwire.doccano.accounts import People, read_people
from goldwire.doccano.ledger import digest_files
from goldwire.doccano.project import Project
from goldwire.errors import DataError
from goldwire.records import AnnotationLayer, Article, Task, TaskKind, text_digest
from goldwire.text.display_limits import unsupported_reason
from goldwire.workspace import guidelines, label_schema, loading
from goldwire.workspace.indexed_jsonl import IndexedJsonl, RecordLookup
from goldwire.workspace.layout import Workspace

__all__ = ["PlannedBatch", "load_articles", "read_plan"]


class PlannedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch plan. Its articles are read only if they have changed since they were last checked."""

    name: str
    file: str  # the plan, relative to the workspace
    tasks: tuple[Task, ...]
    inputs: str  # digest of the files that `load_articles` reads
    guide: guidelines.Guidelines
    schema: label_schema.Schema
    people: People
    kind: TaskKind = "entities"
    articles: RecordLookup[Article] = {}
    digests: dict[str, str] = {}  # task id -> digest of the displayed text
    suggested: dict[str, AnnotationLayer] = {}  # article id -> the pre-labels that annotators start with
    prelabels: dict[str, conversion.DoccanoLabels] = {}  # task id -> the same for the server
    force: bool = False
    projects: dict[str, tuple[Project, ...]] = {}  # on the server before the push, by annotator

    def assigned(self, annotator: str) -> tuple[Task, ...]:
        """Return the tasks of `annotator`."""
        return tuple(task for task in self.tasks if annotator in task.annotators)


def read_plan(workspace: Workspace, batch: str) -> PlannedBatch:
    """Read the plan of a batch, without its articles."""
    tasks, path = loading.tasks(workspace, batch), workspace.tasks_file(batch)
    for number, task in enumerate(tasks, 1):
        if task.kind != tasks[0].kind:
            raise DataError(
                f"a task of kind {task.kind!r} in a batch of kind {tasks[0].kind!r}",
                location=f"{path}:{number}",
                hint="plan them as two batches",
            )
    return PlannedBatch(
        name=batch,
        file=workspace.relative(path),
        tasks=tasks,
        inputs=digest_files((path, *sorted(workspace.articles.glob("*.jsonl")))),
        guide=guidelines.read_guidelines(workspace.guidelines),
        schema=label_schema.read_schema(workspace.schema),
        people=read_people(workspace, {name for task in tasks for name in task.annotators}),
        kind=tasks[0].kind if tasks else "entities",
    )


def load_articles(workspace: Workspace, plan: PlannedBatch) -> PlannedBatch:
    """Return the plan with its articles; raise DataError if the server would refuse or change the text of one."""
    corpus = IndexedJsonl(Article, "id", sorted(workspace.articles.glob("*.jsonl")))
    path, digests = workspace.tasks_file(plan.name), {}
    for number, task in enumerate(plan.tasks, 1):
        text = _displayed_text(task, corpus.get(task.article_id), location=f"{path}:{number}")
        digests[task.id] = text_digest(text)
    return msgspec.structs.replace(plan, articles=corpus, digests=digests)


def _displayed_text(task: Task, article: Article | None, *, location: str) -> str:
    """Return the text that the task displays; raise DataError if it cannot be pushed."""
    if article is None:
        raise DataError(
            f"no article {task.article_id!r}", location=location, hint="run `goldwire ingest` to restore it"
        )
    if task.text_sha256 != text_digest(article.text):
        raise DataError(
            f"the text of {article.id} has changed since the batch was planned",
            location=location,
            hint="restore it in corpus/, or plan the article again in another batch",
        )
    text = conversion.task_text(task, article)
    reason = unsupported_reason(text)
    if reason:
        raise DataError(f"{article.id} cannot be pushed: {reason}", location=location, hint="remove it from the batch")
    return text
