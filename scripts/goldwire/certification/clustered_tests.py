"""One-sided tests over few articles, which reject a true null hypothesis at most as often as they say.

A t-test over articles rejects too often where articles are few and differ much: a few hard articles hold most errors,
and a sample without them has a small mean and a small spread at once. `docs/certification.md` shows how often.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import hypot, isnan, nan, sqrt

import msgspec
import numpy as np

from goldwire.agreement.estimates import Estimate, Matrix, quotient
from goldwire.agreement.jackknife import INTRACLASS, LeaveOneOut, leave_one_out

__all__ = ["ClusteredTest", "clustered_mean", "clustered_test"]

_UNSEEN_ARTICLE, _UNSEEN_ITEM = 0.75, 0.6  # the factors of the intervals of agreement, see `jackknife_interval`


class ClusteredTest(msgspec.Struct, frozen=True, kw_only=True):
    """A figure over articles, ready to be tested against bounds.

    Parameters
    ----------
    value : float
    error : float
        Standard error over articles, and at least half an item among the effective number of items; nan with fewer than
        two articles, or where the value is undefined without one of them.
    freedom : float
        Degrees of freedom of Student's t.
    unseen_above, unseen_below : float
        By how much one more article may raise or lower the value.
    n_groups : int
        Number of articles or other groups of items.

    Notes
    -----
    With x the value, x_g that without article g and w_g the share of the items in article g:

    - The variance is k sum_g ((1 - w_g)(x_g - x))^2. The factor k makes it unbiased, and t has Satterthwaite's degrees
      of freedom, if two items of an article have a correlation of .2: then n items of an article have a variance in
      proportion to n (1 + .2 (n - 1)). Both follow from the quadratic form of the residuals [2]_, [3]_. For articles of
      one size the variance is that of the jackknife, and t has G - 1 degrees of freedom. With those for a variance in
      proportion to n, articles of very unequal length and difficulty were rejected in up to 8.3% of true nulls.
    - Let e be the largest amount by which an article raises the value, f the largest by which one lowers it, and m half
      an item among the effective number of items. A test against a bound above the value adds u = .75 max(0, e - f/2) +
      .6 m to the value and u^2 to the variance, and one against a bound below it subtracts .75 max(0, f - e/2) + .6 m:
      what an article that was not seen may change, with the factors of the intervals of agreement, after Fay and
      Feuer [1]_. Without u, tests over few articles reject more often than they say.

    References
    ----------
    .. [1] M. P. Fay and E. J. Feuer (1997). Confidence intervals for directly standardized rates: a method based on the
       gamma distribution. Statistics in Medicine 16, 791-801.
    .. [2] R. M. Bell and D. F. McCaffrey (2002). Bias reduction in standard errors for linear regression with
       multi-stage samples. Survey Methodology 28(2), 169-181.
    .. [3] G. W. Imbens and M. Kolesár (2016). Robust standard errors in small samples: some practical advice. Review of
       Economics and Statistics 98(4), 701-712.
    """

    value: float
    error: float
    freedom: float
    unseen_above: float
    unseen_below: float
    n_groups: int

    def p_below(self, bound: float) -> float:
        """Return the p-value of the null hypothesis that the true value is `bound` or more."""
        distance = self.value + self.unseen_above - bound
        return _cumulative_t(self.freedom, distance / hypot(self.error, self.unseen_above))

    def p_above(self, bound: float) -> float:
        """Return the p-value of the null hypothesis that the true value is `bound` or less."""
        distance = bound - (self.value - self.unseen_below)
        return _cumulative_t(self.freedom, distance / hypot(self.error, self.unseen_below))

    def interval(self, level: float) -> tuple[float, float]:
        """Return the bounds that tests of this level do not reject."""
        from scipy.special import stdtrit

        t = float(stdtrit(self.freedom, 1 - level))
        low = self.value - self.unseen_below - t * hypot(self.error, self.unseen_below)
        high = self.value + self.unseen_above + t * hypot(self.error, self.unseen_above)
        return low, high


def clustered_mean(values: Matrix, groups: Sequence[Hashable] | None, *, n_raters: int = 0) -> Estimate:
    """Return the mean of `values`, one per item; its items are the groups, or the values themselves without groups."""
    codes = {group: code for code, group in enumerate(dict.fromkeys(groups or ()))}
    group_of_item = np.arange(len(values)) if groups is None else np.array([codes[group] for group in groups], int)
    sums, counts = np.bincount(group_of_item, values), np.bincount(group_of_item).astype(np.float64)

    def mean(frequencies: Matrix) -> Matrix:
        n_values = frequencies @ counts
        return quotient(frequencies @ sums, n_values, n_values > 0)

    return Estimate(
        coefficient="mean",
        frequencies=np.ones(len(sums), dtype=np.int64),
        value=mean,
        n_items=len(values),
        n_raters=n_raters,
        undefined_reason="no item has labels of two humans and of the model",
        row_of_item=np.arange(len(sums)),
        row_sizes=counts,
    )


def clustered_test(estimate: Estimate) -> ClusteredTest:
    """Return the test of an estimate whose rows are articles or other groups."""
    value = float(estimate.value(estimate.frequencies[None, :].astype(np.float64))[0])
    left_out = leave_one_out(estimate, None)
    n_groups = left_out.n_groups
    if n_groups < 2 or isnan(value) or np.isnan(left_out.values).any():
        return ClusteredTest(value=value, error=nan, freedom=nan, unseen_above=nan, unseen_below=nan, n_groups=n_groups)
    raised = max(0.0, float((value - left_out.values).max()))
    lowered = max(0.0, float((left_out.values - value).max()))
    half_item = 0.5 / left_out.effective_items()
    error, freedom = _error_and_freedom(left_out, value)
    return ClusteredTest(
        value=value,
        error=max(error, half_item),
        freedom=freedom,
        unseen_above=_UNSEEN_ARTICLE * max(0.0, raised - lowered / 2) + _UNSEEN_ITEM * half_item,
        unseen_below=_UNSEEN_ARTICLE * max(0.0, lowered - raised / 2) + _UNSEEN_ITEM * half_item,
        n_groups=n_groups,
    )


def _error_and_freedom(left_out: LeaveOneOut, value: float) -> tuple[float, float]:
    """Return the standard error of `value` and its degrees of freedom, for correlated items of articles.

    Articles' residuals have the covariance M = (I - w 1')V(I - 1w') with V = diag(v), the variances of articles' sums.
    The sum of their squares has the mean tr(M), and tr(M)^2/tr(M^2) degrees of freedom; `value` has variance sum(v).
    """
    counts, sizes = left_out.counts, left_out.sizes
    shares = sizes / (counts @ sizes)
    variances = shares * (1 + INTRACLASS * (sizes - 1))
    variances /= counts @ variances
    w2, v2, wv = counts @ shares**2, counts @ variances**2, counts @ (shares * variances)
    mean = 1 - 2 * wv + w2
    squares = v2 + 2 * wv**2 + 2 * v2 * w2 + w2**2 - 4 * wv * w2
    squares += counts @ (2 * shares**2 * variances - 4 * shares * variances**2)
    residuals = (1 - shares) * (left_out.values - value)
    return sqrt(float(counts @ residuals**2 / mean)), max(1.0, float(mean**2 / squares))


def _cumulative_t(freedom: float, t: float) -> float:
    from scipy.special import stdtr  # 0.5 s quicker to import than scipy.stats

    return float(stdtr(freedom, t))
