"""What annotators disagree about, one by one, so that a person can open the place and settle it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from goldwire.agreement.stance import Mention, StanceUnit, group_mentions, stance_units
from goldwire.alignment.span_matching import Span, overlap, read_spans
from goldwire.records import AnnotationLayer, Record

__all__ = ["KINDS", "Dispute", "Kinds", "Said", "find_disputes", "span_kinds"]

KINDS = {
    "missing": "one marked it, another did not",
    "split": "one marked in one piece what another marked in several",
    "boundary": "same label, other boundaries",
    "label": "same boundaries, other label",
    "boundary+label": "they overlap, with other boundaries and label",
    "stance": "same pair, other stance",
    "stance-missing": "one drew a stance, another drew none",
}
"""Kinds of disagreement in words."""


class Said(Record, frozen=True, kw_only=True):
    """What one annotator said: a label or a stance (empty: nothing) and, for a span, its text."""

    label: str = ""
    text: str = ""


class Dispute(Record, frozen=True, kw_only=True):
    """One thing that annotators see differently, at a place in an article (code points).

    `said` gives each annotator's view in order of their names; `about` names the pair that a stance joins.
    """

    article_id: str
    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    start: int
    end: int
    said: tuple[tuple[str, Said], ...]
    about: str = ""


class Kinds(Record, frozen=True, kw_only=True):
    """How pairs of annotators see the things that either marked: how many alike, and how many of each kind apart."""

    agreed: int
    missing: int
    split: int
    boundary: int
    label: int
    boundary_label: int


def span_kinds(layers: Iterable[AnnotationLayer]) -> Kinds:
    """Count each mention once for each pair of annotators who both confirmed the article, if either marked it."""
    counts: Counter[str] = Counter()
    for _, found in _confirmed(layers):
        names = {layer.annotator: layer for layer in found}
        for mention in group_mentions(found):
            views = _views(mention, names)
            for a, b in combinations(sorted(names), 2):
                if views[a] is not None or views[b] is not None:
                    counts[_kind(views[a], views[b], (names[a], names[b])) or "agreed"] += 1
    return Kinds(**{name.replace("+", "_"): counts[name] for name in ("agreed", *list(KINDS)[:5])})


def find_disputes(layers: Iterable[AnnotationLayer]) -> list[Dispute]:
    """Every mention, then every stance, that not all annotators of its article see alike, in article and text order."""
    layers = [layer for layer in layers if layer.confirmed]
    by_article = dict(_confirmed(layers))
    found = [d for article, each in by_article.items() for d in _span_disputes(article, each)]
    units = [u for u in stance_units(layers) if u.article_id in by_article]
    found += [d for unit in units if (d := _stance_dispute(unit, by_article[unit.article_id]))]
    return sorted(found, key=lambda d: (d.article_id, bool(d.about), d.start, d.end, d.kinds, d.about))


def _confirmed(layers: Iterable[AnnotationLayer]) -> list[tuple[str, list[AnnotationLayer]]]:
    """Articles that two annotators or more confirmed."""
    found: dict[str, list[AnnotationLayer]] = defaultdict(list)
    for layer in layers:
        if layer.confirmed:
            found[layer.article_id].append(layer)
    return [
        (key, sorted(each, key=lambda layer: layer.annotator)) for key, each in sorted(found.items()) if len(each) > 1
    ]


def _views(mention: Mention, layers: dict[str, AnnotationLayer]) -> dict[str, Span | None]:
    spans = dict(mention.spans)
    views: dict[str, Span | None] = dict.fromkeys(layers)
    for name, layer in layers.items():
        for span in layer.spans:
            if span.id == spans.get(name):
                views[name] = Span(span.start, span.end, span.label)
    return views


def _kind(a: Span | None, b: Span | None, layers: tuple[AnnotationLayer, AnnotationLayer]) -> str | None:
    if a is None or b is None:
        there, other = (a, layers[1]) if b is None else (b, layers[0])
        if there is None:
            return None
        return "split" if any(overlap(there, span) for span in read_spans(other)) else "missing"
    names = [
        name
        for name, differs in (("boundary", (a.start, a.end) != (b.start, b.end)), ("label", a.label != b.label))
        if differs
    ]
    return "+".join(names) or None


def _span_disputes(article: str, layers: Sequence[AnnotationLayer]) -> Iterable[Dispute]:
    names = {layer.annotator: layer for layer in layers}
    for mention in group_mentions(layers):
        views = _views(mention, names)
        kinds = {_kind(views[a], views[b], (names[a], names[b])) for a, b in combinations(names, 2)} - {None}
        if kinds:
            marked = [view for view in views.values() if view]
            yield Dispute(
                article_id=article,
                kinds=tuple(kind for kind in KINDS if kind in kinds),
                labels=tuple(sorted({view.label for view in marked})),
                start=min(view.start for view in marked),
                end=max(view.end for view in marked),
                said=tuple((name, _said(view, mention, names[name])) for name, view in views.items()),
            )


def _said(view: Span | None, mention: Mention, layer: AnnotationLayer) -> Said:
    """What the annotator marked there: the span that is in the mention, else one that overlaps it, else nothing."""
    for span in layer.spans:
        here = Span(span.start, span.end, span.label)
        if here == view or (view is None and overlap(here, mention.place)):
            return Said(label=span.label, text=span.text)
    return Said()


def _stance_dispute(unit: StanceUnit, layers: Sequence[AnnotationLayer]) -> Dispute | None:
    given = dict(unit.stances)
    stances = set(given.values())
    missing = [layer.annotator for layer in layers if layer.annotator not in given]
    if len(stances) < 2 and not missing:
        return None
    places = [m.place for m in (unit.holder, unit.target) if isinstance(m, Mention)]
    return Dispute(
        article_id=unit.article_id,
        kinds=tuple(k for k, here in (("stance", len(stances) > 1), ("stance-missing", bool(missing))) if here),
        labels=tuple(sorted(stances)),
        start=min((place.start for place in places), default=0),
        end=max((place.end for place in places), default=0),
        said=tuple((layer.annotator, Said(label=given.get(layer.annotator, ""))) for layer in layers),
        about=" to ".join(_name(end, layers) for end in (unit.holder, unit.target)),
    )


def _name(end: Mention | str | None, layers: Sequence[AnnotationLayer]) -> str:
    if isinstance(end, Mention):
        texts = {(layer.annotator, span.id): span.text for layer in layers for span in layer.spans}
        return texts[end.spans[0]]
    return end or "the article"
