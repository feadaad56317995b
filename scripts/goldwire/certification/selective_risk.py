"""Selective risk: above which confidence are few enough of a machine's labels wrong?

References
----------
A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan and L. Lei (2025). Learn then test: calibrating predictive
algorithms to achieve risk control. Annals of Applied Statistics 19(2), 1641-1662.

E. L. Korn and B. I. Graubard (1998). Confidence intervals for proportions with small expected number of positive counts
estimated from survey data. Survey Methodology 24.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from goldwire.records import Record

__all__ = ["RiskAtThreshold", "SelectiveRisk", "selective_risk"]

_N_THRESHOLDS = 40
_N_STARTS = 4  # of fixed sequences: at a quarter, half, three quarters and all of the labels
_INTRACLASS = 0.1  # the least correlation of errors within an article that is assumed: few errors cannot show it


class RiskAtThreshold(Record, frozen=True, kw_only=True):
    """The labels whose confidence is `threshold` or more: how many there are, and how many of them are wrong.

    `p_value` is that of the null hypothesis that more than `max_error` of such labels are wrong.
    """

    threshold: float
    n_accepted: int
    n_wrong: int
    p_value: float


class SelectiveRisk(Record, frozen=True, kw_only=True):
    """The lowest confidence from which on a machine's labels may be accepted.

    Parameters
    ----------
    threshold : float or None
        Accept labels of this confidence or more; None if no threshold is certain enough.
    max_error, delta : float
        With probability 1 - `delta`, at most `max_error` of the accepted labels are wrong.
    n_labels, n_groups : int
        Labels, and articles, that the threshold was calibrated on.
    n_accepted, n_wrong : int
        Labels among these that the threshold accepts, and wrong ones among them; 0 without a threshold.
    curve : tuple of RiskAtThreshold
        Every threshold that was considered, from the highest.
    """

    threshold: float | None
    max_error: float
    delta: float
    n_labels: int
    n_groups: int
    n_accepted: int
    n_wrong: int
    curve: tuple[RiskAtThreshold, ...]

    @property
    def coverage(self) -> float:
        """The share of the labels that is accepted."""
        return self.n_accepted / self.n_labels if self.n_labels else math.nan


def selective_risk(
    confidences: Sequence[float],
    wrong: Sequence[bool],
    *,
    max_error: float = 0.05,
    delta: float = 0.05,
    groups: Sequence[Hashable] | None = None,
) -> SelectiveRisk:
    """Calibrate the confidence from which on at most `max_error` of a machine's labels are wrong.

    Parameters
    ----------
    confidences : sequence of float
        The machine's confidence in each label; any scale.
    wrong : sequence of bool
        Whether each label is wrong.
    max_error : float, default: 0.05
        The share of wrong labels that is acceptable.
    delta : float, default: 0.05
        The probability that the threshold is too low after all.
    groups : sequence of hashable, optional
        The article of each label. Default: the labels are independent.

    Returns
    -------
    SelectiveRisk

    Raises
    ------
    ValueError
        If the sequences differ in length, a confidence is nan, or an option is out of range.

    Notes
    -----
    Learn then Test [1]_: a threshold is accepted if the null hypothesis "more than `max_error` of the labels above it
    are wrong" is rejected. Four sequences of thresholds start at a quarter, a half, three quarters and all of the
    labels, each with a quarter of `delta`; each goes on to lower thresholds until a hypothesis is not rejected. One
    that reaches the start of the next hands its share of `delta` on to it (the fallback procedure [3]_). Thus none is
    accepted wrongly with a probability above `delta`, although many are tested. The order depends on the confidences
    only.

    The p-value is that of the binomial distribution, which is exact where labels are right or wrong: the bound of
    Hoeffding and Bentkus, which Learn then Test has for other losses, is never below it. With `groups`, its sample size
    is the effective one of [2]_: the labels over the design effect, which is estimated from the errors by article, and
    is at least that of an intraclass correlation of .1, times the square of the ratio of quantiles of t. The guarantee
    then is approximate; `docs/certification.md` shows how often it held in simulation.

    References
    ----------
    .. [1] A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan and L. Lei (2025). Learn then test: calibrating
       predictive algorithms to achieve risk control. Annals of Applied Statistics 19(2), 1641-1662.
    .. [2] E. L. Korn and B. I. Graubard (1998). Confidence intervals for proportions with small expected number of
       positive counts estimated from survey data. Survey Methodology 24.
    .. [3] B. L. Wiens (2003). A fixed sequence Bonferroni procedure for testing multiple endpoints. Pharmaceutical
       Statistics 2, 211-215.

    Examples
    --------
    >>> from goldwire.certification import selective_risk
    >>> confidences = [number / 500 for number in range(500)]
    >>> wrong = [confidence < 0.3 for confidence in confidences]
    >>> risk = selective_risk(confidences, wrong, max_error=0.05)
    >>> risk.threshold, risk.n_accepted, risk.n_wrong
    (0.3, 350, 0)
    """
    if len(confidences) != len(wrong) or (groups is not None and len(groups) != len(wrong)):
        raise ValueError("confidences, wrong and groups must have the same length")
    if not 0 < max_error < 1 or not 0 < delta < 1:
        raise ValueError(f"max_error {max_error} or delta {delta} is not between 0 and 1")
    scores, errors = np.asarray(confidences, dtype=np.float64), np.asarray(wrong, dtype=bool)
    if np.isnan(scores).any():
        raise ValueError("a confidence is nan")
    codes = np.unique([repr(group) for group in groups], return_inverse=True)[1] if groups is not None else None
    curve = tuple(
        _risk(float(threshold), scores, errors, codes, max_error, delta / _N_STARTS)
        for threshold in _thresholds(scores)
    )
    accepted = _lowest_threshold(curve, delta)
    return SelectiveRisk(
        threshold=None if accepted is None else accepted.threshold,
        max_error=max_error,
        delta=delta,
        n_labels=len(scores),
        n_groups=len(scores) if codes is None else len(np.unique(codes)),
        n_accepted=0 if accepted is None else accepted.n_accepted,
        n_wrong=0 if accepted is None else accepted.n_wrong,
        curve=curve,
    )


def _thresholds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the confidences at equal steps of the number of accepted labels, from the highest."""
    if not len(scores):
        return scores
    ordered = np.sort(scores)[::-1]
    counts = np.ceil(np.arange(1, _N_THRESHOLDS + 1) / _N_THRESHOLDS * len(scores)).astype(int)
    return np.unique(ordered[counts - 1])[::-1]


def _risk(
    threshold: float,
    scores: NDArray[np.float64],
    errors: NDArray[np.bool_],
    codes: NDArray[np.int64] | None,
    max_error: float,
    level: float,
) -> RiskAtThreshold:
    from scipy.special import betainc

    accepted = scores >= threshold
    n, n_wrong = int(accepted.sum()), int(errors[accepted].sum())
    size = float(n) if codes is None else _effective_size(errors[accepted], codes[accepted], max_error, level)
    share = n_wrong / n
    p_value = float(betainc(size * (1 - share), size * share + 1, 1 - max_error)) if share < 1 else 1.0
    return RiskAtThreshold(threshold=threshold, n_accepted=n, n_wrong=n_wrong, p_value=p_value)


def _effective_size(errors: NDArray[np.bool_], codes: NDArray[np.int64], max_error: float, level: float) -> float:
    """Return the number of independent labels that say as much as these do."""
    from scipy.special import stdtrit

    n = len(errors)
    _, articles = np.unique(codes, return_inverse=True)
    sizes = np.bincount(articles)
    n_articles = len(sizes)
    if n_articles < 2:
        return 1.0
    share = errors.mean()
    residuals = np.bincount(articles, errors - share)
    variance = n_articles / (n_articles - 1) * float((residuals**2).sum()) / n**2
    # Under the null hypothesis the share of errors is `max_error`: few errors must not make the variance small.
    spread = max(share * (1 - share), max_error * (1 - max_error))
    assumed = 1 + _INTRACLASS * (float((sizes**2).sum()) / n - 1)
    effect = max(assumed, n * variance / spread)
    quantiles = float(stdtrit(n - 1, level) / stdtrit(n_articles - 1, level))
    return float(n / effect * quantiles**2)


def _lowest_threshold(curve: Sequence[RiskAtThreshold], delta: float) -> RiskAtThreshold | None:
    """Return the lowest threshold that a sequence reaches, by the fallback procedure."""
    starts = {math.ceil(start / _N_STARTS * len(curve)) - 1 for start in range(1, _N_STARTS + 1)}
    level, lowest = 0.0, None
    for position, point in enumerate(curve):
        # A rejected hypothesis passes its level on to the next one; a level that is not rejected is spent.
        level += delta / _N_STARTS if position in starts else 0.0
        if level and point.p_value <= level:
            lowest = point
        else:
            level = 0.0
    return lowest
