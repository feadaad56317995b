"""The status of a batch: progress and pace of each annotator, agreement so far and the top disagreements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from math import isnan

import msgspec

from goldwire.agreement.batch import measure_batch
from goldwire.agreement.batch_context import BatchContext
from goldwire.agreement.descriptions import describe_all
from goldwire.agreement.disagreements import find_disagreements
from goldwire.doccano.client.project_reader import ProjectState, fetch_state
from goldwire.doccano.client.session import Session, connect
from goldwire.doccano.ledger import PulledProject, read_pulls
from goldwire.doccano.project import Project, find_batch_projects, task_url
from goldwire.doccano.reports import days_left, per_day
from goldwire.doccano.work_time import WorkTime, count_task_labels, measure_work_time, minutes_per_label, task_minutes
from goldwire.errors import ServerError
from goldwire.parallel.threads import map_concurrently
from goldwire.records import Agreement, AnnotationLayer, Article, Task
from goldwire.stages.repeated_text import ChecksOnCopies, checks_on_copies
from goldwire.text_table import align_columns
from goldwire.workspace import label_schema, loading
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotatorStatus", "StatusReport", "TopDisagreement", "run"]

_SHOWN = (
    *("span_f1_exact", "unitizing_alpha_cu"),
    *("stance_f1_exact", "stance_alpha_with_none", "stance_alpha_nominal"),
)
_N_TOP = 5  # labels in the list of top disagreements
_N_NAMES = 5  # in one message
_IDLE = 3  # days without a tick after which an annotator with tasks left is worth a message


class AnnotatorStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator's progress on the server; `address` is the URL of the first task that is not done."""

    annotator: str
    tasks: int
    done: int
    started: int
    left: int
    per_day: float | None  # tasks per working day; None before an hour of work, or if the server gives no times
    days_left: int | None
    last_done: str | None  # the day of the last tick, UTC
    address: str | None
    work: WorkTime = WorkTime()
    gold_check: Agreement | None = None  # exact F1 with the gold of copies, at the last pull
    self_agreement: Agreement | None = None  # exact F1 with own labels of repeated sentences
    minutes_per_label: float | None = None  # over the tasks of the last pull whose time is known


class TopDisagreement(msgspec.Struct, frozen=True, kw_only=True):
    """A label or stance that annotators disagree on: how often, and one article as an example."""

    label: str
    count: int
    article_id: str
    address: str | None
    title: str = ""


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """The status of a batch. Agreement and disagreements are those of the last pull."""

    batch: str
    server: str
    done: int
    tasks: int
    annotators: tuple[AnnotatorStatus, ...]
    agreement: tuple[Agreement, ...]
    top_disagreements: tuple[TopDisagreement, ...]
    name: str = ""
    read_at: str = ""  # ISO 8601, UTC
    pulled: int = 0  # tasks that are done in the last pull
    steps: tuple[str, ...] = ()  # what to do next

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.batch} at {self.server}: {self.done} of {self.tasks} done"
        yield from _table(self.annotators)
        for status in self.annotators:
            if status.left and status.address:
                yield f"next of {status.annotator}: {status.address}"
        yield from self.agreement_lines()
        if self.top_disagreements:
            rows = [(top.label, str(top.count), top.address or top.article_id) for top in self.top_disagreements]
            yield from align_columns([("disputed", "times", "for example in"), *rows], numbers={1})
        yield from (f"next: {step}" for step in self.steps)

    def agreement_lines(self) -> Iterator[str]:
        """Yield one line per coefficient."""
        yield from describe_all(self.agreement)


_COLUMNS = (
    *("annotator", "done", "of", "started", "min/task", "min/label", "a day", "days left"),
    *("gold check", "own copies"),
)


def _table(statuses: Sequence[AnnotatorStatus]) -> Iterator[str]:
    """Yield the table of annotators for the terminal, without the columns in which nobody has a value."""
    rows = [_cells(status) for status in statuses]
    head = [name if any(row[n] for row in rows) else "" for n, name in enumerate(_COLUMNS)]
    yield from align_columns([head, *rows], numbers=range(1, len(head)))
    if head[-1] or head[-2]:
        yield "gold check, own copies: F1 on sentences of copies, with gold and with own labels"


def _cells(status: AnnotatorStatus) -> tuple[str, ...]:
    """Return the row of an annotator in the table for the terminal."""
    checks = (status.gold_check, status.self_agreement)
    return (
        status.annotator,
        str(status.done),
        str(status.tasks),
        str(status.started),
        _decimal(status.work.minutes),
        _decimal(status.minutes_per_label),
        _decimal(status.per_day),
        str(status.days_left or ""),
        *("" if value is None or isnan(value.value) else f"{value.value:.2f}" for value in checks),
    )


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def run(workspace: Workspace, *, batch: str) -> StatusReport:
    """Report the progress of `batch` on the server, and the agreement in the last pull. Write nothing."""
    tasks = loading.tasks(workspace, batch)
    session = connect(workspace)
    annotators = sorted({name for task in tasks for name in task.annotators})
    projects = find_batch_projects(session, workspace.settings.name, batch)
    layers = loading.layers(workspace, batch) if loading.has_layers(workspace, batch) else ()

    def fetch(annotator: str) -> tuple[AnnotatorStatus, dict[str, str]]:
        assigned = [task for task in tasks if annotator in task.annotators]
        labels = {x.article_id: len(x.spans) + len(x.stances) for x in layers if x.annotator == annotator}
        return _annotator_status(session, assigned, projects.get(annotator, ()), annotator, labels)

    statuses, pages = zip(*map_concurrently(annotators, fetch, "status"), strict=True) if annotators else ((), ())
    pulls = read_pulls(workspace, batch, session.url)
    if all(status.address is None for status in statuses) and not pulls:
        raise ServerError(
            f"batch {batch!r} is not on this server", location=session.url, hint="`goldwire push` uploads it"
        )
    articles = loading.articles(workspace)
    statuses = _with_checks(statuses, checks_on_copies(workspace, layers, articles))
    pulled = _count_pulled(pulls, tasks, layers)
    return StatusReport(
        batch=batch,
        server=session.url,
        done=sum(status.done for status in statuses),
        tasks=sum(status.tasks for status in statuses),
        annotators=statuses,
        agreement=_agreement(workspace, batch, layers, articles, by_name=any(task.kind == "stance" for task in tasks)),
        top_disagreements=tuple(_top_disagreements(layers, dict(zip(annotators, pages, strict=True)), articles)),
        name=workspace.settings.name,
        read_at=datetime.now(UTC).isoformat(timespec="seconds"),
        pulled=pulled,
        steps=tuple(_steps(batch, statuses, pulled, has_gold=workspace.gold_file(batch).exists())),
    )


def _count_pulled(pulls: Mapping[str, PulledProject], tasks: Sequence[Task], layers: Sequence[AnnotationLayer]) -> int:
    """Return the number of tasks that were ticked done when they were last pulled.

    `pulls` are this machine's notes. Where another one has pulled, all tasks of a confirmed layer count.
    """
    confirmed = {(layer.annotator, layer.article_id) for layer in layers if layer.confirmed}
    by_layers = Counter(name for task in tasks for name in task.annotators if (name, task.article_id) in confirmed)
    by_notes = {name: max(pull.done, len(pull.ticked_at)) for name, pull in pulls.items()}
    return sum(max(by_layers[name], by_notes.get(name, 0)) for name in {*by_layers, *by_notes})


def _steps(batch: str, statuses: Sequence[AnnotatorStatus], pulled: int, *, has_gold: bool) -> Iterator[str]:
    """Yield what the project lead can do next, most urgent first."""
    done, today = sum(status.done for status in statuses), datetime.now(UTC).date()
    waiting = [status.annotator for status in statuses if status.left and not (status.done or status.started)]
    idle = [
        status.annotator
        for status in statuses
        if status.left and status.last_done and (today - date.fromisoformat(status.last_done)).days >= _IDLE
    ]
    if waiting and done:
        yield f"{_list_names(waiting)} did not start: `goldwire people {batch}` prints what each needs to sign in."
    if idle:
        yield f"{_list_names(idle)} ticked no article for {_IDLE} days or more: ask whether they need help."
    if done > pulled:
        yield f"{done - pulled} more done than in the last pull: `goldwire pull {batch}`."
    elif done and not any(status.left for status in statuses):
        step = f"`goldwire agree {batch}`, then `goldwire adjudicate {batch}`" if not has_gold else "`goldwire split`"
        yield f"Everything is done and downloaded: {step}."


def _with_checks(statuses: Sequence[AnnotatorStatus], checks: ChecksOnCopies) -> tuple[AnnotatorStatus, ...]:
    """Return the statuses with each annotator's agreement on copies."""
    return tuple(
        msgspec.structs.replace(
            status,
            gold_check=checks.gold_checks.get(status.annotator),
            self_agreement=checks.self_agreement.get(status.annotator),
        )
        for status in statuses
    )


def _list_names(names: Sequence[str]) -> str:
    """Return a few names, and the number of the others."""
    if len(names) <= _N_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:_N_NAMES])} and {len(names) - _N_NAMES} others"


def _annotator_status(
    session: Session,
    assigned: Sequence[Task],
    projects: Sequence[Project],
    annotator: str,
    labels: Mapping[str, int],
) -> tuple[AnnotatorStatus, dict[str, str]]:
    """Return the annotator's status, and the URL of each article; `labels` counts those of each article."""
    if not projects:
        return _status(annotator, len(assigned)), {}
    project = projects[0]
    state = fetch_state(session, project.id, examples=True)
    if state is None:
        done = _count_confirmed(session, project.id)
        return _status(annotator, len(assigned), done=done, address=task_url(session, project.id, 1, project.kind)), {}
    return _status_from_state(session, assigned, project, state, annotator, labels)


def _status_from_state(
    session: Session,
    assigned: Sequence[Task],
    project: Project,
    state: ProjectState,
    annotator: str,
    labels: Mapping[str, int],
) -> tuple[AnnotatorStatus, dict[str, str]]:
    """Return the same from the state page, which has the time of each tick."""
    articles = {task.id: task.article_id for task in assigned}
    rows = [
        (task_url(session, project.id, page, project.kind), example)
        for page, example in enumerate(state.examples, 1)
        if example.meta.get("gw_task_id") in articles
    ]
    pages: dict[str, str] = {}
    for address, example in rows:
        pages.setdefault(str(example.meta.get("gw_article_id")), address)
    ticks = {
        str(example.meta["gw_task_id"]): datetime.fromisoformat(example.confirmed_at)
        for _, example in rows
        if example.confirmed_at is not None
    }
    labels_of_task = count_task_labels(articles, labels)
    status = _status(
        annotator,
        len(assigned),
        done=len(ticks),
        started=sum(example.worked_on and example.confirmed_at is None for _, example in rows),
        ticks=ticks,
        address=next((address for address, example in rows if example.confirmed_at is None), None)
        or next(iter(pages.values()), None),
        minutes_per_label=minutes_per_label(task_minutes(ticks), labels_of_task),
    )
    return status, pages


def _status(
    annotator: str,
    n_tasks: int,
    *,
    done: int = 0,
    started: int = 0,
    ticks: Mapping[str, datetime] = {},
    address: str | None = None,
    minutes_per_label: float | None = None,
) -> AnnotatorStatus:
    left = n_tasks - done
    work = measure_work_time(ticks, n_left=left)
    days = [tick.date() for tick in ticks.values()]
    pace = per_day(Counter(days)) if work.hours_left is not None else None
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
        work=work,
        minutes_per_label=minutes_per_label,
    )


def _count_confirmed(session: Session, project: int) -> int:
    """Return the number of rows that are ticked done, on a server without a state page."""
    return int(session.http.get(f"projects/{project}/examples", limit=1, confirmed="true")["count"])


def _agreement(
    workspace: Workspace,
    batch: str,
    layers: Sequence[AnnotationLayer],
    articles: Mapping[str, Article],
    *,
    by_name: bool,
) -> tuple[Agreement, ...]:
    """Return the headline figures without intervals, which would take seconds; if `by_name`, those of stances only."""
    if len({layer.annotator for layer in layers}) < 2:
        return ()
    labels = label_schema.read_schema(workspace.schema)
    texts = {key: article.text for key, article in articles.items()}
    context = BatchContext(labels=labels.entity_labels, stances=labels.stance_labels, texts=texts)
    values = measure_batch(batch, layers, context, interval=None).values
    headline = [value for value in values if value.is_whole and value.coefficient in _SHOWN]
    return tuple(value for value in headline if not by_name or value.unit == "stance")


def _top_disagreements(
    layers: Sequence[AnnotationLayer], pages: Mapping[str, Mapping[str, str]], articles: Mapping[str, Article]
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
        title = articles[first.article_id].title if first.article_id in articles else ""
        yield TopDisagreement(label=label, count=count, article_id=first.article_id, address=address, title=title)
