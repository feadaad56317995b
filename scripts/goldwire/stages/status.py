"""How a batch stands: who has done what, how fast, and what people differ on most so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from goldwire.agreement.batch import Material, measure_batch
from goldwire.agreement.disagreements import find_disputes
from goldwire.checks.rules.agreement import STANCES
from goldwire.doccano import project
from goldwire.doccano.client import session
from goldwire.doccano.client.look import look
from goldwire.doccano.ledger import read_pulls
from goldwire.doccano.pace import days_left, per_day
from goldwire.errors import ServerError
from goldwire.parallel.threads import map_concurrently
from goldwire.records import Agreement, AnnotationLayer, Task
from goldwire.stages.agree import describe
from goldwire.workspace import label_schema, loading
from goldwire.workspace.layout import Workspace

__all__ = ["AnnotatorStatus", "BatchList", "BatchSummary", "Differing", "StatusReport", "list_batches", "run"]

_SHOWN = ("span_f1_exact", "span_f1_overlap", "stance_f1_exact", "stance_alpha_nominal")
_MOST = 5  # labels that are told as differed on most


class AnnotatorStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator's part, as the server has it now; `address` is of the first task that is not done."""

    annotator: str
    tasks: int
    done: int
    started: int
    left: int
    per_day: float | None  # tasks on a day of work; None where the server does not tell when, or before the first
    days_left: int | None
    last: str | None  # the day of the last tick, UTC
    address: str | None


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """A label or stance that annotators differ on: how often, and where to see one such place."""

    label: str
    times: int
    where: str  # article id
    address: str | None


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """A batch as it stands. Agreement and differences are of what was last pulled."""

    batch: str
    server: str
    done: int
    tasks: int
    annotators: tuple[AnnotatorStatus, ...]
    agreement: tuple[Agreement, ...]
    differing: tuple[Differing, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.batch} at {self.server}: {self.done} of {self.tasks} done"
        for one in self.annotators:
            pace = "" if one.per_day is None else f", {one.per_day:.1f} a day"
            days = "" if not one.days_left else f", {one.days_left} days of work to go"
            yield f"{one.annotator}: {one.done} of {one.tasks} done, {one.started} started, {one.left} left{pace}{days}"
            if one.left and one.address:
                yield f"  next: {one.address}"
        yield from self.agreement_lines()
        for each in self.differing:
            where = each.address or "not on the server"
            yield f"differed on {each.label} {each.times} times, as in {each.where}: {where}"

    def agreement_lines(self) -> Iterator[str]:
        """A line a coefficient."""
        yield from map(describe, self.agreement)


class BatchSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One batch, as the files of the workspace show it."""

    batch: str
    kind: str
    articles: int
    tasks: int
    annotators: tuple[str, ...]
    layers: int  # pulled so far, over all annotators
    confirmed: int  # layers of articles that are ticked done
    adjudicated: bool


class BatchList(msgspec.Struct, frozen=True, kw_only=True):
    """All batches of a workspace, in the order of their names."""

    batches: tuple[BatchSummary, ...]

    def to_text(self) -> str:
        """Return the report for people."""
        if not self.batches:
            return "no batches yet: `goldwire sample BATCH --annotators A1,A2` plans one"
        return "\n".join(
            f"{one.batch} ({one.kind}): {one.articles} articles, {one.tasks} tasks for {', '.join(one.annotators)}; "
            f"{one.confirmed} of {one.layers} pulled layers are done; "
            + ("adjudicated" if one.adjudicated else "not adjudicated")
            for one in self.batches
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
                layers=len(layers),
                confirmed=sum(layer.confirmed for layer in layers),
                adjudicated=(workspace.gold / f"{batch}.jsonl").exists(),
            )
        )
    return BatchList(batches=tuple(summaries))


def run(workspace: Workspace, *, batch: str) -> StatusReport:
    """Ask the server how `batch` stands, and say how far people agree in what was last pulled. Nothing is written."""
    tasks = loading.tasks(workspace, batch)
    signed_in = session.connect(workspace)
    names = sorted({name for task in tasks for name in task.annotators})

    def one(name: str) -> tuple[AnnotatorStatus, dict[str, str]]:
        asked = tuple(task for task in tasks if name in task.annotators)
        return _annotator(signed_in, project.mark(workspace.settings.name, batch, name), name, asked)

    found = dict(zip(names, map_concurrently(names, one, "look"), strict=True))
    if all(status.address is None for status, _ in found.values()) and not read_pulls(workspace, batch, signed_in.url):
        raise ServerError(
            f"batch {batch!r} is not on this server", location=signed_in.url, hint="`goldwire push` brings it there"
        )
    people = tuple(status for status, _ in found.values())
    layers = _layers(workspace, batch)
    pages = {name: pages for name, (_, pages) in found.items()}
    return StatusReport(
        batch=batch,
        server=signed_in.url,
        done=sum(one.done for one in people),
        tasks=sum(one.tasks for one in people),
        annotators=people,
        agreement=_agreement(workspace, batch, layers, by_name=any(task.kind == "stance" for task in tasks)),
        differing=tuple(_differing(layers, pages)),
    )


def _annotator(
    signed_in: session.Session, marked_as: str, name: str, asked: Sequence[Task]
) -> tuple[AnnotatorStatus, dict[str, str]]:
    """The annotator's part, and where each article is in the browser."""
    projects = project.find(signed_in, marked_as)
    seen = look(signed_in, projects[0].id, examples=True) if projects else None
    done, started, ticks, first = 0, 0, [], None
    pages: dict[str, str] = {}
    if seen is not None:
        wanted = {task.id for task in asked}
        for page, one in enumerate(seen.examples, 1):
            if one.meta.get("gw_task_id") not in wanted:
                continue
            address = project.task_url(signed_in, projects[0].id, page, projects[0].kind)
            pages.setdefault(str(one.meta.get("gw_article_id")), address)
            done, started = done + (one.ticked is not None), started + (one.touched and one.ticked is None)
            ticks += [date.fromisoformat(one.ticked[:10])] if one.ticked else []
            first = first or (None if one.ticked else address)
    elif projects:
        done = _done(signed_in, projects[0].id)
        first = project.task_url(signed_in, projects[0].id, 1, projects[0].kind)
    pace, left = per_day(Counter(ticks)), len(asked) - done
    status = AnnotatorStatus(
        annotator=name,
        tasks=len(asked),
        done=done,
        started=started,
        left=left,
        per_day=pace,
        days_left=days_left(left, pace),
        last=max(ticks).isoformat() if ticks else None,
        address=first or next(iter(pages.values()), None),
    )
    return status, pages


def _done(signed_in: session.Session, where: int) -> int:
    """How many are ticked, from a server that cannot be looked at."""
    return int(signed_in.http.get(f"projects/{where}/examples", limit=1, confirmed="true")["count"])


def _layers(workspace: Workspace, batch: str) -> tuple[AnnotationLayer, ...]:
    folder = workspace.layers / batch
    return loading.layers(workspace, batch) if any(folder.glob("*.jsonl")) else ()


def _agreement(
    workspace: Workspace, batch: str, layers: Sequence[AnnotationLayer], *, by_name: bool
) -> tuple[Agreement, ...]:
    """The headline figures, without intervals, which would take seconds; where no span was asked for, of stances."""
    if len({layer.annotator for layer in layers}) < 2:
        return ()
    labels = label_schema.read_schema(workspace.schema)
    texts = {key: article.text for key, article in loading.articles(workspace).items()}
    material = Material(labels=labels.entity_labels, stances=labels.stance_labels, texts=texts)
    values = measure_batch(batch, layers, material, n_boot=0).values
    shown = [value for value in values if value.coefficient in _SHOWN]
    return tuple(value for value in shown if not by_name or value.coefficient.startswith(STANCES))


def _differing(layers: Sequence[AnnotationLayer], pages: Mapping[str, Mapping[str, str]]) -> Iterator[Differing]:
    """The labels that most disputes are about, each with the first place, as its first annotator there sees it."""
    disputes = find_disputes(layers)
    times = Counter(label for dispute in disputes for label in dispute.labels if label)
    for label, count in sorted(times.items(), key=lambda item: (-item[1], item[0]))[:_MOST]:
        first = next(dispute for dispute in disputes if label in dispute.labels)
        addresses = (pages.get(name, {}).get(first.article_id) for name, _ in first.said)
        address = next((address for address in addresses if address), None)
        yield Differing(label=label, times=count, where=first.article_id, address=address)
