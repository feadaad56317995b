"""Where a coefficient comes from: each label, each rater, each item."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np

from goldwire.agreement.bootstrap import BootstrapOptions, IntervalMethod, measure
from goldwire.agreement.chance_agreement import KappaName, kappa_estimate
from goldwire.agreement.krippendorff import LevelLike, alpha_estimate
from goldwire.agreement.ratings import GroupsLike, LabelsLike, Ratings, RatingsLike, collapse, parse
from goldwire.records import Agreement, Record

__all__ = ["RaterPart", "by_item", "by_label", "by_rater", "prevalence"]


class RaterPart(Record, frozen=True, kw_only=True):
    """A rater's part in alpha: mean alpha with each other rater, and what alpha would be without this one."""

    rater: int  # column
    with_rest: Agreement
    without: Agreement


def by_label(
    ratings: RatingsLike,
    coefficient: KappaName | Literal["krippendorff_alpha"] = "krippendorff_alpha",
    labels: LabelsLike | None = None,
    *,
    n_boot: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod = "percentile",
    groups: GroupsLike | None = None,
) -> dict[Any, Agreement]:
    """A coefficient for each label against all others (Fleiss 1971, eq. 20, for `fleiss_kappa`)."""
    options = BootstrapOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    parsed, found = parse(ratings, labels), {}
    for code, label in enumerate(parsed.labels):
        codes = np.where(parsed.codes < 0, -1, (parsed.codes == code).astype(np.int64))
        two = Ratings(codes, ("other", label))
        chosen = alpha_estimate(two) if coefficient == "krippendorff_alpha" else kappa_estimate(coefficient, two)
        named = msgspec.structs.replace(chosen, coefficient=f"{coefficient}[{label}]")
        found[label] = measure(named, options)
    return found


def by_rater(
    ratings: RatingsLike,
    level: LevelLike = "nominal",
    labels: LabelsLike | None = None,
    *,
    n_boot: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
    method: IntervalMethod = "percentile",
    groups: GroupsLike | None = None,
) -> tuple[RaterPart, ...]:
    """Each rater against the rest, and the others among themselves."""
    options = BootstrapOptions(n_boot=n_boot, seed=seed, confidence=confidence, method=method, groups=groups)
    parsed = parse(ratings, labels)
    raters, parts = parsed.codes.shape[1], []
    for rater in range(raters):
        rest = [other for other in range(raters) if other != rater]
        pairs = [np.column_stack([parsed.codes[:, rater], parsed.codes[:, other]]) for other in rest]
        # The rater beside each other in turn, as rows: alpha of all these pairs together.
        against = Ratings(np.concatenate(pairs) if pairs else parsed.codes[:0], parsed.labels)
        mine, others = (
            alpha_estimate(against, level),
            alpha_estimate(Ratings(parsed.codes[:, rest], parsed.labels), level),
        )
        # Resampled are items, hence a row for each item and other rater drawn together.
        items = list(range(len(parsed.codes)) if groups is None else groups)
        together = msgspec.structs.replace(options, groups=items * len(rest))
        parts.append(RaterPart(rater=rater, with_rest=measure(mine, together), without=measure(others, options)))
    return tuple(parts)


def by_item(ratings: RatingsLike, level: LevelLike = "nominal", labels: LabelsLike | None = None) -> list[float]:
    """How much alpha would rise if all raters gave each item what most of them gave (first in label order on a tie).

    0 for items that agree or cannot be paired; nan where alpha is undefined.
    """
    parsed = parse(ratings, labels)
    patterns = collapse(parsed)
    now = _weighted(parsed, np.ones(len(parsed.codes)), level)
    counts = patterns.label_counts(len(parsed.labels))
    gains = np.zeros(len(patterns.frequencies))
    for place, row in enumerate(counts):
        if row.sum() >= 2 and row.max() < row.sum():
            settled = np.where(patterns.codes[place] >= 0, int(row.argmax()), -1)
            both = Ratings(np.vstack([patterns.codes, settled]), parsed.labels)
            weight = np.concatenate([patterns.frequencies, [1]])
            weight[place] -= 1
            gains[place] = _weighted(both, weight, level) - now
    return [float(gain) for gain in gains[patterns.pattern_of_item]]


def _weighted(ratings: Ratings, weight: Any, level: LevelLike) -> float:
    """Alpha where each row occurs `weight` times."""
    found = alpha_estimate(ratings, level)
    rows = np.zeros(len(found.frequencies))
    np.add.at(rows, found.row_of_item, weight)
    return float(found.value(rows[None])[0])


def prevalence(ratings: RatingsLike, labels: LabelsLike | None = None) -> str | None:
    """A warning where one label is so frequent that kappa and alpha mislead, with the figures that show it."""
    parsed = parse(ratings, labels)
    if not (parsed.codes >= 0).any():
        return None
    share = np.bincount(parsed.codes[parsed.codes >= 0], minlength=len(parsed.labels)) / (parsed.codes >= 0).sum()
    options = BootstrapOptions()
    agree, alpha, gwet = (
        measure(found, options).value
        for found in (
            kappa_estimate("percent_agreement", parsed),
            alpha_estimate(parsed),
            kappa_estimate("gwet_ac", parsed),
        )
    )
    most = int(share.argmax())
    if not (share[most] >= 0.8 and agree >= 0.8 and alpha < 2 / 3 and gwet - alpha > 0.2):
        return None
    return (
        f"{share[most]:.0%} of all answers are {parsed.labels[most]!r}: annotators agree on {agree:.0%}, yet alpha is "
        f"{alpha:.2f}, since chance would agree nearly as often; Gwet's AC1, which counts otherwise, is {gwet:.2f}"
    )
