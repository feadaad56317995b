"""Alignment of annotators: the spans that mark the same mention, and the stances that join the same mentions.

The only grouping of spans in goldwire: agreement, disagreements, disputes, gold and the expert's project use it.

The rule, for the layers of one article:

1. Spans with equal start, end and label are always one mention.
2. Of each two annotators the remaining spans are matched one to one, so that the total similarity is as high as
   possible. Spans can match if they overlap and have the same label, or if their labels differ and they share at least
   half of the characters that they cover together.
3. Matched spans join into mentions, the most similar first, as long as a mention has at most one span per annotator.

A boundary that differs by a character is thus a disputed boundary of one mention. A short span inside a longer one with
another label is a separate mention (the place `Northmoor` in the organisation `union of Northmoor`): gold may hold
both, so that counting them as one mention would lose one. At most one span per annotator, because an annotator who
marked two spans says that they are two things.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import msgspec

from goldwire.alignment.span_matching import Span, assign, overlap
from goldwire.errors import DataError
from goldwire.records import AnnotationLayer, Article, SpanLabel, StanceLabel

__all__ = [
    "AlignedMention",
    "StancePair",
    "align_mentions",
    "align_stances",
    "invalid_layer_reason",
    "require_valid_layer",
    "similarity",
]

# Similarity is overlap over union (Jaccard) in ten-thousandths, as whole numbers: sums are exact on every machine.
_UNION = 10_000
# Between equally similar spans the label decides, yet a clearly better overlap outweighs it.
_SAME_LABEL = 1_000


class AlignedMention(msgspec.Struct, frozen=True):
    """One mention in an article: the span of each annotator who marked it, in the order of their names.

    `index` is the mention's position among the mentions of its article, in text order.
    """

    index: int
    spans: dict[str, SpanLabel]

    @property
    def extent(self) -> Span:
        """The most frequent (start, end, label) among the annotators; on a tie, the first in text order."""
        return _most_frequent(self.spans)


class StancePair(msgspec.Struct, frozen=True):
    """A holder and a target in one article, and the stances that each annotator drew between them.

    `holder` is None for the article's own voice. `target_name` is set instead of `target` where the target was asked
    about by name.
    """

    article_id: str
    holder: AlignedMention | None
    target: AlignedMention | None
    target_name: str | None
    stances: dict[str, tuple[str, ...]]

    @property
    def answers(self) -> dict[str, str]:
        """The stance of each annotator who drew exactly one; two different ones cancel each other."""
        return {annotator: drawn[0] for annotator, drawn in self.stances.items() if len(drawn) == 1}


def align_mentions(layers: Sequence[AnnotationLayer]) -> tuple[AlignedMention, ...]:
    """Group the spans of one article's layers into mentions.

    Parameters
    ----------
    layers : sequence of AnnotationLayer
        Layers of one article, at most one per annotator, in any order.

    Returns
    -------
    tuple of AlignedMention
        In text order. Every span is in exactly one mention, and a mention has at most one span per annotator (of
        spans that one annotator marked twice with the same offsets and label, the last). The result depends neither on
        the order of the layers nor on the names of the annotators.

    Notes
    -----
    With two annotators the matching is optimal: it pairs all equal spans, and of the other spans those with the highest
    total similarity (the assignment problem; Kuhn 1955). With more annotators an optimal grouping is NP-hard, and pairs
    join greedily.

    Examples
    --------
    >>> from goldwire.records import AnnotationLayer, SpanLabel
    >>> def layer(annotator, *spans):
    ...     marked = tuple(SpanLabel(id=f"T{n}", start=s, end=e, label=label, text="") for n, (s, e, label) in spans)
    ...     return AnnotationLayer(article_id="a", text_sha256="", batch="b", annotator=annotator, confirmed=True,
    ...         guidelines_version="1", schema_version="1", spans=marked, stances=())
    >>> one = layer("A1", (1, (0, 33, "PER")))
    >>> two = layer("A2", (1, (0, 32, "PER")), (2, (26, 33, "LOC")))
    >>> [sorted(mention.spans) for mention in align_mentions([one, two])]
    [['A1', 'A2'], ['A2']]
    """
    marked: dict[Span, dict[str, SpanLabel]] = defaultdict(dict)
    for layer in layers:
        for span in layer.spans:
            marked[Span(span.start, span.end, span.label)][layer.annotator] = span
    groups = {extent: {extent} for extent in marked}
    for _, first, second in sorted(_matches(marked)):
        joined = groups[first] | groups[second]
        annotators = [annotator for extent in joined for annotator in marked[extent]]
        if groups[first] is not groups[second] and len(set(annotators)) == len(annotators):
            groups |= dict.fromkeys(joined, joined)
    spans = [
        dict(sorted(item for extent in group for item in marked[extent].items()))
        for extent, group in groups.items()
        if extent == min(group)
    ]
    return tuple(AlignedMention(index, each) for index, each in enumerate(sorted(spans, key=_most_frequent)))


def _matches(marked: Mapping[Span, Mapping[str, SpanLabel]]) -> set[tuple[int, Span, Span]]:
    """Return the pairs of different spans that some two annotators match, each with its negative similarity."""
    spans_of: dict[str, list[Span]] = defaultdict(list)
    for extent in sorted(marked):
        for annotator in marked[extent]:
            spans_of[annotator].append(extent)
    matches = set()
    for a, b in combinations(spans_of.values(), 2):
        equal = set(a) & set(b)
        # The two annotators are ordered by their spans, not by their names, so that ties do not depend on names.
        first, second = sorted([span for span in spans if span not in equal] for spans in (a, b))
        for i, j in assign(first, second, similarity):
            lower, upper = sorted((first[i], second[j]))
            matches.add((-similarity(lower, upper), lower, upper))
    return matches


def similarity(first: Span, second: Span) -> int:
    """Return how similar two spans are, in ten-thousandths; 0 where they cannot be the same mention.

    Characters in common over characters covered (10,000 for equal offsets), plus 1,000 for the same label. Spans with
    different labels that have fewer than half of their characters in common are not the same mention.
    """
    shared = overlap(first, second)
    union = first.end - first.start + second.end - second.start - shared
    if not shared or (first.label != second.label and 2 * shared < union):
        return 0
    return _UNION * shared // union + _SAME_LABEL * (first.label == second.label)


def align_stances(layers: Sequence[AnnotationLayer], mentions: Sequence[AlignedMention]) -> tuple[StancePair, ...]:
    """Group the stances of one article's layers by their holder and target.

    Parameters
    ----------
    layers : sequence of AnnotationLayer
        The layers of one article from which `mentions` come.
    mentions : sequence of AlignedMention
        The result of `align_mentions` for these layers.

    Returns
    -------
    tuple of StancePair
        In text order of holder and target, the article's own voice first. A stance that refers to a span that does not
        exist is left out (`goldwire check` reports it).
    """
    mention_of = {
        (annotator, span.start, span.end, span.label): mention.index
        for mention in mentions
        for annotator, span in mention.spans.items()
    }
    drawn: dict[tuple[int, int, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for layer in layers:
        indices: dict[str | None, int] = {None: -1} | {
            span.id: mention_of[layer.annotator, span.start, span.end, span.label] for span in layer.spans
        }
        for stance in layer.stances:
            if _has_its_spans(stance, indices):
                ends = indices[stance.holder], indices[stance.target], stance.target_name or ""
                drawn[ends][layer.annotator].add(stance.stance)
    return tuple(
        StancePair(
            article_id=layers[0].article_id,
            holder=None if holder < 0 else mentions[holder],
            target=None if target < 0 else mentions[target],
            target_name=name or None,
            stances={annotator: tuple(sorted(stances)) for annotator, stances in sorted(by_annotator.items())},
        )
        for (holder, target, name), by_annotator in sorted(drawn.items())
    )


def invalid_layer_reason(layer: AnnotationLayer, articles: Mapping[str, Article]) -> str | None:
    """Return why a layer does not fit its article, or None if it does.

    A layer is invalid if its article is missing or has another text now, if a span's text differs from the article's,
    or if a stance refers to a span that does not exist.
    """
    article = articles.get(layer.article_id)
    if article is None:
        return "its article is not in the corpus"
    if article.text_sha256 != layer.text_sha256:
        return "it belongs to another version of the article's text"
    if any(article.text[span.start : span.end] != span.text for span in layer.spans):
        return "the text of a span differs from the article's text at its offsets"
    if not all(_has_its_spans(stance, {None, *(span.id for span in layer.spans)}) for stance in layer.stances):
        return "a stance refers to a span that does not exist"
    return None


def require_valid_layer(layer: AnnotationLayer, articles: Mapping[str, Article], location: Path) -> None:
    """Raise DataError if a layer does not fit its article; `location` is the layer's file."""
    reason = invalid_layer_reason(layer, articles)
    if reason is not None:
        hint = "run `goldwire check` for details, then pull or adjudicate the batch again"
        raise DataError(f"{layer.article_id}: {reason}", location=location, hint=hint)


def _has_its_spans(stance: StanceLabel, spans: Mapping[str | None, int] | set[str | None]) -> bool:
    return stance.holder in spans and stance.target in spans


def _most_frequent(spans: Mapping[str, SpanLabel]) -> Span:
    counts = Counter(Span(span.start, span.end, span.label) for span in spans.values())
    return min(counts, key=lambda extent: (-counts[extent], extent))
