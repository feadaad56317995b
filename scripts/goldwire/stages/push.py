"""Bring a batch to the Doccano server, one project an annotator: compare, make only the difference, read back."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire.doccano import accounts, credentials, project, removal
from goldwire.doccano import batch as planned
from goldwire.doccano.batch import Planned
from goldwire.doccano.client import jobs, session
from goldwire.doccano.client.look import look
from goldwire.doccano.ledger import Ledger, Pushed, digest, read_ledger, write_ledger
from goldwire.doccano.reports import AnnotatorPush, PushReport
from goldwire.doccano.sync import Settled, Wanted, settle
from goldwire.doccano.task_view import instructions
from goldwire.parallel.threads import map_concurrently
from goldwire.prelabeling import sources
from goldwire.records import Finding, Task
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotatorPush", "PushReport", "run"]

_Types = tuple[tuple[project.LabelType, ...], tuple[project.LabelType, ...]]  # of spans and of relations


def run(workspace: Workspace, *, batch: str, prelabel: str | None = None, force: bool = False) -> PushReport:
    """Push `batch` to the server that the environment names, or to the workspace's own.

    With `prelabel` (see `prelabels`) tasks that are not there yet start with labels that the annotator may change.

    A reconcile, not an upload: repeat it, cut it off anywhere, and it ends with each task exactly once. No row that
    anybody has worked on is ever deleted or changed; what only a person can mend is in the report's findings. With
    `force` such rows go where they are not as planned, and the projects of people who are not asked any more, after
    what the server exports of them is saved in annotations/exports/<batch>/forced/.
    """
    plan = planned.read(workspace, batch)
    if not _proven(workspace, plan, prelabel):
        plan = planned.fitted(workspace, plan)
    plan = msgspec.structs.replace(plan, force=force)
    types = project.label_types(plan.schema, workspace.schema)
    with workspace.lock():
        signed_in = session.connect(workspace)
        there = project.find_batch(signed_in, workspace.settings.name, batch)
        asked = sorted({name for task in plan.tasks for name in task.annotators})
        wanted = {name: _wanted(workspace, plan, types, name) for name in asked}
        plan = msgspec.structs.replace(plan, there=there)
        plan, done = _reconciled(signed_in, workspace, plan, wanted, prelabel)
        others = removal.unplanned(signed_in, there, asked)
        gone = [removal.remove(signed_in, workspace, batch, each) for each in others] if force else []
        entries = tuple(each.entry for each in done)
        write_ledger(workspace, Ledger(batch=batch, server=signed_in.url, projects=entries, inputs=plan.inputs))
    return PushReport(
        batch=batch,
        server=signed_in.url,
        passwords=workspace.relative(workspace.private / credentials.FILE),
        annotators=tuple(each.pushed for each in done),
        findings=tuple(finding for each in done for finding in each.findings),
        prelabels=sources.summarize(plan.suggested, plan.tasks, [each.began for each in done]),
        unplanned=others,
        removed=tuple(gone),
    )


def _reconciled(
    signed_in: session.Session,
    workspace: Workspace,
    plan: Planned,
    wanted: dict[str, project.Plan],
    prelabel: str | None,
) -> tuple[Planned, list[_Done]]:
    """Each annotator's part; articles are read, at the latest, where anything is to be done."""
    ledger = read_ledger(workspace, plan.name)
    before = {name: ledger.of(signed_in.url, name) if ledger else None for name in wanted}
    if plan.digests:
        plan = _prelabelled(workspace, plan, prelabel)
    stand = map_concurrently(list(wanted), lambda name: _stands(signed_in, plan, wanted[name], before[name]), "look")
    standing = {name for name, still in zip(wanted, stand, strict=True) if still}
    if len(standing) < len(wanted):
        jobs.require_worker(signed_in, "the import")
        plan = plan if plan.digests else planned.fitted(workspace, plan)

    def one(name: str) -> _Done:
        entry = before[name] if name in standing else None
        if entry is not None:
            began = frozenset(task.id for task in _asked(plan, wanted[name]) if entry.began)
            return _Done(_report(signed_in, plan, entry), (), entry, began)
        return _annotator(signed_in, workspace, plan, wanted[name])

    return plan, map_concurrently(list(wanted), one, "push")


def _proven(workspace: Workspace, plan: Planned, prelabel: str | None) -> bool:
    """Whether a push of just these files, with nothing to start from, has found that all of it fits."""
    ledger = read_ledger(workspace, plan.name)
    bare = prelabel is None and not sources.prelabels_path(workspace, plan.name).exists()
    return bare and ledger is not None and ledger.inputs == plan.inputs


def _wanted(workspace: Workspace, plan: Planned, types: _Types, name: str) -> project.Plan:
    return project.Plan(
        workspace=workspace.settings.name,
        batch=plan.name,
        annotator=name,
        guideline=instructions(plan.tasks) + plan.guide.text,
        spans=types[0] if plan.kind == "entities" else (),
        relations=types[1],
        kind=plan.kind,
    )


def _prelabelled(workspace: Workspace, plan: Planned, source: str | None) -> Planned:
    """The batch with what its tasks start with."""
    given = sources.PrelabelRequest(
        workspace=workspace,
        batch=plan.name,
        tasks=plan.tasks,
        articles=plan.articles,
        schema=plan.schema,
        versions=(plan.guide.version, plan.schema.version),
    )
    suggested = sources.suggest_labels(given, source)
    labels = sources.outgoing(suggested, plan.tasks, plan.articles, plan.schema.voice)
    return msgspec.structs.replace(plan, suggested=suggested, prelabels=labels)


class _Done(msgspec.Struct, frozen=True):
    """One annotator's part; `began` are the ids of the tasks that began with what is suggested."""

    pushed: AnnotatorPush
    findings: tuple[Finding, ...]
    entry: Pushed
    began: frozenset[str]


def _annotator(signed_in: session.Session, workspace: Workspace, plan: Planned, wanted: project.Plan) -> _Done:
    tasks = _asked(plan, wanted)
    there = Wanted(
        project=wanted,
        tasks=tasks,
        articles=plan.articles,
        digests=plan.digests,
        prelabels=plan.prelabels,
        save=removal.saver(workspace, plan.name, wanted.annotator) if plan.force else None,
    )
    settled = settle(signed_in, there)
    where = settled.project
    # Last, so that the annotator never sees a project that is not complete.
    user = plan.names.of(wanted.annotator).user
    created = accounts.ensure(signed_in, workspace, user)
    joined = project.ensure_member(signed_in, where.id, user)
    findings = tuple(_findings(signed_in, plan, settled))
    kept, given = settled.difference.kept, plan.prelabels
    began = frozenset(name for name in given if name in kept and kept[name].gw_prelabels == given[name].digest)
    entry = _entry(plan, wanted, settled, began, exact=not findings)
    pushed = msgspec.structs.replace(
        _report(signed_in, plan, entry),
        added=settled.added,
        removed=settled.removed,
        idle=settled.difference.idle,
        forced=settled.forced,
        saved=settled.saved,
        created=created,
        changed=settled.changed or created or joined,
    )
    return _Done(pushed, findings, entry, began)


def _asked(plan: Planned, wanted: project.Plan) -> tuple[Task, ...]:
    return tuple(task for task in plan.tasks if wanted.annotator in task.annotators)


def _digest(plan: Planned, wanted: project.Plan) -> str:
    asked = _asked(plan, wanted)
    given = [msgspec.json.encode([plan.prelabels[task.id] for task in asked])] if plan.prelabels else []
    return digest(msgspec.json.encode(wanted), msgspec.json.encode(asked), *given)


def _entry(plan: Planned, wanted: project.Plan, settled: Settled, began: frozenset[str], *, exact: bool) -> Pushed:
    """What the ledger has of an annotator; `exact` where what is on the server is what was asked for."""
    tasks = len(_asked(plan, wanted))
    exact = exact and len(began) in (0, tasks)  # or nobody could tell from the ledger which they are
    return Pushed(
        annotator=wanted.annotator,
        project=settled.project.id,
        name=settled.project.name,
        tasks=tasks,
        began=bool(began),
        guidelines_version=plan.guide.version,
        schema_version=plan.schema.version,
        plan=_digest(plan, wanted),
        rows=settled.rows if exact and not settled.difference.idle else None,
    )


def _stands(signed_in: session.Session, plan: Planned, wanted: project.Plan, before: Pushed | None) -> bool:
    """Whether the server still holds just what the last push of this very plan left there."""
    if before is None or before.plan != _digest(plan, wanted):
        return False
    found = plan.there.get(wanted.annotator, ())
    if before.rows is None or [one.id for one in found] != [before.project]:
        return False
    seen, user = look(signed_in, before.project), plan.names.of(wanted.annotator).user
    return seen is not None and seen.rows == before.rows and (user, project.ROLE) in seen.members


def _report(signed_in: session.Session, plan: Planned, entry: Pushed) -> AnnotatorPush:
    return AnnotatorPush(
        annotator=entry.annotator,
        person=plan.names.of(entry.annotator),
        project=entry.project,
        address=project.task_url(signed_in, entry.project, 1, plan.kind),
        tasks=entry.tasks,
        added=0,
        removed=0,
        created=False,
        changed=False,
    )


def _findings(signed_in: session.Session, plan: Planned, settled: Settled) -> Iterator[Finding]:
    number = {task.id: line for line, task in enumerate(plan.tasks, 1)}
    for task_id, row, problem in settled.difference.problems:
        address = project.task_url(signed_in, settled.project.id, row.line, plan.kind)
        yield Finding(
            code=problem.code,
            file=plan.file,
            line=number[task_id],
            item=task_id,
            message=f"{problem.message} ({address})",
        )
    for row in settled.difference.dropped:
        address = project.task_url(signed_in, settled.project.id, row.line, plan.kind)
        message = f"somebody worked on what is no task of this batch any more ({address})"
        yield Finding(code="server-example-unknown", file=plan.file, line=None, item=row.gw_task_id, message=message)
