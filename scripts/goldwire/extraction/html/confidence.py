"""Confidence in the extraction of one page: an estimate of its F1, from the networks and from other verdicts.

An extraction is trustworthy if the networks are sure, if independent extractors take the same blocks, and if it has
most of the page's running text. A small network weighs these; it is trained on the F1 of pages whose blocks were
classified by networks that had not seen their site.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goldwire.extraction.html.decoding import BlockChoice
from goldwire.extraction.network import CONFIDENCE, load_network, probabilities

__all__ = ["CONFIDENCE_FEATURES", "confidence", "confidence_features", "text_share"]

Floats = NDArray[np.float64]

CONFIDENCE_FEATURES = (
    *("expected_f1", "log_chosen_words", "log_running_words", "chosen_share", "chosen_running_share"),
    *("chosen_probability", "other_running_probability", "uncertainty", "linked", "log_blocks"),
    *("agreement_1", "agreement_2", "agreement_3", "least_agreement", "verdict_agreement"),
)
"""The columns of `confidence_features`, in the order in which the network was trained on them."""

_SMALLEST = 1e-9  # words: the divisor for a page without any


def confidence(features: NDArray[np.float32]) -> float:
    """Return the estimated F1 of an extraction, from 0 to 1, by its `confidence_features`."""
    return float(probabilities(features[None], load_network(CONFIDENCE))[0])


def confidence_features(
    probability: Floats, choice: BlockChoice, verdicts: Sequence[Floats], weight: Floats, running: Floats
) -> NDArray[np.float32]:
    """Describe how sure an extraction is, and how far the verdicts agree with it.

    Parameters
    ----------
    probability : array of float, shape (blocks,)
        Probability of each block to be body.
    choice : BlockChoice
        The chosen blocks.
    verdicts : sequence of array of float, shape (blocks,)
        Three verdicts that do not hang on the networks.
    weight, running : array of float, shape (blocks,)
        Words of each block, and those of running text.

    Returns
    -------
    array of float32, shape (len(CONFIDENCE_FEATURES),)
    """
    chosen = choice.is_chosen.astype(float)
    n_chosen, n_running = (chosen * weight).sum(), running.sum()
    other_running = running * (1 - chosen)
    agreements = [_f1(chosen, verdict, weight) for verdict in verdicts]
    values = (
        *(choice.expected_f1, np.log1p(n_chosen), np.log1p(n_running)),
        *(n_chosen / max(weight.sum(), _SMALLEST), text_share(chosen, running)),
        (chosen * weight * probability).sum() / max(n_chosen, _SMALLEST),
        (other_running * probability).sum() / max(other_running.sum(), _SMALLEST),
        (weight * probability * (1 - probability)).sum() / max(n_chosen, 1.0),
        1 - (chosen * running).sum() / max(n_chosen, _SMALLEST),
        np.log1p(len(probability)),
        *(*agreements, min(agreements)),
        np.mean(
            [_f1(first, second, weight) for first, second in zip(verdicts, [*verdicts[1:], verdicts[0]], strict=True)]
        ),
    )
    return np.array(values, np.float32)


def text_share(chosen: Floats, running: Floats) -> float:
    """Return the share of a page's running text that is chosen; 1 for a page without running text."""
    total = running.sum()
    return float((chosen * running).sum() / total) if total else 1.0


def _f1(first: Floats, second: Floats, weight: Floats) -> float:
    """Return the F1, over words, of two verdicts."""
    total = (first * weight).sum() + (second * weight).sum()
    return float(2 * (np.minimum(first, second) * weight).sum() / total) if total else 1.0
