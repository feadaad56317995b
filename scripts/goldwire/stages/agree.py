"""Measure agreement between the annotators of a batch: one JSON file for programs, one HTML file for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from math import isnan

import msgspec

from goldwire.agreement.batch import BatchAgreement, Material, measure_batch
from goldwire.agreement.prelabel_effect import KEPT
from goldwire.checks.rules.agreement import STANCES
from goldwire.doccano.ledger import read_ledger, read_pulls
from goldwire.doccano.project import page_url
from goldwire.doccano.reports import per_day
from goldwire.errors import ConfigError, DataError
from goldwire.records import Agreement, AnnotationLayer, Article, Task
from goldwire.workspace import atomic, jsonl, loading
from goldwire.workspace.label_schema import Schema, read_schema
from goldwire.workspace.layout import Workspace

__all__ = ["AgreeReport", "run"]


class AgreeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `agree` measured, and where it wrote it. `html` is None where no report was asked for or could be made."""

    batch: str
    articles: int
    annotators: tuple[str, ...]
    unconfirmed: int
    values: tuple[Agreement, ...]
    json: str
    html: str | None
    note: str | None = None
    by_name: bool = False  # whether the batch asks for stances to targets by name, and for no spans
    below: tuple[str, ...] = ()  # values under their floor in [tool.goldwire.floors]: exit 1
    pace: dict[str, float] = {}  # tasks on a day of work by annotator, of what was pulled from here

    @property
    def exit_code(self) -> int:
        """1 where a value is below its floor."""
        return int(bool(self.below))

    def to_text(self) -> str:
        """Return the report for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.batch}: {self.articles} articles that two or more of {', '.join(self.annotators)} confirmed"
        if self.unconfirmed:
            yield f"{self.unconfirmed} layers are not confirmed and were left out"
        undefined: dict[str | None, list[str]] = {}
        for value in self.values:
            if self.by_name and not value.coefficient.startswith(STANCES):
                continue
            if "[" not in value.coefficient or value.coefficient.startswith(KEPT):
                if isnan(value.value):
                    undefined.setdefault(value.reason, []).append(value.coefficient)
                else:
                    yield describe(value)
        for reason, names in undefined.items():
            yield f"{', '.join(names)} undefined: {reason}"
        if self.pace:
            said = ", ".join(f"{name} {pace:.3g}" for name, pace in self.pace.items())
            yield f"tasks on a day of work: {said}"
        yield f"wrote {self.json}" + (f" and {self.html}" if self.html else "")
        if self.note:
            yield self.note
        yield from self.below


def describe(value: Agreement) -> str:
    """A value in one line: `span_f1_exact .812 [.774, .846] n=212, 3 annotators`, or why it is undefined."""
    if isnan(value.value):
        return f"{value.coefficient} undefined: {value.reason}"
    interval = "" if isnan(value.low) else f" [{value.low:.3f}, {value.high:.3f}]"
    return f"{value.coefficient} {value.value:.3f}{interval} n={value.n_items}, {value.n_raters} annotators"


class How(msgspec.Struct, frozen=True, kw_only=True):
    """How a batch is measured.

    Intervals come from `n_boot` resamples of articles (0: none), drawn with `seed`: equal input gives equal bytes. With
    `gold` each annotator is also compared with the batch's gold, which a later stage makes: hence only on demand.
    `fail_under` maps names of coefficients to minimum values; they override [tool.goldwire.floors] for this run only.
    """

    n_boot: int = 1000
    html: bool = True
    seed: int = 0
    gold: bool = False
    fail_under: Mapping[str, float] = {}


def run(
    workspace: Workspace,
    *,
    batch: str,
    n_boot: int = 1000,
    html: bool = True,
    seed: int = 0,
    gold: bool = False,
    fail_under: Mapping[str, float] = {},
) -> AgreeReport:
    """Measure a batch and write annotations/agreement/<batch>.json and, with `html`, <batch>.html beside it.

    The options are the fields of `How`. A minimum outside [-1, 1], or of a value that was not measured, is a
    ConfigError.
    """
    for name, floor in fail_under.items():
        if not -1 <= floor <= 1:
            raise ConfigError(f"the minimum of {name} is {floor}", hint="use a number from -1 to 1")
    wanted = How(n_boot=n_boot, html=html, seed=seed, gold=gold, fail_under=fail_under)
    with workspace.lock():
        return _agree(workspace, batch, wanted, fail_under)


def _agree(workspace: Workspace, batch: str, how: How, floors: Mapping[str, float]) -> AgreeReport:
    schema = read_schema(workspace.schema)
    layers = _annotators_layers(workspace, batch)
    articles = loading.articles(workspace)
    material = _material(workspace, batch, (schema, articles, how.gold))
    found = measure_batch(batch, layers, material, n_boot=how.n_boot, seed=how.seed)
    _refuse_unmeasured(found, floors)
    path = workspace.agreement / f"{batch}.json"
    jsonl.write_document(path, found)
    by_name = any(task.kind == "stance" for task in _tasks(workspace, batch))
    measured = [value for value in found.values if not by_name or value.coefficient.startswith(STANCES)]
    pace = _pace(workspace, batch)
    page, note = _page(workspace, found, (layers, articles, schema), pace) if how.html else (None, None)
    return AgreeReport(
        batch=batch,
        articles=found.articles,
        annotators=found.annotators,
        unconfirmed=found.unconfirmed,
        values=found.values,
        json=workspace.relative(path),
        html=page,
        note=note,
        by_name=by_name,
        pace=pace,
        below=tuple(_below(measured, {**workspace.settings.floors, **floors})),
    )


def _refuse_unmeasured(found: BatchAgreement, floors: Mapping[str, float]) -> None:
    """A floor that nothing is held against would be passed for ever."""
    names = [value.coefficient for value in found.values]
    for name in floors:
        if name not in names:
            near = get_close_matches(name, names, n=3, cutoff=0.5) or names[:3]
            raise ConfigError(f"no value {name!r} in {found.batch}", hint=f"there are {', '.join(near)}")


def _below(values: Sequence[Agreement], floors: Mapping[str, float]) -> Iterator[str]:
    for value in values:
        floor = floors.get(value.coefficient)
        if floor is not None and not value.value >= floor:  # undefined is below, too
            yield f"{describe(value)} is below its floor {floor:.3f}"


def _annotators_layers(workspace: Workspace, batch: str) -> tuple[AnnotationLayer, ...]:
    layers = loading.layers(workspace, batch)
    names = {layer.annotator for layer in layers}
    if len(names) < 2:
        raise DataError(
            f"only {', '.join(sorted(names))} annotated batch {batch!r}",
            location=workspace.layers / batch,
            hint="agreement takes two: `goldwire pull` once a second annotator is done",
        )
    return layers


def _material(workspace: Workspace, batch: str, given: tuple[Schema, Mapping[str, Article], bool]) -> Material:
    schema, articles, with_gold = given
    return Material(
        labels=schema.entity_labels,
        stances=schema.stance_labels,
        texts={key: article.text for key, article in articles.items()},
        sources={key: article.source for key, article in articles.items()},
        order=tuple(dict.fromkeys(task.article_id for task in _tasks(workspace, batch))),
        gold=[layer for layer in loading.gold(workspace) if layer.batch == batch] if with_gold else (),
        gamma=True,
    )


def _tasks(workspace: Workspace, batch: str) -> tuple[Task, ...]:
    """The plan, where there is one: layers may come from elsewhere."""
    return loading.tasks(workspace, batch) if (workspace.tasks / f"{batch}.jsonl").exists() else ()


def _page(
    workspace: Workspace,
    found: BatchAgreement,
    seen: tuple[Sequence[AnnotationLayer], Mapping[str, Article], Schema],
    pace: Mapping[str, float],
) -> tuple[str | None, str | None]:
    try:
        from goldwire.report.agreement import render
    except ModuleNotFoundError as error:
        return None, f"no HTML report: {error.name} is missing; `pip install 'goldwire[report]'` brings it"
    path = workspace.agreement / f"{found.batch}.html"
    links = _links(workspace, found.batch)
    atomic.write_text(path, render(found, *seen, name=workspace.settings.name, links=links, pace=pace))
    return workspace.relative(path), None


def _pace(workspace: Workspace, batch: str) -> dict[str, float]:
    """Tasks on a day of work by annotator: exports have no times, the note of a pull has the days of ticks."""
    ledger = read_ledger(workspace, batch)
    pulls = read_pulls(workspace, batch, ledger.server) if ledger is not None else {}
    found = {
        name: per_day({date.fromisoformat(day): count for day, count in one.confirmed_per_day.items()})
        for name, one in sorted(pulls.items())
    }
    return {name: pace for name, pace in found.items() if pace is not None}


def _links(workspace: Workspace, batch: str) -> dict[tuple[str, str], str]:
    """Where (annotator, article id) is in Doccano, for a batch that was pushed from this machine."""
    ledger = read_ledger(workspace, batch)
    if ledger is None:
        return {}
    tasks = _tasks(workspace, batch)
    links: dict[tuple[str, str], str] = {}
    for project in ledger.projects:
        asked = [task for task in tasks if project.annotator in task.annotators]
        for page, task in enumerate(asked, 1):
            address = page_url(ledger.server, project.project, page, task.kind)
            links.setdefault((project.annotator, task.article_id), address)
    return links
