"""Bring a batch to the Doccano server, one project an annotator: compare, make only the difference, read back."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from goldwire import guidelines, load, schema
from goldwire.doccano import accounts, convert, jobs, passwords, project, session
from goldwire.doccano.ledger import Ledger, Pushed, digest, read_ledger, write_ledger
from goldwire.doccano.look import look
from goldwire.doccano.settle import Settled, Wanted, settle
from goldwire.doccano.together import together
from goldwire.errors import GoldwireError
from goldwire.layout import Workspace
from goldwire.records import Article, Finding, Task, text_digest

__all__ = ["AnnotatorPush", "PushReport", "run"]


class AnnotatorPush(msgspec.Struct, frozen=True, kw_only=True):
    """What was done for one annotator."""

    annotator: str
    project: int
    address: str  # of its first task, for the browser
    tasks: int
    added: int
    removed: int  # copies that a broken import had left
    created: bool  # the account, with a generated password
    changed: bool


class PushReport(msgspec.Struct, frozen=True, kw_only=True):
    """A batch on the server."""

    batch: str
    server: str
    passwords: str
    annotators: tuple[AnnotatorPush, ...]
    findings: tuple[Finding, ...]

    def lines(self) -> Iterator[str]:
        """What a person reads."""
        for one in self.annotators:
            done = f"{one.added} added" if one.added else "nothing to add"
            healed = f", {one.removed} copies removed" if one.removed else ""
            yield f"{one.annotator}: {one.tasks} tasks ({done}{healed}) at {one.address}"
        if any(one.created for one in self.annotators):
            yield f"passwords of the new accounts are in {self.passwords}"
        for finding in self.findings:
            yield f"{finding.file}: {finding.where}: [{finding.code}] {finding.message}"


class _Batch(msgspec.Struct, frozen=True):
    """A batch, read and validated."""

    name: str
    file: str  # of the plan, relative
    tasks: tuple[Task, ...]
    articles: dict[str, Article]
    texts: dict[str, str]  # task id -> what is shown
    guide: guidelines.Guidelines
    schema: schema.Schema


def run(workspace: Workspace, *, batch: str) -> PushReport:
    """Push `batch` to the server that the environment names, or to the workspace's own.

    A reconcile, not an upload: repeat it, cut it off anywhere, and it ends with each task exactly once. No row that
    anybody has worked on is ever deleted or changed; what only a person can mend is in the report's findings.
    """
    plan = _read(workspace, batch)
    types = project.label_types(plan.schema, workspace.schema)
    with workspace.lock():
        signed_in = session.connect(workspace)
        jobs.require_worker(signed_in, "the import")
        before = read_ledger(workspace, batch)

        def one(name: str) -> _Done:
            wanted = project.Plan(
                workspace=workspace.settings.name,
                batch=batch,
                annotator=name,
                guideline=plan.guide.text,
                spans=types[0],
                relations=types[1],
            )
            return _annotator(signed_in, workspace, plan, wanted, before.of(signed_in.url, name) if before else None)

        done = together(sorted({name for task in plan.tasks for name in task.annotators}), one, "push")
        write_ledger(workspace, Ledger(batch=batch, server=signed_in.url, projects=tuple(each.entry for each in done)))
    return PushReport(
        batch=batch,
        server=signed_in.url,
        passwords=workspace.relative(workspace.private / passwords.FILE),
        annotators=tuple(each.pushed for each in done),
        findings=tuple(finding for each in done for finding in each.findings),
    )


class _Done(msgspec.Struct, frozen=True):
    """One annotator's part."""

    pushed: AnnotatorPush
    findings: tuple[Finding, ...]
    entry: Pushed


def _read(workspace: Workspace, batch: str) -> _Batch:
    """The plan with its articles; whatever would fail or be lost on the server is refused here."""
    tasks = load.tasks(workspace, batch)
    corpus = load.articles(workspace)
    path = workspace.tasks / f"{batch}.jsonl"
    texts = {}
    for number, task in enumerate(tasks, 1):
        place = f"{path}:{number}"
        if task.kind != "entities":
            raise GoldwireError(f"a task of kind {task.kind!r}", place=place, way_out="push takes `entities`")
        article = corpus.get(task.article_id)
        if article is None:
            raise GoldwireError(
                f"no article {task.article_id!r}", place=place, way_out="`goldwire ingest` brings it back"
            )
        if task.text_sha256 != text_digest(article.text):
            raise GoldwireError(
                f"the text of {article.id} has changed since the batch was planned",
                place=place,
                way_out="restore it in corpus/, or plan the article anew in another batch",
            )
        texts[task.id] = convert.shown(task, article)
        reason = convert.unfit(texts[task.id])
        if reason:
            raise GoldwireError(
                f"{article.id} cannot be pushed: {reason}", place=place, way_out="take it out of the batch"
            )
    return _Batch(
        name=batch,
        file=workspace.relative(path),
        tasks=tasks,
        articles={task.article_id: corpus[task.article_id] for task in tasks},
        texts=texts,
        guide=guidelines.read_guidelines(workspace.guidelines),
        schema=schema.read_schema(workspace.schema),
    )


def _annotator(
    signed_in: session.Session, workspace: Workspace, plan: _Batch, wanted: project.Plan, before: Pushed | None
) -> _Done:
    tasks = tuple(task for task in plan.tasks if wanted.annotator in task.annotators)
    asked = digest(msgspec.json.encode(wanted), msgspec.json.encode(tasks))
    if before is not None and before.plan == asked and _stands(signed_in, wanted, before):
        return _Done(_report(signed_in, before), (), before)
    settled = settle(signed_in, Wanted(project=wanted, tasks=tasks, articles=plan.articles, texts=plan.texts))
    where = settled.project
    # Last, so that the annotator never sees a project that is not complete.
    created = accounts.ensure(signed_in, workspace, wanted.annotator)
    joined = project.ensure_member(signed_in, where.id, wanted.annotator)
    findings = tuple(_findings(signed_in, plan, settled))
    entry = Pushed(
        annotator=wanted.annotator,
        project=where.id,
        name=where.name,
        tasks=len(tasks),
        guidelines_version=plan.guide.version,
        schema_version=plan.schema.version,
        plan=asked,
        rows=None if findings else settled.rows,
    )
    pushed = msgspec.structs.replace(
        _report(signed_in, entry),
        added=settled.added,
        removed=settled.removed,
        created=created,
        changed=settled.changed or created or joined,
    )
    return _Done(pushed, findings, entry)


def _stands(signed_in: session.Session, wanted: project.Plan, before: Pushed) -> bool:
    """Whether the server still holds just what the last push of this very plan left there."""
    found = project.find(signed_in, wanted.mark)
    if before.rows is None or [one.id for one in found] != [before.project]:
        return False
    seen = look(signed_in, before.project)
    return seen is not None and seen.rows == before.rows and (wanted.annotator, project.ROLE) in seen.members


def _report(signed_in: session.Session, entry: Pushed) -> AnnotatorPush:
    return AnnotatorPush(
        annotator=entry.annotator,
        project=entry.project,
        address=project.task_url(signed_in, entry.project, 1),
        tasks=entry.tasks,
        added=0,
        removed=0,
        created=False,
        changed=False,
    )


def _findings(signed_in: session.Session, plan: _Batch, settled: Settled) -> Iterator[Finding]:
    number = {task.id: line for line, task in enumerate(plan.tasks, 1)}
    for task_id, row, problem in settled.difference.problems:
        address = project.task_url(signed_in, settled.project.id, row.line)
        yield Finding(
            code=problem.code,
            file=plan.file,
            line=number[task_id],
            where=task_id,
            message=f"{problem.message} ({address})",
        )
