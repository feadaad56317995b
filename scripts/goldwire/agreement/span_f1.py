"""F1 between annotators: the share of spans that both marked, by optimal one-to-one matching.

Three ways to match:

- `exact`: start, end and label are equal.
- `characters`: spans of one label that overlap, matched so that they share as many characters as possible. Characters
  are counted, not spans: a boundary that differs a little costs a little, but a long span weighs more than a short one,
  so that this F1 can be below the exact one.
- `label`: spans of one label that overlap; boundaries are ignored. Spans are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, get_args, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import LayersLike, SpanLike, SpansLike, pair_articles, spans_by_article
from goldwire.agreement.estimates import Estimate, IntervalMethod, IntervalOptions, quotient
from goldwire.agreement.intervals import measure
from goldwire.alignment.span_matching import Match, Span, match_all, match_spans, overlap, read_spans
from goldwire.records import Agreement, AgreementCondition, AgreementUnit, AnnotationLayer

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = [
    "MATCHES",
    "CountsRow",
    "MatchCounts",
    "count_column",
    "count_matches",
    "count_matches_by_label",
    "count_pairs",
    "f1_estimate",
    "mean_span_f1",
    "span_f1",
    "sum_counts",
]

Marked = TypeVar("Marked")  # what an annotator marked in an article: spans, or a layer

MATCHES: tuple[Match, ...] = get_args(Match)
_NOTHING_MARKED = "neither annotator marked anything"


class MatchCounts(msgspec.Struct, frozen=True, gc=False):
    """Counts of what two annotators marked in one article: spans, or characters for `characters`."""

    matched: float = 0
    first_total: float = 0
    second_total: float = 0
    n_compared: int = 0  # spans: matched ones count once, every other span counts once


CountsRow: TypeAlias = Sequence[MatchCounts] | Mapping[int, MatchCounts]
"""The counts of an article by column: all of them, or those of the columns that are not empty, in ascending order."""


@overload
def span_f1(
    a: LayersLike,
    b: LayersLike,
    match: Match = ...,
    *,
    label: str | None = ...,
    average: Literal["micro", "macro"] = ...,
    n_boot: int = ...,
    seed: int = ...,
    confidence: float = ...,
    method: IntervalMethod | None = ...,
) -> Agreement: ...
@overload
def span_f1(
    a: Iterable[SpanLike],
    b: Iterable[SpanLike],
    match: Match = ...,
    *,
    label: str | None = ...,
    average: Literal["micro", "macro"] = ...,
    n_boot: int = ...,
    seed: int = ...,
    confidence: float = ...,
    method: IntervalMethod | None = ...,
) -> Agreement: ...
@overload
def span_f1(
    a: Sequence[Iterable[SpanLike]] | Mapping[str, Iterable[SpanLike]],
    b: Sequence[Iterable[SpanLike]] | Mapping[str, Iterable[SpanLike]],
    match: Match = ...,
    *,
    label: str | None = ...,
    average: Literal["micro", "macro"] = ...,
    n_boot: int = ...,
    seed: int = ...,
    confidence: float = ...,
    method: IntervalMethod | None = ...,
) -> Agreement: ...
def span_f1(
    a: SpansLike,
    b: SpansLike,
    match: Match = "exact",
    *,
    label: str | None = None,
    average: Literal["micro", "macro"] = "micro",
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
) -> Agreement:
    """Return the F1 between two annotators' spans.

    Parameters
    ----------
    a, b : iterable of span-like, sequence or mapping of such, or AnnotationLayer or iterable of AnnotationLayer
        What each annotator marked: the spans of one article, `SpanLabel` or (start, end, label); articles in the same
        order or by id; or layers. Articles of one side only and unconfirmed layers are ignored.
    match : {"exact", "characters", "label"}, default "exact"
        When two spans match: equal; of one label and overlapping, in characters; or the same, in spans.
    label : str, optional
        Compare spans of this label only.
    average : {"micro", "macro"}, default "micro"
        "macro" is the mean over the labels that either annotator used.
    n_boot : int, default 1000
        Number of bootstrap replicates over articles, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the interval.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed: by the jackknife, which holds its confidence level with few articles too; by the
        bootstrap, of which "bca" corrects for bias and skewness; or not at all.

    Returns
    -------
    Agreement
        `value` with its interval [`low`, `high`]; `n_items` counts the spans compared, matched ones once. The value is
        nan, and `reason` says why, where neither annotator marked anything.

    Raises
    ------
    ValueError
        If the sides have different numbers of articles, only one has ids, or `match` or `average` is unknown.

    Notes
    -----
    2 m/(|a| + |b|), with m the matched spans or shared characters: the same from either side, whichever counts as the
    reference. F1 approaches kappa as the number of unmarked positions grows (Hripcsak and Rothschild 2005).

    References
    ----------
    Hripcsak, G. and Rothschild, A. S. (2005). Agreement, the F-measure, and reliability in information retrieval.
    Journal of the American Medical Informatics Association 12:296-298.

    Examples
    --------
    >>> from goldwire.agreement import span_f1
    >>> a = [(0, 9, "PER"), (14, 30, "ORG")]
    >>> b = [(0, 9, "PER"), (18, 30, "ORG"), (35, 39, "LOC")]
    >>> span_f1(a, b).value
    0.4
    >>> span_f1(a, b, "label").value
    0.8
    """
    if average not in ("micro", "macro"):
        raise ValueError(f"unknown average {average!r}: choose micro or macro")
    articles = [(read_spans(first), read_spans(second)) for first, second in pair_articles(a, b)]
    compared: list[str | None] = [label]
    if average == "macro":
        used = {span.label for first, second in articles for span in (*first, *second)}
        compared = [*sorted(name for name in used if label in (None, name))]
    counts = [[count_matches(first, second, match, name) for name in compared] for first, second in articles]
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method)
    return measure(f1_estimate(f"span_f1_{match}", counts, 2), options)


def mean_span_f1(
    layers: Iterable[AnnotationLayer],
    match: Match = "exact",
    *,
    label: str | None = None,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
) -> Agreement:
    """Return the mean over pairs of annotators of their F1 over all articles that both confirmed.

    Parameters
    ----------
    layers : iterable of AnnotationLayer
        Layers of any number of annotators; unconfirmed ones are ignored.
    match : {"exact", "characters", "label"}, default "exact"
        When two spans match; see `span_f1`.
    label : str, optional
        Compare spans of this label only.
    n_boot : int, default 1000
        Number of bootstrap replicates over articles, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the interval.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed: by the jackknife, which holds its confidence level with few articles too; by the
        bootstrap, of which "bca" corrects for bias and skewness; or not at all.

    Returns
    -------
    Agreement
        `value` with its interval [`low`, `high`]; `n_items` counts the spans compared, matched ones once per pair. The
        value is nan, and `reason` says why, if no article has two annotators or nothing is marked.

    Raises
    ------
    ValueError
        If `match` is unknown.

    Notes
    -----
    Pairs of annotators weigh equally; a pair that marked nothing is left out of the mean.

    Examples
    --------
    >>> from goldwire.agreement import mean_span_f1
    >>> from goldwire.records import AnnotationLayer, SpanLabel
    >>> def layer(annotator, *spans):
    ...     return AnnotationLayer(
    ...         article_id="wire-000000000001", text_sha256="0" * 64, batch="b01", annotator=annotator,
    ...         guidelines_version="1", schema_version="1", confirmed=True, spans=spans, stances=(),
    ...     )
    >>> ada = SpanLabel(id="T1", start=0, end=9, label="PER", text="Ada Brook")
    >>> mean_span_f1([layer("A1", ada), layer("A2", ada), layer("A3")]).value  # mean of 1, 0 and 0
    0.3333333333333333
    """
    articles = spans_by_article(layers)
    annotators = sorted({annotator for by_annotator in articles.values() for annotator in by_annotator})
    counts = count_pairs(articles.values(), annotators, lambda a, b: count_matches(a, b, match, label))
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method)
    return measure(f1_estimate(f"span_f1_{match}", counts, len(annotators)), options)


def count_matches(first: Sequence[Span], second: Sequence[Span], match: Match, label: str | None = None) -> MatchCounts:
    """Return the match counts of one article, of all spans or of those with one label."""
    if match not in MATCHES:
        raise ValueError(f"unknown match {match!r}: choose from {', '.join(MATCHES)}")
    if label is not None:
        first = [span for span in first if span.label == label]
        second = [span for span in second if span.label == label]
    pairs = match_spans(first, second, match)
    n_compared = len(first) + len(second) - len(pairs)
    if match != "characters":
        return MatchCounts(len(pairs), len(first), len(second), n_compared)
    shared = sum(overlap(first[i], second[j]) for i, j in pairs)
    return MatchCounts(shared, sum(s.end - s.start for s in first), sum(s.end - s.start for s in second), n_compared)


def count_matches_by_label(
    first: Sequence[Span],
    second: Sequence[Span],
    matched_pairs: Mapping[Match, Sequence[tuple[int, int]]] | None = None,
) -> dict[Match, dict[str, MatchCounts]]:
    """Return the match counts of one article by way of matching and by label: spans match within a label only.

    `matched_pairs` is what `match_all` returns, where it is known.
    """
    totals: dict[str, list[int]] = {}  # spans of first and second, then their characters
    for side, spans in ((0, first), (1, second)):
        for span in spans:
            total = totals.setdefault(span.label, [0, 0, 0, 0])
            total[side] += 1
            total[2 + side] += span.end - span.start
    counts: dict[Match, dict[str, MatchCounts]] = {}
    for match, pairs in (match_all(first, second) if matched_pairs is None else matched_pairs).items():
        matched = dict.fromkeys(totals, 0)
        shared = dict.fromkeys(totals, 0)
        for i, j in pairs:
            matched[first[i].label] += 1
            shared[first[i].label] += overlap(first[i], second[j])
        counts[match] = {
            label: MatchCounts(shared[label], chars_a, chars_b, spans_a + spans_b - matched[label])
            if match == "characters"
            else MatchCounts(matched[label], spans_a, spans_b, spans_a + spans_b - matched[label])
            for label, (spans_a, spans_b, chars_a, chars_b) in totals.items()
        }
    return counts


def count_pairs(
    articles: Iterable[Mapping[str, Marked]], annotators: Sequence[str], count: Callable[[Marked, Marked], MatchCounts]
) -> list[list[MatchCounts]]:
    """Return the counts of every article (rows) and pair of annotators (columns); empty where one has not read it."""
    pairs = list(combinations(annotators, 2))
    return [
        [count(marked[a], marked[b]) if a in marked and b in marked else MatchCounts() for a, b in pairs]
        for marked in articles
    ]


def sum_counts(counts: Iterable[MatchCounts]) -> MatchCounts:
    """Return the sum of match counts."""
    rows = [(c.matched, c.first_total, c.second_total, c.n_compared) for c in counts]
    return MatchCounts(*(sum(column) for column in zip(*rows, strict=True))) if rows else MatchCounts()


def f1_estimate(
    coefficient: str,
    counts: Sequence[CountsRow] | NDArray[np.float64],
    n_raters: int,
    reason: str = _NOTHING_MARKED,
    unit: AgreementUnit = "span",
    condition: AgreementCondition | None = None,
) -> Estimate:
    """Return the mean over columns (pairs of annotators, or labels) of the F1 over rows (articles).

    The counts of one column can be an array, as `count_column` returns it.
    """
    table = _count_table(counts)
    n_columns = table.columns.shape[1] // 2

    def value(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = (table.columns.T @ frequencies.T).T.reshape(len(frequencies), n_columns, 2)
        matched, total = sums[:, :, 0], sums[:, :, 1]
        n_defined = (total > 0).sum(axis=1)
        f1 = quotient(2 * matched, total, total > 0)
        return quotient(np.nansum(f1, axis=1), n_defined, n_defined > 0)

    return Estimate(
        coefficient=coefficient,
        frequencies=np.bincount(table.row_of_item, minlength=len(table.sizes)),
        value=value,
        n_items=int(table.sizes[table.row_of_item].sum()),
        n_raters=n_raters,
        undefined_reason=reason if len(counts) else "no article that two annotators confirmed",
        row_of_item=table.row_of_item,
        row_sizes=table.sizes,
        max_disagreement=1.0,
        unit=unit,
        condition=condition,
    )


class _CountTable(msgspec.Struct, frozen=True):
    """The distinct rows of counts: most short articles have equal ones.

    `columns` has matched and total of each column, side by side; it is sparse because in a crowd most pairs of
    annotators have no article in common. `sizes` is the number of items compared in each row.
    """

    columns: csr_matrix
    sizes: NDArray[np.float64]
    row_of_item: NDArray[np.int64]


def count_column(counts: Iterable[MatchCounts]) -> NDArray[np.float64]:
    """Return the counts of articles as an array of shape (articles, 3): matched, total, and items compared."""
    cells = [(c.matched, c.first_total + c.second_total, c.n_compared) for c in counts]
    return np.array(cells, dtype=np.float64).reshape(-1, 3)


def _count_table(counts: Sequence[CountsRow] | NDArray[np.float64]) -> _CountTable:
    from scipy.sparse import csr_matrix

    if isinstance(counts, np.ndarray):
        distinct_counts, row_of_item = np.unique(counts, axis=0, return_inverse=True)
        return _CountTable(csr_matrix(distinct_counts[:, :2]), distinct_counts[:, 2], row_of_item.reshape(-1))
    keys, n_columns = [], 0
    for row in counts:
        cells = row.items() if isinstance(row, Mapping) else enumerate(row)
        key: list[tuple[int, float]] = []
        size = 0
        for column, count in cells:
            n_columns = max(n_columns, column + 1)
            size += count.n_compared
            pair = (count.matched, count.first_total + count.second_total)
            key += [(-2 * column - side, value) for side, value in enumerate(pair) if value]
        keys.append((tuple(key), size))
    # Ascending as rows of numbers are: the first column that differs decides, and an absent cell is 0.
    distinct = sorted(set(keys))
    number = {key: position for position, key in enumerate(distinct)}
    cells_of = [(row, -column, value) for row, (key, _) in enumerate(distinct) for column, value in key]
    rows, columns, values = zip(*cells_of, strict=True) if cells_of else ((), (), ())
    return _CountTable(
        columns=csr_matrix((values, (rows, columns)), shape=(len(distinct), 2 * n_columns), dtype=np.float64),
        sizes=np.array([size for _, size in distinct], dtype=np.float64),
        row_of_item=np.array([number[key] for key in keys], dtype=np.int64),
    )
