"""Answers of machines, whatever made them, and the layers that they become.

An answer is untrusted: labels outside the schema, quotes that are not in the text and stances between spans that do not
exist are dropped and counted, never stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite

import msgspec

from goldwire.agreement.annotations import layers_by_article, spans_by_article
from goldwire.agreement.estimates import IntervalOptions
from goldwire.agreement.intervals import measure
from goldwire.agreement.span_f1 import count_matches, count_pairs, f1_estimate
from goldwire.agreement.stance_f1 import count_triples
from goldwire.prelabeling.layers import clip_to_window, merge_windows
from goldwire.prelabeling.quotes import Quote, anchor_quotes
from goldwire.records import Agreement, AnnotationLayer, Article, MachineRun, SpanLabel, StanceLabel, Task, number_layer
from goldwire.workspace.label_schema import Schema

__all__ = [
    "Answer",
    "AnswerContext",
    "AnswerSpan",
    "AnswerStance",
    "MachineAnswer",
    "combine_runs",
    "machine_layer",
    "read_answer",
    "run_spread",
]


class AnswerSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A span of an answer: by `start` and `end` (code points, half-open), or by a `quote` with some `context`."""

    label: str
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    context: str | None = None
    confidence: float | None = None


class AnswerStance(msgspec.Struct, frozen=True, kw_only=True):
    """A stance of an answer.

    `holder` and `target` are places in the answer's spans, from 0; no holder is the article's own voice. A target that
    was asked about by name is that name.
    """

    target: int | str
    stance: str
    holder: int | None = None
    confidence: float | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Labels of a machine in one article, before they are checked."""

    spans: tuple[AnswerSpan, ...] = ()
    stances: tuple[AnswerStance, ...] = ()


Extent = tuple[int, int, str]
Pair = tuple[Extent | None, Extent | str, str]
"""Holder, target (a span, or a name) and stance."""


class MachineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Checked labels of a machine in one article, with their confidences, and how many were dropped by reason."""

    spans: Mapping[Extent, float | None]
    stances: Mapping[Pair, float | None]
    dropped: Mapping[str, int] = {}


class AnswerContext(msgspec.Struct, frozen=True, kw_only=True):
    """The article of an answer, the schema, and the tasks of the article in the batch."""

    article: Article
    schema: Schema
    tasks: tuple[Task, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets that are asked about by name; empty if the batch asks for entities."""
        return tuple(task.target for task in self.tasks if task.target is not None)


def read_answer(answer: Answer, context: AnswerContext) -> MachineAnswer:
    """Check an answer against the text and the schema.

    Of spans that overlap where the schema forbids it, the longest counts; of two stances of one pair, the first.
    """
    dropped: Counter[str] = Counter()
    by_place = {} if context.targets else _anchored_spans(answer.spans, context, dropped)
    spans: dict[Extent, float | None] = {}
    for place in _without_overlaps(by_place, context.schema, dropped):
        spans.setdefault(by_place[place], answer.spans[place].confidence)
    stances: dict[Pair, float | None] = {}
    answered: set[tuple[Extent | None, Extent | str]] = set()
    for stance in answer.stances:
        pair = _pair(stance, by_place, spans, context)
        if isinstance(pair, str):
            dropped[pair] += 1
        elif pair[:2] in answered:
            dropped["stance-repeated"] += 1
        else:
            answered.add(pair[:2])
            stances[pair] = stance.confidence
    return MachineAnswer(spans=spans, stances=stances, dropped=dict(sorted(dropped.items())))


def _anchored_spans(spans: Sequence[AnswerSpan], context: AnswerContext, dropped: Counter[str]) -> dict[int, Extent]:
    """Return the ranges of the spans by their places in the answer."""
    text, anchored = context.article.text, {}
    quotes = [Quote(span.quote or "", span.context or "") for span in spans]
    found = anchor_quotes(text, quotes)
    for place, span in enumerate(spans):
        if span.label not in context.schema.entity_labels:
            dropped["label-unknown"] += 1
        elif span.start is not None and span.end is not None and _is_range(span, text):
            anchored[place] = (span.start, span.end, span.label)
        elif span.quote is None:
            dropped["offsets-invalid"] += 1
        elif isinstance(range_ := found[place], str):
            dropped[range_] += 1
        else:
            anchored[place] = (*range_, span.label)
    return anchored


def _is_range(span: AnswerSpan, text: str) -> bool:
    """Whether the offsets are in the text, and agree with the quote if there is one."""
    if span.start is None or span.end is None or not 0 <= span.start < span.end <= len(text):
        return False
    return span.quote is None or text[span.start : span.end] == span.quote


def _without_overlaps(by_place: Mapping[int, Extent], schema: Schema, dropped: Counter[str]) -> list[int]:
    """Return the places of the spans that may stand beside each other under the schema's rule, the longest first."""
    accepted: list[int] = []
    for place in sorted(by_place, key=lambda place: (by_place[place][0] - by_place[place][1], place)):
        start, end, label = by_place[place]
        others = (by_place[other] for other in accepted)
        if any(_is_forbidden((start, end, label), other, schema) for other in others):
            dropped["span-overlaps"] += 1
        else:
            accepted.append(place)
    return sorted(accepted)


def _is_forbidden(span: Extent, longer: Extent, schema: Schema) -> bool:
    if schema.overlap == "any" or span == longer or span[1] <= longer[0] or longer[1] <= span[0]:
        return False
    is_inside = longer[0] <= span[0] and span[1] <= longer[1] and span[:2] != longer[:2]
    return schema.overlap == "none" or not is_inside


def _pair(
    stance: AnswerStance, by_place: Mapping[int, Extent], spans: Mapping[Extent, object], context: AnswerContext
) -> Pair | str:
    """Return the ends and the stance, or why it is dropped."""
    schema = context.schema
    if stance.stance not in schema.stance_labels:
        return "stance-unknown"
    if context.targets:
        return (None, stance.target, stance.stance) if stance.target in context.targets else "target-unknown"
    holder = None if stance.holder is None else by_place.get(stance.holder)
    target = by_place.get(stance.target) if isinstance(stance.target, int) else None
    is_lost = stance.holder is not None and holder not in spans
    if target is None or target not in spans or is_lost or holder == target:
        return "stance-end-unknown"
    if holder is not None and schema.holders and holder[2] not in schema.holders:
        return "stance-type-forbidden"
    if schema.targets and target[2] not in schema.targets:
        return "stance-type-forbidden"
    return holder, target, stance.stance


def combine_runs(runs: Sequence[MachineAnswer]) -> MachineAnswer:
    """Return the labels of more than half of the runs, with the share of the runs as their confidence.

    One run stays as it is, with the confidences that the machine states.
    """
    if len(runs) == 1:
        return runs[0]
    spans = Counter(span for run in runs for span in run.spans)
    stances = Counter(pair for run in runs for pair in run.stances)
    shares = {span: count / len(runs) for span, count in sorted(spans.items()) if 2 * count > len(runs)}
    pairs = {
        pair: count / len(runs)
        for pair, count in stances.items()
        if 2 * count > len(runs) and all(isinstance(end, str) or end in shares for end in pair[:2] if end is not None)
    }
    dropped: Counter[str] = Counter()
    for run in runs:
        dropped.update(run.dropped)
    return MachineAnswer(spans=shares, stances=pairs, dropped=dict(sorted(dropped.items())))


def machine_layer(
    answer: MachineAnswer, context: AnswerContext, *, machine: str, run: MachineRun, versions: tuple[str, str]
) -> AnnotationLayer:
    """Return the layer of a machine's answer, restricted to the windows of the article's tasks.

    `versions` are those of the guidelines and the schema.
    """
    text = context.article.text
    ids = {span: f"s{number}" for number, span in enumerate(answer.spans)}
    spans = [SpanLabel(id=ids[s], start=s[0], end=s[1], label=s[2], text=text[s[0] : s[1]]) for s in answer.spans]
    stances = [
        StanceLabel(
            id=f"r{number}",
            holder=None if holder is None else ids[holder],
            target=None if isinstance(target, str) else ids[target],
            target_name=target if isinstance(target, str) else None,
            stance=stance,
        )
        for number, (holder, target, stance) in enumerate(answer.stances)
    ]
    numbered, drawn = number_layer(spans, stances)
    layer = AnnotationLayer(
        article_id=context.article.id,
        text_sha256=context.article.text_sha256,
        batch=context.tasks[0].batch,
        annotator=machine,
        guidelines_version=versions[0],
        schema_version=versions[1],
        confirmed=True,
        spans=numbered,
        stances=drawn,
    )
    if not context.targets:
        layer = merge_windows([clip_to_window(layer, task) for task in context.tasks])
    return msgspec.structs.replace(layer, machine=msgspec.structs.replace(run, confidence=_confidence(layer, answer)))


def _confidence(layer: AnnotationLayer, answer: MachineAnswer) -> dict[str, float]:
    """Return the confidences by the ids of the layer; nan is none."""
    extents = {span.id: (span.start, span.end, span.label) for span in layer.spans}
    values: dict[str, float | None] = {name: answer.spans[extent] for name, extent in extents.items()}
    for stance in layer.stances:
        target = stance.target_name or extents[stance.target or ""]
        holder = None if stance.holder is None else extents[stance.holder]
        values[stance.id] = answer.stances[holder, target, stance.stance]
    return {
        name: round(min(max(value, 0.0), 1.0), 6)
        for name, value in values.items()
        if value is not None and isfinite(value)
    }


def run_spread(runs: Sequence[Sequence[AnnotationLayer]]) -> tuple[Agreement, ...]:
    """Return how much several runs of one machine agree: mean exact F1 of spans and stances, over pairs of runs.

    `runs` has the layers of each run. Intervals are over articles.
    """
    layers = [
        msgspec.structs.replace(layer, annotator=f"run{number}") for number, run in enumerate(runs, 1) for layer in run
    ]
    names = [f"run{number}" for number in range(1, len(runs) + 1)]
    options = IntervalOptions()
    spans = count_pairs(spans_by_article(layers).values(), names, lambda a, b: count_matches(a, b, "exact"))
    stances = count_pairs(layers_by_article(layers).values(), names, lambda a, b: count_triples(a, b, "exact"))
    return (
        measure(f1_estimate("span_f1_exact", spans, len(runs)), options),
        measure(f1_estimate("stance_f1_exact", stances, len(runs), "no run drew a stance", unit="stance"), options),
    )
