"""Span annotations as every coefficient of spans reads them: plain spans or layers, by article and annotator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar, overload

from goldwire.alignment.span_matching import Span, SpanLike, read_spans
from goldwire.quantities import quantity
from goldwire.records import AnnotationLayer

__all__ = [
    "AnnotationsLike",
    "AnnotatorSpans",
    "LayersLike",
    "SpanLike",
    "SpansLike",
    "articles_with_values",
    "layers_by_article",
    "pair_articles",
    "required_layer",
    "spans_by_article",
    "without_overlaps",
]

AnnotatorSpans: TypeAlias = Mapping[str, Iterable[SpanLike]]
"""The spans of one article by annotator. An empty list means that the annotator read the article and marked nothing."""


LayersLike: TypeAlias = AnnotationLayer | Iterable[AnnotationLayer] | Mapping[str, AnnotationLayer]
"""One annotator's layers: one, several, or a mapping by article id."""

SpansLike: TypeAlias = LayersLike | Iterable[SpanLike] | Sequence[Iterable[SpanLike]] | Mapping[str, Iterable[SpanLike]]
"""What one annotator marked: layers, the spans of one article, or articles in order or by id."""

AnnotationsLike: TypeAlias = AnnotatorSpans | Sequence[AnnotatorSpans] | Iterable[AnnotationLayer]
"""One article's spans by annotator, a sequence of such articles, or layers of any number of articles."""

Value = TypeVar("Value", int, str)


@overload
def spans_by_article(annotations: Iterable[AnnotationLayer]) -> dict[str, dict[str, list[Span]]]: ...
@overload
def spans_by_article(annotations: AnnotationsLike) -> dict[Any, dict[str, list[Span]]]: ...
def spans_by_article(annotations: Any) -> dict[Any, dict[str, list[Span]]]:
    """Return article -> annotator -> spans; the key of an article is its position, or its id where layers are given.

    Unconfirmed layers are ignored: an annotator who has not finished an article has not said "nothing here".
    """
    if isinstance(annotations, Mapping):
        annotations = [annotations]
    articles: dict[Any, dict[str, list[Span]]] = {}
    for position, item in enumerate(annotations):
        if isinstance(item, AnnotationLayer):
            if item.confirmed:
                articles.setdefault(item.article_id, {})[item.annotator] = read_spans(item)
        elif not isinstance(item, Mapping):
            raise ValueError(f"an article is a layer, or a mapping of annotator to spans, not {item!r}")
        else:
            articles[position] = {str(annotator): read_spans(spans) for annotator, spans in item.items()}
    return {key: dict(sorted(articles[key].items())) for key in sorted(articles)}


def layers_by_article(layers: Iterable[AnnotationLayer]) -> dict[str, dict[str, AnnotationLayer]]:
    """Return article id -> annotator -> layer, of the confirmed layers in their order."""
    articles: dict[str, dict[str, AnnotationLayer]] = {}
    for layer in map(required_layer, layers):
        if layer.confirmed:
            articles.setdefault(layer.article_id, {})[layer.annotator] = layer
    return articles


def required_layer(item: AnnotationLayer) -> AnnotationLayer:
    """Return a layer; raise ValueError for anything else."""
    if not isinstance(item, AnnotationLayer):
        raise ValueError(f"a layer (AnnotationLayer) is needed here, not {item!r}")
    return item


def articles_with_values(
    annotations: AnnotationsLike, values: Value | Sequence[Value] | Mapping[str, Value], description: str
) -> dict[Any, tuple[Value, dict[str, list[Span]]]]:
    """Return article -> its value (length or text) and its spans by annotator.

    `values` is the value of the only article, else a sequence in the articles' order or a mapping by article id.
    """
    articles: dict[Any, dict[str, list[Span]]] = spans_by_article(annotations)
    by_key: Any = values if isinstance(values, Mapping | Sequence) and not isinstance(values, str) else {0: values}
    try:
        return {key: (by_key[key], by_annotator) for key, by_annotator in articles.items()}
    except (KeyError, IndexError):
        raise ValueError(f"each article needs its {description}") from None


def pair_articles(first: SpansLike, second: SpansLike) -> list[tuple[Any, Any]]:
    """Return the articles that both sides have, as pairs: matched by id where they have ids, else by position."""
    a, b = _by_article(first), _by_article(second)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return [(a[key], b[key]) for key in sorted(a, key=repr) if key in b]
    if isinstance(a, Mapping) or isinstance(b, Mapping):
        raise ValueError("one side has article ids and the other has none")
    if _is_single_article(a) and _is_single_article(b):
        return [(a, b)]
    if len(a) != len(b):
        raise ValueError(
            f"{quantity(len(a), 'article')} against {len(b)}: both sides need the same articles, or mappings by "
            "article id"
        )
    return list(zip(a, b, strict=True))


def _by_article(side: SpansLike) -> Mapping[str, Any] | list[Any]:
    """Return layers as a mapping by article id (confirmed ones only), mappings as they are, all else as a list."""
    if isinstance(side, AnnotationLayer):
        side = [side]
    if isinstance(side, Mapping):
        return side
    items: list[Any] = list(side)
    if items and isinstance(items[0], AnnotationLayer):
        return {layer.article_id: layer for layer in items if layer.confirmed}
    return items


def _is_single_article(items: Sequence[Any]) -> bool:
    """Whether the items are spans of one article, not articles."""
    if not items or hasattr(items[0], "start"):
        return True
    return isinstance(items[0], Sequence) and len(items[0]) == 3 and isinstance(items[0][0], int)


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Return non-empty spans that do not overlap: of two that do, the longer one (then the first) is selected.

    Unitizing coefficients are defined for mutually exclusive units only.
    """
    ordered = sorted(spans)
    if all(a.end <= b.start for a, b in pairwise(ordered)):
        return [span for span in ordered if span.end > span.start]
    selected: list[Span] = []
    for span in sorted(ordered, key=lambda s: (s.start - s.end, s)):
        is_free = all(span.end <= other.start or other.end <= span.start for other in selected)
        if is_free and span.end > span.start:
            selected.append(span)
    return sorted(selected)
