"""Krippendorff's unitizing alpha: chance-corrected agreement on cutting a text into labelled spans and gaps.

References
----------
Krippendorff, K., Mathet, Y., Bouvry, S. and Widlöcher, A. (2016). On the reliability of unitizing textual continua:
further developments. Quality & Quantity 50:2347-2364.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import AnnotationsLike, AnnotatorSpans, articles_with_values
from goldwire.agreement.continuum import Continuum, build_continuum
from goldwire.agreement.estimates import Estimate, IntervalMethod, IntervalOptions, quotient
from goldwire.agreement.intervals import measure
from goldwire.records import Agreement, AnnotationLayer

__all__ = ["UnitizingKind", "unitizing_alpha", "unitizing_estimate"]

Matrix = NDArray[np.float64]
UnitizingKind = Literal["u", "bar", "cu", "ku"]


@overload
def unitizing_alpha(
    annotations: AnnotatorSpans,
    length: int,
    kind: UnitizingKind = ...,
    *,
    label: str | None = ...,
    n_boot: int = ...,
    seed: int = ...,
    confidence: float = ...,
    method: IntervalMethod | None = ...,
) -> Agreement: ...
@overload
def unitizing_alpha(
    annotations: Sequence[AnnotatorSpans],
    length: Sequence[int],
    kind: UnitizingKind = ...,
    *,
    label: str | None = ...,
    n_boot: int = ...,
    seed: int = ...,
    confidence: float = ...,
    method: IntervalMethod | None = ...,
) -> Agreement: ...
@overload
def unitizing_alpha(
    annotations: Iterable[AnnotationLayer],
    length: Mapping[str, int],
    kind: UnitizingKind = ...,
    *,
    label: str | None = ...,
    n_boot: int = ...,
    seed: int = ...,
    confidence: float = ...,
    method: IntervalMethod | None = ...,
) -> Agreement: ...
def unitizing_alpha(
    annotations: AnnotationsLike,
    length: int | Sequence[int] | Mapping[str, int],
    kind: UnitizingKind = "u",
    *,
    label: str | None = None,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
) -> Agreement:
    """Return a unitizing alpha of span annotations.

    Parameters
    ----------
    annotations : mapping, sequence of mappings, or iterable of AnnotationLayer
        One article's spans by annotator (an empty list: nothing marked), several articles, or layers, of which
        unconfirmed ones are ignored. Where spans of one annotator overlap, the longer one counts.
    length : int, sequence of int, or mapping of article id to int
        Length in characters of the article, of each article in order, or of each article by its id.
    kind : {"u", "bar", "cu", "ku"}, default "u"
        What is compared: "u" every character, with spans and gaps; "bar" marked against unmarked text, whatever the
        label; "cu" the labels where two annotators marked the same text; "ku" one label there.
    label : str, optional
        The label of kind "ku".
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
        `value` with its interval [`low`, `high`]; `n_items` counts spans. The value is nan, and `reason` says why,
        where no article has two annotators, or where nothing could differ: nothing is marked, or only one label.

    Raises
    ------
    ValueError
        If a length is missing, a span reaches outside its article, the kind is unknown, or "ku" has no label.

    Notes
    -----
    1 - Do/De over coincidences of characters. The expected coincidences of labels c and k are proportional to n_c n_k,
    without those of a span with itself: n_c^2 less the sum of squared lengths of spans labelled c (eq. 4 and 10).
    "u" is eq. 5 of the paper, "bar" eq. 6, "cu" eq. 11 and "ku" eq. 13.

    References
    ----------
    Krippendorff, K., Mathet, Y., Bouvry, S. and Widlöcher, A. (2016). On the reliability of unitizing textual continua:
    further developments. Quality & Quantity 50:2347-2364.

    Examples
    --------
    >>> from goldwire.agreement import unitizing_alpha
    >>> spans = {"A1": [(0, 9, "PER"), (14, 20, "ORG")], "A2": [(0, 9, "PER"), (14, 18, "LOC")]}
    >>> round(unitizing_alpha(spans, 40).value, 4)
    0.7229
    """
    articles = articles_with_values(annotations, length, "length in characters")
    estimate = unitizing_estimate(build_continuum(articles.values()), kind, label)
    return measure(estimate, IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method))


def unitizing_estimate(continuum: Continuum, kind: UnitizingKind = "u", label: str | None = None) -> Estimate:
    """Return a unitizing alpha of summed articles, ready to be evaluated on some of them."""
    if kind not in _ALPHAS:
        raise ValueError(f"unknown kind {kind!r}: choose from {', '.join(_ALPHAS)}")
    if kind == "ku" and label is None:
        raise ValueError("kind 'ku' needs a label")
    is_used = label is None or label in continuum.labels
    label_index = continuum.labels.index(label) + 1 if label is not None and is_used else 0
    n_articles, n_labels = continuum.unit_squares.shape
    n_cells = n_labels * n_labels
    squares = continuum.unit_squares if kind in ("u", "bar") else continuum.shared_squares
    columns = np.concatenate([continuum.coincidences.reshape(n_articles, n_cells), squares], axis=1)

    def value(frequencies: Matrix) -> Matrix:
        if not is_used:
            return np.full(len(frequencies), np.nan)
        sums = frequencies @ columns
        return _ALPHAS[kind](sums[:, :n_cells].reshape(-1, n_labels, n_labels), sums[:, n_cells:], label_index)

    return Estimate(
        coefficient=f"unitizing_alpha_{kind}",
        unit="span",
        label=label if kind == "ku" else None,
        frequencies=np.ones(n_articles, dtype=np.int64),
        value=value,
        n_items=continuum.n_spans,
        n_raters=continuum.n_annotators,
        undefined_reason=_UNDEFINED_REASONS[kind] if n_articles else "no article that two annotators confirmed",
        row_of_item=np.arange(n_articles),
        row_sizes=continuum.spans_per_annotator,
        condition="marked-by-two" if kind in ("cu", "ku") else None,
    )


_UNDEFINED_REASONS = {
    "u": "nothing could differ: nothing is marked, or all annotators marked all text with one label",
    "bar": "nothing could differ: nothing is marked, or all annotators marked all text",
    "cu": "fewer than two labels where annotators marked the same text",
    "ku": "the label does not meet another label where annotators marked the same text",
}

# Below, coincidences have the shape (replicates, labels + 1, labels + 1) and squares (replicates, labels + 1).


def _expected_coincidences(margins: Matrix, squares: Matrix) -> tuple[Matrix, Matrix]:
    """Return the expected coincidences of each label with itself and with all labels (eq. 4 and 10)."""
    total = margins.sum(axis=1, keepdims=True)
    n_pairs = total**2 - squares.sum(axis=1, keepdims=True)
    scale = quotient(total, n_pairs, n_pairs > 1e-9 * total**2)
    return (margins**2 - squares) * scale, (margins * total - squares) * scale


def _alpha(observed: Matrix, expected: Matrix, total: Matrix) -> Matrix:
    """Return 1 - observed/expected disagreement, nan where the expected one is 0 (to the last 12 digits)."""
    return 1.0 - quotient(observed, expected, expected > 1e-12 * np.maximum(total, 1.0))


def _u(coincidences: Matrix, squares: Matrix, _label: int) -> Matrix:
    margins = coincidences.sum(axis=2)
    with_itself, _ = _expected_coincidences(margins, squares)
    total, agreed = margins.sum(axis=1), np.trace(coincidences, axis1=1, axis2=2)
    return _alpha(total - agreed, total - with_itself.sum(axis=1), total)


def _bar(coincidences: Matrix, squares: Matrix, _label: int) -> Matrix:
    margins = coincidences.sum(axis=2)
    with_itself, with_all = _expected_coincidences(margins, squares)
    observed = margins[:, 0] - coincidences[:, 0, 0]
    return _alpha(observed, with_all[:, 0] - with_itself[:, 0], margins.sum(axis=1))


def _cu(coincidences: Matrix, squares: Matrix, label: int) -> Matrix:
    return _u(coincidences[:, 1:, 1:], squares[:, 1:], label)


def _ku(coincidences: Matrix, squares: Matrix, label: int) -> Matrix:
    margins = coincidences[:, 1:, 1:].sum(axis=2)
    with_itself, with_all = (table[:, label - 1] for table in _expected_coincidences(margins, squares[:, 1:]))
    margin, agreed = margins[:, label - 1], coincidences[:, label, label]
    observed = quotient(margin - agreed, margin, margin > 0)
    expected = quotient(with_all - with_itself, with_all, with_all > 0)
    return _alpha(observed, expected, np.ones(len(coincidences)))


_ALPHAS: dict[str, Callable[[Matrix, Matrix, int], Matrix]] = {"u": _u, "bar": _bar, "cu": _cu, "ku": _ku}
