"""Download the labels: the server's own bytes to exports/, layers checked against the text to layers/."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from goldwire.checks.rules.server import (
    SERVER_PROJECT_DUPLICATE,
    SERVER_PROJECT_MISSING,
    SERVER_ROW_UNREADABLE,
    SERVER_RULES,
)
from goldwire.doccano.client.download import write_export
from goldwire.doccano.client.http import ConnectionLostError
from goldwire.doccano.client.jobs import require_worker
from goldwire.doccano.client.project_reader import ProjectExport, ProjectState, fetch_state, read_project
from goldwire.doccano.client.session import Session, connect
from goldwire.doccano.layers import (
    Assignment,
    ProjectRows,
    PullCounts,
    RowProblem,
    match_rows,
    pull_article,
    task_digests,
    tasks_by_article,
)
from goldwire.doccano.ledger import (
    Ledger,
    PulledProject,
    PullRecord,
    digest_files,
    last_pull,
    read_ledger,
    read_pulls,
    write_pulls,
)
from goldwire.doccano.project import Project, find_batch_projects, task_url
from goldwire.doccano.reports import AnnotatorPull, PullReport
from goldwire.errors import ServerError
from goldwire.parallel.threads import map_concurrently
from goldwire.prelabeling import sources
from goldwire.records import AnnotationLayer, Article, Finding
from goldwire.workspace import atomic, guidelines, jsonl, label_schema, loading
from goldwire.workspace.indexed_jsonl import IndexedJsonl
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotatorPull", "PullReport", "run", "watch"]


def run(workspace: Workspace, *, batch: str) -> PullReport:
    """Pull `batch` from the server that the environment names, or from the workspace's own.

    Safe to repeat: if nothing has changed on the server, nothing is written. Problems on the server (an edited text, a
    span out of range, an unknown label, a missing task or project) are in the report's findings with the task's
    address, and the last good layer of that article stays. Articles, exports and layers stay on disk, so that the
    memory does not grow with them.
    """
    with workspace.lock():
        ledger, inputs = read_ledger(workspace, batch), _inputs_digest(workspace, batch)
        annotators = _annotators(workspace, batch, inputs)
        session = connect(workspace)
        projects = find_batch_projects(session, workspace.settings.name, batch)
        job = _Job(
            session=session,
            workspace=workspace,
            batch=batch,
            projects={annotator: projects.get(annotator, ()) for annotator in annotators},
            inputs=inputs,
            last=read_pulls(workspace, batch, session.url),
        )
        if not any(job.projects.values()) and ledger is None:
            raise ServerError(
                f"batch {batch!r} is not on this server", location=session.url, hint="`goldwire push` uploads it"
            )
        for folder in (workspace.exports / batch, workspace.layers / batch):
            atomic.remove_temporary_files(folder)
        pulls = _pull_projects(job, ledger)
        record = PullRecord(
            batch=batch,
            server=session.url,
            projects=tuple(pull.record for pull in pulls if pull.record is not None),
            inputs=inputs,
            annotators=tuple(annotators),
        )
        write_pulls(workspace, record)
    return PullReport(
        batch=batch,
        server=session.url,
        annotators=tuple(pull.report for pull in pulls),
        findings=tuple(finding for pull in pulls for finding in pull.findings),
    )


def watch(workspace: Workspace, *, batch: str, every: float) -> Iterator[PullReport]:
    """Pull every `every` seconds, forever; yield the first report and each one with something new.

    If the server is away for a while, try again; if it was never there, raise ServerError.
    """
    report = run(workspace, batch=batch)
    yield report
    while True:
        time.sleep(every)
        try:
            latest = run(workspace, batch=batch)
        except ConnectionLostError:
            continue
        if latest.findings != report.findings or any(pull.changed for pull in latest.annotators):
            yield latest
        report = latest


class _Job(msgspec.Struct, frozen=True, kw_only=True):
    """A batch that is being pulled: its projects, and the records of the last pull, by annotator."""

    session: Session
    workspace: Workspace
    batch: str
    projects: dict[str, tuple[Project, ...]]
    inputs: str
    last: dict[str, PulledProject]

    def export_path(self, annotator: str) -> Path:
        """Return the path of an annotator's export."""
        return self.workspace.exports / self.batch / f"{annotator}.jsonl"

    def layers_path(self, annotator: str) -> Path:
        """Return the path of an annotator's layers."""
        return self.workspace.layers / self.batch / f"{annotator}.jsonl"


class _ProjectPull(msgspec.Struct, frozen=True):
    """One annotator's part of the pull; `record` is None if the next pull must not rely on it."""

    report: AnnotatorPull
    findings: tuple[Finding, ...]
    record: PulledProject | None


def _annotators(workspace: Workspace, batch: str, inputs: str) -> list[str]:
    """Return the annotators of the plan. It is read (0.1 s for 10,000 tasks) only if it is not the last pull's."""
    last = last_pull(workspace, batch)
    if last.annotators and last.inputs == inputs:
        return list(last.annotators)
    return sorted({name for task in loading.tasks(workspace, batch) for name in task.annotators})


def _inputs_digest(workspace: Workspace, batch: str) -> str:
    """Return the digest of the files of the workspace that layers depend on."""
    plan = (workspace.tasks / f"{batch}.jsonl", sources.prelabels_path(workspace, batch))
    return digest_files((*plan, workspace.schema, *sorted(workspace.articles.glob("*.jsonl"))))


def _pull_projects(job: _Job, ledger: Ledger | None) -> list[_ProjectPull]:
    """Pull the project of each annotator; read articles only if any project has something new."""
    annotators = list(job.projects)
    is_unchanged = map_concurrently(annotators, lambda annotator: _is_unchanged(job, annotator), "compare")
    unchanged = {name for name, same in zip(annotators, is_unchanged, strict=True) if same}
    assignments: dict[str, Assignment] = {}
    if len(unchanged) < len(annotators):
        require_worker(job.session, "the export")
        assignments = _assignments(job, ledger)

    def pull(annotator: str) -> _ProjectPull:
        if annotator in unchanged:
            last = job.last[annotator]
            return _ProjectPull(_unchanged_report(last), (), last)
        return _pull_project(job, assignments[annotator])

    return map_concurrently(annotators, pull, "pull")


def _is_unchanged(job: _Job, annotator: str) -> bool:
    """Whether nothing has changed since the annotator's last pull, on the server or in the workspace."""
    last = job.last.get(annotator)
    if last is None or last.inputs != job.inputs:
        return False
    if [project.id for project in job.projects[annotator]] != [last.project]:
        return False
    state = fetch_state(job.session, last.project)
    if state is None or state.digests != (last.rows, last.work):
        return False
    export, layers = job.export_path(annotator), job.layers_path(annotator)
    if not (export.exists() and layers.exists()):
        return False
    return (digest_files([export]), digest_files([layers])) == (last.export, last.layers)


def _unchanged_report(last: PulledProject) -> AnnotatorPull:
    return AnnotatorPull(
        annotator=last.annotator, tasks=last.tasks, done=last.done, started=last.started, carried_over=0, changed=False
    )


def _assignments(job: _Job, ledger: Ledger | None) -> dict[str, Assignment]:
    """Return the assignment of each annotator; articles and pre-labels stay on disk."""
    articles = IndexedJsonl(Article, "id", sorted(job.workspace.articles.glob("*.jsonl")))
    prelabels = IndexedJsonl(AnnotationLayer, "article_id", [sources.prelabels_path(job.workspace, job.batch)])
    tasks = loading.tasks(job.workspace, job.batch)
    schema, digests = label_schema.read_schema(job.workspace.schema), task_digests(tasks, articles)
    return {
        annotator: Assignment(
            batch=job.batch,
            annotator=annotator,
            tasks=tuple(task for task in tasks if annotator in task.annotators),
            articles=articles,
            digests=digests,
            schema=schema,
            guidelines_version=_guidelines_version(projects, annotator, ledger),
            prelabels=prelabels,
        )
        for annotator, projects in job.projects.items()
    }


def _guidelines_version(projects: tuple[Project, ...], annotator: str, ledger: Ledger | None) -> str:
    """Return the version that the annotator sees; if the page was edited on the server, the version last pushed."""
    pushed = {project.annotator: project.guidelines_version for project in ledger.projects} if ledger else {}
    visible = guidelines.version_of(projects[0].guideline) if projects else None
    return visible or pushed.get(annotator, "unknown")


def _pull_project(job: _Job, assignment: Assignment) -> _ProjectPull:
    """Read one annotator's project and write its export and layers."""
    annotator = assignment.annotator
    projects = job.projects[annotator]
    former = IndexedJsonl(AnnotationLayer, "article_id", [job.layers_path(annotator)])
    if not projects:
        return _missing_project(job, assignment, former)
    export = read_project(job.session, projects[0].id, scratch=job.export_path(annotator).parent)
    layers_changed, counts, problems = _write_layers(job.layers_path(annotator), assignment, export, former)
    export_changed = write_export(job.export_path(annotator), export.lines)
    report = AnnotatorPull(
        annotator=annotator,
        tasks=len(assignment.tasks),
        done=counts.done,
        started=counts.started,
        carried_over=counts.carried_over,
        changed=layers_changed or export_changed,
    )
    findings = tuple(_findings(job, annotator, export, problems))
    record = None if findings or export.state is None else _record(job, report, projects[0].id, export.state)
    return _ProjectPull(report, findings, record)


def _write_layers(
    path: Path, assignment: Assignment, export: ProjectExport, former: IndexedJsonl[AnnotationLayer]
) -> tuple[bool, PullCounts, list[RowProblem]]:
    """Write the layers of an export, one article at a time; return whether the file changed, counts and problems."""
    project = ProjectRows(export.rows, export.confirmed, export.full_row)
    matched = match_rows(assignment, project)
    counts, problems = PullCounts(), list(matched.problems)

    def lines() -> Iterator[bytes]:
        nonlocal counts
        for article_id, tasks in tasks_by_article(assignment.tasks).items():
            pull = pull_article(assignment, project, matched, tasks, former.get(article_id))
            counts = counts.plus(pull)
            problems.extend(pull.problems)
            if pull.layer is not None:
                yield jsonl.dump((pull.layer,))

    changed = atomic.write_chunks(path, lines())
    return changed, counts, problems


def _record(job: _Job, report: AnnotatorPull, project: int, state: ProjectState) -> PulledProject:
    return PulledProject(
        annotator=report.annotator,
        project=project,
        rows=state.rows_digest,
        work=state.work_digest,
        inputs=job.inputs,
        export=digest_files([job.export_path(report.annotator)]),
        layers=digest_files([job.layers_path(report.annotator)]),
        tasks=report.tasks,
        done=report.done,
        started=report.started,
        confirmed_per_day=state.confirmed_per_day,
    )


def _missing_project(job: _Job, assignment: Assignment, former: IndexedJsonl[AnnotationLayer]) -> _ProjectPull:
    """Report a project that is gone; all layers of earlier pulls stay."""
    annotator = assignment.annotator
    finding = SERVER_PROJECT_MISSING.finding(
        job.workspace.relative(job.layers_path(annotator)),
        f"{job.session.url} has no project of {annotator} for {job.batch}; `goldwire push` creates it",
        item=annotator,
    )
    layers = [former[task.article_id] for task in assignment.tasks if task.article_id in former]
    done = sum(layer.confirmed for layer in layers)
    report = AnnotatorPull(
        annotator=annotator,
        tasks=len(assignment.tasks),
        done=done,
        started=len(layers) - done,
        carried_over=len(former),
        changed=False,
    )
    return _ProjectPull(report, (finding,), None)


def _findings(job: _Job, annotator: str, export: ProjectExport, problems: list[RowProblem]) -> Iterator[Finding]:
    """Yield a finding for each problem of the project and its rows, with the address of the row."""
    projects, file = job.projects[annotator], job.workspace.relative(job.export_path(annotator))
    project, kind = projects[0].id, projects[0].kind
    for duplicate in projects[1:]:
        message = f"projects {project} and {duplicate.id} are the same batch and annotator; {project} was read"
        yield SERVER_PROJECT_DUPLICATE.finding(file, message)
    for number in export.unreadable:
        message = f"not a line as Doccano writes it ({task_url(job.session, project, number, kind)})"
        yield SERVER_ROW_UNREADABLE.finding(file, message, line=number)
    for problem in problems:
        line = problem.row.line if problem.row else None
        address = task_url(job.session, project, line or 1, kind)
        message = f"{problem.problem.message} ({address})"
        yield SERVER_RULES[problem.problem.code].finding(file, message, line=line, item=problem.item)
