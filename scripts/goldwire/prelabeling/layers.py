"""Layers of suggested labels, and what became of the suggestions in an annotator's layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from goldwire.records import AnnotationLayer, Article, Prelabels, SpanLabel, StanceLabel, Task, number_layer
from goldwire.workspace.label_schema import Schema

__all__ = [
    "clip_to_window",
    "compare_with_suggestions",
    "merge_windows",
    "restrict_to_schema",
    "suggestion_layer",
]


def suggestion_layer(
    article: Article, spans: Iterable[tuple[int, int, str]], *, by: str, batch: str, versions: tuple[str, str]
) -> AnnotationLayer:
    """Return the layer that suggests `spans` (start, end, label) of `article`.

    `by` names the source of the suggestions; `versions` are those of the guidelines and the schema.
    """
    distinct = {(start, end, label) for start, end, label in spans if start < end}
    labels = [
        SpanLabel(id=f"s{number}", start=start, end=end, label=label, text=article.text[start:end])
        for number, (start, end, label) in enumerate(distinct)
    ]
    return AnnotationLayer(
        article_id=article.id,
        text_sha256=article.text_sha256,
        batch=batch,
        annotator=by,
        guidelines_version=versions[0],
        schema_version=versions[1],
        confirmed=False,
        spans=number_layer(labels, ())[0],
        stances=(),
    )


def restrict_to_schema(layer: AnnotationLayer, schema: Schema) -> AnnotationLayer:
    """Return the layer without labels that the schema does not have."""
    return _restrict(
        layer,
        [span for span in layer.spans if span.label in schema.entity_labels],
        [stance for stance in layer.stances if stance.stance in schema.stance_labels],
    )


def clip_to_window(layer: AnnotationLayer, task: Task) -> AnnotationLayer:
    """Return the layer without labels outside the task's window."""
    start, end = task.window
    inside = [span for span in layer.spans if start <= span.start and span.end <= end]
    return _restrict(layer, inside, layer.stances)


def _restrict(layer: AnnotationLayer, spans: Sequence[SpanLabel], stances: Iterable[StanceLabel]) -> AnnotationLayer:
    """Return the layer with these labels only, without stances that refer to a removed span."""
    ids = {span.id for span in spans} | {None}
    connected = [stance for stance in stances if stance.target is not None and {stance.holder, stance.target} <= ids]
    numbered_spans, numbered_stances = number_layer(spans, connected)
    return msgspec.structs.replace(layer, spans=numbered_spans, stances=numbered_stances)


def merge_windows(layers: Sequence[AnnotationLayer]) -> AnnotationLayer:
    """Return one layer from those of an article's windows, each label once."""
    spans: dict[tuple[int, int, str], SpanLabel] = {}
    stances: dict[tuple[str | None, str | None, str], StanceLabel] = {}
    for number, layer in enumerate(layers):
        ids: dict[str | None, str | None] = {None: None}
        for span in layer.spans:
            first = spans.setdefault(_extent(span), msgspec.structs.replace(span, id=f"{number} {span.id}"))
            ids[span.id] = first.id
        for stance in layer.stances:
            ends = ids[stance.holder], ids[stance.target]
            renamed = msgspec.structs.replace(stance, holder=ends[0], target=ends[1])
            stances.setdefault((*ends, stance.stance), renamed)
    numbered_spans, numbered_stances = number_layer(spans.values(), stances.values())
    return msgspec.structs.replace(layers[0], spans=numbered_spans, stances=numbered_stances)


def compare_with_suggestions(layer: AnnotationLayer, suggested: AnnotationLayer) -> AnnotationLayer:
    """Return the layer with a record of what became of the labels of `suggested`.

    A span with the range and label of a suggestion is accepted. Among the others, a suggestion and a span that overlap
    are one that was changed, those that overlap most first. A stance is accepted, or changed to another one, if its
    ends are such spans.
    """
    matches = _match_spans(layer.spans, suggested.spans)
    ends: dict[str | None, str | None] = {None: None, **{old: new for new, (old, _) in matches.items()}}
    suggested_stances: dict[tuple[str | None, str | None], list[str]] = {}
    for stance in suggested.stances:
        if {stance.holder, stance.target} <= ends.keys():
            suggested_stances.setdefault((ends[stance.holder], ends[stance.target]), []).append(stance.stance)
    accepted = [new for new, (_, is_same) in matches.items() if is_same]
    changed = [new for new, (_, is_same) in matches.items() if not is_same]

    def is_changed(stance: StanceLabel) -> bool:
        return stance.stance not in suggested_stances.get((stance.holder, stance.target), ())

    for stance in sorted(layer.stances, key=is_changed):
        remaining = suggested_stances.get((stance.holder, stance.target), [])
        if stance.stance in remaining:
            remaining.remove(stance.stance)
            accepted.append(stance.id)
        elif remaining:
            remaining.pop()
            changed.append(stance.id)
    ids = [*(span.id for span in layer.spans), *(stance.id for stance in layer.stances)]
    rank = {name: number for number, name in enumerate(ids)}
    matched_stances = len(accepted) + len(changed) - len(matches)
    outcome = Prelabels(
        source=suggested.annotator,
        accepted=tuple(sorted(accepted, key=rank.__getitem__)),
        changed=tuple(sorted(changed, key=rank.__getitem__)),
        dropped_spans=len(suggested.spans) - len(matches),
        dropped_stances=len(suggested.stances) - matched_stances,
    )
    return msgspec.structs.replace(layer, prelabels=outcome)


def _match_spans(spans: Sequence[SpanLabel], suggested: Sequence[SpanLabel]) -> dict[str, tuple[str, bool]]:
    """Return, by span id, the id of the matching suggestion and whether range and label are the same."""
    by_extent = {_extent(span): span.id for span in suggested}
    matches = {span.id: (by_extent[_extent(span)], True) for span in spans if _extent(span) in by_extent}
    used = {old for old, _ in matches.values()}
    overlaps = [
        (-shared, new.id, old.id)
        for new in spans
        if new.id not in matches
        for old in suggested
        if old.id not in used and (shared := min(new.end, old.end) - max(new.start, old.start)) > 0
    ]
    for _, new_id, old_id in sorted(overlaps):
        if new_id not in matches and old_id not in used:
            matches[new_id] = (old_id, False)
            used.add(old_id)
    return matches


def _extent(span: SpanLabel) -> tuple[int, int, str]:
    return span.start, span.end, span.label
