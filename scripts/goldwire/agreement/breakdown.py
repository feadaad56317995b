"""A coefficient broken down by label, by rater and by item."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np

from goldwire.agreement.chance_agreement import KappaName, kappa_estimate
from goldwire.agreement.estimates import IntervalMethod, IntervalOptions, Matrix
from goldwire.agreement.intervals import measure
from goldwire.agreement.krippendorff import LevelLike, alpha_estimate
from goldwire.agreement.ratings import GroupsLike, LabelsLike, Ratings, RatingsLike, collapse, parse
from goldwire.records import Agreement, Record

__all__ = ["RaterAgreement", "by_item", "by_label", "by_rater", "prevalence_warning"]


class RaterAgreement(Record, frozen=True, kw_only=True):
    """One rater's share in alpha.

    `rater` is the column; `with_others` alpha over all pairs of this rater with another one, `without` alpha of the
    other raters alone.
    """

    rater: int
    with_others: Agreement
    without: Agreement


def by_label(
    ratings: RatingsLike,
    coefficient: KappaName | Literal["krippendorff_alpha"] = "krippendorff_alpha",
    labels: LabelsLike | None = None,
    *,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
    groups: GroupsLike | None = None,
) -> dict[Any, Agreement]:
    """Compute a coefficient for each label against all others.

    Parameters
    ----------
    ratings : array-like of shape (n_items, n_raters)
        Labels; None or nan where a rater gave none.
    coefficient : str
        `krippendorff_alpha`, or the name of a coefficient of the kappa family.
    labels : sequence or None
        All possible labels; default: those that occur.
    n_boot : int, default 1000
        Number of bootstrap replicates over items, for "percentile" and "bca".
    seed : int, default 0
        Random seed of the bootstrap.
    confidence : float, default 0.95
        Confidence level of the intervals.
    method : {"jackknife", "percentile", "bca"} or None, default "jackknife"
        How the intervals are computed; see `krippendorff_alpha`.
    groups : sequence or None
        Group of each item, such as its article: the intervals then are over groups.

    Returns
    -------
    dict of Agreement by label

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters, eq. 20 (for `fleiss_kappa`).

    Examples
    --------
    >>> from goldwire import agreement
    >>> values = agreement.by_label([["a", "a"], ["b", "a"], ["c", "c"], ["b", "b"]])
    >>> [(label, round(value.value, 2)) for label, value in values.items()]
    [('a', 0.53), ('b', 0.53), ('c', 1.0)]
    """
    parsed = parse(ratings, labels)
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    values = {}
    for code, label in enumerate(parsed.labels):
        codes = np.where(parsed.codes < 0, -1, (parsed.codes == code).astype(np.int64))
        binary = Ratings(codes, ("other", label))
        chosen = alpha_estimate(binary) if coefficient == "krippendorff_alpha" else kappa_estimate(coefficient, binary)
        of_label = msgspec.structs.replace(chosen, coefficient=coefficient, label=str(label))
        values[label] = measure(of_label, options)
    return values


def by_rater(
    ratings: RatingsLike,
    level: LevelLike = "nominal",
    labels: LabelsLike | None = None,
    *,
    n_boot: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod | None = "jackknife",
    groups: GroupsLike | None = None,
) -> tuple[RaterAgreement, ...]:
    """Compute Krippendorff's alpha of each rater with the others, and of the others among themselves.

    Parameters
    ----------
    ratings, labels, n_boot, seed, confidence, method, groups
        As for `by_label`.
    level : str or matrix
        Level of measurement, as for `krippendorff_alpha`.

    Returns
    -------
    tuple of RaterAgreement
        In the order of the columns.

    Examples
    --------
    >>> from goldwire import agreement
    >>> ratings = [["a", "a", "b"], ["b", "b", "a"], ["a", "a", "a"], ["c", "c", "b"]]
    >>> [round(rater.without.value, 2) for rater in agreement.by_rater(ratings)]
    [-0.11, -0.11, 1.0]
    """
    parsed = parse(ratings, labels)
    n_raters = parsed.codes.shape[1]
    options = IntervalOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    values = []
    for rater in range(n_raters):
        others = [other for other in range(n_raters) if other != rater]
        pairs = [np.column_stack([parsed.codes[:, rater], parsed.codes[:, other]]) for other in others]
        # One row per item and other rater: alpha of all these pairs together.
        with_others = alpha_estimate(
            Ratings(np.concatenate(pairs) if pairs else parsed.codes[:0], parsed.labels), level
        )
        without = alpha_estimate(Ratings(parsed.codes[:, others], parsed.labels), level)
        # Intervals are over items, hence the rows of one item are one group.
        items = list(groups if groups is not None else range(len(parsed.codes)))
        clustered = msgspec.structs.replace(options, groups=items * len(others))
        values.append(
            RaterAgreement(rater=rater, with_others=measure(with_others, clustered), without=measure(without, options))
        )
    return tuple(values)


def by_item(ratings: RatingsLike, level: LevelLike = "nominal", labels: LabelsLike | None = None) -> list[float]:
    """Compute by how much alpha would rise if all raters of an item gave the label that most of them gave.

    Parameters
    ----------
    ratings, labels
        As for `by_label`.
    level : str or matrix
        Level of measurement, as for `krippendorff_alpha`.

    Returns
    -------
    list of float
        One value per item: 0 where raters agree or there are fewer than two, nan where alpha is undefined. On a tie the
        label that is first in order counts as that of most.

    Examples
    --------
    >>> from goldwire import agreement
    >>> [round(gain, 2) for gain in agreement.by_item([["a", "a", "b"], ["b", "b", "b"], ["a", "a", "a"]])]
    [0.4, 0.0, 0.0]
    """
    parsed = parse(ratings, labels)
    patterns = collapse(parsed)
    current = _weighted_alpha(parsed, np.ones(len(parsed.codes)), level)
    counts = patterns.label_counts(len(parsed.labels))
    gains = np.zeros(len(patterns.frequencies))
    for number, row in enumerate(counts):
        if row.sum() >= 2 and row.max() < row.sum():
            unanimous = np.where(patterns.codes[number] >= 0, int(row.argmax()), -1)
            changed = Ratings(np.vstack([patterns.codes, unanimous]), parsed.labels)
            weight = np.concatenate([patterns.frequencies, [1]])
            weight[number] -= 1
            gains[number] = _weighted_alpha(changed, weight, level) - current
    return [float(gain) for gain in gains[patterns.pattern_of_item]]


def _weighted_alpha(ratings: Ratings, weight: Matrix, level: LevelLike) -> float:
    """Return alpha where each row occurs `weight` times."""
    alpha = alpha_estimate(ratings, level)
    rows = np.zeros(len(alpha.frequencies))
    np.add.at(rows, alpha.row_of_item, weight)
    return float(alpha.value(rows[None])[0])


def prevalence_warning(ratings: RatingsLike, labels: LabelsLike | None = None) -> str | None:
    """Return a warning where one label is so frequent that kappa and alpha mislead, else None.

    The warning states the figures: the share of the label (at least 80%), percent agreement (at least 80%), alpha
    (below .667) and Gwet's AC1 (higher than alpha by more than .2).

    Parameters
    ----------
    ratings, labels
        As for `by_label`.

    Returns
    -------
    str or None

    References
    ----------
    Feinstein, A. R. and Cicchetti, D. V. (1990). High agreement but low kappa: I. The problems of two paradoxes.

    Examples
    --------
    >>> from goldwire import agreement
    >>> print(agreement.prevalence_warning([["no", "no"]] * 18 + [["no", "yes"], ["yes", "no"]]))
    95% of all answers are 'no': annotators agree on 90%, yet alpha is -0.03, because chance agreement ...
    """
    parsed = parse(ratings, labels)
    if not (parsed.codes >= 0).any():
        return None
    shares = np.bincount(parsed.codes[parsed.codes >= 0], minlength=len(parsed.labels)) / (parsed.codes >= 0).sum()
    estimates = (kappa_estimate("percent_agreement", parsed), alpha_estimate(parsed), kappa_estimate("gwet_ac", parsed))
    percent, alpha, gwet = (measure(estimate, IntervalOptions(method=None)).value for estimate in estimates)
    most = int(shares.argmax())
    if not (shares[most] >= 0.8 and percent >= 0.8 and alpha < 2 / 3 and gwet - alpha > 0.2):
        return None
    return (
        f"{shares[most]:.0%} of all answers are {parsed.labels[most]!r}: annotators agree on {percent:.0%}, yet alpha "
        f"is {alpha:.2f}, because chance agreement would be nearly as high; Gwet's AC1, which estimates chance "
        f"agreement differently, is {gwet:.2f}"
    )
