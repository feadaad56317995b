"""Ratings with a known agreement."""

from __future__ import annotations

import numpy as np

ALPHA = 0.64
"""The true alpha: a pair agrees where both are right, .8 squared, or by chance, all labels being equally frequent."""


def simulated_ratings(random: np.random.Generator, n_items: int) -> np.ndarray:
    """Three raters who are right 8 times in 10 and guess otherwise, among three labels; a fifth is missing."""
    truth = random.integers(0, 3, n_items)
    is_right = random.random((n_items, 3)) < 0.8
    ratings = np.where(is_right, truth[:, None], random.integers(0, 3, (n_items, 3))).astype(float)
    ratings[random.random(ratings.shape) < 0.2] = np.nan
    return ratings
