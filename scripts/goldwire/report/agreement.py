"""The agreement report of a batch: one HTML file for the person who leads the annotation."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import cos, isnan, pi, sin
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from goldwire.agreement.batch import BatchAgreement
from goldwire.agreement.disagreements import (
    KINDS,
    AdjudicationGain,
    Disagreement,
    adjudication_gains,
    find_disagreements,
)
from goldwire.records import Agreement, AnnotationLayer, Article
from goldwire.report.passages import passages
from goldwire.report.phrasing import interval, meaning, number
from goldwire.workspace.label_schema import EntityLabel, Schema, StanceOption

__all__ = ["render"]

_MOST_CASES = 200  # articles in the browser: a page of 200 with 3 annotators is some 3 MB, and opens at once
_MOST_PAIRS = 15  # of annotators, all of six: the table of all values has the rest
_MOST_PARTS = 12  # targets or sources in a plot: the table of all values has the rest

_HEADLINES = (
    ("span_f1_exact", "Spans, exact", "F1"),
    ("span_f1_overlap", "Spans, by character", "F1"),
    ("unitizing_alpha_u", "Spans, above chance", "alpha, unitizing"),
    ("stance_alpha_nominal", "Stance", "alpha, nominal"),
    ("stance_alpha_ordinal", "Stance, as a scale", "alpha, ordinal"),
    ("prelabel_acceptance", "Pre-labels that were kept", "share"),
    ("span_f1_exact_excluding_prelabels", "Entities, but what both kept of the pre-labels", "F1, exact"),
)


def render(
    found: BatchAgreement,
    layers: Sequence[AnnotationLayer],
    articles: Mapping[str, Article],
    schema: Schema,
    *,
    name: str,
    links: Mapping[tuple[str, str], str] | None = None,
    pace: Mapping[str, float] | None = None,
) -> str:
    """Lay the page out. `links` gives an address in Doccano for (annotator, article id), `pace` tasks on a day of work
    by annotator, where known.
    """
    values = {value.name: value for value in found.values}
    cases, left_out = _cases(layers, articles, links or {})
    page = _environment().get_template("agreement.html.j2")
    return page.render(
        name=name,
        found=found,
        colors=_colors(schema),
        headlines=[
            (values[key], title, unit) for key, title, unit in _HEADLINES if key in values and values[key].n_items
        ],
        by_label=_by_label(values, schema, layers),
        pairs=_pairs(values, found.annotators),
        kinds=_kinds(found),
        confusion=_confusion(found, schema),
        parts=_stance_parts(found),
        kind_words=KINDS,
        cases=cases,
        left_out=left_out,
        pace=pace or {},
        choices={
            "kind": [kind for kind in KINDS if any(kind in case["kinds"] for case in cases)],
            "label": sorted({label for case in cases for label in case["labels"]}),
            "who": [who for who in found.annotators if any(who in case["who"] for case in cases)],
        },
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("goldwire.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "interval": interval,
        "meaning": meaning,
        "slug": _slug,
        "percent": _percent,
    }
    environment.tests["undefined_value"] = lambda value: isnan(value)
    return environment


def _slug(label: str) -> str:
    """A label as part of a CSS class: whatever its characters, no two labels share one."""
    return "l-" + re.sub(r"[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):x}_", label)


def _percent(value: float, low: float = 0.0, high: float = 1.0) -> str:
    return f"{100 * min(1.0, max(0.0, (value - low) / (high - low))):.2f}%"


def _colors(schema: Schema) -> Markup:
    entries: list[EntityLabel | StanceOption] = [*schema.entity, *schema.stance]
    return Markup("\n").join(
        Markup(f".{_slug(e.label)}{{--c:{e.color}}}")  # noqa: S704
        for e in entries
        if re.fullmatch(r"#[0-9A-Fa-f]{3,8}", e.color)
    )


def _by_label(
    values: Mapping[str, Agreement], schema: Schema, layers: Sequence[AnnotationLayer]
) -> list[dict[str, Any]]:
    often = Counter(span.label for layer in layers if layer.confirmed for span in layer.spans)
    named = {label.label: label.description for label in schema.entity}
    return [
        {
            "label": label,
            "description": named.get(label, "not in the schema"),
            "times": often[label],
            "exact": values[f"span_f1_exact[{label}]"],
            "overlap": values[f"span_f1_overlap[{label}]"],
        }
        for label in [*named, *sorted(set(often) - set(named))]
        if f"span_f1_exact[{label}]" in values and often[label]
    ]


def _pairs(values: Mapping[str, Agreement], annotators: Sequence[str]) -> dict[str, Any]:
    """Pairs with an article in common, those that share most first; `share`: what their line is drawn by."""
    rows = []
    for a, b in combinations(annotators, 2):
        spans, stance = (values.get(f"{name}[{a}+{b}]") for name in ("span_f1_exact", "stance_alpha_nominal"))
        known = [value for value in (spans, stance) if value is not None and not isnan(value.value)]
        if known:
            row = {"a": a, "b": b, "spans": spans, "stance": stance, "share": max(0.0, known[0].value)}
            rows.append((-known[0].n_items, a, b, row))
    angle = {name: 2 * pi * place / max(1, len(annotators)) - pi / 2 for place, name in enumerate(annotators)}
    points = {name: (round(80 + 56 * cos(a), 1), round(80 + 56 * sin(a), 1)) for name, a in angle.items()}
    shown = [row for *_, row in sorted(rows, key=lambda row: row[:3])]
    if len(shown) <= _MOST_PAIRS:
        shown.sort(key=lambda row: (row["a"], row["b"]))
    return {"rows": shown[:_MOST_PAIRS], "left_out": max(0, len(shown) - _MOST_PAIRS), "points": points}


def _stance_parts(found: BatchAgreement) -> dict[str, list[tuple[str, Agreement]]]:
    """Stance agreement by target and by source, those with most pairs first."""
    parts: dict[str, list[tuple[str, Agreement]]] = {}
    for what in ("target", "source"):
        nominal = (value for value in found.values if value.coefficient == "stance_alpha_nominal")
        there = [(name, v) for v in nominal if (name := getattr(v, what)) is not None]
        if there:
            parts[what] = sorted(there, key=lambda part: (-part[1].n_items, part[0]))[:_MOST_PARTS]
    return parts


def _kinds(found: BatchAgreement) -> dict[str, Any]:
    counts = {
        name.replace("_", "+"): getattr(found.disagreements, name) for name in found.disagreements.__struct_fields__
    }
    total = sum(counts.values())
    return {"total": total, "parts": [(kind, times, times / total if total else 0.0) for kind, times in counts.items()]}


def _confusion(found: BatchAgreement, schema: Schema) -> dict[str, Any]:
    times = {cell.stances: cell.count for cell in found.stance_confusion}
    used = {stance for pair in times for stance in pair}
    names = [*(s for s in schema.stance_labels if s in used), *sorted(used - set(schema.stance_labels))]
    return {
        "names": names,
        "cells": [[times.get((min(a, b), max(a, b)), 0) for b in names] for a in names],
        "most": max(times.values(), default=0),
    }


def _cases(
    layers: Sequence[AnnotationLayer], articles: Mapping[str, Article], links: Mapping[tuple[str, str], str]
) -> tuple[list[dict[str, Any]], int]:
    """Disputed articles, the one first that settling would help most, and how many more there are."""
    disputes: dict[str, list[Disagreement]] = defaultdict(list)
    for dispute in find_disagreements(layers):
        disputes[dispute.article_id].append(dispute)
    by_article: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in sorted(layers, key=lambda layer: layer.annotator):
        by_article[layer.article_id].append(layer)
    gains = adjudication_gains(layers)
    order = sorted(disputes, key=lambda key: (-gains[key].total, -len(disputes[key]), key))
    shown = [key for key in order if key in articles]
    cases = [_case(articles[key], by_article[key], disputes[key], (gains[key], links)) for key in shown[:_MOST_CASES]]
    return cases, len(order) - len(cases)


def _case(
    article: Article,
    layers: Sequence[AnnotationLayer],
    disputes: Sequence[Disagreement],
    more: tuple[AdjudicationGain, Mapping[tuple[str, str], str]],
) -> dict[str, Any]:
    gain, links = more
    return {
        "gain": gain,
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "published": article.published,
        "disputes": disputes,
        "kinds": sorted({kind for d in disputes for kind in d.kinds}),
        "labels": sorted({label for d in disputes for label in d.labels}),
        "who": [layer.annotator for layer in layers if layer.confirmed],
        "views": [_view(article, layer, disputes, links.get((layer.annotator, article.id))) for layer in layers],
    }


def _view(
    article: Article, layer: AnnotationLayer, disputes: Sequence[Disagreement], link: str | None
) -> dict[str, Any]:
    shown, rest = passages(article.text, layer, disputes) if layer.confirmed else ([], 0)
    text = {span.id: span for span in layer.spans}
    return {
        "annotator": layer.annotator,
        "confirmed": layer.confirmed,
        "link": link,
        "passages": shown,
        "rest": rest,
        "stances": [
            {
                "holder": text.get(s.holder) if s.holder else None,
                "target": text.get(s.target) if s.target else None,
                "name": s.target_name,
                "stance": s.stance,
            }
            for s in layer.stances
        ],
        "comments": layer.comments,
    }
