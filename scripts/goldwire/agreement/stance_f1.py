"""F1 of stances: how far two annotators draw the same triples of holder, target and stance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from goldwire.agreement.annotations import LayersLike, layers_by_article, pair_articles, required_layer
from goldwire.agreement.estimates import Estimate, IntervalMethod, IntervalOptions
from goldwire.agreement.intervals import measure
from goldwire.agreement.span_f1 import CountsRow, MatchCounts, count_pairs, f1_estimate
from goldwire.alignment.span_matching import Match, Span, match_spans, overlap
from goldwire.records import Agreement, AnnotationLayer

__all__ = ["count_triples", "mean_stance_f1", "stance_f1", "stance_f1_estimate"]


def stance_f1(
    a: LayersLike,
    b: LayersLike,
    match: Match = "exact",
    *,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
) -> Agreement:
    """F1 of whole triples (holder, target, stance) between two annotators.

    Parameters
    ----------
    a, b : AnnotationLayer, or sequence or mapping of AnnotationLayer
        Each annotator's layers; only articles that both confirmed are compared.
    match : {"exact", "characters", "label"}
        When two mentions correspond, as for `span_f1`. For `characters` a triple counts by how far its mentions
        coincide: 2 x shared/(a + b) characters, the mean of holder and target.
    n_boot, seed, confidence, method
        The interval over articles, as for `stance_alpha`.

    Returns
    -------
    Agreement
            nan where neither annotator drew a stance.

    Raises
    ------
    ValueError
        If an article is not an `AnnotationLayer`, or the two sides cannot be paired.

    Examples
    --------
    >>> from goldwire import agreement
    >>> from goldwire.records import AnnotationLayer, SpanLabel, StanceLabel
    >>> ada = SpanLabel(id="T1", start=0, end=9, label="PER", text="Ada Brook")
    >>> port = SpanLabel(id="T2", start=14, end=25, label="ORG", text="Port League")
    >>> def layer(annotator, stance):
    ...     drawn = StanceLabel(id="R1", holder="T1", target="T2", target_name=None, stance=stance)
    ...     return AnnotationLayer(
    ...         article_id="wire-000000000001", text_sha256="0" * 64, batch="b01", annotator=annotator,
    ...         guidelines_version="1", schema_version="1", confirmed=True, spans=(ada, port), stances=(drawn,),
    ...     )
    >>> layers = [layer("A1", "supports"), layer("A2", "supports"), layer("A3", "opposes")]
    >>> agreement.stance_f1(layers[0], layers[1]).value
    1.0
    """
    articles = [pair for pair in pair_articles(a, b) if pair != ([], [])]  # two empty lists of layers
    counts = [[count_triples(required_layer(x), required_layer(y), match)] for x, y in articles]
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method)
    return measure(stance_f1_estimate(match, counts, 2), options)


def mean_stance_f1(
    layers: Iterable[AnnotationLayer],
    match: Match = "exact",
    *,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
) -> Agreement:
    """Mean of `stance_f1` over all pairs of annotators.

    Parameters
    ----------
    layers : iterable of AnnotationLayer
        Unconfirmed layers are left out.
    match : {"exact", "characters", "label"}
        As for `stance_f1`.
    n_boot, seed, confidence, method
        The interval over articles, as for `stance_alpha`.

    Returns
    -------
    Agreement
        nan where no annotator drew a stance.

    Examples
    --------
    >>> from goldwire import agreement
    >>> from goldwire.records import AnnotationLayer, SpanLabel, StanceLabel
    >>> ada = SpanLabel(id="T1", start=0, end=9, label="PER", text="Ada Brook")
    >>> port = SpanLabel(id="T2", start=14, end=25, label="ORG", text="Port League")
    >>> def layer(annotator, stance):
    ...     drawn = StanceLabel(id="R1", holder="T1", target="T2", target_name=None, stance=stance)
    ...     return AnnotationLayer(
    ...         article_id="wire-000000000001", text_sha256="0" * 64, batch="b01", annotator=annotator,
    ...         guidelines_version="1", schema_version="1", confirmed=True, spans=(ada, port), stances=(drawn,),
    ...     )
    >>> layers = [layer("A1", "supports"), layer("A2", "supports"), layer("A3", "opposes")]
    >>> round(agreement.mean_stance_f1(layers).value, 4)  # mean of 1, 0 and 0
    0.3333
    """
    by_article = layers_by_article(layers)
    annotators = sorted({name for of_article in by_article.values() for name in of_article})
    ordered = (by_article[key] for key in sorted(by_article))
    counts = count_pairs(ordered, annotators, lambda a, b: count_triples(a, b, match))
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method)
    return measure(stance_f1_estimate(match, counts, len(annotators)), options)


def stance_f1_estimate(match: Match, counts: Sequence[CountsRow], n_raters: int) -> Estimate:
    """Return the mean over columns (pairs of annotators) of the F1 of triples over rows (articles)."""
    return f1_estimate(f"stance_f1_{match}", counts, n_raters, "no annotator drew a stance", unit="stance")


def count_triples(a: AnnotationLayer, b: AnnotationLayer, match: Match) -> MatchCounts:
    """Count the triples of one article on which two layers agree, as `stance_f1` does."""
    triples_a = {(s.holder, s.target, s.target_name, s.stance) for s in a.stances}
    triples_b = {(s.holder, s.target, s.target_name, s.stance) for s in b.stances}
    if not triples_a or not triples_b:  # the spans of layers without stances need no matching
        return MatchCounts(0, len(triples_a), len(triples_b), len(triples_a) + len(triples_b))
    spans_a, spans_b = ([Span(s.start, s.end, s.label) for s in layer.spans] for layer in (a, b))
    coincidence: dict[tuple[str, str], float] = {}
    for i, j in match_spans(spans_a, spans_b, match):
        x, y = spans_a[i], spans_b[j]
        shared = 2 * overlap(x, y) / (x.end - x.start + y.end - y.start) if match == "characters" else 1.0
        coincidence[a.spans[i].id, b.spans[j].id] = shared
    agreed = [
        (holder + target) / 2
        for x in sorted(triples_a, key=repr)
        for y in triples_b
        if x[2:] == y[2:]
        and (holder := _coincidence(coincidence, x[0], y[0]))
        and (target := _coincidence(coincidence, x[1], y[1]))
    ]
    return MatchCounts(sum(agreed), len(triples_a), len(triples_b), len(triples_a) + len(triples_b) - len(agreed))


def _coincidence(coincidence: Mapping[tuple[str, str], float], x: str | None, y: str | None) -> float:
    """Return how far two ends of stances coincide; None is the article's voice, or a named target."""
    if x is None or y is None:
        return 1.0 if x is y else 0.0
    return coincidence.get((x, y), 0.0)
