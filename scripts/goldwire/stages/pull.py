"""Bring the labels back: the server's own bytes to exports/, layers checked against the text to layers/."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from goldwire.doccano import project
from goldwire.doccano.client import exports, jobs, session
from goldwire.doccano.client.http import DroppedError
from goldwire.doccano.client.look import Look, look
from goldwire.doccano.client.project_reader import Reading, read
from goldwire.doccano.layers import Asked, Found, Tally, digests, layers
from goldwire.doccano.ledger import (
    Ledger,
    Pulled,
    Pulls,
    digest_files,
    last_pull,
    read_ledger,
    read_pulls,
    write_pulls,
)
from goldwire.doccano.pulled import AnnotatorPull, PullReport
from goldwire.errors import ServerError
from goldwire.parallel.threads import map_concurrently
from goldwire.prelabeling import sources
from goldwire.records import AnnotationLayer, Article, Finding
from goldwire.workspace import atomic, guidelines, indexed_jsonl, jsonl, label_schema, loading
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotatorPull", "PullReport", "run", "watch"]


def run(workspace: Workspace, *, batch: str) -> PullReport:
    """Pull `batch` from the server that the environment names, or from the workspace's own.

    Repeatable: with nothing changed there, nothing is written here. What the server has spoilt (a text that was
    edited, a span out of range, an unknown label, a missing task or project) is in the report's findings with the
    task's address, and the last good layer of that article stays. Articles, exports and layers stay on disk, so that
    the memory that it takes does not grow with them.
    """
    with workspace.lock():
        ledger, inputs = read_ledger(workspace, batch), _inputs(workspace, batch)
        names = _names(workspace, batch, inputs)
        signed_in = session.connect(workspace)
        there = project.find_batch(signed_in, workspace.settings.name, batch)
        job = _Job(
            signed_in=signed_in,
            workspace=workspace,
            batch=batch,
            projects={name: there.get(name, ()) for name in names},
            inputs=inputs,
            before=read_pulls(workspace, batch, signed_in.url),
        )
        if not any(job.projects.values()) and ledger is None:
            raise ServerError(
                f"batch {batch!r} is not on this server", location=signed_in.url, hint="`goldwire push` brings it there"
            )
        for folder in (workspace.exports / batch, workspace.layers / batch):
            atomic.sweep(folder)
        done = _pulled(job, names, ledger)
        pulls = tuple(each.note for each in done if each.note is not None)
        asked = Pulls(batch=batch, server=signed_in.url, pulls=pulls, inputs=inputs, annotators=tuple(names))
        write_pulls(workspace, asked)
    return PullReport(
        batch=batch,
        server=signed_in.url,
        annotators=tuple(each.pulled for each in done),
        findings=tuple(finding for each in done for finding in each.findings),
    )


class _Job(msgspec.Struct, frozen=True, kw_only=True):
    """A batch that is being pulled: `projects` and `before`, what was last pulled, by annotator."""

    signed_in: session.Session
    workspace: Workspace
    batch: str
    projects: dict[str, tuple[project.Project, ...]]
    inputs: str
    before: dict[str, Pulled]

    def files(self, annotator: str) -> tuple[Path, Path]:
        """The export and the layers of an annotator."""
        name = f"{annotator}.jsonl"
        return self.workspace.exports / self.batch / name, self.workspace.layers / self.batch / name


def _pulled(job: _Job, names: list[str], ledger: Ledger | None) -> list[_Done]:
    """Each annotator's part, in the order of `names`; articles are only read where there is something new."""
    stand = map_concurrently(names, lambda name: _stands(job, name), "look")
    standing = {name for name, still in zip(names, stand, strict=True) if still}
    asked: dict[str, Asked] = {}
    if len(standing) < len(names):
        jobs.require_worker(job.signed_in, "the export")
        asked = _asked(job, ledger)

    def one(name: str) -> _Done:
        if name in standing:
            return _Done(_unchanged(job.before[name]), (), job.before[name])
        return _annotator(job, asked[name])

    return map_concurrently(names, one, "pull")


def _names(workspace: Workspace, batch: str, inputs: str) -> list[str]:
    """Who is asked; the plan, 10,000 tasks in 0.1 s, is only read where it is not the last pull's."""
    last = last_pull(workspace, batch)
    if last.annotators and last.inputs == inputs:
        return list(last.annotators)
    return sorted({name for task in loading.tasks(workspace, batch) for name in task.annotators})


def watch(workspace: Workspace, *, batch: str, every: float) -> Iterator[PullReport]:
    """Pull again and again, `every` seconds, and yield the first report and each that has something new, for ever.

    A server that is away for a while is asked again; one that was never there is an error.
    """
    report = run(workspace, batch=batch)
    yield report
    while True:
        time.sleep(every)
        try:
            latest = run(workspace, batch=batch)
        except DroppedError:
            continue
        if latest.findings != report.findings or any(one.changed for one in latest.annotators):
            yield latest
        report = latest


class _Done(msgspec.Struct, frozen=True):
    """One annotator's part; `note` where the next pull may rely on it."""

    pulled: AnnotatorPull
    findings: tuple[Finding, ...]
    note: Pulled | None


def _asked(job: _Job, ledger: Ledger | None) -> dict[str, Asked]:
    articles = indexed_jsonl.IndexedJsonl(Article, "id", sorted(job.workspace.articles.glob("*.jsonl")))
    suggested = indexed_jsonl.IndexedJsonl(
        AnnotationLayer, "article_id", [sources.prelabels_path(job.workspace, job.batch)]
    )
    tasks = loading.tasks(job.workspace, job.batch)
    labels, shown = label_schema.read_schema(job.workspace.schema), digests(tasks, articles)
    return {
        name: Asked(
            batch=job.batch,
            annotator=name,
            tasks=tuple(task for task in tasks if name in task.annotators),
            articles=articles,
            digests=shown,
            schema=labels,
            guidelines_version=_guidelines_version(found, name, ledger),
            suggested=suggested,
        )
        for name, found in job.projects.items()
    }


def _inputs(workspace: Workspace, batch: str) -> str:
    """The digest of the files here that layers are made from, besides what the server has."""
    planned = (workspace.tasks / f"{batch}.jsonl", sources.prelabels_path(workspace, batch))
    return digest_files((*planned, workspace.schema, *sorted(workspace.articles.glob("*.jsonl"))))


def _stands(job: _Job, name: str) -> bool:
    """Whether nothing has changed since the annotator was last pulled, there or here."""
    note, files = job.before.get(name), job.files(name)
    if note is None or note.inputs != job.inputs or [one.id for one in job.projects[name]] != [note.project]:
        return False
    seen = look(job.signed_in, note.project)
    if seen is None or (seen.rows, seen.work) != (note.rows, note.work):
        return False
    return all(path.exists() for path in files) and _digests(files) == (note.export, note.layers)


def _digests(files: tuple[Path, Path]) -> tuple[str, str]:
    return digest_files(files[:1]), digest_files(files[1:])


def _unchanged(note: Pulled) -> AnnotatorPull:
    return AnnotatorPull(
        annotator=note.annotator, tasks=note.tasks, done=note.done, started=note.started, kept=0, changed=False
    )


def _guidelines_version(found: tuple[project.Project, ...], name: str, ledger: Ledger | None) -> str:
    """The version that the annotator sees, or, where somebody has edited the page, the one last pushed from here."""
    pushed = {one.annotator: one.guidelines_version for one in ledger.projects} if ledger else {}
    return (guidelines.version_of(found[0].guideline) if found else None) or pushed.get(name, "unknown")


def _annotator(job: _Job, asked: Asked) -> _Done:
    export, path = job.files(asked.annotator)
    former, found = indexed_jsonl.IndexedJsonl(AnnotationLayer, "article_id", [path]), job.projects[asked.annotator]
    if not found:
        return _lost(job, asked, former)
    reading = read(job.signed_in, found[0].id, scratch=export.parent)
    tally = Tally()
    made = layers(asked, Found(reading.rows, reading.confirmed, reading.whole), former, tally)
    changed = atomic.write_chunks(path, (jsonl.dump((layer,)) for layer in made))
    changed |= exports.keep(export, reading.lines)
    pulled = AnnotatorPull(
        annotator=asked.annotator,
        tasks=len(asked.tasks),
        done=tally.done,
        started=tally.started,
        kept=tally.kept,
        changed=changed,
    )
    findings = tuple(_findings(job, asked.annotator, reading, tally))
    note = None if findings or reading.seen is None else _note(pulled, found[0].id, reading.seen, job)
    return _Done(pulled, findings, note)


def _note(pulled: AnnotatorPull, where: int, seen: Look, job: _Job) -> Pulled:
    export, layered = _digests(job.files(pulled.annotator))
    return Pulled(
        annotator=pulled.annotator,
        project=where,
        rows=seen.rows,
        work=seen.work,
        inputs=job.inputs,
        export=export,
        layers=layered,
        tasks=pulled.tasks,
        done=pulled.done,
        started=pulled.started,
        days=seen.days,
    )


def _lost(job: _Job, asked: Asked, former: indexed_jsonl.IndexedJsonl[AnnotationLayer]) -> _Done:
    """The project is gone: whatever was pulled before stands."""
    finding = Finding(
        code="server-project-missing",
        file=job.workspace.relative(job.files(asked.annotator)[1]),
        line=None,
        item=asked.annotator,
        message=f"{job.signed_in.url} has no project of {asked.annotator} for {job.batch}; `goldwire push` makes it",
    )
    left = [former[task.article_id] for task in asked.tasks if task.article_id in former]
    done = sum(layer.confirmed for layer in left)
    pulled = AnnotatorPull(
        annotator=asked.annotator,
        tasks=len(asked.tasks),
        done=done,
        started=len(left) - done,
        kept=len(former),
        changed=False,
    )
    return _Done(pulled, (finding,), None)


def _findings(job: _Job, name: str, reading: Reading, tally: Tally) -> Iterator[Finding]:
    found, export = job.projects[name], job.workspace.relative(job.files(name)[0])
    where, kind = found[0].id, found[0].kind
    for spare in found[1:]:
        message = f"projects {where} and {spare.id} are the same batch and annotator; {where} was read"
        yield Finding(code="server-project-duplicate", file=export, line=None, item=None, message=message)
    for number in reading.unreadable:
        message = f"not a line that Doccano writes ({project.task_url(job.signed_in, where, number, kind)})"
        yield Finding(code="server-row-unreadable", file=export, line=number, item=None, message=message)
    for trouble in tally.troubles:
        line = trouble.row.line if trouble.row else None
        address = project.task_url(job.signed_in, where, line or 1, kind)
        message = f"{trouble.problem.message} ({address})"
        yield Finding(code=trouble.problem.code, file=export, line=line, item=trouble.task, message=message)
