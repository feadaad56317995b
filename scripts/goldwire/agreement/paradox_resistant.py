"""Percent agreement, and coefficients that stay high where one label prevails and raters nearly always agree.

Kappa and alpha are low there, because chance alone would agree nearly as often: the first paradox of Feinstein and
Cicchetti (1990). These coefficients assume a chance that depends less on the labels' prevalence, or none.

References
----------
Feinstein, A. R. and Cicchetti, D. V. (1990). High agreement but low kappa: I. The problems of two paradoxes. Journal of
Clinical Epidemiology 43:543-549.
"""

from __future__ import annotations

from goldwire.agreement.chance_agreement import measure_kappa
from goldwire.agreement.estimates import IntervalMethod, IntervalOptions
from goldwire.agreement.ratings import GroupsLike, LabelsLike, RatingsLike
from goldwire.agreement.weights import WeightsLike
from goldwire.records import Agreement

__all__ = ["brennan_prediger", "gwet_ac", "percent_agreement", "randolph_kappa"]


def percent_agreement(
    ratings: RatingsLike,
    weights: WeightsLike = "identity",
    labels: LabelsLike | None = None,
    *,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
    groups: GroupsLike | None = None,
) -> Agreement:
    """Return the share of rater pairs that agree, not corrected for chance.

    Parameters
    ----------
    ratings : nested sequences, array or data frame of shape (items, raters)
        None and NaN are missing. Items with fewer than two ratings have no pair to compare.
    weights : str, callable or array of shape (labels, labels), default "identity"
        Agreement weights: the name of a scheme of `agreement.weights`, a distance `f(label, label)`, or a matrix.
    labels : sequence, optional
        The labels in order. Default: the labels that occur, sorted.
    n_boot : int, default 1000
        Number of bootstrap replicates over items, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the interval.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed: by the jackknife, which holds its confidence level with few articles too; by the
        bootstrap, of which "bca" corrects for bias and skewness; or not at all.
    groups : sequence of length items, optional
        Group (article) of each item: the interval then is over groups, because items of one group are correlated.

    Returns
    -------
    Agreement
        `value` with its interval [`low`, `high`]; `n_items` counts items with two ratings or more. The value is nan,
        and `reason` says why, where no item has two ratings.

    Raises
    ------
    ValueError
        If rows differ in length, a rating is not among `labels`, or `weights` is unknown or has another shape.

    Notes
    -----
    The mean over items of the agreeing share of the item's rater pairs:

    pa = 1/n' sum_i sum_k r_ik (r*_ik - 1) / (r_i (r_i - 1)), with r*_ik = sum_l w_kl r_il

    r_ik raters gave item i the label k, r_i rated it; n' items have two ratings or more.

    References
    ----------
    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 2.

    Examples
    --------
    >>> from goldwire.agreement import percent_agreement
    >>> round(percent_agreement([["PER", "PER", "ORG"], ["ORG", "ORG", None], ["LOC", "LOC", "LOC"]]).value, 4)
    0.7778
    """
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure_kappa("percent_agreement", ratings, weights, labels, options)


def gwet_ac(
    ratings: RatingsLike,
    weights: WeightsLike = "identity",
    labels: LabelsLike | None = None,
    *,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
    groups: GroupsLike | None = None,
) -> Agreement:
    """Return Gwet's AC1, or AC2 with weights, which stays high where one label prevails.

    Parameters
    ----------
    ratings : nested sequences, array or data frame of shape (items, raters)
        None and NaN are missing. Items with fewer than two ratings have no pair to compare.
    weights : str, callable or array of shape (labels, labels), default "identity"
        Agreement weights: the name of a scheme of `agreement.weights`, a distance `f(label, label)`, or a matrix.
    labels : sequence, optional
        All labels that raters could choose, in order: unused ones count. Default: the labels that occur, sorted.
    n_boot : int, default 1000
        Number of bootstrap replicates over items, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the interval.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed: by the jackknife, which holds its confidence level with few articles too; by the
        bootstrap, of which "bca" corrects for bias and skewness; or not at all.
    groups : sequence of length items, optional
        Group (article) of each item: the interval then is over groups, because items of one group are correlated.

    Returns
    -------
    Agreement
        `value` with its interval [`low`, `high`]; `n_items` counts items with two ratings or more. The value is nan,
        and `reason` says why, where no item has two ratings or there is only one label.

    Raises
    ------
    ValueError
        If rows differ in length, a rating is not among `labels`, or `weights` is unknown or has another shape.

    Notes
    -----
    pe = T/(q (q - 1)) sum_k pi_k (1 - pi_k), with T the sum of all weights, q the number of labels and pi the mean over
    all rated items of each item's label shares.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement. British
    Journal of Mathematical and Statistical Psychology 61:29-48.

    Examples
    --------
    >>> from goldwire.agreement import gwet_ac
    >>> round(gwet_ac([["no", "no"]] * 18 + [["no", "yes"], ["yes", "no"]]).value, 4)
    0.8895
    """
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure_kappa("gwet_ac", ratings, weights, labels, options)


def brennan_prediger(
    ratings: RatingsLike,
    weights: WeightsLike = "identity",
    labels: LabelsLike | None = None,
    *,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
    groups: GroupsLike | None = None,
) -> Agreement:
    """Return Brennan and Prediger's kappa (Bennett's S): chance uses all labels equally often.

    Parameters
    ----------
    ratings : nested sequences, array or data frame of shape (items, raters)
        None and NaN are missing. Items with fewer than two ratings have no pair to compare.
    weights : str, callable or array of shape (labels, labels), default "identity"
        Agreement weights: the name of a scheme of `agreement.weights`, a distance `f(label, label)`, or a matrix.
    labels : sequence, optional
        All labels that raters could choose, in order: unused ones count. Default: the labels that occur, sorted.
    n_boot : int, default 1000
        Number of bootstrap replicates over items, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the interval.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed: by the jackknife, which holds its confidence level with few articles too; by the
        bootstrap, of which "bca" corrects for bias and skewness; or not at all.
    groups : sequence of length items, optional
        Group (article) of each item: the interval then is over groups, because items of one group are correlated.

    Returns
    -------
    Agreement
        `value` with its interval [`low`, `high`]; `n_items` counts items with two ratings or more. The value is nan,
        and `reason` says why, where no item has two ratings or there is only one label.

    Raises
    ------
    ValueError
        If rows differ in length, a rating is not among `labels`, or `weights` is unknown or has another shape.

    Notes
    -----
    pe = T/q^2, with T the sum of all weights and q the number of labels.

    References
    ----------
    Brennan, R. L. and Prediger, D. J. (1981). Coefficient kappa: some uses, misuses, and alternatives. Educational and
    Psychological Measurement 41:687-699.

    Examples
    --------
    >>> from goldwire.agreement import brennan_prediger
    >>> ratings = [["a", "a"], ["b", "a"]]
    >>> round(brennan_prediger(ratings).value, 4)
    0.0
    >>> round(brennan_prediger(ratings, labels=["a", "b", "c"]).value, 4)
    0.25
    """
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure_kappa("brennan_prediger", ratings, weights, labels, options)


def randolph_kappa(
    ratings: RatingsLike,
    labels: LabelsLike | None = None,
    *,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
    groups: GroupsLike | None = None,
) -> Agreement:
    """Return Randolph's free-marginal kappa: Brennan and Prediger's without weights.

    Parameters
    ----------
    ratings : nested sequences, array or data frame of shape (items, raters)
        None and NaN are missing. Items with fewer than two ratings have no pair to compare.
    labels : sequence, optional
        All labels that raters could choose, in order: unused ones count. Default: the labels that occur, sorted.
    n_boot : int, default 1000
        Number of bootstrap replicates over items, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the interval.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the interval is computed: by the jackknife, which holds its confidence level with few articles too; by the
        bootstrap, of which "bca" corrects for bias and skewness; or not at all.
    groups : sequence of length items, optional
        Group (article) of each item: the interval then is over groups, because items of one group are correlated.

    Returns
    -------
    Agreement
        `value` with its interval [`low`, `high`]; `n_items` counts items with two ratings or more. The value is nan,
        and `reason` says why, where no item has two ratings or there is only one label.

    Raises
    ------
    ValueError
        If rows differ in length or a rating is not among `labels`.

    Notes
    -----
    pe = 1/q, with q the number of labels.

    References
    ----------
    Randolph, J. J. (2005). Free-marginal multirater kappa. Joensuu Learning and Instruction Symposium.

    Examples
    --------
    >>> from goldwire.agreement import randolph_kappa
    >>> round(randolph_kappa([["PER", "PER", "ORG"], ["ORG", "ORG", None], ["LOC", "LOC", "LOC"]]).value, 4)
    0.6667
    """
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure_kappa("randolph_kappa", ratings, "identity", labels, options)
