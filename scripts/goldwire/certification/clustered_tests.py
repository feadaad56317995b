"""One-sided tests over few articles, which reject a true null hypothesis at most as often as they say.

A t-test over articles rejects too often where articles are few and differ much: a few hard articles hold most errors,
and a sample without them has a small mean and a small spread at once. `docs/certification.md` shows how often.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import hypot, isnan, nan

import msgspec
import numpy as np

from goldwire.agreement.estimates import Estimate, Matrix, quotient
from goldwire.agreement.jackknife import leave_one_out

__all__ = ["ClusteredTest", "clustered_mean", "clustered_test"]

_UNSEEN_ARTICLE, _UNSEEN_ITEM = 0.75, 0.6  # the factors of the intervals of agreement, see `jackknife_interval`


class ClusteredTest(msgspec.Struct, frozen=True, kw_only=True):
    """A figure over articles, ready to be tested against bounds.

    Parameters
    ----------
    value : float
    error : float
        Standard error of the jackknife over articles, and at least half an item among the effective number of items;
        nan with fewer than two articles, or where the value is undefined without one of them.
    freedom : float
        Degrees of freedom of Student's t.
    unseen_above, unseen_below : float
        By how much one more article may raise or lower the value.
    n_groups : int
        Number of articles or other groups of items.

    Notes
    -----
    With G articles, x_g the value without article g and w_g its share of the items:

    - The variance is (G - 1)/G sum_g (x_g - mean x)^2, that of the jackknife, which is also the bias-reduced variance
      CV3 of clustered data [2]_, and t has 1/sum_g w_g^2 - 1 degrees of freedom [3]_.
    - Let e be the largest amount by which an article raises the value, f the largest by which one lowers it, and m half
      an item among the effective number of items. A test against a bound above the value adds u = .75 max(0, e - f/2) +
      .6 m to the value and u^2 to the variance, and one against a bound below it subtracts .75 max(0, f - e/2) + .6 m:
      what an article that was not seen may change, with the factors of the intervals of agreement, after Fay and
      Feuer [1]_. Without u, tests over few articles reject more often than they say.

    References
    ----------
    .. [1] M. P. Fay and E. J. Feuer (1997). Confidence intervals for directly standardized rates: a method based on the
       gamma distribution. Statistics in Medicine 16, 791-801.
    .. [2] A. C. Cameron and D. L. Miller (2015). A practitioner's guide to cluster-robust inference. Journal of Human
       Resources 50(2), 317-372.
    .. [3] F. E. Satterthwaite (1946). An approximate distribution of estimates of variance components. Biometrics
       Bulletin 2, 110-114.
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
    return ClusteredTest(
        value=value,
        error=max(left_out.standard_error(), half_item),
        freedom=left_out.degrees_of_freedom(),
        unseen_above=_UNSEEN_ARTICLE * max(0.0, raised - lowered / 2) + _UNSEEN_ITEM * half_item,
        unseen_below=_UNSEEN_ARTICLE * max(0.0, lowered - raised / 2) + _UNSEEN_ITEM * half_item,
        n_groups=n_groups,
    )


def _cumulative_t(freedom: float, t: float) -> float:
    from scipy.special import stdtr  # 0.5 s quicker to import than scipy.stats

    return float(stdtr(freedom, t))
