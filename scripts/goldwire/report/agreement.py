"""The agreement report of a batch: one HTML file for the person who leads the annotation."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import isnan

import msgspec
from markupsafe import Markup

from goldwire.agreement.batch import BatchAgreement
from goldwire.agreement.disagreements import (
    KINDS,
    AdjudicationGain,
    Disagreement,
    adjudication_gains,
    find_disagreements,
)
from goldwire.agreement.pilots import Pilot, PlannedCoefficient, pilot_of_layers
from goldwire.agreement.planning import curve_sizes
from goldwire.records import Agreement, AnnotationLayer, Article, SpanLabel
from goldwire.report.pages import class_name, environment, group_measures
from goldwire.report.passages import Passage, disputed_passages
from goldwire.report.verdict import agreement_verdict
from goldwire.workspace.label_schema import EntityLabel, Schema, StanceOption

__all__ = ["render"]

_MAX_CASES = 200  # articles in the browser: a page of 200 with 3 annotators is some 3 MB, and opens at once
_MAX_PAIRS = 15  # of annotators, all of six: the table of all values has the rest
_MAX_PARTS = 12  # targets or sources in a plot: the table of all values has the rest

_CURVES: tuple[tuple[PlannedCoefficient, str], ...] = (
    ("span_f1_exact", "Spans, exact F1"),
    ("stance_f1_exact", "Stances, exact F1"),
    ("stance_alpha_with_none", "Stances, alpha"),
)

Links = Mapping[tuple[str, str], str]
"""Addresses in Doccano by annotator and article id."""


class _LabelRow(msgspec.Struct, frozen=True):
    """Agreement on one entity label, and how often it was marked."""

    label: str
    description: str
    count: int
    exact: Agreement
    overlap: Agreement


class _PairRow(msgspec.Struct, frozen=True):
    """Agreement of two annotators."""

    a: str
    b: str
    spans: Agreement | None
    stance: Agreement | None


class _PairPlot(msgspec.Struct, frozen=True):
    """The pairs of annotators with an article in common."""

    rows: list[_PairRow]
    n_left_out: int


class _KindCount(msgspec.Struct, frozen=True):
    """Number of times that two annotators agree on a mention, or disagree in one way."""

    kind: str
    count: int
    share: float


class _ConfusionTable(msgspec.Struct, frozen=True):
    """Number of times that two annotators chose each two stances for one pair of mentions."""

    stances: list[str]
    cells: list[list[int]]
    largest: int


class _StanceView(msgspec.Struct, frozen=True):
    """A stance with the spans that it joins."""

    holder: SpanLabel | None
    target: SpanLabel | None
    target_name: str | None
    stance: str


class _PrecisionCurves(msgspec.Struct, frozen=True):
    """Half of the width of the intervals, a row for each number of articles and a column for each figure."""

    titles: list[str]
    sizes: list[int]
    rows: list[tuple[float, ...]]


class _LayerView(msgspec.Struct, frozen=True):
    """The labels of one annotator in an article with disagreements."""

    annotator: str
    confirmed: bool
    link: str | None
    passages: list[Passage]
    n_skipped: int
    stances: list[_StanceView]
    comments: tuple[str, ...]


class _Case(msgspec.Struct, frozen=True):
    """An article with disagreements."""

    article: Article
    gain: AdjudicationGain
    disagreements: Sequence[Disagreement]
    annotators: list[str]
    views: list[_LayerView]


def render(
    measured: BatchAgreement,
    layers: Sequence[AnnotationLayer],
    articles: Mapping[str, Article],
    schema: Schema,
    *,
    name: str,
    links: Links | None = None,
    pace: Mapping[str, float] | None = None,
    checks: Sequence[tuple[str, Mapping[str, Agreement]]] = (),
) -> str:
    """Render the report as one HTML page that loads nothing from elsewhere.

    Parameters
    ----------
    measured : BatchAgreement
    layers : sequence of AnnotationLayer
        The layers that were measured.
    articles : mapping of str to Article
    schema : Schema
    name : str
        Name of the workspace.
    links : mapping of (str, str) to str, optional
        Addresses in Doccano by annotator and article id.
    pace : mapping of str to float, optional
        Tasks per working day by annotator.
    checks : sequence of (str, mapping of str to Agreement)
        Agreement on repeated text: with what, and the values by annotator.
    """
    values = {value.name: value for value in measured.values}
    cases, n_left_out = _cases(layers, articles, links or {})
    return (
        environment()
        .get_template("agreement.html.j2")
        .render(
            name=name,
            measured=measured,
            colors=_colors(schema),
            groups=group_measures(measured.values),
            label_rows=_label_rows(values, schema, layers),
            pairs=_pair_plot(measured),
            kind_counts=_kind_counts(measured),
            confusion=_confusion_table(measured, schema),
            stance_parts=_stance_parts(measured),
            curves=_precision_curves(layers, measured.articles),
            kinds=KINDS,
            cases=cases,
            verdict=agreement_verdict(measured, [case.disagreements for case in cases], n_left_out),
            n_left_out=n_left_out,
            pace=pace or {},
            checks=checks,
            minutes={one.annotator: one for one in measured.minutes},
            choices=_choices(cases, measured.annotators),
        )
    )


def _colors(schema: Schema) -> Markup:
    entries: list[EntityLabel | StanceOption] = [*schema.entity, *schema.stance]
    return Markup("\n").join(
        Markup(f".{class_name(entry.label)}{{--c:{entry.color}}}")  # noqa: S704 - no text of people in it
        for entry in entries
        if re.fullmatch(r"#[0-9A-Fa-f]{3,8}", entry.color)
    )


def _choices(cases: Sequence[_Case], annotators: Sequence[str]) -> dict[str, list[str]]:
    """Return the options of the filters: only those with a disagreement."""
    disagreements = [disagreement for case in cases for disagreement in case.disagreements]
    used = {name for case in cases for name in case.annotators}
    return {
        "kind": [kind for kind in KINDS if any(kind in disagreement.kinds for disagreement in disagreements)],
        "label": sorted({label for disagreement in disagreements for label in disagreement.labels}),
        "who": [name for name in annotators if name in used],
    }


def _label_rows(values: Mapping[str, Agreement], schema: Schema, layers: Sequence[AnnotationLayer]) -> list[_LabelRow]:
    """Return a row for each label that was marked, in the schema's order."""
    counts = Counter(span.label for layer in layers if layer.confirmed for span in layer.spans)
    descriptions = {label.label: label.description for label in schema.entity}
    return [
        _LabelRow(
            label=label,
            description=descriptions.get(label, "not in the schema"),
            count=counts[label],
            exact=values[f"span_f1_exact[{label}]"],
            overlap=values[f"span_f1_characters[{label}]"],
        )
        for label in [*descriptions, *sorted(set(counts) - set(descriptions))]
        if f"span_f1_exact[{label}]" in values and counts[label]
    ]


def _pair_plot(measured: BatchAgreement) -> _PairPlot:
    """Return the pairs of annotators; where there are too many, those that share most."""
    by_pair = {(value.coefficient, value.annotators): value for value in measured.values if value.annotators}
    rows = []
    for a, b in combinations(measured.annotators, 2):
        spans, stance = (by_pair.get((name, (a, b))) for name in ("span_f1_exact", "stance_alpha_with_none"))
        defined = [value for value in (spans, stance) if value is not None and not isnan(value.value)]
        if defined:
            rows.append((defined[0].n_items, _PairRow(a, b, spans, stance)))
    rows.sort(key=lambda item: (-item[0], item[1].a, item[1].b))
    largest = [row for _, row in rows[:_MAX_PAIRS]]
    if len(rows) <= _MAX_PAIRS:
        largest.sort(key=lambda row: (row.a, row.b))
    return _PairPlot(largest, max(0, len(rows) - _MAX_PAIRS))


def _stance_parts(measured: BatchAgreement) -> dict[str, list[tuple[str, Agreement]]]:
    """Return stance agreement by target and by source, those with most pairs first."""
    nominal = [value for value in measured.values if value.coefficient == "stance_alpha_nominal"]
    parts = {
        "target": [(value.target, value) for value in nominal if value.target is not None],
        "source": [(value.source, value) for value in nominal if value.source is not None],
    }
    return {
        kind: sorted(of_kind, key=lambda part: (-part[1].n_items, part[0]))[:_MAX_PARTS]
        for kind, of_kind in parts.items()
        if of_kind
    }


def _kind_counts(measured: BatchAgreement) -> list[_KindCount]:
    counts = {name.replace("_", "+"): count for name, count in msgspec.structs.asdict(measured.disagreements).items()}
    total = sum(counts.values())
    return [_KindCount(kind, count, count / total) for kind, count in counts.items()] if total else []


def _precision_curves(layers: Sequence[AnnotationLayer], now: int) -> _PrecisionCurves | None:
    """Return the precision to expect of the headline figures if annotation stops now, and if it goes on."""
    pilots = [(title, pilot_of_layers(layers, coefficient)) for coefficient, title in _CURVES]
    known = [(title, pilot) for title, pilot in pilots if isinstance(pilot, Pilot)]
    if not known:
        return None
    sizes = curve_sizes(now)
    half_widths = [
        # Not all articles have a stance: the others add nothing.
        [pilot.expected(max(2, round(size * pilot.basis.n_groups / now)), pilot.overlap).half_width() for size in sizes]
        for _, pilot in known
    ]
    return _PrecisionCurves([title for title, _ in known], sizes, [*zip(*half_widths, strict=True)])


def _confusion_table(measured: BatchAgreement, schema: Schema) -> _ConfusionTable:
    counts = {cell.stances: cell.count for cell in measured.stance_confusion}
    used = {stance for stances in counts for stance in stances}
    stances = [*(s for s in schema.stance_labels if s in used), *sorted(used - set(schema.stance_labels))]
    return _ConfusionTable(
        stances=stances,
        cells=[[counts.get((min(a, b), max(a, b)), 0) for b in stances] for a in stances],
        largest=max(counts.values(), default=0),
    )


def _cases(layers: Sequence[AnnotationLayer], articles: Mapping[str, Article], links: Links) -> tuple[list[_Case], int]:
    """Return the articles with disagreements, by gain of adjudication, and how many were left out."""
    disagreements: dict[str, list[Disagreement]] = defaultdict(list)
    for disagreement in find_disagreements(layers):
        disagreements[disagreement.article_id].append(disagreement)
    by_article: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in sorted(layers, key=lambda layer: layer.annotator):
        by_article[layer.article_id].append(layer)
    gains = adjudication_gains(layers)
    order = sorted(disagreements, key=lambda key: (-gains[key].total, -len(disagreements[key]), key))
    cases = [
        _Case(
            article=articles[key],
            gain=gains[key],
            disagreements=disagreements[key],
            annotators=[layer.annotator for layer in by_article[key] if layer.confirmed],
            views=[
                _layer_view(articles[key], layer, disagreements[key], links.get((layer.annotator, key)))
                for layer in by_article[key]
            ],
        )
        for key in [key for key in order if key in articles][:_MAX_CASES]
    ]
    return cases, len(order) - len(cases)


def _layer_view(
    article: Article, layer: AnnotationLayer, disagreements: Sequence[Disagreement], link: str | None
) -> _LayerView:
    passages, n_skipped = disputed_passages(article.text, layer, disagreements) if layer.confirmed else ([], 0)
    spans: dict[str | None, SpanLabel] = {span.id: span for span in layer.spans}
    return _LayerView(
        annotator=layer.annotator,
        confirmed=layer.confirmed,
        link=link,
        passages=passages,
        n_skipped=n_skipped,
        stances=[
            _StanceView(spans.get(stance.holder), spans.get(stance.target), stance.target_name, stance.stance)
            for stance in layer.stances
        ],
        comments=layer.comments,
    )
