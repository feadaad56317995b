"""Agreement on repeated text: of annotators with themselves, and with gold from elsewhere.

Copies of wire stories share sentences: they are checks that no annotator can recognise as one. `sample --gold-checks`
adds copies of articles with gold to a batch, and articles with gold from another batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations

from goldwire.agreement.estimates import IntervalOptions
from goldwire.agreement.intervals import measure
from goldwire.agreement.span_f1 import MatchCounts, f1_estimate
from goldwire.records import Agreement, AnnotationLayer
from goldwire.text.sentences import sentences

__all__ = ["gold_check_agreement", "self_agreement"]

MIN_LENGTH = 50
"""Characters: shorter sentences, such as `He declined to comment.`, recur without being copies."""

_SELF, _GOLD = "self_span_f1_exact", "gold_check_span_f1_exact"
_JACKKNIFE = IntervalOptions()
_UNDEFINED = "no span in a sentence of two articles"

SpanKey = tuple[int, int, str]


def self_agreement(
    layers: Iterable[AnnotationLayer], texts: Mapping[str, str], *, interval: IntervalOptions = _JACKKNIFE
) -> dict[str, Agreement]:
    """Return the exact F1 of each annotator's spans in equal sentences of different articles.

    Parameters
    ----------
    layers : iterable of AnnotationLayer
        Layers of any number of batches; unconfirmed ones are left out.
    texts : mapping of str to str
        The texts by article id.
    interval : IntervalOptions
        How the intervals over pairs of articles are computed.

    Returns
    -------
    dict of str to Agreement
        By annotator, sorted; only those who confirmed two articles with a sentence of at least 50 characters in common.

    Examples
    --------
    >>> from goldwire.records import AnnotationLayer, SpanLabel
    >>> sentence = "Ada Brook of the Port League spoke to Nils Orr on Monday."
    >>> def layer(article, *spans):
    ...     return AnnotationLayer(article_id=article, text_sha256="", batch="b01", annotator="A1", confirmed=True,
    ...         guidelines_version="1", schema_version="1", stances=(), spans=tuple(
    ...             SpanLabel(id=f"T{n}", start=s, end=e, label="PER", text="") for n, (s, e) in enumerate(spans, 1)))
    >>> both = [layer("x", (0, 9), (38, 46)), layer("y", (0, 9))]
    >>> print(round(self_agreement(both, {"x": sentence, "y": sentence})["A1"].value, 3))
    0.667
    """
    by_annotator: dict[str, dict[str, AnnotationLayer]] = defaultdict(dict)
    for layer in layers:
        if layer.confirmed and layer.article_id in texts:
            by_annotator[layer.annotator][layer.article_id] = layer
    wanted = {article for own in by_annotator.values() if len(own) > 1 for article in own}
    shared = _shared_sentences({article: texts[article] for article in sorted(wanted)})
    values = {}
    for annotator, own in sorted(by_annotator.items()):
        counts = [[_count(own[a], own[b], pairs)] for (a, b), pairs in shared.items() if a in own and b in own]
        if counts:
            values[annotator] = measure(f1_estimate(_SELF, counts, 1, _UNDEFINED, unit="span"), interval)
    return values


def gold_check_agreement(
    layers: Iterable[AnnotationLayer],
    gold: Iterable[AnnotationLayer],
    texts: Mapping[str, str],
    *,
    checks: Collection[str] = (),
    interval: IntervalOptions = _JACKKNIFE,
) -> dict[str, Agreement]:
    """Return the exact F1 of each annotator's spans with gold spans: of the article in another batch, and of copies.

    Of gold checks the whole article is compared, of other articles the sentences that another article with gold has.

    Parameters
    ----------
    layers : iterable of AnnotationLayer
        Layers of one batch; unconfirmed ones are left out.
    gold : iterable of AnnotationLayer
        Gold layers of any batches.
    checks : collection of str
        The articles of the batch that are gold checks: another batch gave them gold.
    texts, interval
        As in `self_agreement`.

    Returns
    -------
    dict of str to Agreement
        By annotator, sorted; only those who confirmed such an article.

    Examples
    --------
    >>> from goldwire.records import AnnotationLayer, SpanLabel
    >>> def layer(annotator, batch, *spans):
    ...     return AnnotationLayer(article_id="x", text_sha256="", batch=batch, annotator=annotator, confirmed=True,
    ...         guidelines_version="1", schema_version="1", stances=(), spans=tuple(
    ...             SpanLabel(id=f"T{n}", start=s, end=e, label="PER", text="") for n, (s, e) in enumerate(spans, 1)))
    >>> gold = layer("gold", "b01", (0, 9), (38, 46))
    >>> texts = {"x": "Ada Brook of the Port League spoke to Nils Orr."}
    >>> checked = gold_check_agreement([layer("A1", "b02", (0, 9))], [gold], texts, checks={"x"})
    >>> print(round(checked["A1"].value, 3))
    0.667
    """
    gold = [layer for layer in gold if layer.article_id in texts]
    gold_of = {layer.article_id: layer for layer in gold}
    confirmed = [layer for layer in layers if layer.confirmed and layer.article_id in texts]
    wanted = {*gold_of, *(layer.article_id for layer in confirmed)}
    shared = _shared_sentences({article: texts[article] for article in sorted(wanted)})
    counts: dict[str, list[list[MatchCounts]]] = defaultdict(list)
    for layer in confirmed:
        if layer.article_id in checks:
            elsewhere = [one for one in gold if one.article_id == layer.article_id and one.batch != layer.batch]
            known = [one for one in elsewhere if one.spans] or elsewhere
            whole = (0, len(texts[layer.article_id]))
            counts[layer.annotator] += [[_count(layer, one, [(whole, whole)])] for one in known[-1:]]
            continue
        for (a, b), pairs in shared.items():
            if layer.article_id == a and b in gold_of:
                counts[layer.annotator].append([_count(layer, gold_of[b], pairs)])
            elif layer.article_id == b and a in gold_of:
                swapped = [(second, first) for first, second in pairs]
                counts[layer.annotator].append([_count(layer, gold_of[a], swapped)])
    return {
        name: measure(f1_estimate(_GOLD, rows, 1, _UNDEFINED, unit="span"), interval)
        for name, rows in sorted(counts.items())
    }


Range = tuple[int, int]


def _shared_sentences(texts: Mapping[str, str]) -> dict[tuple[str, str], list[tuple[Range, Range]]]:
    """Return the ranges of equal sentences of two articles, by the pair of articles.

    A sentence counts once per article.
    """
    places: dict[str, dict[str, Range]] = defaultdict(dict)
    for article, text in texts.items():
        for start, end in _sentence_ranges(text):
            places[text[start:end]].setdefault(article, (start, end))
    shared: dict[tuple[str, str], list[tuple[Range, Range]]] = defaultdict(list)
    for by_article in places.values():
        for a, b in combinations(by_article, 2):
            shared[a, b].append((by_article[a], by_article[b]))
    return shared


def _sentence_ranges(text: str) -> Iterator[Range]:
    return ((start, end) for start, end in sentences(text) if end - start >= MIN_LENGTH)


def _count(a: AnnotationLayer, b: AnnotationLayer, pairs: Iterable[tuple[Range, Range]]) -> MatchCounts:
    """Count the spans of two layers in the sentences that both articles have."""
    matched = first = second = 0
    for range_a, range_b in pairs:
        spans_a, spans_b = _spans_in(a, range_a), _spans_in(b, range_b)
        matched += len(spans_a & spans_b)
        first, second = first + len(spans_a), second + len(spans_b)
    return MatchCounts(matched, first, second, first + second - matched)


def _spans_in(layer: AnnotationLayer, inside: Range) -> set[SpanKey]:
    start, end = inside
    return {
        (span.start - start, span.end - start, span.label)
        for span in layer.spans
        if start <= span.start and span.end <= end
    }
