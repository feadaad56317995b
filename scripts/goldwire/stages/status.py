"""The status of a batch: progress and pace of each annotator, agreement so far and the top disagreements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from goldwire.agreement.batch import BatchContext, measure_batch
from goldwire.agreement.descriptions import describe
from goldwire.agreement.disagreements import find_disagreements
from goldwire.doccano.client.project_reader import ProjectState, fetch_state
from goldwire.doccano.client.session import Session, connect
from goldwire.doccano.ledger import read_pulls
from goldwire.doccano.project import Project, find_batch_projects, task_url
from goldwire.doccano.reports import days_left, per_day
from goldwire.errors import ServerError
from goldwire.parallel.threads import map_concurrently
from goldwire.records import Agreement, AnnotationLayer, Task
from goldwire.workspace import label_schema, loading
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotatorStatus", "BatchList", "BatchSummary", "StatusReport", "TopDisagreement", "list_batches", "run"]

_SHOWN = ("span_f1_exact", "stance_f1_exact", "stance_alpha_with_none", "stance_alpha_nominal")
_N_TOP = 5  # labels in the list of top disagreements


class AnnotatorStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator's progress on the server; `address` is the URL of the first task that is not done."""

    annotator: str
    tasks: int
    done: int
    started: int
    left: int
    per_day: float | None  # tasks per working day; None before the first one, or if the server gives no times
    days_left: int | None
    last_done: str | None  # the day of the last tick, UTC
    address: str | None


class TopDisagreement(msgspec.Struct, frozen=True, kw_only=True):
    """A label or stance that annotators disagree on: how often, and one article as an example."""

    label: str
    count: int
    article_id: str
    address: str | None


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """The status of a batch. Agreement and disagreements are those of the last pull."""

    batch: str
    server: str
    done: int
    tasks: int
    annotators: tuple[AnnotatorStatus, ...]
    agreement: tuple[Agreement, ...]
    top_disagreements: tuple[TopDisagreement, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.batch} at {self.server}: {self.done} of {self.tasks} done"
        for status in self.annotators:
            pace = "" if status.per_day is None else f", {status.per_day:.1f} per working day"
            days = "" if not status.days_left else f", {status.days_left} working days to go"
            counts = f"{status.done} of {status.tasks} done, {status.started} started, {status.left} left"
            yield f"{status.annotator}: {counts}{pace}{days}"
            if status.left and status.address:
                yield f"  next: {status.address}"
        yield from self.agreement_lines()
        for top in self.top_disagreements:
            example = top.address or "not on the server"
            yield f"disagreement on {top.label}: {top.count} times, for example in {top.article_id}: {example}"

    def agreement_lines(self) -> Iterator[str]:
        """Yield one line per coefficient."""
        yield from map(describe, self.agreement)


class BatchSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One batch, as the files of the workspace show it."""

    batch: str
    kind: str
    articles: int
    tasks: int
    annotators: tuple[str, ...]
    pulled_layers: int  # of all annotators
    confirmed_layers: int  # of articles that are ticked done
    has_gold: bool


class BatchList(msgspec.Struct, frozen=True, kw_only=True):
    """All batches of a workspace, in the order of their names."""

    batches: tuple[BatchSummary, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        if not self.batches:
            return "no batches yet: `goldwire sample BATCH --annotators A1,A2` plans one"
        return "\n".join(
            f"{batch.batch} ({batch.kind}): {batch.articles} articles, "
            f"{batch.tasks} tasks for {', '.join(batch.annotators)}; "
            f"{batch.confirmed_layers} of {batch.pulled_layers} pulled layers are done; "
            + ("adjudicated" if batch.has_gold else "not adjudicated")
            for batch in self.batches
        )


def list_batches(workspace: Workspace) -> BatchList:
    """Summarise every batch from the files of the workspace, without the server."""
    summaries = []
    for batch in loading.batches(workspace):
        tasks = loading.tasks(workspace, batch)
        pulled = (workspace.layers / batch).is_dir() and any((workspace.layers / batch).glob("*.jsonl"))
        layers = loading.layers(workspace, batch) if pulled else ()
        summaries.append(
            BatchSummary(
                batch=batch,
                kind=tasks[0].kind if tasks else "entities",
                articles=len({task.article_id for task in tasks}),
                tasks=sum(len(task.annotators) for task in tasks),
                annotators=tuple(sorted({name for task in tasks for name in task.annotators})),
                pulled_layers=len(layers),
                confirmed_layers=sum(layer.confirmed for layer in layers),
                has_gold=(workspace.gold / f"{batch}.jsonl").exists(),
            )
        )
    return BatchList(batches=tuple(summaries))


def run(workspace: Workspace, *, batch: str) -> StatusReport:
    """Report the progress of `batch` on the server, and the agreement in the last pull. Write nothing."""
    tasks = loading.tasks(workspace, batch)
    session = connect(workspace)
    annotators = sorted({name for task in tasks for name in task.annotators})
    projects = find_batch_projects(session, workspace.settings.name, batch)

    def fetch(annotator: str) -> tuple[AnnotatorStatus, dict[str, str]]:
        assigned = [task for task in tasks if annotator in task.annotators]
        return _annotator_status(session, annotator, assigned, projects.get(annotator, ()))

    statuses, pages = zip(*map_concurrently(annotators, fetch, "status"), strict=True) if annotators else ((), ())
    if all(status.address is None for status in statuses) and not read_pulls(workspace, batch, session.url):
        raise ServerError(
            f"batch {batch!r} is not on this server", location=session.url, hint="`goldwire push` uploads it"
        )
    layers = _layers(workspace, batch)
    return StatusReport(
        batch=batch,
        server=session.url,
        done=sum(status.done for status in statuses),
        tasks=sum(status.tasks for status in statuses),
        annotators=statuses,
        agreement=_agreement(workspace, batch, layers, by_name=any(task.kind == "stance" for task in tasks)),
        top_disagreements=tuple(_top_disagreements(layers, dict(zip(annotators, pages, strict=True)))),
    )


def _annotator_status(
    session: Session, annotator: str, assigned: Sequence[Task], projects: Sequence[Project]
) -> tuple[AnnotatorStatus, dict[str, str]]:
    """Return the annotator's status, and the URL of each article."""
    if not projects:
        return _status(annotator, len(assigned)), {}
    project = projects[0]
    state = fetch_state(session, project.id, examples=True)
    if state is None:
        done = _count_confirmed(session, project.id)
        return _status(annotator, len(assigned), done=done, address=task_url(session, project.id, 1, project.kind)), {}
    return _status_from_state(session, annotator, assigned, project, state)


def _status_from_state(
    session: Session, annotator: str, assigned: Sequence[Task], project: Project, state: ProjectState
) -> tuple[AnnotatorStatus, dict[str, str]]:
    """Return the same from the state page, which has the time of each tick."""
    task_ids = {task.id for task in assigned}
    rows = [
        (task_url(session, project.id, page, project.kind), example)
        for page, example in enumerate(state.examples, 1)
        if example.meta.get("gw_task_id") in task_ids
    ]
    pages: dict[str, str] = {}
    for address, example in rows:
        pages.setdefault(str(example.meta.get("gw_article_id")), address)
    days = [date.fromisoformat(example.confirmed_at[:10]) for _, example in rows if example.confirmed_at is not None]
    status = _status(
        annotator,
        len(assigned),
        done=len(days),
        started=sum(example.worked_on and example.confirmed_at is None for _, example in rows),
        days=days,
        address=next((address for address, example in rows if example.confirmed_at is None), None)
        or next(iter(pages.values()), None),
    )
    return status, pages


def _status(
    annotator: str,
    n_tasks: int,
    *,
    done: int = 0,
    started: int = 0,
    days: Sequence[date] = (),
    address: str | None = None,
) -> AnnotatorStatus:
    pace, left = per_day(Counter(days)), n_tasks - done
    return AnnotatorStatus(
        annotator=annotator,
        tasks=n_tasks,
        done=done,
        started=started,
        left=left,
        per_day=pace,
        days_left=days_left(left, pace),
        last_done=max(days).isoformat() if days else None,
        address=address,
    )


def _count_confirmed(session: Session, project: int) -> int:
    """Return the number of rows that are ticked done, on a server without a state page."""
    return int(session.http.get(f"projects/{project}/examples", limit=1, confirmed="true")["count"])


def _layers(workspace: Workspace, batch: str) -> tuple[AnnotationLayer, ...]:
    folder = workspace.layers / batch
    return loading.layers(workspace, batch) if any(folder.glob("*.jsonl")) else ()


def _agreement(
    workspace: Workspace, batch: str, layers: Sequence[AnnotationLayer], *, by_name: bool
) -> tuple[Agreement, ...]:
    """Return the headline figures without intervals, which would take seconds; only of stances without spans."""
    if len({layer.annotator for layer in layers}) < 2:
        return ()
    labels = label_schema.read_schema(workspace.schema)
    texts = {key: article.text for key, article in loading.articles(workspace).items()}
    context = BatchContext(labels=labels.entity_labels, stances=labels.stance_labels, texts=texts)
    values = measure_batch(batch, layers, context, interval=None).values
    headline = [value for value in values if value.is_whole and value.coefficient in _SHOWN]
    return tuple(value for value in headline if not by_name or value.unit == "stance")


def _top_disagreements(
    layers: Sequence[AnnotationLayer], pages: Mapping[str, Mapping[str, str]]
) -> Iterator[TopDisagreement]:
    """Yield the labels that most disagreements are about, each with the page of its first article.

    `pages` are the URLs of articles by annotator and article id.
    """
    disputes = find_disagreements(layers)
    counts = Counter(label for dispute in disputes for label in dispute.labels if label)
    for label, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_N_TOP]:
        first = next(dispute for dispute in disputes if label in dispute.labels)
        addresses = (pages.get(name, {}).get(first.article_id) for name, _ in first.answers)
        address = next((address for address in addresses if address), None)
        yield TopDisagreement(label=label, count=count, article_id=first.article_id, address=address)
