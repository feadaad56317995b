"""Bring the labels back: the server's own bytes to exports/, layers checked against the text to layers/."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from goldwire import atomic, guidelines, jsonl, load, schema
from goldwire.doccano import exports, jobs, project, session
from goldwire.doccano.collect import Asked, Collected, collect
from goldwire.doccano.http import DroppedError
from goldwire.doccano.ledger import Ledger, Pulled, Pulls, digest, read_ledger, read_pulls, write_pulls
from goldwire.doccano.look import Look, look
from goldwire.doccano.read import Reading, read
from goldwire.doccano.together import together
from goldwire.errors import GoldwireError
from goldwire.layout import Workspace
from goldwire.records import AnnotationLayer, Finding, Task

__all__ = ["AnnotatorPull", "PullReport", "run", "watch"]


class AnnotatorPull(msgspec.Struct, frozen=True, kw_only=True):
    """What one annotator has done, and whether it is news."""

    annotator: str
    tasks: int
    done: int  # ticked done
    started: int  # has labels or comments, not ticked
    kept: int  # layers of an earlier pull that stand, since what the server has now cannot be trusted
    changed: bool


class PullReport(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as it stands on the server."""

    batch: str
    server: str
    annotators: tuple[AnnotatorPull, ...]
    findings: tuple[Finding, ...]

    def lines(self) -> Iterator[str]:
        """What a person reads."""
        for one in self.annotators:
            left = one.tasks - one.done
            news = "" if one.changed else ", nothing new"
            kept = f", {one.kept} as last pulled" if one.kept else ""
            yield f"{one.annotator}: {one.done} of {one.tasks} done, {one.started} started, {left} left{kept}{news}"
        for finding in self.findings:
            place = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
            yield f"{place} {finding.where}: [{finding.code}] {finding.message}"


def run(workspace: Workspace, *, batch: str) -> PullReport:
    """Pull `batch` from the server that the environment names, or from the workspace's own.

    Repeatable: with nothing changed there, nothing is written here. What the server has spoilt (a text that was
    edited, a span out of range, an unknown label, a missing task or project) is in the report's findings with the
    task's address, and the last good layer of that article stays.
    """
    tasks, ledger = load.tasks(workspace, batch), read_ledger(workspace, batch)
    with workspace.lock():
        signed_in = session.connect(workspace)
        jobs.require_worker(signed_in, "the export")
        names = sorted({name for task in tasks for name in task.annotators})
        projects = _find(signed_in, workspace, batch, names)
        if not any(projects.values()) and ledger is None:
            raise GoldwireError(
                f"batch {batch!r} is not on this server", place=signed_in.url, way_out="`goldwire push` brings it there"
            )
        inputs, before = _inputs(workspace, batch), read_pulls(workspace, batch, signed_in.url)

        def stands(name: str) -> bool:
            return _stands(signed_in, workspace, batch, projects[name], before.get(name), inputs)

        for folder in (workspace.exports / batch, workspace.layers / batch):
            atomic.sweep(folder)
        standing = {name for name, still in zip(names, together(names, stands, "look"), strict=True) if still}
        asked = _asked(workspace, batch, tasks, ledger, projects) if len(standing) < len(names) else {}

        def one(name: str) -> _Done:
            if name in standing:
                return _Done(_unchanged(before[name]), (), before[name])
            return _annotator(signed_in, workspace, asked[name], projects[name], inputs)

        done = together(names, one, "pull")
        pulls = tuple(each.note for each in done if each.note is not None)
        write_pulls(workspace, Pulls(batch=batch, server=signed_in.url, pulls=pulls))
    return PullReport(
        batch=batch,
        server=signed_in.url,
        annotators=tuple(each.pulled for each in done),
        findings=tuple(finding for each in done for finding in each.findings),
    )


def _find(
    signed_in: session.Session, workspace: Workspace, batch: str, names: list[str]
) -> dict[str, tuple[project.Project, ...]]:
    """Each annotator's projects on the server."""
    marks = {name: project.mark(workspace.settings.name, batch, name) for name in names}
    found = together(names, lambda name: project.find(signed_in, marks[name]), "look")
    return dict(zip(names, found, strict=True))


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


def _asked(
    workspace: Workspace,
    batch: str,
    tasks: tuple[Task, ...],
    ledger: Ledger | None,
    projects: dict[str, tuple[project.Project, ...]],
) -> dict[str, Asked]:
    articles, labels = load.articles(workspace), schema.read_schema(workspace.schema)
    return {
        name: Asked(
            batch=batch,
            annotator=name,
            tasks=tuple(task for task in tasks if name in task.annotators),
            articles=articles,
            schema=labels,
            guidelines_version=_guidelines_version(found, name, ledger),
        )
        for name, found in projects.items()
    }


def _inputs(workspace: Workspace, batch: str) -> str:
    """The digest of the files here that layers are made from, besides what the server has."""
    paths = (workspace.tasks / f"{batch}.jsonl", workspace.schema, *sorted(workspace.articles.glob("*.jsonl")))
    return digest(*(path.read_bytes() for path in paths if path.exists()))


def _stands(
    signed_in: session.Session,
    workspace: Workspace,
    batch: str,
    found: tuple[project.Project, ...],
    note: Pulled | None,
    inputs: str,
) -> bool:
    """Whether nothing has changed since `note` was made, there or here."""
    if note is None or note.inputs != inputs or [one.id for one in found] != [note.project]:
        return False
    files = _files(workspace, batch, note.annotator)
    if not all(path.exists() for path in files) or _digests(files) != (note.export, note.layers):
        return False
    seen = look(signed_in, note.project)
    return seen is not None and (seen.rows, seen.work) == (note.rows, note.work)


def _files(workspace: Workspace, batch: str, annotator: str) -> tuple[Path, Path]:
    """The export and the layers of an annotator."""
    name = f"{annotator}.jsonl"
    return workspace.exports / batch / name, workspace.layers / batch / name


def _digests(files: tuple[Path, Path]) -> tuple[str, str]:
    return digest(files[0].read_bytes()), digest(files[1].read_bytes())


def _unchanged(note: Pulled) -> AnnotatorPull:
    return AnnotatorPull(
        annotator=note.annotator, tasks=note.tasks, done=note.done, started=note.started, kept=0, changed=False
    )


def _guidelines_version(found: tuple[project.Project, ...], name: str, ledger: Ledger | None) -> str:
    """The version that the annotator sees, or, where somebody has edited the page, the one last pushed from here."""
    pushed = {one.annotator: one.guidelines_version for one in ledger.projects} if ledger else {}
    return (guidelines.version_of(found[0].guideline) if found else None) or pushed.get(name, "unknown")


def _annotator(
    signed_in: session.Session, workspace: Workspace, asked: Asked, found: tuple[project.Project, ...], inputs: str
) -> _Done:
    export, path = _files(workspace, asked.batch, asked.annotator)
    former = {layer.article_id: layer for layer in jsonl.read(path, AnnotationLayer)} if path.exists() else {}
    if not found:
        return _lost(signed_in, workspace, asked, former)
    reading = read(signed_in, found[0].id)
    collected = collect(asked, reading.rows, reading.confirmed, former)
    changed = exports.keep(export, reading.data)
    changed |= jsonl.write(path, collected.layers)
    done = sum(layer.confirmed for layer in collected.layers)
    pulled = AnnotatorPull(
        annotator=asked.annotator,
        tasks=len(asked.tasks),
        done=done,
        started=len(collected.layers) - done,
        kept=collected.kept,
        changed=changed,
    )
    findings = tuple(_findings(signed_in, found, workspace.relative(export), reading, collected))
    note = (
        None if findings or reading.seen is None else _note(pulled, found[0].id, reading.seen, inputs, (export, path))
    )
    return _Done(pulled, findings, note)


def _note(pulled: AnnotatorPull, where: int, seen: Look, inputs: str, files: tuple[Path, Path]) -> Pulled:
    export, layers = _digests(files)
    return Pulled(
        annotator=pulled.annotator,
        project=where,
        rows=seen.rows,
        work=seen.work,
        inputs=inputs,
        export=export,
        layers=layers,
        tasks=pulled.tasks,
        done=pulled.done,
        started=pulled.started,
    )


def _lost(signed_in: session.Session, workspace: Workspace, asked: Asked, former: dict[str, AnnotationLayer]) -> _Done:
    """The project is gone: whatever was pulled before stands."""
    finding = Finding(
        code="server-project-missing",
        file=workspace.relative(workspace.layers / asked.batch / f"{asked.annotator}.jsonl"),
        line=None,
        where=asked.annotator,
        message=f"{signed_in.url} has no project of {asked.annotator} for {asked.batch}; `goldwire push` makes it",
    )
    done = sum(layer.confirmed for layer in former.values())
    pulled = AnnotatorPull(
        annotator=asked.annotator,
        tasks=len(asked.tasks),
        done=done,
        started=len(former) - done,
        kept=len(former),
        changed=False,
    )
    return _Done(pulled, (finding,), None)


def _findings(
    signed_in: session.Session, found: tuple[project.Project, ...], export: str, reading: Reading, collected: Collected
) -> Iterator[Finding]:
    where = found[0].id
    for spare in found[1:]:
        message = f"projects {where} and {spare.id} are the same batch and annotator; {where} was read"
        yield Finding(code="server-project-duplicate", file=export, line=None, where=None, message=message)
    for number in reading.unreadable:
        message = f"not a line that Doccano writes ({project.task_url(signed_in, where, number)})"
        yield Finding(code="server-row-unreadable", file=export, line=number, where=None, message=message)
    for trouble in collected.troubles:
        line = trouble.row.line if trouble.row else None
        address = project.task_url(signed_in, where, line or 1)
        message = f"{trouble.problem.message} ({address})"
        yield Finding(code=trouble.problem.code, file=export, line=line, where=trouble.task, message=message)
