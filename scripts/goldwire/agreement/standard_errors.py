"""Standard errors by formula: how much each item moves a coefficient, linearised (Gwet 2014, ch. 5; 2021).

An item's contribution is (n/n')(pa_i - pe)/(1 - pe) - 2(1 - k)(pe_i - pe)/(1 - pe), with n' of n items rated twice;
the variance is that of the mean contribution. Cohen's kappa of two raters is that of Fleiss, Cohen and Everitt (1969).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from goldwire.agreement.ratings import Patterns, collapse, parse
from goldwire.agreement.weights import weight_matrix
from goldwire.records import Agreement

__all__ = ["analytic_interval", "standard_error"]

Matrix = NDArray[np.float64]


class _Data(msgspec.Struct, frozen=True):
    patterns: Patterns
    counts: Matrix
    matrix: Matrix
    rated: Matrix
    often: Matrix  # how many items of each pattern
    n: float  # items with a rating
    paired: float  # items with two
    agree: Matrix  # pa of each pattern


def standard_error(
    ratings: Any, coefficient: str, weights: Any = "identity", labels: Sequence[Any] | None = None
) -> float:
    """Standard error of `percent_agreement`, `cohen_kappa`, `scott_pi`, `fleiss_kappa`, `conger_kappa`, `gwet_ac`,
    `brennan_prediger`, `randolph_kappa` or `krippendorff_alpha`; nan where the coefficient is undefined.
    """
    return _spread(ratings, coefficient, weights, labels)[0]


def analytic_interval(
    value: Agreement, ratings: Any, weights: Any = "identity", labels: Sequence[Any] | None = None
) -> Agreement:
    """`value` with its 95% interval by formula: t with n - 1 degrees of freedom, never above 1."""
    from scipy.stats import t

    error, n = _spread(ratings, value.coefficient, weights, labels)
    if np.isnan(error) or np.isnan(value.value):
        return value
    away = float(t.ppf(0.975, n - 1)) * error
    return msgspec.structs.replace(value, low=value.value - away, high=min(1.0, value.value + away))


def _spread(ratings: Any, coefficient: str, weights: Any, labels: Sequence[Any] | None) -> tuple[float, float]:
    parsed = parse(ratings, labels)
    data = _read(collapse(parsed), weight_matrix(parsed, weights))
    name = "krippendorff_alpha" if coefficient.startswith("krippendorff_alpha") else coefficient
    if name not in _MOVES:
        raise ValueError(f"no formula for {coefficient!r}: there is one for {', '.join(_MOVES)}")
    with np.errstate(all="ignore"):
        move, n = _MOVES[name](data)
        # Two raters' kappa is linearised over the cells of a table, hence n where the others have n - 1.
        below = n * (n if name == "cohen_kappa" else n - 1)
        return float(np.sqrt((data.often * move**2).sum() / below)), n


def _read(patterns: Patterns, matrix: Matrix) -> _Data:
    counts = patterns.label_counts(len(matrix))
    rated, often = counts.sum(axis=1), patterns.frequencies.astype(np.float64)
    agree = ((counts @ matrix.T) * counts).sum(axis=1) - counts @ np.diag(matrix)
    return _Data(
        patterns=patterns,
        counts=counts,
        matrix=matrix,
        rated=rated,
        often=often,
        n=float(often[rated >= 1].sum()),
        paired=float(often[rated >= 2].sum()),
        agree=np.where(rated >= 2, agree / np.maximum(rated * (rated - 1), 1), 0.0),
    )


Move = tuple[Matrix, float]  # each pattern's contribution less the coefficient, and n


def _corrected(data: _Data, chance: float, own: Matrix) -> Move:
    """From chance's agreement and each pattern's own part in it."""
    two = data.rated >= 2
    kappa = ((data.often * data.agree).sum() / data.paired - chance) / (1 - chance)
    first = data.n / data.paired * (data.agree - chance * two) / (1 - chance)
    move = first - 2 * (1 - kappa) * (own - chance) / (1 - chance) - kappa
    return np.where(data.rated >= 1, move, 0.0), data.n


def _shares(data: _Data) -> tuple[Matrix, Matrix]:
    """Each pattern's use of the labels, and everybody's."""
    shares = data.counts / np.maximum(data.rated, 1)[:, None]
    return shares, data.often @ shares / data.n


def _percent(data: _Data) -> Move:
    return _corrected(data, 0.0, np.zeros(len(data.rated)))


def _uniform(data: _Data) -> Move:
    chance = float(data.matrix.sum()) / max(1, len(data.matrix)) ** 2
    return _corrected(data, chance, np.full(len(data.rated), chance))


def _fleiss(data: _Data) -> Move:
    shares, use = _shares(data)
    return _corrected(data, float(use @ data.matrix @ use), shares @ (data.matrix + data.matrix.T) @ use / 2)


def _gwet(data: _Data) -> Move:
    shares, use = _shares(data)
    scale = float(data.matrix.sum()) / (len(data.matrix) * (len(data.matrix) - 1))
    return _corrected(data, scale * float((use * (1 - use)).sum()), scale * shares @ (1 - use))


def _conger(data: _Data) -> Move:
    codes, labels = data.patterns.codes, len(data.matrix)
    given = np.equal.outer(codes, np.arange(labels)).astype(np.float64)
    there = (codes >= 0).astype(np.float64)
    by_rater = data.often @ there
    use = np.einsum("p,prk->rk", data.often, given) / by_rater[:, None]
    raters, together = len(by_rater), use.sum(axis=0)
    own = sum(float(each @ data.matrix @ each) for each in use)
    chance = (float(together @ data.matrix @ together) - own) / (raters * (raters - 1))
    apart = (given - (there - by_rater / data.n)[:, :, None] * use) * (data.n / by_rater)[None, :, None]
    moved = np.einsum("kl,prl->prk", data.matrix, apart)
    part = (moved * (together[None, None] - use[None])).sum(axis=(1, 2)) / (raters * (raters - 1))
    return _corrected(data, chance, part)


def _cohen(data: _Data) -> Move:
    codes = data.patterns.codes
    both = codes.min(axis=1) >= 0
    given = np.equal.outer(codes, np.arange(len(data.matrix))).astype(np.float64)
    often, n = data.often * both, float((data.often * both).sum())
    first, second = (often @ given[:, rater] / n for rater in (0, 1))
    agree = data.matrix[codes[:, 0], codes[:, 1]]
    chance = float(first @ data.matrix @ second)
    kappa = (float((often * agree).sum()) / n - chance) / (1 - chance)
    part = given[:, 0] @ data.matrix @ second + given[:, 1] @ data.matrix.T @ first
    move = (agree - (1 - kappa) * part - (float((often * agree).sum()) / n - 2 * (1 - kappa) * chance)) / (1 - chance)
    return np.where(both, move, 0.0), n


def _alpha(data: _Data) -> Move:
    two = data.rated >= 2
    often, n = data.often * two, data.paired
    mean = float((often * data.rated).sum()) / n
    use = often @ data.counts / (n * mean)
    agree = data.agree * data.rated / mean
    raw = float((often * agree).sum()) / n
    epsilon = 1 / (n * mean)
    chance = float(use @ data.matrix @ use)
    longer = (data.rated - mean) / mean
    own = data.counts @ (data.matrix + data.matrix.T) @ use / 2 / mean - chance * longer
    alpha = (raw - chance) / (1 - chance)
    corrected = (1 - epsilon) * raw + epsilon
    move = (
        (agree - corrected * longer - chance) / (1 - chance) - 2 * (1 - alpha) * (own - chance) / (1 - chance) - alpha
    )
    return np.where(two, move, 0.0), n


_MOVES: dict[str, Callable[[_Data], Move]] = {
    "percent_agreement": _percent,
    "cohen_kappa": _cohen,
    "scott_pi": _fleiss,
    "fleiss_kappa": _fleiss,
    "conger_kappa": _conger,
    "gwet_ac": _gwet,
    "brennan_prediger": _uniform,
    "randolph_kappa": _uniform,
    "krippendorff_alpha": _alpha,
}
