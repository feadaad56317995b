"""Krippendorff's unitizing alpha: agreement on cutting a text into labelled spans and gaps, chance taken off.

The family of Krippendorff, Mathet, Bouvry and Widlocher (2016), On the reliability of unitizing textual continua:
further developments, Quality & Quantity 50:2347-2364:
`u` every character, spans and gaps (eq. 5); `bar` marked against not marked, whatever the label (eq. 6); `cu` the
labels where both marked something (eq. 11); `ku` one label there (eq. 13).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.annotations import articles_with_lengths
from goldwire.agreement.bootstrap import BootstrapOptions, Estimate, measure, quotient
from goldwire.agreement.continuum import Continuum, build_continuum
from goldwire.records import Agreement

__all__ = ["unitizing_alpha", "unitizing_estimate"]

Matrix = NDArray[np.float64]
UnitizingKind = Literal["u", "bar", "cu", "ku"]


def unitizing_alpha(
    annotations: Any, length: Any, kind: UnitizingKind = "u", *, label: str | None = None, **options: Any
) -> Agreement:
    """Unitizing alpha of one kind.

    `annotations` are one article's spans by annotator (none: looked, found nothing) with `length` in characters, a
    sequence of such with a sequence of lengths, or layers with lengths by article id, of which confirmed ones count.
    `label` names the label of `ku`. `options`: n_boot, seed, method; resampled are articles. n_items counts spans.
    Where spans of one annotator overlap the longer one counts. nan where no two annotators looked at one article, or
    where nothing could differ (one label only, nothing marked).
    """
    return measure(
        unitizing_estimate(build_continuum(articles_with_lengths(annotations, length)), kind, label),
        BootstrapOptions(**options),
    )


def unitizing_estimate(continuum: Continuum, kind: UnitizingKind = "u", label: str | None = None) -> Estimate:
    """Unitizing alpha of counted articles, ready to be measured or resampled."""
    if kind not in _VALUES:
        raise ValueError(f"no kind {kind!r}: choose from {', '.join(_VALUES)}")
    if kind == "ku" and label is None:
        raise ValueError("ku needs a label")
    known = label is None or label in continuum.labels
    place = continuum.labels.index(label) + 1 if label is not None and known else 0
    articles, size = continuum.own.shape
    rows = np.concatenate(
        [continuum.coincidences.reshape(articles, size * size), continuum.own, continuum.shared], axis=1
    )

    def value(weights: Matrix) -> Matrix:
        sums = weights @ rows
        table = sums[:, : size * size].reshape(-1, size, size)
        own, shared = sums[:, size * size : -size], sums[:, -size:]
        if not known:
            return np.full(len(weights), np.nan)
        return _VALUES[kind](table, own if kind in ("u", "bar") else shared, place)

    return Estimate(
        coefficient=f"unitizing_alpha_{kind}" + (f"[{label}]" if kind == "ku" else ""),
        frequencies=np.ones(articles, dtype=np.int64),
        value=value,
        n_items=continuum.spans,
        n_raters=continuum.annotators,
        undefined_reason="no article that two annotators looked at" if not articles else _NOTHING[kind],
        row_of_item=np.arange(articles),
    )


_NOTHING = {
    "u": "nothing could differ: nobody marked anything, or everybody everything with one label",
    "bar": "nothing could differ: nobody marked anything, or everybody everything",
    "cu": "no two labels where annotators marked the same text",
    "ku": "the label does not meet another where annotators marked the same text",
}


def _expected(margins: Matrix, alone: Matrix) -> tuple[Matrix, Matrix]:
    """Expected coincidences of each label with itself and with all (eq. 4 and 10): a span cannot pair with itself."""
    total = margins.sum(axis=1, keepdims=True)
    apart = total**2 - alone.sum(axis=1, keepdims=True)
    scale = quotient(total, apart, apart > 1e-9 * total**2)
    return (margins**2 - alone) * scale, (margins * total - alone) * scale


def _alpha(observed: Matrix, expected: Matrix, total: Matrix) -> Matrix:
    return 1.0 - quotient(observed, expected, expected > 1e-12 * np.maximum(total, 1.0))


def _u(table: Matrix, alone: Matrix, _place: int) -> Matrix:
    margins = table.sum(axis=2)
    same, _ = _expected(margins, alone)
    total = margins.sum(axis=1)
    return _alpha(total - _diagonal(table).sum(axis=1), total - same.sum(axis=1), total)


def _bar(table: Matrix, alone: Matrix, _place: int) -> Matrix:
    margins = table.sum(axis=2)
    same, everything = _expected(margins, alone)
    return _alpha(margins[:, 0] - table[:, 0, 0], everything[:, 0] - same[:, 0], margins.sum(axis=1))


def _cu(table: Matrix, alone: Matrix, _place: int) -> Matrix:
    return _u(table[:, 1:, 1:], alone[:, 1:], 0)


def _ku(table: Matrix, alone: Matrix, place: int) -> Matrix:
    margins = table[:, 1:, 1:].sum(axis=2)
    same, everything = _expected(margins, alone[:, 1:])
    k = place - 1
    observed = quotient(margins[:, k] - table[:, place, place], margins[:, k], margins[:, k] > 0)
    expected = quotient(everything[:, k] - same[:, k], everything[:, k], everything[:, k] > 0)
    return _alpha(observed, expected, np.ones(len(table)))


def _diagonal(table: Matrix) -> Matrix:
    return np.asarray(np.diagonal(table, axis1=1, axis2=2))


_VALUES: dict[str, Callable[[Matrix, Matrix, int], Matrix]] = {"u": _u, "bar": _bar, "cu": _cu, "ku": _ku}
