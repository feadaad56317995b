"""Pre-labels, which an annotator is given to start from, as a layer of their own; and what became of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from goldwire.records import AnnotationLayer, Article, Prelabels, SpanLabel, StanceLabel, Task, number_layer
from goldwire.workspace.label_schema import Schema

__all__ = ["clipped", "compared", "fitting", "marked", "merged"]


def marked(
    article: Article, spans: Iterable[tuple[int, int, str]], *, by: str, batch: str, versions: tuple[str, str]
) -> AnnotationLayer:
    """The layer that suggests `spans` (start, end, label) of `article`; `versions` are the guidelines' and schema's."""
    found = {(start, end, label) for start, end, label in spans if start < end}
    labels = [
        SpanLabel(id=f"s{i}", start=s, end=e, label=n, text=article.text[s:e]) for i, (s, e, n) in enumerate(found)
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


def fitting(layer: AnnotationLayer, schema: Schema) -> AnnotationLayer:
    """What of `layer` the schema has labels for."""
    return _only(
        layer,
        [span for span in layer.spans if span.label in schema.entity_labels],
        [stance for stance in layer.stances if stance.stance in schema.stance_labels],
    )


def clipped(layer: AnnotationLayer, task: Task) -> AnnotationLayer:
    """What of `layer` lies in the stretch that `task` asks about."""
    start, end = task.window
    inside = [span for span in layer.spans if start <= span.start and span.end <= end]
    return _only(layer, inside, layer.stances)


def _only(layer: AnnotationLayer, spans: Sequence[SpanLabel], stances: Iterable[StanceLabel]) -> AnnotationLayer:
    """`layer` with these of its labels, less stances to or from a span that is not among them."""
    here = {span.id for span in spans} | {None}
    drawn = [one for one in stances if one.target is not None and {one.holder, one.target} <= here]
    numbered, related = number_layer(spans, drawn)
    return msgspec.structs.replace(layer, spans=numbered, stances=related)


def merged(layers: Sequence[AnnotationLayer]) -> AnnotationLayer:
    """One layer of several of one article, each label once."""
    spans: dict[tuple[int, int, str], SpanLabel] = {}
    stances: dict[tuple[str | None, str | None, str], StanceLabel] = {}
    for number, layer in enumerate(layers):
        ids: dict[str | None, str | None] = {None: None}
        for span in layer.spans:
            one = spans.setdefault(_key(span), msgspec.structs.replace(span, id=f"{number} {span.id}"))
            ids[span.id] = one.id
        for stance in layer.stances:
            ends = ids[stance.holder], ids[stance.target]
            moved = msgspec.structs.replace(stance, holder=ends[0], target=ends[1])
            stances.setdefault((*ends, stance.stance), moved)
    numbered, related = number_layer(spans.values(), stances.values())
    return msgspec.structs.replace(layers[0], spans=numbered, stances=related)


def compared(layer: AnnotationLayer, suggested: AnnotationLayer) -> AnnotationLayer:
    """`layer` with what became of the labels of `suggested`.

    A span of the same place and label is kept. Of the others, a suggestion and a span that overlap are one that was
    changed, those that overlap most first. A stance is kept, or changed to another, where its ends are such spans.
    """
    fate = _spans(layer.spans, suggested.spans)
    ends: dict[str | None, str | None] = {None: None, **{old: new for new, (old, _) in fate.items()}}
    drawn: dict[tuple[str | None, str | None], list[str]] = {}
    for stance in suggested.stances:
        if {stance.holder, stance.target} <= ends.keys():
            drawn.setdefault((ends[stance.holder], ends[stance.target]), []).append(stance.stance)
    kept = [new for new, (_, same) in fate.items() if same]
    changed = [new for new, (_, same) in fate.items() if not same]
    for stance in sorted(layer.stances, key=lambda one: one.stance not in drawn.get((one.holder, one.target), ())):
        left = drawn.get((stance.holder, stance.target), [])
        if stance.stance in left:
            left.remove(stance.stance)
            kept.append(stance.id)
        elif left:
            left.pop()
            changed.append(stance.id)
    ids = [*(span.id for span in layer.spans), *(stance.id for stance in layer.stances)]
    order = {name: place for place, name in enumerate(ids)}
    met = len(kept) + len(changed) - len(fate)
    became = Prelabels(
        source=suggested.annotator,
        accepted=tuple(sorted(kept, key=order.__getitem__)),
        changed=tuple(sorted(changed, key=order.__getitem__)),
        dropped_spans=len(suggested.spans) - len(fate),
        dropped_stances=len(suggested.stances) - met,
    )
    return msgspec.structs.replace(layer, prelabels=became)


def _spans(spans: Sequence[SpanLabel], suggested: Sequence[SpanLabel]) -> dict[str, tuple[str, bool]]:
    """Span id -> id of the suggestion that it was, and whether it is as suggested."""
    known = {_key(span): span.id for span in suggested}
    fate = {span.id: (known[_key(span)], True) for span in spans if _key(span) in known}
    taken = {old for old, _ in fate.values()}
    near = [
        (-shared, new.id, old.id)
        for new in spans
        if new.id not in fate
        for old in suggested
        if old.id not in taken and (shared := min(new.end, old.end) - max(new.start, old.start)) > 0
    ]
    for _, new_id, old_id in sorted(near):
        if new_id not in fate and old_id not in taken:
            fate[new_id] = (old_id, False)
            taken.add(old_id)
    return fate


def _key(span: SpanLabel) -> tuple[int, int, str]:
    return span.start, span.end, span.label
