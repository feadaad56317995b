"""Measure agreement between the annotators of a batch: one JSON file for programs, one HTML file for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from math import isnan
from pathlib import Path

import msgspec

from goldwire.adjudication.merging import target_batches
from goldwire.agreement.batch import BatchAgreement, measure_batch, report
from goldwire.agreement.batch_context import BatchContext, batch_context
from goldwire.agreement.descriptions import describe, describe_all
from goldwire.agreement.prelabel_effect import ACCEPTANCE, TimeEffect
from goldwire.doccano import pulled_times
from goldwire.doccano.ledger import read_ledger
from goldwire.errors import ConfigError, DataError, GoldwireError
from goldwire.formats.file_sets import read_file_set
from goldwire.prelabeling.sources import read_prelabels
from goldwire.progress import activity
from goldwire.quantities import quantity
from goldwire.records import Agreement, AnnotationLayer, AnnotatorMinutes, Article
from goldwire.report.tables import agreement_tables, csv_text, latex_text
from goldwire.stages.repeated_text import ChecksOnCopies, checks_on_copies
from goldwire.text_table import wrap_lines
from goldwire.workspace import atomic, jsonl, loading
from goldwire.workspace.label_schema import Schema, read_schema
from goldwire.workspace.layout import Workspace

__all__ = ["AgreeReport", "run", "run_files"]

_LISTED = 16  # annotators whose names are listed: a crowd has 81


class AgreeReport(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement of a batch, and the files that it was written to.

    Parameters
    ----------
    batch : str
    articles : int
        Articles that two or more annotators confirmed.
    annotators : tuple of str
    unconfirmed : int
        Layers that are not confirmed and were left out.
    values : tuple of Agreement
    json, html : str or None
        The files, relative to the workspace; `html` is None if no report was requested, or jinja2 is missing. Both are
        None for files of another tool.
    note : str or None
        Why there is no HTML report, or what was left out of another tool's files.
    by_name : bool
        Whether the batch asks for stances towards named targets, and for no spans.
    below : tuple of str
        Sentences on values below their minimum; the exit code is then 1.
    pace : dict of str to float
        Tasks per working day by annotator, for batches that were pulled on this machine.
    tables : tuple of str
        The files of tables that were requested.
    self_agreement : dict of str to Agreement
        Exact F1 of each annotator with their own labels of the same sentence in other articles, over all batches; only
        of annotators who labelled such copies.
    prelabel_time : TimeEffect or None
        Time of tasks with pre-labels beside those of the holdout, for batches with one that were pulled here.
    gold_checks : dict of str to Agreement
        Exact F1 of each annotator with gold from elsewhere: of gold checks, and of the same sentence in a copy.
    minutes_per_task, minutes_per_label : dict of str to float
        Working time by annotator, for batches that were pulled from a server of goldwire's.
    """

    batch: str
    articles: int
    annotators: tuple[str, ...]
    unconfirmed: int
    values: tuple[Agreement, ...]
    json: str | None = None
    html: str | None = None
    note: str | None = None
    by_name: bool = False
    below: tuple[str, ...] = ()
    pace: dict[str, float] = {}
    tables: tuple[str, ...] = ()
    self_agreement: dict[str, Agreement] = {}
    prelabel_time: TimeEffect | None = None
    gold_checks: dict[str, Agreement] = {}
    minutes_per_task: dict[str, float] = {}
    minutes_per_label: dict[str, float] = {}

    @property
    def exit_code(self) -> int:
        """1 where a value is below its minimum."""
        return int(bool(self.below))

    def to_text(self) -> str:
        """Return the report for people: the figures of the whole batch, each with its n and its interval."""
        return "\n".join(wrap_lines(self._lines()))

    def _lines(self) -> Iterator[str]:
        listed = len(self.annotators) <= _LISTED
        people = ", ".join(self.annotators) if listed else quantity(len(self.annotators), "annotator")
        yield f"{self.batch}: {quantity(self.articles, 'article')} that two or more of {people} confirmed"
        if self.unconfirmed:
            yield f"left out {quantity(self.unconfirmed, 'layer')} that nobody confirmed"
        yield from self._value_lines()
        yield from self._annotator_lines()
        if self.prelabel_time is not None:
            yield _describe_time(self.prelabel_time)
        if self.json:
            yield f"wrote {self.json}" + (f" and {self.html}" if self.html else "")
        if self.tables:
            yield f"wrote {quantity(len(self.tables), 'file')} of tables to {Path(self.tables[0]).parent}"
        if self.note:
            yield self.note
        yield from self.below

    def _value_lines(self) -> Iterator[str]:
        """Yield the values, then the names of those that are undefined or have no interval, by the reason."""
        undefined: dict[str | None, list[str]] = {}
        without_interval: dict[str, list[str]] = {}
        shown = [
            value
            for value in _meaningful(self.values, by_name=self.by_name)
            if value.is_whole or value.coefficient == ACCEPTANCE
        ]
        for value in shown:
            if isnan(value.value):
                undefined.setdefault(value.reason, []).append(value.name)
            elif isnan(value.low) and value.reason:
                without_interval.setdefault(value.reason, []).append(value.name)
        yield from describe_all(shown)
        for reason, names in undefined.items():
            yield f"{', '.join(names)} undefined: {reason}"
        for reason, names in without_interval.items():
            yield f"{', '.join(names)}: {reason}"

    def _annotator_lines(self) -> Iterator[str]:
        """Yield the pace of the annotators, and their agreement with themselves and with known gold."""
        if self.pace:
            yield f"tasks per working day: {', '.join(f'{name} {pace:.3g}' for name, pace in self.pace.items())}"
        own, known = "own labels of {} in repeated sentences", "known gold of {}"
        for values, phrase in ((self.self_agreement, own), (self.gold_checks, known)):
            for name, value in values.items():
                if not isnan(value.value):
                    yield f"{name} with {phrase.format(quantity(value.n_items, 'span'))}: F1 {value.value:.3f}"
        for unit, minutes in (("task", self.minutes_per_task), ("label", self.minutes_per_label)):
            if minutes:
                yield f"minutes per {unit}: {', '.join(f'{name} {value:.3g}' for name, value in minutes.items())}"


class AgreeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of the measurement: see `run`."""

    html: bool = True
    seed: int = 0
    gold: bool = False
    fail_under: Mapping[str, float] = {}
    tables: Path | None = None


def run(
    workspace: Workspace,
    *,
    batch: str,
    html: bool = True,
    seed: int = 0,
    gold: bool = False,
    fail_under: Mapping[str, float] = {},
    tables: Path | None = None,
) -> AgreeReport:
    """Measure a batch and write annotations/agreement/<batch>.json.

    Parameters
    ----------
    workspace : Workspace
    batch : str
    html : bool
        Whether to write <batch>.html as well.
    seed : int
        Random seed of gamma's samples of chance: equal input gives equal bytes.
    gold : bool
        Whether to compare each annotator with the batch's gold as well. Not the default: a later stage makes gold.
    fail_under : mapping of str to float
        Minimum values by the name of the value (`Agreement.name`); they override `[tool.goldwire.floors]` for this run.
    tables : Path, optional
        Folder to write every table to, as `<batch>-<table>.csv` and `.tex`.

    Raises
    ------
    ConfigError
        A minimum is outside [-1, 1], or names no value that was measured.
    """
    _refuse_minima(fail_under)
    options = AgreeOptions(html=html, seed=seed, gold=gold, fail_under=fail_under, tables=tables)
    with workspace.lock():
        return _agree(workspace, batch, options)


def run_files(
    paths: Sequence[Path],
    *,
    source_format: str | None = None,
    scale: Sequence[str] = (),
    seed: int = 0,
    fail_under: Mapping[str, float] = {},
) -> AgreeReport:
    """Measure agreement in files of any tool that goldwire imports; nothing is written.

    Parameters
    ----------
    paths : sequence of Path
        Files or folders. A file that names no annotator is of one annotator, who gets its name.
    source_format : str or None
        The name of the format of all files. Default: what each looks like.
    scale : sequence of str
        The stances from against to in favour. Default: see `goldwire.agreement.report`.
    seed : int
        Random seed of gamma's samples of chance.
    fail_under : mapping of str to float
        Minimum values by the name of the value.

    Raises
    ------
    ConfigError
        A minimum is outside [-1, 1], or names no value that was measured; the format is unknown.
    DataError
        A file cannot be read, or no document has labels of two annotators.
    """
    _refuse_minima(fail_under)
    files = read_file_set(paths, source_format)
    layers = files.layers()
    with activity("measuring agreement"):
        measured = report(layers, texts=files.texts, stances=scale, seed=seed)
    if not measured.articles:
        problem = f"no document that two annotators finished (annotators: {', '.join(measured.annotators) or 'nobody'})"
        hint = "agreement needs two annotators of one text; texts may differ in white space, and in nothing else"
        raise DataError(problem, location=files.name, hint=hint)
    measured = msgspec.structs.replace(measured, batch=files.name)
    _refuse_unmeasured(measured, fail_under)
    by_name = bool(target_batches(layers))
    return msgspec.structs.replace(_report(measured, fail_under, by_name=by_name), note="; ".join(files.notes) or None)


def _refuse_minima(fail_under: Mapping[str, float]) -> None:
    """Raise ConfigError for a minimum that no coefficient can have."""
    for name, floor in fail_under.items():
        if not -1 <= floor <= 1:
            raise ConfigError(f"the minimum of {name} is {floor}", hint="use a number from -1 to 1")


def _report(measured: BatchAgreement, floors: Mapping[str, float], *, by_name: bool) -> AgreeReport:
    """Return the report of what was measured, without files."""
    return AgreeReport(
        batch=measured.batch,
        articles=measured.articles,
        annotators=measured.annotators,
        unconfirmed=measured.unconfirmed,
        values=measured.values,
        by_name=by_name,
        below=tuple(_below(_meaningful(measured.values, by_name=by_name), floors)),
    )


def _agree(workspace: Workspace, batch: str, options: AgreeOptions) -> AgreeReport:
    schema = read_schema(workspace.schema)
    layers = _annotators_layers(workspace, batch)
    articles = loading.articles(workspace)
    context = _context(workspace, batch, schema, articles, with_gold=options.gold)
    tasks = loading.planned_tasks(workspace, batch)
    with activity("measuring agreement"):
        measured = measure_batch(batch, layers, context, seed=options.seed)
    _refuse_unmeasured(measured, options.fail_under)
    path = workspace.agreement_file(batch)
    checks = checks_on_copies(workspace, layers, articles)
    minutes = pulled_times.annotator_minutes(workspace, batch, tasks, layers) or _earlier_minutes(path)
    measured = msgspec.structs.replace(measured, minutes=minutes)
    jsonl.write_document(path, measured)
    by_name = any(task.kind == "stance" for task in tasks)
    floors = {**workspace.settings.floors, **options.fail_under}
    pace = pulled_times.tasks_per_day(workspace, batch)
    page, note = None, None
    if options.html:
        page, note = _page(workspace, measured, layers, articles, schema, pace, checks)
    return msgspec.structs.replace(
        _report(measured, floors, by_name=by_name),
        json=workspace.relative(path),
        html=page,
        note=note,
        pace=pace,
        tables=tuple(_write_tables(measured, options.tables)) if options.tables is not None else (),
        self_agreement=checks.self_agreement,
        gold_checks=checks.gold_checks,
        minutes_per_task={one.annotator: one.per_task for one in minutes},
        minutes_per_label={one.annotator: one.per_label for one in minutes if one.per_label is not None},
        prelabel_time=pulled_times.prelabel_time(workspace, batch, tasks, context.suggested),
    )


def _write_tables(measured: BatchAgreement, folder: Path) -> Iterator[str]:
    """Write every table in two formats and yield the files."""
    for table in agreement_tables(measured):
        for ending, text in ((".csv", csv_text(table)), (".tex", latex_text(table))):
            path = folder / f"{measured.batch}-{table.name}{ending}"
            atomic.write_text(path, text)
            yield str(path)


def _meaningful(values: Sequence[Agreement], *, by_name: bool) -> list[Agreement]:
    """Return the values that are meaningful: those of stances only, if the batch asks for no spans."""
    return [value for value in values if not by_name or value.unit == "stance"]


def _refuse_unmeasured(measured: BatchAgreement, floors: Mapping[str, float]) -> None:
    """Raise ConfigError for a minimum of a value that was not measured: it would never fail."""
    names = [value.name for value in measured.values]
    for name in floors:
        if name not in names:
            near = get_close_matches(name, names, n=3, cutoff=0.5) or names[:3]
            raise ConfigError(f"no value {name!r} in {measured.batch}", hint=f"available: {', '.join(near)}")


def _below(values: Sequence[Agreement], floors: Mapping[str, float]) -> Iterator[str]:
    for value in values:
        floor = floors.get(value.name)
        if floor is not None and not value.value >= floor:  # also if it is undefined
            yield f"{describe(value)} is below its minimum {floor:.3f}"


def _annotators_layers(workspace: Workspace, batch: str) -> tuple[AnnotationLayer, ...]:
    layers = loading.layers(workspace, batch)
    names = {layer.annotator for layer in layers}
    if len(names) < 2:
        raise DataError(
            f"only {', '.join(names)} has layers" if names else "no layers",
            location=workspace.layers / batch,
            hint=f"agreement needs two annotators: run `goldwire pull {batch}` when they have done articles",
        )
    return layers


def _context(
    workspace: Workspace, batch: str, schema: Schema, articles: Mapping[str, Article], *, with_gold: bool
) -> BatchContext:
    gold = [layer for layer in loading.gold(workspace) if layer.batch == batch] if with_gold else ()
    suggested = read_prelabels(workspace, batch)
    return batch_context(schema, articles, loading.planned_tasks(workspace, batch), gold, suggested=suggested)


def _page(
    workspace: Workspace,
    measured: BatchAgreement,
    layers: Sequence[AnnotationLayer],
    articles: Mapping[str, Article],
    schema: Schema,
    pace: Mapping[str, float],
    checks: ChecksOnCopies,
) -> tuple[str | None, str | None]:
    """Write the HTML report. Return its path, or None and the reason."""
    try:
        from goldwire.report.agreement import render
    except ModuleNotFoundError as error:
        return None, f"no HTML report: {error.name} is missing; `pip install 'goldwire[report]'` installs it"
    path = workspace.agreement_page(measured.batch)
    ledger = read_ledger(workspace, measured.batch)
    links = ledger.article_urls(loading.planned_tasks(workspace, measured.batch)) if ledger is not None else {}
    name = workspace.settings.name
    page = render(
        measured,
        layers,
        articles,
        schema,
        name=name,
        links=links,
        pace=pace,
        checks=[("with known gold", checks.gold_checks), ("with themselves", checks.self_agreement)],
    )
    atomic.write_text(path, page)
    return workspace.relative(path), None


class _StoredMinutes(msgspec.Struct, frozen=True):
    """The part of annotations/agreement/<batch>.json that cannot be measured again."""

    minutes: tuple[AnnotatorMinutes, ...] = ()


def _earlier_minutes(path: Path) -> tuple[AnnotatorMinutes, ...]:
    """Return the times that an earlier measurement stored: only the machine that pulls a batch knows them."""
    try:
        return jsonl.read_document(path, _StoredMinutes).minutes if path.exists() else ()
    except GoldwireError:
        return ()


def _describe_time(effect: TimeEffect) -> str:
    if isnan(effect.ratio):
        return f"time with pre-labels unknown: {effect.reason}"
    tasks = f"n={quantity(effect.n_shown, 'task')} with pre-labels, {effect.n_blank} of the holdout"
    return f"prelabel_time_ratio {effect.ratio:.3f} [{effect.low:.3f}, {effect.high:.3f}] {tasks}"
