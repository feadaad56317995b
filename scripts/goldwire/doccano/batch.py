"""A planned batch with its articles, and what makes it unfit for the server."""

from __future__ import annotations

import msgspec

from goldwire.doccano import conversion, names, project
from goldwire.doccano.ledger import digest_files
from goldwire.errors import DataError
from goldwire.records import AnnotationLayer, Article, Task, TaskKind, text_digest
from goldwire.text.display_limits import unsupported_reason
from goldwire.workspace import guidelines, loading
from goldwire.workspace import label_schema as schema
from goldwire.workspace.indexed_jsonl import IndexedJsonl, RecordLookup
from goldwire.workspace.layout import Workspace

__all__ = ["Planned", "fitted", "read"]


class Planned(msgspec.Struct, frozen=True):
    """A batch, read; its articles are only looked at where that has not been done since they last changed."""

    name: str
    file: str  # of the plan, relative
    tasks: tuple[Task, ...]
    inputs: str  # the digest of the files that `fitted` reads
    guide: guidelines.Guidelines
    schema: schema.Schema
    names: names.Names
    kind: TaskKind = "entities"
    articles: RecordLookup[Article] = {}
    digests: dict[str, str] = {}  # task id -> digest of what is shown
    suggested: dict[str, AnnotationLayer] = {}  # article id -> what annotators start with
    prelabels: dict[str, conversion.Outgoing] = {}  # task id -> the same for the server
    force: bool = False
    there: dict[str, tuple[project.Project, ...]] = {}  # its projects on the server, by annotator, before anything


def read(workspace: Workspace, batch: str) -> Planned:
    """The plan, less its articles."""
    tasks, path = loading.tasks(workspace, batch), workspace.tasks / f"{batch}.jsonl"
    for number, task in enumerate(tasks, 1):
        if task.kind != tasks[0].kind:
            raise DataError(
                f"a task of kind {task.kind!r} among those of {tasks[0].kind!r}",
                location=f"{path}:{number}",
                hint="plan them as two batches",
            )
    return Planned(
        name=batch,
        file=workspace.relative(path),
        tasks=tasks,
        inputs=digest_files((path, *sorted(workspace.articles.glob("*.jsonl")))),
        guide=guidelines.read_guidelines(workspace.guidelines),
        schema=schema.read_schema(workspace.schema),
        names=names.read(workspace, {name for task in tasks for name in task.annotators}),
        kind=tasks[0].kind if tasks else "entities",
    )


def fitted(workspace: Workspace, plan: Planned) -> Planned:
    """The plan with its articles; whatever would fail or be lost on the server is refused here."""
    corpus = IndexedJsonl(Article, "id", sorted(workspace.articles.glob("*.jsonl")))
    path, digests = workspace.tasks / f"{plan.name}.jsonl", {}
    for number, task in enumerate(plan.tasks, 1):
        digests[task.id] = text_digest(_fit(task, corpus.get(task.article_id), f"{path}:{number}"))
    return msgspec.structs.replace(plan, articles=corpus, digests=digests)


def _fit(task: Task, article: Article | None, place: str) -> str:
    """What is shown of the task's article; `place` is where the plan says so."""
    if article is None:
        raise DataError(f"no article {task.article_id!r}", location=place, hint="`goldwire ingest` brings it back")
    if task.text_sha256 != text_digest(article.text):
        raise DataError(
            f"the text of {article.id} has changed since the batch was planned",
            location=place,
            hint="restore it in corpus/, or plan the article anew in another batch",
        )
    text = conversion.shown(task, article)
    reason = unsupported_reason(text)
    if reason:
        raise DataError(f"{article.id} cannot be pushed: {reason}", location=place, hint="take it out of the batch")
    return text
