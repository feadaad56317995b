"""Upload a batch to the Doccano server, one project per annotator: compare, change only what differs, read back."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.checks.registry import is_error
from goldwire.checks.rules.server import SERVER_ANNOTATOR_UNKNOWN, SERVER_EXAMPLE_UNKNOWN, SERVER_RULES
from goldwire.checks.rules.server_losses import find_collisions, find_emptied_project, find_recreated_types
from goldwire.doccano import removal
from goldwire.doccano.accounts import Access, describe_others, ensure_access
from goldwire.doccano.batch import PlannedBatch, load_articles, read_plan
from goldwire.doccano.client.jobs import require_worker
from goldwire.doccano.client.project_reader import fetch_state
from goldwire.doccano.client.session import Session, connect
from goldwire.doccano.conversion import prelabels_to_doccano
from goldwire.doccano.credentials import FILE as PASSWORDS_FILE
from goldwire.doccano.guideline_page import guideline_page
from goldwire.doccano.label_type_plan import label_types
from goldwire.doccano.ledger import Ledger, PushedProject, digest, read_ledger, write_ledger
from goldwire.doccano.project import (
    ROLE,
    Project,
    ProjectPlan,
    find_batch_projects,
    is_unmarked,
    members_url,
    project_marker,
    restore_marker,
    task_url,
)
from goldwire.doccano.reports import AnnotatorPush, PushReport
from goldwire.doccano.sync import DesiredProject, SyncResult, has_other_texts, sync_project
from goldwire.doccano.task_view import instructions
from goldwire.errors import ConflictError
from goldwire.parallel.threads import map_concurrently
from goldwire.prelabeling import sources
from goldwire.records import Finding
from goldwire.workspace import atomic, loading
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotatorPush", "PushReport", "run"]


def run(
    workspace: Workspace,
    *,
    batch: str,
    prelabel: str | None = None,
    holdout: float | None = None,
    force: bool = False,
) -> PushReport:
    """Push `batch` to the server that the environment names, or to the workspace's own.

    Safe to repeat: however a push was interrupted, the next one ends with each task exactly once. No row with an
    annotator's work in it is ever deleted or changed; the report's findings name the problems to solve by hand.

    Parameters
    ----------
    workspace
        The workspace.
    batch
        The name of the batch.
    prelabel
        The source of pre-labels (see `goldwire.prelabeling.sources`): tasks that are not on the server yet start with
        labels that the annotator may change.
    holdout
        The share of the articles, drawn at random, whose tasks start blank: `agree` then measures what the pre-labels
        do. Default: none, or that of an earlier push.
    force
        Also delete rows with work in them that differ from the plan, and the projects of annotators without tasks,
        after saving the server's export of them in annotations/exports/<batch>/forced/.
    """
    plan = read_plan(workspace, batch)
    if holdout is not None or not _validated_before(workspace, plan, prelabel):
        plan = load_articles(workspace, plan)
    plan = msgspec.structs.replace(plan, force=force)
    project_plans = _project_plans(workspace, plan)
    with workspace.lock():
        for folder in (workspace.exports / batch / removal.FOLDER, workspace.prelabels, workspace.private / "ledger"):
            atomic.remove_temporary_files(folder)
        session = connect(workspace)
        projects = _batch_projects(session, workspace, batch)
        plan = msgspec.structs.replace(plan, projects=projects)
        if plan.digests:
            plan = _with_prelabels(workspace, plan, prelabel, holdout)
        unchanged = _unchanged_projects(session, workspace, plan, project_plans)
        if len(unchanged) < len(project_plans):
            require_worker(session, "the import")
            plan = plan if plan.digests else load_articles(workspace, plan)
        pushes = _push_projects(session, workspace, plan, project_plans, unchanged)
        unplanned = removal.unplanned_projects(session, projects, project_plans)
        removed = [removal.remove_project(session, workspace, batch, project) for project in unplanned if force]
        pushed = tuple(push.pushed for push in pushes)
        write_ledger(workspace, Ledger(batch=batch, server=session.url, projects=pushed, inputs=plan.inputs))
    findings = tuple(finding for push in pushes for finding in (*push.findings, *push.others))
    return PushReport(
        batch=batch,
        server=session.url,
        passwords=workspace.relative(workspace.private / PASSWORDS_FILE),
        annotators=tuple(push.report for push in pushes),
        findings=findings,
        errors=sum(map(is_error, findings)),
        differing=sum(len(push.findings) for push in pushes),
        prelabels=sources.summarize(plan.suggested, plan.tasks, [push.prelabelled for push in pushes]),
        unplanned=unplanned,
        removed=tuple(removed),
    )


def _batch_projects(session: Session, workspace: Workspace, batch: str) -> dict[str, tuple[Project, ...]]:
    """Return the projects of a batch by annotator. One whose description was edited gets its marker back."""
    name, ledger = workspace.settings.name, read_ledger(workspace, batch)
    projects = find_batch_projects(session, name, batch)
    pushed = ledger.projects if ledger is not None and ledger.server == session.url else ()
    unmarked = [
        project
        for project in pushed
        if project.annotator not in projects and is_unmarked(session, project.project, project.created)
    ]
    for project in unmarked:
        restore_marker(session, project.project, project_marker(name, batch, project.annotator))
    return find_batch_projects(session, name, batch) if unmarked else projects


def _validated_before(workspace: Workspace, plan: PlannedBatch, prelabel: str | None) -> bool:
    """Whether an earlier push without pre-labels found that exactly these files can be pushed."""
    ledger = read_ledger(workspace, plan.name)
    without_prelabels = prelabel is None and not workspace.prelabels_file(plan.name).exists()
    return without_prelabels and ledger is not None and ledger.inputs == plan.inputs


def _project_plans(workspace: Workspace, plan: PlannedBatch) -> dict[str, ProjectPlan]:
    """Return the project of each annotator in the plan."""
    spans, relations = label_types(plan.schema)
    guideline = guideline_page(
        plan.schema, (spans, relations), plan.guide.text, kind=plan.kind, introduction=instructions(plan.tasks)
    )
    return {
        annotator: ProjectPlan(
            workspace=workspace.settings.name,
            batch=plan.name,
            annotator=annotator,
            guideline=guideline,
            spans=spans if plan.kind == "entities" else (),
            relations=relations,
            kind=plan.kind,
        )
        for annotator in sorted({name for task in plan.tasks for name in task.annotators})
    }


def _with_prelabels(
    workspace: Workspace, plan: PlannedBatch, source: str | None, holdout: float | None
) -> PlannedBatch:
    """Return the batch with the labels that its tasks start with."""
    request = sources.PrelabelRequest(
        workspace=workspace,
        batch=plan.name,
        tasks=plan.tasks,
        articles=plan.articles,
        schema=plan.schema,
        versions=(plan.guide.version, plan.schema.version),
    )
    suggested = sources.suggest_labels(request, source, holdout)
    shown = sources.without_holdout(suggested)
    labels = prelabels_to_doccano(shown, plan.tasks, plan.articles, plan.schema.voice)
    return msgspec.structs.replace(plan, suggested=suggested, prelabels=labels)


class _ProjectPush(msgspec.Struct, frozen=True):
    """One annotator's part of the push; `prelabelled` are the ids of the tasks that started with pre-labels.

    `findings` are about tasks that differ from the plan, `others` about accounts and work that the server has lost.
    """

    report: AnnotatorPush
    findings: tuple[Finding, ...]
    pushed: PushedProject
    prelabelled: frozenset[str]
    others: tuple[Finding, ...] = ()


def _unchanged_projects(
    session: Session, workspace: Workspace, plan: PlannedBatch, project_plans: dict[str, ProjectPlan]
) -> dict[str, PushedProject]:
    """Return the projects that the server still holds as the last push of the same plan left them, by annotator."""
    ledger = read_ledger(workspace, plan.name)
    if ledger is None:
        return {}
    last = {name: pushed for name in project_plans if (pushed := ledger.of(session.url, name)) is not None}
    unchanged = map_concurrently(
        list(last), lambda name: _is_unchanged(session, plan, project_plans[name], last[name]), "compare"
    )
    return {name: last[name] for name, is_unchanged in zip(last, unchanged, strict=True) if is_unchanged}


def _is_unchanged(session: Session, plan: PlannedBatch, project_plan: ProjectPlan, last: PushedProject) -> bool:
    if last.plan != _plan_digest(plan, project_plan) or last.rows is None:
        return False
    if [project.id for project in plan.projects.get(project_plan.annotator, ())] != [last.project]:
        return False
    state, user = fetch_state(session, last.project), plan.people.of(project_plan.annotator).user
    if state is None or state.rows_digest != last.rows:
        return False
    return [name for name, role in state.members if role == ROLE] == [user]


def _plan_digest(plan: PlannedBatch, project_plan: ProjectPlan) -> str:
    """Return the digest of everything that determines the annotator's desired project."""
    tasks = plan.assigned(project_plan.annotator)
    prelabels = [msgspec.json.encode([plan.prelabels.get(task.id) for task in tasks])] if plan.prelabels else []
    return digest(msgspec.json.encode(project_plan), msgspec.json.encode(tasks), *prelabels)


def _push_projects(
    session: Session,
    workspace: Workspace,
    plan: PlannedBatch,
    project_plans: dict[str, ProjectPlan],
    unchanged: dict[str, PushedProject],
) -> list[_ProjectPush]:
    """Push the project of each annotator, in the order of their names."""

    def push(annotator: str) -> _ProjectPush:
        last = unchanged.get(annotator)
        if last is None:
            return _push_project(session, workspace, plan, project_plans[annotator])
        tasks = plan.assigned(annotator)
        prelabelled = frozenset(task.id for task in tasks if last.prelabelled and task.id in plan.prelabels)
        return _ProjectPush(_report(session, plan, last), (), last, prelabelled)

    return map_concurrently(list(project_plans), push, "push")


def _push_project(
    session: Session, workspace: Workspace, plan: PlannedBatch, project_plan: ProjectPlan
) -> _ProjectPush:
    """Synchronise one annotator's project with the plan, then grant the annotator access."""
    annotator = project_plan.annotator
    desired = DesiredProject(
        project=project_plan,
        tasks=plan.assigned(annotator),
        articles=plan.articles,
        digests=plan.digests,
        prelabels=plan.prelabels,
        save_backup=removal.backup_writer(workspace, plan.name, annotator) if plan.force else None,
        known_types=_known_types(session, workspace, plan, annotator),
    )
    _refuse_other_workspace(session, workspace, plan, desired)
    result = sync_project(session, desired)
    # Last, so that the annotator never sees an incomplete project.
    user = plan.people.of(annotator).user
    access = ensure_access(session, workspace, result.project.id, user)
    findings = tuple(_findings(session, plan, result))
    rows = result.difference.chosen
    prelabelled = frozenset(
        task_id
        for task_id, labels in plan.prelabels.items()
        if task_id in rows and rows[task_id].prelabels_digest == labels.digest
    )
    pushed = _pushed_project(plan, project_plan, result, prelabelled, as_planned=not findings)
    report = msgspec.structs.replace(
        _report(session, plan, pushed),
        added=result.added,
        removed=result.removed,
        unplanned=result.difference.unplanned,
        deleted_with_work=result.deleted_with_work,
        backups=result.backups,
        created=access.is_new_account,
        changed=result.changed or access.changed,
    )
    others = (
        *_access_findings(session, plan, annotator, result, access),
        *_label_findings(session, workspace, plan, project_plan, result),
    )
    return _ProjectPush(report, findings, pushed, prelabelled, others)


def _refuse_other_workspace(
    session: Session, workspace: Workspace, plan: PlannedBatch, desired: DesiredProject
) -> None:
    """Raise before a project is changed that another workspace with the same name has pushed."""
    annotator = desired.project.annotator
    projects = plan.projects.get(annotator, ())
    if plan.force or not projects or _last_push(session, workspace, plan, annotator) is not None:
        return
    if has_other_texts(session, projects[0].id, desired):
        raise ConflictError(
            f"project {projects[0].id} of {annotator} has other texts under the ids of the tasks of {plan.name}",
            location=session.url,
            hint=f"if another workspace is named {workspace.settings.name!r}, change `name` in [tool.goldwire]; "
            "otherwise --force replaces the texts, after saving a backup",
        )


def _known_types(session: Session, workspace: Workspace, plan: PlannedBatch, annotator: str) -> dict[str, int]:
    """Return the ids of the project's label types at the last push from here, by name, if it is the same project."""
    last = _last_push(session, workspace, plan, annotator)
    return {} if last is None else last.label_types


def _last_push(session: Session, workspace: Workspace, plan: PlannedBatch, annotator: str) -> PushedProject | None:
    """Return what was last pushed from here to the annotator's present project; None if it is another project."""
    ledger, projects = read_ledger(workspace, plan.name), plan.projects.get(annotator)
    last = None if ledger is None else ledger.of(session.url, annotator)
    if last is None or not projects or (projects[0].id, projects[0].created) != (last.project, last.created):
        return None
    return last


def _access_findings(
    session: Session, plan: PlannedBatch, annotator: str, result: SyncResult, access: Access
) -> Iterator[Finding]:
    """Yield a finding if other accounts are annotators of the project."""
    if access.others:
        user, members = plan.people.of(annotator).user, members_url(session, result.project.id)
        message = describe_others(access, annotator, user, members)
        yield SERVER_ANNOTATOR_UNKNOWN.finding(plan.file, message, item=annotator)


def _label_findings(
    session: Session, workspace: Workspace, plan: PlannedBatch, project_plan: ProjectPlan, result: SyncResult
) -> Iterator[Finding]:
    """Yield findings on work that was pulled and that the server had lost before this push, and on label types."""
    annotator = project_plan.annotator
    path = workspace.layers_file(plan.name, annotator)
    file, address = workspace.relative(path), f"{session.url}/projects/{result.project.id}"
    if not (result.missing or result.created_types or result.label_types.collisions):
        return
    planned = {task.article_id for task in plan.assigned(annotator)}
    layers = [layer for layer in loading.layers_of(path) if layer.article_id in planned]
    if not plan.force:
        added = {task.article_id for task in plan.assigned(annotator) if task.id in result.missing}
        lost = [layer for layer in layers if layer.article_id in added]
        is_new = result.is_new
        yield from find_emptied_project(lost, file=file, annotator=annotator, address=address, is_new=is_new)
    labels = f"{address}/labels"
    if not result.is_new:
        known, voice = _known_types(session, workspace, plan, annotator), plan.schema.voice
        yield from find_recreated_types(result.created_types, known, layers, voice, file=file, address=labels)
    yield from find_collisions(result.label_types, layers, file=file, annotator=annotator, address=labels)


def _pushed_project(
    plan: PlannedBatch,
    project_plan: ProjectPlan,
    result: SyncResult,
    prelabelled: frozenset[str],
    *,
    as_planned: bool,
) -> PushedProject:
    """Return the ledger's entry; it has the digest of the rows only if these are exactly as planned."""
    tasks = plan.assigned(project_plan.annotator)
    n_tasks, n_suggested = len(tasks), sum(task.id in plan.prelabels for task in tasks)
    # The ledger cannot say which of the tasks started with pre-labels, only whether all of the planned or none did.
    as_planned = as_planned and len(prelabelled) in (0, n_suggested) and not result.difference.unplanned
    return PushedProject(
        annotator=project_plan.annotator,
        project=result.project.id,
        name=result.project.name,
        tasks=n_tasks,
        prelabelled=bool(prelabelled),
        guidelines_version=plan.guide.version,
        schema_version=plan.schema.version,
        plan=_plan_digest(plan, project_plan),
        rows=result.rows_digest if as_planned else None,
        label_types=result.label_types.ids,
        created=result.project.created,
    )


def _report(session: Session, plan: PlannedBatch, pushed: PushedProject) -> AnnotatorPush:
    """Return the report on a project in which nothing was changed."""
    return AnnotatorPush(
        annotator=pushed.annotator,
        person=plan.people.of(pushed.annotator),
        project=pushed.project,
        address=task_url(session, pushed.project, 1, plan.kind),
        tasks=pushed.tasks,
        added=0,
        removed=0,
        created=False,
        changed=False,
    )


def _findings(session: Session, plan: PlannedBatch, result: SyncResult) -> Iterator[Finding]:
    """Yield the problems that must be solved by hand or with --force."""
    line_numbers = {task.id: line for line, task in enumerate(plan.tasks, 1)}
    for task_id, row, problem in result.difference.problems:
        address = task_url(session, result.project.id, row.line, plan.kind)
        rule = SERVER_RULES[problem.code]
        yield rule.finding(plan.file, f"{problem.message} ({address})", line=line_numbers[task_id], item=task_id)
    for row in result.difference.unplanned_with_work:
        address = task_url(session, result.project.id, row.line, plan.kind)
        message = f"has work in it, but is no longer a task of this batch ({address})"
        yield SERVER_EXAMPLE_UNKNOWN.finding(plan.file, message, item=row.task_id)
