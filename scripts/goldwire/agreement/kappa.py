"""The kappa family: agreement of raters on items, corrected for the agreement expected by chance.

All coefficients take ratings of shape (items, raters) with any number of gaps, and are (pa - pe)/(1 - pe): 1 if raters
always agree, 0 if they agree as often as chance would, below 0 if less often. Chance assigns labels as often as the
raters do; the coefficients differ in whose use of the labels counts.
"""

from __future__ import annotations

from goldwire.agreement.chance_agreement import measure_kappa
from goldwire.agreement.estimates import IntervalMethod, IntervalOptions
from goldwire.agreement.ratings import GroupsLike, LabelsLike, RatingsLike
from goldwire.agreement.weights import WeightsLike
from goldwire.records import Agreement

__all__ = ["cohen_kappa", "conger_kappa", "fleiss_kappa", "light_kappa", "scott_pi"]


def cohen_kappa(
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
    """Return Cohen's kappa of two raters over the items that both rated.

    Parameters
    ----------
    ratings : nested sequences, array or data frame of shape (items, 2)
        None and NaN are missing. Items that only one rater rated are ignored.
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
        and `reason` says why, where no item has two ratings or all ratings are one label.

    Raises
    ------
    ValueError
        If there are not two raters, a rating is not among `labels`, or `weights` is unknown or has another shape.

    Notes
    -----
    pe = sum_kl w_kl p_k q_l, with p and q each rater's own use of the labels.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20:37-46.

    Cohen, J. (1968). Weighted kappa. Psychological Bulletin 70:213-220.

    Examples
    --------
    >>> from goldwire.agreement import cohen_kappa
    >>> round(cohen_kappa([["yes", "yes"], ["yes", "no"], ["no", "no"], ["no", "no"]]).value, 4)
    0.5
    """
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure_kappa("cohen_kappa", ratings, weights, labels, options)


def scott_pi(
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
    """Return Scott's pi of two raters over the items that both rated.

    Parameters
    ----------
    ratings : nested sequences, array or data frame of shape (items, 2)
        None and NaN are missing. Items that only one rater rated are ignored.
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
        and `reason` says why, where no item has two ratings or all ratings are one label.

    Raises
    ------
    ValueError
        If there are not two raters, a rating is not among `labels`, or `weights` is unknown or has another shape.

    Notes
    -----
    pe = sum_kl w_kl pi_k pi_l, with pi the mean of both raters' use of the labels.

    References
    ----------
    Scott, W. A. (1955). Reliability of content analysis. Public Opinion Quarterly 19:321-325.

    Examples
    --------
    >>> from goldwire.agreement import scott_pi
    >>> round(scott_pi([["yes", "yes"], ["yes", "no"], ["no", "no"], ["no", "no"]]).value, 4)
    0.4667
    """
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure_kappa("scott_pi", ratings, weights, labels, options)


def fleiss_kappa(
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
    """Return Fleiss' kappa of any number of raters.

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
        and `reason` says why, where no item has two ratings or all ratings are one label.

    Raises
    ------
    ValueError
        If rows differ in length, a rating is not among `labels`, or `weights` is unknown or has another shape.

    Notes
    -----
    pe = sum_kl w_kl pi_k pi_l, with pi the mean over all rated items of each item's label shares. With gaps this is the
    generalisation of Gwet (2014).

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin 76:378-382.

    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 2.

    Examples
    --------
    >>> from goldwire.agreement import fleiss_kappa
    >>> round(fleiss_kappa([["PER", "PER", "ORG"], ["ORG", "ORG", None], ["LOC", "LOC", "LOC"]]).value, 4)
    0.6538
    """
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure_kappa("fleiss_kappa", ratings, weights, labels, options)


def conger_kappa(
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
    """Return Conger's kappa: Cohen's kappa generalised to any number of raters.

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
        and `reason` says why, where no item has two ratings or all ratings are one label.

    Raises
    ------
    ValueError
        If rows differ in length, a rating is not among `labels`, or `weights` is unknown or has another shape.

    Notes
    -----
    pe is the mean over ordered pairs of raters of sum_kl w_kl p_k q_l, with p and q their own uses of the labels.

    References
    ----------
    Conger, A. J. (1980). Integration and generalization of kappas for multiple raters. Psychological Bulletin
    88:322-328.

    Examples
    --------
    >>> from goldwire.agreement import conger_kappa
    >>> round(conger_kappa([["PER", "PER", "ORG"], ["ORG", "ORG", None], ["LOC", "LOC", "LOC"]]).value, 4)
    0.6667
    """
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure_kappa("conger_kappa", ratings, weights, labels, options)


def light_kappa(
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
    """Return Light's kappa: the mean of Cohen's kappa over all pairs of raters.

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
        and `reason` says why, where Cohen's kappa is undefined for every pair of raters.

    Raises
    ------
    ValueError
        If rows differ in length, a rating is not among `labels`, or `weights` is unknown or has another shape.

    Notes
    -----
    Pairs of raters whose kappa is undefined are left out of the mean.

    References
    ----------
    Light, R. J. (1971). Measures of response agreement for qualitative data. Psychological Bulletin 76:365-377.

    Examples
    --------
    >>> from goldwire.agreement import light_kappa
    >>> round(light_kappa([["PER", "PER", "ORG"], ["ORG", "ORG", "ORG"], ["LOC", "LOC", "LOC"]]).value, 4)
    0.6667
    """
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    return measure_kappa("light_kappa", ratings, weights, labels, options)
