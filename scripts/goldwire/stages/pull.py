"""Download the labels: the server's own bytes to exports/, layers checked against the text to layers/."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec

from goldwire.checks.registry import is_error
from goldwire.checks.rules.server import (
    SERVER_ANNOTATOR_UNKNOWN,
    SERVER_PROJECT_DUPLICATE,
    SERVER_PROJECT_MISSING,
    SERVER_ROW_UNREADABLE,
    SERVER_RULES,
)
from goldwire.checks.rules.server_losses import find_collisions, find_label_types, find_lost_layers
from goldwire.doccano.accounts import describe_several
from goldwire.doccano.client.http import ConnectionLostError
from goldwire.doccano.client.jobs import require_worker
from goldwire.doccano.client.project_reader import fetch_state
from goldwire.doccano.client.session import Session, connect
from goldwire.doccano.export_file import COPIES
from goldwire.doccano.layers import Assignment, task_digests
from goldwire.doccano.ledger import (
    Ledger,
    PulledProject,
    PullRecord,
    digest_files,
    last_pull,
    read_ledger,
    write_pulls,
)
from goldwire.doccano.project import ROLE, Project, find_batch_projects, is_unmarked, members_url, task_url
from goldwire.doccano.project_pull import ProjectFiles, ProjectPull, missing_types, pull_project
from goldwire.doccano.reports import AnnotatorPull, Decrease, PullReport
from goldwire.errors import ServerError
from goldwire.parallel.threads import map_concurrently
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer, Article, Finding
from goldwire.workspace import atomic, guidelines, label_schema, loading
from goldwire.workspace.indexed_jsonl import IndexedJsonl
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotatorPull", "PullReport", "run", "watch"]


def run(workspace: Workspace, *, batch: str, accept_loss: bool = False) -> PullReport:
    """Pull `batch` from the server that the environment names, or from the workspace's own.

    Safe to repeat: if nothing has changed on the server, nothing is written. Problems on the server (an edited text, a
    span out of range, an unknown label, a missing task or project) are in the report's findings with the task's
    address, and the last good layer of that article stays, as does one whose work the server has lost (see
    `goldwire.doccano.lost_work`). Articles, exports and layers stay on disk: the memory does not grow with them.

    Parameters
    ----------
    workspace
        The workspace.
    batch
        The name of the batch.
    accept_loss
        Take the layers as the server has them, even where it has lost work.
    """
    with workspace.lock():
        ledger, inputs = read_ledger(workspace, batch), _inputs_digest(workspace, batch)
        last = last_pull(workspace, batch)
        annotators = _annotators(workspace, batch, last, inputs)
        session = connect(workspace)
        projects = find_batch_projects(session, workspace.settings.name, batch)
        job = _Job(
            session=session,
            workspace=workspace,
            batch=batch,
            projects={annotator: projects.get(annotator, ()) for annotator in annotators},
            inputs=inputs,
            last={project.annotator: project for project in last.projects},
            last_server=last.server,
            ledger=ledger,
            accept_loss=accept_loss,
        )
        if not any(job.projects.values()) and ledger is None:
            raise ServerError(
                f"batch {batch!r} is not on this server", location=session.url, hint="`goldwire push` uploads it"
            )
        exports = workspace.exports / batch
        for folder in (exports, exports / COPIES, workspace.layers / batch, workspace.private / "ledger"):
            atomic.remove_temporary_files(folder)
        pulls = _pull_projects(job)
        record = PullRecord(
            batch=batch,
            server=session.url,
            projects=tuple(pull.record for pull in pulls if pull.record is not None),
            inputs=inputs,
            annotators=tuple(annotators),
        )
        write_pulls(workspace, record)
    findings = tuple(finding for pull in pulls for finding in pull.findings)
    return PullReport(
        batch=batch,
        server=session.url,
        annotators=tuple(pull.report for pull in pulls),
        findings=findings,
        errors=sum(map(is_error, findings)),
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
    last_server: str
    ledger: Ledger | None
    accept_loss: bool

    def files(self, annotator: str) -> ProjectFiles:
        """Return the files of an annotator."""
        return ProjectFiles.of(self.workspace, self.batch, annotator)


class _ProjectPull(msgspec.Struct, frozen=True):
    """One annotator's part of the pull; `record` is what the next pull has to know, if there is anything."""

    report: AnnotatorPull
    findings: tuple[Finding, ...]
    record: PulledProject | None


def _annotators(workspace: Workspace, batch: str, last: PullRecord, inputs: str) -> list[str]:
    """Return the annotators of the plan. It is read (0.1 s for 10,000 tasks) only if it is not the last pull's."""
    if last.annotators and last.inputs == inputs:
        return list(last.annotators)
    return sorted({name for task in loading.tasks(workspace, batch) for name in task.annotators})


def _inputs_digest(workspace: Workspace, batch: str) -> str:
    """Return the digest of the files of the workspace that layers depend on."""
    plan = (workspace.tasks_file(batch), workspace.prelabels_file(batch))
    return digest_files((*plan, workspace.schema, *sorted(workspace.articles.glob("*.jsonl"))))


def _pull_projects(job: _Job) -> list[_ProjectPull]:
    """Pull the project of each annotator; read articles only if any project has something new."""
    annotators = list(job.projects)
    is_unchanged = map_concurrently(annotators, lambda annotator: _is_unchanged(job, annotator), "compare")
    unchanged = {name for name, same in zip(annotators, is_unchanged, strict=True) if same}
    assignments: dict[str, Assignment] = {}
    if len(unchanged) < len(annotators):
        require_worker(job.session, "the export")
        assignments = _assignments(job)

    def pull(annotator: str) -> _ProjectPull:
        if annotator in unchanged:
            last = job.last[annotator]
            return _ProjectPull(_unchanged_report(last), (), last)
        return _pull_project(job, assignments[annotator])

    return map_concurrently(annotators, pull, "pull")


def _is_unchanged(job: _Job, annotator: str) -> bool:
    """Whether nothing has changed since the annotator's last pull, on the server or in the workspace."""
    last = job.last.get(annotator)
    if last is None or last.rows is None or (last.inputs, job.last_server) != (job.inputs, job.session.url):
        return False
    if [project.id for project in job.projects[annotator]] != [last.project]:
        return False
    state = fetch_state(job.session, last.project)
    if state is None or state.digests != (last.rows, last.work):
        return False
    if sum(role == ROLE for _, role in state.members) > 1:  # a finding
        return False
    files = job.files(annotator)
    return files.export.exists() and files.layers.exists() and files.digests == (last.export, last.layers)


def _unchanged_report(last: PulledProject) -> AnnotatorPull:
    return AnnotatorPull(
        annotator=last.annotator, tasks=last.tasks, done=last.done, started=last.started, carried_over=0, changed=False
    )


def _assignments(job: _Job) -> dict[str, Assignment]:
    """Return the assignment of each annotator; articles and pre-labels stay on disk."""
    articles = IndexedJsonl(Article, "id", sorted(job.workspace.articles.glob("*.jsonl")))
    prelabels = IndexedJsonl(AnnotationLayer, "article_id", [job.workspace.prelabels_file(job.batch)])
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
            guidelines_version=_guidelines_version(projects, annotator, job.ledger),
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
    annotator, files = assignment.annotator, job.files(assignment.annotator)
    projects, last = job.projects[annotator], job.last.get(annotator)
    if not projects:
        return _missing_project(job, assignment, last)
    pull = pull_project(job.session, projects[0], assignment, files, last=last, accept_loss=job.accept_loss)
    counts, before, after = pull.layers.counts, pull.layers.before, pull.layers.after
    report = AnnotatorPull(
        annotator=annotator,
        tasks=len(assignment.tasks),
        done=counts.done,
        started=counts.started,
        carried_over=counts.carried_over,
        changed=pull.changed,
        decreases=tuple(Decrease(name, before[name], after[name]) for name in sorted(before - after)),
    )
    findings = (*_row_findings(job, annotator, pull), *_loss_findings(job, assignment, pull))
    return _ProjectPull(report, findings, _record(job, report, projects[0], pull, is_complete=not findings))


def _record(
    job: _Job, report: AnnotatorPull, project: Project, pull: ProjectPull, *, is_complete: bool
) -> PulledProject:
    """Return the notes for the next pull, which must read the project again unless this one `is_complete`."""
    state, (export, layers) = pull.export.state, job.files(report.annotator).digests
    return PulledProject(
        annotator=report.annotator,
        project=project.id,
        rows=state.rows_digest if state is not None and is_complete else None,
        work=state.work_digest if state is not None and is_complete else None,
        inputs=job.inputs,
        export=export,
        layers=layers,
        tasks=report.tasks,
        done=report.done,
        started=report.started,
        confirmed_per_day=state.confirmed_per_day if state is not None else {},
        ticked_at=_ticks(job, project),
        created=project.created,
        receipt=pull.receipt,
        newest=pull.export.newest,
    )


def _ticks(job: _Job, project: Project) -> dict[str, str]:
    """Return when each task was ticked done, by task id, if the server has a state page."""
    state = fetch_state(job.session, project.id, examples=True)
    if state is None:
        return {}
    rows = zip(state.examples, state.summaries(), strict=True)
    return {row.task_id: example.confirmed_at for example, row in rows if row.task_id and example.confirmed_at}


def _missing_project(job: _Job, assignment: Assignment, last: PulledProject | None) -> _ProjectPull:
    """Report a project that is gone; all layers of earlier pulls stay."""
    annotator, path = assignment.annotator, job.files(assignment.annotator).layers
    former = IndexedJsonl(AnnotationLayer, "article_id", [path])
    layers = [former[task.article_id] for task in assignment.tasks if task.article_id in former]
    pushed = None if job.ledger is None else job.ledger.of(job.session.url, annotator)
    remedy = "restore the server's database, or `goldwire push` creates an empty project"
    if pushed is not None and is_unmarked(job.session, pushed.project, pushed.created):
        remedy = f"somebody edited the description of project {pushed.project}, which `goldwire push` restores"
    elif not len(former):
        remedy = "`goldwire push` creates it"
    stays = f"its {quantity(len(former), 'layer stays', 'layers stay')} as last pulled; " if len(former) else ""
    advice = f"{stays}{remedy}"
    finding = SERVER_PROJECT_MISSING.finding(
        job.workspace.relative(path),
        f"{job.session.url} has no project of {annotator} for {job.batch}; {advice}",
        item=annotator,
    )
    done = sum(layer.confirmed for layer in layers)
    report = AnnotatorPull(
        annotator=annotator,
        tasks=len(assignment.tasks),
        done=done,
        started=len(layers) - done,
        carried_over=len(former),
        changed=False,
    )
    record = None if last is None else msgspec.structs.replace(last, rows=None, work=None)
    return _ProjectPull(report, (finding,), record)


def _row_findings(job: _Job, annotator: str, pull: ProjectPull) -> Iterator[Finding]:
    """Yield a finding for each problem of the project and its rows, with the address of the row."""
    projects, file = job.projects[annotator], job.workspace.relative(job.files(annotator).export)
    project, kind = projects[0].id, projects[0].kind
    for duplicate in projects[1:]:
        message = f"projects {project} and {duplicate.id} are the same batch and annotator; {project} was read"
        yield SERVER_PROJECT_DUPLICATE.finding(file, message)
    if len(pull.accounts) > 1:
        message = describe_several(pull.accounts, annotator, members_url(job.session, project))
        yield SERVER_ANNOTATOR_UNKNOWN.finding(file, message, item=annotator)
    for number in pull.export.unreadable:
        message = f"not a line as Doccano writes it ({task_url(job.session, project, number, kind)})"
        yield SERVER_ROW_UNREADABLE.finding(file, message, line=number)
    for problem in pull.layers.problems:
        line = problem.row.line if problem.row else None
        address = task_url(job.session, project, line or 1, kind)
        message = f"{problem.problem.message} ({address})"
        yield SERVER_RULES[problem.problem.code].finding(file, message, line=line, item=problem.item)


def _loss_findings(job: _Job, assignment: Assignment, pull: ProjectPull) -> Iterator[Finding]:
    """Yield the findings on work and label types that the server has lost."""
    annotator = assignment.annotator
    project, file = job.projects[annotator][0], job.workspace.relative(job.files(annotator).export)
    losses, address = pull.layers.losses, f"{job.session.url}/projects/{project.id}"
    yield from find_lost_layers(losses, file=file, annotator=annotator, address=address)
    absent = missing_types(assignment.schema, project.kind, pull.label_types)
    yield from find_label_types(absent, losses, file=file, address=f"{address}/labels")
    layers = loading.layers_of(job.files(annotator).layers) if pull.label_types.collisions else ()
    yield from find_collisions(pull.label_types, layers, file=file, annotator=annotator, address=f"{address}/labels")
