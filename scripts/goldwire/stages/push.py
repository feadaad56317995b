"""Bring a batch to the Doccano server, one project an annotator: compare, make only the difference, read back."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire import guidelines, load, schema
from goldwire.doccano import accounts, convert, forced, jobs, names, passwords, project, session
from goldwire.doccano.ledger import Ledger, Pushed, digest, digest_files, read_ledger, write_ledger
from goldwire.doccano.look import look
from goldwire.doccano.ondemand import Lookup, OnDisk
from goldwire.doccano.settle import Settled, Wanted, settle
from goldwire.doccano.together import together
from goldwire.doccano.view import instructions
from goldwire.errors import GoldwireError
from goldwire.ids import text_digest
from goldwire.layout import Workspace
from goldwire.records import AnnotationLayer, Article, Finding, Task, TaskKind
from goldwire.stages import prelabels
from goldwire.stages.pushed import AnnotatorPush, PushReport

__all__ = ["AnnotatorPush", "PushReport", "run"]


_Types = tuple[tuple[project.LabelType, ...], tuple[project.LabelType, ...]]  # of spans and of relations


class _Batch(msgspec.Struct, frozen=True):
    """A batch, read; its articles are only looked at where that has not been done since they last changed."""

    name: str
    file: str  # of the plan, relative
    tasks: tuple[Task, ...]
    inputs: str  # the digest of the files that `_fitted` reads
    guide: guidelines.Guidelines
    schema: schema.Schema
    names: names.Names
    kind: TaskKind = "entities"
    articles: Lookup[Article] = {}
    digests: dict[str, str] = {}  # task id -> digest of what is shown
    suggested: dict[str, AnnotationLayer] = {}  # article id -> what annotators start with
    prelabels: dict[str, convert.Outgoing] = {}  # task id -> the same for the server
    force: bool = False


def run(workspace: Workspace, *, batch: str, prelabel: str | None = None, force: bool = False) -> PushReport:
    """Push `batch` to the server that the environment names, or to the workspace's own.

    With `prelabel` (see `prelabels`) tasks that are not there yet start with labels that the annotator may change.

    A reconcile, not an upload: repeat it, cut it off anywhere, and it ends with each task exactly once. No row that
    anybody has worked on is ever deleted or changed; what only a person can mend is in the report's findings. With
    `force` such rows go where they are not as planned, and the projects of people who are not asked any more, after
    what the server exports of them is saved in annotations/exports/<batch>/forced/.
    """
    plan = _read(workspace, batch)
    if not _proven(workspace, plan, prelabel):
        plan = _fitted(workspace, plan)
    plan = msgspec.structs.replace(plan, force=force)
    types = project.label_types(plan.schema, workspace.schema)
    with workspace.lock():
        signed_in = session.connect(workspace)
        jobs.require_worker(signed_in, "the import")
        asked = sorted({name for task in plan.tasks for name in task.annotators})
        wanted = {name: _wanted(workspace, plan, types, name) for name in asked}
        plan, done = _reconciled(signed_in, workspace, plan, wanted, prelabel)
        others = forced.unplanned(signed_in, workspace, batch, asked)
        gone = [forced.remove(signed_in, workspace, batch, each) for each in others] if force else []
        entries = tuple(each.entry for each in done)
        write_ledger(workspace, Ledger(batch=batch, server=signed_in.url, projects=entries, inputs=plan.inputs))
    return PushReport(
        batch=batch,
        server=signed_in.url,
        passwords=workspace.relative(workspace.private / passwords.FILE),
        annotators=tuple(each.pushed for each in done),
        findings=tuple(finding for each in done for finding in each.findings),
        prelabels=prelabels.told(plan.suggested),
        unplanned=others,
        removed=tuple(gone),
    )


def _reconciled(
    signed_in: session.Session,
    workspace: Workspace,
    plan: _Batch,
    wanted: dict[str, project.Plan],
    prelabel: str | None,
) -> tuple[_Batch, list[_Done]]:
    """Each annotator's part; articles are read, at the latest, where anything is to be done."""
    ledger = read_ledger(workspace, plan.name)
    before = {name: ledger.of(signed_in.url, name) if ledger else None for name in wanted}
    if plan.digests:
        plan = _prelabelled(workspace, plan, prelabel)
    stand = together(list(wanted), lambda name: _stands(signed_in, plan, wanted[name], before[name]), "look")
    standing = {name for name, still in zip(wanted, stand, strict=True) if still}
    if len(standing) < len(wanted) and not plan.digests:
        plan = _fitted(workspace, plan)

    def one(name: str) -> _Done:
        entry = before[name] if name in standing else None
        if entry is not None:
            return _Done(_report(signed_in, plan, entry), (), entry)
        return _annotator(signed_in, workspace, plan, wanted[name])

    return plan, together(list(wanted), one, "push")


def _proven(workspace: Workspace, plan: _Batch, prelabel: str | None) -> bool:
    """Whether a push of just these files, with nothing to start from, has found that all of it fits."""
    ledger = read_ledger(workspace, plan.name)
    bare = prelabel is None and not prelabels.path(workspace, plan.name).exists()
    return bare and ledger is not None and ledger.inputs == plan.inputs


def _wanted(workspace: Workspace, plan: _Batch, types: _Types, name: str) -> project.Plan:
    return project.Plan(
        workspace=workspace.settings.name,
        batch=plan.name,
        annotator=name,
        guideline=instructions(plan.tasks) + plan.guide.text,
        spans=types[0] if plan.kind == "entities" else (),
        relations=types[1],
        kind=plan.kind,
    )


def _prelabelled(workspace: Workspace, plan: _Batch, source: str | None) -> _Batch:
    """The batch with what its tasks start with."""
    given = prelabels.Given(
        workspace=workspace,
        batch=plan.name,
        tasks=plan.tasks,
        articles=plan.articles,
        schema=plan.schema,
        versions=(plan.guide.version, plan.schema.version),
    )
    suggested = prelabels.decide(given, source)
    labels = prelabels.outgoing(suggested, plan.tasks, plan.articles, plan.schema.voice)
    return msgspec.structs.replace(plan, suggested=suggested, prelabels=labels)


class _Done(msgspec.Struct, frozen=True):
    """One annotator's part."""

    pushed: AnnotatorPush
    findings: tuple[Finding, ...]
    entry: Pushed


def _read(workspace: Workspace, batch: str) -> _Batch:
    """The plan, less its articles."""
    tasks, path = load.tasks(workspace, batch), workspace.tasks / f"{batch}.jsonl"
    for number, task in enumerate(tasks, 1):
        if task.kind != tasks[0].kind:
            raise GoldwireError(
                f"a task of kind {task.kind!r} among those of {tasks[0].kind!r}",
                place=f"{path}:{number}",
                way_out="plan them as two batches",
            )
    return _Batch(
        name=batch,
        file=workspace.relative(path),
        tasks=tasks,
        inputs=digest_files((path, *sorted(workspace.articles.glob("*.jsonl")))),
        guide=guidelines.read_guidelines(workspace.guidelines),
        schema=schema.read_schema(workspace.schema),
        names=names.read(workspace, {name for task in tasks for name in task.annotators}),
        kind=tasks[0].kind if tasks else "entities",
    )


def _fitted(workspace: Workspace, plan: _Batch) -> _Batch:
    """The plan with its articles; whatever would fail or be lost on the server is refused here."""
    corpus = OnDisk(Article, "id", sorted(workspace.articles.glob("*.jsonl")))
    path, digests = workspace.tasks / f"{plan.name}.jsonl", {}
    for number, task in enumerate(plan.tasks, 1):
        digests[task.id] = text_digest(_fit(task, corpus.get(task.article_id), f"{path}:{number}"))
    return msgspec.structs.replace(plan, articles=corpus, digests=digests)


def _fit(task: Task, article: Article | None, place: str) -> str:
    """What is shown of the task's article; `place` is where the plan says so."""
    if article is None:
        raise GoldwireError(f"no article {task.article_id!r}", place=place, way_out="`goldwire ingest` brings it back")
    if task.text_sha256 != text_digest(article.text):
        raise GoldwireError(
            f"the text of {article.id} has changed since the batch was planned",
            place=place,
            way_out="restore it in corpus/, or plan the article anew in another batch",
        )
    text = convert.shown(task, article)
    reason = convert.unfit(text)
    if reason:
        raise GoldwireError(f"{article.id} cannot be pushed: {reason}", place=place, way_out="take it out of the batch")
    return text


def _annotator(signed_in: session.Session, workspace: Workspace, plan: _Batch, wanted: project.Plan) -> _Done:
    tasks = _asked(plan, wanted)
    there = Wanted(
        project=wanted,
        tasks=tasks,
        articles=plan.articles,
        digests=plan.digests,
        prelabels=plan.prelabels,
        save=forced.saver(workspace, plan.name, wanted.annotator) if plan.force else None,
    )
    settled = settle(signed_in, there)
    where = settled.project
    # Last, so that the annotator never sees a project that is not complete.
    user = plan.names.of(wanted.annotator).user
    created = accounts.ensure(signed_in, workspace, user)
    joined = project.ensure_member(signed_in, where.id, user)
    findings = tuple(_findings(signed_in, plan, settled))
    entry = _entry(plan, wanted, settled, exact=not findings)
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
    return _Done(pushed, findings, entry)


def _asked(plan: _Batch, wanted: project.Plan) -> tuple[Task, ...]:
    return tuple(task for task in plan.tasks if wanted.annotator in task.annotators)


def _digest(plan: _Batch, wanted: project.Plan) -> str:
    return digest(msgspec.json.encode(wanted), msgspec.json.encode(_asked(plan, wanted)))


def _entry(plan: _Batch, wanted: project.Plan, settled: Settled, *, exact: bool) -> Pushed:
    """What the ledger has of an annotator; `exact` where what is on the server is what was asked for."""
    return Pushed(
        annotator=wanted.annotator,
        project=settled.project.id,
        name=settled.project.name,
        tasks=len(_asked(plan, wanted)),
        guidelines_version=plan.guide.version,
        schema_version=plan.schema.version,
        plan=_digest(plan, wanted),
        rows=settled.rows if exact and not settled.difference.idle else None,
    )


def _stands(signed_in: session.Session, plan: _Batch, wanted: project.Plan, before: Pushed | None) -> bool:
    """Whether the server still holds just what the last push of this very plan left there."""
    if before is None or before.plan != _digest(plan, wanted):
        return False
    found = project.find(signed_in, wanted.mark)
    if before.rows is None or [one.id for one in found] != [before.project]:
        return False
    seen, user = look(signed_in, before.project), plan.names.of(wanted.annotator).user
    return seen is not None and seen.rows == before.rows and (user, project.ROLE) in seen.members


def _report(signed_in: session.Session, plan: _Batch, entry: Pushed) -> AnnotatorPush:
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


def _findings(signed_in: session.Session, plan: _Batch, settled: Settled) -> Iterator[Finding]:
    number = {task.id: line for line, task in enumerate(plan.tasks, 1)}
    for task_id, row, problem in settled.difference.problems:
        address = project.task_url(signed_in, settled.project.id, row.line, plan.kind)
        yield Finding(
            code=problem.code,
            file=plan.file,
            line=number[task_id],
            where=task_id,
            message=f"{problem.message} ({address})",
        )
    for row in settled.difference.dropped:
        address = project.task_url(signed_in, settled.project.id, row.line, plan.kind)
        message = f"somebody worked on what is no task of this batch any more ({address})"
        yield Finding(code="server-example-unknown", file=plan.file, line=None, where=row.gw_task_id, message=message)
