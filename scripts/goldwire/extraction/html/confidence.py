"""Confidence in the extraction of one page: an estimate of its F1, from the networks and from other extractors.

An extraction is trustworthy if the networks are sure, if other extractors take the same blocks, and if it leaves out no
running text that these take. The estimate is linear in these four features, with coefficients that were fitted to the
F1 of pages whose blocks were classified by networks that had not seen their site. A network of 15 features did worse
on sets that it had not seen: correlation .389 with the F1 and mean error .069, and these four .570 and .054.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.decoding import BlockChoice

__all__ = ["CONFIDENCE", "CONFIDENCE_FEATURES", "confidence", "confidence_features", "text_share"]

Floats = NDArray[np.float64]

CONFIDENCE = "html/confidence.npz"

CONFIDENCE_FEATURES = ("expected_f1", "sure_f1", "unshared", "left_out")
"""The columns of `confidence_features`, in the order of their coefficients."""

_SURE = 0.8  # probability from which a block is body or not without doubt
_NOBODY, _MOST = 0.2, 0.5  # mean verdicts of the other extractors
_DIGITS = 4  # of the estimate: no decision depends on the last bits of a sum
_SMALLEST = 1e-9  # words: the divisor for a page without any


def confidence(features: Floats) -> float:
    """Return the estimated F1 of an extraction, from 0 to 1, by its `confidence_features`."""
    intercept, *slopes = _coefficients()
    estimate: float = intercept + sum(slope * value for slope, value in zip(slopes, features.tolist(), strict=True))
    return round(min(max(estimate, 0.0), 1.0), _DIGITS)


@cache
def _coefficients() -> list[float]:
    """Return the intercept, and the coefficient of each feature."""
    with np.load(Path(__file__).parents[1] / CONFIDENCE) as arrays:
        return list(arrays["coefficients"].tolist())


def confidence_features(
    probability: Floats, choice: BlockChoice, verdicts: Sequence[Floats], weight: Floats, running: Floats
) -> Floats:
    """Describe how sure an extraction is, and how far other extractors agree with it.

    Parameters
    ----------
    probability : array of float, shape (blocks,)
        Probability of each block to be body.
    choice : BlockChoice
        The chosen blocks.
    verdicts : sequence of array of float, shape (blocks,)
        How much of each block other extractors take, from 0 to 1.
    weight, running : array of float, shape (blocks,)
        Words of each block, and those of running text.

    Returns
    -------
    array of float, shape (len(CONFIDENCE_FEATURES),)
        `expected_f1`: expected F1 of the chosen blocks, if the probabilities are right; `sure_f1`: F1, over words, of
        the chosen blocks and those with a probability of at least .8; `unshared`: share of the chosen words that other
        extractors hardly take; `left_out`: running words that most extractors take and that are not chosen, as a share
        of these and the chosen words.
    """
    chosen, verdict = choice.is_chosen.astype(float), np.mean(verdicts, axis=0)
    n_chosen = (chosen * weight).sum()
    left_out = ((1 - chosen) * running * (verdict > _MOST)).sum()
    values = (
        choice.expected_f1,
        _f1(chosen, (probability >= _SURE).astype(float), weight),
        (chosen * weight * (verdict < _NOBODY)).sum() / max(n_chosen, _SMALLEST),
        left_out / max(left_out + n_chosen, _SMALLEST),
    )
    return np.array(values, float)


def text_share(chosen: Floats, running: Floats) -> float:
    """Return the share of a page's running text that is chosen; 1 for a page without running text."""
    total = running.sum()
    return float((chosen * running).sum() / total) if total else 1.0


def _f1(first: Floats, second: Floats, weight: Floats) -> float:
    """Return the F1, over words, of two selections."""
    total = (first * weight).sum() + (second * weight).sum()
    return float(2 * (np.minimum(first, second) * weight).sum() / total) if total else 1.0
